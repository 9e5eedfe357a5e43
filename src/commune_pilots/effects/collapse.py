"""One change per commune, then a comparison of two groups of changes: for 3 to 8 treated communes.

Months of a commune are not independent evidence; collapsing them to one change before any test
takes the serial correlation out (Bertrand, Duflo & Mullainathan 2004; Donald & Lang 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from commune_pilots.effects.assignment import Assignment, Floats, choices
from commune_pilots.effects.estimate import Estimate, by_t
from commune_pilots.effects.few_treated import LEAST_WELCH, Decided, decide
from commune_pilots.effects.randomisation import (
    RandomisationTest,
    Statistic,
    randomisation_test,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanDifference:
    """Mean change of the treated less that of comparison units, by t with `freedom` degrees."""

    found: Estimate
    freedom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What is printed of few treated units: the estimate with its interval, and the exact test.

    `interval` is Welch's, or that of the strata; none with too few treated units, where that of
    `test` serves. `decided` reads the p-value of `test`.
    """

    interval: MeanDifference | None
    test: RandomisationTest
    decided: Decided


def changes(outcome: ArrayLike, *, before: ArrayLike, after: ArrayLike) -> Floats:
    """Take each unit's change: the mean of its months after less that of its months before.

    `outcome` (N, T), missing months NaN; `before` and `after` (T,) or, where units start at
    different dates, (N, T). A comparison unit takes the dates of the pilot it is compared with. A
    unit without a month on one side has no change (NaN).
    """
    values = np.asarray(outcome, dtype=np.float64)
    means = []
    for asked in (before, after):
        held = np.broadcast_to(np.asarray(asked, dtype=bool), values.shape) & ~np.isnan(values)
        months = held.sum(axis=1)
        total = np.where(held, values, 0.0).sum(axis=1)
        means.append(np.divide(total, months, out=np.full(len(values), np.nan), where=months > 0))
    return np.asarray(means[1] - means[0])


def changes_of_shares(
    numerator: ArrayLike, denominator: ArrayLike, *, before: ArrayLike, after: ArrayLike
) -> Floats:
    """Take each unit's change in percentage points, of shares over all dossiers of a side.

    Months weigh by their dossiers; arguments are (N, T), as for `changes`.
    """
    k, n = (np.asarray(each, dtype=np.float64) for each in (numerator, denominator))
    known = ~(np.isnan(k) | np.isnan(n))
    shares = []
    for asked in (before, after):
        held = np.broadcast_to(np.asarray(asked, dtype=bool), k.shape) & known
        filed, counted = (np.where(held, each, 0.0).sum(axis=1) for each in (k, n))
        shares.append(np.divide(filed, counted, out=np.full(len(k), np.nan), where=counted > 0))
    return np.asarray(100 * (shares[1] - shares[0]))


def mean_difference(change: ArrayLike, assignment: Assignment, *, alpha: float) -> MeanDifference:
    """Estimate the mean effect on the treated units from changes, with a t interval.

    `change` (N,). One stratum: Welch's test, its degrees of freedom by Satterthwaite. Several:
    treated less comparison within each, weighted by treated units, its error from the scatter
    between the S strata, with S - 1 degrees of freedom. Raises ValueError for fewer than 2 treated
    or comparison units.

    Assumes parallel changes without the pilot (A3), and independent units; normal changes where
    there are few.
    """
    values = np.asarray(change, dtype=np.float64)
    treated = assignment.treated
    if len(assignment.picks) == 1:
        inside = assignment.strata >= 0
        groups = values[treated], values[inside & ~treated]
        if min(map(len, groups)) < 2:
            raise ValueError("fewer than 2 units on one side have no standard error")
        parts = [float(group.var(ddof=1)) / len(group) for group in groups]
        estimate = float(groups[0].mean() - groups[1].mean())
        variance = sum(parts)
        spread = sum(v**2 / (len(g) - 1) for v, g in zip(parts, groups, strict=True))
        freedom = variance**2 / spread if spread > 0 else float(len(values) - 2)
    else:
        strata = [assignment.strata == s for s in range(len(assignment.picks))]
        apart = np.array([values[s & treated].mean() - values[s & ~treated].mean() for s in strata])
        weights = np.array(assignment.picks) / sum(assignment.picks)
        estimate = float(weights @ apart)
        freedom = len(strata) - 1.0
        variance = float(((weights * (apart - estimate)) ** 2).sum()) * len(strata) / freedom
    found = by_t(estimate, sqrt(variance), df=freedom, alpha=alpha)
    return MeanDifference(found=found, freedom=freedom)


def headline(
    change: ArrayLike,
    assignment: Assignment,
    *,
    alpha: float,
    draws: int,
    rng: np.random.Generator,
) -> Headline:
    """Compare treated and other communes' changes as few treated communes allow.

    Welch's interval beside a studentised randomisation test over the mechanism `assignment`; with
    one or two treated units only a randomisation test of the plain difference. Arguments, errors
    and assumptions as for `mean_difference` and `randomisation_test`.
    """
    n_treated = int(assignment.treated.sum())
    test = randomisation_test(
        change,
        choices(assignment, draws=draws, rng=rng),
        alpha=alpha,
        statistic=statistic_for(n_treated),
    )
    return Headline(
        interval=(
            mean_difference(change, assignment, alpha=alpha) if n_treated >= LEAST_WELCH else None
        ),
        test=test,
        decided=decide(test.p_value, smallest_p=test.smallest_p, alpha=alpha),
    )


def statistic_for(n_treated: int) -> Statistic:
    """Choose the statistic of the randomisation test: one or two treated have no scatter to use."""
    return "studentised" if n_treated >= LEAST_WELCH else "difference"
