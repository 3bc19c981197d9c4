"""Authorities as pages show them, the interface returns them and commands print them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.programs import authorities as law
from confianza.cooperation.sources import sources


@dataclass(frozen=True, kw_only=True)
class Provision:
    """One thing that a law says of its money; what is not verified was read in no source and binds nothing."""

    subject: str
    subject_name: BilingualText
    sentence: BilingualText
    is_verified: bool
    days: int | None
    percent: int | None
    source: str
    source_title: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A law, or a program of several accounts, under which assistance is given.

    `pays` names what it may pay for, as far as a source says it; `pays_unverified` what no source read says.
    """

    code: str
    name: BilingualText
    kind: str
    act: str
    act_name: BilingualText
    regime: str
    citation: str
    aliases: list[str]
    accounts: list[str]
    partners: list[str]
    from_date: date | None
    to_date: date | None
    runs_on_cases: bool | None
    is_appropriated: bool
    pays: list[BilingualText]
    pays_unverified: list[BilingualText]
    provisions: list[Provision]
    source: str
    place: str


@dataclass(frozen=True, kw_only=True)
class ActWithAuthorities:
    """A law and the authorities it holds."""

    code: str
    name: BilingualText
    citation: str
    from_date: date | None
    authorities: list[Authority]


def authority_document(item: law.Authority) -> Authority:
    """An authority with its provisions, subject by subject."""
    names, subjects = law.provided_names(), law.subject_names()
    verified = item.provides()
    order = list(subjects)
    return Authority(
        code=item.code,
        name=item.name,
        kind=item.kind,
        act=item.act,
        act_name=law.acts()[item.act].name,
        regime=item.regime,
        citation=item.citation,
        aliases=list(item.aliases),
        accounts=list(item.accounts),
        partners=list(item.partners),
        from_date=item.from_date,
        to_date=item.to_date,
        runs_on_cases=item.runs_on_cases,
        is_appropriated=item.is_appropriated,
        pays=[names[key] for key in verified],
        pays_unverified=[names[key] for key in item.provides(unverified=True) if key not in verified],
        provisions=[
            Provision(
                subject=told.subject,
                subject_name=subjects[told.subject],
                sentence=told.sentence,
                is_verified=told.is_verified,
                days=told.days,
                percent=told.percent,
                source=told.reference.source,
                source_title=sources()[told.reference.source].title,
                place=told.reference.place,
            )
            for told in sorted(item.provisions, key=lambda told: order.index(told.subject))
        ],
        source=item.reference.source,
        place=item.reference.place,
    )


def authority_documents(items: Iterable[law.Authority] | None = None) -> list[Authority]:
    """Some authorities, or all."""
    return [authority_document(item) for item in (law.authorities().values() if items is None else items)]


def acts_with_authorities(countries: Collection[str] | None = None) -> list[ActWithAuthorities]:
    """Every act with its authorities, or with those that may be used for one of the countries (ISO codes)."""
    items = law.authorities().values()
    documents = authority_documents(item for item in items if countries is None or item.is_for_any(countries))
    return [
        ActWithAuthorities(
            code=act.code,
            name=act.name,
            citation=act.citation,
            from_date=act.from_date,
            authorities=[item for item in documents if item.act == act.code],
        )
        for act in law.acts().values()
    ]
