"""Errors of a regression over months that are like their neighbours.

Three ways to answer how sure a coefficient is: months independent of each other, Newey and West's
sum over lags, and a first-order autoregression whose correlation is not known but averaged over.
In short series the second is far too sure and the first too sure as soon as months remember
(docs/methods.md has how often); the third holds what it promises up to a correlation of 0.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import stdtr

from commune_pilots.effects.estimate import Estimate
from commune_pilots.effects.trend import Fit, Floats, Ints

Errors = Literal["autoregressive", "independent", "newey_west"]
_CORRELATIONS = np.arange(20) / 20  # 0 to 0.95: months that go against their neighbours do not pay
_NO_P = 1e-300
_FAR = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What is known of the coefficients: a mixture of t laws, one row a correlation of months.

    Weights (m), coefficients (m x c), covariances (m x c x c), one number of degrees of freedom.
    `correlation` is the mean correlation of neighbouring months under those weights.
    """

    weights: Floats
    coefficients: Floats
    covariances: Floats
    df: int
    correlation: float

    @property
    def middle(self) -> Floats:
        """The mean coefficients."""
        return self.weights @ self.coefficients


def law_of(
    fit: Fit, months: Ints, k: Floats, n: Floats, design: Floats, *, errors: Errors, lag: int
) -> Law:
    """Say how sure the coefficients of a quasi-binomial fit are, by one of three ways.

    `independent` scales by the dispersion, at least 1. `newey_west` sums scores over `lag` months
    with falling weights, times T/(T - c). `autoregressive` writes the last step of the fit as a
    weighted regression, gives its Pearson residuals the correlation r^d at d months apart, and
    averages over r by its restricted likelihood under the prior (1 - r^2)^(-1/2).
    Source: Newey & West 1987; Zeger 1988; Berger, De Oliveira & Sanso 2001 (priors for a
    correlation); Turner et al. 2021, doi 10.1186/s12874-021-01364-0 (how methods do in short
    series).
    """
    df = len(months) - design.shape[1]
    if errors == "autoregressive":
        return _averaged(fit, months, k, n, design, df=df)
    if errors == "independent":
        covariance = max(1.0, fit.dispersion) * fit.covariance
    else:
        scores = design * (k - n * fit.fitted)[:, None]
        summed = long_run(scores, lag=lag) * len(months) / df
        covariance = fit.covariance @ summed @ fit.covariance
    return Law(
        weights=np.ones(1),
        coefficients=fit.coefficients[None],
        covariances=covariance[None],
        df=df,
        correlation=0.0,
    )


def long_run(scores: Floats, *, lag: int) -> Floats:
    """Sum the products of rows up to `lag` rows apart with Bartlett's weights 1 - l/(lag + 1)."""
    total = scores.T @ scores
    for apart in range(1, min(lag, len(scores) - 1) + 1):
        product = scores[apart:].T @ scores[:-apart]
        total = total + (1 - apart / (lag + 1)) * (product + product.T)
    return total


def estimate_of(law: Law, gradient: Floats, *, at: float, alpha: float) -> Estimate:
    """Give a linear function of the coefficients its interval and p-value, moved to lie at `at`.

    `at` is the number itself, which may bend where its gradient is straight.
    """
    means = law.coefficients @ gradient
    spreads = np.sqrt(np.einsum("i,mij,j->m", gradient, law.covariances, gradient))
    middle = float(law.weights @ means)
    variance = float(law.weights @ (spreads**2 + (means - middle) ** 2))

    def below(value: float) -> float:
        return float(law.weights @ stdtr(law.df, (value - at + middle - means) / spreads))

    reach = _FAR * variance**0.5
    low, high = (
        brentq(lambda value, tail=tail: below(value) - tail, at - reach, at + reach)
        for tail in (alpha / 2, 1 - alpha / 2)
    )
    tail = below(0.0)
    return Estimate(
        estimate=at,
        std_error=variance**0.5,
        conf_low=float(low),
        conf_high=float(high),
        p_value=max(2 * min(tail, 1 - tail), _NO_P),
    )


def durbin_watson(residuals: Floats) -> float:
    """Compute Durbin and Watson's statistic: 2 without memory, towards 0 with it."""
    return float((np.diff(residuals) ** 2).sum() / (residuals**2).sum())


def _averaged(fit: Fit, months: Ints, k: Floats, n: Floats, design: Floats, *, df: int) -> Law:
    """Fit at each correlation; weigh the fits by how well it explains the months."""
    root = np.sqrt(n * fit.fitted * (1 - fit.fitted))
    rows = design * root[:, None]
    values = rows @ fit.coefficients + (k - n * fit.fitted) / root
    apart = np.diff(months)
    logs, coefficients, covariances = [], [], []
    for correlation in _CORRELATIONS:
        link = correlation**apart
        left = np.sqrt(1 - link**2)
        x, y = rows.copy(), values.copy()
        x[1:] = (rows[1:] - link[:, None] * rows[:-1]) / left[:, None]
        y[1:] = (values[1:] - link * values[:-1]) / left
        information = x.T @ x
        inverse = np.linalg.inv(information)
        found = inverse @ (x.T @ y)
        unexplained = float(((y - x @ found) ** 2).sum())
        logs.append(
            -np.log(left).sum()
            - np.linalg.slogdet(information)[1] / 2
            - df / 2 * np.log(max(unexplained, _NO_P))
            - np.log(1 - correlation**2) / 2
        )
        coefficients.append(found)
        covariances.append(max(1.0, unexplained / df) * inverse)
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    return Law(
        weights=weights,
        coefficients=np.array(coefficients),
        covariances=np.array(covariances),
        df=df,
        correlation=float(weights @ _CORRELATIONS),
    )
