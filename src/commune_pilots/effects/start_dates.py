"""Pilots that started at different dates: who could have had which date, dealt anew.

Each treated unit's change from before to after its own start is set beside the changes of untreated
units over the same months; the scatter of that mean is told by dealing the dates anew to units.
Source: Callaway & Sant'Anna 2021 (each cohort against units not treated); Roth & Sant'Anna 2023,
doi 10.3982/QE2242 (dealing start dates).
"""

from __future__ import annotations

from math import factorial, prod

import numpy as np

from commune_pilots.effects.assignment import Assignment, Bools, Floats, Ints, choices
from commune_pilots.effects.collapse import changes, statistic_for
from commune_pilots.effects.did_moments import Wide
from commune_pilots.effects.randomisation import (
    RandomisationTest,
    Sums,
    interval,
    p_value,
    randomisation_test,
)


def changes_at(wide: Wide, start: int, *, anticipation: int) -> Floats:
    """Take each unit's change about one start: months from it on less those before (points).

    The `anticipation` months before the start count to neither side.
    """
    months = np.arange(wide.outcome.shape[1])
    return changes(wide.outcome, before=months < start - anticipation, after=months >= start)


def start_dates_test(
    wide: Wide,
    assignment: Assignment,
    *,
    anticipation: int,
    alpha: float,
    draws: int,
    rng: np.random.Generator,
) -> RandomisationTest:
    """Estimate the mean effect on units with start dates of their own, in points; a p by dealing.

    With one pilot in each stratum the others of a stratum take its pilot's dates, and the choice
    within strata is repeated. Otherwise the dates, as they are, are dealt to units at random. The
    interval holds the constant effects not rejected. Raises ValueError for a unit without a month
    on one side of a date that it is asked for.

    Assumes parallel trends (A3), no effect before the start but for `anticipation` (A15), and dates
    dealt as by lot (A16).
    """
    treated = np.flatnonzero(assignment.treated)
    if len(assignment.picks) > 1:
        own = {int(assignment.strata[unit]): int(wide.cohort[unit]) for unit in treated}
        change = np.full(len(wide.cohort), np.nan)
        for stratum, start in own.items():
            inside = assignment.strata == stratum
            change[inside] = changes_at(wide, start, anticipation=anticipation)[inside]
        chosen = choices(assignment, draws=draws, rng=rng)
        return randomisation_test(
            change, chosen, alpha=alpha, statistic=statistic_for(len(treated))
        )
    starts, slots = np.unique(wide.cohort[treated], return_inverse=True)
    table = np.column_stack(
        [changes_at(wide, int(start), anticipation=anticipation) for start in starts]
    )
    if np.isnan(table).any():
        raise ValueError("a unit has no month on one side of a start; leave it out")
    size, number = len(table), len(treated)
    dealt = rng.random((draws, size)).argsort(axis=1)[:, :number]
    dealt = np.vstack([dealt, treated])
    sums = Sums(
        level=_apart(table, dealt, slots),
        shift=_apart(_touched(wide, assignment.treated, starts, anticipation), dealt, slots),
        weights=np.full(number, 1 / number),
        variance=None,
        statistic=statistic_for(number),
        exact=False,
    )
    ways = prod(range(size - number + 1, size + 1)) // prod(
        factorial(int(count)) for count in np.bincount(slots)
    )
    least = max(1 / ways, 1 / (draws + 1))
    low, high = interval(sums, least=least, alpha=alpha)
    return RandomisationTest(
        estimate=float(sums.level[-1] @ sums.weights),
        statistic=sums.statistic,
        p_value=p_value(sums),
        smallest_p=least,
        conf_low=low,
        conf_high=high,
        alpha=alpha,
        n_treated=number,
        n_comparison=size - number,
        choices=draws,
        exact=False,
    )


def _apart(table: Floats, dealt: Ints, slots: Ints) -> Floats:
    """Set each dealt unit's change beside the mean of those dealt no date (choices, treated)."""
    own = table[dealt, slots]
    taken = table[dealt][:, :, slots].sum(axis=1)
    others = (table.sum(axis=0)[slots] - taken) / (len(table) - dealt.shape[1])
    return np.asarray(own - others)


def _touched(wide: Wide, treated: Bools, starts: Ints, anticipation: int) -> Floats:
    """Tell what one point of effect adds to each unit's change about each start."""
    ones = np.where(treated[:, None], wide.treated, 0).astype(np.float64)
    ones[np.isnan(wide.outcome)] = np.nan
    months = np.arange(ones.shape[1])
    columns = [
        changes(ones, before=months < start - anticipation, after=months >= start)
        for start in starts
    ]
    return np.column_stack(columns)
