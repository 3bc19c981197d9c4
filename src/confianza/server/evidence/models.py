"""What is known: the files that were imported. Every row that was read in one names it."""

from django.db import models


class ImportRun(models.Model):
    """One file that was read, by the hash of its bytes; the same file twice is one run."""

    source = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    address = models.TextField(blank=True, default="")  # where it was fetched from, if it was
    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    account = models.CharField(max_length=150)
    record_count = models.IntegerField()
    left_out = models.JSONField(default=list)  # rows of the file that could not be kept, and why
    named_countries = models.JSONField(default=list)  # codes of those a training report names, read or not

    class Meta:
        ordering = ["at", "pk"]
