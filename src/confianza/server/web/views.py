"""What no area has of its own: the language of the pages, and the answers to what is refused."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import activate, check_for_language
from django.utils.translation import gettext as _
from django.views import i18n

from confianza.cooperation.permissions import permission_table
from confianza.errors import PermissionRefusal, sentence
from confianza.server.language import language, told
from confianza.server.requests import AccountRequest
from confianza.server.web.renamed import new_address
from confianza.server.web.unsent import FIELD, UnsentForm, shown_again


@login_not_required
def set_language(request: AccountRequest) -> HttpResponse:
    """The language of the pages from here on; a form that recorded nothing comes back in it."""
    response = i18n.set_language(request)
    waiting = UnsentForm.read(request.POST.get(FIELD, ""))
    if waiting is None:
        return response
    code = request.POST.get("language", "")
    if check_for_language(code):
        activate(code)
    again = shown_again(request, waiting)
    again.cookies.update(response.cookies)
    return again


def not_permitted(request: AccountRequest, exception: Exception) -> HttpResponse:
    table = permission_table()
    action = table.actions.get(str(exception))
    sentence = _("You may not do this.")
    if action is not None:
        roles = ", ".join(sorted(table.roles[role].name.in_language(language()) for role in action.roles))
        refusal = PermissionRefusal(
            "not-permitted",
            account=request.user.username,
            role=table.roles[request.user.role].name if request.user.role in table.roles else "—",
            action=action.text,
            allowed=roles,
        )
        sentence = told(refusal)
    context = {"heading": _("Not permitted"), "sentence": sentence}
    return render(request, "error.html", context, status=403)


def too_many_guesses(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """The answer to a password that was not looked at, on the pages and at /api/."""
    pause = settings.AXES_COOLOFF_TIME
    message = sentence("too-many-guesses", {"minutes": pause.seconds // 60}, language())
    if request.path_info.startswith("/api/"):
        body = {"code": "too-many-guesses", "message": message, "refusals": []}
        answer: HttpResponse = JsonResponse(body, status=429)
    else:
        context = {"heading": _("Wait before you try again"), "sentence": message}
        answer = render(request, "error.html", context, status=429)
    answer["Retry-After"] = str(pause.seconds)
    return answer


@login_not_required
def form_expired(request: AccountRequest, reason: str = "") -> HttpResponse:
    """A form without its token. One that the browser says our own page sent comes back; of others nothing is shown."""
    waiting = UnsentForm.of(request) if request.headers.get("Sec-Fetch-Site") == "same-origin" else None
    if waiting is not None:
        answer = shown_again(request, waiting)
        answer.status_code = 403
        return answer
    request.POST = QueryDict()
    context = {
        "page": request.get_full_path(),
        "heading": _("This form is no longer valid"),
        "sentence": _(
            "It was opened before you last signed in, or cookies are off. Go back, reload the page and send it again."
        ),
    }
    return render(request, "error.html", context, status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if address := new_address(request):
        return redirect(address, permanent=True, preserve_request=request.method not in ("GET", "HEAD"))
    context = {
        "heading": _("Page not found"),
        "sentence": _("There is no such page, or it was not shared with you. Check the address."),
    }
    return render(request, "error.html", context, status=404)
