"""Make the record of the United States and Mexico that comes with the package from the record as it was coded.

python scripts/bundle_relationship_record.py RECORD_FOLDER

The folder holds `us_mx_record.csv`, `sources.csv` and `anchors.md`. What they say is taken over in American spelling.
The columns of `OWN` are judgments and translations made here: they stand in the packaged file alone, and are kept as
they stand there.
"""

import csv
import io
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "confianza" / "evidence" / "data" / "relationship"
RECORD, SOURCES = "us_mx_record.csv", "us_mx_sources.csv"
OWN = (
    "happening",
    "what_es",
    "known_since",
    "is_standing",
    "ended",
    "safeguard",
    "answers",
    "notified_days",
    "third_party",
    "is_direct",
)
WORDS = ("what", "note", "institution_actor", "institution_target", "domain", "locator")
AMERICAN = {
    "defence": "defense",
    "manoeuvre": "maneuver",
    "recognis": "recogniz",
    "licence": "license",
    "labour": "labor",
    "armoured": "armored",
    "programme": "program",
    "organise": "organize",
    "modernis": "moderniz",
    "neighbour": "neighbor",
    "favour": "favor",
    "honour": "honor",
    "centre": "center",
    "enquiry": "inquiry",
    "judgement": "judgment",
    "behaviour": "behavior",
    "refuelling": "refueling",
    "cancelled": "canceled",
    "catalogue": "catalog",
    "ageing": "aging",
    "per cent": "percent",
    "ten-per-cent": "ten-percent",
    "cheque": "check",
    "colour": "color",
    "analys": "analyz",
    "harbour": "harbor",
    "travell": "travel",
    "practis": "practic",
    "tonne": "ton",
    "towards": "toward",
}
KEPT_SPELLINGS = ("analysis", "analyst")


def american(text: str) -> str:
    """The text in American spelling; identifiers of records and sources stay as they are."""

    def spelled(match: re.Match[str]) -> str:
        word = match[0]
        if "-" in word and any(letter.isdigit() for letter in word):
            return word
        if word.casefold().startswith(KEPT_SPELLINGS):
            return word
        for british, other in AMERICAN.items():
            word = word.replace(british, other).replace(british.capitalize(), other.capitalize())
        return word

    return re.sub(r"[\w'-]+(?: cent\b)?", spelled, text)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_of(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def packaged_files(folder: Path) -> dict[str, str]:
    """The texts of the packaged files, by name."""
    own = {row["id"]: row for row in rows_of(TARGET / RECORD)}
    record = [
        {name: american(text) if name in WORDS else text for name, text in row.items()}
        | {name: own[row["id"]][name] for name in OWN}
        for row in rows_of(folder / "us_mx_record.csv")
    ]
    sources = [
        {name.replace("licence", "license"): text for name, text in row.items()}
        | {"license": american(row["licence"])}
        for row in rows_of(folder / "sources.csv")
        if row["source_key"] not in ("none", "thesis")
    ]
    return {RECORD: text_of(record), SOURCES: text_of(sources)}


if __name__ == "__main__":
    for name, text in packaged_files(Path(sys.argv[1])).items():
        (TARGET / name).write_text(text, encoding="utf-8", newline="")
        print(f"{TARGET / name}: {text.count(chr(10)) - 1} rows")
