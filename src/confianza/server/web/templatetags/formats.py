"""Filters of templates: what `confianza.server.language` writes."""

from collections.abc import Mapping
from typing import Any

from django import template

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
def item(mapping: Mapping[Any, Any], key: object) -> Any:
    return mapping.get(key)
