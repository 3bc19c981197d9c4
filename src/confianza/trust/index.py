"""The first trust index: directed trust of two partners by year, from what they did to each other.

Tier T1 of the behavioral model, cut to one state a direction. For d = (i → j) and its opposite d̄:

    T[d,t] = T[d,t-1] + (1 - φ)(μ - T[d,t-1]) + ρ (T[d̄,t-1] - T[d,t-1])
             + κ (u⁺[d,t] - λ u⁻[d,t]) + η,  η ~ N(0, σ²)
    y[d,t] = α + a T[d,t] + v,  v ~ N(0, r / n[d,t])

Acts *by i toward j* are signs of i's own trust: y is the mean weight of the n of a year. Acts *by j toward i* are
news for it: u⁺ and u⁻ add up their weights. A year without acts has no y: it is missing. No bonds enter.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from math import exp, pi, sqrt
from typing import Any

import numpy as np
from scipy.linalg import solve_discrete_lyapunov
from scipy.special import ndtr

from confianza.cooperation.bilingual import BilingualText
from confianza.errors import ModelError
from confianza.evidence.history import HistoryEvent
from confianza.trust.linear_gaussian import Array, Smoothed, StateSpace, kalman_smoother

Z_95 = 1.959963984540054  # 97.5 % point of the standard normal distribution
LEAST_CHANGE = 1e-6  # standard deviations; under it the slope of Φ is its derivative


@dataclass(frozen=True)
class Parameter:
    """A default: its symbol, value, meaning and where the number comes from."""

    name: str
    symbol: str
    value: float
    basis: BilingualText
    meaning: BilingualText


@cache
def _defaults() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("defaults.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def default_parameters() -> list[Parameter]:
    """The defaults of the index, in the order of the model."""
    return [
        Parameter(
            name,
            entry["symbol"],
            entry["value"],
            BilingualText.of(entry["basis"]),
            BilingualText.of(entry["meaning"]),
        )
        for name, entry in _defaults()["parameters"].items()
    ]


def index_basis() -> BilingualText:
    """What the index rests on and what is missing, in words to print beside it."""
    return BilingualText.of(_defaults()["basis"])


@dataclass(frozen=True)
class IndexParams:
    """Parameters of the model; see `defaults.toml` for symbols, meanings and origins.

    Raises
    ------
    ModelError
        `trust-parameter-out-of-range`: φ and φ − 2ρ outside (0, 1), or a variance that is not positive.
    """

    persistence: float
    partner_pull: float
    innovation_sd: float
    news_effect: float
    harm_ratio: float
    act_loading: float
    act_offset: float
    act_variance: float
    mean_trust: float

    def __post_init__(self) -> None:
        checks = {
            "persistence φ": (self.persistence, 0 < self.persistence < 1, "(0, 1)"),
            "φ − 2ρ": (
                self.persistence - 2 * self.partner_pull,
                0 < self.persistence - 2 * self.partner_pull < 1,
                "(0, 1)",
            ),
            "innovation_sd σ": (self.innovation_sd, self.innovation_sd > 0, "> 0"),
            "act_variance r": (self.act_variance, self.act_variance > 0, "> 0"),
        }
        for name, (value, good, allowed) in checks.items():
            if not good:
                raise ModelError("trust-parameter-out-of-range", name=name, value=value, range=allowed)

    @classmethod
    def default(cls) -> IndexParams:
        """The shipped defaults."""
        values = {parameter.name: parameter.value for parameter in default_parameters()}
        return cls(**{field.name: values[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class RecordEffect:
    """What one recorded act did to a year's change, as news or as a sign of the actor's own trust."""

    event_id: str
    as_news: bool
    effect: float


@dataclass(frozen=True)
class Movement:
    """A year's change of the smoothed mean and its exact parts, in standard deviations.

    change = return_to_mean + partner_pull + news + inferred. `news` is the sum of this year's acts of the
    partner; `inferred` is what all acts, of this and other years, say happened besides. The effects of `records`
    and `constant`, the part that μ and α bring in, add up to news + inferred.
    """

    year: int
    mean_before: float
    change: float
    return_to_mean: float
    partner_pull: float
    news: float
    inferred: float
    constant: float
    records: tuple[RecordEffect, ...]

    @property
    def points_per_sd(self) -> float:
        """Points of the score (0–100) that one standard deviation of this change is worth.

        s = (100·Φ(T) − 100·Φ(T⁻)) / (T − T⁻), from the mean before (T⁻) to that of the year (T); 100·Φ′(T⁻) where
        nothing changed. The parts times s add up to the change of the score exactly.
        """
        before, after = self.mean_before, self.mean_before + self.change
        if abs(self.change) < LEAST_CHANGE:
            return 100 * exp(-(before**2) / 2) / sqrt(2 * pi)
        return 100 * float(ndtr(after) - ndtr(before)) / self.change


@dataclass(frozen=True)
class IndexYear:
    """Trust of one side in the other in one year: mean and 95 % interval, on both scales.

    mean, lower, upper are standard deviations from the reference mean; the scores are 100·Φ of them (0–100).
    `act_count` are the side's own acts, `news_count` the partner's: none of either is an unobserved year.
    """

    year: int
    mean: float
    lower: float
    upper: float
    act_count: int
    news_count: int

    @property
    def score(self) -> float:
        """The mean as a score of 0–100."""
        return 100 * float(ndtr(self.mean))

    @property
    def score_lower(self) -> float:
        """The lower end of the 95 % interval as a score of 0–100."""
        return 100 * float(ndtr(self.lower))

    @property
    def score_upper(self) -> float:
        """The upper end of the 95 % interval as a score of 0–100."""
        return 100 * float(ndtr(self.upper))


@dataclass(frozen=True)
class TrustIndex:
    """The index of a pair: both directions, by year."""

    pair: tuple[str, str]
    years: tuple[int, int]
    params: IndexParams
    model: StateSpace
    observations: Array
    smoothed: Smoothed
    events: tuple[HistoryEvent, ...]  # those that enter, in order

    def direction(self, actor_code: str) -> list[IndexYear]:
        """Trust of a side in the other, by year."""
        side = self.pair.index(actor_code)
        sd = np.sqrt(self.smoothed.covariance[:, side, side])
        mean = self.smoothed.mean[:, side]
        own = [event.year for event in self.events if event.actor_code == actor_code]
        others = [event.year for event in self.events if event.actor_code != actor_code]
        return [
            IndexYear(
                year,
                float(mean[t]),
                float(mean[t] - Z_95 * sd[t]),
                float(mean[t] + Z_95 * sd[t]),
                own.count(year),
                others.count(year),
            )
            for t, year in enumerate(range(self.years[0], self.years[1] + 1))
        ]

    def movements(self, actor_code: str) -> list[Movement]:
        """For each year, what moved the trust of a side in the other, by record.

        The smoothed mean is linear in the news and in the observations: x̂ = (I − K C) m + K (y − α), where m is
        the prior mean given the news and K the gain of the whole stretch. Shares follow by linearity.
        """
        side = self.pair.index(actor_code)
        names, shares = self._record_shares()
        transition, params = self.model.transition, self.params
        # states run from the year before the first; shares: (records + constant, years + 1, 2)
        path = shares.sum(axis=0)
        shocks = shares[:, 1:] - shares[:, :-1] @ transition.T
        movements = []
        for t in range(1, path.shape[0]):
            before, other = path[t - 1, side], path[t - 1, 1 - side]
            year = self.years[0] + t - 1
            records = []
            news = 0.0
            for index, (event, as_news) in enumerate(names):
                effect = float(shocks[index, t - 1, side])
                if as_news and event.year == year and event.actor_code != actor_code:
                    news += _news(event, params)
                records.append(RecordEffect(event.event_id, as_news, effect))
            back = (1 - params.persistence) * (params.mean_trust - before)
            constant = float(shocks[-1, t - 1, side]) - (1 - params.persistence) * params.mean_trust
            movements.append(
                Movement(
                    year=year,
                    mean_before=float(before),
                    change=float(path[t, side] - before),
                    return_to_mean=float(back),
                    partner_pull=float(params.partner_pull * (other - before)),
                    news=news,
                    inferred=sum(record.effect for record in records) + constant - news,
                    constant=constant,
                    records=tuple(sorted(records, key=lambda record: -abs(record.effect))),
                )
            )
        return movements

    def _record_shares(self) -> tuple[list[tuple[HistoryEvent, bool]], Array]:
        """Each record's part of the smoothed path, from the year before the first; the constant part last."""
        model, (first, last) = self.model, self.years
        n = last - first + 1
        size = 2 * (n + 1)
        powers = [np.eye(2)]
        for _ in range(n):
            powers.append(model.transition @ powers[-1])
        # S: prior covariance of the stacked states; column s of `spread` carries an input of year s forward
        spread = np.zeros((size, size))
        for s in range(n + 1):
            for t in range(s, n + 1):
                spread[2 * t : 2 * t + 2, 2 * s : 2 * s + 2] = powers[t - s]
        inputs = np.kron(np.eye(n + 1), model.noise)
        inputs[:2, :2] = model.covariance_0
        prior = spread @ inputs @ spread.T
        seen = [(t, side) for t in range(n) for side in (0, 1) if not np.isnan(self.observations[t, side])]
        design = np.zeros((len(seen), size))
        for row, (t, side) in enumerate(seen):
            design[row, 2 * (t + 1) + side] = self.params.act_loading
        noise = np.diag([model.observation_variances[t, side] for t, side in seen])
        gain = np.linalg.solve(design @ prior @ design.T + noise, design @ prior).T
        through = np.eye(size) - gain @ design

        counts = dict.fromkeys(seen, 0)
        for event in self.events:
            counts[(event.year or 0) - first, self.pair.index(event.actor_code)] += 1
        names: list[tuple[HistoryEvent, bool]] = []
        shares: list[Array] = []
        for event in self.events:
            t, side = (event.year or 0) - first, self.pair.index(event.actor_code)
            names.append((event, False))
            shares.append(gain[:, seen.index((t, side))] * event.weight / counts[t, side])
            names.append((event, True))
            shares.append(through @ spread[:, 2 * (t + 1) + 1 - side] * _news(event, self.params))
        start = np.tile((1 - self.params.persistence) * self.params.mean_trust, size)
        start[:2] = model.mean_0
        shares.append(through @ (spread @ start) - gain.sum(axis=1) * self.params.act_offset)
        return names, np.array(shares).reshape(len(shares), n + 1, 2)


def _news(event: HistoryEvent, params: IndexParams) -> float:
    """κ u⁺ or −κ λ u⁻ of an act."""
    return params.news_effect * event.weight * (1 if event.weight > 0 else params.harm_ratio)


def state_space(
    events: Sequence[HistoryEvent], params: IndexParams, *, years: tuple[int, int], pair: tuple[str, str]
) -> tuple[StateSpace, Array]:
    """The model of a pair as matrices, and its observations, shape (years, 2), NaN where there was no act."""
    n = years[1] - years[0] + 1
    phi, rho = params.persistence, params.partner_pull
    transition = np.array([[phi - rho, rho], [rho, phi - rho]])
    noise = params.innovation_sd**2 * np.eye(2)
    intercepts = np.full((n, 2), (1 - phi) * params.mean_trust)
    sums, counts = np.zeros((n, 2)), np.zeros((n, 2))
    for event in events:
        t, side = (event.year or 0) - years[0], pair.index(event.actor_code)
        sums[t, side] += event.weight
        counts[t, side] += 1
        intercepts[t, 1 - side] += _news(event, params)
    observed = counts > 0
    observations = np.where(observed, sums / np.maximum(counts, 1), np.nan)
    model = StateSpace(
        transition=transition,
        intercepts=intercepts,
        noise=noise,
        design=params.act_loading * np.eye(2),
        offset=np.full(2, params.act_offset),
        observation_variances=params.act_variance / np.maximum(counts, 1),
        mean_0=np.full(2, params.mean_trust),
        covariance_0=solve_discrete_lyapunov(transition, noise),
    )
    return model, observations


def entering_acts(
    events: Iterable[HistoryEvent],
    *,
    years: tuple[int, int],
    pair: tuple[str, str],
) -> tuple[HistoryEvent, ...]:
    """The acts the index sees: of the pair, with a year of their own, within the years."""
    return tuple(
        event
        for event in events
        if event.year is not None
        and years[0] <= event.year <= years[1]
        and {event.actor_code, event.target_code} == set(pair)
    )


def trust_index(
    events: Iterable[HistoryEvent],
    params: IndexParams,
    *,
    years: tuple[int, int],
    pair: tuple[str, str],
) -> TrustIndex:
    """Trust of each of two partners in the other, by year, from their recorded acts.

    Parameters
    ----------
    events : iterable of HistoryEvent
        Acts of a period without a year of its own, acts outside `years` and acts of others are left out.
    params : IndexParams
        The shipped defaults are `IndexParams.default()`.
    years : tuple of int
        First and last year.
    pair : tuple of str
        ISO codes of the two parties, as `Partnership.pair` has them.

    Raises
    ------
    ModelError
        `trust-years-out-of-order`, or `trust-no-evidence` when no act enters.

    References
    ----------
    Durbin and Koopman (2012), Time Series Analysis by State Space Methods, 2nd ed., ch. 4.
    """
    first, last = years
    if first > last:
        raise ModelError("trust-years-out-of-order", first=first, last=last)
    entering = entering_acts(events, years=years, pair=pair)
    if not entering:
        raise ModelError("trust-no-evidence", left=pair[0], right=pair[1], first=first, last=last)
    model, observations = state_space(entering, params, years=years, pair=pair)
    smoothed = kalman_smoother(model, observations)
    return TrustIndex(pair, years, params, model, observations, smoothed, entering)
