"""Students and instructors of both sides, their courses and the posts they came to hold; identities are sealed apart.

A model that belongs to a student names the fields that could tell who it is in `PERSONAL`: erasure empties them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from confianza.cooperation.alumni import SchoolRole, TenureHolder, network, positions
from confianza.cooperation.bilingual import BilingualText
from confianza.server.institutions.models import Party


class Student(models.Model):
    """A person who trained or taught.

    Known by a pseudonym; `public_name` only where a public source names the person as an alumnus, with that source.
    """

    PERSONAL = ("public_name", "public_source")

    pseudonym = models.CharField(_("Pseudonym"), max_length=20, primary_key=True)
    partner = models.ForeignKey(Party, on_delete=models.PROTECT, verbose_name=_("Country"))
    institution_code = models.CharField(_("Institution"), max_length=40, blank=True)
    public_name = models.CharField(_("Public name"), max_length=120, blank=True)
    public_source = models.CharField(_("Public source of the name"), max_length=200, blank=True)
    is_shared = models.BooleanField(_("Shared with the partner"), default=False)
    is_simulated = models.BooleanField(_("Simulated"), default=False)
    erased_on = models.DateField(_("Personal data erased on"), null=True)
    had_post = models.BooleanField(
        default=False
    )  # kept of an erased person, whose posts are no longer theirs

    class Meta:
        ordering = ["pseudonym"]
        verbose_name = _("Person")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(public_name="") | ~models.Q(public_source=""),
                name="student_public_name_has_source",
            )
        ]

    @property
    def name(self) -> str:
        """The public name where there is one, else the pseudonym."""
        return self.public_name or self.pseudonym


class SealedIdentity(models.Model):
    """The identity of a student under a key of its own, which is itself sealed by the key file (`identities`)."""

    student = models.OneToOneField(
        Student, on_delete=models.PROTECT, primary_key=True, related_name="identity"
    )
    sealed_key = models.BinaryField()
    sealed = models.BinaryField()


class CourseAttended(models.Model):
    """A course a person attended or taught. `school` is a code of the school table, else the school's name."""

    PERSONAL = ("rank", "degree", "source")

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="courses")
    part = models.CharField(_("Role"), max_length=10)
    school = models.CharField(_("School"), max_length=80)
    title = models.CharField(_("Course"), max_length=300)
    start_date = models.DateField(_("Begins"))
    end_date = models.DateField(_("Ends"))
    rank = models.CharField(_("Rank at the time"), max_length=60, blank=True)
    degree = models.CharField(_("Degree"), max_length=120, blank=True)
    funding = models.CharField(_("Source of funding"), max_length=80, blank=True)
    source = models.CharField(_("How obtained"), max_length=200, blank=True)

    class Meta:
        ordering = ["start_date", "pk"]
        verbose_name = _("Course")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "school", "title", "start_date"], name="student_course_once"
            ),
            models.CheckConstraint(
                condition=models.Q(end_date__gte=models.F("start_date")), name="student_course_dates"
            ),
        ]

    def attendance(self) -> network.Attendance:
        """As the library has it; `student` is read with it."""
        return network.Attendance(
            self.student_id,
            self.student.partner_id,
            self.school,
            self.title,
            self.start_date,
            self.end_date,
            SchoolRole(self.part),
        )


class Post(models.Model):
    """A prominent post of a country; `is_senior` where it belongs to those whose holders are counted."""

    code = models.CharField(max_length=40, primary_key=True)
    partner = models.ForeignKey(Party, on_delete=models.PROTECT)
    institution_code = models.CharField(max_length=40, blank=True)
    title = models.JSONField()
    kind = models.CharField(max_length=10)
    is_senior = models.BooleanField()
    source = models.CharField(max_length=200)
    is_simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["partner_id", "code"]


class Tenure(models.Model):
    """Who held a post from when to when, and how that is known."""

    PERSONAL = ("rank", "us_grade", "source")

    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, related_name="tenures", verbose_name=_("Position")
    )
    holder = models.CharField(_("Holder"), max_length=10)
    student = models.ForeignKey(Student, on_delete=models.PROTECT, null=True, related_name="tenures")
    from_date = models.DateField(_("From"))
    to_date = models.DateField(_("To"), null=True)
    rank = models.CharField(_("Rank"), max_length=60, blank=True)
    us_grade = models.CharField(_("U.S. grade"), max_length=10, blank=True)
    source = models.CharField(_("How obtained"), max_length=200, blank=True)

    class Meta:
        ordering = ["from_date", "pk"]
        verbose_name = _("Position held")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(holder=TenureHolder.PERSON.value, student__isnull=False)
                | (~models.Q(holder=TenureHolder.PERSON.value) & models.Q(student__isnull=True)),
                name="tenure_person_is_named",
            ),
            models.CheckConstraint(
                condition=models.Q(to_date__isnull=True) | models.Q(to_date__gte=models.F("from_date")),
                name="tenure_dates",
            ),
        ]

    @property
    def post_title(self) -> BilingualText:
        return BilingualText.of(self.post.title)

    def tenure(self) -> positions.Tenure:
        return positions.Tenure(
            self.post_id, TenureHolder(self.holder), self.student_id, self.from_date, self.to_date
        )


class ProminenceReport(models.Model):
    """A day on which the yearly report of positions of prominence of a partner was brought up to date."""

    partner = models.ForeignKey(Party, on_delete=models.PROTECT)
    on = models.DateField()
    account = models.CharField(max_length=150)
    row_count = models.IntegerField()

    class Meta:
        ordering = ["on", "pk"]


class StudentFile(models.Model):
    """A file of courses, posts or positions that was taken in; its name, which may name a person, is not kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    row_count = models.IntegerField()
