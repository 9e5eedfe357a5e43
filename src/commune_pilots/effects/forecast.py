"""How far the months of one commune lie from a forecast, all months after a start together.

`series` sets month beside month; here the gap of all of them is one number, with its interval, and
the forecast is first put to the test on months whose outcome is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from commune_pilots.effects.correlated import Errors, estimate_of, law_of
from commune_pilots.effects.estimate import Estimate, by_t
from commune_pilots.effects.trend import (
    YEAR,
    Floats,
    Ints,
    fit_trend,
    go_on,
    refusal,
    trend_design,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastGap:
    """The share printed over all months after a start less the one forecast, in points.

    Months weigh by their dossiers, so the share printed is that of all dossiers after the start.
    `of_fit` and `of_months` are the standard errors that the fit, and the scatter of the months
    ahead, would have alone.
    """

    gap: Estimate
    printed: float
    forecast: float
    months: int
    of_fit: float
    of_months: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How a forecast did on months before the start, each forecast from those before it.

    `held` is the part of those months inside their band of 1 - alpha; errors are absolute and in
    points, `naive` those of carrying the same month of the year before on.
    """

    months: int
    held: float
    error: float
    naive: float


def forecast_gap(
    months: Ints,
    k: Floats,
    n: Floats,
    *,
    start: int,
    alpha: float,
    errors: Errors = "autoregressive",
) -> ForecastGap:
    """Estimate how far the share after `start` lies from what the months before would go on to.

    `months` from year 0, rising, k of n dossiers each, n > 0; those before the start must not be
    refused by `trend.refusal`. Nothing is forecast further ahead than the months before reach back.
    The error of the forecast is that of the fit, shared by all months ahead, and that of the months
    ahead, correlated like those before (`correlated.law_of`).

    Assumes that without the pilot level, trend and season would have gone on (A14); whatever else
    began with the pilot is in the gap too. Source: Lopez Bernal, Cummins & Gasparrini 2017.
    Raises ValueError if no month after the start can be forecast.
    """
    before = months < start
    ahead = ~before & (months <= 2 * months[before].max() - months[before].min() + 1)
    if not ahead.any():
        raise ValueError("no month after the start can be forecast")
    trend = fit_trend(months[before], k[before], n[before])
    own, further = (
        trend_design(months[part], origin=trend.origin, season=trend.season)
        for part in (before, ahead)
    )
    law = law_of(trend.fit, months[before], k[before], n[before], own, errors=errors, lag=YEAR)
    expected = expit(further @ law.middle)
    weights = n[ahead] / n[ahead].sum()
    gradient = 100 * (weights * expected * (1 - expected)) @ further
    printed, forecast = (
        100 * float(k[ahead].sum() / n[ahead].sum()),
        100 * float(weights @ expected),
    )
    of_fit = estimate_of(law, gradient, at=forecast - printed, alpha=alpha).std_error
    spread = 100 * weights * np.sqrt(expected * (1 - expected) / n[ahead])
    apart = np.abs(np.subtract.outer(months[ahead], months[ahead]))
    scatter = max(1.0, trend.fit.dispersion) * spread @ (law.correlation**apart) @ spread
    return ForecastGap(
        gap=by_t(printed - forecast, float(np.hypot(of_fit, scatter**0.5)), df=law.df, alpha=alpha),
        printed=printed,
        forecast=forecast,
        months=int(ahead.sum()),
        of_fit=of_fit,
        of_months=float(scatter**0.5),
    )


def backtest(months: Ints, k: Floats, n: Floats, *, ahead: int, alpha: float) -> Backtest | None:
    """Forecast each month from those at least `ahead` months before it, and count what was held.

    Give it the months before a start only. None if no month can be forecast that has the same month
    of the year before to compare with: then this check is not possible with these data.
    """
    rows = []
    shares = pd.Series(100 * k / n, index=months)
    for at, month in enumerate(months):
        past = months <= month - ahead
        if month - YEAR not in shares.index or refusal(months[past], k[past], n[past]):
            continue
        band = go_on(
            fit_trend(months[past], k[past], n[past]), months[at : at + 1], n[at : at + 1],
            alpha=alpha,
        )  # fmt: skip
        share = float(shares[month])
        inside = 100 * band.low[0] <= share <= 100 * band.high[0]
        naive = abs(share - float(shares[month - YEAR]))
        rows.append((inside, abs(share - 100 * band.expected[0]), naive))
    if not rows:
        return None
    held, error, naive = np.mean(rows, axis=0)
    return Backtest(months=len(rows), held=float(held), error=float(error), naive=float(naive))
