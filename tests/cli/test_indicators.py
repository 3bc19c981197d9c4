"""`confianza indicators`: import, list, show, export, as people run it."""

import json

DOWNLOAD = """"Data Source","World Development Indicators",

"Last Updated Date","2024-05-30",

"Country Name","Country Code","Indicator Name","Indicator Code","2010","2011","2012",
"Mexico","MEX","Military expenditure (% of GDP)","MS.MIL.XPND.GD.ZS","0.45","","0.52",
"World","WLD","Military expenditure (% of GDP)","MS.MIL.XPND.GD.ZS","2","2","2",
"""


def test_a_publishers_file_is_brought_in_listed_shown_and_written(shell):
    path = shell.folder / "API_MS.MIL.XPND.GD.ZS.csv"
    path.write_text(DOWNLOAD)
    said = shell.run("indicators", "import", "worldbank", path, "--as", "assessor").stdout
    assert "edition 2024-05-30: 2 figures of 1 country, 1 places without a figure" in said
    assert "left out: World (WLD)" in said
    again = shell.run("indicators", "import", "worldbank", path, "--as", "assessor").stdout
    assert "imported before; nothing changed" in again

    listed = json.loads(shell.run("indicators", "list", "--format", "json").stdout)
    (bank,) = [row for row in listed if row["source"] == "worldbank-wdi"]
    assert bank["edition"] == "2024-05-30"
    assert (bank["figure_count"], bank["missing_count"], bank["first_year"], bank["last_year"]) == (
        2,
        1,
        2010,
        2012,
    )

    show = ["indicators", "show", "--country", "MEX", "--indicator", "expenditure-gdp", "--format", "json"]
    values = {
        (series["source"], point["year"]): point["value"]
        for series in json.loads(shell.run(*show).stdout)
        for point in series["points"]
    }
    assert values[("worldbank-wdi", 2012)] == values[("martinez-2014", 2012)] == 0.52
    assert values[("worldbank-wdi", 2011)] is None

    out = shell.folder / "mexico.csv"
    shell.run("indicators", "export", "--out", out, "--country", "Mexico")
    assert "API_MS.MIL.XPND.GD.ZS.csv, row 6, 2012" in out.read_text(encoding="utf-8-sig")


def test_what_cannot_be_used_is_one_message_and_exit_status_1(shell):
    path = shell.folder / "broken.csv"
    path.write_text(DOWNLOAD.replace("0.52", "0.52 (e)"))
    refused = shell.run("indicators", "import", "worldbank", path, "--as", "assessor", code=1).stderr
    assert "broken.csv, row 6, field 2012: '0.52 (e)' is not a number" in refused
    for arguments in (
        ("import", "worldbank", path, "--as", "enlace"),
        ("import", "sipri", path, "--as", "assessor"),
        ("show", "--country", "Atlantis"),
        ("show", "--country", "MEX", "--indicator", "x"),
        ("export", "--out", shell.folder / "x.pdf"),
        ("import", "worldbank", "http://example.org/a.csv", "--as", "assessor"),
    ):
        failed = shell.run("indicators", *arguments, code=1)
        assert failed.stderr.strip()
        assert "Traceback" not in failed.stderr
