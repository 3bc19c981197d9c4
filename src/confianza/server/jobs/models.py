"""Long work that waits, runs or is over."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")  # the work was refused, for the reasons of `outcome`
    FAILED = "failed", _("failed")  # by a fault of the program
    CANCELED = "canceled", _("canceled")


OPEN_STATES = (State.WAITING, State.RUNNING)


class Job(models.Model):
    """One piece of work, done for an account beside the pages."""

    kind = models.CharField(max_length=40)
    account = models.CharField(max_length=150)
    file_name = models.CharField(max_length=200)  # of the uploaded file it works on
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    is_cancel_requested = models.BooleanField(default=False)
    start_count = models.IntegerField(default=0)
    done_count = models.IntegerField(default=0)
    total_count = models.IntegerField(null=True)  # None: not known yet
    outcome = models.JSONField(null=True)  # in both languages
    queued_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "id"], name="job_by_state")]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
