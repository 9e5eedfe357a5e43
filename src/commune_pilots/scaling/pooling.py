"""Estimates of several units put together: the mean of all units, and the next unit.

Random effects: estimate i is normal around its unit's own value with a known variance, and the
values of the units are normal around a mean with variance tau2. Units of one definition only; the
caller refuses a mixture. With three units the interval for the next one rests on a t-distribution
with one degree of freedom and says next to nothing: that is the answer, not a defect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtri, stdtr, stdtrit

from commune_pilots.effects.exact import Floats
from commune_pilots.scaling.heterogeneity import (
    Limits,
    Spread,
    TauMethod,
    between_variance,
    cochran_q,
    curvature,
    profile_likelihood,
    q_profile,
    spread_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Random-effects fits of many sets of k units; one array a quantity, one place a set.

    `inflation` is Hartung & Knapp's factor q of the variance of the estimate, not cut; `i2` is in
    per cent.
    """

    k: int
    estimate: Floats
    std_error: Floats
    inflation: Floats
    tau2: Floats
    i2: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """One random-effects fit with its intervals, on the scale of the estimates.

    `hartung_knapp` takes max(1, q) and is what pages print; `hartung_knapp_uncut` takes q as it is
    (what R's metafor prints for `knha`). The prediction intervals are named by their convention:
    `normal`; `hts` with t(k-2) (Higgins, Thompson & Spiegelhalter 2009), None for two units;
    `hartung_knapp` with t(k-1) and the cut standard error.
    """

    k: int
    method: TauMethod
    alpha: float
    estimate: float
    std_error: float
    wald: Limits
    inflation: float
    std_error_hartung_knapp: float
    hartung_knapp: Limits
    std_error_hartung_knapp_uncut: float
    hartung_knapp_uncut: Limits
    tau2: float
    tau2_profile: Limits | None
    tau2_q_profile: Limits
    i2: float
    q: float
    q_p_value: float
    prediction_normal: Limits
    prediction_hts: Limits | None
    prediction_hartung_knapp: Limits


def pool(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    method: TauMethod = "reml",
    alpha: float = 0.05,
) -> Pooled:
    """Pool estimates of at least two units, and predict the next unit.

    Variances are in the square of the units of the estimates; 0 is read as its limit from above.
    Standard error and interval: Wald, and Hartung & Knapp 2001 (Sidik & Jonkman 2002), cut as
    Roever, Knapp & Friede 2015 advise. `tau2_profile` is given for REML only. I2 is Higgins &
    Thompson's (2002) with the tau2 of the method. Raises ValueError for fewer than two units,
    lengths that differ, and variances that are negative, infinite or not a number.
    """
    y, v = checked(estimates, variances)
    found = fit(y, v, method=method)
    spread = spread_of(y, v)
    q = float(cochran_q(spread))
    estimate, error = float(found.estimate), float(found.std_error)
    cut = error * max(1.0, float(found.inflation)) ** 0.5
    uncut = error * float(found.inflation) ** 0.5
    normal, knapp = float(ndtri(1 - alpha / 2)), float(stdtrit(found.k - 1, 1 - alpha / 2))
    tau2 = float(found.tau2)
    return Pooled(
        k=found.k,
        method=method,
        alpha=alpha,
        estimate=estimate,
        std_error=error,
        wald=_around(estimate, normal * error),
        inflation=float(found.inflation),
        std_error_hartung_knapp=cut,
        hartung_knapp=_around(estimate, knapp * cut),
        std_error_hartung_knapp_uncut=uncut,
        hartung_knapp_uncut=_around(estimate, knapp * uncut),
        tau2=tau2,
        tau2_profile=profile_likelihood(spread, alpha=alpha) if method == "reml" else None,
        tau2_q_profile=q_profile(spread, alpha=alpha),
        i2=float(found.i2),
        q=q,
        q_p_value=float(chdtrc(found.k - 1, q)),
        prediction_normal=_around(estimate, normal * float(np.hypot(error, np.sqrt(tau2)))),
        prediction_hts=_around(estimate, float(prediction_reach(found, alpha=alpha)))
        if found.k > 2
        else None,
        prediction_hartung_knapp=_around(estimate, knapp * float(np.hypot(cut, np.sqrt(tau2)))),
    )


def leave_one_out(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    method: TauMethod = "reml",
    alpha: float = 0.05,
) -> list[Pooled]:
    """Pool without each unit in turn, in the order of the units.

    Raises ValueError as `pool` does, and for fewer than three units.
    """
    y, v = checked(estimates, variances)
    if y.size < 3:
        raise ValueError(f"{y.size} units: leaving one out takes at least 3; pool them as they are")
    return [
        pool(np.delete(y, out).tolist(), np.delete(v, out).tolist(), method=method, alpha=alpha)
        for out in range(y.size)
    ]


def fit(estimates: Floats, variances: Floats, *, method: TauMethod) -> Fit:
    """Fit many sets at once: arrays of shape (..., k), not checked; results of shape (...)."""
    spread = spread_of(estimates, variances)
    tau2 = between_variance(spread, method=method)
    weights = 1 / (spread.variances + (tau2 / spread.size)[..., None])
    total = weights.sum(axis=-1)
    k = estimates.shape[-1]
    typical = typical_variance(spread)
    pooled = (weights * spread.deviations).sum(axis=-1) / total
    return Fit(
        k=k,
        estimate=estimates.mean(axis=-1) + pooled * np.sqrt(spread.size),
        std_error=np.sqrt(spread.size / total),
        inflation=cochran_q(spread, tau2 / spread.size) / (k - 1),
        tau2=tau2,
        i2=100 * tau2 / (tau2 + typical),
    )


def typical_variance(spread: Spread) -> Floats:
    """Compute the variance within units that I2 sets tau2 against (Higgins & Thompson 2002)."""
    freedom = spread.variances.shape[-1] - 1
    return np.asarray(freedom / curvature(1 / spread.variances) * spread.size)


def hartung_knapp_reach(fitted: Fit, *, alpha: float) -> Floats:
    """Compute half the interval of the mean: t(k-1), Hartung & Knapp's variance, max(1, q)."""
    cut = fitted.std_error * np.sqrt(np.maximum(fitted.inflation, 1.0))
    return np.asarray(stdtrit(fitted.k - 1, 1 - alpha / 2) * cut)


def prediction_reach(fitted: Fit, *, alpha: float) -> Floats:
    """Compute half the interval of the next unit: t(k-2) (Higgins et al. 2009); k above 2."""
    return np.asarray(
        stdtrit(fitted.k - 2, 1 - alpha / 2) * np.hypot(fitted.std_error, np.sqrt(fitted.tau2))
    )


def chance_of_next(fitted: Fit, threshold: float) -> Floats:
    """Compute P(next unit >= threshold) of the t(k-2) predictive distribution; k above 2."""
    scale = np.hypot(fitted.std_error, np.sqrt(fitted.tau2))
    return np.asarray(stdtr(fitted.k - 2, (fitted.estimate - threshold) / scale))


def checked(estimates: Sequence[float], variances: Sequence[float]) -> tuple[Floats, Floats]:
    """Hand both back as arrays; raises ValueError for what cannot be pooled."""
    y, v = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if y.ndim != 1 or y.shape != v.shape:
        raise ValueError(f"{y.size} estimates and {v.size} variances: give one of each per unit")
    if y.size < 2:
        raise ValueError(f"{y.size} unit: pooling takes at least 2; report the unit alone")
    if not np.isfinite(y).all():
        raise ValueError(
            f"estimates {y.tolist()}: each must be a finite number; leave the unit out"
        )
    if not (np.isfinite(v) & (v >= 0)).all():
        raise ValueError(f"variances {v.tolist()}: each must be finite and at least 0")
    return y, v


def _around(middle: float, reach: float) -> Limits:
    return Limits(middle - reach, middle + reach)
