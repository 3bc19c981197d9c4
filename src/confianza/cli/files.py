"""Files that commands read and write, and the choices several of them share."""

from __future__ import annotations

import locale
import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from confianza.errors import ConfianzaError


class Language(StrEnum):
    """A language of the product."""

    EN = "en"
    ES = "es"


def terminal_language() -> Language:
    """Spanish when the terminal's locale is."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Language.ES if locale.normalize(spoken).startswith("es") else Language.EN


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


class FileRefusal(ConfianzaError):
    """A file cannot be read or written."""


def read_file(path: Path) -> bytes:
    """The bytes of a file; FileRefusal `file-unusable` when they cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileRefusal("file-unusable", file=path, detail=error.strerror) from error


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole; FileRefusal `file-unusable` when that cannot be done."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise FileRefusal("file-unusable", file=path, detail=error.strerror) from error


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file part by part; what was there stays until the last, and when that cannot be done."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.writelines(parts)
        partial.replace(path)
    except OSError as error:
        raise FileRefusal("file-unusable", file=path, detail=error.strerror) from error
    finally:
        partial.unlink(missing_ok=True)
