"""The jobs an account may see."""

from django.db.models import QuerySet

from confianza.server.jobs.models import OPEN_STATES, Job
from confianza.server.people.models import User


def visible_jobs(user: User) -> QuerySet[Job]:
    """The jobs of the account, newest first; every job for who keeps the accounts."""
    jobs = Job.objects.order_by("-pk")
    return jobs if user.may("manage_people") else jobs.filter(account=user.username)


def has_open_job() -> bool:
    """Whether a job waits or runs."""
    return Job.objects.filter(state__in=OPEN_STATES).exists()
