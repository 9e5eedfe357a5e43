"""One number with its interval and p-value, the same shape for every design."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt

from scipy.special import stdtr, stdtrit

from commune_pilots.effects.result import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number, its standard error, interval and p-value; what it is of, its result says.

    `smallest_p` is the smallest p-value that the design can reach at all, whatever the data: above
    alpha nothing can be decided by it. Missing (nan) is what cannot be computed.
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float
    smallest_p: float = 0.0


def by_t(estimate: float, std_error: float, *, df: float, alpha: float) -> Estimate:
    """Give a number the interval and two-sided p-value of Student's t.

    Without a degree of freedom, or without a standard error, interval and p-value are missing.
    """
    if not (df > 0 and std_error > 0):
        return Estimate(
            estimate=estimate, std_error=std_error, conf_low=nan, conf_high=nan, p_value=nan
        )
    reach = float(stdtrit(df, 1 - alpha / 2)) * std_error
    return Estimate(
        estimate=estimate,
        std_error=std_error,
        conf_low=estimate - reach,
        conf_high=estimate + reach,
        p_value=float(2 * stdtr(df, -abs(estimate) / std_error)),
    )


def by_ratio(
    top: float,
    bottom: float,
    *,
    variances: tuple[float, float],
    covariance: float,
    df: float,
    alpha: float,
) -> Estimate:
    """Bound top / bottom by Fieller's set; unbounded (infinite) where it is not an interval.

    The set of ratios r with top - r bottom not significant at alpha. It is an interval only where
    `bottom` itself differs from 0 at alpha. Source: Fieller 1954.
    """
    t2 = float(stdtrit(df, 1 - alpha / 2)) ** 2 if df > 0 else inf
    ratio = top / bottom if bottom else nan
    a = bottom**2 - t2 * variances[1]
    if not a > 0:
        return Estimate(estimate=ratio, std_error=nan, conf_low=-inf, conf_high=inf, p_value=nan)
    b = top * bottom - t2 * covariance
    c = top**2 - t2 * variances[0]
    half = sqrt(max(b * b - a * c, 0.0))
    error = sqrt(max(variances[0] - 2 * ratio * covariance + ratio**2 * variances[1], 0.0)) / abs(
        bottom
    )
    return Estimate(
        estimate=ratio,
        std_error=error,
        conf_low=(b - half) / a,
        conf_high=(b + half) / a,
        p_value=float(2 * stdtr(df, -abs(top) / sqrt(variances[0]))) if variances[0] > 0 else nan,
    )


def as_effect(
    found: Estimate, *, estimand: str, n_treated: int, n_comparison: int, method: str,
    assumptions: tuple[str, ...], at: int | None = None,
) -> Effect:  # fmt: skip
    """Write an estimate as a row of the table of effects; what could not be computed is refused."""
    return Effect(
        estimand=estimand, at=at, estimate=found.estimate, std_error=found.std_error, df=nan,
        conf_low=found.conf_low, conf_high=found.conf_high, p_value=found.p_value,
        n_treated=n_treated, n_comparison=n_comparison, method=method, assumptions=assumptions,
        refused=None if found.std_error > 0 else "no_std_error",
    )  # fmt: skip
