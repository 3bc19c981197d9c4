"""Who a student is: the personal data a travel order asks for, kept apart from everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date

from confianza.cooperation.bilingual import BilingualText
from confianza.errors import RuleRefusal

SEXES = ("F", "M", "X")  # as passports have it (ICAO Doc 9303)


@dataclass(frozen=True)
class Identity:
    """The personal fields of an invitational travel order (SAMM figure C10.F6, DD form 2285); names as in the passport.

    Raises
    ------
    RuleRefusal
        `identity-field`, naming a field that is empty or wrong; never its value.
    """

    surname: str
    given_names: str
    sex: str = ""
    rank: str = ""
    us_grade: str = ""
    service: str = ""
    service_number: str = ""
    birth_date: date | None = None
    birth_place: str = ""
    citizenship: str = ""
    passport_number: str = ""
    passport_until: date | None = None

    def __post_init__(self) -> None:
        wrong = [name for name in ("surname", "given_names") if not getattr(self, name).strip()]
        if self.sex not in ("", *SEXES):
            wrong.append("sex")
        if self.birth_date and self.passport_until and self.passport_until <= self.birth_date:
            wrong.append("passport_until")
        if wrong:
            raise RuleRefusal("identity-field", fields=", ".join(wrong), sexes=", ".join(SEXES))

    def to_json(self) -> dict[str, str]:
        """The fields as texts, dates in ISO 8601."""
        return {name: str(value or "") for name, value in asdict(self).items()}

    @classmethod
    def of_json(cls, texts: Mapping[str, str]) -> Identity:
        """The identity of the texts of `to_json`, or of a form."""
        values: dict[str, str | date | None] = {}
        for field in fields(cls):
            value = texts.get(field.name, "").strip()
            try:
                values[field.name] = (
                    value if field.name not in DATES else date.fromisoformat(value) if value else None
                )
            except ValueError:
                raise RuleRefusal("identity-field", fields=field.name, sexes=", ".join(SEXES)) from None
        return cls(**values)  # type: ignore[arg-type]  # a text or a date, as `DATES` says


DATES = ("birth_date", "passport_until")
FIELD_NAMES = {
    "surname": BilingualText("Surname", "Apellidos"),
    "given_names": BilingualText("Given names", "Nombres"),
    "sex": BilingualText("Sex", "Sexo"),
    "rank": BilingualText("Rank", "Grado"),
    "us_grade": BilingualText("U.S. grade", "Grado equivalente de EE. UU."),
    "service": BilingualText("Service", "Fuerza"),
    "service_number": BilingualText("Service number", "Matrícula"),
    "birth_date": BilingualText("Date of birth", "Fecha de nacimiento"),
    "birth_place": BilingualText("Place of birth", "Lugar de nacimiento"),
    "citizenship": BilingualText("Citizenship", "Nacionalidad"),
    "passport_number": BilingualText("Passport number", "Número de pasaporte"),
    "passport_until": BilingualText("Passport valid until", "Pasaporte válido hasta"),
}
REASONS = {  # why an identity may be seen; recorded with every look, instead of words that could name the person
    "travel-order": BilingualText("travel order", "orden de viaje"),
    "screening": BilingualText(
        "security or human-rights screening", "verificación de seguridad o de derechos humanos"
    ),
    "report": BilingualText("report of positions of prominence", "informe de cargos destacados"),
    "correction": BilingualText("correction of the data", "corrección de los datos"),
    "request": BilingualText("request of the person", "solicitud de la persona"),
}
