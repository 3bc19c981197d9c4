"""The simulated people of Bandaria, for trying the pages and the commands."""

import tomllib
from importlib import resources

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import SchoolRole, TenureHolder
from confianza.cooperation.alumni.identity import Identity
from confianza.cooperation.bilingual import BilingualText
from confianza.server.alumni import services
from confianza.server.alumni.models import Post

SOURCE = "Simulated"


@transaction.atomic
def load_simulated(*, account: str, partner_code: str) -> bool:
    """People, courses and posts; False when they were there."""
    text = resources.files(__package__).joinpath("simulated.toml").read_text(encoding="utf-8")
    records = tomllib.loads(text)
    if Post.objects.filter(pk=records["posts"][0]["code"]).exists():
        return False
    keeper = Actor(account, "country_program_director")
    people = {}
    for raw in records["people"]:
        student = services.enroll_student(
            partner_code=raw["party"],
            institution_code=raw.get("institution", ""),
            identity=Identity.of_json(raw["identity"]) if "identity" in raw else None,
            public_name=raw.get("public_name", ""),
            public_source=raw.get("public_source", ""),
            is_simulated=True,
            actor=keeper,
        )
        people[raw["id"]] = student.pseudonym
        for school, title, start, end, rank, funding, degree in raw["courses"]:
            services.record_course(
                pseudonym=student.pseudonym,
                part=raw.get("part", SchoolRole.STUDENT),
                school=school,
                title=title,
                start_date=start,
                end_date=end,
                rank=rank,
                funding=funding,
                degree=degree,
                source=SOURCE,
                actor=keeper,
            )
        if raw.get("is_shared"):
            services.share_student(pseudonym=student.pseudonym, is_shared=True, actor=keeper)
    for raw in records["posts"]:
        services.add_post(
            code=raw["code"],
            partner_code=partner_code,
            institution_code=raw["institution"],
            title=BilingualText.of(raw["title"]),
            kind=raw["kind"],
            is_senior=raw["is_senior"],
            source=SOURCE,
            is_simulated=True,
            actor=keeper,
        )
        for who, start, *rest in raw["held"]:
            end, rank, us_grade = [*rest, "", "", ""][:3]
            services.hold_post(
                post_code=raw["code"],
                pseudonym=None if who == TenureHolder.OTHER else people[who],
                from_date=start,
                to_date=end or None,
                rank=rank,
                us_grade=us_grade,
                source=SOURCE,
                actor=keeper,
            )
    return True
