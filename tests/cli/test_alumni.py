"""`confianza alumni` on a workspace in a file of its own, or a database of its own."""

import json
import re
import sqlite3
import subprocess
from contextlib import closing

import pytest

from tests.cli.conftest import SERVER

OFFICER = ("--as", "cooperation-officer")


def files_hold(shell, text: str) -> bool:
    """Whether the database's files hold these bytes, its journal among them."""
    return any(
        text.encode() in path.read_bytes()
        for path in shell.folder.glob("confianza.sqlite3*")
        if path.is_file()
    )


def pseudonym_of(shell, post: str) -> str:
    found = json.loads(shell.run("alumni", "list", *OFFICER, "--partner", "BN", "--format", "json").stdout)
    return next(item["pseudonym"] for item in found if post in item["posts"])


def test_the_alumni_of_a_partner_are_listed_with_their_posts(shell):
    out = shell.run("alumni", "list", *OFFICER, "--partner", "BN", "--on", "2026-12-31").stdout
    assert re.search(
        r"S-\w{8}  Lena Orsk \(invented\) +2011-05-27  IADC, WHINSEC  Commander of the Navy", out
    )
    assert out.splitlines()[-1] == "12 alumni."
    early = shell.run("alumni", "list", *OFFICER, "--partner", "BN", "--on", "2011-12-31").stdout
    assert early.splitlines()[-1] == "2 alumni."


def test_a_person_is_enrolled_from_a_file_that_only_the_pseudonym_tells_of(shell):
    identity = {"surname": "Kallas", "given_names": "Mari", "birth_date": "1991-04-05"}
    (shell.folder / "who.json").write_text(json.dumps(identity))
    enroll = ("alumni", "enroll", *OFFICER, "--partner", "BN", "--institution", "bn-army", "--identity")
    pseudonym = shell.run(*enroll, "who.json").stdout.strip()
    assert re.fullmatch(r"S-\w{8}", pseudonym)
    assert not files_hold(shell, "Kallas")
    shell.run(
        "training-plans", "record", f"BN-2027-1004-{pseudonym}", "nominate", *OFFICER, "--on", "2026-11-28"
    )
    shell.run("alumni", "export", pseudonym, *OFFICER, "--output", "held.json")
    held = json.loads((shell.folder / "held.json").read_text())
    assert {"surname": "Kallas"}.items() <= {
        item["field"]: item["value"] for item in held["identity"]
    }.items()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("Kallas", "holds no identity"),
        ('["Kallas"]', "holds no identity"),
        ('{"nickname": "Kallas"}', "holds no identity"),
        ('{"surname": "Kallas"}', "given_names"),
        ('{"surname": "Kallas", "given_names": "M", "birth_date": "Kallas"}', "birth_date"),
    ],
)
def test_a_wrong_file_of_who_it_is_enrolls_nobody_and_is_not_repeated(shell, content, told):
    (shell.folder / "who.json").write_text(content)
    enroll = ("alumni", "enroll", *OFFICER, "--partner", "BN", "--identity", "who.json")
    error = shell.run(*enroll, code=1).stderr
    assert told in error
    assert "Kallas" not in error


def test_the_graph_is_told_and_drawn_the_same_each_time(shell):
    arguments = ("alumni", "graph", *OFFICER, "--partner", "BN", "--on", "2020-12-31", "--format", "json")
    document = json.loads(shell.run(*arguments, "--svg", "one.svg").stdout)
    assert json.loads(shell.run(*arguments, "--svg", "two.svg").stdout) == document
    assert (shell.folder / "one.svg").read_bytes() == (shell.folder / "two.svg").read_bytes()
    assert document["growth"][-1]["tie_count"] == len(document["ties"])
    assert {tie["overlap_days"] for tie in document["ties"] if tie["schools"] == ["IAAFA"]} == {54}
    none = shell.run("alumni", "graph", *OFFICER, "--partner", "US", "--on", "2020-12-31").stdout
    assert none == "Nobody of US who studied by 2020-12-31 is on record.\n"


def test_the_posts_held_by_alumni_are_counted_with_what_is_unknown(shell):
    out = shell.run("alumni", "posts", *OFFICER, "--partner", "BN", "--on", "2024-12-31").stdout
    last = out.splitlines()[-1]
    assert last == (
        "3 of 6 senior positions are held by alumni, 1 by others, 2 unknown: between 50.0% and 83.3%."
    )
    none = shell.run("alumni", "posts", *OFFICER, "--partner", "US").stdout
    assert none == "No senior position of United States is on record.\n"


def test_the_report_names_people_only_when_told_to_and_by_those_who_may(shell):
    plain = ("alumni", "report", "report.csv", "--partner", "BN")
    shell.run(*plain, *OFFICER)
    assert "Vidal" not in (shell.folder / "report.csv").read_text()
    shell.run(*plain, *OFFICER, "--names", "--update")
    assert "Vidal (invented), Mara" in (shell.folder / "report.csv").read_text()
    refused = shell.run(*plain, "--as", "assessor", "--names", code=1).stderr
    assert "may not see the identity of a student" in refused
    wrong = shell.run("alumni", "report", "report.doc", *OFFICER, code=1).stderr
    assert ".csv, .xlsx, .parquet" in wrong
    shell.run("audit", "verify")


def test_a_file_of_courses_is_taken_in_once(shell):
    text = "person,party,school,course,start,end\na,MX,IADC,X,2012-01-09,2012-12-14\n"
    (shell.folder / "people.csv").write_text(text)
    assert (
        "1 rows would be imported"
        in shell.run("alumni", "import", "people.csv", *OFFICER, "--dry-run").stdout
    )
    assert re.search(
        r"1 rows imported.\na: S-\w{8}\n", shell.run("alumni", "import", "people.csv", *OFFICER).stdout
    )
    assert "imported before" in shell.run("alumni", "import", "people.csv", *OFFICER).stdout
    (shell.folder / "people.csv").write_text(text.replace("2012-12-14", "tomorrow"))
    assert (
        "row 2: 'tomorrow' is not a day"
        in shell.run("alumni", "import", "people.csv", *OFFICER, code=1).stderr
    )


def test_all_about_a_person_is_exported_to_a_file_for_its_owner(shell):
    person = pseudonym_of(shell, "Director of the War College")
    shell.run("alumni", "export", person, *OFFICER, "--output", "person.json")
    document = json.loads((shell.folder / "person.json").read_text())
    assert {item["field"]: item["value"] for item in document["identity"]}["given_names"] == "Mara"
    assert (shell.folder / "person.json").stat().st_mode & 0o077 == 0
    assert (
        "No student 'nobody'"
        in shell.run("alumni", "export", "nobody", *OFFICER, "--output", "x.json", code=1).stderr
    )


@pytest.mark.skipif(
    SERVER is not None, reason="PostgreSQL's files are not the workspace's: see docs/operating.md"
)
def test_an_erased_person_is_in_no_byte_of_the_files(shell):
    person = pseudonym_of(shell, "Commander of the Navy")
    assert files_hold(shell, "Lena Orsk")
    assert not files_hold(shell, "Vidal (invented)")  # sealed from the first
    shell.run("alumni", "erase", person, *OFFICER, "--yes")
    assert not files_hold(shell, "Lena Orsk")
    assert (
        "3 of 6 senior positions are held by alumni"
        in shell.run("alumni", "posts", *OFFICER, "--partner", "BN").stdout
    )
    assert "the chain holds" in shell.run("audit", "verify").stdout
    assert "were erased on" in shell.run("alumni", "erase", person, *OFFICER, "--yes", code=1).stderr


def test_a_new_key_opens_what_the_old_one_did_and_the_old_one_opens_nothing(shell):
    person = pseudonym_of(shell, "Director of the War College")
    (key,) = shell.folder.glob("*.identity-key")
    old = key.read_bytes()
    sealed = re.search(r"new key; (\d+) identities", shell.run("alumni", "rotate-key").stdout)[1]
    shell.run("alumni", "export", person, *OFFICER, "--output", "person.json")
    key.write_bytes(old)
    refused = shell.run("alumni", "export", person, *OFFICER, "--output", "again.json", code=1).stderr
    assert "does not open this identity" in refused
    assert not (shell.folder / "again.json").exists()
    key.unlink()
    refused = shell.run("alumni", "export", person, *OFFICER, "--output", "again.json", code=1).stderr
    assert f"{sealed} identities are sealed with it" in refused
    assert not key.exists()


@pytest.mark.skipif(SERVER is not None, reason="PostgreSQL keeps no journal beside the workspace")
def test_an_erasure_while_somebody_reads_says_that_the_journal_still_holds_the_person(shell):
    person = pseudonym_of(shell, "Commander of the Navy")
    reader = sqlite3.connect(shell.folder / "confianza.sqlite3", isolation_level=None)
    with closing(reader):
        reader.execute("begin")
        reader.execute("select count(*) from audit_auditevent").fetchone()
        told = shell.run("alumni", "erase", person, *OFFICER, "--yes", code=1)
        assert "still holds it, because somebody is reading" in told.stderr
        assert files_hold(shell, "Lena Orsk")
        assert "somebody is reading" in shell.run("alumni", "empty-journal", code=1).stderr
        reader.execute("commit")
        assert shell.run("alumni", "empty-journal").stdout == "The journal is empty.\n"
        assert not files_hold(shell, "Lena Orsk")


# --- the key is changed while others work, and while the power fails ----------------------------------

OPEN_ALL = """
from confianza.server.alumni.identities import key_file, open_identity, rotate_key
from confianza.server.alumni.models import Student
from confianza.server.alumni.services import enroll_student
from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni.identity import Identity

def unopened():
    people = []
    for student in Student.objects.filter(identity__isnull=False):
        try:
            assert open_identity(student) is not None
        except Exception as error:
            people.append(f"{student.pk}: {error}")
    return people
"""
ROUNDS = (
    OPEN_ALL
    + """
import sys

def rotate():
    rotate_key(actor=Actor("command-line", "operator"))

def seal():
    who = Identity(surname="Nilsen", given_names="Ada")
    officer = Actor("cooperation-officer", "security_cooperation_officer")
    for _ in range(4):
        enroll_student(partner_code="BN", institution_code="", identity=who, actor=officer)

print("ready", flush=True)
for line in sys.stdin:
    {"rotate": rotate, "seal": seal}[line.strip()]()
    print("done", flush=True)
"""
)
COUNT = """
people = Student.objects.filter(identity__isnull=False).count()
print(people, *unopened(), len(key_file().read_bytes().split()))
"""


def done(process) -> str:
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return out.strip()


def at_once(shell, *works, rounds: int) -> None:
    """Each process does its work in every round, all begun together."""
    processes = [shell.python(ROUNDS, stdin=subprocess.PIPE) for _ in works]
    for _ in range(rounds + 1):  # the first line says that it is ready
        answers = [process.stdout.readline().strip() for process in processes]
        for process, work, answer in zip(processes, works, answers, strict=True):
            if answer:  # else it failed, as `done` tells
                process.stdin.write(f"{work}\n")
                process.stdin.flush()
    for process in processes:
        done(process)


def test_keys_changed_by_two_processes_at_once_open_every_identity(shell):
    before = done(shell.python(OPEN_ALL + COUNT))
    at_once(shell, "rotate", "rotate", rounds=4)
    assert done(shell.python(OPEN_ALL + COUNT)) == before
    assert before.endswith(" 1")  # one key


def test_an_identity_sealed_while_the_key_is_changed_opens(shell):
    people, keys = done(shell.python(OPEN_ALL + COUNT)).split()
    at_once(shell, "rotate", "seal", rounds=4)
    assert done(shell.python(OPEN_ALL + COUNT)) == f"{int(people) + 20} {keys}"


POWER_CUTS = """
import os, shutil, stat
from django.conf import settings
from django.db import connection

key, folder = key_file(), Path("cuts")
possible, on_disk, cuts = {key.read_bytes()}, set(), []
folder.mkdir()
with connection.cursor() as cursor:
    synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
names = ["", "-wal"] if synchronous >= 2 else [""]  # what every commit puts on the disk

def cut():
    for content in possible:
        place = folder / str(len(cuts))
        place.mkdir()
        for name in names:
            if Path(f"confianza.sqlite3{name}").exists():
                shutil.copy(f"confianza.sqlite3{name}", place)
        (place / "key").write_bytes(content)
        cuts.append(place)

def fsync(handle, fsync=os.fsync):
    cut()
    fsync(handle)
    found = os.fstat(handle)
    if stat.S_ISDIR(found.st_mode):
        possible.intersection_update({key.read_bytes()})
    on_disk.add(found.st_ino)
    cut()

def replace(source, target, replace=os.replace):
    cut()
    is_whole = os.stat(source).st_ino in on_disk
    replace(source, target)
    possible.add(key.read_bytes() if is_whole else b"")
    cut()

os.fsync, os.replace = fsync, replace
rotate_key(actor=Actor("command-line", "operator"))
cut()
assert len(possible) == 1 and len(key.read_bytes().split()) == 1
for place in cuts:
    connection.close()
    connection.settings_dict["NAME"] = str(place / "confianza.sqlite3")
    settings.IDENTITY_KEY = (place / "key").absolute()
    print(place, Student.objects.filter(identity__isnull=False).count() > 0, *unopened())
"""


@pytest.mark.skipif(SERVER is not None, reason="what PostgreSQL has on its disk is not seen from here")
def test_a_power_cut_at_any_moment_of_a_change_of_key_leaves_every_identity_open(shell):
    """Each time something is put on the disk: the database as it certainly is there, with each key file there may be."""
    lines = done(shell.python(OPEN_ALL + POWER_CUTS)).splitlines()
    assert len(lines) > 10
    assert [line for line in lines if not line.endswith(" True")] == []
