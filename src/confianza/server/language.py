"""The language of a request."""

from django.utils.translation import get_language


def language() -> str:
    """`es` or `en`."""
    return "es" if (get_language() or "en").startswith("es") else "en"
