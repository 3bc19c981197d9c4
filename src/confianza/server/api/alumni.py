"""Alumni over the interface: reads only; people by pseudonym, or by the name a public source gives."""

from dataclasses import asdict
from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from confianza.cooperation.permissions import permission_table
from confianza.evidence.relationships import brokers
from confianza.server.alumni import exports, selectors
from confianza.server.api.cases import ERRORS, MOST
from confianza.server.api.partnerships import asked_partnership
from confianza.server.institutions.selectors import party_row
from confianza.server.web.templatetags.formats import language, said

router = Router(tags=["alumni"])


class AlumniQuery(Schema):
    """Whose people, as of which day; today when left out."""

    partner: str = Query("", max_length=2, description="Of the partnership when left out.")
    on: date | None = None
    offset: int = Query(0, ge=0, le=10_000_000)
    limit: int = Query(50, ge=1, le=MOST)


class AlumnusOut(Schema):
    pseudonym: str
    name: str
    institution: str
    completed_on: date
    schools: list[str]
    posts: list[str]
    is_simulated: bool


class AlumniOut(Schema):
    """A part of the alumni, and how many there are."""

    count: int
    items: list[AlumnusOut]


class TieOut(Schema):
    pair: tuple[str, str]
    parties: tuple[str, str]
    met_on: date
    overlap_days: int
    same_course_days: int
    schools: list[str]


class GraphYearOut(Schema):
    year: int
    person_count: int
    tie_count: int
    between_countries_count: int
    density: float | None
    component_count: int
    largest_share: float | None


class BrokerOut(Schema):
    person: str
    tie_count: int
    between_countries_count: int
    betweenness: float | None


class GraphOut(Schema):
    """Who studied with whom: a part of the ties, how many there are, the growth, who stands between."""

    count: int
    ties: list[TieOut]
    growth: list[GraphYearOut]
    brokers: list[BrokerOut]


class PostOut(Schema):
    post: str
    title: str
    is_senior: bool
    held_by: str
    person: str | None


class PostsOut(Schema):
    """Posts with their holders, and the senior ones counted; shares are of 0-1."""

    posts: list[PostOut]
    alumni_count: int
    other_count: int
    unknown_count: int
    known_share: float | None
    least_share: float | None
    most_share: float | None


def _found(request: HttpRequest, query: AlumniQuery):
    permission_table().require(request.user.actor, "view_alumni")
    return (
        party_row(query.partner or asked_partnership(request).partner.manual_code),
        selectors.visible_students(request.user),
        query.on or timezone.localdate(),
    )


@router.get("/alumni", response={200: AlumniOut, **ERRORS}, summary="Alumni of a partner")
def list_alumni(request, query: Query[AlumniQuery]):
    rows = selectors.alumni_rows(*_found(request, query))
    items = [
        AlumnusOut(
            pseudonym=row.student.pk,
            name=row.student.name,
            institution=row.student.institution_code,
            completed_on=row.completed_on,
            schools=row.schools,
            posts=[said(item.post_title) for item in row.current],
            is_simulated=row.student.is_simulated,
        )
        for row in rows[query.offset : query.offset + query.limit]
    ]
    return AlumniOut(count=len(rows), items=items)


@router.get("/alumni/graph", response={200: GraphOut, **ERRORS}, summary="Who studied with whom")
def get_graph(request, query: Query[AlumniQuery], school: str = Query("", max_length=80)):
    found = selectors.relations(*_found(request, query), school=school)
    part = slice(query.offset, query.offset + query.limit)
    return {
        "count": len(found.ties),
        "ties": [asdict(tie) for tie in found.ties[part]],
        "growth": [asdict(year) for year in found.growth],
        "brokers": [asdict(row) for row in brokers(found.graph)[:MOST]],
    }


@router.get("/alumni/posts", response={200: PostsOut, **ERRORS}, summary="Prominent posts and who holds them")
def get_posts(request, query: Query[AlumniQuery]):
    rows = selectors.post_rows(*_found(request, query))
    held = selectors.senior_posts_held(rows)
    return {
        "posts": [
            {
                "post": row.post.code,
                "title": said(row.post.title),
                "is_senior": row.post.is_senior,
                "held_by": row.held.value,
                "person": row.student.pk if row.student else None,
            }
            for row in rows
        ],
        **asdict(held),
        "known_share": held.known_share,
        "least_share": held.least_share,
        "most_share": held.most_share,
    }


@router.get(
    "/alumni/report", response={200: list[dict[str, str]], **ERRORS}, summary="Positions of prominence"
)
def get_report(request, query: Query[AlumniQuery]):
    """The yearly report in the manual's order of fields (SAMM C10.21)."""
    partner, students, on = _found(request, query)
    rows = selectors.prominence_rows(students.filter(partner=partner), on)
    return exports.report_rows(rows[query.offset : query.offset + query.limit], language())
