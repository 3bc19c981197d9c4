"""Every command: what it does, and one clear error for a mistake."""

import csv
import io
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from confianza.cli.renamed import RENAMED

PAGES = Path(__file__).parents[1] / "data" / "fmtr"
CASE = "E7-B-UAE"


def refused(shell, *arguments) -> str:
    error = shell.run(*arguments, code=1).stderr
    assert "Traceback" not in error
    assert error.strip()
    return error


@pytest.mark.parametrize(
    "command",
    [
        "",
        "demo",
        "serve",
        "case",
        "case record",
        "evidence",
        "evidence import",
        "evidence import fmtr",
        "evidence reconcile",
        "evidence compare",
        "training-reports",
        "training-reports summary",
        "training-reports rows",
        "training-reports unmatched",
        "training-reports classify",
        "training-plans",
        "training-plans record",
        "people",
        "audit",
        "rules",
        "rules diff",
        "case conform",
        "funds",
    ],
)
def test_help_explains_every_command(empty, command):
    out = empty.run(*command.split(), "--help").stdout
    assert "Usage: " in out
    described = re.findall(r"^│ (\S+) +(\S.*?) +│$", out, re.MULTILINE)
    assert all(text for _, text in described)


def test_a_fork_prints_what_a_process_of_its_own_does(shell):
    helps = [("--help",), ("sem", "fit", "--help")]
    for command in [*helps, ("case", "list"), ("audit", "verify"), ("training-reports", "summary")]:
        assert shell.run(*command).stdout == shell.run_alone(*command).stdout


def test_the_version_is_printed(empty):
    assert re.fullmatch(r"confianza \d+\.\d+\.\d+\n", empty.run("--version").stdout)


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_renamed_command_works_under_its_old_name_and_says_the_new_one(empty, old, new):
    done = empty.run(*old.split(), "--help")
    assert done.stdout == empty.run(*new.split(), "--help").stdout
    assert done.stderr == (
        f"'confianza {old}' is called 'confianza {new}' now; the next version knows the new name only.\n"
    )


def test_a_renamed_command_does_what_it_did(shell):
    old, new = shell.run("track", "list"), shell.run("training-plans", "list")
    assert (old.stdout, new.stderr) == (new.stdout, "")
    shell.environment["LANG"] = "es_MX.UTF-8"
    assert "se llama ahora 'confianza training-plans'" in shell.run("track", "list").stderr


def test_renamed_commands_are_listed_in_no_help(empty):
    for command in ((), ("case",), ("evidence",), ("training-reports",), ("training-plans",), ("alumni",)):
        names = re.findall(r"^│ (\S+)", empty.run(*command, "--help").stdout, re.MULTILINE)
        prefix = " ".join(command)
        assert not [name for name in names if f"{prefix} {name}".strip() in RENAMED]


# --- a case, from opening to its close ---------------------------------------------------------------

WALK = [
    ("2012-10-15", "cooperation-officer", "define-requirement", ["objective=Coastal rescue"]),
    ("2012-10-24", "case-manager", "evaluate-solution", ["finding=Radios in service elsewhere"]),
    ("2012-11-02", "cooperation-officer", "submit-request", ["request_reference=MOR BN-13-02"]),
    (
        "2012-11-20",
        "case-manager",
        "add-line",
        ["line=001", "description=Radios", "quantity=4", "unit_cost=2500"],
    ),
    ("2012-12-03", "case-manager", "prepare-loa", []),
    ("2012-12-12", "case-writer", "review-quality", []),
    ("2012-12-17", "program-director", "approve-dsca", []),
    ("2012-12-19", "state-reviewer", "approve-state", []),
    ("2013-01-07", "case-manager", "inform-partner", []),
    ("2013-01-14", "case-manager", "accept-offer", []),
    ("2013-01-22", "program-director", "transfer-funds", ["amount=10500"]),
    ("2013-01-25", "resource-manager", "implement-case", []),
    ("2013-02-11", "case-manager", "obligate", ["line=001", "amount=10000"]),
    ("2013-05-20", "case-manager", "deliver", ["line=001", "quantity=4"]),
    ("2013-05-28", "cooperation-officer", "inventory", ["line=001", "quantity=4"]),
    ("2013-06-04", "cooperation-officer", "transfer-custody", ["line=001", "quantity=4"]),
    ("2013-06-10", "cooperation-officer", "begin-monitoring", []),
    ("2013-06-20", "resource-manager", "pay", ["line=001", "amount=10000"]),
    ("2013-07-01", "case-manager", "begin-closure", []),
    ("2013-07-05", "case-manager", "return-residual", []),
    ("2013-07-15", "case-manager", "report-final", ["objectives_met=Yes", "lessons=None"]),
    ("2013-07-20", "case-manager", "close-case", []),
]


def opened(shell, identifier=CASE):
    shell.run(
        *("case", "open", identifier, "--title", "Radios", "--partner", "BN"),
        *("--funds", "BN-FY2013", "--as", "cooperation-officer"),
    )


def step(shell, on, account, name, fields, **more):
    return shell.run("case", "record", CASE, name, *fields, "--as", account, "--on", on, **more)


def test_a_case_is_carried_through_all_five_phases(shell):
    opened(shell)
    for number, (on, account, name, fields) in enumerate(WALK):
        assert number % 5 or name in shell.run("case", "next", CASE, "--on", on).stdout
        step(shell, on, account, name, fields)
    shown = shell.run("case", "show", CASE).stdout
    assert len(re.findall(r"^  \d\. .+\d{4}-\d\d-\d\d  \d{4}-\d\d-\d\d$", shown, re.MULTILINE)) == 5
    assert re.search(r"expended +\S*10,000", shown)
    assert re.search(r"returned +\S*500", shown)
    assert "closed" in shell.run("case", "list").stdout
    assert "Nothing is left to do" in shell.run("case", "next", CASE).stdout
    assert "the chain holds" in shell.run("audit", "verify").stdout


def test_a_case_is_the_same_document_for_commands_and_programs(shell):
    """Without an account the operator sees every case, with one what the account sees."""
    shown = ("case", "show", "E7-B-UAD", "--format", "json")
    case = json.loads(shell.run(*shown).stdout)
    assert case == json.loads(shell.run(*shown, "--as", "auditor").stdout)
    assert (case["identifier"], case["phase"]) == ("E7-B-UAD", "execution")
    assert case["lines"][0]["cost"] == {"minor": 20_800_000, "currency": "USD"}
    actions = json.loads(
        shell.run("case", "next", "E7-B-UAD", "--on", "2013-03-04", "--format", "json").stdout
    )
    assert [action["step"] for action in actions][:2] == ["obligate", "deobligate"]
    assert len(json.loads(shell.run("case", "list", "--format", "json").stdout)) == 4
    liaison = ("--as", "bandaria-liaison")
    assert shell.run("case", "list", *liaison).stdout == ""
    for command in ("show", "next"):
        assert "No case 'E7-B-UAD' is visible" in refused(shell, "case", command, "E7-B-UAD", *liaison)
    shell.run("case", "share", "E7-B-UAD", "--as", "cooperation-officer")
    assert shell.run("case", "list", *liaison).stdout.startswith("E7-B-UAD  ")
    assert json.loads(shell.run(*shown, *liaison).stdout)["identifier"] == "E7-B-UAD"


def test_what_waits_on_cases_is_listed_for_an_account_or_for_everybody(shell):
    officer = shell.run("case", "next", "--as", "cooperation-officer").stdout
    assert "BN-B-SAA  2023-01-18  confirm-receipt (Boat 1)  [Security Cooperation Office (SCO)]" in officer
    assert set(officer.splitlines()) < set(shell.run("case", "next").stdout.splitlines())
    assert shell.run("case", "next", "--as", "assessor").stdout == "No pending actions.\n"


def test_names_of_a_case_are_in_the_language_of_the_terminal(shell):
    shell.environment["LANG"] = "es_MX.UTF-8"
    assert "1. Planeación" in shell.run("case", "show", "E7-B-UAD").stdout
    assert "[Organismo ejecutor (IA)]" in shell.run("case", "next", "E7-B-UAD", "--on", "2013-03-04").stdout


def test_a_gate_refuses_with_rule_reason_and_remedy(shell):
    opened(shell)
    for on, account, name, fields in WALK[:12]:
        step(shell, on, account, name, fields)
    before = shell.run("audit", "verify").stdout
    late = shell.run(
        *("case", "record", CASE, "obligate", "line=001", "amount=10000", "--as", "case-manager"),
        *("--on", "2013-10-01"),
        code=1,
    ).stderr
    assert "2013-09-30" in late
    assert "[obligate-before-expiry, martinez-2014, p. 55]" in late
    early = refused(
        shell, "case", "record", CASE, "begin-closure", "--as", "case-manager", "--on", "2013-03-01"
    )
    assert "001" in early
    assert shell.run("audit", "verify").stdout == before


def test_many_hands_on_one_case_lose_nothing(shell):
    """Nine at once deliver five of forty radios each: eight are recorded, one is refused."""
    hands = [
        shell.start(
            *("case", "record", "E7-B-UAD", "deliver", "line=001", "quantity=5"),
            *("--as", "case-manager", "--on", "2013-05-20"),
        )
        for _ in range(9)
    ]
    said = [hand.communicate(timeout=120) for hand in hands]
    codes = sorted(hand.returncode for hand in hands)
    assert codes == [0] * 8 + [1], said
    assert "delivered 40" in shell.run("case", "show", "E7-B-UAD").stdout
    assert "the chain holds" in shell.run("audit", "verify").stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["case", "show", "XX-X-XXX"], "XX-X-XXX"),
        (["case", "record", "E7-B-UAD", "deliver", "line=001", "quantity=-2", "--as", "case-manager"], "-2"),
        (["case", "record", "E7-B-UAD", "deliver", "line001", "--as", "case-manager"], "line001"),
        (["case", "record", "E7-B-UAD", "fly", "--as", "case-manager"], "fly"),
        (["case", "record", "E7-B-UAD", "deliver", "line=001", "quantity=1", "--as", "nobody"], "nobody"),
        (["case", "record", "E7-B-UAD", "deliver", "line=001", "quantity=1", "--as", "enlace"], "enlace"),
        (["case", "share", "E7-B-UAD", "--as", "case-manager"], "case-manager"),
        (["evidence", "import", "fmtr", "missing.pdf", "--as", "assessor"], "missing.pdf"),
        (["evidence", "reconcile", "missing.pdf"], "missing.pdf"),
        (["training-reports", "summary", "--partner", "Atlantis"], "Atlantis"),
        (["training-reports", "summary", "--from", "2012", "--to", "2008"], "2012"),
        (["training-reports", "rows", "--school", "WHINSECK"], "WHINSEC"),
        (["training-reports", "rows", "--output", "rows.doc"], "rows.doc"),
        (["training-reports", "rows", "--output", "none/rows.csv"], "none/rows.csv"),
        (
            ["people", "add", "assessor", "--role", "assessor", "--party", "US", "--password", "x" * 14],
            "assessor",
        ),
        (["people", "add", "ana", "--role", "queen", "--party", "US", "--password", "x" * 14], "queen"),
    ],
)
def test_a_mistake_is_one_clear_error_that_names_the_value(shell, arguments, named):
    before = shell.run("audit", "verify").stdout
    assert named in refused(shell, *arguments)
    assert shell.run("audit", "verify").stdout == before


def test_errors_are_in_spanish_where_the_terminal_is(shell):
    shell.environment["LANG"] = "es_MX.UTF-8"
    assert "Ningún caso" in refused(shell, "case", "show", "XX-X-XXX")


def test_a_command_without_a_workspace_says_how_to_get_one(empty):
    if "CONFIANZA_DATABASE_URL" in empty.environment:
        pytest.skip("a PostgreSQL workspace is no file")
    assert "confianza demo" in refused(empty, "case", "list")
    assert not (empty.folder / "confianza.sqlite3").exists()


def test_the_last_hash_tells_a_log_that_was_cut_off_with_its_head(shell):
    before = shell.run("audit", "verify").stdout
    (number, digest) = re.search(r"Last hash, of event (\d+): ([0-9a-f]{64})$", before).groups()
    assert before.startswith(f"{number} events")
    shell.run("case", "share", "E7-B-UAD", "--as", "cooperation-officer")
    assert digest not in shell.run("audit", "verify").stdout


def test_sharing_is_recorded(shell):
    assert "shared" in shell.run("case", "share", "E7-B-UAD", "--as", "cooperation-officer").stdout
    assert (
        "no longer" in shell.run("case", "share", "E7-B-UAD", "--as", "cooperation-officer", "--stop").stdout
    )


def test_a_document_is_attached_with_its_file_and_the_case_tells_what_is_due(shell):
    (shell.folder / "plan.txt").write_text("simulated plan", encoding="utf-8")
    who = ["--as", "case-manager", "--on", "2023-01-10"]
    assert (
        "attached" in shell.run("case", "attach", "BN-B-SAA", "transportation-plan", "plan.txt", *who).stdout
    )
    assert "none.txt cannot be read" in refused(
        shell, "case", "attach", "BN-B-SAA", "other", "none.txt", *who
    )
    forged = ["kind=other", "file_name=plan.txt", f"digest={'0' * 64}"]
    assert "only with its file" in refused(
        shell, "case", "record", "BN-B-SAA", "attach-document", *forged, *who
    )
    shown = shell.run("case", "show", "BN-B-SAA", "--on", "2023-01-20").stdout
    assert shown.startswith("BN-B-SAA-BASIC  Implemented")
    assert "clock Case development: 53 of 60 days since 2021-10-18" in shown
    assert re.search(r"due 2023-01-18  Confirm the receipt \(Boat 1\)  OVERDUE", shown)


def test_cases_of_a_project_are_opened_under_it(shell):
    who = ["--as", "program-director"]
    what = ["--title", "Coast", "--authority", "333", "--partner", "BN"]
    shell.run("projects", "add", "BN-COAST", *what, *who)
    opening = ["--title", "x", "--partner", "BN", "--funds", "BN-FY2026", "--edition", "samm-2026", *who]
    for name in ("BN-B-SBX", "BN-P-SBY"):
        shell.run("case", "open", name, *opening, "--project", "BN-COAST")
    assert "NONE" in refused(shell, "case", "open", "BN-D-SBZ", *opening, "--project", "NONE")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["rules", "bpmn", "samm-2026", "none/x.bpmn"], "none/x.bpmn cannot be"),
        (["rules", "show", "samm-2026", "--language", "fr"], "'fr'"),
        (["case", "conform", "log.csv", "--edition", "samm-2026", "--format", "yaml"], "'yaml'"),
        (["case", "export", "none/x.csv", "--as", "auditor"], "none/x.csv cannot be"),
    ],
)
def test_an_output_or_choice_that_there_is_not_is_one_clear_error(shell, arguments, named):
    done = shell.start(*arguments)
    _, error = done.communicate(timeout=120)
    assert done.returncode in {1, 2}
    assert named in error
    assert "Traceback" not in error


# --- evidence and training ---------------------------------------------------------------------------------

MEXICO = ("--partner", "MEX")


def test_a_volume_is_imported_once(shell):
    what = ("evidence", "import", "fmtr", PAGES / "mx_2011_2012.pdf", *MEXICO, "--as", "assessor")
    first = shell.run(*what).stdout
    assert re.search(
        r"FY2011, \d+ rows of 1 country; (\d+) of \1 printed totals reconcile; 1 of 1 country named", first
    )
    assert "nothing changed" in shell.run(*what).stdout
    listed = json.loads(shell.run("evidence", "list", "--format", "json").stdout)
    assert [(row["file_name"], row["row_count"]) for row in listed if row["total_count"]] == [
        ("mx_2011_2012.pdf", 230)
    ]
    assert (
        "Every printed total reconciles." in shell.run("evidence", "reconcile", "--only-differences").stdout
    )
    totals = shell.run("evidence", "reconcile", *MEXICO, "--format", "csv").stdout.splitlines()
    assert totals[0].startswith("fiscal_year,partner,program,students,printed_students,dollars,")
    assert len(totals) == 9


def test_files_are_reconciled_without_a_workspace(empty):
    volumes = sorted(PAGES.glob("mx_*.pdf"))
    rows = json.loads(empty.run("evidence", "reconcile", *MEXICO, *volumes, "--format", "json").stdout)
    assert len(rows) == 52
    assert all(row["reconciles"] and row["students"] == row["printed_students"] for row in rows)
    assert list(empty.folder.iterdir()) == []


def test_a_text_that_no_rule_fits_is_listed_and_settled(shell):
    listed = ("training-reports", "unmatched", "--field", "category", "--format", "json")
    every = json.loads(shell.run(*listed).stdout)
    (found,) = [row for row in every if row["student_count"] == 45]
    assert (found["row_count"], found["partner_code"]) == (1, "")
    assert found["text"] in shell.run("training-reports", "unmatched").stdout
    what = (
        "training-reports",
        "classify",
        found["text"].lower(),
        "--field",
        "category",
        "--reason",
        "Known.",
        "--means",
    )
    assert "others" in refused(shell, *what, "others", "--as", "assessor")
    assert "enlace" in refused(shell, *what, "other", "--as", "enlace")
    assert shell.run(*what, "other", "--as", "assessor").stdout.endswith(" is other on 1 row.\n")
    assert json.loads(shell.run(*listed).stdout) == [row for row in every if row != found]
    assert shell.run(*what, "", "--as", "assessor").stdout.endswith(" is for the rules again on 1 row.\n")
    assert json.loads(shell.run(*listed).stdout) == every


def test_a_volume_and_the_tidy_file_are_compared_row_for_row(empty):
    volume, tidy = PAGES / "mx_2012_2013.pdf", PAGES / "tidy_mexico_2012_2013.tsv"
    text = tidy.read_text("utf-8")
    same = empty.run("evidence", "compare", tidy, tidy).stdout
    assert same == "29 rows are the same in both, and none differs.\n"
    (empty.folder / "other.tsv").write_text(text.replace("MONTEREY", "MONTERREY", 1), "utf-8")
    told = json.loads(empty.run("evidence", "compare", tidy, "other.tsv", "--format", "json", code=1).stdout)
    assert [(row["field"], "MONTERREY" in row["theirs"]) for row in told] == [("us_unit", True)]
    whole = empty.run("evidence", "compare", volume, tidy, *MEXICO, code=1).stdout
    assert "29 rows are the same in both, 289 differ." in whole
    other = PAGES / "mx_2011_2012.pdf"
    assert "no country of a year in common" in refused(empty, "evidence", "compare", other, tidy, *MEXICO)


def test_a_summary_answers_from_the_rows_that_ship(shell):
    what = ("training-reports", "summary", *MEXICO, "--from", 2008, "--to", 2012)
    document = json.loads(shell.run(*what, "--format", "json").stdout)
    rows, total = document["rows"], document["total"]
    assert [row["values"]["fiscal_year"] for row in rows] == [2008, 2009, 2010, 2011, 2012]
    for name in ("student_count", "course_count", "pme_student_count", "pme_course_count"):
        assert total[name] == sum(row[name] for row in rows)
    for name in ("cost", "pme_cost"):
        assert total[name]["minor"] == sum(row[name]["minor"] for row in rows)
    for row in (*rows, total):
        assert row["pme_student_share"] == row["pme_student_count"] / row["student_count"]
        assert row["pme_cost_share"] == row["pme_cost"]["minor"] / row["cost"]["minor"]
    table = list(csv.DictReader(io.StringIO(shell.run(*what, "--format", "csv").stdout)))
    for line, row in zip(table, rows, strict=True):
        assert int(line["students"]) == row["student_count"]
        assert float(line["dollars"]) == row["cost"]["minor"] / 100
        assert float(line["pme_share_courses"]) == round(row["pme_course_share"], 4)
    imet = json.loads(shell.run(*what, "--program", "imet", "--format", "json").stdout)["rows"]
    assert [row["student_count"] for row in imet] == [27, 120, 61, 49, 47]  # table 2 of the thesis
    text = shell.run(*what, "--by", "school", "--by", "category").stdout.splitlines()
    assert text[0].split()[:4] == ["school", "category", "students", "courses"]
    assert text[-1].split()[0] == "all"
    assert "No imported row matches" in shell.run("training-reports", "summary", "--partner", "BR").stdout
    assert "No imported row matches" in shell.run(*what, "--status", "planned").stdout


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "parquet"])
def test_rows_are_written_in_the_form_of_the_name(shell, form):
    what = ("training-reports", "rows", *MEXICO, "--institution", "SEMAR", "--from", 2012)
    said = shell.run(*what, "--output", f"rows.{form}").stdout
    count = int(re.fullmatch(rf"rows\.{form}: (\d+) rows\.\n", said)[1])
    content = (shell.folder / f"rows.{form}").read_bytes()
    assert count
    if form in {"csv", "json"}:
        printed = shell.run(*what, "--format", form).stdout
        assert printed.encode() == content
        rows = json.loads(content) if form == "json" else content.splitlines()[1:]
        assert len(rows) == count
    assert sorted(path.name for path in shell.folder.glob("*rows*")) == [f"rows.{form}"]


def test_normalizing_again_changes_nothing(shell):
    said = shell.run("training-reports", "normalize", "--as", "assessor").stdout
    assert said == "Every row agrees with the current rules already.\n"
    assert "enlace" in refused(shell, "training-reports", "normalize", "--as", "enlace")


def test_rows_follow_rules_of_ones_own(shell):
    rules = """
        version = "our-1"
        [[category]]
        id = "ours"
        value = "other"
        pattern = "WAR COLLEGE"
        reason = { en = "Ours.", es = "Nuestra." }
    """
    shell.environment["CONFIANZA_TRAINING_RULES"] = "ours.toml"
    (shell.folder / "ours.toml").write_text(rules)
    said = shell.run("training-reports", "normalize", "--as", "assessor").stdout
    assert re.search(r"^category: pme is now other on \d+ rows$", said, re.MULTILINE)
    told = shell.run("training-reports", "rows", "--category", "other", "--format", "csv").stdout
    assert "category=ours" in told
    assert "+our-1," in told
    (shell.folder / "ours.toml").write_text(rules.replace('"other"', '"others"'))
    assert "ours.toml, row 1, field category" in refused(shell, "training-reports", "summary")


EARLY = """<HTML><BODY><TABLE>
<TR><TD>Contents</TD></TR><TR><TD>Korea</TD></TR>
<TR><TD><B>Mexico, IMET, FY 99</B></TD></TR>
<TR><TD>ORIENT TOUR</TD><TD>1</TD><TD>$10</TD></TR>
<TR><TD>FY 99 Totals: </TD><TD>1</TD><TD>$10</TD></TR>
<TR><TD>Program Totals: </TD><TD>1</TD><TD>$10</TD></TR>
<TR><TD>Country Totals: </TD><TD>1</TD><TD>$10</TD></TR>
</TABLE></BODY></HTML>"""


def test_a_country_named_and_not_read_does_not_reconcile(empty):
    (empty.folder / "page.html").write_text(EARLY)
    text = empty.run("evidence", "reconcile", "page.html").stdout
    assert "page.html: 1 of 2 countries named was read (not read: South Korea)." in " ".join(text.split())
    (row,) = json.loads(
        empty.run("evidence", "reconcile", "page.html", "--only-differences", "--format", "json").stdout
    )
    assert (row["partner"], row["program"], row["reconciles"]) == ("KR", "whole country, not read", False)


def test_every_file_of_an_import_is_tried_and_those_refused_are_named(shell):
    (shell.folder / "good.html").write_text(EARLY)
    (shell.folder / "bad.html").write_text(EARLY.replace("FY 99", "1999"))
    order = ("evidence", "import", "fmtr", "bad.html", "missing.pdf", "good.html", "--as", "assessor")
    outcome = shell.run(*order, code=1)
    assert "good.html: FY1999, 1 rows of 1 country; 3 of 3 printed totals reconcile" in outcome.stdout
    assert "bad.html, page 1: no program of country training activities" in outcome.stderr
    assert "2 of 3 files were refused: bad.html, missing.pdf." in outcome.stderr
    listed = json.loads(shell.run("evidence", "list", "--format", "json").stdout)
    assert [row["file_name"] for row in listed if row["total_count"]] == ["good.html"]


def test_a_block_that_cannot_be_read_is_set_aside_and_named(shell):
    (shell.folder / "damaged.html").write_text(EARLY.replace("Mexico", "Ruritania"))
    said = shell.run("evidence", "import", "fmtr", "damaged.html", "--as", "assessor").stdout
    assert "1 block set aside: country not known program not known, p. 1 (" in said
    (listed,) = json.loads(shell.run("evidence", "set-aside", "--format", "json").stdout)
    assert "Ruritania, IMET" in listed["reasons"][0] + listed["text"]
    assert "Without 1 block that could not be read" in shell.run("training-reports", "summary").stderr
    assert (
        "entries. Of the volumes at hand: "
        in shell.run("evidence", "rebuild-table", "--as", "assessor").stdout
    )


def test_a_country_that_is_not_in_the_file_is_refused(shell):
    volume = PAGES / "mx_2011_2012.pdf"
    assert "BR" in refused(shell, "evidence", "import", "fmtr", volume, "--partner", "BR", "--as", "assessor")


# --- people --------------------------------------------------------------------------------------------------


def test_an_account_is_added_and_listed(shell):
    shell.run(
        *("people", "add", "ana", "--role", "assessor", "--party", "MX", "--language", "es"),
        *("--password", "una-frase-larga-4"),
    )
    assert re.search(r"ana +assessor +MX es", shell.run("people", "list").stdout)


def test_a_password_is_made_or_read_and_need_not_stand_on_the_command_line(shell):
    ana = ("people", "add", "ana", "--role", "assessor", "--party", "MX")
    made = re.search(r"Temporary password: (\S+),", shell.run(*ana).stdout)[1]
    assert re.fullmatch(r"\w{4}(-\w{4}){3}", made)
    process = shell.start("people", "password", "ana", "--password", "-", stdin=subprocess.PIPE)
    told, error = process.communicate("passwordpassword\n", timeout=60)
    assert process.returncode == 1
    assert "easy to guess" in error
    process = shell.start("people", "password", "ana", "--password", "-", stdin=subprocess.PIPE)
    told, error = process.communicate("otra-frase-larga-5\n", timeout=60)
    assert (process.returncode, told) == (
        0,
        "ana: new password. The password is to be changed at the first sign-in.\n",
    ), error


def test_an_account_is_closed_reopened_and_given_another_role(shell):
    shell.run("people", "add", "ana", "--role", "assessor", "--party", "MX")
    assert shell.run("people", "role", "ana", "auditor").stdout == "ana: auditor.\n"
    assert shell.run("people", "close", "ana").stdout == "ana: closed.\n"
    assert re.search(r"ana +auditor +MX en closed", shell.run("people", "list").stdout)
    share = ("case", "share", "E7-B-UAD", "--as", "ana")
    assert "no account 'ana'" in refused(shell, *share)
    assert "is closed" in refused(shell, "people", "close", "ana")
    assert "ana: open again. Temporary password: " in shell.run("people", "reopen", "ana").stdout
    assert "nobody" in refused(shell, "people", "close", "nobody")
    assert "account of the demo" in refused(shell, "people", "close", "assessor")
    shell.run("audit", "verify")


# --- rules, many cases, funds ---------------------------------------------------------------------------


def test_rules_are_shown_compared_and_drawn_without_a_workspace(empty):
    assert "samm-2026" in empty.run("rules", "show").stdout
    shown = empty.run("rules", "show", "samm-2012-legacy", "--language", "es").stdout
    assert "[sin verificar]" in shown
    assert "package-in-24-hours" in shown
    assert "- Steps  open-modification" in empty.run("rules", "diff", "samm-2012-legacy", "samm-2026").stdout
    assert "same" in empty.run("rules", "diff", "samm-2026", "samm-2026").stdout
    empty.run("rules", "bpmn", "samm-2026", "process.bpmn")
    assert "<bpmn:definitions" in (empty.folder / "process.bpmn").read_text(encoding="utf-8")
    assert "There are: samm-2012-legacy" in refused(empty, "rules", "show", "samm-1999")
    assert not (empty.folder / "confianza.sqlite3").exists()


def test_a_history_is_held_against_an_edition(empty):
    log = empty.folder / "log.csv"
    log.write_text(
        "case,activity,on,role\n"
        "A,submit-request,2014-01-02,requesting_authority\n"
        "A,find-actionable,2014-01-03,partner_liaison\n",
        encoding="utf-8",
    )
    found = empty.run("case", "conform", "log.csv", "--edition", "samm-2012-legacy", code=1).stdout
    assert (
        "row 3  2014-01-03  find-actionable: skipped: never recorded before it: Receive the request" in found
    )
    assert "wrong-actor: partner_liaison is not responsible for it  [responsible-office]" in found
    document = json.loads(
        empty.run(
            "case", "conform", "log.csv", "--edition", "samm-2012-legacy", "--format", "json", code=1
        ).stdout
    )
    assert [item["kind"] for item in document["deviations"]] == ["skipped", "wrong-actor"]
    log.write_text("case,activity\nA,pay\n", encoding="utf-8")
    assert "lacks the column" in refused(empty, "case", "conform", "log.csv", "--edition", "samm-2026")


def test_cases_come_in_and_go_out_as_files(shell):
    (shell.folder / "cases.csv").write_text(
        "identifier,title,partner,funds,edition\nBN-B-SBA,One,BN,BN-FY2026,samm-2026\n", encoding="utf-8"
    )
    who = ["--as", "program-director"]
    assert "1 cases would be opened" in shell.run("case", "import", "cases.csv", "--dry-run", *who).stdout
    assert "1 cases opened" in shell.run("case", "import", "cases.csv", *who).stdout
    assert "0 cases opened, 1 were there" in shell.run("case", "import", "cases.csv", *who).stdout
    for name in ("out.csv", "out.xlsx", "out.xes"):
        shell.run("case", "export", name, *who)
        assert (shell.folder / name).stat().st_size > 500
    assert "BN-B-SBA" in (shell.folder / "out.csv").read_text(encoding="utf-8-sig")
    assert ".csv, .xlsx, .xes" in refused(shell, "case", "export", "out.doc", *who)
    assert "row 2" in refused_import(shell)


def refused_import(shell) -> str:
    (shell.folder / "bad.csv").write_text(
        "identifier,title,partner,funds,edition\nrescue,One,BN,BN-FY2026,samm-2026\n", encoding="utf-8"
    )
    return refused(shell, "case", "import", "bad.csv", "--as", "program-director")


def test_funds_are_told_and_their_lapse_recorded_once(shell):
    assert re.search(
        r"^E7 \(simulated\): .*\(sum \$0\.00\)$", shell.run("funds", "statement").stdout, re.MULTILINE
    )
    assert "There are: case" in refused(shell, "funds", "statement", "--by", "moon")
    told = shell.run("funds", "what-if", "--on", "2027-09-30").stdout
    assert "BN-FY2026 (available) is expired at midnight of 2027-09-30 (program code BN). (simulated)" in told
    shell.run("funds", "lapse", "--as", "resource-manager", "--on", "2023-10-01")
    again = shell.run("funds", "lapse", "--as", "resource-manager", "--on", "2023-10-01").stdout
    assert "Nothing has lapsed" in again
    assert "may not" in refused(shell, "funds", "lapse", "--as", "assessor", "--on", "2023-10-01")
    ahead = refused(shell, "funds", "lapse", "--as", "resource-manager", "--on", "2999-10-01")
    assert "2999-10-01 is after today" in ahead


def test_projects_and_funds_are_opened_and_their_dates_revised(shell):
    who = ["--as", "program-director"]
    what = ["--title", "Coast", "--authority", "333", "--partner", "BN"]
    assert "not approved yet" in shell.run("projects", "add", "BN-COAST", *what, *who).stdout
    assert "second person" in refused(shell, "projects", "approve", "BN-COAST", *who)
    shell.run("projects", "approve", "BN-COAST", "--as", "state-reviewer", "--on", "2026-01-05")
    assert "2026-01-05" in shell.run("projects", "list").stdout
    funds = "--name New --nombre Nuevos --amount 1000 --fiscal-year 2026 --program BN --partner BN"
    funds += " --regime title-10 --authority 333"
    dates = ["--available-from", "2025-10-01", "--available-until", "2025-12-12"]
    assert "opened" in shell.run("funds", "open", "BN-CR", *funds.split(), *dates, *who).stdout
    assert "nothing was stored" in refused(shell, "funds", "open", "BN-CR", *funds.split(), *dates, *who)
    longer = [
        "--known-from",
        "2025-12-10",
        "--available-from",
        "2025-10-01",
        "--available-until",
        "2026-09-30",
    ]
    assert "known from 2025-12-10" in shell.run("funds", "dates", "BN-CR", *longer, *who).stdout
    told = shell.run("funds", "what-if", "--on", "2025-12-11").stdout
    assert "$1,000.00 of BN-CR (available) is expired at midnight of 2026-09-30" in told


def test_authorities_are_listed_shown_and_asked_for(shell):
    assert "10 U.S.C. 333" in shell.run("authorities", "list").stdout
    told = shell.run("authorities", "show", "Section 332").stdout
    assert "advisory services, education and training" in told
    assert "[samm-s332, program use; S332.1.1]" in told
    (paid,) = [
        line for line in shell.run("authorities", "show", "ESF").stdout.splitlines() if "pays for" in line
    ]
    assert "[unverified]" in paid
    documents = json.loads(shell.run("authorities", "show", "mérida", "--format", "json").stdout)
    assert [item["percent"] for item in documents["provisions"] if item["subject"] == "withholding"] == [
        15,
        15,
    ]
    funds = (
        "BN-PZ --name P --nombre P --amount 1 --fiscal-year 2026 --program BN --partner BN --regime title-10"
    )
    dates = ["--available-from", "2025-10-01", "--authority", "pizza", "--as", "program-director"]
    assert "'pizza' is no authority on record" in refused(shell, "funds", "open", *funds.split(), *dates)


def test_an_edition_of_ones_own_stands_beside_the_shipped_ones(empty):
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    folder = empty.folder / "rules"
    folder.mkdir()
    (folder / "office.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    environment = {**empty.environment, "CONFIANZA_RULES": str(folder)}
    own = replace(empty, environment=environment)
    assert (
        "~ Rules  vetting-before-transfer" in own.run("rules", "diff", "samm-2026", "samm-2026-office").stdout
    )
    text = (folder / "office.toml").read_text(encoding="utf-8")
    (folder / "twice.toml").write_text(text, encoding="utf-8")
    assert "twice.toml has the id" in refused(own, "rules", "show")


def test_of_many_who_open_the_same_case_one_does(shell):
    hands = [
        shell.start(
            *("case", "open", CASE, "--title", "Rescue", "--partner", "BN", "--funds", "BN-FY2013"),
            *("--as", "cooperation-officer"),
        )
        for _ in range(6)
    ]
    said = [hand.communicate(timeout=120)[1] for hand in hands]
    assert sorted(hand.returncode for hand in hands) == [0] + [1] * 5, said
    assert sum("exists already" in error for error in said) == 5
    assert not any("Traceback" in error for error in said)
