"""Identities at rest: each under a key of its own, that key under the key file, which lies outside the database.

The identity is sealed with AES-256-GCM, bound to its pseudonym; its key with Fernet. Erasing an identity destroys both.
The key file holds one Fernet key a line, the present one first; it is made, readable by its owner only, when the first
identity is kept.
"""

import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.training.identity import Identity
from confianza.errors import ConfianzaError
from confianza.server.audit.services import record
from confianza.server.students.models import SealedIdentity, Student

NONCE_BYTES = 12


class IdentityError(ConfianzaError):
    """The store of identities cannot be read or written with the key at hand."""


def key_file() -> Path:
    """Where the keys of this workspace lie."""
    return settings.IDENTITY_KEY


def _write_keys(path: Path, keys: list[bytes], *, is_new: bool) -> None:
    """Put the whole file in place at once, readable by its owner only; never over one that is there when it is new."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
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
    except FileExistsError:  # another process made it meanwhile
        draft.unlink(missing_ok=True)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise IdentityError("identity-key-unusable", file=path, detail=error.strerror) from error


def _keys() -> list[bytes]:
    path = key_file()
    try:
        keys = path.read_bytes().split()
    except FileNotFoundError:
        if count := SealedIdentity.objects.count():
            raise IdentityError("identity-key-missing", file=path, count=count) from None
        _write_keys(path, [Fernet.generate_key()], is_new=True)
        keys = path.read_bytes().split()
    except OSError as error:
        raise IdentityError("identity-key-unusable", file=path, detail=error.strerror) from error
    return keys


def _master() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in _keys()])
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
    master = _master()
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
        `identity-key-missing`, `identity-key-unusable`, or `identity-key-wrong` for a key file of another workspace.
    """
    row = SealedIdentity.objects.filter(student=student).first()
    if row is None:
        return None
    key, sealed = _opened(_master(), row), bytes(row.sealed)
    try:
        text = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], student.pseudonym.encode())
    except InvalidTag as error:
        raise IdentityError("identity-key-wrong", file=key_file()) from error
    return Identity.of_json(json.loads(text))


def rotate_key(*, actor: Actor) -> int:
    """Seal every identity's key with a new key and drop the old ones; how many there are.

    Interrupted at any moment, the file holds what opens every identity.
    """
    old, master = _keys(), _master()
    for row in SealedIdentity.objects.all():  # before anything is written
        _opened(master, row)
    new = Fernet.generate_key()
    _write_keys(key_file(), [new, *old], is_new=False)
    with transaction.atomic():
        record(actor=actor, action="identity.rotate", subject="identities", payload={})
        master = _master()
        rows = list(SealedIdentity.objects.select_for_update())
        for row in rows:
            row.sealed_key = master.encrypt(_opened(master, row))
        SealedIdentity.objects.bulk_update(rows, ["sealed_key"])
    _write_keys(key_file(), [new], is_new=False)
    return len(rows)
