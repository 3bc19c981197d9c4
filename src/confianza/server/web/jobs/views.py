"""Pages of long work: files to import, how far each has come, what came of it."""

from functools import partial

from django.http import Http404
from django.shortcuts import redirect, render

from confianza.server.jobs import documents
from confianza.server.jobs.selectors import visible_jobs
from confianza.server.jobs.services import cancel_job, queue_job
from confianza.server.web.access import form_of, permitted
from confianza.server.web.jobs.forms import ImportForm
from confianza.server.web.submit import submit

MOST = 50  # jobs on the page


@permitted("view_jobs")
def jobs(request, *, form=None, refusal=None, status=200):
    form = form or ImportForm(user=request.user)
    rows = [documents.job(row) for row in visible_jobs(request.user.actor)[:MOST]]
    context = {
        "form": form if form.fields["kind"].choices else None,
        "jobs": rows,
        "has_open": any(job.is_open for job in rows),
        "refusal": refusal,
    }
    return render(request, "jobs/jobs.html", context, status=status)


@form_of("jobs")
@permitted("view_jobs")
def job_add(request):
    form = ImportForm(request.POST, request.FILES, user=request.user)

    def add(*, kind, file, partner_code, actor):
        options = {"partner_code": partner_code}
        return queue_job(kind=kind, file_name=file.name, chunks=file.chunks(), options=options, actor=actor)

    return submit(request, form, add, partial(jobs, request, form=form), lambda _job: redirect("jobs"))


@form_of("jobs")
@permitted("view_jobs")
def job_cancel(request, number):
    if not visible_jobs(request.user.actor).filter(pk=number).exists():
        raise Http404(number)
    cancel_job(number, actor=request.user.actor)
    return redirect("jobs")
