"""The best of several runs of two functions, taken in turn so that both see the same machine."""

import time
from collections.abc import Callable
from dataclasses import dataclass


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


def best_of(runs: int, ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the fastest run of each."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for function, found in zip((ours, peer), times, strict=True):
            start = time.perf_counter()
            function()
            found.append(time.perf_counter() - start)
    return min(times[0]), min(times[1])
