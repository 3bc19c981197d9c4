"""Run parts of the proof one after another, every one of them even after a failure, and print what each took.

python scripts/prove.py test               what `make test` runs: searches quick, slow tests left out
python scripts/prove.py test-all           everything at full length, on both databases
python scripts/prove.py test-all faults-sqlite benchmarks   parts of it
"""

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARY = "tests/cooperation tests/evidence tests/sem tests/trust tests/planning tests/reports"
SERVER = "tests/test_project.py tests/server tests/cli"
PYTEST = "python -m pytest --quiet --durations=10"
TWO = "-n 2 --dist worksteal"  # every worker builds a workspace of its own and copies it
POSTGRESQL = "python scripts/with_postgresql.py"
WITHOUT_DJANGO = {"CONFIANZA_WITHOUT_DJANGO": "1"}

PROOFS: dict[str, dict[str, list[str]]] = {
    "test": {
        "library": [f"{PYTEST} {TWO} -m 'not slow' -p no:django {LIBRARY}"],
        "server": [f"{PYTEST} {TWO} -m 'not slow' {SERVER}"],
        "postgresql": [f"{POSTGRESQL} {PYTEST} {TWO} -m 'not slow' tests/server/database tests/cli/database"],
        "browser": [f"{PYTEST} {TWO} -m 'not slow' tests/browser"],
    },
    "test-all": {
        "library": [f"{PYTEST} {TWO} -p no:django {LIBRARY}"],
        "server": [f"{PYTEST} {TWO} {SERVER}"],
        "postgresql": [f"{POSTGRESQL} {PYTEST} {TWO} tests/server tests/cli"],
        "browser": [f"{PYTEST} {TWO} tests/browser"],
        "faults-sqlite": [
            "python -m faults.concurrent",
            "python -m faults.last_seat",
            "python -m faults.kill",
            "python -m faults.training",
        ],
        "faults-postgresql": [
            f"{POSTGRESQL} python -m faults.{program}"
            for program in ("concurrent", "last_seat --times 50", "kill", "many", "training")
        ],
        "benchmarks": ["env BENCHMARKS=smoke python -m benchmarks"],
    },
}


def run(proof: str, part: str) -> bool:
    """Run the commands of one part; whether all of them passed."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HYPOTHESIS_PROFILE": "full" if proof == "test-all" else "quick",
        **(WITHOUT_DJANGO if part == "library" else {}),
    }
    passed = True
    for command in PROOFS[proof][part]:
        print(f"$ {command}", flush=True)
        done = subprocess.run(shlex.split(command), cwd=ROOT, env=environment, check=False)  # noqa: S603
        passed &= done.returncode == 0
    return passed


def main(proof: str = "", *parts: str) -> int:
    """Exit status 1 when a part failed, 2 when a name is unknown."""
    if unknown := [
        name for name in ([proof] if proof not in PROOFS else parts) if name not in PROOFS.get(proof, ())
    ]:
        known = PROOFS.get(proof, PROOFS)
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    results = []
    for part in parts or PROOFS[proof]:
        start = time.monotonic()
        passed = run(proof, part)
        results.append((part, passed, (time.monotonic() - start) / 60))
    for part, passed, minutes in results:
        print(f"{part:<20}{minutes:6.1f} min  {'passed' if passed else 'FAILED'}")
    print(f"{'in all':<20}{sum(minutes for *_, minutes in results):6.1f} min")
    return 0 if all(passed for _, passed, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
