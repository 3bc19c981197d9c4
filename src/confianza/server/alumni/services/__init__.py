"""Writes on students: enrollment, courses, posts, looks at an identity, export and erasure.

The audit log tells of every change by pseudonym. It never carries a name, and never joins a pseudonym to a post. A write
locks every row it changes before its first event locks the head of the log: else two of them could wait for each other.
"""

from confianza.server.alumni.services.enrollment import (
    PSEUDONYM,
    enroll_student,
    lock_all,
    record_course,
    school_of,
    schools_by_name,
    share_student,
    subject,
)
from confianza.server.alumni.services.personal_data import (
    empty_journal,
    erase_person,
    export_person,
    keep_identity,
    see_identity,
)
from confianza.server.alumni.services.positions import add_post, hold_post, leave_post, withdraw
from confianza.server.alumni.services.report import names_for_report, update_report

__all__ = [
    "PSEUDONYM",
    "add_post",
    "empty_journal",
    "enroll_student",
    "erase_person",
    "export_person",
    "hold_post",
    "keep_identity",
    "leave_post",
    "lock_all",
    "names_for_report",
    "record_course",
    "school_of",
    "schools_by_name",
    "see_identity",
    "share_student",
    "subject",
    "update_report",
    "withdraw",
]
