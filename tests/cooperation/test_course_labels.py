"""The rules beside titles labeled by language models: the page tells the agreement, and it does not fall."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from confianza.cooperation.training import Category, PmeLevel

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "course_categories.py"
COUNT = runpy.run_path(str(SCRIPT))
HALF = COUNT["HALF"]


@pytest.fixture(scope="module")
def rows():
    return COUNT["labeled"]()


def test_kappa_is_that_of_the_textbook_example():
    # two judges of 50 proposals: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no; observed 0.7, chance 0.5
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert COUNT["agreement"](first, second) == pytest.approx((0.7, 0.4))


def test_at_least_400_distinct_titles_have_two_labels_each(rows):
    assert len({row["title"] for row in rows}) == len(rows) == 450
    for row in rows:
        for who in ("first", "second"):
            category, level = Category(row[who]), row[f"{who}_level"]
            assert category is not Category.UNMATCHED
            assert bool(level) is category.is_pme, row["title"]
            assert not level or PmeLevel(level)


@pytest.mark.slow
def test_the_labeled_titles_are_those_the_sample_draws(shared_volumes):
    from confianza.evidence.sources.fmtr import read_report

    sample = runpy.run_path(str(ROOT / "tests" / "data" / "courses" / "sample.py"))
    titles = [line.course_title for path in shared_volumes for line in read_report(path).lines]
    assert sample["draw"](titles) == [row["title"] for row in COUNT["labeled"]()]


def test_the_two_sessions_agree(rows):
    share, kappa = COUNT["agreement"]([row["first"] for row in rows], [row["second"] for row in rows])
    assert share > 0.95
    assert kappa > 0.95


def test_the_rules_agree_with_who_never_saw_them_on_titles_held_out(rows):
    held_out = rows[HALF:]
    share, kappa = COUNT["agreement"]([row["rule"] for row in held_out], [row["second"] for row in held_out])
    assert share > 0.95
    assert kappa > 0.94
    as_pme = [(row["rule"] == Category.PME, row["second"] == Category.PME) for row in held_out]
    assert sum(rule != label for rule, label in as_pme) <= 2


def test_the_page_is_what_the_labels_and_rules_give():
    done = subprocess.run([sys.executable, SCRIPT, "--check"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
