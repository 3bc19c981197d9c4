"""`confianza series`: import, list, show, as people run it."""

import csv
import json

AGREEMENTS = "ccode1,ccode2,signYear,DCAid\n2,20,1984,DCADv1.0-0001\n2,20,1986,DCADv1.0-0002\n"


def test_a_publishers_file_is_brought_in_listed_shown_and_written(shell):
    path = shell.folder / "DCAD-v1.0-main.csv"
    path.write_text(AGREEMENTS)
    said = shell.run("series", "import", path, "--as", "assessor").stdout
    assert "dcad, DCADv1.0: 2 values in 1 series. An extract" in said
    assert (
        "imported before; nothing changed" in shell.run("series", "import", path, "--as", "assessor").stdout
    )
    listed = json.loads(shell.run("series", "list", "--format", "json").stdout)
    (dcad,) = [row for row in listed if row["code"] == "defense-agreements"]
    assert (dcad["releases"], dcad["window"], dcad["ships"]) == (["DCADv1.0"], [1980, 2010], "nothing")

    shown = json.loads(
        shell.run("series", "show", "--from", "US", "--to", "Canada", "--format", "json").stdout
    )
    (series,) = [item for item in shown if item["measure"] == "defense-agreements"]
    assert [(point["year"], point["value"], point["state"]) for point in series["points"]] == [
        (1984, 1.0, "given"),
        (1985, None, "missing"),
        (1986, 1.0, "given"),
    ]
    written = shell.run("series", "show", "--from", "US", "--to", "MX", "--format", "csv").stdout
    rows = list(csv.DictReader(written.splitlines()))
    assert {row["source"] for row in rows} >= {"un-votes", "us-foreign-aid", "cow-nmc"}
    table = shell.folder / "table.csv"
    table.write_text(written)
    assert "values in" in shell.run("series", "import", table, "--as", "assessor").stdout
    assert "series" in shell.run("series", "show", "--from", "CO", "--to", "PE").stdout


def test_what_cannot_be_used_is_one_message_and_exit_status_1(shell):
    path = shell.folder / "broken.csv"
    path.write_text(AGREEMENTS.replace("1984", "soon").replace("20,1986", "999,1986"))
    refused = shell.run("series", "import", path, "--as", "assessor", code=1).stderr
    assert "broken.csv, row 2, field signYear: 'soon' cannot be used here. Expected: a year." in refused
    assert "broken.csv, row 3, field ccode2: '999' cannot be used here." in refused
    for arguments in (
        ("import", path, "--as", "enlace"),
        ("import", shell.folder / "absent.csv", "--as", "assessor"),
        ("show", "--from", "US", "--to", "Atlantis"),
        ("show", "--from", "US", "--to", "US"),
        ("show", "--from", "US", "--to", "MX", "--measure", "x"),
    ):
        failed = shell.run("series", *arguments, code=1)
        assert failed.stderr.strip()
        assert "Traceback" not in failed.stderr
