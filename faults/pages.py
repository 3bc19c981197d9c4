"""How long pages take with a full workspace: the median and the 95th percentile against their bars."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

MEDIAN_MS, LATE_MS = 200, 500


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


def slow_pages(account: str, pages: Mapping[str, Callable[[], str]], rounds: int) -> list[str]:
    """Print how long each page takes an account; the names of those slower than their bars."""
    from django.conf import settings
    from django.test import Client

    from confianza.server.people.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(
        User.objects.get(username=account), backend="confianza.server.people.backends.DemoBackend"
    )
    slow = []
    for name, address in pages.items():
        timed(client, address())
        measured = [timed(client, address()) for _ in range(rounds)]
        spent = [milliseconds for milliseconds, _ in measured]
        median, late = statistics.median(spent), statistics.quantiles(spent, n=20)[-1]
        queries = max(number for _, number in measured)
        print(f"  {name:<22} median {median:6.0f} ms   95th {late:6.0f} ms   at most {queries} queries")
        if median > MEDIAN_MS or late > LATE_MS:
            slow.append(name)
    if slow:
        print(f"  slower than {MEDIAN_MS} ms at the median or {LATE_MS} ms at the 95th: {', '.join(slow)}")
    return slow
