"""A pilot before its launch: what k of N communes, watched so many months, could detect.

Points of a share throughout. The test foreseen is the one printed afterwards: one change per
commune, and the choice of communes as the source of its error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from scipy.linalg import toeplitz
from scipy.optimize import brentq

from commune_pilots.effects.assignment import (
    Assignment,
    Floats,
    choices,
    completely_random,
    count,
    smallest_p,
    within_strata,
)
from commune_pilots.effects.collapse import statistic_for
from commune_pilots.effects.randomisation import p_value, prepare
from commune_pilots.scaling.stepped_wedge import power_of_t

MOST_MONTHS = 60
_AROUND = (0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.3, 1.6, 2.2)  # times the gain detectable by t


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotPlan:
    """Planning values of a pilot; standard deviations in points.

    `own_change`: of communes' own lasting changes from before to after; more months do not lessen
    it. `month`: of a commune's months about its level, correlated by `autocorrelation` from one
    month to the next. `per_district`: one pilot in each of as many districts, of sizes that differ
    by at most one; else all choices of pilots are equally likely.
    """

    communes: int
    pilots: int
    per_district: bool
    months_before: int
    months_after: int
    own_change: float
    month: float
    autocorrelation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What a plan could show, gain by gain.

    `power` by simulation and `by_formula` by t: chance to detect each of `gains`. `detectable`:
    smallest gain detected with the chance wanted; None where none tried is. Where `smallest_p`
    exceeds alpha nothing can be decided, and all three are None.
    """

    choices: int
    smallest_p: float
    std_error: float
    gains: tuple[float, ...]
    power: tuple[float, ...] | None
    by_formula: tuple[float, ...] | None
    detectable: float | None


def foresee(
    plan: PilotPlan,
    *,
    gains: tuple[float, ...],
    alpha: float,
    wanted: float,
    seed: int,
    simulations: int = 1000,
    draws: int = 999,
) -> Foreseen:
    """Foresee the power of a planned pilot by simulating it and the test printed of it.

    Raises ValueError for planning values out of range. Assumes normal changes of one variance,
    independent communes, a constant gain, and pilots chosen as planned (A10).
    """
    mechanism = assignment_of(plan)
    least = smallest_p(mechanism)
    power: dict[float, float] = {}
    if least <= alpha:
        guess = detectable_by_formula(plan, alpha=alpha, wanted=wanted)
        tried = np.array(sorted({*gains, *(guess * times for times in _AROUND)}))
        rng = np.random.default_rng(seed)
        found = _simulated(
            plan, mechanism, tried, alpha=alpha, rng=rng, simulations=simulations, draws=draws
        )
        power = dict(zip(tried.tolist(), found.tolist(), strict=True))
    formula = (power_by_formula(plan, gain=gain, alpha=alpha) for gain in gains)
    return Foreseen(
        choices=count(mechanism),
        smallest_p=least,
        std_error=std_error(plan),
        gains=gains,
        power=tuple(power[gain] for gain in gains) if power else None,
        by_formula=tuple(formula) if power else None,
        detectable=_reached(power, wanted),
    )


def assignment_of(plan: PilotPlan) -> Assignment:
    """Put the planned choice as a mechanism; who is chosen stands for any choice.

    Raises ValueError for planning values out of range.
    """
    _refuse(plan)
    units = np.arange(plan.communes)
    if not plan.per_district:
        return completely_random(units < plan.pilots)
    return within_strata(units < plan.pilots, strata=units % plan.pilots)


def change_variance(plan: PilotPlan) -> float:
    """Variance of one commune's change: means of autocorrelated months, after less before."""
    months = plan.months_before + plan.months_after
    weights = np.repeat(
        [-1 / plan.months_before, 1 / plan.months_after], [plan.months_before, plan.months_after]
    )
    correlation = toeplitz(plan.autocorrelation ** np.arange(months))
    return float(plan.own_change**2 + plan.month**2 * (weights @ correlation @ weights))


def std_error(plan: PilotPlan) -> float:
    """Standard error of the mean difference of changes, points."""
    k, n = plan.pilots, plan.communes
    shares = 1 / k + 1 / (n - k)
    if plan.per_district:
        sizes = [len(part) for part in np.array_split(np.arange(n), k)]
        shares = sum(1 + 1 / (size - 1) for size in sizes) / k**2
    return sqrt(change_variance(plan) * shares)


def power_by_formula(plan: PilotPlan, *, gain: float, alpha: float) -> float:
    """Chance that a t test of the changes detects a gain, two-sided: non-central t.

    Degrees of freedom as the test would have: Welch's at equal variances, districts less one, or
    those of all communes where one or two pilots have no scatter of their own. Two periods of
    `stepped_wedge` give the same error where communes' levels differ without bound.
    """
    return power_of_t(gain / std_error(plan), freedom=_freedom(plan), alpha=alpha)


def detectable_by_formula(plan: PilotPlan, *, alpha: float, wanted: float) -> float:
    """Smallest gain that a t test of the changes detects with the chance `wanted`, points."""

    def short(gain: float) -> float:
        return power_by_formula(plan, gain=gain, alpha=alpha) - wanted

    most = std_error(plan)
    while short(most) < 0:
        most *= 2
    return float(brentq(short, 0.0, most, xtol=1e-6 * most))


def pilots_needed(plan: PilotPlan, *, gain: float, alpha: float, wanted: float) -> int | None:
    """Fewest pilots among the communes that detect the gain, by t; None if half are too few."""
    for pilots in range(1, plan.communes // 2 + 1):
        tried = replace(plan, pilots=pilots)
        if smallest_p(assignment_of(tried)) > alpha:
            continue
        if power_by_formula(tried, gain=gain, alpha=alpha) >= wanted:
            return pilots
    return None


def months_needed(plan: PilotPlan, *, gain: float, alpha: float, wanted: float) -> int | None:
    """Fewest months on each side that detect the gain, by t; None if five years do not."""
    if smallest_p(assignment_of(plan)) > alpha:
        return None
    for months in range(1, MOST_MONTHS + 1):
        tried = replace(plan, months_before=months, months_after=months)
        if power_by_formula(tried, gain=gain, alpha=alpha) >= wanted:
            return months
    return None


def _simulated(
    plan: PilotPlan,
    mechanism: Assignment,
    gains: Floats,
    *,
    alpha: float,
    rng: np.random.Generator,
    simulations: int,
    draws: int,
) -> Floats:
    """Count how often the test rejects at each gain; every gain sees the same changes."""
    chosen = choices(mechanism, draws=draws, rng=rng, listed=draws)
    statistic = statistic_for(plan.pilots)
    rejected = np.zeros(len(gains))
    spread = sqrt(change_variance(plan))
    for _ in range(simulations):
        sums = prepare(rng.normal(0, spread, plan.communes), chosen, statistic=statistic)
        # taking an effect of -gain off is adding the gain
        rejected += [p_value(sums, -gain) <= alpha for gain in gains]
    return np.asarray(rejected / simulations)


def _reached(power: dict[float, float], wanted: float) -> float | None:
    """Find the gain at which the power first reaches what is wanted, straight between two gains."""
    low = 0.0
    for gain, chance in power.items():
        if chance >= wanted:
            before = power.get(low, 0.0)
            return low + (gain - low) * (wanted - before) / (chance - before)
        low = gain
    return None


def _freedom(plan: PilotPlan) -> float:
    k, m = plan.pilots, plan.communes - plan.pilots
    if statistic_for(k) == "difference":
        return k + m - 2.0
    if plan.per_district:
        return k - 1.0
    return (1 / k + 1 / m) ** 2 / (1 / (k**2 * (k - 1)) + 1 / (m**2 * (m - 1)))


def _refuse(plan: PilotPlan) -> None:
    least = 2 * plan.pilots if plan.per_district else plan.pilots + 2
    if plan.pilots < 1 or plan.communes < least:
        raise ValueError(f"{plan.pilots} pilots of {plan.communes} communes; {least} at least")
    if min(plan.months_before, plan.months_after) < 1:
        raise ValueError("no month before or after; give at least 1 on each side")
    if min(plan.own_change, plan.month) < 0 or plan.own_change + plan.month == 0:
        raise ValueError("a standard deviation is negative or both are 0; give points")
    if not -1 < plan.autocorrelation < 1:
        raise ValueError(f"autocorrelation is {plan.autocorrelation}; between -1 and 1")
