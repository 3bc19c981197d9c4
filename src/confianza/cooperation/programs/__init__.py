"""Assistance programs: what was appropriated, by account, fiscal year and law, and whether it adds up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money, total
from confianza.cooperation.sources import Reference
from confianza.packaged import packaged_table


class AppropriationKind(StrEnum):
    """Enacted by a law, or only asked of Congress."""

    APPROPRIATION = "appropriation"
    REQUEST = "request"


@dataclass(frozen=True)
class Appropriation:
    """Money for one account under one measure."""

    measure: str
    account: str
    fiscal_year: int
    kind: AppropriationKind
    public_law: str
    amount: Money
    partner_code: str
    program: str
    reference: Reference
    note: BilingualText | None = None


@dataclass(frozen=True)
class Reconciliation:
    """A computed total beside the printed one, where a source prints it."""

    name: str
    computed: Money
    printed: Money | None

    @property
    def reconciles(self) -> bool:
        """Whether the two agree to the cent."""
        return self.computed == self.printed


def _table_1() -> Mapping[str, Any]:
    return packaged_table(__package__, "table-1.toml")


def account_names() -> Mapping[str, BilingualText]:
    """Names of the aid accounts of table 1."""
    return {code: BilingualText.of(name) for code, name in _table_1()["accounts"].items()}


def published_appropriations() -> list[Appropriation]:
    """The appropriations of table 1 of the thesis; what is "not applicable" there has none."""
    table = _table_1()
    return [
        Appropriation(
            measure=measure["id"],
            account=account,
            fiscal_year=measure["fiscal_year"],
            kind=AppropriationKind(measure["kind"]),
            public_law=measure["public_law"],
            amount=Money(dollars * 100, table["currency"]),
            partner_code=table["partner_code"],
            program=table["program"],
            reference=Reference(table["source"], table["place"]),
            note=BilingualText.of(measure["notes"][account]) if account in measure.get("notes", {}) else None,
        )
        for measure in table["measures"]
        for account, dollars in measure["amounts"].items()
    ]


def reconcile(appropriations: Iterable[Appropriation]) -> list[Reconciliation]:
    """The sum of each measure, each account and all of one program, beside what table 1 prints of that program."""
    table, records = _table_1(), list(appropriations)
    enacted = [record for record in records if record.kind is AppropriationKind.APPROPRIATION]
    printed: dict[str, int] = {}
    if {(record.program, record.partner_code) for record in records} == {
        (table["program"], table["partner_code"])
    }:
        printed = {measure["id"]: measure["printed_total"] for measure in table["measures"]}
        printed |= table["printed_account_totals"]
    computed: dict[str, list[Appropriation]] = {name: [] for name in printed} | {"all": enacted}
    for record in records:
        computed.setdefault(record.measure, []).append(record)
    for record in enacted:
        computed.setdefault(record.account, []).append(record)
    currency = records[0].amount.currency if records else table["currency"]
    return [
        Reconciliation(
            name,
            total([record.amount for record in of_name], currency),
            Money(printed[name] * 100, table["currency"]) if name in printed else None,
        )
        for name, of_name in computed.items()
    ]
