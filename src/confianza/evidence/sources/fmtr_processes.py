"""Pages read by other processes, handed over in order.

Each process reads every n-th page and writes it as a line of JSON; it waits when its lines are not taken, so that few
pages are in memory. Processes of their own, and not those of `multiprocessing`, start light: they import the page
layouts and nothing of the program that asks.
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
from confianza.evidence.sources.fmtr_layout import Line, Page, Word, read_pages


def pages_by_others(path: Path, count: int, processes: int) -> Iterator[Page]:
    """The pages of a volume in order, read by a number of processes."""
    with ExitStack() as stack:
        readers = []
        for first in range(processes):
            order = [sys.executable, "-m", __name__, str(path), str(first), str(count), str(processes)]
            reader = subprocess.Popen(  # noqa: S603 - our own module
                order, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            stack.enter_context(reader)
            stack.callback(reader.kill)
            readers.append(reader)
        for index in range(count):
            output = readers[index % processes].stdout
            line = output.readline() if output else b""
            if not line:
                params = {"detail": f"process {index % processes + 1} ended"}
                raise ImportRefusal([Problem("fmtr-not-a-pdf", path.name, index + 1, params=params)])
            yield _page(json.loads(line))


def _page(values: Any) -> Page:
    number, width, lines, has_images = values
    read = (Line(at, tuple(Word(*word) for word in words)) for at, words in lines)
    return Page(number, width, tuple(read), has_images)


def main(path: str, first: str, count: str, step: str) -> None:
    """Write every n-th page as a line of JSON."""
    for page in read_pages(Path(path), range(int(first), int(count), int(step))):
        lines = [(line.baseline, line.words) for line in page.lines]
        sys.stdout.write(json.dumps((page.number, page.width, lines, page.has_images)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
