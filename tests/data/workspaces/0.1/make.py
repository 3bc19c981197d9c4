"""Make the workspace of version 0.1 beside this file, with the program of that version: see the README.

    PYTHONPATH=<version 0.1>/src python tests/data/workspaces/0.1/make.py

It lists what a reader of it must see by that version's own modules, so that no later one has a say in it.
"""

import json
import lzma
import os
import shutil
import sys
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

HERE = Path(__file__).parent
WORK = Path(mkdtemp())
FILE = WORK / "confianza.sqlite3"
os.environ["CONFIANZA_WORKSPACE"] = str(FILE)
os.environ["DJANGO_SETTINGS_MODULE"] = "confianza.server.settings"

import django  # noqa: E402

django.setup()

from confianza.cooperation.training.identity import Identity  # noqa: E402
from confianza.server.ledger.selectors import statements  # noqa: E402
from confianza.server.programs.services import add_project, approve_project  # noqa: E402
from confianza.server.students import identities  # noqa: E402
from confianza.server.students.models import Student, Tenure  # noqa: E402
from confianza.server.students.services import (  # noqa: E402
    add_course,
    enrol_student,
    erase_person,
    see_identity,
    share_student,
)
from confianza.server.training.models import TrainingProgram  # noqa: E402
from confianza.server.training.selectors import program_state  # noqa: E402
from confianza.server.training.services import take_step as take_training_step  # noqa: E402
from django.db import connection  # noqa: E402

from confianza.server.audit.models import AuditHead  # noqa: E402
from confianza.server.audit.services import verify_log  # noqa: E402
from confianza.server.cases.models import Case  # noqa: E402
from confianza.server.cases.services import share_case, take_step  # noqa: E402
from confianza.server.evidence import selectors as evidence  # noqa: E402
from confianza.server.evidence.models import PrintedTotal, TrainingLineRow  # noqa: E402
from confianza.server.evidence.services import import_training_reports, settle_text  # noqa: E402
from confianza.server.people.models import User  # noqa: E402
from confianza.server.schema import upgrade  # noqa: E402
from confianza.server.workspace import build_workspace  # noqa: E402

REPORT = HERE.parents[1] / "fmtr" / "mx_2007_2008.pdf"


def actor(account: str):
    return User.objects.get(username=account).actor


def fill() -> None:
    """The demo, and beside it a little of everything that people do."""
    upgrade(keep_copy=False)
    build_workspace()
    manager, officer = actor("case-manager"), actor("cooperation-officer")
    program_director = actor("program-director")
    case = {"identifier": "E7-B-UAD", "actor": manager}
    take_step(step="obligate", on=date(2013, 3, 4), given={"line": "002", "amount": "118000.00"}, **case)
    take_step(step="deliver", on=date(2013, 6, 3), given={"line": "001", "quantity": "15"}, **case)
    share_case(identifier="E7-B-UAD", is_shared=True, actor=officer)
    add_project(
        code="BN-COAST",
        title="Coastal rescue",
        authority="Section 333",
        partner_code="BN",
        actor=program_director,
    )
    approve_project(code="BN-COAST", on=date(2026, 11, 2), actor=actor("state-reviewer"))

    identity = Identity.of_json(
        {
            "surname": "Tamm (invented)",
            "given_names": "Olev",
            "sex": "M",
            "rank": "Captain",
            "us_grade": "O-3",
            "service": "Air Force of Bandaria",
            "birth_date": "1991-04-12",
            "citizenship": "BN",
        }
    )
    student = enrol_student(
        partner_code="BN", institution_code="bn-air", identity=identity, is_simulated=True, actor=officer
    ).pseudonym
    share_student(pseudonym=student, is_shared=True, actor=officer)
    add_course(
        pseudonym=student,
        school="DLIELC",
        title="General English training",
        start_date=date(2024, 1, 8),
        end_date=date(2024, 5, 31),
        actor=officer,
    )
    see_identity(pseudonym=student, reason="report", actor=officer)
    way = f"BN-2027-1004-{student}"
    given = {"score": "82"}
    take_training_step(code=way, step="nominate", on=date(2026, 10, 1), given={}, actor=officer)
    take_training_step(code=way, step="test-english", on=date(2026, 10, 8), given=given, actor=officer)
    gone = enrol_student(
        partner_code="BN", institution_code="bn-navy", identity=identity, is_simulated=True, actor=officer
    ).pseudonym
    erase_person(pseudonym=gone, on=date(2026, 11, 20), actor=actor("administrator"))

    import_training_reports(REPORT, partner_code="MX", actor=actor("assessor"))
    text = next(item for item in evidence.unmatched_texts("category") if item.text)
    settle_text(
        field="category", text=text.text, value="technical", reason="Its prospectus.", actor=actor("assessor")
    )


def seen() -> dict:
    """What a reader of the workspace sees."""
    head = AuditHead.objects.get()
    settlement = evidence.settlement_history().get()
    return {
        "audit": {"events": verify_log(), "head": head.digest},
        "cases": {
            row.pk: {
                "phase": row.phase,
                "status": row.status,
                "steps": row.version,
                "cost_minor": row.cost_minor,
                "is_shared": row.is_shared,
                "project": row.project_id,
            }
            for row in Case.objects.all()
        },
        "statements": {
            by: [
                [
                    item.name,
                    item.is_simulated,
                    {key.value: money.minor for key, money in item.balances.items() if money.minor},
                ]
                for item in sorted(statements(by), key=lambda item: (item.name, item.is_simulated))
            ]
            for by in ("case", "program", "authority", "funds")
        },
        "training_plans": {
            row.pk: {
                "status": row.status,
                "steps": row.version,
                "ceiling_minor": row.ceiling_minor,
                "is_shared": row.is_shared,
                "lines": {line.pk: [line.status, line.taken_count] for line in row.lines.all()},
                "students": {
                    code: [history.status, len(history.records)]
                    for code, history in sorted(program_state(row).students.items())
                },
            }
            for row in TrainingProgram.objects.all()
        },
        "people": {
            row.pk: {
                "is_shared": row.is_shared,
                "is_erased": row.erased_on is not None,
                "courses": row.courses.count(),
                "posts": row.tenures.count(),
                "surname": getattr(identities.open_identity(row), "surname", None),
            }
            for row in Student.objects.all()
        },
        "tenures": Tenure.objects.count(),
        "training_reports": {
            "rows": TrainingLineRow.objects.count(),
            "imports": [[item.run.file_name, item.row_count] for item in evidence.training_imports()],
            "printed_totals": PrintedTotal.objects.count(),
            "by_year": [
                [row.values["fiscal_year"], row.student_count, row.cost.minor]
                for row in evidence.training_summary(evidence.TrainingQuery(), ("fiscal_year",))
            ],
            "classification": {
                "field": settlement.field,
                "text": settlement.text,
                "value": settlement.value,
                "reason": settlement.reason,
                "rows": TrainingLineRow.objects.filter(
                    rules__category=settlement.rule_id, category=settlement.value
                ).count(),
            },
        },
        "acts": len(evidence.history_events()),
    }


def main() -> None:
    fill()
    (HERE / "seen.json").write_text(json.dumps(seen(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    (HERE / "confianza.sqlite3.xz").write_bytes(
        lzma.compress(FILE.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    )
    shutil.copyfile(f"{FILE}.identity-key", HERE / "confianza.sqlite3.identity-key")
    shutil.rmtree(WORK)


if __name__ == "__main__":
    sys.exit(main())
