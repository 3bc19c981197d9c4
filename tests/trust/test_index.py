"""The behavioral index: against statsmodels, against simulated truth, and against what it claims about itself."""

import re
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.sources import Reference
from confianza.errors import ModelError
from confianza.evidence.history import HistoryEvent, event_kinds, history
from confianza.trust.index import (
    IndexParams,
    default_parameters,
    index_basis,
    state_space,
)
from confianza.trust.index import trust_index as index_of
from confianza.trust.linear_gaussian import kalman_smoother
from tests.searches import search

DEFAULT = IndexParams.default()
PAIR = ("US", "MX")
trust_index = partial(index_of, years=(1914, 2013), pair=PAIR)
OTHER = {"US": "MX", "MX": "US"}
PAGE = Path(__file__).parents[2] / "docs" / "algorithms" / "behavioral-index.md"


def act(year: int, actor: str, kind: str, sign: int, number: int = 0) -> HistoryEvent:
    """An act with an id of its own."""
    return HistoryEvent(
        event_id=f"{year}-{actor}-{kind}-{number}",
        date=str(year),
        actor_code=actor,
        target_code=OTHER[actor],
        kind=kind,
        sign=sign,
        summary=BilingualText("an act", "un acto"),
        reference=Reference("martinez-2014"),
    )


def swapped(events):
    return [replace(event, actor_code=event.target_code, target_code=event.actor_code) for event in events]


def assert_equals_referee(index, referee):
    ours = index.smoothed
    assert ours.log_likelihood == pytest.approx(referee.llf, abs=1e-8)
    for mine, theirs in (
        (ours.filtered_mean, referee.filtered_state.T),
        (ours.filtered_covariance, referee.filtered_state_cov.transpose(2, 0, 1)),
        (ours.mean, referee.smoothed_state.T),
        (ours.covariance, referee.smoothed_state_cov.transpose(2, 0, 1)),
    ):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-8)


@st.composite
def parameters(draw):
    shared = draw(st.floats(0.05, 0.98))
    asymmetric = draw(st.floats(0.05, 0.98))
    return IndexParams(
        persistence=shared,
        partner_pull=(shared - asymmetric) / 2,
        innovation_sd=draw(st.floats(0.1, 2)),
        news_effect=draw(st.floats(0, 1)),
        harm_ratio=draw(st.floats(0.5, 3)),
        act_loading=draw(st.floats(0.1, 2)),
        act_offset=draw(st.floats(-0.5, 0.5)),
        act_variance=draw(st.floats(0.05, 1)),
        mean_trust=draw(st.floats(-1, 1)),
    )


acts = st.lists(
    st.tuples(
        st.integers(2000, 2012),
        st.sampled_from(PAIR),
        st.sampled_from(sorted(event_kinds())),
        st.sampled_from([1, -1]),
    ),
    min_size=1,
    max_size=25,
).map(lambda rows: [act(*row, number) for number, row in enumerate(rows)])


# --- the referee ---------------------------------------------------------------------------------


def test_the_history_gives_what_statsmodels_gives(statsmodels_smoother):
    index = trust_index(history(), DEFAULT)
    assert index.observations.shape == (100, 2)
    assert_equals_referee(index, statsmodels_smoother(index.model, index.observations))


@search(full=40, quick=10)
@given(params=parameters(), events=acts)
def test_random_acts_and_parameters_give_what_statsmodels_gives(statsmodels_smoother, params, events):
    index = trust_index(events, params, years=(2000, 2012))
    assert_equals_referee(index, statsmodels_smoother(index.model, index.observations))


def test_the_matrices_are_those_of_the_equation():
    """One step of the equation, written out by hand, for a year with acts of both sides and of both signs."""
    p = DEFAULT
    events = [
        act(2001, "US", "agreement", 1),
        act(2001, "US", "accusation", -1),
        act(2001, "MX", "betrayal", -1),
    ]
    model, observations = state_space(events, p, years=(2000, 2001), pair=PAIR)
    us, mx = 0.7, -0.4
    news_us = -p.news_effect * p.harm_ratio * 1.0
    news_mx = p.news_effect * (0.8 - p.harm_ratio * 0.2)
    expected = [
        us + (1 - p.persistence) * (p.mean_trust - us) + p.partner_pull * (mx - us) + news_us,
        mx + (1 - p.persistence) * (p.mean_trust - mx) + p.partner_pull * (us - mx) + news_mx,
    ]
    np.testing.assert_allclose(model.transition @ [us, mx] + model.intercepts[1], expected, atol=1e-14)
    np.testing.assert_allclose(observations[1], [(0.8 - 0.2) / 2, -1.0], atol=1e-14)
    np.testing.assert_allclose(
        model.observation_variances[1], [p.act_variance / 2, p.act_variance], atol=1e-14
    )
    assert np.isnan(observations[0]).all()


def test_the_first_year_begins_from_the_stationary_law():
    """A long stretch without acts before the first act changes nothing."""
    events = [event for event in history() if (event.year or 0) >= 1914]
    short = trust_index(events, DEFAULT)
    long = trust_index(events, DEFAULT, years=(1864, 2013))
    np.testing.assert_allclose(long.smoothed.mean[50:], short.smoothed.mean, atol=1e-10)
    np.testing.assert_allclose(long.smoothed.covariance[50:], short.smoothed.covariance, atol=1e-10)


# --- what the index must do ----------------------------------------------------------------------


def test_swapping_the_sides_swaps_the_series():
    straight = trust_index(history(), DEFAULT)
    for other in (
        trust_index(swapped(history()), DEFAULT),
        trust_index(history(), DEFAULT, pair=("MX", "US")),
    ):
        np.testing.assert_allclose(other.smoothed.mean[:, ::-1], straight.smoothed.mean, rtol=0, atol=1e-13)
        np.testing.assert_allclose(
            other.smoothed.covariance[:, ::-1, ::-1], straight.smoothed.covariance, rtol=0, atol=1e-13
        )


@pytest.mark.parametrize("actor", PAIR)
@pytest.mark.parametrize(("kind", "sign"), [("agreement", 1), ("betrayal", -1)])
def test_an_act_in_a_year_without_acts_moves_both_directions_its_way_and_narrows_the_actors(
    actor, kind, sign
):
    before = trust_index(history(), DEFAULT)
    after = trust_index([*history(), act(1960, actor, kind, sign)], DEFAULT)
    for side in PAIR:
        old, new = before.direction(side)[1960 - 1914], after.direction(side)[1960 - 1914]
        assert (old.act_count, old.news_count) == (0, 0)
        assert sign * (new.mean - old.mean) > 0.05
        assert (new.act_count, new.news_count) == ((1, 0) if side == actor else (0, 1))
    t, column = 1960 - 1914, PAIR.index(actor)
    assert after.smoothed.covariance[t, column, column] < 0.9 * before.smoothed.covariance[t, column, column]


def test_harm_weighs_more_than_help_as_news():
    """The partner's side has no acts of its own, so only the news move it, and λ = 1.5 times as much downwards."""
    params = replace(DEFAULT, act_loading=0.0)
    up = trust_index([act(2001, "US", "betrayal", 1)], params, years=(2001, 2001)).direction("MX")[0].mean
    down = trust_index([act(2001, "US", "betrayal", -1)], params, years=(2001, 2001)).direction("MX")[0].mean
    assert up == pytest.approx(0.5)
    assert down == pytest.approx(-0.75)


def test_two_acts_of_a_year_tell_more_than_one():
    one = trust_index([act(2001, "US", "agreement", 1)], DEFAULT, years=(2001, 2003))
    two = trust_index([act(2001, "US", "agreement", 1, n) for n in (1, 2)], DEFAULT, years=(2001, 2003))
    assert two.smoothed.covariance[0, 0, 0] < one.smoothed.covariance[0, 0, 0]


def test_acts_of_periods_of_others_and_of_other_years_stay_out():
    inside = [act(2001, "US", "agreement", 1)]
    period = replace(inside[0], event_id="period", date="1990/2005")
    early = act(1999, "US", "agreement", 1)
    stranger = replace(inside[0], event_id="stranger", actor_code="BN")
    index = trust_index([*inside, period, early, stranger], DEFAULT, years=(2000, 2003))
    assert index.events == tuple(inside)


def test_scores_are_the_normal_distribution_of_the_interval():
    year = trust_index(history(), DEFAULT).direction("US")[-1]
    for score, value in (
        (year.score, year.mean),
        (year.score_lower, year.lower),
        (year.score_upper, year.upper),
    ):
        assert score == pytest.approx(100 * ndtr(value))
    assert year.year == 2013


def test_intervals_hold_95_percent():
    index = trust_index(history(), DEFAULT)
    sd = np.sqrt(index.smoothed.covariance[:, 0, 0])
    for t, year in enumerate(index.direction("US")):
        tail = ndtr((year.lower - year.mean) / sd[t]) + 1 - ndtr((year.upper - year.mean) / sd[t])
        assert tail == pytest.approx(0.05, abs=1e-12)


def test_simulated_truth_is_covered_at_the_stated_rate():
    """Truth and signs drawn from the model, with the history's news and numbers of acts.

    About 300 × 200 correlated cells: the standard error of the mean square is below 0.02, so a variance wrong by
    one tenth fails.
    """
    rng = np.random.default_rng(20131231)
    model, observations = state_space(
        trust_index(history(), DEFAULT).events, DEFAULT, years=(1914, 2013), pair=PAIR
    )
    root_0, root = np.linalg.cholesky(model.covariance_0), np.linalg.cholesky(model.noise)
    standardized = []
    for _ in range(300):
        state = model.mean_0 + root_0 @ rng.normal(size=2)
        truth = np.empty((100, 2))
        for t in range(100):
            state = model.transition @ state + model.intercepts[t] + root @ rng.normal(size=2)
            truth[t] = state
        drawn = truth @ model.design.T + model.offset
        drawn += rng.normal(size=(100, 2)) * np.sqrt(model.observation_variances)
        drawn[np.isnan(observations)] = np.nan
        smoothed = kalman_smoother(model, drawn)
        sd = np.sqrt(np.einsum("tii->ti", smoothed.covariance))
        standardized.append((truth - smoothed.mean) / sd)
    z = np.array(standardized)
    for side in (0, 1):
        assert np.mean(z[:, :, side] ** 2) == pytest.approx(1, abs=0.06)
        assert np.mean(np.abs(z[:, :, side]) < 1.96) == pytest.approx(0.95, abs=0.01)


# --- what moved it -------------------------------------------------------------------------------


@search(full=25, quick=8)
@given(params=parameters(), events=acts)
def test_the_parts_of_every_change_add_up(params, events):
    index = trust_index(events, params, years=(2000, 2012))
    for side in PAIR:
        means = [year.mean for year in index.direction(side)]
        for t, moved in enumerate(index.movements(side)):
            parts = moved.return_to_mean + moved.partner_pull + moved.news + moved.inferred
            assert parts == pytest.approx(moved.change, abs=1e-10)
            by_record = sum(record.effect for record in moved.records) + moved.constant
            assert by_record == pytest.approx(moved.news + moved.inferred, abs=1e-10)
            if t:
                assert moved.change == pytest.approx(means[t] - means[t - 1], abs=1e-10)


def test_the_news_and_the_pull_are_those_of_the_equation():
    index = trust_index(history(), DEFAULT)
    before, here = index.direction("MX")[2013 - 1915], index.direction("US")[2013 - 1915]
    moved = index.movements("MX")[-1]
    assert moved.year == 2013
    assert moved.news == pytest.approx(-0.5 * 1.5 * 1.0)  # spying: betrayal, severity 1
    assert moved.return_to_mean == pytest.approx(-0.1 * before.mean)
    assert moved.partner_pull == pytest.approx(0.05 * (here.mean - before.mean))


def test_a_records_effect_is_the_difference_statsmodels_finds_without_it(statsmodels_smoother):
    """Take one record's weight out of the observation, or out of the news: the rest of the path follows."""
    params = replace(DEFAULT, mean_trust=0.3, act_offset=0.1)
    # a year before the first without acts: statsmodels then shows the state that the first change starts from
    index = trust_index([event for event in history() if event.year], params, years=(1913, 2013))
    full = statsmodels_smoother(index.model, index.observations).smoothed_state.T
    n_acts = np.round(params.act_variance / index.model.observation_variances)
    moved = {side: {item.year: item for item in index.movements(side)} for side in PAIR}
    for event in index.events:
        t, side = event.year - 1913, PAIR.index(event.actor_code)
        for as_news in (False, True):
            model, observations = index.model, index.observations.copy()
            if as_news:
                intercepts = model.intercepts.copy()
                ratio = 1 if event.weight > 0 else params.harm_ratio
                intercepts[t, 1 - side] -= params.news_effect * ratio * event.weight
                model = replace(model, intercepts=intercepts)
            else:
                observations[t, side] -= event.weight / n_acts[t, side]
            gone = full - statsmodels_smoother(model, observations).smoothed_state.T
            shocks = gone[1:] - gone[:-1] @ model.transition.T
            for column, name in enumerate(PAIR):
                ours = [
                    next(
                        record.effect
                        for record in moved[name][year].records
                        if (record.event_id, record.as_news) == (event.event_id, as_news)
                    )
                    for year in range(1914, 2014)
                ]
                np.testing.assert_allclose(ours, shocks[:, column], rtol=0, atol=1e-9)


def test_only_parameters_move_the_constant_part():
    assert all(
        abs(moved.constant) < 1e-12 for moved in trust_index(history(), DEFAULT).movements("US")
    )  # μ = α = 0
    shifted = trust_index(history(), replace(DEFAULT, act_offset=0.2)).movements("US")
    assert max(abs(moved.constant) for moved in shifted) > 0.01


# --- refusals and what is printed beside ---------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"persistence": 1.0, "partner_pull": 0.3}, "persistence φ"),
        ({"persistence": 0.0, "partner_pull": -0.1}, "persistence φ"),
        ({"partner_pull": 0.45}, "φ − 2ρ"),
        ({"partner_pull": -0.05}, "φ − 2ρ"),
        ({"innovation_sd": 0.0}, "innovation_sd σ"),
        ({"act_variance": -0.1}, "act_variance r"),
        ({"act_variance": float("nan")}, "act_variance r"),
    ],
)
def test_parameters_out_of_range_are_refused(change, name):
    with pytest.raises(ModelError) as refusal:
        replace(DEFAULT, **change)
    assert refusal.value.code == "trust-parameter-out-of-range"
    assert refusal.value.params["name"] == name


def test_no_evidence_is_refused_rather_than_answered_with_the_prior():
    with pytest.raises(ModelError) as refusal:
        trust_index(history(), DEFAULT, years=(1860, 1900))
    assert refusal.value.code == "trust-no-evidence"


def test_years_out_of_order_are_refused():
    with pytest.raises(ModelError) as refusal:
        trust_index(history(), DEFAULT, years=(2013, 1914))
    assert refusal.value.code == "trust-years-out-of-order"


def test_every_parameter_says_where_it_comes_from_in_both_languages():
    listed = default_parameters()
    assert {parameter.name for parameter in listed} == {field.name for field in fields(IndexParams)}
    assert all(item.basis.en and item.basis.es and item.meaning.en and item.meaning.es for item in listed)
    assert DEFAULT.innovation_sd**2 == pytest.approx(1 - DEFAULT.persistence**2)


def test_the_basis_says_that_there_is_no_survey():
    assert "behavioral only" in index_basis().en
    assert "solo conductual" in index_basis().es


# --- the worked example --------------------------------------------------------------------------


def rows_of_page(width: int) -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in rows if len(row) == width and row[1].isdigit()]


def example():
    events = [act(2001, "US", "meeting", 1), act(2003, "MX", "rejection", -1)]
    return trust_index(events, DEFAULT, years=(2001, 2003))


def test_the_worked_example_gives_the_figures_of_the_page():
    index = example()
    rows = rows_of_page(6)
    assert len(rows) == 6
    for side, year, mean, lower, upper, score in rows:
        got = index.direction(side)[int(year) - 2001]
        assert [f"{got.mean:.4f}", f"{got.lower:.4f}", f"{got.upper:.4f}"] == [mean, lower, upper]
        assert f"{got.score:.1f}" == score


def test_the_worked_example_is_moved_as_the_page_says():
    index = example()
    rows = rows_of_page(7)
    assert len(rows) == 4
    for side, year, *parts in rows:
        moved = index.movements(side)[int(year) - 2001]
        got = (moved.change, moved.return_to_mean, moved.partner_pull, moved.news, moved.inferred)
        np.testing.assert_allclose(got, [float(part) for part in parts], atol=5.1e-5)


def test_the_arithmetic_of_the_page_is_that_of_the_filter():
    filtered = example().smoothed.filtered_mean
    text = PAGE.read_text(encoding="utf-8")
    shared, difference = 0.19 / (1 - 0.9**2), 0.19 / (1 - 0.8**2)
    variance, covariance = (shared + difference) / 2, (shared - difference) / 2
    surprise = 0.25 * variance + 0.25
    by_hand = [0.5 * variance / surprise * 0.4, 0.2 + 0.5 * covariance / surprise * 0.4]
    np.testing.assert_allclose(filtered[0], by_hand, atol=1e-12)
    for figure in (difference, variance, covariance, surprise, *by_hand, filtered[1, 0]):
        assert re.search(rf"\b{figure:.4f}\b", text), figure


@pytest.mark.parametrize("side", PAIR)
def test_the_points_of_the_parts_add_up_to_the_change_of_the_score(side):
    index = trust_index(history(), DEFAULT)
    years = index.direction(side)
    for before, year, moved in zip(years, years[1:], index.movements(side)[1:], strict=False):
        parts = moved.return_to_mean + moved.partner_pull + moved.news + moved.inferred
        assert parts * moved.points_per_sd == pytest.approx(year.score - before.score, abs=1e-9)


def test_a_change_of_nothing_is_worth_the_slope_of_the_score():
    moved = replace(trust_index(history(), DEFAULT).movements("US")[-1], mean_before=0.0, change=0.0)
    assert moved.points_per_sd == pytest.approx(39.894228, abs=1e-6)
