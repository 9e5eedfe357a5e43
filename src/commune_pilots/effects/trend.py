"""A quasi-binomial trend of monthly shares, gone on with: what the next months should print.

statsmodels takes seconds to import, so only the function that uses it does.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, stdtrit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 12
LEAST_MONTHS = 12
YEARS_FOR_SEASON = 2
EVENTS_PER_COEFFICIENT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A quasi-binomial regression: coefficients (log-odds), covariance at dispersion 1, fit."""

    coefficients: Floats
    covariance: Floats
    fitted: Floats
    dispersion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Level, trend and season of a unit's months (months counted from year 0), as log-odds.

    `fitted` are the shares of the months it was fitted to; `autocorrelation` is that of the Pearson
    residuals of neighbouring months, missing where no two months are neighbours.
    """

    fit: Fit
    origin: float
    season: bool
    residual_df: int
    autocorrelation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Shares expected month by month, and the prediction band; in 0..1."""

    expected: Floats
    low: Floats
    high: Floats


def quasi_binomial(k: Floats, n: Floats, design: Floats) -> Fit:
    """Fit the log-odds of k out of n on a design matrix; dispersion from Pearson's statistic.

    Shares with weights, as statsmodels gives a wrong dispersion for pairs of counts. Source:
    Wedderburn 1974; McCullagh & Nelder 1989, section 4.5.
    """
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    model = GLM(k / n, design, family=Binomial(), var_weights=n)
    with warnings.catch_warnings():
        # Sides without enough dossiers were refused: here it means months of one and the same share
        warnings.filterwarnings("ignore", message="Perfect separation or prediction")
        found = model.fit(scale="X2", tol=1e-12)
    return Fit(
        coefficients=np.asarray(found.params),
        covariance=np.asarray(found.normalized_cov_params),
        fitted=np.asarray(found.fittedvalues),
        dispersion=float(found.scale),
    )


def refusal(months: Ints, k: Floats, n: Floats) -> str | None:
    """Name why a trend cannot be fitted: too few months, or too few dossiers on one side.

    Twelve months at least (Wagner et al. 2002), and ten dossiers of each kind for each coefficient
    (Peduzzi et al. 1996); with fewer the bands do not hold what they promise.
    """
    if len(months) < LEAST_MONTHS:
        return "too_few_months"
    coefficients = 4 if seasonal(months) else 2
    if min(k.sum(), (n - k).sum()) < EVENTS_PER_COEFFICIENT * coefficients:
        return "too_few_dossiers"
    return None


def fit_trend(months: Ints, k: Floats, n: Floats) -> Trend:
    """Fit level and trend of the share filed, month by month, and a season where it can be told.

    One pair of yearly sine and cosine enters if each calendar month is there twice or more. Months
    may be missing; those given need dossiers (n > 0) and must not be refused by `refusal`.
    Source: Lopez Bernal, Cummins & Gasparrini 2017, doi 10.1093/ije/dyw098.
    """
    season, origin = seasonal(months), float(months.mean())
    design = trend_design(months, origin=origin, season=season)
    fit = quasi_binomial(k, n, design)
    residuals = (k - n * fit.fitted) / np.sqrt(n * fit.fitted * (1 - fit.fitted))
    return Trend(
        fit=fit,
        origin=origin,
        season=season,
        residual_df=len(months) - design.shape[1],
        autocorrelation=neighbours(months, residuals),
    )


def go_on(trend: Trend, months: Ints, n: Floats, *, alpha: float) -> Band:
    """Predict the share of each further month had level, trend and season gone on, with its band.

    A month of n dossiers prints a share within the band with chance 1 - alpha, each month for
    itself, if the months before would have gone on and months scatter independently (A14). The band
    has the error of the fit and the scatter of the month: on the log-odds scale t times the root of
    dispersion (x'Vx + 1/(n p (1 - p))), dispersion at least 1, t with the residual degrees of
    freedom. Its ends are those of (k + 1/2)/(n + 1), the share whose log-odds have little bias
    (Haldane 1956, Anscombe 1956), turned back into k/n: so a month without any filing can lie
    inside. Without dossiers (n missing or 0) a month has no band.
    """
    design = trend_design(months, origin=trend.origin, season=trend.season)
    middle = design @ trend.fit.coefficients
    expected = expit(middle)
    of_fit = np.einsum("ij,jk,ik->i", design, trend.fit.covariance, design)
    n = np.where(n > 0, n, np.nan)
    spread = max(1.0, trend.fit.dispersion) * (of_fit + 1 / (n * expected * (1 - expected)))
    reach = float(stdtrit(trend.residual_df, 1 - alpha / 2)) * np.sqrt(spread)
    low, high = (
        np.clip(((n + 1) * expit(middle + end) - 0.5) / n, 0, 1) for end in (-reach, reach)
    )
    return Band(expected=expected, low=low, high=high)


def trend_design(months: Ints, *, origin: float, season: bool) -> Floats:
    """Lay level, trend (years from `origin`) and, if asked, season out as columns."""
    since = (months - origin) / YEAR  # years from the middle: steps of one size for the solver
    columns = [np.ones(len(months)), since]
    if season:
        columns += [np.sin(2 * np.pi * months / YEAR), np.cos(2 * np.pi * months / YEAR)]
    return np.column_stack(columns)


def seasonal(months: Ints) -> bool:
    """Say whether each calendar month is there often enough to tell a season."""
    return bool((np.bincount(months % YEAR, minlength=YEAR) >= YEARS_FOR_SEASON).all())


def neighbours(months: Ints, residuals: Floats) -> float:
    """Correlate the residuals of neighbouring months around 0."""
    apart = np.diff(months) == 1
    if not apart.any() or not residuals.any():
        return float("nan")
    products = residuals[1:][apart] * residuals[:-1][apart]
    return float(products.mean() / (residuals**2).mean())
