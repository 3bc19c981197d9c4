"""Run the benchmarks and print one row each: ours, the peer, the ratio."""

import sys

from rich.console import Console
from rich.table import Table

from benchmarks import (
    case_moves,
    conformance,
    event_pairs,
    fmtr_pages,
    kalman_smoother,
    sem_bootstrap,
    sem_fits,
)

BENCHMARKS = {
    "kalman_smoother": kalman_smoother.run,
    "fmtr_pages": fmtr_pages.run,
    "event_pairs": event_pairs.run,
    "case_moves": case_moves.run,
    "conformance": conformance.run,
    "sem_bootstrap": sem_bootstrap.run,
    "sem_fits": sem_fits.run,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(
            f"No benchmark is called {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.",
            file=sys.stderr,
        )
        return 2
    table = Table(
        "benchmark", "case", "ours", "peer", "peer's time / ours", title="Confianza beside its peers"
    )
    for name in names or BENCHMARKS:
        for row in BENCHMARKS[name]():
            table.add_row(name, row.case, row.ours_said, row.peer_said, f"{row.ratio:.2f}")
    Console(width=160).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
