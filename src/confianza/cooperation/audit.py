"""The audit log: an append-only chain in which each event carries the hash of the one before it.

The log is the history. The state of a case is what its events add up to; nothing is stored a second time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from confianza.errors import ConfianzaError

GENESIS = "0" * 64


class AuditError(ConfianzaError):
    """The chain does not hold: an event was altered, removed or inserted."""


@dataclass(frozen=True)
class AuditEvent:
    """Who did what to which subject, when; `digest` covers every field and the previous digest."""

    sequence: int
    at: datetime
    account: str
    role: str
    action: str
    subject: str
    payload: Mapping[str, object]
    previous: str
    digest: str


def seal(
    *,
    sequence: int,
    at: datetime,
    account: str,
    role: str,
    action: str,
    subject: str,
    payload: Mapping[str, object],
    previous: str,
) -> AuditEvent:
    """The event with its SHA-256 digest over the canonical JSON of all its fields."""
    covered = [sequence, at.isoformat(), account, role, action, subject, payload, previous]
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return AuditEvent(sequence, at, account, role, action, subject, payload, previous, digest)


def verify(events: Iterable[AuditEvent]) -> int:
    """How many events the chain holds, when it holds.

    Raises
    ------
    AuditError
        `audit-broken`: the first sequence number whose event does not follow from the one before.
    """
    previous, expected = GENESIS, 1
    for event in events:
        resealed = seal(
            sequence=expected,
            at=event.at,
            account=event.account,
            role=event.role,
            action=event.action,
            subject=event.subject,
            payload=event.payload,
            previous=previous,
        )
        if resealed != event:
            raise AuditError("audit-broken", sequence=event.sequence, expected=expected)
        previous, expected = event.digest, expected + 1
    return expected - 1
