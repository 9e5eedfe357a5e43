"""An interrupted time series: level and slope before and after a start that hits all at once.

For a campaign that begins in a whole province in one month, where no commune is left to compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from commune_pilots.effects.correlated import (
    Errors,
    durbin_watson,
    estimate_of,
    law_of,
)
from commune_pilots.effects.estimate import Estimate
from commune_pilots.effects.trend import (
    EVENTS_PER_COEFFICIENT,
    LEAST_MONTHS,
    YEAR,
    Floats,
    Ints,
    neighbours,
    quasi_binomial,
    seasonal,
    trend_design,
)

LEAST_AFTER = 6
LAG = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """What a series did at a start, beyond its own level, trend and season.

    `level` and `at_horizon` are in percentage points of the share: what is printed less what the
    months before would have gone on to, in the month of the start and `horizon` months later.
    `slope` is the change of the trend, in log-odds per year. `durbin_watson` and `autocorrelation`
    are of the Pearson residuals; `correlation` is that of neighbouring months taken into account.
    """

    level: Estimate
    at_horizon: Estimate
    slope: Estimate
    horizon: int
    errors: Errors
    months_before: int
    months_after: int
    season: bool
    events: int
    dispersion: float
    autocorrelation: float
    durbin_watson: float
    correlation: float


def add_up(panel: pd.DataFrame) -> tuple[Ints, Floats, Floats, list[str]]:
    """Add the counts of communes up to one series: months since year 0, filed, dossiers.

    `panel` has unit, period_start, numerator and denominator of one indicator and definition. Only
    communes that report each month enter, so that no month gains by who reported; the others are
    named last.
    """
    known = panel.dropna(subset=["numerator", "denominator"])
    whole = known.groupby("unit")["period_start"].nunique() == panel["period_start"].nunique()
    kept = known[known["unit"].isin(whole.index[whole])]
    sums = kept.groupby("period_start", sort=True)[["numerator", "denominator"]].sum()
    starts = pd.DatetimeIndex(sums.index)
    left_out = sorted(set(panel["unit"]) - set(kept["unit"]))
    months = (YEAR * starts.year + starts.month - 1).to_numpy(dtype="int64")
    filed, dossiers = (sums[name].to_numpy(dtype="float64") for name in sums.columns)
    return months, filed, dossiers, left_out


def interruption_refusal(
    months: Ints, k: Floats, n: Floats, *, start: int, horizon: int, events: Sequence[int] = ()
) -> str | None:
    """Name why a series cannot be cut at a start: what is too little, or cannot be told apart.

    Twelve months before and six after at least, none beyond the last month asked about, ten
    dossiers of each kind for each coefficient, and no known event in the month of the start.
    """
    if (months < start).sum() < LEAST_MONTHS:
        return "too_few_months"
    if (months >= start).sum() < LEAST_AFTER or start + horizon > months.max():
        return "too_few_months_after"
    design = _design(months, start=start, events=events)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return "not_separable"
    if min(k.sum(), (n - k).sum()) < EVENTS_PER_COEFFICIENT * design.shape[1]:
        return "too_few_dossiers"
    return None


def interrupt(
    months: Ints,
    k: Floats,
    n: Floats,
    *,
    start: int,
    horizon: int,
    alpha: float,
    events: Sequence[int] = (),
    errors: Errors = "autoregressive",
    lag: int = LAG,
) -> Interruption:
    """Estimate how level and slope of a share changed in the month `start`, and `horizon` later.

    `months` count from year 0 (12 x year + month - 1), rising; k of n dossiers each, n > 0. Months
    that are neither before nor after (a start inside a month) are to be left out by the caller.
    Each of `events`, the month of another measure, gets a step of its own. The regression is
    quasi-binomial (`trend.quasi_binomial`) with the trend and season of `trend.fit_trend`; `errors`
    as in `correlated.law_of`. The series must not be refused by `interruption_refusal`.

    Assumes that nothing else began in the month of the start and that trend and season before
    would have gone on. One series without a comparison stays below a comparison on the ladder.
    Source: Wagner et al. 2002; Lopez Bernal, Cummins & Gasparrini 2017, doi 10.1093/ije/dyw098.
    """
    design = _design(months, start=start, events=events)
    fit = quasi_binomial(k, n, design)
    law = law_of(fit, months, k, n, design, errors=errors, lag=lag)
    pearson = (k - n * fit.fitted) / np.sqrt(n * fit.fitted * (1 - fit.fitted))

    def points(month: int) -> Estimate:
        with_start = _design(np.array([month]), start=start, events=events, like=months)[0]
        without = with_start.copy()
        without[-2:] = 0.0
        shares = [float(expit(row @ law.middle)) for row in (without, with_start)]
        slopes = [100 * share * (1 - share) for share in shares]
        gradient = slopes[1] * with_start - slopes[0] * without
        return estimate_of(law, gradient, at=100 * (shares[1] - shares[0]), alpha=alpha)

    last = np.eye(design.shape[1])[-1]
    return Interruption(
        level=points(start),
        at_horizon=points(start + horizon),
        slope=estimate_of(law, last, at=float(law.middle[-1]), alpha=alpha),
        horizon=horizon,
        errors=errors,
        months_before=int((months < start).sum()),
        months_after=int((months >= start).sum()),
        season=seasonal(months),
        events=len(events),
        dispersion=fit.dispersion,
        autocorrelation=neighbours(months, pearson),
        durbin_watson=durbin_watson(pearson),
        correlation=law.correlation,
    )


def placebo_starts(
    months: Ints, k: Floats, n: Floats, *, start: int, horizon: int, alpha: float,
    events: Sequence[int] = (),
) -> pd.DataFrame:  # fmt: skip
    """Ask the same of each month before the start, as if it had begun there.

    Only months before the start enter, so what truly began cannot leak in. Returns one row a
    pretended start: `month`, and what `interrupt` says `horizon` months later (points). None if the
    months before are too few; then this check is not possible with these data.
    """
    before = months < start
    rows = []
    for month in months[before]:
        own = months[before], k[before], n[before]
        known = [event for event in events if event < months[before].max() and event != month]
        known = [event for event in known if event > months[before].min()]
        asked = {"start": int(month), "horizon": horizon, "events": known}
        if interruption_refusal(*own, **asked):  # type: ignore[arg-type]
            continue
        found = interrupt(*own, alpha=alpha, **asked).at_horizon  # type: ignore[arg-type]
        rows.append(
            {
                "month": int(month),
                "estimate": found.estimate,
                "conf_low": found.conf_low,
                "conf_high": found.conf_high,
                "p_value": found.p_value,
            }
        )
    return pd.DataFrame(rows, columns=["month", "estimate", "conf_low", "conf_high", "p_value"])


def rank_among(found: Interruption, placebos: pd.DataFrame) -> tuple[float, float]:
    """Rank an estimate among those of pretended starts: the p-value, and the smallest reachable.

    Both at the same horizon. Pretended starts next to each other share their months, so the rank is
    a look, not an exact test.
    """
    smallest = 1 / (len(placebos) + 1)
    as_large = int((placebos["estimate"].abs() >= abs(found.at_horizon.estimate)).sum())
    return (as_large + 1) * smallest, smallest


def _design(months: Ints, *, start: int, events: Sequence[int], like: Ints | None = None) -> Floats:
    """Lay out trend, season, events, and last of all step and change of slope at the start."""
    whole = months if like is None else like
    columns = [trend_design(months, origin=float(whole.mean()), season=seasonal(whole))]
    columns += [(months >= event).astype(float)[:, None] for event in events]
    after = (months >= start).astype(float)
    columns.append(np.column_stack([after, after * (months - start) / YEAR]))
    return np.hstack(columns)
