"""Alumni over the interface: reads only; people by pseudonym, or by the name a public source gives."""

from datetime import date
from typing import Any

from django.utils import timezone
from ninja import Query, Router, Schema

from confianza.cooperation.permissions import permission_table
from confianza.server.alumni import documents, exports, selectors
from confianza.server.api.schemas import ERRORS, MOST, Part
from confianza.server.chosen_partnership import asked_partnership
from confianza.server.institutions.selectors import party_row
from confianza.server.language import language
from confianza.server.requests import AccountRequest

router = Router(tags=["alumni"])


class AlumniQuery(Part):
    """Whose people, as of which day; today when left out."""

    partner: str = Query("", max_length=2, description="Of the partnership when left out.")
    on: date | None = None


class AlumniList(Schema):
    """A part of the alumni, and how many there are."""

    count: int
    items: list[documents.Alumnus]


def _filters(request: AccountRequest, query: AlumniQuery) -> tuple[Any, Any, date]:
    """The partner, the people who may be seen, and the day that are asked for."""
    permission_table().require(request.user.actor, "view_alumni")
    return (
        party_row(query.partner or asked_partnership(request).partner.manual_code),
        selectors.visible_students(request.user.actor),
        query.on or timezone.localdate(),
    )


@router.get("/alumni", response={200: AlumniList, **ERRORS}, summary="Alumni of a partner")
def list_alumni(request: AccountRequest, query: Query[AlumniQuery]) -> AlumniList:
    rows = selectors.alumni_rows(*_filters(request, query))
    return AlumniList(
        count=len(rows), items=[documents.alumnus(row, language()) for row in rows[query.slice]]
    )


@router.get("/alumni/graph", response={200: documents.Relations, **ERRORS}, summary="Who studied with whom")
def get_graph(
    request: AccountRequest, query: Query[AlumniQuery], school: str = Query("", max_length=80)
) -> documents.Relations:
    relations = selectors.relations(*_filters(request, query), school=school)
    return documents.relations(relations, query.slice, most_brokers=MOST)


@router.get(
    "/alumni/posts",
    response={200: documents.Positions, **ERRORS},
    summary="Prominent posts and who holds them",
)
def get_posts(request: AccountRequest, query: Query[AlumniQuery]) -> documents.Positions:
    return documents.positions(selectors.post_rows(*_filters(request, query)), language())


@router.get(
    "/alumni/report", response={200: list[dict[str, str]], **ERRORS}, summary="Positions of prominence"
)
def get_report(request: AccountRequest, query: Query[AlumniQuery]) -> list[dict[str, str]]:
    """The yearly report in the manual's order of fields (SAMM C10.21)."""
    partner, students, on = _filters(request, query)
    rows = selectors.prominence_rows(students.filter(partner=partner), on)
    return exports.report_rows(rows[query.slice], language())
