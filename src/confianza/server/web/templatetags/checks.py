"""Attributes of a field that is checked when it is left, and the places of what is wrong."""

from django import template
from django.utils.html import format_html
from django.utils.text import slugify

from confianza.server.web.submit import CHECKED

register = template.Library()


@register.simple_tag
def check_when_left(address: str, name: str) -> str:
    """Sends the form around a field to its address, to be checked only, and puts what is wrong beside the field."""
    if not address:
        return ""
    return format_html(
        ' hx-post="{}" hx-trigger="focusout" hx-target="find .problem" hx-headers=\'{{"{}": "{}"}}\'',
        address,
        CHECKED,
        name,
    )


@register.filter
def checked_place(address: str) -> str:
    """Where a form of this address says what the rules refuse."""
    return f"checked-{slugify(address.replace('/', '-').replace('?', '-'))}"
