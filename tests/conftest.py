"""Shared by every test: where a workspace lies, what is kept out, and how long a search is.

CONFIANZA_DATABASE_URL in the environment puts every workspace of the tests on that PostgreSQL server
(`scripts/with_postgresql.py` starts one); without it they are SQLite files. CONFIANZA_WITHOUT_DJANGO=1 makes every
import of Django fail, to show that the library stands without it. HYPOTHESIS_PROFILE=full makes searches as long as
`make test-all` has them (`tests/searches.py`).
"""

import os
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
def shared_volumes():
    """The volumes of FY2007–FY2012, Western Hemisphere; a clear skip where they do not lie beside the project."""
    folder = ROOT.parent / "shared" / "data" / "fmtr"
    volumes = [folder / f"fmtr_{year}_{year + 1}_western_hemisphere.pdf" for year in range(2007, 2013)]
    if missing := [volume.name for volume in volumes if not volume.exists()]:
        pytest.skip(f"not beside the project: {', '.join(missing)}. Only the cut pages were tested.")
    return volumes
