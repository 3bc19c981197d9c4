"""Draw the course titles that were labeled: `python sample.py VOLUME.pdf... > titles.csv`.

Every distinct title of the volumes (capitals and spaces apart) has the same chance. The seed is fixed, so the six
Western Hemisphere volumes of reports 2007-2008 to 2012-2013 give the same titles in the same order again.
"""

import csv
import random
import sys
from collections.abc import Iterable
from pathlib import Path

from confianza.evidence.sources.fmtr import read_report

SIZE, SEED = 450, 20140901


def distinct(titles: Iterable[str]) -> list[str]:
    """The titles in capitals with single spaces, each once, sorted."""
    return sorted({" ".join(title.upper().split()) for title in titles})


def draw(titles: Iterable[str]) -> list[str]:
    """The sample: `SIZE` distinct titles in random order."""
    return random.Random(SEED).sample(distinct(titles), SIZE)  # noqa: S311 - a sample, not a secret


if __name__ == "__main__":
    lines = [line for name in sys.argv[1:] for line in read_report(Path(name)).lines]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["title"])
    writer.writerows([title] for title in draw(line.course_title for line in lines))
