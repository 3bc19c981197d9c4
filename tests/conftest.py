"""Shared by every test: where a workspace lies, what is kept out, and how long a search is.

CONFIANZA_DATABASE_URL in the environment puts every workspace of the tests on that PostgreSQL server
(`scripts/with_postgresql.py` starts one); without it they are SQLite files. CONFIANZA_WITHOUT_DJANGO=1 makes every
import of Django fail, to show that the library stands without it. HYPOTHESIS_PROFILE=full makes searches as long as
`make test-all` has them (`tests/searches.py`).
"""

import os
import re
import sys
from pathlib import Path

import pytest

import tests.searches  # noqa: F401 - registers the profiles of Hypothesis

ROOT = Path(__file__).parents[1]

if os.environ.get("CONFIANZA_WITHOUT_DJANGO") == "1":

    class NoDjango:
        """Refuses to find Django."""

        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] == "django":
                raise ModuleNotFoundError(f"{name} is kept out of this run", name=name)

    sys.meta_path.insert(0, NoDjango())


@pytest.fixture(scope="session")
def shared_reports():
    """Every file of the training report that lies beside the project; a clear skip where none does."""
    folder = ROOT.parent / "shared" / "data" / "fmtr"
    files = sorted([*folder.glob("*.pdf"), *folder.glob("*.html")])
    if not files:
        pytest.skip(
            "no volume of the training report is beside the project: only the pages with the tests were read"
        )
    return files


@pytest.fixture(scope="session")
def shared_volumes(shared_reports):
    """The volumes of the Western Hemisphere of FY2007 to FY2012, where they lie beside the project."""
    volumes = [
        path
        for path in shared_reports
        if re.fullmatch(r"fmtr_20(0[7-9]|1[0-2])_\d{4}_western_hemisphere\.pdf", path.name)
    ]
    if len(volumes) < 6:
        pytest.skip("the six official volumes are not beside the project: only the cut pages were tested")
    return volumes
