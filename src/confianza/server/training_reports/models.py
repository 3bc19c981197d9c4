"""The public training reports: their rows and printed totals, and what rules and people make of their texts."""

from django.db import models

from confianza.cooperation import training
from confianza.cooperation.money import Money
from confianza.server.evidence.models import ImportRun

IN_ORDER = (
    ("fiscal_year", "category"),
    ("partner_code", "category"),
    ("program_family", "category"),
    ("school_code", "fiscal_year"),
    ("institution_code", "category"),
    ("category",),
    ("level",),
)  # what sums of all rows are read in the order of


class ReportRow(models.Model):
    """One row of a training report as it was read, and what the rule tables make of it.

    `partner_code` is that of any country of the world; a Party is only who a partnership is with.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT)
    report = models.CharField(max_length=20)
    volume = models.CharField(max_length=200)
    page = models.IntegerField()
    row = models.IntegerField()
    fiscal_year = models.IntegerField()
    is_planned = models.BooleanField(default=False)  # early reports add what was planned for the next year
    partner_code = models.CharField(max_length=12)
    program = models.CharField(max_length=200)
    course_title = models.TextField()
    student_count = models.IntegerField()
    location = models.TextField()
    student_unit = models.TextField()
    us_unit = models.TextField()
    cost_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    remarks = models.JSONField(default=list)  # what the importer could not read or believe, and kept
    program_family = models.CharField(max_length=40, default="unmatched")
    school_code = models.CharField(max_length=40, default="unmatched")
    institution_code = models.CharField(max_length=40, default="unmatched")
    category = models.CharField(max_length=40, default="unmatched")
    level = models.CharField(max_length=40, default="unmatched")
    rules = models.JSONField(default=dict)  # the rule that decided, by column; `RuleReason` says why
    rules_version = models.CharField(max_length=80, default="", blank=True)  # empty: seen by no rule

    class Meta:
        ordering = ["fiscal_year", "partner_code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "volume", "page", "row"], name="training_line_once"),
            models.CheckConstraint(condition=models.Q(student_count__gte=0), name="training_line_students"),
        ]
        indexes = [
            # Lists come in the first order. Sums of narrowed rows are read from the second alone, without the rows
            # themselves; those of all rows from the one that has them in the order they are added up by.
            models.Index(fields=["fiscal_year", "partner_code", "id"], name="training_line_order"),
            models.Index(
                fields=[
                    "is_planned", "partner_code", "fiscal_year", "program_family", "school_code", "institution_code",
                    "category", "level", "currency", "student_count", "cost_minor",
                ],
                name="training_line_sums",
            ),
            *(
                models.Index(
                    fields=["is_planned", "currency", *by, "student_count", "cost_minor"], name=f"training_by_{by[0]}"
                )
                for by in IN_ORDER
            ),
        ]  # fmt: skip

    def line(self) -> training.ReportRow:
        return training.ReportRow(
            report=self.report,
            volume=self.volume,
            page=self.page,
            row=self.row,
            fiscal_year=self.fiscal_year,
            partner_code=self.partner_code,
            program=self.program,
            course_title=self.course_title,
            student_count=self.student_count,
            location=self.location,
            student_unit=self.student_unit,
            us_unit=self.us_unit,
            cost=Money(self.cost_minor, self.currency),
            start_date=self.start_date,
            end_date=self.end_date,
        )


class PrintedTotal(models.Model):
    """What a report prints below a block (`program` given) or a country, beside what its rows add up to.

    Where a report prints no totals, what its rows add up to stands alone.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT)
    report = models.CharField(max_length=20)
    fiscal_year = models.IntegerField(null=True)  # None: both years of an early report together
    partner_code = models.CharField(max_length=12)
    program = models.CharField(max_length=200, blank=True)
    page = models.IntegerField()
    computed_student_count = models.IntegerField()
    computed_cost_minor = models.BigIntegerField()
    printed_student_count = models.IntegerField(null=True)
    printed_cost_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    reconciles = models.BooleanField(null=True)  # None: nothing is printed

    class Meta:
        ordering = ["report", "partner_code", "pk"]

    @property
    def computed_cost(self) -> Money:
        return Money(self.computed_cost_minor, self.currency)

    @property
    def printed_cost(self) -> Money | None:
        return None if self.printed_cost_minor is None else Money(self.printed_cost_minor, self.currency)


class SetAsideBlock(models.Model):
    """A block of a report that could not be read: in no row and in no sum, kept as it is printed."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT)
    report = models.CharField(max_length=20)
    fiscal_year = models.IntegerField()  # that of the report where none was read
    partner_code = models.CharField(max_length=12, blank=True)  # empty: the country is not known
    program = models.CharField(max_length=200, blank=True)
    program_family = models.CharField(max_length=40, default="unmatched")
    page = models.IntegerField()
    last_page = models.IntegerField()
    printed_student_count = models.IntegerField(null=True)
    printed_cost_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    text = models.TextField()
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ["fiscal_year", "run", "page", "pk"]
        indexes = [models.Index(fields=["partner_code", "fiscal_year"], name="training_set_aside")]

    @property
    def printed_cost(self) -> Money | None:
        return None if self.printed_cost_minor is None else Money(self.printed_cost_minor, self.currency)


class RuleReason(models.Model):
    """Why a rule decides as it does, in the words of its version: rows keep only its id."""

    rules_version = models.CharField(max_length=80)
    field = models.CharField(max_length=40)
    rule_id = models.CharField(max_length=80)
    reason = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rules_version", "field", "rule_id"], name="rule_reason_once")
        ]


class Classification(models.Model):
    """What a person made of a text of the reports. The last one on a text counts; an empty value takes it back."""

    field = models.CharField(max_length=40)
    text = models.TextField()
    partner_code = models.CharField(max_length=12, blank=True)  # empty: of every country
    value = models.CharField(max_length=40, blank=True)
    level = models.CharField(max_length=40, blank=True)  # of a course that is PME
    reason = models.TextField()
    at = models.DateTimeField()
    account = models.CharField(max_length=150)

    class Meta:
        ordering = ["pk"]

    @property
    def rule_id(self) -> str:
        """The name of its rule on the rows it decides."""
        return f"settled-{self.pk}"
