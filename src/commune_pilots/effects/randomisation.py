"""Randomisation inference: the estimate beside those of every other choice of treated units.

For a handful of treated communes no large-sample error holds; the choice itself gives one. All
choices are evaluated at once from sums over the treated units of each. Sources: Fisher 1935;
Rosenbaum 2002, chapter 2; Chung & Romano 2013 and Wu & Ding 2021 for the studentised statistic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from commune_pilots.effects.assignment import Assignment, Choices, Floats, Ints, smallest_p

Statistic = Literal["studentised", "difference"]
_TIE = 1e-9  # relative: equal statistics of different sums differ by rounding
_GRID, _HALVINGS, _DOUBLINGS, _CLEAR = 64, 50, 60, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomisationTest:
    """A constant effect on the treated, tested and bounded by the choices that could have been.

    `estimate` is in units of the outcome; `smallest_p` the least p this design could give;
    `choices` used, all there are if `exact`. Where smallest_p > alpha the interval is infinite.
    """

    estimate: float
    statistic: Statistic
    p_value: float
    smallest_p: float
    conf_low: float
    conf_high: float
    alpha: float
    n_treated: int
    n_comparison: int
    choices: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What the statistic of each choice needs, for outcomes less any constant effect.

    The last row is the choice that was made. `level` and `shift` (choices, strata): difference of
    means, treated less comparison, of the outcome and of the treatment. `variance` (3, choices):
    Welch's, of the outcome, of its product with the treatment, of the treatment; None where it is
    not needed.
    """

    level: Floats
    shift: Floats
    weights: Floats
    variance: Floats | None
    statistic: Statistic
    exact: bool


def randomisation_test(
    outcome: ArrayLike, chosen: Choices, *, alpha: float, statistic: Statistic = "studentised"
) -> RandomisationTest:
    """Estimate a constant effect on the treated units, with a p-value that the choice gives.

    `outcome` (N,): one number per unit, such as its change from before to after. With one stratum
    the estimate is the difference of means; with several, the treated less the others of their
    stratum, by treated unit. "studentised" divides it by Welch's standard error, with strata by
    that of the strata's differences; it needs 2 treated units, or 2 strata with one each.
    p = share of choices at least as extreme, for draws (1 + number) / (1 + draws). The interval
    holds the effects not rejected. Raises ValueError for outcomes missing, or too few treated.

    Assumes that the choices were equally likely, or that units are exchangeable within strata
    under no effect; studentised also holds, for many units, where only the means are equal.
    """
    values = np.asarray(outcome, dtype=np.float64)
    mechanism = chosen.assignment
    sums = prepare(values, chosen, statistic=statistic)
    estimate = float(sums.level[-1] @ sums.weights)
    least = smallest_p(mechanism, draws=None if chosen.exact else len(chosen.treated))
    low, high = interval(sums, least=least, alpha=alpha)
    n_treated = int(mechanism.treated.sum())
    return RandomisationTest(
        estimate=estimate,
        statistic=statistic,
        p_value=p_value(sums),
        smallest_p=least,
        conf_low=low,
        conf_high=high,
        alpha=alpha,
        n_treated=n_treated,
        n_comparison=int((mechanism.strata >= 0).sum()) - n_treated,
        choices=len(chosen.treated),
        exact=chosen.exact,
    )


def interval(sums: Sums, *, least: float, alpha: float) -> tuple[float, float]:
    """Bound a constant effect by those not rejected; infinite where `least` p exceeds alpha."""
    if least > alpha:
        return -inf, inf
    estimate = float(sums.level[-1] @ sums.weights)
    spread = float((sums.level @ sums.weights).std())
    at = partial(p_value, sums)
    return _limit(at, estimate, -spread, alpha), _limit(at, estimate, spread, alpha)


def p_value(sums: Sums, effect: float = 0.0) -> float:
    """Give the two-sided p-value of a constant effect, from sums made once."""
    found = np.abs(_statistics(sums, effect))
    extreme = found[:-1] >= found[-1] * (1 - _TIE)
    if sums.exact:
        return float(extreme.mean())
    return float((1 + extreme.sum()) / (1 + len(extreme)))


def prepare(outcome: Floats, chosen: Choices, *, statistic: Statistic) -> Sums:
    """Sum outcome and treatment over the treated units of each choice, and of the one made."""
    mechanism = chosen.assignment
    inside = mechanism.strata >= 0
    if outcome.shape != inside.shape or np.isnan(outcome[inside]).any():
        raise ValueError("an outcome is missing; give one number for each unit, or leave it out")
    by_stratum = np.argsort(mechanism.strata, kind="stable")
    made = by_stratum[mechanism.treated[by_stratum]]
    treated = np.vstack([chosen.treated, made])
    values = np.where(inside, outcome - outcome[inside].mean(), 0.0)
    own = mechanism.treated.astype(np.float64)
    level, shift = (_differences(each, treated, mechanism) for each in (values, own))
    picks = np.array(mechanism.picks)
    variance = None
    if statistic == "studentised" and len(picks) == 1:
        products = (values * values, values * own, own), (values, own)
        variance = _welch_variances(*products, treated=treated, mechanism=mechanism)
    return Sums(
        level=level,
        shift=shift,
        weights=picks / picks.sum(),
        variance=variance,
        statistic=statistic,
        exact=chosen.exact,
    )


def _differences(values: Floats, treated: Ints, mechanism: Assignment) -> Floats:
    """Take the difference of means in each stratum (choices, strata)."""
    picks = np.array(mechanism.picks)
    ends = np.cumsum(picks)
    sums = np.add.reduceat(values[treated], ends - picks, axis=1)
    members = [mechanism.strata == s for s in range(len(picks))]
    wholes = np.array([values[units].sum() for units in members])
    others = np.array([units.sum() for units in members]) - picks
    return np.asarray(sums / picks - (wholes - sums) / others)


def _welch_variances(
    products: tuple[Floats, Floats, Floats],
    factors: tuple[Floats, Floats],
    *,
    treated: Ints,
    mechanism: Assignment,
) -> Floats:
    """Take Welch's variance of a difference of means, and its two cross terms (3, choices)."""
    inside = mechanism.strata >= 0
    k = treated.shape[1]
    m = int(inside.sum()) - k
    if min(k, m) < 2:
        raise ValueError(f"{k} treated and {m} comparison units; 2 of each have a standard error")
    first = [each[treated].sum(axis=1) for each in factors]
    rest = [each[inside].sum() - part for each, part in zip(factors, first, strict=True)]
    found = []
    for product, (i, j) in zip(products, ((0, 0), (0, 1), (1, 1)), strict=True):
        part = product[treated].sum(axis=1)
        left = product[inside].sum() - part
        found.append(
            (part - first[i] * first[j] / k) / (k * (k - 1))
            + (left - rest[i] * rest[j] / m) / (m * (m - 1))
        )
    return np.array(found)


def _statistics(sums: Sums, effect: float) -> Floats:
    """Evaluate the statistic of every choice on outcomes less a constant effect."""
    apart = sums.level - effect * sums.shift
    mean = apart @ sums.weights
    if sums.statistic == "difference":
        return np.asarray(mean)
    if sums.variance is not None:
        own, crossed, shift = sums.variance
        variance = own - 2 * effect * crossed + effect**2 * shift
    else:
        variance = (sums.weights * (apart - mean[:, None])) ** 2 @ np.ones(apart.shape[1])
    error = np.sqrt(np.maximum(variance, 0.0))
    missing = np.where(mean == 0, 0.0, np.copysign(inf, mean))
    return np.asarray(np.divide(mean, error, out=missing, where=error > 0))


def _limit(p_at: Callable[[float], float], centre: float, step: float, alpha: float) -> float:
    """Find the farthest effect on one side of the estimate that is not rejected; maybe infinite."""
    if step == 0:
        return centre
    far, clear = 0.0, 0
    for doubling in range(_DOUBLINGS):
        rejected = p_at(centre + step * 2.0**doubling) <= alpha
        far, clear = (far or 2.0**doubling, clear + 1) if rejected else (0.0, 0)
        if clear == _CLEAR:
            break
    else:  # few choices: even an effect without bound is not rejected by the studentised statistic
        return float(np.copysign(inf, step))
    grid = np.linspace(0, far, _GRID)
    kept = max(i for i, at in enumerate(grid) if i == 0 or p_at(centre + step * at) > alpha)
    inner, outer = float(grid[kept]), float(grid[kept + 1])
    for _ in range(_HALVINGS):
        middle = (inner + outer) / 2
        if p_at(centre + step * middle) > alpha:
            inner = middle
        else:
            outer = middle
    return centre + step * outer
