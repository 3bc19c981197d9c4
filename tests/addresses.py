"""Every address of the pages, those of included lists too."""

from django.urls import get_resolver


def routes() -> dict[str, str]:
    """The name of each route of the pages; the interface for programs stands as one, `api/`."""
    found, waiting = {}, [("", pattern) for pattern in get_resolver().url_patterns]
    while waiting:
        before, pattern = waiting.pop()
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns") and route != "api/":
            waiting += [(route, inner) for inner in pattern.url_patterns]
        else:
            found[route] = getattr(pattern, "name", "") or ""
    return found
