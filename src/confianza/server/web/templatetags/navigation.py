"""Links between the pages of an area."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def page_link(context: dict[str, Any], name: str, label: str, query: str = "") -> SafeString:
    """An entry of a list of pages: the page of that name, marked where it is the one that is shown."""
    is_here = context["request"].resolver_match.url_name == name
    return format_html(
        '<li><a href="{}{}"{}>{}</a></li>',
        reverse(name),
        f"?{query}" if query else "",
        SafeString(' aria-current="page"') if is_here else "",
        label,
    )
