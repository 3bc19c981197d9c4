"""Files of events as blocks of whole lines in UTF-8: plain, packed (`.gz`, each table of a `.zip`), in any encoding.

A block is at most `BLOCK` bytes, so memory does not grow with the file. What a file is, its first bytes say, never its
name. Nothing is written to disk.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from confianza.errors import ImportRefusal, Problem

BLOCK = (
    16 << 20
)  # memory of this size is used again and again; more would be asked anew of the system each time
HEAD = 1 << 18
MOST_ZEROS = 60  # of a hundred bytes of text that is not UTF-16
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
OTHERS = {  # what the first bytes say that is no table of text
    b"PAR1": "Parquet",
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "Excel 97",
    b"RDX": "R",
    b"version https://git-lfs": "Git LFS pointer",
}
TEXT_OTHERS = {"{": "JSON", "[": "JSON", "<": "HTML or XML"}
TABLES_IN_WORKBOOK = "xl/workbook.xml"
MARK_OF_MAC = "__MACOSX/"


@dataclass(frozen=True)
class Source:
    """A table of events: a file, or one that a zip archive holds."""

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        """As problems name it: the file, and the table of an archive."""
        return self.path.name if self.member is None else f"{self.path.name}/{self.member}"


def unreadable(name: str, error: BaseException) -> Problem:
    """What a file that cannot be opened or unpacked is refused with."""
    detail = getattr(error, "strerror", None) or f"{type(error).__name__} {error}".strip()
    return Problem("events-unreadable", name, params={"detail": detail})


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Whatever reading or unpacking raises becomes one refusal that names the file."""
    try:
        yield
    except (
        OSError,
        EOFError,
        zlib.error,
        zipfile.BadZipFile,
        UnicodeError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise ImportRefusal([unreadable(name, error)]) from error


def sources_of(path: Path) -> list[Source]:
    """The tables of a file: itself, or each file of an archive.

    Raises
    ------
    ImportRefusal
        The file is not there, cannot be read, or is a workbook or another kind that no table of events is.
    """
    with refusing(path.name), path.open("rb") as file:
        first = file.read(32)
        if not first.strip():
            raise ImportRefusal([Problem("events-empty", path.name)])
        for mark, kind in OTHERS.items():
            if first.startswith(mark):
                raise ImportRefusal([Problem("events-other-kind", path.name, params={"kind": kind})])
        if not first.startswith(ZIP):
            return [Source(path)]
        with zipfile.ZipFile(path) as archive:
            names = [item.filename for item in archive.infolist() if not item.is_dir()]
        if TABLES_IN_WORKBOOK in names:
            raise ImportRefusal([Problem("events-other-kind", path.name, params={"kind": "Excel"})])
        members = [Source(path, name) for name in names if not name.startswith(MARK_OF_MAC)]
        if not members:
            raise ImportRefusal([Problem("events-empty", path.name)])
        return members


def unpacked_size(source: Source) -> int:
    """The bytes of a table once it is unpacked, for telling how far its reading has come; of gzip as its end says."""
    if source.member is not None:
        with zipfile.ZipFile(source.path) as archive:
            return archive.getinfo(source.member).file_size
    with source.path.open("rb") as file:
        if file.read(2) != GZIP:
            return source.path.stat().st_size
        file.seek(-4, io.SEEK_END)
        return int.from_bytes(file.read(4), "little")


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    """The bytes of a table, unpacked."""
    with source.path.open("rb") as file:
        if source.member is not None:
            with zipfile.ZipFile(file) as archive, archive.open(source.member) as member:
                yield _unpacked(io.BufferedReader(member))  # type: ignore[type-var]
        else:
            yield _unpacked(file)


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    if file.peek(2)[:2] == GZIP:  # type: ignore[attr-defined]
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]
    return file


@dataclass(frozen=True)
class Head:
    """The first lines of a table, and how its bytes become text."""

    lines: tuple[str, ...]
    encoding: str
    mark: int  # bytes before the first line
    line_end: bytes
    is_plain: bool  # its lines stand in the file as they are read: a block can begin anywhere
    size: int | None


def head_of(source: Source) -> Head:
    """The first whole lines of a table.

    Raises
    ------
    ImportRefusal
        It is empty, cannot be unpacked, or is not text.
    """
    with refusing(source.name), _opened(source) as file:
        data = file.read(HEAD)
        is_packed = source.member is not None or isinstance(file, gzip.GzipFile)
    if not data.strip():
        raise ImportRefusal([Problem("events-empty", source.name)])
    for mark, kind in {**OTHERS, ZIP: "ZIP"}.items():
        if data.startswith(mark):
            raise ImportRefusal([Problem("events-other-kind", source.name, params={"kind": kind})])
    mark = next((mark for mark in MARKS if data.startswith(mark)), b"")
    encoding = MARKS.get(mark, "")
    if not encoding:
        encoding = _encoding(data)
    with refusing(source.name):
        text = codecs.getincrementaldecoder(encoding)("replace").decode(data)
    if other := TEXT_OTHERS.get(text.lstrip("\ufeff \r\n\t")[:1]):
        raise ImportRefusal([Problem("events-other-kind", source.name, params={"kind": other})])
    if "\x00" in text[:4096]:
        raise ImportRefusal([Problem("events-other-kind", source.name, params={"kind": "binary"})])
    line_end = b"\n" if "\n" in text or "\r" not in text else b"\r"
    lines = text.split(line_end.decode())
    if len(data) == HEAD and len(lines) > 1:
        lines.pop()
    if lines and not lines[-1]:
        lines.pop()
    is_utf_8 = encoding in {"utf-8", "utf-8-sig"}
    return Head(
        tuple(line.rstrip("\r") for line in lines),
        encoding,
        len(mark) if is_utf_8 else 0,
        line_end,
        is_utf_8 and not is_packed and line_end == b"\n",
        source.path.stat().st_size if not is_packed else None,
    )


def _encoding(data: bytes) -> str:
    """UTF-16 without its mark by its zeros; Latin letters of one byte where more bytes are no UTF-8 than are."""
    if data[1:200:2].count(0) > MOST_ZEROS:
        return "utf-16-le"
    if data[0:200:2].count(0) > MOST_ZEROS:
        return "utf-16-be"
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(data)
    damaged = text.count("\ufffd")
    whole = sum(character > "\x7f" for character in text) - damaged
    return "cp1252" if damaged > whole else "utf-8"


def blocks(
    source: Source, head: Head, *, start: int = 0, stop: int | None = None, quote: bytes | None = None
) -> Iterator[bytes]:
    """The lines of a table in blocks that end where a line ends; the last may lack its line end.

    Parameters
    ----------
    start, stop : int
        Of a plain table, the bytes in which the lines begin that are given. Without, all of them.
    quote : bytes
        What stands around a cell that may have line ends in it.

    Raises
    ------
    ImportRefusal
        The archive is damaged, or no line ends within `BLOCK` bytes.
    """
    with refusing(source.name):
        yield from (
            _packed_blocks(source, head, quote)
            if quote or not head.is_plain
            else _plain_blocks(source, head, start, stop)
        )


def _plain_blocks(source: Source, head: Head, start: int, stop: int | None) -> Iterator[bytes]:
    """Each block is read once, from where a line begins to the end of the line that begins last in it."""
    with source.path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        stop = size if stop is None else min(stop, size)
        place = _line_after(file, source, start) if start else head.mark
        while place < stop:
            end = min(place + BLOCK, stop)
            end = _line_after(file, source, end) if end < size else size
            file.seek(place)
            yield file.read(end - place)
            place = end


def _line_after(file: IO[bytes], source: Source, place: int) -> int:
    """Where the first line begins at this byte or after it."""
    file.seek(place - 1)
    rest = file.readline(BLOCK)
    if len(rest) == BLOCK and not rest.endswith(b"\n"):
        raise _too_long(source)
    return place - 1 + len(rest)


def _too_long(source: Source) -> ImportRefusal:
    return ImportRefusal([Problem("events-line-too-long", source.name, params={"bytes": BLOCK})])


def _packed_blocks(source: Source, head: Head, quote: bytes | None) -> Iterator[bytes]:
    """Blocks of what has to be unpacked, brought to UTF-8, or cut outside of quotes."""
    is_utf_8 = head.encoding in {"utf-8", "utf-8-sig"}
    decoder = None if is_utf_8 else codecs.getincrementaldecoder(head.encoding)("replace")
    rest, is_first = b"", True
    with _opened(source) as file:
        while data := file.read(BLOCK):
            if is_first:
                data, is_first = data[head.mark :], False
            if decoder is not None:
                data = decoder.decode(data).lstrip("\ufeff").encode()
            if head.line_end == b"\r":
                data = data.replace(b"\r", b"\n")
            data = rest + data
            cut = _cut(data, quote)
            if cut == 0 and len(data) > 2 * BLOCK:
                raise _too_long(source)
            rest = data[cut:]
            if cut:
                yield data[:cut]
    if decoder is not None:
        rest += decoder.decode(b"", final=True).encode()
    if rest:
        yield rest


def _cut(data: bytes, quote: bytes | None) -> int:
    """Where the last whole line ends, outside of quotes."""
    cut = data.rfind(b"\n") + 1
    is_inside = quote is not None and data.count(quote, 0, cut) % 2 == 1
    while quote is not None and is_inside and cut:
        earlier = data.rfind(b"\n", 0, cut - 1) + 1
        is_inside ^= data.count(quote, earlier, cut) % 2 == 1
        cut = earlier
    return cut


def ranges(head: Head, *, quote: bytes | None, bytes_each: int) -> Sequence[tuple[int, int | None]]:
    """Parts of a plain table that can be read apart; one, whole, of a table that is packed or has quotes."""
    if not head.is_plain or quote or head.size is None or head.size <= bytes_each:
        return [(0, None)]
    starts = range(0, head.size, bytes_each)
    return [(start, min(start + bytes_each, head.size)) for start in starts]
