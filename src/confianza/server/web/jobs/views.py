"""Pages of long work: files to import, how far each has come, what came of it."""

from django import forms
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from confianza.errors import ConfianzaError
from confianza.server.jobs.kinds import KINDS
from confianza.server.jobs.selectors import visible_jobs
from confianza.server.jobs.services import cancel_job, queue_job
from confianza.server.web.access import form_of, permitted
from confianza.server.web.templatetags.formats import language

MOST = 50  # jobs on the page
STATES = {
    "waiting": _("waiting"),
    "running": _("running"),
    "done": _("done"),
    "refused": _("refused"),
    "failed": _("failed"),
    "canceled": _("canceled"),
}


class ImportForm(forms.Form):
    """A file to import, and as what."""

    kind = forms.ChoiceField(label=_("Import"))
    file = forms.FileField(label=_("File"))
    partner_code = forms.RegexField(
        "^[A-Z]{2}$",
        label=_("Only this country (training report)"),
        help_text=_("ISO 3166 code of two letters, such as MX; empty: every country."),
        required=False,
    )

    def __init__(self, *args, user):
        super().__init__(*args)
        self.fields["kind"].choices = [
            (code, kind.name.in_language(language())) for code, kind in KINDS.items() if user.may(kind.action)
        ]


@permitted("view_jobs")
def jobs(request):
    return _page(request)


def _page(request, *, form=None, refusal=None, status=200):
    form = form or ImportForm(user=request.user)
    rows = [
        {
            "job": job,
            "name": KINDS[job.kind].name.in_language(language()),
            "state": STATES[job.state],
        }
        for job in visible_jobs(request.user)[:MOST]
    ]
    context = {
        "form": form if form.fields["kind"].choices else None,
        "rows": rows,
        "has_open": any(row["job"].is_open for row in rows),
        "refusal": refusal,
    }
    return render(request, "web/jobs.html", context, status=status)


@form_of("jobs")
@permitted("view_jobs")
def job_add(request):
    form = ImportForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _page(request, form=form, status=400)
    file = form.cleaned_data["file"]
    try:
        queue_job(
            kind=form.cleaned_data["kind"],
            file_name=file.name,
            chunks=file.chunks(),
            options={"partner_code": form.cleaned_data["partner_code"]},
            actor=request.user.actor,
        )
    except ConfianzaError as error:
        return _page(request, form=form, refusal=error.in_language(language()), status=409)
    return redirect("jobs")


@form_of("jobs")
@permitted("view_jobs")
def job_cancel(request, number):
    if not visible_jobs(request.user).filter(pk=number).exists():
        raise Http404(number)
    cancel_job(number, actor=request.user.actor)
    return redirect("jobs")
