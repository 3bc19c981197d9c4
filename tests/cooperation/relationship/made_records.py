"""Records made up for tests, readable in one line."""

from datetime import date

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.relationship.records import Coding, PartialDate, Record


def record(record_id, kind="act", on="2000-01-01", *, to="", actor="US", sign=1, severity=None, **more):
    """A record of the United States or Mexico; what `Record` has no field of is a detail."""
    names = {"happening", "verification", "institution_actor", "references"}
    details = {name: value for name, value in more.items() if name not in names}
    return Record(
        record_id=record_id,
        kind=kind,
        date_from=PartialDate.parse(on),
        date_to=PartialDate.parse(to),
        actor_code=actor,
        target_code={"US": "MX", "MX": "US"}.get(actor, ""),
        summary=BilingualText("something", "algo"),
        sign=sign,
        domain="defense",
        references=more.get("references", ()),
        happening=more.get("happening", record_id),
        verification=more.get("verification", "verified"),
        institution_actor=more.get("institution_actor", ""),
        details=details,
        codings=tuple(coding("a", value) for value in [severity] if value is not None),
    )


def coding(coder, severity):
    return Coding(coder, "automated", "1", date(2026, 11, 30), severity)
