"""How pages do with a full workspace: their queries, which must not grow with it, and their times beside the bars.

Times are told and fail nothing: they are those of the machine, and of what else it does.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

MEDIAN_MS, LATE_MS = 200, 500
MOST_QUERIES = 20


def timed(client, address: str) -> tuple[float, int]:
    """Milliseconds and database queries of a page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        begun = time.perf_counter()
        answer = client.get(address)
        spent = (time.perf_counter() - begun) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return spent, len(queries)


def wasteful_pages(account: str, pages: Mapping[str, Callable[[], str]], rounds: int) -> list[str]:
    """Print times and queries of each page for an account; the names of those with too many queries."""
    from django.conf import settings
    from django.test import Client

    from confianza.server.people.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(
        User.objects.get(username=account), backend="confianza.server.people.backends.DemoBackend"
    )
    slow, wasteful = [], []
    for name, address in pages.items():
        timed(client, address())
        measured = [timed(client, address()) for _ in range(rounds)]
        spent = [milliseconds for milliseconds, _ in measured]
        median, late = statistics.median(spent), statistics.quantiles(spent, n=20)[-1]
        queries = max(number for _, number in measured)
        print(f"  {name:<22} median {median:6.0f} ms   95th {late:6.0f} ms   at most {queries} queries")
        if median > MEDIAN_MS or late > LATE_MS:
            slow.append(name)
        if queries > MOST_QUERIES:
            wasteful.append(name)
    if slow:
        print(f"  slower than {MEDIAN_MS} ms at the median or {LATE_MS} ms at the 95th: {', '.join(slow)}")
    if wasteful:
        print(f"  broken: more than {MOST_QUERIES} queries: {', '.join(wasteful)}")
    return wasteful
