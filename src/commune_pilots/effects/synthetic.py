"""One commune beside a mix of others: synthetic control and synthetic difference-in-differences.

Tables of shares are wide: one row a unit, one column a month in order, in per cent, nothing
missing; `donor_pool` makes them. Differences are percentage points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commune_pilots.effects.simplex import closest_weights, predictor_weights, spread_weights
from commune_pilots.effects.trend import Floats

Synthesis = Literal["synthetic_control", "synthetic_did"]
Month = int | pd.Timestamp
Bools = NDArray[np.bool_]
LEAST_BEFORE = 10
LEAST_DONORS = 2
_TINY, _SMALL = 1e-6, 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthetic:
    """What a unit's share did beyond that of a weighted mix of donors.

    `estimate` is the mean over the months from the start on, in points; `gap` the difference month
    by month (for synthetic DiD less the weighted difference before). `weights` are of donors,
    `month_weights` of the months before. `error_before` and `error_after` are roots of mean squares
    of the gap, `ratio` the second over the first.
    """

    method: Synthesis
    treated: str
    estimate: float
    weights: pd.Series
    month_weights: pd.Series
    gap: pd.Series
    error_before: float
    error_after: float

    @property
    def ratio(self) -> float:
        """How much larger the gap is after the start than before; infinite after a perfect fit."""
        return self.error_after / self.error_before if self.error_before > 0 else np.inf


def donor_pool(
    shares: pd.DataFrame,
    *,
    treated: str,
    start: Month,
    excluded: Mapping[str, str],
    most_apart: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the units that can stand in for a treated one, and say why each other one cannot.

    `shares` may have gaps. `excluded` names units with the reason known beforehand (a pilot, a
    neighbour, merged, counted otherwise). Of the others a donor needs every month that the treated
    unit has, and a mean before `start` at most `most_apart` points from its mean: a mix of units
    far away on both sides would lean on a straight line between them (Abadie 2021, doi
    10.1257/jel.20191450). Returns the treated unit and its donors over those months, and a table of
    unit and reason (`excluded` as given, `incomplete`, `far`). Raises KeyError if the treated unit
    is not there.
    """
    months = shares.columns[shares.loc[treated].notna().to_numpy()]
    own = shares[months]
    before = own.loc[:, months_before(own, start)].mean(axis=1)
    reasons = {}
    for unit in own.index.drop(treated):
        if unit in excluded:
            reasons[unit] = excluded[unit]
        elif own.loc[unit].isna().any():
            reasons[unit] = "incomplete"
        elif abs(before[unit] - before[treated]) > most_apart:
            reasons[unit] = "far"
    kept = own.drop(index=list(reasons))
    dropped = pd.DataFrame({"unit": list(reasons), "reason": list(reasons.values())}, dtype="str")
    return kept, dropped


def synthetic_refusal(shares: pd.DataFrame, *, treated: str, start: Month) -> str | None:
    """Name why no mix can be made: too few months before, none after, or too few donors."""
    before = months_before(shares, start)
    if before.sum() < LEAST_BEFORE:
        return "too_few_months"
    if before.all():
        return "no_month_after"
    return "too_few_donors" if len(shares.index.drop(treated)) < LEAST_DONORS else None


def synthetic_control(
    shares: pd.DataFrame, *, treated: str, start: Month, predictors: pd.DataFrame | None = None
) -> Synthetic:
    """Estimate the mean difference from the mix of donors that was closest before the start.

    Weights of 0 or more that add to 1 with the least squares over all months before (the exact
    optimum), or, with `predictors` (one row a unit), those of `simplex.predictor_weights`.

    Assumes that what moved the treated unit before the start moved the same mix after it, that no
    donor was touched, and that the fit before is good. Source: Abadie, Diamond & Hainmueller 2010,
    doi 10.1198/jasa.2009.ap08746.
    """
    donors, before, _ = _parts(shares, treated, start)
    mix, target = donors.to_numpy()[:, before].T, shares.loc[treated].to_numpy()[before]
    if predictors is None:
        weights = closest_weights(mix, target)
    else:
        known = predictors.loc[donors.index].to_numpy(dtype="float64").T
        own = predictors.loc[treated].to_numpy(dtype="float64")
        weights, _ = predictor_weights(known, own, mix, target)
    return _synthetic(
        shares, treated, start, weights, np.zeros(int(before.sum())), "synthetic_control"
    )


def synthetic_did(shares: pd.DataFrame, *, treated: str, start: Month) -> Synthetic:
    """Estimate how much more the treated unit changed than a mix of donors that ran parallel.

    Donors are weighted to run parallel to the treated unit before the start, months before to be
    like the months after among donors; a constant difference cancels. The weights of donors are
    spread out by zeta = (months after)^(1/4) times the standard deviation of the monthly changes of
    donors before the start.

    Assumes that after the start the treated unit would have stayed parallel to that mix. Source:
    Arkhangelsky, Athey, Hirshberg, Imbens & Wager 2021, doi 10.1257/aer.20190159.
    """
    donors, before, after = _parts(shares, treated, start)
    values = donors.to_numpy()
    noise = float(np.diff(values[:, before], axis=1).std(ddof=1))
    least = _SMALL * noise
    months = spread_weights(
        values[:, before], values[:, after].mean(axis=1), zeta=_TINY * noise, least=least
    )
    zeta = float(after.sum()) ** 0.25 * noise
    target = shares.loc[treated].to_numpy()[before]
    units = spread_weights(values[:, before].T, target, zeta=zeta, least=least)
    return _synthetic(shares, treated, start, units, months, "synthetic_did")


def months_before(shares: pd.DataFrame, start: Month) -> Bools:
    """Mark the months before a start."""
    columns: list[Any] = list(shares.columns)
    return np.array([month < start for month in columns], dtype=np.bool_)


def _parts(shares: pd.DataFrame, treated: str, start: Month) -> tuple[pd.DataFrame, Bools, Bools]:
    before = months_before(shares, start)
    return shares.drop(index=treated), before, ~before


def _synthetic(
    shares: pd.DataFrame,
    treated: str,
    start: Month,
    weights: Floats,
    months: Floats,
    method: Synthesis,
) -> Synthetic:
    donors, before, after = _parts(shares, treated, start)
    difference = shares.loc[treated].to_numpy() - weights @ donors.to_numpy()
    gap = difference - months @ difference[before]
    # A constant difference is no misfit where months are weighted: it cancels.
    level = gap[before].mean() if method == "synthetic_did" else 0.0
    return Synthetic(
        method=method,
        treated=treated,
        estimate=float(gap[after].mean()),
        weights=pd.Series(weights, index=donors.index),
        month_weights=pd.Series(months, index=shares.columns[before]),
        gap=pd.Series(gap, index=shares.columns),
        error_before=float(np.sqrt(((gap[before] - level) ** 2).mean())),
        error_after=float(np.sqrt((gap[after] ** 2).mean())),
    )
