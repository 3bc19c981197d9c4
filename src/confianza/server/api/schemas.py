"""What goes in and comes out of the interface."""

from datetime import date, datetime

from ninja import Field, Schema
from pydantic import ConfigDict


class MoneyOut(Schema):
    """An amount in whole minor units (cents)."""

    minor: int
    currency: str


class CaseRow(Schema):
    """A case as lists show it."""

    identifier: str
    document: str
    title: str
    partner: str
    edition: str
    phase: str = Field(description="Id of the current phase; empty when closed.")
    status: str
    version: int = Field(description="Number of recorded steps; give it back when recording the next.")
    next_due_on: date | None
    is_simulated: bool


class CaseList(Schema):
    """A part of the cases, and how many there are."""

    count: int
    simulated_count: int = Field(description="How many of them are of a fictional country.")
    items: list[CaseRow]


class PhaseOut(Schema):
    phase: str
    started_on: date | None
    completed_on: date | None


class LineOut(Schema):
    number: str
    description: str
    quantity: int
    cost: MoneyOut
    obligated: MoneyOut
    paid: MoneyOut
    delivered: int
    inventoried: int
    transferred: int


class RefusalOut(Schema):
    """One rule that stands in the way."""

    rule: str
    reason: str
    remedy: str
    reference: str
    is_verified: bool


class ActionOut(Schema):
    """A step that can be taken, with what blocks it today."""

    step: str
    name: str
    offices: list[str]
    fields: list[str]
    is_optional: bool
    refusals: list[RefusalOut]


class ClockOut(Schema):
    clock: str
    started_on: date
    stopped_on: date | None
    elapsed_days: int
    excluded_days: int
    due_on: date
    is_met: bool | None


class DeadlineOut(Schema):
    deadline: str
    about: str
    due_on: date
    met_on: date | None


class DocumentOut(Schema):
    kind: str
    file_name: str
    digest: str = Field(description="SHA-256 of the file.")
    on: date


class DeliveryOut(Schema):
    name: str
    line: str
    quantity: int
    planned_on: date
    arrived_on: date | None
    received_on: date | None
    transferred_on: date | None
    cause: str = Field(description="Why it was late; empty when it was not.")


class CaseOut(CaseRow):
    """A case whole: where it stands, what is next, lines, deliveries, documents, money, clocks."""

    phases: list[PhaseOut]
    lines: list[LineOut]
    deliveries: list[DeliveryOut]
    documents: list[DocumentOut]
    balances: dict[str, MoneyOut]
    actions: list[ActionOut]
    clocks: list[ClockOut]
    deadlines: list[DeadlineOut]


class DocumentIn(Schema):
    """What is told of a file that is attached. `version` as for a step."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=80)
    on: date
    version: int | None = None


class OpenActionOut(Schema):
    """Something one of your offices is to do."""

    case: str
    step: str
    office: str
    deadline: str = Field(description="Id of the deadline that sets the day; empty when there is none.")
    about: str
    due_on: date | None
    is_offered: bool


class EventOut(Schema):
    """A recorded change."""

    sequence: int
    at: datetime
    account: str
    role: str
    action: str
    payload: dict
    digest: str


class CaseIn(Schema):
    """What a case begins with."""

    model_config = ConfigDict(extra="forbid")

    identifier: str = Field(max_length=20)
    title: str = Field(min_length=1, max_length=120)
    partner: str = Field(max_length=2)
    funds: str = Field(max_length=60)
    edition: str = Field(max_length=40)
    project: str = Field("", max_length=40)
    category: str = Field("", max_length=1)


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
    refusals: list[RefusalOut] = Field(default_factory=list)
