"""Commands in processes of their own, forked from one that has imported the package.

Most of a short command is imports. The fork server has them (`tests/preloaded.py`); each command then runs `main()` in
a fork of it with the folder, environment, arguments and streams that a new process would have.
"""

import io
import multiprocessing
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired

SECONDS = 600  # a command that takes longer hangs, on a loaded machine too

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.preloaded"])


def run_command(
    arguments, *, folder: Path, environment: dict[str, str], stdin: str = "", is_without_django: bool = False
) -> CompletedProcess[str]:
    """Run `confianza ARGUMENTS`; the result has its exit status and its streams as text."""
    command = [str(argument) for argument in arguments]
    with tempfile.TemporaryDirectory() as place:
        source, out, error = streams = [Path(place, name) for name in ("in", "out", "error")]
        source.write_text(stdin, encoding="utf-8")
        process = _forks.Process(
            target=_command, args=(command, str(folder), dict(environment), streams, is_without_django)
        )
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutExpired(command, SECONDS, out.read_bytes(), error.read_bytes())
        texts = [stream.read_text(encoding="utf-8") for stream in (out, error)]
    return CompletedProcess(command, process.exitcode, *texts)


def _command(
    command: list[str], folder: str, environment: dict[str, str], streams: list[Path], is_without_django: bool
) -> None:
    from tests import preloaded

    preloaded.forget_django() if is_without_django else preloaded.forget_settings()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["confianza", *command]
    flags = [os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2]
    for number, (path, flag) in enumerate(zip(streams, flags, strict=True)):
        os.dup2(os.open(path, flag), number)
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, mode, closefd=False), encoding="utf-8")
        for number, mode in enumerate("rww")
    )
    from confianza.cli import main

    try:
        main()
    finally:
        if "django.db" in sys.modules:  # a process of its own closes them as it ends; a fork ends at once
            from django.db import connections

            with suppress(Exception):  # of a database that there is not
                connections.close_all()
