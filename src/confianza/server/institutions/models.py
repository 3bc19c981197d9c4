"""Parties, partnerships and institutions."""

from django.db import models

from confianza.cooperation import partnership
from confianza.cooperation.bilingual import BilingualText


class Party(models.Model):
    """A country: the manual's code, which case identifiers have, and apart from it the code of ISO 3166."""

    manual_code = models.CharField(max_length=2, primary_key=True)
    iso_code = models.CharField(max_length=2, unique=True)
    name = models.JSONField()
    is_fictional = models.BooleanField(default=False)

    def party(self) -> partnership.Party:
        return partnership.Party(
            self.manual_code, self.iso_code, BilingualText.of(self.name), self.is_fictional
        )


class Partnership(models.Model):
    """A host and its partner; the first is the one that an address without a partnership opens."""

    code = models.CharField(max_length=5, primary_key=True)  # us-co, from the codes of ISO 3166
    host = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="partnerships_as_host")
    partner = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="partnerships_as_partner")
    name = models.JSONField()
    first_year = models.SmallIntegerField(null=True)
    last_year = models.SmallIntegerField(null=True)
    first_training_fy = models.SmallIntegerField(null=True)
    last_training_fy = models.SmallIntegerField(null=True)
    assessment_date = models.DateField(null=True)
    program = models.CharField(max_length=60, blank=True)
    program_name = models.JSONField(null=True)
    data_set = models.CharField(max_length=40, blank=True)
    position = models.IntegerField()

    class Meta:
        ordering = ["position"]

    def partnership(self) -> partnership.Partnership:
        return partnership.Partnership(
            host=self.host.party(),
            partner=self.partner.party(),
            name=BilingualText.of(self.name),
            first_year=self.first_year,
            last_year=self.last_year,
            first_training_fy=self.first_training_fy,
            last_training_fy=self.last_training_fy,
            assessment_date=self.assessment_date,
            program=self.program,
            program_name=BilingualText.of(self.program_name) if self.program_name else None,
            data_set=self.data_set,
        )


class Institution(models.Model):
    code = models.CharField(max_length=40, primary_key=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    is_advisory = models.BooleanField(default=False)  # advises its parent, outside the line of command
    name = models.JSONField()
    abbreviation = models.CharField(max_length=20, blank=True)
    duty = models.JSONField()
    office = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=40)
    place = models.CharField(max_length=80)
    position = models.IntegerField()

    class Meta:
        ordering = ["position"]


class Counterpart(models.Model):
    """An office and the office it deals with on the other side, where a source names one."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="counterpart_links")
    counterpart = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="counterpart_of")
    source = models.CharField(max_length=40)
    place = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "counterpart"], name="counterpart_once")
        ]
