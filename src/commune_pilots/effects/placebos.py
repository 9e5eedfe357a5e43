"""Checks that a comparison can be put to before anybody believes it, over the actual choice.

Each asks the same mechanism of choice as the estimate (`assignment`), so it holds for few pilots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from commune_pilots.effects.arms import Arms, common_changes, keep
from commune_pilots.effects.assignment import (
    Assignment,
    Floats,
    choices,
    completely_random,
    count,
    within_strata,
)
from commune_pilots.effects.assignment import smallest_p as least_p
from commune_pilots.effects.collapse import changes, statistic_for
from commune_pilots.effects.effect_grade import Outcome
from commune_pilots.effects.randomisation import (
    RandomisationTest,
    Statistic,
    p_value,
    prepare,
    randomisation_test,
)
from commune_pilots.effects.start_dates import start_dates_test

LEAST_MONTHS = 6
DRAWS = 999
NO_INTERVAL = 0.0
"""The alpha at which `test_of` bounds nothing: for who reads estimate and p-value alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One check: its outcome, its size with decimals to show, and what it refers to."""

    outcome: Outcome
    statistic: float | None = None
    decimals: int | None = None
    reference: str | None = None


NOT_POSSIBLE = Checked(outcome="not_possible")


def test_of(arms: Arms, *, alpha: float, seed: int) -> RandomisationTest:
    """Estimate the mean effect on the pilots with its randomisation test, by one seed.

    Studentised from three pilots on; with dates of their own by `start_dates_test`. Assumes A3, A4,
    A15, A16. Raises ValueError without an assignment.
    """
    if arms.assignment is None:
        raise ValueError("no pilots beside comparison units")
    rng = np.random.default_rng(seed)
    if len(arms.starts) > 1:
        return start_dates_test(
            arms.wide, arms.assignment, anticipation=arms.panel.anticipation, alpha=alpha,
            draws=DRAWS, rng=rng,
        )  # fmt: skip
    return randomisation_test(
        common_changes(arms),
        choices(arms.assignment, draws=DRAWS, rng=rng),
        alpha=alpha,
        statistic=_statistic(arms.assignment),
    )


def pre_trend(arms: Arms, *, alpha: float, seed: int) -> Checked:
    """Ask whether pilots drifted apart before the first start: a line through each unit's months.

    The statistic is the difference in slopes, points a year. Passed where chance explains it, which
    does not confirm parallel trends (Roth 2022); not possible with fewer than six months before, or
    where no data could have shown a drift.
    """
    before = arms.wide.outcome[:, : arms.months_before]
    months = np.arange(before.shape[1]) - (before.shape[1] - 1) / 2
    if before.shape[1] < LEAST_MONTHS or arms.assignment is None:
        return NOT_POSSIBLE
    seen = ~np.isnan(before)
    centre = np.where(seen, months, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    apart = np.where(seen, months - centre[:, None], 0.0)
    squares = (apart**2).sum(axis=1)
    products = (apart * np.where(seen, before, 0.0)).sum(axis=1)
    slopes = 12 * np.divide(products, squares, out=np.full(len(squares), np.nan), where=squares > 0)
    return _by_lot(slopes, arms.assignment, alpha=alpha, seed=seed)


def placebo_in_time(arms: Arms, *, alpha: float, seed: int) -> Checked:
    """Pretend that all started halfway through the months before the first start.

    The statistic is the difference found there, points; passed where chance explains it. Not
    possible as for `pre_trend`.
    """
    length = arms.months_before
    if length < LEAST_MONTHS or arms.assignment is None:
        return NOT_POSSIBLE
    months = np.arange(length)
    change = changes(
        arms.wide.outcome[:, :length], before=months < length // 2, after=months >= length // 2
    )
    return _by_lot(change, arms.assignment, alpha=alpha, seed=seed)


def leave_one_out(arms: Arms, *, alpha: float, seed: int) -> Checked:
    """Estimate again without each pilot (within districts: without its district).

    Passed where answer and sign stay; the statistic is the estimate nearest to 0, the reference the
    pilot it leaves out. Not possible with fewer than three pilots, or an estimate not told apart.
    """
    pilots = np.flatnonzero(arms.treated)
    if len(pilots) < 3 or arms.assignment is None:
        return NOT_POSSIBLE
    whole = test_of(arms, alpha=NO_INTERVAL, seed=seed)
    if whole.p_value > alpha or whole.smallest_p > alpha:
        return NOT_POSSIBLE
    found = []
    for pilot in pilots:
        kept = np.arange(len(arms.treated)) != pilot
        if arms.by_district:
            kept &= arms.wide.districts != arms.wide.districts[pilot]
        found.append(test_of(keep(arms, kept), alpha=NO_INTERVAL, seed=seed))
    told = [one.smallest_p <= alpha and one.p_value <= alpha for one in found]
    same = [one.estimate * whole.estimate > 0 for one in found]
    sign = np.sign(whole.estimate)
    nearest = int(np.argmin([sign * one.estimate for one in found]))
    return Checked(
        outcome="passed" if all(told) and all(same) else "failed",
        statistic=found[nearest].estimate,
        decimals=1,
        reference=str(arms.wide.units[pilots[nearest]]),
    )


def placebo_in_space(arms: Arms, *, alpha: float, seed: int) -> Checked:
    """Pretend that comparison units had been the pilots, the true pilots left out.

    As many are pretended, in the same districts, as there are pilots; the statistic is the part of
    such choices, in per cent, with a difference at least as large as the pilots'. Passed where that
    part is at most alpha; not possible where choices are too few to tell, or starts differ.
    """
    others = ~arms.treated
    number = int(arms.treated.sum())
    if arms.assignment is None or len(arms.starts) != 1 or others.sum() <= number:
        return NOT_POSSIBLE
    change = common_changes(arms)
    true = test_of(arms, alpha=NO_INTERVAL, seed=seed).estimate
    mechanism = _pretended(arms, number)
    if mechanism is None or 1 / (count(mechanism) + 1) > alpha:
        return NOT_POSSIBLE
    rng = np.random.default_rng(seed)
    sums = prepare(change[others], choices(mechanism, draws=DRAWS, rng=rng), statistic="difference")
    placebos = np.abs(sums.level[:-1] @ sums.weights)
    part = float((1 + (placebos >= abs(true)).sum()) / (1 + len(placebos)))
    return Checked(
        outcome="passed" if part <= alpha else "failed", statistic=100 * part, decimals=1
    )


def _pretended(arms: Arms, number: int) -> Assignment | None:
    """Name the mechanism again among units that had no pilot."""
    districts = arms.wide.districts[~arms.treated].astype(str)
    if not arms.by_district:
        return completely_random(np.arange(len(districts)) < number)
    piloted = set(arms.wide.districts[arms.treated].astype(str))
    pretended = np.zeros(len(districts), dtype=bool)
    for district in piloted:
        members = np.flatnonzero(districts == district)
        if len(members) < 2:
            return None
        pretended[members[0]] = True
    return within_strata(pretended, strata=districts)


def _statistic(assignment: Assignment) -> Statistic:
    """Choose the statistic: one comparison unit has no scatter to divide by either."""
    pilots = int(assignment.treated.sum())
    alone = len(assignment.picks) == 1 and (assignment.strata >= 0).sum() - pilots < 2
    return "difference" if alone else statistic_for(pilots)


def _by_lot(values: Floats, assignment: Assignment, *, alpha: float, seed: int) -> Checked:
    """Test a number of each unit by the choice; no p-value below alpha means not possible."""
    chosen = choices(assignment, draws=DRAWS, rng=np.random.default_rng(seed))
    least = least_p(assignment, draws=None if chosen.exact else len(chosen.treated))
    inside = assignment.strata >= 0
    if least > alpha or np.isnan(values[inside]).any():
        return NOT_POSSIBLE
    sums = prepare(np.where(inside, values, 0.0), chosen, statistic=_statistic(assignment))
    return Checked(
        outcome="passed" if p_value(sums) > alpha else "failed",
        statistic=float(sums.level[-1] @ sums.weights),
        decimals=1,
    )
