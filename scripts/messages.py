"""Keep the Spanish catalog of the pages: extract every string, compile, check.

python scripts/messages.py            extract into django.po (new strings have no translation yet) and compile it
python scripts/messages.py --check    exit 1 when the catalog misses a string, has one too many, or is not compiled
"""

import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SERVER = Path(__file__).parents[1] / "src" / "confianza" / "server"
FOLDER = SERVER / "locale" / "es" / "LC_MESSAGES"
PO, MO = FOLDER / "django.po", FOLDER / "django.mo"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
MADE = datetime(2026, 11, 24, tzinfo=UTC)  # fixed, so that the file changes only with its strings
PLURALS = (
    "nplurals=2; plural=(n != 1);"  # whatever release of Babel: later ones know a third form, of millions
)
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def found() -> Catalog:
    """Every string of the pages, with the file it stands in."""
    settings.configure(USE_I18N=True)
    catalog = Catalog(
        locale="es",
        header_comment="# The Spanish of the pages, kept by scripts/messages.py.",
        project="Confianza",
        version="0",
        last_translator="The Confianza developers",
        language_team="The Confianza developers",
        msgid_bugs_address="-",
        revision_date=MADE,
        creation_date=MADE,
        fuzzy=False,
    )
    catalog.mime_headers = [("Plural-Forms", PLURALS)]
    for path in sorted([*SERVER.rglob("*.py"), *SERVER.rglob("*.html")]):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            lines = templatize(text, origin=str(path)).splitlines()
            text = "\n".join(line.lstrip() for line in lines)  # the indentation of HTML is not that of Python
        place = path.relative_to(SERVER).as_posix()
        for _, message, _, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
            catalog.add(message, locations=[(place, None)], context=context)
    return catalog


def kept() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="es")


def strings(message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def texts(catalog: Catalog) -> dict:
    """What each string is in Spanish; not the header, which names the release of Babel."""

    def said(text):
        return text if isinstance(text, str) else tuple(text)

    return {(said(message.id), message.context): said(message.string) for message in catalog if message.id}


def compiled() -> dict:
    with MO.open("rb") as file:
        return texts(read_mo(file))


def faults(wanted: Catalog, catalog: Catalog) -> list[str]:
    """What is wrong with the catalog, one sentence a string."""
    lines = []
    for message in wanted:
        if not message.id:
            continue
        there = catalog.get(message.id, message.context)
        if there is None or not all(strings(there)):
            lines.append(f"not translated: {message.id!r}")
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        if any(
            set(PLACEHOLDER.findall(ids[-1])) != set(PLACEHOLDER.findall(text)) for text in strings(there)
        ):
            lines.append(f"other placeholders: {message.id!r}")
    lines += [
        f"no longer used: {message.id!r}"
        for message in catalog
        if message.id and wanted.get(message.id, message.context) is None
    ]
    if not MO.exists() or compiled() != texts(catalog):
        lines.append("django.mo is not that of django.po: run python scripts/messages.py")
    return lines


def main() -> int:
    wanted = found()
    if "--check" in sys.argv:
        lines = faults(wanted, kept())
        print("\n".join(lines) or "Every string of the pages is translated.")
        return bool(lines)
    if PO.exists():
        catalog = kept()
        for message in wanted:
            if message.id and (there := catalog.get(message.id, message.context)):
                message.string = there.string
    FOLDER.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, wanted, width=110, omit_header=False, include_lineno=False, sort_output=True)
    with MO.open("wb") as file:
        write_mo(file, wanted)
    missing = sum(bool(message.id) and not all(strings(message)) for message in wanted)
    print(f"{PO}: {len(wanted)} strings, {missing} without a translation.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
