"""Identities at rest: each under a key of its own, that key under the key file, which lies outside the database.

The identity is sealed with AES-256-GCM, bound to its pseudonym; its key with Fernet. Erasing an identity destroys both.
The key file holds one Fernet key a line, the present one first; it is made, readable by its owner only, when the first
identity is kept. No key leaves it while a row needs it, and what is written to it or sealed with it is on the disk
before anything relies on that: the order of `rotate_key` holds for a power cut between any two of its steps.
"""

import json
import logging
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction
from filelock import FileLock, Timeout

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni.identity import Identity
from confianza.errors import ConfianzaError
from confianza.server.alumni.models import SealedIdentity, Student
from confianza.server.audit.services import lock_head, record

NONCE_BYTES = 12
DRAFT_DIGITS = 8  # of the name under which a key file is written before it takes its place
ROTATION_WAIT_SECONDS = 60
OTHERS = stat.S_IRWXG | stat.S_IRWXO
HAS_MODES = os.name == "posix"

log = logging.getLogger(__name__)


class IdentityError(ConfianzaError):
    """The store of identities cannot be read or written with the key at hand."""


def key_file() -> Path:
    """Where the keys of this workspace lie."""
    return settings.IDENTITY_KEY


# --- the key file ---------------------------------------------------------------------------------


@contextmanager
def _rotation_lock() -> Iterator[None]:
    """One rotation at a time, of whatever process; the system drops the lock of a process that died."""
    path = key_file()
    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=ROTATION_WAIT_SECONDS, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise IdentityError("identity-key-busy", file=path, seconds=ROTATION_WAIT_SECONDS) from error
    except OSError as error:
        raise IdentityError("identity-key-unusable", file=path, detail=error.strerror) from error
    try:
        yield
    finally:
        lock.release()


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk; systems other than POSIX cannot open one, and need not."""
    if HAS_MODES:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_keys(path: Path, keys: list[bytes], *, is_new: bool) -> None:
    """Put the whole file on the disk at once, readable by its owner only; never over one that is there when new."""
    _check_folder(path)
    draft = path.with_name(f"{path.name}.draft-{secrets.token_hex(DRAFT_DIGITS // 2)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(b"\n".join(keys) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            os.link(draft, path)
            draft.unlink()
        else:
            draft.replace(path)
        _sync_folder(path.parent)
    except FileExistsError:  # another process made it meanwhile
        draft.unlink(missing_ok=True)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise IdentityError("identity-key-unusable", file=path, detail=error.strerror) from error


def _check_folder(path: Path) -> None:
    """Refuse a folder where everybody could put another key file in place."""
    mode = path.parent.stat().st_mode if HAS_MODES and path.parent.is_dir() else 0
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise IdentityError("identity-key-folder-open", file=path, folder=path.parent)


def _close_to_others(path: Path) -> None:
    """Take the key file from everybody but its owner; IdentityError where that cannot be done."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not HAS_MODES or not mode & OTHERS:
        return
    try:
        path.chmod(mode & ~OTHERS)
    except OSError as error:
        raise IdentityError("identity-key-open", file=path, mode=f"{mode:04o}") from error
    log.warning("%s could be read by others (mode %04o); now by its owner only. Change the key.", path, mode)


def _read_keys(path: Path) -> list[bytes]:
    _check_folder(path)
    _close_to_others(path)
    return path.read_bytes().split()


def _keys() -> list[bytes]:
    path = key_file()
    try:
        return _read_keys(path)
    except FileNotFoundError:
        if count := SealedIdentity.objects.count():
            raise IdentityError("identity-key-missing", file=path, count=count) from None
        _write_keys(path, [Fernet.generate_key()], is_new=True)
        return _read_keys(path)
    except OSError as error:
        raise IdentityError("identity-key-unusable", file=path, detail=error.strerror) from error


def _drafts() -> list[Path]:
    """Key files that an interrupted write left beside the one in place."""
    path = key_file()
    name = re.compile(re.escape(path.name) + f"\\.draft-[0-9a-f]{{{DRAFT_DIGITS}}}")
    return sorted(file for file in path.parent.iterdir() if name.fullmatch(file.name))


def _keys_of_drafts() -> list[bytes]:
    """What the drafts hold that has the form of a key; one of them may have been cut off."""
    return [key for file in _drafts() for key in file.read_bytes().split() if _is_key(key)]


def _is_key(key: bytes) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


# --- identities -----------------------------------------------------------------------------------


def _master(keys: Iterable[bytes]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:  # no key, or one of another form; what was read is not repeated
        raise IdentityError("identity-key-unusable", file=key_file(), detail="Fernet") from error


def _opened(master: MultiFernet, row: SealedIdentity) -> bytes:
    """The key of an identity; IdentityError `identity-key-wrong` when the key file does not open it."""
    try:
        return master.decrypt(bytes(row.sealed_key))
    except InvalidToken as error:
        raise IdentityError("identity-key-wrong", file=key_file()) from error


def seal_identity(student: Student, identity: Identity) -> None:
    """Keep an identity in place of the one before; within the transaction of the change it belongs to.

    The change is recorded first: its lock on the head of the log keeps the keys from being changed meanwhile.
    """
    key, nonce = AESGCM.generate_key(bit_length=256), secrets.token_bytes(NONCE_BYTES)
    text = json.dumps(identity.to_json(), ensure_ascii=False).encode()
    sealed = nonce + AESGCM(key).encrypt(nonce, text, student.pseudonym.encode())
    master = _master(_keys())
    if (other := SealedIdentity.objects.first()) is not None:
        _opened(master, other)  # two workspaces' keys must not mix
    SealedIdentity.objects.update_or_create(
        student=student, defaults={"sealed_key": master.encrypt(key), "sealed": sealed}
    )


def open_identity(student: Student) -> Identity | None:
    """The identity of a student; None when none is kept.

    Raises
    ------
    IdentityError
        `identity-key-missing`, `identity-key-unusable`, `identity-key-open`, or `identity-key-wrong` for a key file of
        another workspace.
    """
    row = SealedIdentity.objects.filter(student=student).first()
    if row is None:
        return None
    key, sealed = _opened(_master(_keys()), row), bytes(row.sealed)
    try:
        text = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], student.pseudonym.encode())
    except InvalidTag as error:
        raise IdentityError("identity-key-wrong", file=key_file()) from error
    return Identity.of_json(json.loads(text))


# --- another key ----------------------------------------------------------------------------------


def rotate_key(*, actor: Actor) -> int:
    """Seal every identity's key with a new key and drop the old ones; how many there are.

    One rotation runs at a time. The new key is on the disk before anything is sealed with it, and what it sealed is on
    the disk before an old key goes; none goes that a row still needs. Interrupted at any moment, by a power cut too, the
    key file holds what opens every identity, and the next rotation clears up what was left.
    """
    with _rotation_lock():
        present = _keys()
        _master(present)
        old = list(dict.fromkeys([*present, *_keys_of_drafts()]))
        master = _master(old)
        for row in SealedIdentity.objects.iterator():  # before anything is written
            _opened(master, row)
        new = Fernet.generate_key()
        _write_keys(key_file(), [new, *old], is_new=False)
        count = _seal_anew(_master([new, *old]), actor)
        _drop_unneeded_keys()
        for draft in _drafts():
            draft.unlink(missing_ok=True)
        _sync_folder(key_file().parent)
        return count


@transaction.atomic(durable=True)
def _seal_anew(master: MultiFernet, actor: Actor) -> int:
    """Seal the key of every identity with the first key; its commit is on the disk when this returns."""
    if connection.vendor == "postgresql":  # SQLite: settings.py, `synchronous`
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO on")
    record(actor=actor, action="identity.rotate", subject="identities", payload={})
    rows = list(SealedIdentity.objects.select_for_update())
    for row in rows:
        row.sealed_key = master.encrypt(_opened(master, row))
    SealedIdentity.objects.bulk_update(rows, ["sealed_key"], batch_size=500)
    return len(rows)


@transaction.atomic(durable=True)
def _drop_unneeded_keys() -> None:
    """Leave the first key and those that a row needs, read while nobody can seal: the head of the log is locked."""
    lock_head()
    first, *others = _keys()
    needed, master = set(), _master([first])
    for row in SealedIdentity.objects.iterator():
        try:
            master.decrypt(bytes(row.sealed_key))
        except InvalidToken:
            needed |= {key for key in others if _opens(key, row)}
    _write_keys(key_file(), [first, *(key for key in others if key in needed)], is_new=False)


def _opens(key: bytes, row: SealedIdentity) -> bool:
    try:
        Fernet(key).decrypt(bytes(row.sealed_key))
    except InvalidToken:
        return False
    return True
