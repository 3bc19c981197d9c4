"""What the interface takes, its lists in parts, and its errors; what it returns are the documents of each area."""

from datetime import date

from ninja import Field, Query, Schema
from pydantic import ConfigDict

from confianza.server.documents import Refusal

MOST = 200  # items in one answer


class Part(Schema):
    """Which part of a list is wanted."""

    offset: int = Query(0, ge=0, le=10_000_000)
    limit: int = Query(50, ge=1, le=MOST)

    @property
    def slice(self) -> slice:
        return slice(self.offset, self.offset + self.limit)


class StepIn(Schema):
    """A step to record. With `version`, it is refused when the case has changed meanwhile."""

    model_config = ConfigDict(extra="forbid")

    on: date
    fields: dict[str, str] = Field(default_factory=dict)
    version: int | None = None


class ErrorOut(Schema):
    """One clear error; `refusals` are the rules that stand in the way of a step."""

    code: str
    message: str
    refusals: list[Refusal] = Field(default_factory=list)


ERRORS = {400: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut, 429: ErrorOut}
