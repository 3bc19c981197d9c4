"""Writes on funds: appropriations, their dates, projects, and postings to the ledger."""

import re
from dataclasses import asdict
from datetime import date

from django.db import transaction
from django.utils import timezone

from confianza.cooperation import ledger
from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability, FundState
from confianza.cooperation.money import Money
from confianza.cooperation.names import name_key, same_spelling
from confianza.cooperation.periods import fiscal_year_start, refuse_day_to_come
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.programs import Appropriation as AppropriationRecord
from confianza.cooperation.programs import AppropriationKind, account_names
from confianza.cooperation.programs.authorities import authorities, authority_named, known_authority, misfits
from confianza.errors import LANGUAGES, RuleRefusal
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import record
from confianza.server.funds.models import Appropriation, AvailabilityDates, LedgerEntry, Posting, Project
from confianza.server.funds.selectors import balances_outside_cases, funds_row
from confianza.server.institutions.models import Party


def post(
    entry: ledger.Entry,
    *,
    appropriation: Appropriation,
    event: AuditEvent,
    case_identifier: str | None = None,
) -> None:
    """Store a balanced entry of an appropriation, or of a case that it pays for."""
    row = LedgerEntry.objects.create(
        appropriation=appropriation, case_identifier=case_identifier, event=event, on=entry.on
    )
    Posting.objects.bulk_create(
        Posting(entry=row, account=account.value, amount_minor=amount.minor)
        for account, amount in entry.postings
    )


@transaction.atomic
def load_appropriations(records: list[AppropriationRecord], *, actor: Actor) -> bool:
    """Store appropriations as published, without dates of funds; False when they were there."""
    names = account_names()
    codes = {f"{record.measure}-{record.account}": record for record in records}
    if Appropriation.objects.filter(code__in=codes).exists():
        return False
    parties = dict(Party.objects.values_list("iso_code", "pk"))
    Appropriation.objects.bulk_create(
        Appropriation(
            code=code,
            name={"en": names[item.account].en, "es": names[item.account].es},
            program=item.program,
            account=item.account,
            measure=item.measure,
            fiscal_year=item.fiscal_year,
            kind=item.kind.value,
            public_law=item.public_law,
            amount_minor=item.amount.minor,
            currency=item.amount.currency,
            partner_id=parties[item.partner_code],
            source=item.reference.source,
            place=item.reference.place,
            note={"en": item.note.en, "es": item.note.es} if item.note else None,
        )
        for code, item in codes.items()
    )
    record(actor=actor, action="appropriations.load", subject="programs", payload={"codes": sorted(codes)})
    return True


@transaction.atomic
def open_in_ledger(*, actor: Actor) -> bool:
    """Post every enacted appropriation that the ledger lacks, on the first day of its fiscal year.

    Funds whose dates no source gives are on the books and cannot be used by a case.
    """
    rows = list(
        Appropriation.objects.filter(
            kind=AppropriationKind.APPROPRIATION.value, entries=None, amount_minor__gt=0
        )
    )
    for row in rows:
        on = fiscal_year_start(row.fiscal_year)
        event = record(
            actor=actor,
            action="funds.open",
            subject=f"appropriation:{row.code}",
            payload={"amount_minor": row.amount_minor, "on": on.isoformat()},
        )
        entry = ledger.move(on, row.amount, ledger.Account.APPROPRIATED, ledger.Account.AVAILABLE)
        post(entry, appropriation=row, event=event)
    return bool(rows)


def _store_dates(appropriation: Appropriation, dates: Availability) -> None:
    AvailabilityDates.objects.create(
        appropriation=appropriation,
        known_from=dates.known_from,
        available_from=dates.available_from,
        available_until=dates.available_until,
        reobligate_until=dates.reobligate_until,
        cancels_on=dates.cancels_on,
    )


@transaction.atomic
def open_funds(*, appropriation: Appropriation, availability: Availability, on: date, actor: Actor) -> None:
    """Store an appropriation with the dates of its funds and make its money available."""
    permission_table().require(actor, "manage_programs")
    appropriation.save(force_insert=True)
    _store_dates(appropriation, availability)
    event = record(
        actor=actor,
        action="funds.open",
        subject=f"appropriation:{appropriation.code}",
        payload={"amount_minor": appropriation.amount_minor, "on": on.isoformat()},
    )
    entry = ledger.move(on, appropriation.amount, ledger.Account.APPROPRIATED, ledger.Account.AVAILABLE)
    post(entry, appropriation=appropriation, event=event)


REGIMES = ("title-10", "title-22")


@transaction.atomic
def add_funds(
    *,
    code: str,
    name: BilingualText,
    amount: Money,
    fiscal_year: int,
    program_code: str,
    authority: str,
    regime: str,
    partner_code: str,
    availability: Availability,
    actor: Actor,
) -> Appropriation:
    """Funds of one appropriation and year, with their dates; their money is available from the first of them.

    Raises
    ------
    RuleRefusal
        `funds-do-not-fit`, `authority-unknown` or what the authority does not allow; several of these together are
        `funds-refused`, which says them all.
    PermissionRefusal
    """
    permission_table().require(actor, "manage_programs")
    refuse_day_to_come(availability.known_from, today=timezone.localdate())
    partner = Party.objects.filter(pk=partner_code).first()
    reasons: list[RuleRefusal] = []
    if (
        name_key(code) in map(name_key, Appropriation.objects.values_list("code", flat=True))
        or partner is None
        or amount.minor <= 0
        or regime not in REGIMES
        or re.fullmatch("[A-Z0-9]{2}", program_code) is None
        or not availability.is_in_order
    ):
        reasons.append(
            RuleRefusal("funds-do-not-fit", funds=code, partner=partner_code, regimes=", ".join(REGIMES))
        )
    law = authority_named(authority)
    if law is None:
        reasons.append(RuleRefusal("authority-unknown", authority=authority, known=", ".join(authorities())))
    else:
        reasons += [
            RuleRefusal(misfit.code, **misfit.params)
            for misfit in misfits(
                law,
                funds=code,
                regime=regime,
                fy=fiscal_year,
                partner_code=partner.iso_code if partner else partner_code,
                available_until=availability.available_until,
                reobligate_until=availability.reobligate_until,
                cancels_on=availability.cancels_on,
            )
        ]
    if reasons or law is None or partner is None:
        raise _together(code, reasons)
    row = Appropriation(
        code=code,
        name={"en": name.en, "es": name.es},
        program=program_code,
        program_code=program_code,
        authority=law.code,
        regime=regime,
        account="bpc",
        measure=code[:40],
        fiscal_year=fiscal_year,
        kind=AppropriationKind.APPROPRIATION.value,
        amount_minor=amount.minor,
        currency=amount.currency,
        partner=partner,
        is_simulated=partner.is_fictional,
    )
    open_funds(appropriation=row, availability=availability, on=availability.available_from, actor=actor)
    return row


def _together(code: str, reasons: list[RuleRefusal]) -> RuleRefusal:
    """One refusal that says every reason."""
    if len(reasons) == 1:
        return reasons[0]
    told = BilingualText(
        *(" ".join(reason.in_language(language) for reason in reasons) for language in LANGUAGES)
    )
    return RuleRefusal("funds-refused", funds=code, count=len(reasons), reasons=told)


def _require_lawful_dates(row: Appropriation, availability: Availability) -> None:
    """Refuse dates that the authority of the funds does not allow; funds without one on record have none to ask."""
    law = authority_named(row.authority)
    if law is None:
        return
    found = misfits(
        law,
        funds=row.code,
        regime=law.regime,
        fy=row.fiscal_year,
        partner_code=row.partner.iso_code,
        available_until=availability.available_until,
        reobligate_until=availability.reobligate_until,
        cancels_on=availability.cancels_on,
    )
    of_dates = [RuleRefusal(item.code, **item.params) for item in found if "day" in item.params]
    if of_dates:
        raise _together(row.code, of_dates)


@transaction.atomic
def add_dates(*, appropriation_code: str, availability: Availability, actor: Actor) -> None:
    """Other dates of the same funds, known from a later day (a continuing resolution ends).

    What expired by the dates before, and does not by these, is available again from that day.
    """
    permission_table().require(actor, "manage_programs")
    refuse_day_to_come(availability.known_from, today=timezone.localdate())
    row = funds_row(appropriation_code, for_update=True)
    if row.availability.filter(known_from__gte=availability.known_from).exists():
        raise RuleRefusal("dates-not-later", funds=row.code, known_from=availability.known_from)
    if not availability.is_in_order:
        raise RuleRefusal("dates-out-of-order", funds=row.code)
    _require_lawful_dates(row, availability)
    _store_dates(row, availability)
    payload = {key: str(value) for key, value in asdict(availability).items() if value is not None}
    event = record(actor=actor, action="funds.dates", subject=f"appropriation:{row.code}", payload=payload)
    on = availability.known_from
    expired = balances_outside_cases(row)[ledger.Account.EXPIRED]
    if expired.minor and availability.state_on(on) is FundState.AVAILABLE:
        entry = ledger.move(on, expired, ledger.Account.EXPIRED, ledger.Account.AVAILABLE)
        post(entry, appropriation=row, event=event)


@transaction.atomic
def add_project(*, code: str, title: str, authority: str, partner_code: str, actor: Actor) -> Project:
    """A project that cases can belong to; it is not approved yet.

    Raises
    ------
    RuleRefusal
        `authority-unknown`, or `project-does-not-fit`: the partner is not there, or the code is taken.
    PermissionRefusal
    """
    permission_table().require(actor, "manage_programs")
    authority = known_authority(authority).code
    partner = Party.objects.filter(pk=partner_code).first()
    if partner is None:
        raise RuleRefusal("project-does-not-fit", project=code, partner=partner_code)
    row, is_new = Project.objects.get_or_create(
        code=same_spelling(code, Project.objects.values_list("code", flat=True)),
        defaults={"title": title, "authority": authority, "partner": partner},
    )
    if not is_new:
        raise RuleRefusal("project-does-not-fit", project=code, partner=partner_code)
    payload = {"title": title, "authority": authority, "partner": partner_code}
    record(actor=actor, action="project.add", subject=row.subject, payload=payload)
    return row


@transaction.atomic
def approve_project(*, code: str, on: date, actor: Actor) -> Project:
    """Approve a project; not by the person who added it."""
    permission_table().require(actor, "approve_project")
    refuse_day_to_come(on, today=timezone.localdate())
    row = Project.objects.select_for_update().filter(pk=code).first()
    if row is None or row.approved_on is not None:
        raise RuleRefusal("project-not-open", project=code)
    if AuditEvent.objects.filter(subject=row.subject, action="project.add", account=actor.account).exists():
        raise RuleRefusal("project-second-person", project=code, account=actor.account)
    row.approved_on = on
    row.save()
    record(actor=actor, action="project.approve", subject=row.subject, payload={"on": on.isoformat()})
    return row
