"""Students and instructors of both sides, known by a pseudonym; their identities are sealed apart."""

from django.db import models

from confianza.server.institutions.models import Party


class Student(models.Model):
    """A person who trained or taught.

    Known by a pseudonym; `public_name` only where a public source names the person as an alumnus, with that source.
    """

    pseudonym = models.CharField(max_length=20, primary_key=True)
    partner = models.ForeignKey(Party, on_delete=models.PROTECT)
    institution_code = models.CharField(max_length=40, blank=True)
    public_name = models.CharField(max_length=120, blank=True)
    public_source = models.CharField(max_length=200, blank=True)
    is_shared = models.BooleanField(default=False)  # with the liaison of its own country
    is_simulated = models.BooleanField(default=False)
    erased_on = models.DateField(null=True)

    class Meta:
        ordering = ["pseudonym"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(public_name="") | ~models.Q(public_source=""),
                name="student_public_name_has_source",
            )
        ]


class SealedIdentity(models.Model):
    """The identity of a student under a key of its own, which is itself sealed by the key file (`identities`)."""

    student = models.OneToOneField(
        Student, on_delete=models.PROTECT, primary_key=True, related_name="identity"
    )
    sealed_key = models.BinaryField()
    sealed = models.BinaryField()
