"""Make the series that come with the package: of the sources whose terms allow it, what they say of one pair.

python scripts/bundle_series.py FILE…

Files are the publishers' own: UN votes with their roll calls, ideal points, U.S. aid, capabilities, the
AmericasBarometer's question on the armed forces, and the table of opinion.
"""

import sys
from pathlib import Path

from confianza.evidence.series import (
    SHIPPED,
    citations,
    data_licenses,
    measures,
    series_of_pair,
    written_table,
)
from confianza.evidence.sources.series import read_series

TARGET = Path(__file__).parents[1] / "src" / "confianza" / "evidence" / SHIPPED
PAIR = ("US", "MX")
HEAD = (
    "Series of the United States and Mexico by year that come with the package: derived from the publishers' files by",
    "scripts/bundle_series.py, or rows of works of the U.S. government. Cite the source, not this file.",
)


def bundled(*paths: Path) -> str:
    """The table of what may ship, with how each source is cited at its head."""
    files = sorted(read_series(*paths), key=lambda file: list(data_licenses()).index(file.source))
    files = [file for file in files if data_licenses()[file.source].ships != "nothing"]
    every = [
        series
        for file in files
        for series in series_of_pair(file, *PAIR)
        if not measures()[series.key.measure].distance_of
    ]
    return written_table(every, [*HEAD, *citations(file.source for file in files)])


if __name__ == "__main__":
    text = bundled(*map(Path, sys.argv[1:]))
    TARGET.write_text(text, encoding="utf-8", newline="")
    print(f"{TARGET}: {text.count(chr(10)):,} lines")
