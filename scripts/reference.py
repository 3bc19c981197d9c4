"""Write the pages of docs that are made: from tables (glossary, permissions, rulebooks), commands, code and interface.

python scripts/reference.py            write the pages
python scripts/reference.py --check    exit 1 when a page is not what the tables give
"""

import json
import os
import sys
from pathlib import Path

import django
from commands import command_page
from docstrings import api_pages

from confianza.cooperation.glossary import glossary as terms_of_trade
from confianza.cooperation.institutions import data_sets, packaged_structure
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.rulebook import Edition
from confianza.cooperation.sources import sources
from confianza.evidence.series import data_licenses
from confianza.reports.authorities import acts_with_authorities
from confianza.reports.rules import rulebooks

DOCS = Path(__file__).parents[1] / "docs"
MADE = "<!-- Made by scripts/reference.py: change what it is made from. -->\n\n"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def glossary() -> str:
    terms = sorted(terms_of_trade().values(), key=lambda term: term["name"]["en"].lower())
    rows = [
        [
            term["name"]["en"],
            term["name"]["es"],
            term.get("abbreviation", ""),
            f"{term['meaning']['en']}<br>*{term['meaning']['es']}*",
        ]
        for term in terms
    ]
    return "# Glossary\n\n" + MADE + table(["English", "Español", "", "Meaning · *Significado*"], rows)


def permissions() -> str:
    known = permission_table()
    roles = list(known.roles)
    rows = [
        [action.text.en, *("yes" if role in action.roles else "" for role in roles)]
        for action in known.actions.values()
    ]
    offices = [
        [
            role.name.en,
            role.name.es,
            ", ".join(known.offices[office].en for office in sorted(role.acts_for)) or "—",
        ]
        for role in known.roles.values()
    ]
    return (
        "# Roles and permissions\n\n"
        + MADE
        + "A stranger sees the sign-in page only. A liaison sees a case when it was shared with the partner.\n\n"
        + table(["Role", "Función", "Acts for"], offices)
        + "\n"
        + table(["May", *(known.roles[role].name.en for role in roles)], rows)
    )


def notes(entry, *marks: str) -> str:
    """Marks, remark and reference of an entry."""
    unverified = [] if getattr(entry, "is_verified", True) else ["unverified"]
    dates = [("from", getattr(entry, "from_date", None)), ("until", getattr(entry, "to_date", None))]
    marks = (*marks, *(f"{name} {day}" for name, day in dates if day))
    remark = [entry.remark.en] if entry.remark else []
    return "; ".join([*marks, *unverified, *remark, str(entry.reference)])


def both(text) -> str:
    return f"{text.en}<br>*{text.es}*"


def edition_page(edition: Edition) -> str:
    offices = permission_table().offices
    text = f"# {edition.title.en}\n\n{MADE}{edition.note.en}\n\n*{edition.note.es}*\n"
    for phase in edition.phases:
        text += f"\n## Phase {phase.number}: {phase.name.en} · *{phase.name.es}*\n\n"
        if phase.completed_by:
            text += f"Ends with `{phase.completed_by}` ({notes(phase)}).\n\n"
        else:
            text += f"Runs beside the others ({notes(phase)}).\n\n"
        rows = []
        for step in edition.steps_of(phase.id):
            marks = [
                *([step.milestone] if step.milestone else []),
                *(["optional"] if step.is_optional else []),
                *(["repeats"] if step.repeats else []),
                *([f"takes back {', '.join(step.resets)}"] if step.resets else []),
            ]
            rows.append(
                [
                    f"`{step.id}`",
                    both(step.sentence),
                    ", ".join(offices[office].en for office in step.actors),
                    " ".join(f"`{field.name}`" for field in step.fields),
                    notes(step, *marks),
                ]
            )
        text += table(["Step", "What", "Who", "Fields", "Notes"], rows)
    rows = [
        [
            f"`{rule.id}`",
            both(rule.sentence),
            "every step" if "*" in rule.steps else " ".join(f"`{step}`" for step in rule.steps),
            notes(rule, *([f"only {', '.join(rule.regimes)}"] if rule.regimes else [])),
        ]
        for rule in edition.rules
    ]
    text += "\n## Rules\n\n" + table(["Rule", "What it asks", "Before", "Notes"], rows)
    if edition.clocks or edition.deadlines:
        rows = [
            [f"`{item.id}`", both(item.sentence), notes(item)]
            for item in (*edition.clocks, *edition.deadlines)
        ]
        text += "\n## Clocks and deadlines\n\n" + table(["Name", "What it asks", "Notes"], rows)
    if edition.documents:
        rows = [
            [
                f"`{kind.id}`",
                both(kind.name),
                "not used here" if kind.is_excluded else " ".join(f"`{step}`" for step in kind.required_for),
                notes(kind),
            ]
            for kind in edition.documents.values()
        ]
        text += "\n## Documents\n\n" + table(["Kind", "What", "Required for", "Notes"], rows)
    return text


def authorities() -> str:
    """The laws that assistance is given under, each provision with its source."""
    text = (
        "# Authorities\n\n"
        + MADE
        + "Funds open only under one of these, and a line of a case is refused when its authority cannot pay for it. "
        + "What is *unverified* was read in no source and binds nothing.\n"
    )
    for act in acts_with_authorities():
        if not act.authorities:
            continue
        text += f"\n## {act.name.en} · *{act.name.es}*\n\n{act.citation}\n"
        for item in act.authorities:
            dates = [("from", item.from_date), ("until", item.to_date)]
            facts = [
                item.citation,
                item.regime,
                *(f"{name} {day}" for name, day in dates if day),
                *(["other names: " + ", ".join(item.aliases)] if item.aliases else []),
                *(["accounts: " + ", ".join(item.accounts)] if item.accounts else []),
                *(["only for " + ", ".join(item.partners)] if item.partners else []),
                *(["not carried out by cases"] if item.runs_on_cases is False else []),
                *([] if item.is_appropriated else ["the buyer pays; no funds open under it"]),
            ]
            text += f"\n### `{item.code}` {item.name.en} · *{item.name.es}*\n\n{'; '.join(facts)}.\n\n"
            rows = [
                [
                    told.subject_name.en,
                    both(told.sentence) + ("" if told.is_verified else " **unverified**"),
                    f"{told.source}, {told.place}" if told.place else told.source,
                ]
                for told in item.provisions
            ]
            text += table(["Subject", "What it says", "Source"], rows)
    return text


def structure_page(data_set: str) -> str:
    """Both command structures of a packaged partnership, and what no source names."""
    structure = packaged_structure(data_set)
    names = {item.code: item.name for item in structure.institutions}
    text = f"# Command structures: {data_set}\n\n{MADE}"
    text += "Each office with its source. What no source that was read names stands at the end, and is not guessed.\n"
    for party, name in structure.parties.items():
        depth: dict[str, int] = {}
        rows = []
        for item in structure.institutions:
            if item.party != party:
                continue
            depth[item.code] = depth[item.parent] + 1 if item.parent else 0
            across = "; ".join(f"{names[link.counterpart].en} ({link.reference})" for link in item.links)
            mark = " *(outside the line of command)*" if item.is_advisory else ""
            rows.append(
                [
                    "&nbsp;" * 4 * depth[item.code] + both(item.name) + mark,
                    both(item.duty),
                    across or "—",
                    str(item.reference),
                ]
            )
        text += f"\n## {name.en} · *{name.es}*\n\n" + table(
            ["Office", "What it does", "Counterpart", "Source"], rows
        )
    alone = structure.without_counterpart()
    text += (
        f"\n## Not on record\n\nNo source names a counterpart of {len(alone)} offices, and none names:\n\n"
    )
    text += "".join(
        f"- {structure.parties[item.party].en}: {both(item.what)}\n" for item in structure.not_on_record
    )
    return text


SHIPS = {
    "nothing": "nothing<br>*nada*",
    "derived": "small series made of it<br>*series pequeñas derivadas*",
    "rows": "its own rows<br>*sus propios renglones*",
}


def data_license_page() -> str:
    """What of each source of data ships, and under which terms."""
    known = sources()
    rows = [
        [
            f"`{key}`<br>{known[key].title}<br>[{entry.publisher}]({entry.address})",
            both(entry.terms),
            SHIPS[entry.ships],
            both(entry.what) + (f"<br>`{entry.file}`" if entry.file else ""),
            f"`{entry.reader}`" if entry.reader.startswith("confianza") else entry.reader,
            entry.citation,
        ]
        for key, entry in data_licenses().items()
    ]
    return (
        "# Data and their terms\n\n"
        + MADE
        + "Source by source: its terms, what of it comes with the package, and what a user imports from the "
        "publisher's file. What the terms allow ships as small series with the citation in the head of the file; "
        "data under terms that this package cannot pass on (no license, non-commercial use, GPL) are read from the "
        "file a user has. The table is `src/confianza/evidence/data/data_licenses.toml`; sources of rules and texts "
        "are on the page *Sources*.\n\n"
        + table(["Source", "Terms", "Ships", "What", "Read by", "Cite"], rows)
    )


def openapi() -> str:
    """The interface as OpenAPI."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confianza.server.settings")
    django.setup()
    from confianza.server.api.api import api

    return json.dumps(api.get_openapi_schema(path_prefix="/api/"), indent=1, ensure_ascii=False) + "\n"


def pages() -> dict[Path, str]:
    reference = DOCS / "reference"
    return {
        DOCS / "glossary.md": glossary(),
        reference / "permissions.md": permissions(),
        reference / "authorities.md": authorities(),
        **{reference / f"structures-{name}.md": structure_page(name) for name in data_sets()},
        reference / "data-licenses.md": data_license_page(),
        reference / "openapi.json": openapi(),
        reference / "commands.md": command_page(MADE),
        **{reference / "api" / f"{name}.md": text for name, text in api_pages(MADE).items()},
        **{reference / f"{edition.id}.md": edition_page(edition) for edition in rulebooks().values()},
    }


def stray_pages(made: dict[Path, str]) -> set[Path]:
    """Pages of code that is no more."""
    return set((DOCS / "reference" / "api").glob("*.md")) - set(made)


def main() -> int:
    made = pages()
    if "--check" in sys.argv:
        stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
        for path in [*stale, *stray_pages(made)]:
            print(f"{path.name} is not what it is made from gives: run python scripts/reference.py")
        return bool(stale or stray_pages(made))
    for path in stray_pages(made):
        path.unlink()
    for path, text in made.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
