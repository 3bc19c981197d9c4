"""Partnerships by command: a clean workspace for another pair of countries, and what is added to it."""

import json

ACTS = """
source = "martinez-2014"

[[events]]
id = "2009-agreement"
date = "2009-10-30"
actor = "US"
target = "CO"
kind = "agreement"
sign = 1
place = "p. 1"
summary = { en = "An agreement is signed.", es = "Se firma un acuerdo." }
"""


def test_a_workspace_of_another_pair_is_made_by_commands(empty):
    made = empty.run("init", "--host", "US", "--partner", "CO").stdout
    assert "parties and partnership" in made
    assert "nothing changed" in empty.run("init", "--host", "USA", "--partner", "Colombia").stdout
    assert empty.run("partnerships", "list").stdout.split()[0] == "us-co"
    assert empty.run("people", "list").stdout.strip() in {"", "No account yet."}
    empty.run("people", "add", "ana", "--role", "country_program_director", "--party", "US")
    empty.run("people", "add", "eva", "--role", "assessor", "--party", "US")

    offices = ("--name-en", "Office", "--name-es", "Oficina", "--source", "Posture statement", "--as", "ana")
    empty.run("institutions", "add", "southcom", "--party", "US", *offices)
    empty.run("institutions", "add", "mindefensa", "--party", "CO", *offices)
    empty.run("counterparts", "add", "southcom", "mindefensa", "--source", "Posture statement", "--as", "ana")
    assert "southcom  mindefensa" in empty.run("counterparts", "list").stdout
    assert "mindefensa" in empty.run("institutions", "list", "--partnership", "us-co").stdout

    (empty.folder / "acts.toml").write_text(ACTS, encoding="utf-8")
    assert "imported." in empty.run("evidence", "import", "history", "acts.toml", "--as", "eva").stdout
    assert "nothing changed" in empty.run("evidence", "import", "history", "acts.toml", "--as", "eva").stdout
    empty.run(
        "projects", "add", "co-1", "--title", "Rivers", "--authority", "333", "--partner", "CO", "--as", "ana"
    )
    assert empty.run("alumni", "list", "--as", "eva").stdout.strip() == "0 alumni."
    assert "confianza audit verify" not in empty.run("audit", "verify").stderr


def test_a_second_partnership_a_fictional_one_and_what_is_refused(empty):
    empty.run("init", "--host", "US", "--partner", "CO")
    empty.run("people", "add", "ana", "--role", "administrator", "--party", "US")
    fictional = ("--manual-code", "BN", "--name-en", "Bandaria", "--name-es", "Bandaria", "--fictional")
    assert "ISO XB" in empty.run("parties", "add", "XB", *fictional, "--as", "ana").stdout
    assert (
        "us-xb" in empty.run("partnerships", "add", "--host", "US", "--partner", "XB", "--as", "ana").stdout
    )
    assert (
        "us-pe" in empty.run("partnerships", "add", "--host", "US", "--partner", "Peru", "--as", "ana").stdout
    )
    assert (
        "no partnership 'us-mx'" in empty.run("institutions", "list", "--partnership", "us-mx", code=1).stderr
    )
    assert "Give both" in empty.run("init", "--host", "US", code=1).stderr
    refused = empty.run("init", "--host", "US", "--partner", "CO", "--public-record", code=1)
    assert "No public record of US and CO" in refused.stderr


LISTS = (("case", "list"), ("case", "next"), ("training-plans", "list"), ("training-plans", "next"))
LISTS += (("projects", "list"), ("funds", "statement"), ("funds", "what-if"), ("parties", "list"))


def test_every_list_is_narrowed_to_one_partnership(shell):
    cases = [item["identifier"] for item in told(shell, "case", "list", "--partnership", "us-mx")]
    assert cases == [item["identifier"] for item in told(shell, "case", "list") if item["partner"] == "MX"]
    assert "E7-B-UAD" not in cases
    plans = {item["code"] for item in told(shell, "training-plans", "list", "--partnership", "us-xb")}
    assert plans
    assert told(shell, "training-plans", "list", "--partnership", "us-mx") == []
    assert told(shell, "training-plans", "next", "--partnership", "us-mx") == []
    waiting = told(shell, "training-plans", "next", "--partnership", "us-xb")
    assert waiting == told(shell, "training-plans", "next")
    parties = told(shell, "parties", "list", "--partnership", "us-xb")
    assert {item["iso_code"] for item in parties} == {"US", "XB"}
    lapsing = ("funds", "what-if", "--on", "2023-09-30")
    every = {item["funds"] for item in told(shell, *lapsing)}
    ours = {item["funds"] for item in told(shell, *lapsing, "--partnership", "us-xb")}
    theirs = {item["funds"] for item in told(shell, *lapsing, "--partnership", "us-mx")}
    assert ours
    assert (ours | theirs, ours & theirs) == (every, set())
    statements = {
        (item["name"], item["is_simulated"])
        for code in ("us-mx", "us-xb")
        for item in told(shell, "funds", "statement", "--partnership", code)
    }
    assert statements == {(item["name"], item["is_simulated"]) for item in told(shell, "funds", "statement")}


def test_a_list_of_no_partnership_names_those_there_are(shell):
    for command in LISTS:
        error = shell.run(*command, "--partnership", "us-pe", code=1).stderr
        assert "no partnership 'us-pe'" in error, command
        assert "us-mx, us-xb" in error, command
    liaison = ("--as", "enlace", "--partnership", "us-xb")
    assert "There are: us-mx." in shell.run("case", "list", *liaison, code=1).stderr


def told(shell, *command):
    return json.loads(shell.run(*command, "--format", "json").stdout)


def test_partnerships_and_institutions_are_printed_as_documents(shell):
    first, *_ = told(shell, "partnerships", "list")
    assert (first["code"], first["host"]["iso_code"], first["name"]["en"]) == (
        "us-mx",
        "US",
        "United States–Mexico",
    )
    offices = {item["code"]: item for item in told(shell, "institutions", "list")}
    pairs = [(item["institution"], item["counterpart"]) for item in told(shell, "counterparts", "list")]
    assert pairs
    assert all(other in offices[one]["counterparts"] for one, other in pairs)
