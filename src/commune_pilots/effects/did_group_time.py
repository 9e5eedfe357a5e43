"""ATT(g, t): the effect on each cohort in each period, each against units not treated yet.

Closed form for balanced panels without covariates; `did_library` has the rest. Every estimate is a
weighted sum of cohort means, and its influence function a weighted sum of a unit's own outcomes, so
standard errors need the scatter of cohorts only. Source: Callaway & Sant'Anna 2021, doi
10.1016/j.jeconom.2020.12.001.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from commune_pilots.effects.did_moments import Moments, cohort_errors
from commune_pilots.effects.result import (
    ASSUMES,
    Effect,
    Law,
    PreTrend,
    hotelling,
    judge,
    wald,
)
from commune_pilots.effects.trend import Floats, Ints

Comparison = Literal["never_treated", "not_yet_treated"]
Over = Literal["simple", "event_time", "cohort", "period"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Estimates with their influence functions, one a row.

    What a unit adds to an estimate is its cohort's loading (rows x cohorts x periods) times its
    outcomes plus its cohort's constant (rows x cohorts).
    """

    estimates: Floats
    loadings: Floats
    constants: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTime:
    """Estimates of ATT(g, t), one a row, in the unit of the outcome.

    `at_cohort` is a row of the moments, `at_period` a column of the panel; `comparisons` (rows x
    cohorts) tells whose units each was compared with.
    """

    moments: Moments
    comparison: Comparison
    anticipation: int
    at_cohort: Ints
    at_period: Ints
    comparisons: NDArray[np.bool_]
    sums: Sums

    @property
    def after(self) -> NDArray[np.bool_]:
        """Which rows are effects: not earlier than the cohort's first period treated."""
        return np.asarray(self.at_period >= self.moments.cohorts[self.at_cohort])


def group_time(moments: Moments, *, comparison: Comparison, anticipation: int = 0) -> GroupTime:
    """Estimate ATT(g, t) for every cohort and period that a comparison exists for.

    From the start on, against the cohort's last period before it (earlier by `anticipation`);
    before the start against the period before, which tests parallel trends period by period.
    Comparison units are those never treated, or also those not treated by t. Assumes parallel
    trends by cohort (A3) and no effect before the start but for `anticipation`. Raises
    ValueError where no cohort has a comparison.
    """
    periods, cohorts = np.arange(moments.periods), moments.cohorts
    never = ~moments.ever
    rows = []
    for g in np.flatnonzero(moments.ever):
        last = cohorts[g] - 1 - anticipation
        for t in periods[1:]:
            base = t - 1 if t < cohorts[g] - anticipation else last
            if base < 0 or base == t:
                continue
            fit = never.copy()
            if comparison == "not_yet_treated":
                fit |= cohorts > max(t, base) + anticipation
            fit[g] = False
            if fit.any():
                rows.append((g, t, base, fit))
    if not rows:
        raise ValueError(f"no cohort can be compared with units {comparison.replace('_', ' ')}")
    at_cohort, at_period, base = (np.array([row[i] for row in rows]) for i in range(3))
    comparisons = np.array([row[3] for row in rows])
    return _estimated(
        moments, at_cohort, at_period, base, comparisons,
        comparison=comparison, anticipation=anticipation,
    )  # fmt: skip


def _estimated(
    moments: Moments,
    at_cohort: Ints,
    at_period: Ints,
    base: Ints,
    comparisons: NDArray[np.bool_],
    *,
    comparison: Comparison,
    anticipation: int,
) -> GroupTime:
    row = np.arange(len(at_cohort))
    moved = moments.means[:, at_period].T - moments.means[:, base].T  # rows x cohorts
    weights = comparisons * moments.sizes
    weights = weights / weights.sum(axis=1, keepdims=True)
    own, others = moved[row, at_cohort], (weights * moved).sum(axis=1)
    shares = -weights / moments.sizes
    shares[row, at_cohort] = 1 / moments.sizes[at_cohort]
    loadings = np.zeros((len(row), *moments.means.shape))
    loadings[row, :, at_period] = shares
    loadings[row, :, base] = -shares
    constants = -shares * others[:, None]
    constants[row, at_cohort] = -shares[row, at_cohort] * own
    return GroupTime(
        moments=moments, comparison=comparison, anticipation=anticipation,
        at_cohort=at_cohort, at_period=at_period, comparisons=comparisons,
        sums=Sums(estimates=own - others, loadings=loadings, constants=constants),
    )  # fmt: skip


def group_time_effects(
    found: GroupTime, *, law: Law = "small_sample", alpha: float = 0.05
) -> list[Effect]:
    """Tell each ATT(g, t), errors as in `aggregate`; `at` is the period, the estimand names g."""
    moments = found.moments
    starts = moments.first + moments.cohorts[found.at_cohort]
    rows = np.eye(len(starts), dtype=bool)
    return _told(
        found, found.sums, rows, names=[f"att_cohort_{start}" for start in starts],
        at=[moments.first + int(t) for t in found.at_period], law=law, alpha=alpha,
    )  # fmt: skip


def aggregate(
    found: GroupTime, *, over: Over, law: Law = "small_sample", alpha: float = 0.05
) -> list[Effect]:
    """Average ATT(g, t): overall first, then by event time, cohort or period.

    simple: over all treated unit-periods. event_time: by time since the start, leads too, overall
    the mean of those from 0 on. cohort: each cohort's mean over its periods, overall by the units
    of each. period: each period over its treated units, overall the mean of periods. Standard
    errors: small_sample takes cohorts as given and has degrees of freedom; influence is the
    source's, for many units, and carries the estimated shares of cohorts. A cohort of one unit
    shows no scatter, so what rests on it has no standard error.
    """
    moments = found.moments
    starts = moments.cohorts[found.at_cohort]
    used = found.at_period >= (0 if over == "event_time" else starts)
    keys = {
        "simple": np.zeros(len(starts), dtype="int64"),
        "event_time": found.at_period - starts,
        "cohort": moments.first + starts,
        "period": moments.first + found.at_period,
    }[over]
    values = np.unique(keys[used])
    members = (keys == values[:, None]) & used
    sizes = moments.sizes[found.at_cohort]
    if over == "cohort":
        parts = _average(found.sums, members.astype(float), moments)
        by_cohort = np.searchsorted(moments.cohorts, values - moments.first)
        whole = _average(parts, moments.sizes[by_cohort][None, :].astype(float), moments, by_cohort)
        counted = np.ones(len(values), dtype=bool)
    else:
        parts = _average(found.sums, members * sizes, moments, found.at_cohort)
        counted = values >= 0 if over == "event_time" else np.ones(len(values), dtype=bool)
        whole = _average(parts, counted[None, :].astype(float), moments)
    rows = members[counted].any(axis=0)[None, :]
    overall = _told(
        found, whole, rows, names=[f"att_overall_{over}"], at=[None], law=law, alpha=alpha
    )
    if over == "simple":
        return overall
    names = [f"att_{over}"] * len(values)
    return overall + _told(
        found, parts, members, names=names, at=values.tolist(), law=law, alpha=alpha
    )


def pre_trend(found: GroupTime, *, law: Law = "small_sample") -> PreTrend:
    """Test jointly that no cohort moved apart from its comparison before its start.

    influence: the chi-square test of the source, for many units; small_sample: Hotelling's.
    """
    moments = found.moments
    starts = moments.cohorts[found.at_cohort]
    before = found.at_period < starts - found.anticipation
    a, b = found.sums.loadings[before], found.sums.constants[before]
    values, sizes = found.sums.estimates[before], moments.sizes
    if law == "small_sample":
        unbiased = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), np.nan)
        scatter = moments.scatter * unbiased[:, None, None]
        _, df = cohort_errors(a, moments)
        covariance = np.einsum("kgt,gts,lgs->kl", a, scatter, a, optimize=True)
        return hotelling(values, covariance, df=df)
    centre = np.einsum("kgt,gt->kg", a, moments.means) + b
    covariance = np.einsum("kgt,gts,lgs->kl", a, moments.scatter, a, optimize=True)
    covariance += (centre * sizes) @ centre.T
    treated = int(sizes[moments.ever].sum())
    return wald(values, covariance, n_treated=treated, n_comparison=int(sizes.sum()) - treated)


def _average(sums: Sums, weights: Floats, moments: Moments, by: Ints | None = None) -> Sums:
    """Average rows; `by` are the cohorts whose sizes the weights are, estimated with the sample."""
    totals = weights.sum(axis=1, keepdims=True)
    shares = weights / totals
    estimates = shares @ sums.estimates
    constants = shares @ sums.constants
    if by is not None:
        apart = (weights > 0) * (sums.estimates - estimates[:, None]) / totals
        of_cohort = np.arange(len(moments.cohorts)) == by[:, None]
        constants = constants + apart @ of_cohort
    loadings = np.tensordot(shares, sums.loadings, axes=1)
    return Sums(estimates=estimates, loadings=loadings, constants=constants)


def _errors(sums: Sums, moments: Moments) -> Floats:
    """Sum the squares of what units add: about their cohort's mean, and of that mean."""
    a = sums.loadings
    inside = (np.matmul(a.transpose(1, 0, 2), moments.scatter).transpose(1, 0, 2) * a).sum((1, 2))
    centre = np.einsum("kgt,gt->kg", a, moments.means) + sums.constants
    return np.asarray(np.sqrt(inside + centre**2 @ moments.sizes))


def _told(
    found: GroupTime,
    sums: Sums,
    rows: NDArray[np.bool_],
    *,
    names: list[str],
    at: list[int] | list[None],
    law: Law,
    alpha: float,
) -> list[Effect]:
    """Judge estimates; `rows` (estimates x rows of `found`) are the ATT(g, t) each rests on."""
    effects, sizes = [], found.moments.sizes
    errors, df = cohort_errors(sums.loadings, found.moments)
    if law == "influence":
        errors, df = _errors(sums, found.moments), np.full(len(errors), inf)
    for place, row in enumerate(rows):
        used = sizes[np.unique(found.at_cohort[row])]
        effects.append(
            judge(
                estimand=names[place],
                at=at[place],
                estimate=sums.estimates[place],
                std_error=nan if (used < 2).any() else float(errors[place]),
                n_treated=int(used.sum()),
                n_comparison=int(sizes[found.comparisons[row].any(axis=0)].sum()),
                method=f"group_time_{found.comparison}",
                df=float(df[place]),
                small_sample=law == "small_sample",
                assumptions=ASSUMES,
                alpha=alpha,
            )
        )
    return effects
