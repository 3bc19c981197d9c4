"""Parties, partnerships and institutions."""

from django.db import models


class Party(models.Model):
    code = models.CharField(max_length=2, primary_key=True)
    name = models.JSONField()
    is_fictional = models.BooleanField(default=False)


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
