"""Pages read by other processes, handed over in order.

Each process reads every n-th page and writes it as a line of JSON; it waits when its lines are not taken, so that few
pages are in memory. Processes of their own, and not those of `multiprocessing`, start light: they import this package
and nothing of the program that asks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.sources.fmtr.layout import Page, PageLine, Word
from confianza.evidence.sources.fmtr.pages import read_pages


def read_pages_parallel(path: Path, indices: range, processes: int) -> Iterator[Page]:
    """The pages of a volume in order, read by a number of processes."""
    with ExitStack() as stack:
        readers = []
        for first in range(processes):
            every = indices[first::processes]
            command = [sys.executable, "-c", f"from {__name__} import write_pages; write_pages()", str(path)]
            reader = subprocess.Popen(  # noqa: S603 - our own module
                [*command, *map(str, (every.start, every.stop, every.step))],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            stack.enter_context(reader)
            stack.callback(reader.kill)
            readers.append(reader)
        for at, index in enumerate(indices):
            output = readers[at % processes].stdout
            line = output.readline() if output else b""
            if not line:
                params = {"detail": f"process {at % processes + 1} ended"}
                raise ImportRefusal([Problem("fmtr-not-a-pdf", path.name, index + 1, params=params)])
            yield _page(json.loads(line))


def _page(values: Any) -> Page:
    number, width, lines, has_images, fault = values
    read = (PageLine(at, tuple(Word(*word) for word in words)) for at, words in lines)
    return Page(number, width, tuple(read), has_images, fault)


def write_pages() -> None:
    """Write pages as lines of JSON: in a process of its own, with path, start, stop and step as its arguments."""
    _, path, *bounds = sys.argv
    for page in read_pages(Path(path), range(*map(int, bounds))):
        lines = [(line.baseline, line.words) for line in page.lines]
        sys.stdout.write(json.dumps((page.number, page.width, lines, page.has_images, page.fault)) + "\n")
