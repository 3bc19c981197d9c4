"""Filters of templates: what `confianza.server.language` writes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from confianza.cooperation.process.steps import Refusal
from confianza.server import language

register = template.Library()
register.filter("localized", language.localized)
register.filter("cited", language.localized_reference)
register.filter("money", language.format_money)
register.filter("day", language.format_day)
register.filter("percent", language.format_percent)
register.filter("number", language.format_number)
register.filter("signed", language.format_signed)


@register.filter
def written(refusals: Iterable[Refusal]) -> list[Refusal]:
    """Refusals with days as the language writes them."""
    return [refusal.rewritten(language.written) for refusal in refusals]


@register.filter
def item(mapping: Mapping[Any, Any], key: object) -> Any:
    return mapping.get(key)


@register.simple_tag
def columns(*labels: str) -> SafeString:
    """The head of a table: a label a column, after "n" that of a column of numbers, "" for one without a heading."""
    cells = []
    is_number = False
    for label in labels:
        if label == "n":
            is_number = True
            continue
        mark = SafeString(' class="n"') if is_number else ""
        cells.append(
            format_html('<th scope="col"{}>{}</th>', mark, label) if label else SafeString("<td></td>")
        )
        is_number = False
    return format_html("<thead><tr>{}</tr></thead>", format_html_join("", "{}", ((cell,) for cell in cells)))
