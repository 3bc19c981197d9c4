"""Training plans, the lines of their lists and the students enrolled on them. The steps of each are its audit events.

What else stands in these rows is derived from them and rewritten with every step, to find them by. The words that may
tell who a student is are no part of the audit log: they stand in `StudentRemark`, where erasure empties them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from confianza.cooperation.money import Money
from confianza.cooperation.training_plans.records import read_code
from confianza.server.alumni.models import Student
from confianza.server.institutions.models import Party


def subject(code: str) -> str:
    """The subject of the audit events of a plan, line or enrollment, in the words of the log."""
    return f"training:{code}"


class TrainingPlan(models.Model):
    """The training of a partner in a fiscal year."""

    code = models.CharField(max_length=7, primary_key=True)
    partner = models.ForeignKey(Party, on_delete=models.PROTECT)
    fiscal_year = models.IntegerField()
    status = models.CharField(max_length=20, blank=True)
    version = models.IntegerField(default=0)  # number of recorded steps
    ceiling_minor = models.BigIntegerField(default=0)
    is_shared = models.BooleanField(default=False)  # with the partner's liaison
    is_simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["partner_id", "-fiscal_year"]

    @property
    def ceiling(self) -> Money:
        return Money(self.ceiling_minor)


class PlanLine(models.Model):
    """A line of a training list."""

    code = models.CharField(max_length=13, primary_key=True)
    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="lines")
    version = models.IntegerField(default=0)
    status = models.CharField(max_length=20, blank=True)
    school = models.CharField(max_length=80, blank=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    seat_count = models.IntegerField(default=0)
    taken_count = models.IntegerField(default=0)

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["school", "start_date"], name="line_by_school")]


class StudentEnrollment(models.Model):
    """A student on the courses of a number."""

    code = models.CharField(_("Code"), max_length=40, primary_key=True)
    plan = models.ForeignKey(
        TrainingPlan, on_delete=models.PROTECT, related_name="enrollments", verbose_name=_("Training plan")
    )
    student = models.ForeignKey(
        Student, on_delete=models.PROTECT, related_name="enrollments", verbose_name=_("Person")
    )
    version = models.IntegerField(_("Version"), default=0)
    status = models.CharField(_("Status"), max_length=20, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("Enrollment")

    @property
    def number(self) -> str:
        """The worksheet control number without its letter."""
        return read_code(self.code).wcn_base


class StudentRemark(models.Model):
    """What a step of an enrollment says in words or by a number of the person; `event` is that of the step."""

    PERSONAL = ("text",)

    enrollment = models.ForeignKey(StudentEnrollment, on_delete=models.PROTECT, related_name="remarks")
    event = models.BigIntegerField(_("Event"))
    field = models.CharField(_("Field"), max_length=40)
    text = models.TextField(_("Text"), blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Remark")
        constraints = [models.UniqueConstraint(fields=["event", "field"], name="remark_once_a_field")]
