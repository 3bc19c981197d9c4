"""A workspace that version 0.1 made opens after migration, and holds what it held."""

import json
import lzma
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURE = Path(__file__).parents[2] / "data" / "workspaces" / "0.1"
SEEN = json.loads((FIXTURE / "seen.json").read_text(encoding="utf-8"))
STEPS = Path(__file__).with_name("earlier_workspaces.py")


def step(shell, *arguments):
    done = subprocess.run(
        [sys.executable, STEPS, *map(str, arguments)],
        cwd=shell.folder,
        env=shell.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def earlier(empty):
    """The workspace as version 0.1 left it; on PostgreSQL the same rows in the same tables."""
    content = lzma.decompress((FIXTURE / "confianza.sqlite3.xz").read_bytes())
    file = empty.folder / "confianza.sqlite3"
    file.write_bytes(content)
    key = Path(empty.environment["CONFIANZA_IDENTITY_KEY"])
    shutil.copyfile(FIXTURE / "confianza.sqlite3.identity-key", key)
    os.chmod(key, 0o600)
    if "CONFIANZA_DATABASE_URL" in empty.environment:
        step(empty, "load", file)
    return empty


def test_a_workspace_of_version_0_1_holds_after_its_upgrade_what_it_held(earlier):
    refusal = earlier.run("case", "list", code=1).stderr
    assert "funds.0004_entries_name_their_case" in refusal
    assert "confianza migrate" in refusal
    assert "training_plans.0002" in earlier.run("migrate").stdout
    assert step(earlier, "seen") == SEEN
    events = SEEN["audit"]["events"] + 1
    assert earlier.run("audit", "verify").stdout.startswith(f"{events} events; the chain holds")
    assert "up to date already" in earlier.run("migrate").stdout


def test_people_go_on_with_an_upgraded_workspace_that_lacked_a_record(earlier):
    step(earlier, "unrecord", "training")
    assert "training_plans.0001" in earlier.run("migrate").stdout
    (person,) = [name for name, row in SEEN["people"].items() if row["surname"] == "Tamm (invented)"]
    enrollment = f"BN-2027-1004-{person}"
    officer = ("--as", "cooperation-officer")
    assert "82" in earlier.run("track", "show", enrollment, *officer).stdout
    earlier.run(
        "track", "step", enrollment, "screen-security", "result=passed", "--on", "2026-10-12", *officer
    )
    obligate = ("obligate", "line=002", "amount=1000.00", "--on", "2013-07-01", "--as", "case-manager")
    earlier.run("case", "do", "E7-B-UAD", *obligate)
    held = next(balances for name, _, balances in SEEN["statements"]["case"] if name == "E7-B-UAD")
    after = step(earlier, "seen")
    balances = next(found for name, _, found in after["statements"]["case"] if name == "E7-B-UAD")
    assert balances["obligated"] == held["obligated"] + 100_000
    assert after["training_plans"]["BN-2027"]["students"][enrollment][1] == 3
    earlier.run("alumni", "export", person, "--output", "person.json", *officer)
    assert enrollment in (earlier.folder / "person.json").read_text(encoding="utf-8")


def test_an_upgraded_workspace_has_the_tables_of_a_new_one(earlier, request):
    earlier.run("migrate")
    upgraded = step(earlier, "schema")
    new = request.getfixturevalue("shell")
    assert upgraded == step(new, "schema")
