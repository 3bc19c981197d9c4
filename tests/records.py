"""A record of the relationship as the tests enter it, and who does."""

from datetime import date

from confianza.cooperation.actors import Actor

DAY = date(2026, 11, 30)
LIAISON = Actor("enlace", "partner_liaison", "MX")
TOLD = {
    "date_from": "2012-05",
    "actor": "MX",
    "summary_es": "La otra parte recibe plazas en el colegio de la Armada.",
    "sign": "1",
    "domain": "defense",
    "source": "Boletín 12",
    "place": "p. 3",
}
VERSION = {
    "summary_es": "La ventanilla única ordena el trato.",
    "sign": "1",
    "severity": "0.2",
    "source": "Nota",
}


def proposed(one, actor=LIAISON, kind="exchange", **changed) -> str:
    """The identifier of a record that somebody proposed."""
    from confianza.server.relationship.services import propose_record

    row = propose_record(partnership=one, kind=kind, values={**TOLD, **changed}, actor=actor, on=DAY)
    return row.record_id
