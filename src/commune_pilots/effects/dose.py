"""Does the share rise more where more was given: community teams, volunteer-days, hours.

A dose is chosen by somebody: eager communes form more teams. So a slope is a comparison of communes
at best, and only where some had none and the doses to come told nothing of the changes before.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from math import factorial, inf, prod
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression
from scipy.special import stdtrit

from commune_pilots.effects.estimate import Estimate, by_t
from commune_pilots.effects.trend import Floats, Ints
from commune_pilots.vocabulary import Design

Monotone = Literal["passed", "failed", "open", "not_possible"]
LEAST_UNITS = 6
LEAST_IN_GROUP = 3
_EQUAL = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseSlope:
    """How many points more the share rose for each further unit of dose.

    The standard error leaves out one unit after the other; the p-value deals the doses anew.
    `undosed` units had no dose in any period.
    """

    slope: Estimate
    units: int
    undosed: int
    periods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonotoneCheck:
    """Whether more dose goes with more rise, group by group.

    `passed`: no group's mean is below that of the group before. `failed`: one is, beyond chance.
    `open`: one is, within chance. `not_possible`: fewer than three groups of three units.
    `table` has one row a group: least and most dose, units, mean change in points, and the closest
    means that never fall.
    """

    result: Monotone
    table: pd.DataFrame


def dose_refusal(shares: pd.DataFrame, doses: pd.DataFrame) -> str | None:
    """Name why no slope can be told: too few units, nothing known, or no difference in dose."""
    if len(shares) < LEAST_UNITS:
        return "too_few_units"
    if shares.isna().any(axis=None) or doses.isna().any(axis=None):
        return "incomplete"
    return None if _steps(doses).any() else "no_variation"


def dose_slope(
    shares: pd.DataFrame,
    doses: pd.DataFrame,
    *,
    alpha: float,
    draws: int,
    rng: np.random.Generator,
    strata: pd.Series | None = None,
) -> DoseSlope:
    """Estimate the slope of first differences of shares on first differences of doses, in points.

    `shares` (per cent) and `doses` are units x periods with the same rows and columns: two periods
    for before and after, more for a panel. Differences between periods are taken about their mean
    over units, so what moves all units alike cancels. Standard errors leave one unit out at a time,
    t with units - 2. The p-value is the rank of the slope among those of doses dealt anew to units,
    within `strata` (such as districts) where given. Must not be refused by `dose_refusal`. To ask
    whether later doses tell of earlier changes, give the shares of the periods before.

    Assumes that units of other doses would have changed alike without (parallel trends), that one
    unit's dose moves no other's share, and one slope for all doses.
    """
    y, d = _steps(shares), _steps(doses)
    slope, size = _slope(y, d), len(y)
    left_out = np.array([_slope(*_without(y, d, unit)) for unit in range(size)])
    error = float(np.sqrt((size - 1) / size * ((left_out - slope) ** 2).sum()))
    groups = _groups(shares.index, strata)
    dealt = np.tile(np.arange(size), (draws, 1))
    for members in groups:
        dealt[:, members] = rng.permuted(np.tile(members, (draws, 1)), axis=1)
    # Dealing rows anew changes neither the mean of a period nor the sum of squares.
    products = np.einsum("it,bit->b", y, d[dealt])
    as_large = int((np.abs(products) >= _EQUAL * abs(float((y * d).sum()))).sum())
    smallest = max(1 / (draws + 1), 1 / _ways(doses, groups))
    return DoseSlope(
        slope=replace(
            by_t(slope, error, df=size - 2, alpha=alpha),
            p_value=max((as_large + 1) / (draws + 1), smallest),
            smallest_p=smallest,
        ),
        units=size,
        undosed=int((doses == 0).all(axis=1).sum()),
        periods=doses.shape[1],
    )


def dose_design(found: DoseSlope, before: DoseSlope | None, *, alpha: float) -> Design:
    """Say which step of the ladder a slope stands on: at best a comparison.

    `before` is the slope of the changes before on the doses to come. A comparison needs three
    units without dose, that check, and no sign in it; else no more is said than of a trend.
    """
    clean = before is not None and before.slope.p_value >= alpha
    told = clean and before is not None and before.slope.smallest_p <= alpha
    return "comparison" if told and found.undosed >= LEAST_IN_GROUP else "trend_adjusted"


def check_monotone(
    changes: pd.Series, doses: pd.Series, *, groups: int, alpha: float
) -> MonotoneCheck:
    """Check that units of higher dose rose at least as much, in groups of like dose.

    `changes` in points and `doses` by unit. Units without dose are a group of their own, the
    others as many groups of about the same size as make `groups`; equal doses stay together. Falls
    from group to group are judged by Welch's interval at alpha over the number of steps.
    """
    known = pd.DataFrame({"change": changes, "dose": doses}).dropna()
    dosed = known["dose"] > 0
    parts = groups - int((~dosed).any())
    ranks = known.loc[dosed, "dose"].rank(method="min", pct=True)
    group = pd.Series(-1, index=known.index)
    group[dosed] = np.minimum((ranks * parts - 1e-9).astype(int), parts - 1)
    told = known.groupby(group.to_numpy())
    table = pd.DataFrame(
        {
            "least_dose": told["dose"].min(),
            "most_dose": told["dose"].max(),
            "units": told.size(),
            "mean": told["change"].mean(),
        }
    ).reset_index(drop=True)
    sizes = table["units"].to_numpy()
    if len(table) < 3 or sizes.min() < LEAST_IN_GROUP:
        return MonotoneCheck(result="not_possible", table=table.assign(rising=np.nan))
    means = table["mean"].to_numpy(dtype="float64")
    table = table.assign(rising=isotonic_regression(means, weights=sizes).x)
    steps = np.diff(means)
    errors = (told["change"].var(ddof=1) / told.size()).to_numpy(dtype="float64")
    variances = errors[1:] + errors[:-1]
    lower = errors[1:] ** 2 / (sizes[1:] - 1) + errors[:-1] ** 2 / (sizes[:-1] - 1)
    df = np.divide(variances**2, lower, out=np.ones_like(lower), where=lower > 0)
    reach = stdtrit(df, 1 - alpha / len(steps) / 2) * np.sqrt(variances)
    result: Monotone = "passed"
    if (steps < 0).any():
        result = "failed" if (steps + reach < 0).any() else "open"
    return MonotoneCheck(result=result, table=table)


def _steps(table: pd.DataFrame) -> Floats:
    """Take differences between periods, about their mean over units."""
    steps = np.diff(table.to_numpy(dtype="float64"), axis=1)
    return np.asarray(steps - steps.mean(axis=0))


def _slope(y: Floats, d: Floats) -> float:
    squares = float((d * d).sum())
    return float((y * d).sum()) / squares if squares > 0 else np.nan


def _without(y: Floats, d: Floats, unit: int) -> tuple[Floats, Floats]:
    kept = [np.delete(part, unit, axis=0) for part in (y, d)]
    return kept[0] - kept[0].mean(axis=0), kept[1] - kept[1].mean(axis=0)


def _groups(units: pd.Index, strata: pd.Series | None) -> list[Ints]:
    if strata is None:
        return [np.arange(len(units))]
    labels = strata.reindex(units).to_numpy()
    return [np.flatnonzero(labels == label) for label in pd.unique(labels)]


def _ways(doses: pd.DataFrame, groups: list[Ints]) -> float:
    """Count the different ways in which the doses could have been dealt."""
    rows: list[Hashable] = [tuple(row) for row in doses.to_numpy().tolist()]
    ways = 1
    for members in groups:
        counts = pd.Series([rows[member] for member in members]).value_counts()
        ways *= factorial(len(members)) // prod(factorial(count) for count in counts)
    return float(ways) if ways < 10**300 else inf
