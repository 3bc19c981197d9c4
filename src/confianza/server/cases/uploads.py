"""Documents of cases: what may be uploaded, and where it is kept, outside of what the web server serves."""

import hashlib
from io import BytesIO
from pathlib import Path

from confianza.cooperation.cases.case import Case
from confianza.errors import RuleRefusal
from confianza.evidence.archive import archive_bytes
from confianza.server.evidence.services import archive_folder

MOST_BYTES = 20 * 1024 * 1024
# How files of a kind begin; text has no mark of its own and must be UTF-8.
BEGINNINGS = {
    ".pdf": b"%PDF-",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
    ".docx": b"PK\x03\x04",
    ".xlsx": b"PK\x03\x04",
    ".txt": None,
    ".csv": None,
}


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def check_upload(file_name: str, content: bytes) -> None:
    """Return quietly when a file may be kept.

    Raises
    ------
    RuleRefusal
        `upload-empty`, `upload-too-large` or `upload-type`, naming the file and what is allowed.
    """
    suffix = Path(file_name).suffix.lower()
    if not content:
        raise RuleRefusal("upload-empty", file=file_name)
    if len(content) > MOST_BYTES:
        raise RuleRefusal("upload-too-large", file=file_name, most=MOST_BYTES // 2**20)
    begins = BEGINNINGS.get(suffix)
    if suffix not in BEGINNINGS or not (content.startswith(begins) if begins else _is_text(content)):
        raise RuleRefusal("upload-type", file=file_name, allowed=", ".join(BEGINNINGS))


def keep_upload(file_name: str, content: bytes) -> str:
    """Keep the bytes; their SHA-256 digest."""
    digest = hashlib.sha256(content).hexdigest()
    archive_bytes(BytesIO(content), archive_folder(), digest=digest, suffix=Path(file_name).suffix.lower())
    return digest


def kept_upload(digest: str, file_name: str) -> Path | None:
    """The kept file, or None when it is not in the archive."""
    suffix = Path(file_name).suffix.lower()
    path = archive_folder() / f"{digest}{suffix}"
    return path if suffix in BEGINNINGS and path.exists() else None


def kept_document(state: Case, digest: str) -> tuple[str, Path]:
    """The name and the kept file of a document of a case; RuleRefusal `document-unknown` when it has none such."""
    names = [str(item.details["file_name"]) for item in state.documents if item.details["digest"] == digest]
    file_name = names[-1] if names else ""
    path = kept_upload(digest, file_name)
    if path is None:
        raise RuleRefusal("document-unknown", case=state.identifier, digest=digest)
    return file_name, path
