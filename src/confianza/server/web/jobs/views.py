"""Pages of long work: files to import, how far each has come, what came of it."""

from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from confianza.cooperation.actors import Actor
from confianza.server.jobs import documents
from confianza.server.jobs.selectors import visible_jobs
from confianza.server.jobs.services import cancel_job, queue_job
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.jobs.forms import ImportForm
from confianza.server.web.submit import submit

MOST = 50  # jobs on the page


@permitted("view_jobs")
def jobs(
    request: AccountRequest,
    *,
    form: ImportForm | None = None,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    form = form or ImportForm(may=request.user.may)
    rows = [documents.job(row) for row in visible_jobs(request.user.actor)[:MOST]]
    context = {
        "form": form if form.has_kinds else None,
        "jobs": rows,
        "has_open": any(job.is_open for job in rows),
        "refusal": refusal,
    }
    return render(request, "jobs/jobs.html", context, status=status)


@form_of("jobs")
@permitted("view_jobs")
def job_add(request: AccountRequest) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES, may=request.user.may)

    def add(*, kind: str, file: "UploadedFile[bytes]", partner_code: str, actor: Actor) -> Any:
        one = request.partnership  # records are of the partnership of the address
        options = {"partner_code": partner_code, "partnership": one.code if one else ""}
        return queue_job(
            kind=kind, file_name=file.name or "", chunks=file.chunks(), options=options, actor=actor
        )

    return submit(request, form, add, partial(jobs, request, form=form), lambda _job: redirect("jobs"))


@form_of("jobs")
@permitted("view_jobs")
def job_cancel(request: AccountRequest, number: int) -> HttpResponse:
    if not visible_jobs(request.user.actor).filter(pk=number).exists():
        raise Http404(number)
    cancel_job(number, actor=request.user.actor)
    return redirect("jobs")
