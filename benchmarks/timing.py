"""The best of several runs of two functions, taken in turn so that both see the same machine; and busy neighbors."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

# Ends with the benchmark that started it, too.
NEIGHBOR = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(100_000))"


IS_SMOKE = (
    os.environ.get("BENCHMARKS") == "smoke"
)  # small sizes, one run: it shows that a benchmark works, not a speed


def size(full: Any, smoke: Any) -> Any:
    """The size of a benchmark, or of the smoke run of it."""
    return smoke if IS_SMOKE else full


@dataclass(frozen=True)
class Row:
    """One case: seconds of ours and of the peer, and how each is said."""

    case: str
    ours: float
    peer: float
    ours_said: str
    peer_said: str

    @property
    def ratio(self) -> float:
        return self.peer / self.ours


@contextmanager
def busy_neighbors(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Other processes that compute without end meanwhile, as on a machine that people share."""
    neighbors = [subprocess.Popen([sys.executable, "-c", NEIGHBOR]) for _ in range(count)]
    try:
        yield neighbors
    finally:
        for neighbor in neighbors:
            neighbor.kill()
            neighbor.wait()


def best_of(runs: int, ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the fastest run of each."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(size(runs, 1)):
        for function, found in zip((ours, peer), times, strict=True):
            start = time.perf_counter()
            function()
            found.append(time.perf_counter() - start)
    return min(times[0]), min(times[1])
