"""Forms that were sent and recorded nothing: what was typed comes back in the form of its page.

A form comes to nothing when the session ended before it was sent, when its token did, or when the reader of a refusal
changes the language. What was typed travels with the pages in between, in a hidden field: it is kept neither in the
session nor in a cookie nor in an address.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urljoin, urlsplit

import lxml.html
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from confianza.cooperation.process.fields import RESERVED, SEEN
from confianza.server.requests import AccountRequest
from confianza.server.web.partnership_address import enter, find_partnership

FIELD = "unsent"
NEVER_KEPT = {"login", "logout", "set_language"}
MOST_CHARACTERS = 500_000  # of what travels with a page
MOST_REDIRECTS = 3
NO_TEXT = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # no character of XML, so of no page
UNTYPED = {"hidden", "file", "submit", "button", "image", "reset", "password"}


@dataclass(frozen=True)
class UnsentForm:
    """The address a form was sent to, and its fields; a file does not come back and is chosen again."""

    address: str
    fields: tuple[tuple[str, str], ...]
    has_files: bool = False

    @classmethod
    def of(cls, request: AccountRequest) -> "UnsentForm | None":
        """The form of a request; None without any field. Passwords and tokens are left out."""
        if request.resolver_match is None or request.resolver_match.url_name in NEVER_KEPT:
            return None
        fields = tuple(
            (NO_TEXT.sub("", name), NO_TEXT.sub("", value))
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken" and "password" not in name
        )
        if not fields or sum(len(value) for _name, value in fields) > MOST_CHARACTERS:
            return None
        return cls(request.get_full_path(), fields, bool(request.FILES))

    @classmethod
    def read(cls, text: str) -> "UnsentForm | None":
        """What `text` carries; None for what no page of ours wrote."""
        try:
            document = json.loads(text)
            fields = tuple(
                (NO_TEXT.sub("", str(name)), NO_TEXT.sub("", str(value)))
                for name, value in document["fields"]
            )
            form = cls(str(document["address"]), fields, bool(document["has_files"]))
        except (ValueError, TypeError, KeyError):
            return None
        return form if url_has_allowed_host_and_scheme(form.address, allowed_hosts=None) else None

    @property
    def typed(self) -> list[str]:
        """What a person typed, without what the form itself sends."""
        return [value for name, value in self.fields if value and name not in RESERVED]

    @property
    def text(self) -> str:
        return json.dumps(
            {"address": self.address, "fields": self.fields, "has_files": self.has_files}, ensure_ascii=False
        )


def unsent_text(request: AccountRequest) -> str:
    """What a page carries for its reader: the form brought to it, or the refused one it answers."""
    if FIELD in request.POST:  # a sign-in that failed, with the form that waits for it
        return request.POST[FIELD]
    form = getattr(request, FIELD, None)
    if form is None and request.method == "POST":
        form = UnsentForm.of(request)
    return form.text if form else ""


def sign_in_page(request: AccountRequest, form: UnsentForm) -> HttpResponse:
    """The sign-in page with a form that waits for the sign-in."""
    setattr(request, FIELD, form)
    return _page_at(request, f"{reverse('login')}?{urlencode({'next': form.address})}")


def shown_again(request: AccountRequest, form: UnsentForm) -> HttpResponse:
    """The page of a form with what was typed in it, and a word that nothing was recorded."""
    if not request.user.is_authenticated:
        return sign_in_page(request, form)
    if request.user.password_is_temporary:
        return redirect("password")
    setattr(request, FIELD, form)
    answer = _page_at(request, form.address)
    if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
        return answer if answer.status_code >= 400 else redirect(form.address)
    answer.content = _filled(answer.content.decode(), request.get_full_path(), form)
    answer["Cache-Control"] = "no-store"
    return answer


def _page_at(request: AccountRequest, address: str) -> HttpResponse:
    """What a GET of an address answers, after its redirects; the request becomes that GET."""
    for _ in range(MOST_REDIRECTS):
        parts = urlsplit(address)
        path = unquote(parts.path)
        request.method, request.path = "GET", path
        enter(request, path)
        find_partnership(request)
        request.META |= {"REQUEST_METHOD": "GET", "QUERY_STRING": parts.query}
        request.GET, request.POST = QueryDict(parts.query), QueryDict()
        request.resolver_match = match = resolve(request.path_info)
        answer = match.func(request, *match.args, **match.kwargs)
        if not 300 <= answer.status_code < 400:
            break
        address = urljoin(address, answer["Location"])
    return answer.render() if hasattr(answer, "render") else answer


def _filled(page: str, base: str, unsent: UnsentForm) -> str:
    """The page with the fields typed into its form and a notice on top."""
    document = lxml.html.document_fromstring(page)
    forms = [
        form
        for form in document.forms
        if form.method == "POST" and urljoin(base, form.action or base) == unsent.address
    ]
    best = max(forms, key=lambda form: _likeness(form, unsent), default=None)
    if best is not None:
        _type_into(best, unsent)
        best.set("id", "unsent")
        for folded in best.iterancestors("details"):
            folded.set("open", "")
    notice = render_to_string("components/unsent.html", {"unsent": unsent, "has_form": best is not None})
    document.get_element_by_id("content").insert(0, lxml.html.fragment_fromstring(notice))
    return lxml.html.tostring(document, encoding="unicode", doctype="<!doctype html>")


def _likeness(form: Any, unsent: UnsentForm) -> int:
    """How many of the fields a form has; a hidden one only counts with its value, and against the form without."""
    inputs = {(item.name, item.get("value") or ""): item.get("type") for item in form.inputs if item.name}
    names = {name for (name, _value), kind in inputs.items() if kind != "hidden"}
    hidden = {name for (name, _value), kind in inputs.items() if kind == "hidden"} - {SEEN}
    likeness = 0
    for name, value in unsent.fields:
        if name in names or (name in hidden and (name, value) in inputs):
            likeness += 1
        elif name in hidden:
            likeness -= 1
    return likeness


def _type_into(form: Any, unsent: UnsentForm) -> None:
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in unsent.fields:
        values[name].append(value)
    for item in form.inputs:
        typed = values.get(item.name or "")
        if item.tag == "select" and typed:
            for option in item.iter("option"):
                option.attrib.pop("selected", None)
                if option.get("value", option.text) in typed:
                    option.set("selected", "")
        elif item.tag == "textarea" and typed:
            item.text = typed.pop(0)
        elif item.get("type") in ("checkbox", "radio"):
            item.attrib.pop("checked", None)
            if item.get("value", "on") in (typed or ()):
                item.set("checked", "")
        elif item.tag == "input" and item.get("type") not in UNTYPED and typed:
            item.set("value", typed.pop(0))
