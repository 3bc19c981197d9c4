"""`confianza training-plans` on the simulated plans of Bandaria."""

import json
import re

import polars
import pytest

OFFICER = ("--as", "cooperation-officer")
LIAISON = ("--as", "bandaria-liaison")
STATE = ("--as", "state-reviewer")


def shown(shell, code, *account, on="2026-11-28"):
    return json.loads(
        shell.run("training-plans", "show", code, *account, "--on", on, "--format", "json").stdout
    )


def way_of(shell, status, account=OFFICER):
    """The code of a student of that status on the lines of 1001."""
    students = shown(shell, "BN-2027", *account)["students"]
    return next(row["code"] for row in students if row["status"] == status and "-1001-" in row["code"])


def events(shell):
    return shell.run("audit", "verify").stdout


def test_the_programs_are_listed_with_their_ceilings_and_shares(shell):
    rows = {
        row["code"]: row
        for row in json.loads(shell.run("training-plans", "list", *OFFICER, "--format", "json").stdout)
    }
    assert (rows["BN-2027"]["status"], rows["BN-2028"]["status"]) == ("reviewed", "drafting")
    assert (rows["BN-2027"]["ceiling"], rows["BN-2027"]["priority_a_cost"]) == (
        {"minor": 40_000_000, "currency": "USD"},
        {"minor": 28_500_000, "currency": "USD"},
    )
    assert rows["BN-2027"]["pme_ceiling_share"] == pytest.approx(246_000 / 400_000)
    assert rows["BN-2027"]["pme_seat_share"] == pytest.approx(6 / 31, abs=1e-4)
    assert rows["BN-2027"]["women_seat_share"] == pytest.approx(7 / 31, abs=1e-4)
    assert (
        shell.run("training-plans", "list", "--as", "enlace").stdout == "No training plan is here for you.\n"
    )


def test_a_program_is_shown_with_checks_lines_and_what_waits(shell):
    plan = shown(shell, "BN-2027", *OFFICER)
    assert (plan["partner"], plan["fiscal_year"], plan["is_shared"]) == ("BN", 2027, True)
    checks = {row["id"]: row for row in plan["checks"]}
    assert checks["pme"]["is_met"] is True
    assert checks["pme-students"]["is_binding"] is False
    assert [line["wcn"] for line in plan["lines"]][:3] == ["1001A", "1001B", "1002A"]
    assert plan["lines"][0]["is_filled"] is True
    assert {row["step"] for row in plan["waiting"] if row["code"] == "BN-2027-1003A"} == {"confirm-line"}
    assert plan["records"][0]["details"] == {"ceiling": {"minor": 40_000_000, "currency": "USD"}}
    text = shell.run("training-plans", "show", "BN-2027", *OFFICER, "--on", "2026-11-28").stdout
    assert "check pme          met, 61.5%, limit 50%  " in text
    assert "line 1001A  A  filled     2 of 2 seats  2026-10-05 – 2026-12-18  $26,000.00" in text
    assert "blocked: Courses of the year may begin until 2027-09-30." in text


def test_a_liaison_sees_the_shared_plan_and_the_shared_students_only(shell):
    every, shared = shown(shell, "BN-2027", *OFFICER), shown(shell, "BN-2027", *LIAISON)
    assert (len(every["students"]), len(shared["students"])) == (6, 4)
    hidden = ({row["code"] for row in every["students"]} - {row["code"] for row in shared["students"]}).pop()
    assert (
        "No training plan, line or student"
        in shell.run("training-plans", "show", hidden, *LIAISON, code=1).stderr
    )
    shell.run("training-plans", "record", "BN-2027", "stop-sharing", *OFFICER, "--on", "2026-11-28")
    for command in (
        ("show", "BN-2027"),
        ("export", "BN-2027", "list.csv"),
        ("record", "BN-2027", "agree-program"),
    ):
        assert (
            "No training plan, line or student"
            in shell.run("training-plans", *command, *LIAISON, code=1).stderr
        )
    assert not (shell.folder / "list.csv").exists()


def test_a_step_is_recorded_and_a_refused_one_told_with_its_reason(shell):
    before, way = events(shell), way_of(shell, "nominated")
    order = (
        "training-plans",
        "record",
        way,
        "issue-travel-order",
        *OFFICER,
        "order_number=7",
        "report_by=2026-10-02",
    )
    refused = shell.run(*order, "--on", "2026-09-01", code=1).stderr
    assert "Human rights vetting is not passed" in refused
    assert "[medical-before-travel-order, samm-c10, C10.11.1, unverified]" in refused
    assert events(shell) == before
    screened = ("training-plans", "record", way, "screen-human-rights", "result=passed", "--on", "2026-09-01")
    assert "does not act for" in shell.run(*screened, "--as", "case-manager", code=1).stderr
    assert shell.run(*screened, *STATE).stdout == f"{way}: screen-human-rights recorded. Status: nominated.\n"
    assert shown(shell, way, *STATE)["records"][-1]["step"] == "screen-human-rights"
    assert (
        "name=value"
        in shell.run("training-plans", "record", way, "screen-medical", "passed", *OFFICER, code=1).stderr
    )


def test_what_waits_is_told_to_the_office_it_waits_for(shell):
    assert "screen-human-rights" in shell.run("training-plans", "next", *STATE, "--on", "2026-11-28").stdout
    rows = json.loads(
        shell.run("training-plans", "next", *LIAISON, "--on", "2026-11-28", "--format", "json").stdout
    )
    assert [(row["code"], row["step"]) for row in rows] == [("BN-2028", "agree-program")]
    assert shell.run("training-plans", "next", "--as", "assessor").stdout == "No pending actions.\n"


def test_without_an_account_the_operator_sees_every_plan_and_what_waits_for_anybody(shell):
    assert shown(shell, "BN-2027") == shown(shell, "BN-2027", *OFFICER)
    listed = shell.run("training-plans", "list").stdout
    assert listed == shell.run("training-plans", "list", *OFFICER).stdout
    rows = json.loads(shell.run("training-plans", "next", "--on", "2026-11-28", "--format", "json").stdout)
    assert {"partner", "state"} <= {office for row in rows for office in row["offices"]}


def test_what_a_canceled_line_and_a_withdrawn_student_cost_is_told(shell):
    line = ("training-plans", "record", "BN-2027-1004A", "cancel-line", *OFFICER)
    sooner = ("report_date=2026-12-04", "start_date=2026-12-07")
    shell.run(*line[:3], "change-line", *OFFICER, "--on", "2026-11-20", *sooner)
    shell.run(*line, "--on", "2026-11-28", "cause=partner", "cancel_reason=No funds", "refilled=1")
    (charge,) = shown(shell, "BN-2027-1004A", *OFFICER)["charges"]
    assert (charge["line"], charge["share"], charge["amount"]["minor"]) == ("1004A", 0.5, 400_000)
    assert "charge 1004A  $" in shell.run("training-plans", "show", "BN-2027-1004A", *OFFICER).stdout
    way = way_of(shell, "nominated")
    shell.run(
        "training-plans",
        "record",
        way,
        "withdraw",
        *LIAISON,
        "--on",
        "2026-10-04",
        "cause=partner",
        "withdraw_reason=Ill",
    )
    charges = {row["line"]: row["amount"]["minor"] for row in shown(shell, way, *LIAISON)["charges"]}
    assert charges == {"1001A": 450_000, "1001B": 0}


def test_a_training_list_is_exported_by_the_name_of_the_file(shell):
    for form in ("csv", "xlsx", "parquet"):
        assert (
            shell.run("training-plans", "export", "BN-2027", f"list.{form}", *LIAISON).stdout
            == f"list.{form}: 10 lines.\n"
        )
    assert polars.read_parquet(shell.folder / "list.parquet").height == 10
    assert (shell.folder / "list.csv").read_text(encoding="utf-8-sig").startswith("program,wcn,status,")
    assert (
        ".csv, .xlsx, .parquet"
        in shell.run("training-plans", "export", "BN-2027", "list.txt", *OFFICER, code=1).stderr
    )
    wrong = shell.run("training-plans", "export", "BN-2027-1001A", "line.csv", *OFFICER, code=1).stderr
    assert "'BN-2027-1001A'" in wrong


def test_a_travel_order_is_printed_after_a_recorded_look_by_those_who_may(shell):
    way, before = way_of(shell, "in-training"), events(shell)
    for account in (LIAISON, STATE, ("--as", "assessor")):
        assert (
            "may not see the identity of a student"
            in shell.run("training-plans", "travel-order", way, *account, code=1).stderr
        )
    assert events(shell) == before
    text = shell.run("training-plans", "travel-order", way, *OFFICER).stdout
    assert re.search(r"^Surname +Ilves \(invented\)$", text, re.MULTILINE)
    assert re.search(r"^ITO number +BN-7-IMET-1001$", text, re.MULTILINE)
    assert re.search(r"^Authorized training +1001A: .*\n +1001B: ", text, re.MULTILINE)
    assert int(events(shell).split()[0]) == int(before.split()[0]) + 1
    absent = shell.run("training-plans", "travel-order", way_of(shell, "nominated"), *OFFICER, code=1).stderr
    assert "has no travel order in force" in absent


def test_the_words_of_the_rules_are_those_of_the_terminals_language(shell):
    shell.environment["LC_ALL"] = "es_MX.UTF-8"
    text = shell.run("training-plans", "show", "BN-2027", *OFFICER).stdout
    assert text.startswith("BN-2027  revisado por el grupo de trabajo  (simulated)")
    assert (
        "Ningún plan, línea o alumno"
        in shell.run("training-plans", "show", "BN-2030", *OFFICER, code=1).stderr
    )
