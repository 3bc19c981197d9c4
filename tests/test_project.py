"""What the project says of itself is true: README, docs, tutorial, tables, licenses, layout."""

import ast
import gzip
import json
import pickle
import re
import runpy
import shlex
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.processes import run_command

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")])
PAGES_OF_TODAY = [page for page in PAGES if page.name != "CHANGELOG.md"]  # the changes tell of old names too
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def git_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


# --- README and docs ------------------------------------------------------------------------------------


def test_the_two_commands_are_the_first_of_the_readme_and_exist():
    commands = re.findall(r"^    (make \w+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert commands[:2] == ["make demo", "make test"]
    makefile = (ROOT / "Makefile").read_text()
    for page in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\bmake (\w+)", (ROOT / page).read_text()):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_readme_example_runs():
    (code,) = re.findall(r"```python\n(.+?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"(201[123] \d+ \(\d+ to \d+\)\n){3}", done.stdout)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("https://", "http://")):
            assert (page.parent / target).exists(), target


def test_every_page_of_the_docs_is_linked():
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    }
    docs = ROOT / "docs"
    unlinked = [
        path
        for path in [*docs.rglob("*.md"), *docs.rglob("*.png")]
        if path.resolve() not in linked and path.parent.resolve() not in linked and path.name != "index.md"
    ]
    assert unlinked == []


def pages_of_the_web() -> dict[str, str]:
    """What each page asks for, by the name of its address; forms, files and what only leads on are none."""
    from confianza.server.web import urls

    patterns = {str(pattern.pattern): pattern for pattern in urls.urlpatterns if hasattr(pattern, "name")}
    return {
        pattern.name: getattr(pattern.callback, "action", "")
        for route, pattern in patterns.items()
        if re.fullmatch(r"(?:[^.]+/)?", route)
        and "digest" not in route
        and route not in {"choose/", "language/"}
        and not hasattr(pattern.callback, "form_of")
    }


def test_the_index_lists_every_page_with_its_address_and_what_it_asks_for():
    from django.urls import resolve

    from confianza.cooperation.permissions import permission_table

    table = re.findall(
        r"^\| [^|]+ \| `(/[^`?]*)[^`]*` \| ([^|]+) \|", (ROOT / "docs/index.md").read_text(), re.MULTILINE
    )
    named = {resolve(address.replace("…", "AAAAAAAA")).url_name: asks for address, asks in table}
    actions = permission_table().actions
    assert named == {
        name: actions[action].text.en if action else "nothing: it signs in"
        for name, action in pages_of_the_web().items()
    }


@pytest.mark.parametrize("page", PAGES_OF_TODAY, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_address_a_page_names_is_one_of_the_web(page):
    """Without those of the version before, which only lead on."""
    from django.urls import Resolver404, resolve

    def is_known(address: str) -> bool:
        address = re.sub(r"^/p/[a-z]{2}-[a-z]{2}/", "/", address.replace("…", "x")).partition("?")[0]
        try:
            return resolve(re.sub(r"<\w+>", "wide", address)) is not None
        except Resolver404:
            return address == "/api/"

    named = re.findall(r"`(/[a-z][^` ]*/|/charts/[^` ]+)`", page.read_text(encoding="utf-8"))
    assert [address for address in named if not is_known(address)] == []


def paths_named_in(page: Path) -> set[str]:
    """The files and folders of the repository that a page names, in text or code; a * stands for any name."""
    text = page.read_text(encoding="utf-8")
    named = {word for code in re.findall(r"`([^`\n]+)`", text) for word in code.split() if "/" in word}
    named |= set(
        re.findall(
            r"(?<![\w/.])(?:src|tests|docs|scripts|faults|benchmarks|requirements)/[\w./*-]++(?!<)", text
        )
    )
    return {
        name.rstrip(".,:") for name in named if not re.search(r"^/|^https?:|[<>…{}=|]|^(?:GET|POST)$", name)
    }


NOT_HERE = {"dist/confianza.cdx.json", "#N/A"}  # what `make sbom` writes; an error of a spreadsheet


def is_there(name: str) -> bool:
    package = ROOT / "src/confianza"
    folders = (ROOT, package, package / "server/web/templates")
    return any(True for folder in folders for _ in folder.glob(name.rstrip("/")))


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES_OF_TODAY if not {"reference", "tests"} & set(page.parts)],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_path_a_page_names_exists(page):
    """A page of how it computes may leave out where the package begins."""
    has_short_names = page.parent.name == "algorithms"
    missing = {
        path
        for path in paths_named_in(page)
        if not is_there(path) and not (has_short_names and any((ROOT / "src").rglob(path)))
    }
    assert missing - NOT_HERE == set()


def test_no_two_decisions_have_one_number():
    numbers = [page.name[:4] for page in (ROOT / "docs/decisions").glob("*.md")]
    assert [number for number in numbers if numbers.count(number) > 1] == []


def test_every_component_of_the_pages_is_described():
    folder = ROOT / "src/confianza/server/web/templates/components"
    page = (ROOT / "docs/components.md").read_text()
    assert [item.name for item in folder.glob("*.html") if f"`components/{item.name}`" not in page] == []


def test_prose_is_wrapped():
    """At 120 characters; tables, links alone on a line and code may be longer."""
    pages = [page for page in PAGES if not {"reference", "tests"} & set(page.relative_to(ROOT).parts)]
    long = []
    for page in pages:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        long += [
            (page.name, line)
            for line in text.splitlines()
            if len(line) > 120 and not re.match(r"\||    |!?\[[^]]*\]\([^)]*\)$", line)
        ]
    assert long == []


def test_the_pages_made_from_tables_are_what_the_tables_give():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "reference.py", "--check"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_the_operating_page_names_every_variable_of_the_environment():
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    page = (ROOT / "docs/operating.md").read_text()
    assert set(re.findall(r"`(CONFIANZA_\w+)`", page)) == set(re.findall(r'"(CONFIANZA_\w+)"', code))


def test_the_glossary_has_every_term_in_both_languages():
    from confianza.cooperation.glossary import glossary

    for code, term in glossary().items():
        assert all(term[part][language] for part in ("name", "meaning") for language in ("en", "es")), code


def test_no_term_of_the_glossary_stands_twice():
    from confianza.cooperation.glossary import glossary

    terms = glossary().values()
    for names in (
        [term["name"]["en"].lower() for term in terms],
        [term["name"]["es"].lower() for term in terms],
        [short for term in terms for short in term.get("abbreviation", "").split(", ") if short],
    ):
        assert [name for name in names if names.count(name) > 1] == []


FORMATS = {
    "CSV",
    "DOI",
    "GPL",
    "HTML",
    "HTTP",
    "HTTPS",
    "IP",
    "ISC",
    "JSON",
    "LFS",
    "MB",
    "MIT",
    "NUL",
    "PDF",
    "TOML",
    "XLSX",
}
CODES = (
    {"AND", "BASIC", "FILE", "OF"}
    | {"II", "III", "IV", "VI", "VIII"}
    | {"CO", "MEX", "MX", "NA", "US", "XB"}
    | {"DCSGN", "MILAP"}
)
ABBREVIATION = re.compile(r"(?<![\w/.'`-])[A-Z]{2,}(?![\w'`-]|/)")


def test_every_abbreviation_on_pages_is_in_the_glossary():
    """Or stands in parentheses after its full name, as `(TEL)` does."""
    from confianza.cooperation.glossary import abbreviations

    catalog = (ROOT / "src/confianza/server/locale/es/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    texts = [
        "".join(re.findall(r'"(.*)"', message))
        for message in re.findall(r'^msgid(?:_plural)? ((?:".*"\n)+)', catalog, re.M)
    ]
    for folder in ("cooperation", "reports", "trust"):
        for table in (ROOT / "src/confianza" / folder).rglob("*.toml"):
            texts += english_texts(tomllib.loads(table.read_text(encoding="utf-8")))
    texts += english_texts(
        tomllib.loads((ROOT / "src/confianza/evidence/data/indicators.toml").read_text("utf-8"))
    )
    unknown = {
        name
        for text in texts
        for name in ABBREVIATION.findall(re.sub(r"\([^()]*\)|(?:codes?|code of) [A-Z ,and0-9]+", "", text))
    }
    assert unknown - set(abbreviations()) - FORMATS - CODES == set()


def test_worked_figures_of_the_docs_are_those_of_the_code():
    from confianza.cooperation.institutions import packaged_partnership
    from confianza.evidence.imet import compare_with_thesis
    from confianza.evidence.training_reports import bundled_figures
    from confianza.planning.seats import default_request, plan_seats, seat_options

    mexico = packaged_partnership("us-mexico")
    figures = [figure for figure in bundled_figures() if mexico.plans_from(figure.fiscal_year)]
    seat_page = (ROOT / "docs/algorithms/seat-plan.md").read_text()
    plan = plan_seats(seat_options(figures), default_request(figures))
    assert f"**{plan.cost}**" in seat_page
    assert f"{100 * plan.pme_share_cost:.1f} % PME" in seat_page
    report_page = (ROOT / "docs/algorithms/training-report.md").read_text()
    rows = [row.reports for row in compare_with_thesis(figures) if row.thesis]
    counts = [str(row.pme_student_count) for row in rows]
    shares = [f"{100 * row.pme_cost_share:.1f}" for row in rows]
    for numbers in (counts, shares):
        assert f"{', '.join(numbers[:-1])} and {numbers[-1]}" in report_page


def test_the_numbers_of_the_readme_are_those_of_the_tables():
    from confianza.cooperation.institutions import packaged_partnership, packaged_structure
    from confianza.cooperation.permissions import permission_table
    from confianza.evidence.history import history
    from confianza.evidence.relationship_record import packaged_record
    from confianza.trust.index import entering_acts

    words = {3: "three", 5: "five", 12: "twelve", 16: "sixteen", 19: "nineteen", 27: "twenty-seven"}
    acts, one = history(), packaged_partnership("us-mexico")
    record = packaged_record("us-mexico")
    years = (one.first_year, one.last_year)
    offices = packaged_structure("us-mexico").institutions
    with_counterparts = {
        code for item in offices if item.counterparts for code in (item.code, *item.counterparts)
    }
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for count, claim in (
        (len(acts), "{} acts, of which"),
        (len(entering_acts(acts, years=years, pair=one.pair)), "of which {} enter"),
        (len(record), "{} sourced records"),
        (len({item.happening for item in record}), "of {} happenings"),
        (len(with_counterparts), "the sources name the counterpart of {}"),
        (len(permission_table().roles), "{} signed-in roles"),
    ):
        assert claim.format(words.get(count, count)) in readme.lower().replace("u.s.", "U.S."), claim


def test_what_the_readme_denies_is_so():
    """Planning imports nothing of trust, and no publisher's file ships. When that changes, so must the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    planning = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "src/confianza/planning").rglob("*.py")
    )
    assert "confianza.trust" not in planning
    assert "planning does not use trust" in readme
    names = [path.name for path in git_files() if (ROOT / "src") in path.parents]
    assert not [name for name in names if re.match(r"API_|sipri-|SIPRI-", name)]
    assert "none of those ships" in readme


BRITISH = re.compile(
    r"(?<![\w-])(?:defences?|centres?|centred|enrols?|honours?|label(?:led|ling|lers?)|programmes?|behaviour(?:al)?|"
    r"colour(?:s|ed)?|favour|neighbours?|(?:organ|recogn|optim|minim|maxim|standard)is(?:e[ds]?|ers?|ing)|modelled|"
    r"licences?|(?:kilo)?metres?|learnt|instalments?|artefacts?|judgement|fulfil|cancell(?:ed|ing)|catalogues?|towards|"
    r"relabell(?:ed|ings?))(?!\w|-[a-z])",
    re.IGNORECASE,
)


def english_texts(value) -> list[str]:
    """Every `en` text of a table."""
    if isinstance(value, dict):
        return [part for key, part in value.items() if key == "en" and isinstance(part, str)] + [
            text for part in value.values() for text in english_texts(part)
        ]
    return [text for part in value for text in english_texts(part)] if isinstance(value, list) else []


def test_prose_is_in_american_spelling():
    """Quoted code, names of files and links are left as they are."""
    for page in (page for page in PAGES if "reference" not in page.parts and "sem" not in page.parts):
        prose = re.sub(
            r"```.*?```|`[^`\n]*`|\]\([^)]*\)", "", page.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        assert BRITISH.findall(prose) == [], page


@pytest.mark.parametrize("folder", ["cooperation", "evidence", "trust", "planning", "reports", "server"])
def test_the_english_of_the_tables_is_in_american_spelling(folder):
    for table in (ROOT / "src/confianza" / folder).rglob("*.toml"):
        texts = english_texts(tomllib.loads(table.read_text(encoding="utf-8")))
        assert [text for text in texts if BRITISH.search(text)] == [], table.name


def test_the_strings_of_pages_and_errors_are_in_american_spelling():
    catalog = (ROOT / "src/confianza/server/locale/es/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    english = re.sub(r"^msgstr.*?(?=^(?:#|msgid|$))", "", catalog, flags=re.DOTALL | re.MULTILINE)
    strings = [line for line in english.splitlines() if line.startswith(('"', "msgid"))]
    assert [line for line in strings if BRITISH.search(line)] == []
    errors = english_texts(error_table())
    assert [text for text in errors if BRITISH.search(text)] == []


def test_the_help_of_the_commands_is_in_american_spelling():
    from typer.main import get_command

    from confianza.cli import app

    def helps(command, name):
        yield name, command.help or ""
        for option in command.params:
            yield f"{name} {option.name}", getattr(option, "help", None) or ""
        for child, part in getattr(command, "commands", {}).items():
            yield from helps(part, f"{name} {child}")

    assert [name for name, text in helps(get_command(app), "confianza") if BRITISH.search(text)] == []


# --- commands -----------------------------------------------------------------------------------------------


def commands_named_in(page: Path) -> list[str]:
    """What a page says of `confianza`, in text or code, lines that go on joined; `add|list` stands for both."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    spans = re.findall(r"```(?:console|bash|sh)?\n(.+?)```", text, re.DOTALL)
    blocks = [line for span in spans for line in span.splitlines()]
    blocks += re.findall(r"^ {4}(.+)$", text, re.MULTILINE)
    lines = re.findall(r"(?:^|\s)confianza ((?!\w*\.)[a-z-].*)", "\n".join(blocks), re.MULTILINE)
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return lines + [code[10:] for code in re.findall(r"`(confianza\s[^`]+)`", prose)]


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES_OF_TODAY if "reference" not in page.parts],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_command_a_page_names_exists_with_its_options(page):
    from typer.main import get_command

    from confianza.cli import app

    unknown = []
    for text in commands_named_in(page):
        words = text.partition("#")[0].split()
        command = get_command(app)
        while words and hasattr(command, "commands") and not words[0].startswith(("-", "…")):
            first, *others = words.pop(0).split("|")
            unknown += [f"{text}: {name}" for name in (first, *others) if name not in command.commands]
            if first not in command.commands:
                break
            command = command.commands[first]
        known = {"--help", *(option for part in command.params for option in part.opts)}
        unknown += [f"{text}: {word}" for word in words if word.startswith("--") and word not in known]
    assert unknown == []


# --- recipes ------------------------------------------------------------------------------------------------


def test_every_name_that_a_recipe_gives_of_a_file_is_in_it():
    recipes = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)`\s+(?:of|in)\s+`((?:src|tests)/[\w/]+\.py)`", recipes)
    assert len(named) > 10
    missing = [
        (name, path)
        for name, path in named
        if not re.search(rf"\b{name}\b", (ROOT / path).read_text("utf-8"))
    ]
    assert missing == []


def test_the_reader_of_the_recipe_reads_a_file_and_names_what_is_wrong_with_another(tmp_path):
    from confianza.cooperation import sources
    from confianza.errors import ImportRefusal
    from confianza.evidence import countries, indicators, table_files

    recipes = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n( +SOURCE = .+?)```", recipes, re.DOTALL)[1]
    names = {**vars(sources), **vars(countries), **vars(table_files), **vars(indicators)}
    exec(textwrap.dedent(code), names)  # noqa: S102 - our own page
    path = tmp_path / "aircraft.csv"
    head = "Release,2026-03-01\nCountry,Year,Aircraft,Mark\nMexico,2024,412,\n"
    path.write_text(head + "United States,2024,13209,e\n")
    file = names["read_observatory"](path)
    assert file.release == "2026-03-01"
    assert [(point.country_code, point.value, point.status.value) for point in file.observations] == [
        ("MX", 412, "given"),
        ("US", 13209, "estimate"),
    ]
    path.write_text(head + "Atlantis,2024,1,?\nMexico,2024,413,\nMexico,2025,n/a,\n")
    with pytest.raises(ImportRefusal) as refusal:
        names["read_observatory"](path)
    assert [(problem.code, problem.row, problem.field) for problem in refusal.value.problems] == [
        ("observatory-cell", 4, "Country"),
        ("observatory-cell", 4, "Mark"),
        ("indicator-twice", 5, None),
        ("observatory-cell", 6, "Aircraft"),
    ]


# --- the tutorial ------------------------------------------------------------------------------------------


def commands_of(page: Path) -> list[tuple[str, list[str]]]:
    """Each command of a tutorial and the lines it shows."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.+?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def as_pattern(lines: list[str]) -> str:
    parts = [".*" if line == "…" else re.escape(line).replace("…", ".*") for line in lines]
    return "\n".join(parts)


PSEUDONYM = (
    "S-ABCD2345"  # on a page; they are drawn by lot, so the one that is printed stands for it from there on
)


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs" / "tutorials").glob("*.md")), ids=lambda page: page.stem
)
def test_a_tutorial_shows_what_its_commands_print(page, tmp_path):
    for pages in (ROOT / "tests/data/fmtr").glob("*.pdf"):
        (tmp_path / pages.name).write_bytes(pages.read_bytes())
    for given in (ROOT / "tests/data/colombia").glob("*.*"):
        (tmp_path / given.name).write_bytes(given.read_bytes())
    (tmp_path / "hs.csv").write_bytes((ROOT / "tests/sem/reference/data/hs.csv").read_bytes())
    factors = {"visual": "x1 + x2 + x3", "textual": "x4 + x5 + x6", "speed": "x7 + x8 + x9"}
    (tmp_path / "model.txt").write_text("\n".join(f"{name} =~ {items}" for name, items in factors.items()))
    environment = {"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "HOME": str(tmp_path)}
    person = None
    for command, lines in commands_of(page):
        program, *arguments = shlex.split(command if person is None else command.replace(PSEUDONYM, person))
        assert program == "confianza"
        done = run_command(arguments, folder=tmp_path, environment=environment)
        said = (done.stdout + done.stderr).strip("\n")
        pattern = as_pattern(lines)
        pattern = pattern.replace(re.escape(PSEUDONYM), person or r"(?P<person>S-\w{8})", 1)
        found = re.fullmatch(pattern.replace(re.escape(PSEUDONYM), person or "(?P=person)"), said, re.DOTALL)
        assert found, f"$ {command}\n{said}"
        person = person or found.groupdict().get("person")


# --- tables and code -----------------------------------------------------------------------------------------


def error_table() -> dict:
    return tomllib.loads((ROOT / "src/confianza/errors.toml").read_text(encoding="utf-8"))


def test_every_error_is_in_both_languages_with_the_same_parameters():
    for code, words in error_table().items():
        assert set(words) == {"en", "es"}, code
        names = [set(re.findall(r"{(\w+)", text)) for text in words.values()]
        assert names[0] == names[1], code


def test_every_error_code_of_the_table_is_raised_and_every_one_raised_is_in_it():
    code_text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    unused = [code for code in error_table() if f'"{code}"' not in code_text]
    assert unused == []
    raised = set(re.findall(r'(?:Error|Refusal|Refused|Problem|refuse)\(\s*"([a-z0-9-]+)"', code_text))
    assert raised - set(error_table()) == set()


def test_every_table_says_things_in_both_languages():
    def check(value, path):
        if isinstance(value, dict):
            if {"en", "es"} & set(value):
                assert set(value) == {"en", "es"}, path
                assert all(value.values()), path
            for key, part in value.items():
                check(part, f"{path}.{key}")
        elif isinstance(value, list):
            for number, part in enumerate(value):
                check(part, f"{path}[{number}]")

    for table in (ROOT / "src").rglob("*.toml"):
        check(tomllib.loads(table.read_text(encoding="utf-8")), table.name)


def test_the_library_imports_without_django():
    blocked = "import sys; sys.modules['django'] = None; "
    modules = (
        "sem, cooperation.cases.process, evidence.training_reports, trust.index, trust.spectrum, planning.seats, "
        "reports.charts"
    )
    code = blocked + "; ".join(f"import confianza.{name.strip()}" for name in modules.split(","))
    subprocess.run([sys.executable, "-c", code], check=True)


def names_without_docstring(path: Path) -> list[str]:
    """Public classes, functions, methods and properties of a module, and the module itself."""

    def walk(node, name):
        if ast.get_docstring(node) is None:
            yield name
        for part in [] if isinstance(node, ast.FunctionDef) else node.body:
            if isinstance(part, ast.ClassDef | ast.FunctionDef) and not part.name.startswith("_"):
                yield from walk(part, f"{name}.{part.name}")

    return list(walk(ast.parse(path.read_text(encoding="utf-8")), path.stem))


@pytest.mark.parametrize("folder", ["cooperation", "evidence", "sem", "trust", "planning", "reports"])
def test_every_public_name_of_the_library_has_a_docstring(folder):
    """The pages of docs/reference/api are made of them."""
    modules = [path for path in (ROOT / "src/confianza" / folder).rglob("*.py") if path.stat().st_size]
    assert [name for path in modules for name in names_without_docstring(path)] == []


def test_migrations_say_what_they_do_and_are_complete():
    names = [path.stem for path in (ROOT / "src").rglob("migrations/0*.py")]
    assert names
    assert not [name for name in names if "auto" in name or name.endswith("_initial")]
    done = subprocess.run(
        [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
        env={"DJANGO_SETTINGS_MODULE": "confianza.server.settings", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout


# --- licenses, places, words -----------------------------------------------------------------------------------

PERMISSIVE = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|PSF|Python-2\.0|Python Software Foundation|ISC|Zope|Zlib|CC0|Unlicense)\b",
    re.IGNORECASE,
)
COPYLEFT = re.compile(r"GPL|MPL|Mozilla|EPL|CDDL|SSPL", re.IGNORECASE)


def bill_of_materials() -> dict:
    return runpy.run_path(str(ROOT / "scripts/sbom.py"))["bill_of_materials"]()


def licenses_of(component: dict) -> str:
    entries = component.get("licenses", [])
    return "; ".join(
        entry.get("expression") or entry["license"].get("id") or entry["license"]["name"] for entry in entries
    )


def test_the_bill_of_materials_is_of_what_everybody_installs_and_all_of_it_is_permissive():
    bill = bill_of_materials()
    licenses = {canonicalize_name(item["name"]): licenses_of(item) for item in bill["components"]}
    required = {canonicalize_name(requirement.name) for requirement in requirements_of_the_project()}
    assert required | {"htmx-org", "vega", "vega-interpreter"} <= set(licenses)
    assert not {"pytest", "ruff", "psycopg", "pip"} & set(licenses)
    for name, text in licenses.items():
        assert PERMISSIVE.search(text), (name, text)
        assert not COPYLEFT.search(text), (name, text)


@pytest.mark.slow
def test_the_bill_of_materials_is_valid(tmp_path):
    """The program checks what it writes against the standard's schema."""
    script = [sys.executable, ROOT / "scripts/sbom.py", tmp_path / "bill.json"]
    subprocess.run(script, check=True)
    assert json.loads((tmp_path / "bill.json").read_text(encoding="utf-8"))["bomFormat"] == "CycloneDX"


def requirements_of_the_project(*groups: str) -> list[Requirement]:
    """What pyproject.toml requires, with these groups of its developers."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [*tables["project"]["dependencies"]]
    lines += [line for group in groups for line in tables["dependency-groups"][group]]
    return [Requirement(line) for line in lines]


def pins(name: str) -> dict[str, list[tuple[str, str]]]:
    """The versions of each distribution in a lock file, one for each range of Python, with its lines of hashes."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", "")
    versions: dict[str, list[tuple[str, str]]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            pin, *hashes = line.split("--hash=")
            requirement = Requirement(pin.strip())
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            versions.setdefault(canonicalize_name(requirement.name), []).append((specifier.version, *hashes))
    return versions


@pytest.mark.parametrize(("name", "groups"), [("run.txt", []), ("develop.txt", ["test", "check"])])
def test_the_lock_holds_what_the_project_requires(name, groups):
    """After a change of pyproject.toml: make lock."""
    locked = pins(name)
    for requirement in requirements_of_the_project(*groups):
        for version, *_ in locked[canonicalize_name(requirement.name)]:
            assert requirement.specifier.contains(version, prereleases=True), requirement


def test_the_locks_have_hashes_agree_and_name_no_index():
    develop = pins("develop.txt")
    for name in ("build.txt", "run.txt", "develop.txt"):
        assert "//" not in (ROOT / "requirements" / name).read_text(encoding="utf-8")
        for versions in pins(name).values():
            assert all(text.startswith("sha256:") for _, *hashes in versions for text in hashes)
            assert all(hashes for _, *hashes in versions)
    assert {name: develop.get(name) for name in pins("run.txt")} == pins("run.txt")


def test_nothing_names_the_place_it_was_made_in():
    forbidden = re.compile(
        r"/work/|/root/|/tmp/|\bpypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian", re.IGNORECASE
    )
    for path in git_files():
        if path.suffix in {".png", ".pdf", ".mo", ".gz", ".xz"} or path.name == Path(__file__).name:
            continue
        assert not forbidden.search(path.read_text(encoding="utf-8")), path


# What may be of one pair of countries outside the data: the demo, words of a language or a currency, names of files,
# every region of the reports.
OF_A_PAIR = {
    "server/demo.py": r".*",
    "server/people/passwords.py": r".*",  # words that make a password weak
    "evidence/bundled.py": r"fmtr_mexico_rows\.csv",
    "evidence/history.py": r"history_us_mx\.toml",
    "cooperation/sources.py": r"(?i)western.hemisphere|hemisferio occidental",
    "sem/data/columns.py": r'in "US"',  # kinds of NumPy's arrays of text
    "cooperation/money.py": r"MXN|(MX|Mex)\$",
    "reports/charts/base.py": r"es-MX",
}
PAIR = (
    r"\bMXN?\b|MX\$|\bMEX\b|us-mx|us_mx|[\"']US[\"']|M[eé]xic|M[eé]rida|SEDENA|SEMAR"
    r"|Western Hemisphere|hemisferio occ"
)


def test_code_and_pages_name_no_pair_of_countries():
    package = ROOT / "src" / "confianza"
    files = [*package.rglob("*.py"), *package.rglob("*.html")]
    assert len(files) > 400
    for path in files:
        name = path.relative_to(package).as_posix()
        if "/migrations/" in name:
            continue
        text = re.sub(OF_A_PAIR.get(name, r"(?!)"), "", path.read_text(encoding="utf-8"))
        found = re.search(PAIR, text, re.IGNORECASE)
        assert found is None, (name, found)


def test_simulated_data_is_never_in_the_evidence():
    for path in filter(Path.is_file, (ROOT / "src/confianza/evidence/data").rglob("*")):
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
        assert "Bandaria" not in text
        assert ",XB," not in text


def test_the_wheel_holds_every_table_page_and_catalog():
    """What is not Python must be in the package too, or an installed Confianza could not start."""
    inside = {
        path.suffix
        for path in (ROOT / "src").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {".toml", ".csv", ".html", ".css", ".svg", ".mo", ".po"} <= inside
    ignored = subprocess.run(
        [
            "git",
            "check-ignore",
            *map(str, (p for p in (ROOT / "src").rglob("*") if p.suffix in {".mo", ".csv", ".svg"})),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout == ""


def test_an_error_of_another_process_is_told_whole():
    from confianza.errors import ImportRefusal, Problem

    refusal = ImportRefusal([Problem("fmtr-cut-off", "volume.pdf", 3, params={"country": "MX"})])
    again = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes
    assert str(again) == str(refusal)
    assert again.problems == refusal.problems
