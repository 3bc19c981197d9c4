"""Files of publishers by their address on the web: downloaded whole, within limits, or refused."""

from __future__ import annotations

import http.client
import re
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit

from confianza.errors import ImportRefusal, Problem

MAX_BYTES = 256 * 1024 * 1024
TIMEOUT_SECONDS = 60.0
SCHEMES = frozenset({"https"})
SUFFIXES = {
    "application/pdf": ".pdf",
    "text/html": ".htm",
    "text/tab-separated-values": ".tsv",
    "text/csv": ".csv",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/zip": ".zip",
    # What servers say of files they do not know: the name tells.
    "text/plain": "",
    "application/octet-stream": "",
    "binary/octet-stream": "",
}


def is_address(source: str) -> bool:
    """Whether a source is an address on the web and not a path."""
    return re.match(r"[a-z][a-z0-9+.-]+://", source, re.IGNORECASE) is not None


def _refuse(code: str, address: str, **params: object) -> ImportRefusal:
    return ImportRefusal([Problem(code, address, params=params)])


class _SameScheme(urllib.request.HTTPRedirectHandler):
    """Follows redirects to addresses of the allowed schemes only."""

    def __init__(self, schemes: frozenset[str]) -> None:
        self.schemes = schemes

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        try:
            _require_scheme(newurl, self.schemes)
        except ImportRefusal:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _require_scheme(address: str, schemes: frozenset[str]) -> None:
    parts = urlsplit(address)
    if parts.scheme.lower() not in schemes or not parts.hostname:
        raise _refuse("address-scheme", address, schemes=", ".join(sorted(schemes)))


def download(
    address: str,
    folder: Path,
    *,
    max_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT_SECONDS,
    schemes: frozenset[str] = SCHEMES,
) -> Path:
    """The file that an address gives, written into a folder under its own name.

    Raises
    ------
    ImportRefusal
        Not an https address, or redirected to anything else; no answer in time, or an error of the server; a kind of
        content that no importer reads; larger than `max_bytes`. Nothing is left in the folder.
    """
    _require_scheme(address, schemes)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.ProxyHandler(),
        _SameScheme(schemes),
    ):
        opener.add_handler(handler)
    opener.addheaders = [("User-Agent", "confianza")]
    target: Path | None = None
    try:
        with opener.open(address, timeout=timeout) as response:
            content_type = response.headers.get_content_type()
            if content_type not in SUFFIXES:
                raise _refuse("address-content", address, kind=content_type)
            if int(response.headers.get("Content-Length") or 0) > max_bytes:
                raise _refuse("address-too-large", address, megabytes=max_bytes // 1024**2)
            target = folder / _file_name(response.url, content_type)
            with target.open("wb") as file:
                size = 0
                while chunk := response.read(1024 * 1024):
                    size += len(chunk)
                    if size > max_bytes:
                        raise _refuse("address-too-large", address, megabytes=max_bytes // 1024**2)
                    file.write(chunk)
            if response.length:  # bytes that were announced and did not come
                raise _refuse("address-unreachable", address, detail="incomplete")
    except BaseException as error:
        if target:
            target.unlink(missing_ok=True)
        if isinstance(error, urllib.error.HTTPError):
            error.close()
            if 300 <= error.code < 400:  # urllib itself follows no redirect to a file
                raise _refuse("address-scheme", address, schemes=", ".join(sorted(schemes))) from error
            raise _refuse("address-error", address, status=error.code) from error
        if isinstance(error, OSError | http.client.HTTPException | ValueError):
            detail = getattr(error, "reason", None) or type(error).__name__
            raise _refuse("address-unreachable", address, detail=detail) from error
        raise
    return target


def _file_name(address: str, content_type: str) -> str:
    """The last part of an address as the name of a file, with the suffix of its content when it has none."""
    name = re.sub(r"[^\w.-]", "_", PurePosixPath(unquote(urlsplit(address).path)).name).strip(".")[-120:]
    return name if "." in name else f"{name or 'file'}{SUFFIXES[content_type]}"


@contextmanager
def local_file(source: str) -> Iterator[Path]:
    """The file of a path, or a copy of what an address gives, which is gone afterwards: archive it before."""
    if not is_address(source):
        yield Path(source)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield download(source, Path(folder))
