"""The jobs an account may see."""

from django.db.models import QuerySet

from confianza.cooperation.actors import Actor
from confianza.server.jobs.models import OPEN_STATES, Job


def visible_jobs(actor: Actor) -> QuerySet[Job]:
    """The jobs of the account, newest first; every job for who keeps the accounts."""
    jobs = Job.objects.order_by("-pk")
    return jobs if actor.may("manage_people") else jobs.filter(account=actor.account)


def has_open_job() -> bool:
    """Whether a job waits or runs."""
    return Job.objects.filter(state__in=OPEN_STATES).exists()
