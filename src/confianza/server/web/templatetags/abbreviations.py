"""Abbreviations of the glossary, explained where a page first has them."""

import re
from html import escape

from django import template
from django.utils.safestring import mark_safe

from confianza.cooperation.glossary import abbreviations
from confianza.server.language import localized

register = template.Library()
PARTS = re.compile(
    r"(<(?:option|textarea|svg|abbr|title)\b.*?</(?:option|textarea|svg|abbr|title)>|<[^>]*>)", re.S
)
NAMES = "|".join(sorted(map(re.escape, abbreviations()), key=len, reverse=True))
ABBREVIATION = re.compile(rf"(?<![\w-])(?:{NAMES})(?![\w-])")


@register.filter(is_safe=True)
def explained(page: str) -> str:
    """A page with the first of each abbreviation in an `abbr` that says what it stands for."""
    seen: set[str] = set()

    def explain(match: re.Match[str]) -> str:
        if match[0] in seen:
            return match[0]
        seen.add(match[0])
        return f'<abbr title="{escape(localized(abbreviations()[match[0]]))}">{match[0]}</abbr>'

    parts = PARTS.split(page)
    parts[::2] = [ABBREVIATION.sub(explain, text) for text in parts[::2]]
    return mark_safe("".join(parts))  # noqa: S308 - it was a page before
