"""Raw files are stored as they came, under the hash of their bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def archive(path: Path, folder: Path) -> Path:
    """The archived copy of a file; the same bytes are stored once, and a copy is there whole or not at all."""
    with path.open("rb") as original:
        return archive_bytes(original, folder, digest=digest_of(path), suffix=path.suffix.lower())


def archive_bytes(original: BinaryIO, folder: Path, *, digest: str, suffix: str) -> Path:
    """The archived copy of bytes whose digest is known."""
    target = folder / f"{digest}{suffix}"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as copy:
            shutil.copyfileobj(original, copy)
            copy.flush()
            os.fsync(copy.fileno())
        Path(partial).replace(target)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    return target
