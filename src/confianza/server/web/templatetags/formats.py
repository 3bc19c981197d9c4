"""Filters of templates: what `confianza.server.language` writes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

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
