"""Write the lock files of requirements/ from pyproject.toml: exact versions, with hashes.

python scripts/lock.py               add what pyproject.toml asks for, leave the other versions as they are
python scripts/lock.py --upgrade     take the newest release of everything

`run.txt` is what everybody installs, `develop.txt` the same with PostgreSQL, the tests and the checks, `build.txt` what
builds the package. Each holds for every platform and every Python from the oldest supported one on, with the hashes of
all files of a release; none names an index.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
HEAD = "# Made by scripts/lock.py from pyproject.toml (make lock): do not edit.\n"


def compile_lock(name: str, *sources: str, stdin: str = "") -> None:
    """Resolve the sources for every platform and write requirements/NAME."""
    path = FOLDER / name
    uv = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    uv += ["--no-annotate", "--no-header", "--output-file", str(path)]
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].lstrip(">=")
    subprocess.run(  # noqa: S603
        [*uv, "--python-version", oldest, *sys.argv[1:], *sources],
        cwd=ROOT,
        input=stdin,
        text=True,
        check=True,
    )
    path.write_text(HEAD + path.read_text().removeprefix(HEAD))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    compile_lock("build.txt", "-", stdin="\n".join([*build, "editables"]))
    compile_lock(
        "develop.txt", "pyproject.toml", "--extra", "postgresql", "--group", "test", "--group", "check"
    )
    compile_lock("run.txt", "pyproject.toml", "--constraint", "requirements/develop.txt")


if __name__ == "__main__":
    main()
