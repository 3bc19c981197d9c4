"""Long work as pages show it."""

from dataclasses import dataclass
from datetime import datetime

from confianza.cooperation.bilingual import BilingualText
from confianza.server.documents import made_of
from confianza.server.jobs import models
from confianza.server.jobs.kinds import KINDS


@dataclass(frozen=True, kw_only=True)
class Job:
    """A piece of long work: how far it has come, and what came of it; `total_count` is empty until it is known."""

    number: int
    name: BilingualText
    file_name: str
    account: str
    state: str
    state_name: str
    is_open: bool
    is_cancel_requested: bool
    done_count: int
    total_count: int | None
    unit: BilingualText
    outcome: BilingualText | None
    queued_at: datetime


def job(row: models.Job) -> Job:
    """A piece of long work."""
    return made_of(
        Job,
        row,
        number=row.pk,
        name=KINDS[row.kind].name,
        unit=KINDS[row.kind].unit,
        state_name=row.get_state_display(),
        outcome=BilingualText.of(row.outcome) if row.outcome else None,
    )
