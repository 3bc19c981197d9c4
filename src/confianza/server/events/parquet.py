"""Parquet files beside the database: written to another name, brought to disk whole, then named."""

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from confianza.errors import RuleRefusal
from confianza.evidence.archive import digest_of


def folder() -> Path:
    """Where the Parquet files of event data are."""
    return settings.ARCHIVE_FOLDER / "events"


def rows_path(digest: str) -> Path:
    """The rows of pairs of a file, by the digest of the file."""
    return folder() / f"{digest}.rows.parquet"


def counts_path(digest: str) -> Path:
    """The counts that a file gives."""
    return folder() / f"{digest}.counts.parquet"


def table_path(period: str, digest: str) -> Path:
    """A table by pair, by its own digest."""
    return folder() / f"pairs-{period}-{digest}.parquet"


def is_whole(path: Path, digest: str) -> bool:
    """Whether a file is there with the content it was registered with."""
    return path.is_file() and digest_of(path) == digest


def partial_of(path: Path) -> Path:
    """The name under which a file is written, of this process only."""
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def put_in_place(partial: Path, target: Path) -> None:
    """Give a file that was written its name once it is on disk."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    if os.name == "posix":
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def written(write: Callable[[Path], None], name: Callable[[str], Path]) -> str:
    """Write a file whose name has its own digest; the digest."""
    folder().mkdir(parents=True, exist_ok=True)
    partial = partial_of(folder() / "pairs")
    try:
        write(partial)
        digest = digest_of(partial)
        put_in_place(partial, name(digest))
    finally:
        partial.unlink(missing_ok=True)
    return digest


@lru_cache(maxsize=64)
def _digest(path: Path, changed_ns: int, size: int) -> str:
    """The digest of a file, computed once as long as it was not written again."""
    return digest_of(path)


def whole(path: Path, digest: str) -> Path:
    """A registered file; RuleRefusal `events-parquet-damaged` when it is not there or has other content."""
    try:
        found = path.stat()
        is_same = _digest(path, found.st_mtime_ns, found.st_size) == digest
    except OSError:
        is_same = False
    if not is_same:
        raise RuleRefusal("events-parquet-damaged", file=path.name)
    return path
