"""Partnerships by command: a clean workspace for another pair of countries, and what is added to it."""

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
