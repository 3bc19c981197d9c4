"""Shared by every test: where a workspace lies, and what is kept out.

CONFIANZA_DATABASE_URL in the environment puts every workspace of the tests on that PostgreSQL server
(`scripts/with_postgresql.py` starts one); without it they are SQLite files. CONFIANZA_WITHOUT_DJANGO=1 makes every
import of Django fail, to show that the library stands without it.
"""

import os
import sys
from pathlib import Path

import pytest

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
    """The official PDF volumes, where they lie beside the project; a clear skip where they do not."""
    folder = ROOT.parent / "shared" / "data" / "fmtr"
    volumes = sorted(folder.glob("fmtr_*.pdf"))
    if len(volumes) < 6:
        pytest.skip("the six official volumes are not beside the project: only the cut pages were tested")
    return volumes
