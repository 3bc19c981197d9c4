"""Pages of the evidence: a row of a report, its file, its printed totals, what a person classifies, files out."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confianza.cooperation.training.normalize import NOT_PME, UNMATCHED
from confianza.errors import ConfianzaError, sentence
from confianza.evidence.countries import country_names
from confianza.reports.tables import FORMATS
from confianza.server.evidence.services import archived
from confianza.server.language import language, told
from confianza.server.requests import AccountRequest
from confianza.server.training_reports import documents, selectors, services
from confianza.server.training_reports.exports import training_parts
from confianza.server.training_reports.terms import value_names
from confianza.server.web.access import permitted
from confianza.server.web.submit import submit
from confianza.server.web.training_reports.forms import ClassificationForm, RowsForm
from confianza.server.web.training_reports.summaries import DIMENSIONS, planned_beside, totals_of

ON_A_PAGE = 50
MOST_LEFT_OUT = 200  # rows of a file that a page names
MOST_SET_ASIDE = 200  # blocks that a page shows
FIELDS = {
    name: DIMENSIONS[name] for name in ("school_code", "institution_code", "program_family", "category")
}


def refused(request: AccountRequest, error: ConfianzaError, status: int = 400) -> HttpResponse:
    context = {"heading": _("Not recorded"), "sentence": told(error)}
    return render(request, "error.html", context, status=status)


@permitted("view_training")
def training_row(request: AccountRequest, number: int) -> HttpResponse:
    row = selectors.training_row(number)
    if row is None:
        raise Http404(number)
    context = {
        "run": row.run,
        "line": documents.report_row(row),
        "partner": country_names().get(row.partner_code),
        "terms": [
            (FIELDS[term.field], term, value_names(term.field).get(term.value, term.value))
            for term in selectors.terms_of(row)
        ],
        "level": value_names("level")[row.level] if row.level not in {NOT_PME, UNMATCHED} else None,
        "remarks": [sentence(remark["code"], remark["params"], language()) for remark in row.remarks],
        "has_file": archived(row.run.digest) is not None,
    }
    return render(request, "training_reports/row.html", context)


@permitted("view_training")
def evidence_file(request: AccountRequest, digest: str) -> FileResponse:
    """The file a report was read from; a PDF opens in the browser, at the page its address ends with."""
    run = selectors.run_of_file(digest)
    path = archived(digest) if run else None
    if run is None or path is None:
        raise Http404(digest)
    is_pdf = path.suffix == ".pdf"
    answer = FileResponse(path.open("rb"), as_attachment=not is_pdf, filename=run.file_name)
    if is_pdf:  # the viewer of the browser draws it with styles of its own
        answer["Content-Security-Policy"] = "frame-ancestors 'none'"
    return answer


@permitted("view_training")
def training_rows(request: AccountRequest) -> HttpResponse:
    """The rows a query asks for, a part at a time."""
    form = RowsForm(request.GET)
    try:
        query = selectors.TrainingQuery.of(request.GET.dict())
    except ConfianzaError:
        return render(request, "training_reports/rows.html", {"form": form}, status=400)
    found = selectors.training_rows(query).select_related("run")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    kept = {digest for digest in {row.run.digest for row in page} if archived(digest)}
    context = {
        "form": form,
        "page": page,
        "rows": [(documents.report_row(row), row.run.digest in kept) for row in page],
        "query": urlencode(query.parameters()),
        "totals": totals_of(selectors.training_summary(query, ())),
        "planned": planned_beside(query),
        "set_aside": selectors.set_aside(query),
        "status": query.status,
        "countries": country_names(),
        "schools": value_names("school_code"),
        "institutions": value_names("institution_code"),
        "categories": value_names("category"),
    }
    return render(request, "training_reports/rows.html", context)


@permitted("view_training")
def training_export(request: AccountRequest, form: str) -> HttpResponseBase:
    """The rows a query asks for, as a file that streams."""
    try:
        rows = selectors.training_rows(selectors.TrainingQuery.of(request.GET.dict()))
        parts = training_parts(rows, form)
    except ConfianzaError as error:
        return refused(request, error)
    answer = StreamingHttpResponse(parts, content_type=FORMATS[form])
    answer["Content-Disposition"] = f'attachment; filename="training-rows.{form}"'
    return answer


@permitted("view_training")
def reconciliation(request: AccountRequest) -> HttpResponse:
    """The imported volumes, and the printed totals that their rows do not add up to."""
    try:
        query = selectors.TrainingQuery.of({"partner_code": request.GET.get("partner_code", "")})
    except ConfianzaError as error:
        return refused(request, error)
    shows_all = request.GET.get("all") == "1"
    totals = selectors.printed_totals(query.partner_code, only_differences=not shows_all)
    page = Paginator(totals, ON_A_PAGE).get_page(request.GET.get("page"))
    asked = query.parameters() | ({"all": "1"} if shows_all else {})
    imports = selectors.training_imports()
    context = {
        "imports": [documents.imported_file(item) for item in imports],
        "blocks": [
            documents.set_aside_block(block, language())
            for block in selectors.blocks_set_aside(query)[:MOST_SET_ASIDE]
        ],
        "left_out": [
            (item.run, [told(said) for said in selectors.left_out(item.run, MOST_LEFT_OUT)])
            for item in imports
            if item.run.left_out
        ],
        "page": page,
        "has_printed": selectors.has_printed_totals(query.partner_code),
        "query": urlencode(asked),
        "partner_code": query.partner_code,
        "shows_all": shows_all,
        "countries": country_names(),
    }
    return render(request, "training_reports/reconciliation.html", context)


@permitted("classify_training")
def classify(request: AccountRequest) -> HttpResponse:
    """The texts that no rule fits; with a text, a form that says what it means."""
    field, text, partner_code = (request.GET.get(name, "") for name in ("field", "text", "partner_code"))
    field = field or "school_code"
    if field not in FIELDS:
        raise Http404(field)
    if request.method != "POST" or not text:
        return _classification_page(request, field, form=ClassificationForm(None, field) if text else None)
    form = ClassificationForm(request.POST, field)

    def done(result: tuple[Any, int]) -> HttpResponse:
        _classification, count = result
        sentence = ngettext(
            "Classified on %(count)s row: %(text)s", "Classified on %(count)s rows: %(text)s", count
        )
        messages.success(request, sentence % {"count": count, "text": text}, extra_tags="good")
        return redirect(f"{request.path}?{urlencode({'field': field})}")

    action = partial(services.classify_text, field=field, text=text, partner_code=partner_code)
    return submit(request, form, action, partial(_classification_page, request, field, form=form), done)


def _classification_page(
    request: AccountRequest,
    field: str,
    *,
    form: ClassificationForm | None,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = Paginator(selectors.unmatched_texts(field), ON_A_PAGE).get_page(request.GET.get("page"))
    counts = selectors.unmatched_counts()
    names = {name: value_names(name) for name in FIELDS}
    context = {
        "fields": [(name, label, counts[name]) for name, label in FIELDS.items()],
        "field": field,
        "label": FIELDS[field],
        "text": request.GET.get("text", ""),
        "partner_code": request.GET.get("partner_code", ""),
        "form": form,
        "refusal": refusal,
        "page": page,
        "query": urlencode({"field": field}),
        "countries": country_names(),
        "history": [
            (row, FIELDS[row.field], names[row.field].get(row.value, row.value))
            for row in selectors.classification_history()[:ON_A_PAGE]
        ],
        "levels": value_names("level"),
        "has_rows": selectors.training_rows(selectors.TrainingQuery(status="both")).exists(),
    }
    return render(request, "training_reports/unmatched.html", context, status=status)
