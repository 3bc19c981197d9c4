"""`confianza records`: add, confirm, contest, publish, withdraw, import and export, as people run it."""

import json

FILE = (
    "id,kind,date_from,actor,summary_en,sign,domain,source,change\n"
    "2001-vetting,hedge,2001-05,US,Units are vetted.,-1,defense,law-2001,added\n"
)
SOURCES = (
    "source_key,title,publisher,date,address,license\nlaw-2001,Law of 2001,Congress,2001,,public domain\n"
)


def test_a_record_goes_its_way_by_commands_and_both_versions_are_shown(shell):
    said = shell.run(
        "records", "add", "exchange", "--as", "enlace", "--id", "2012-seats", "date_from=2012-05", "actor=MX",
        "summary_es=Plazas en el colegio.", "sign=1", "domain=defense", "source=Boletín 12",
    ).stdout  # fmt: skip
    assert "2012-seats: proposed" in said
    refused = shell.run("records", "confirm", "2012-seats", "--as", "enlace", code=1).stderr
    assert "a second person confirms it" in refused
    assert "1 confirmed" in shell.run("records", "confirm", "2012-seats", "--as", "assessor").stdout
    shell.run(
        "records",
        "contest",
        "2012-seats",
        "--as",
        "assessor",
        "summary_en=No seats.",
        "sign=0",
        "source=Note 1",
    )
    shell.run("records", "code", "2012-seats", "--as", "assessor", "severity=0.4")
    shell.run("records", "publish", "2012-seats", "--as", "program-director")
    shown = shell.run("records", "show", "2012-seats").stdout
    assert "version of US (assessor" in shown
    assert "coded 0.40 by assessor (by a reader" in shown
    document = json.loads(shell.run("records", "show", "2012-seats", "--format", "json").stdout)
    assert (document["state"], document["published_by"]) == ("contested", ["US"])
    shell.run("records", "withdraw", "2012-seats", "--reason", "twice", "--as", "enlace")
    listed = shell.run("records", "list", "--state", "withdrawn").stdout
    assert "2012-seats" in listed


def test_files_are_proposed_once_written_and_refused_with_every_problem(shell):
    path, sources, out = (shell.folder / name for name in ("r.csv", "s.csv", "out.csv"))
    path.write_text(FILE)
    sources.write_text(SOURCES)
    arguments = ("records", "import", path, "--sources", sources, "--as", "assessor")
    assert "1 records proposed, 0 here before" in shell.run(*arguments).stdout
    assert "imported before; nothing changed" in shell.run(*arguments).stdout
    shell.run("records", "export", "--out", out, "--kind", "hedge")
    assert "2001-vetting" in out.read_text(encoding="utf-8-sig")
    path.write_text(FILE + "x y,hedge,2001,GB,,9,defense,law-2002,\n")
    refused = shell.run(*arguments, code=1).stderr
    assert "r.csv, row 3, field actor" in refused
    assert "r.csv, row 3, field source" in refused
    assert "2001-vetting" in shell.run("records", "list", "--kind", "hedge").stdout
