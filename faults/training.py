"""250,000 rows of training reports: explorer, map, PME, schools and rows at the median and the 95th percentile.

python -m faults.training --rows 250000    (CONFIANZA_DATABASE_URL names the server; else SQLite in a folder of its own)
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from copy import copy
from functools import partial

from faults.pages import wasteful_pages
from faults.workspace import scratch

YEARS = range(1999, 2022)  # those of the reports
PLANNED, ELSEWHERE = 0.05, 0.1  # shares of rows
BATCH = 5_000


def fill(count: int) -> None:
    """So many rows: those that ship, each copied to any country, year and school of the record."""
    from django.db import connection

    from confianza.cooperation.training.courses import schools
    from confianza.cooperation.training.normalize import UNMATCHED
    from confianza.evidence.countries import country_names
    from confianza.server.evidence.models import ImportRun
    from confianza.server.training_reports.models import ReportRow
    from confianza.server.training_reports.services import BUNDLED

    random.seed(1)
    bundled = list(ReportRow.objects.all())
    run = ImportRun.objects.get(source=BUNDLED)
    countries, places = list(country_names()), list(schools())

    def simulated(number: int) -> ReportRow:
        row = copy(random.choice(bundled))
        row.pk, row.run, row.volume, row.page = None, run, "simulated", number
        row.partner_code, row.fiscal_year = random.choice(countries), random.choice(YEARS)
        row.is_planned = random.random() < PLANNED
        if row.partner_code != "MX":
            row.institution_code = UNMATCHED  # units are known of Mexico alone
        if random.random() < ELSEWHERE:
            row.school_code = random.choice(places)
        return row

    for first in range(len(bundled), count, BATCH):
        ReportRow.objects.bulk_create(map(simulated, range(first, min(first + BATCH, count))))
    if connection.vendor == "postgresql":  # as its own housekeeping does in time
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def run(count: int, rounds: int) -> int:
    """Exit status 1 when a page has too many queries."""
    with scratch():
        begun = time.perf_counter()
        fill(count)
        from django.conf import settings
        from django.db import connections

        engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
        print(f"{engine}: {count:,} rows, filled in {time.perf_counter() - begun:.0f} s")
        addresses = {
            "explorer": "/training-reports/",
            "explorer, one country": "/training-reports/?partner_code=MX&by=institution_code&measure=dollars",
            "explorer, one unit": "/training-reports/?institution_code=semar&by=school_code",
            "PME": "/training-reports/pme/",
            "PME, all countries": "/training-reports/pme/?partner_code=&other_code=MX&program_family=",
            "PME by institution, all countries": "/training-reports/pme/?partner_code=&program_family="
            "&by=institution_code",
            "schools": "/training-reports/schools/",
            "one school": "/training-reports/schools/WHINSEC/",
            "rows": "/training-reports/rows/?page=200",
        }
        charts = {
            "chart of years": "/charts/training-wide.svg",
            "map": "/charts/places-wide.svg",
            "chart of PME": "/charts/pme-wide.svg?partner_code=MX",
        }
        wasteful = wasteful_pages(
            "assessor", {name: partial(str, at) for name, at in addresses.items()}, rounds
        )
        print("  drawn after the page:")
        wasteful += wasteful_pages(
            "assessor", {name: partial(str, at) for name, at in charts.items()}, rounds
        )
        connections.close_all()
    return bool(wasteful)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=250_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    sys.exit(run(given.rows, given.rounds))
