"""How far trends may have parted before an effect is gone: sensitivity of an event study.

`beta` holds the event-study coefficients, earliest first, the period before the start left out (it
is 0), `covariance` theirs. Source: Rambachan & Roth 2023, doi 10.1093/restud/rdad018.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize
from scipy.special import ncfdtr, ndtr, ndtri, stdtrit

from commune_pilots.effects.assignment import Floats

Restriction = Literal["smoothness", "relative_magnitudes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStudy:
    """Coefficients by period, their covariance and what is asked of those after the start.

    `target` weighs the periods after: (1, 0, 0) is the first, thirds their mean. `freedom`: degrees
    of freedom of the covariance, None takes it as known.
    """

    beta: Floats
    covariance: Floats
    n_before: int
    target: Floats
    freedom: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Robust:
    """The interval for the target if trends part by no more than `bound`.

    `bound` is M (points by which the slope may change from one period to the next) or Mbar (largest
    step after over largest step before). `set_low` and `set_high`: what is left open were the
    coefficients known; missing for smoothness, whose interval rests on another estimate.
    """

    restriction: Restriction
    bound: float
    conf_low: float
    conf_high: float


def event_study(
    beta: ArrayLike,
    covariance: ArrayLike,
    *,
    n_before: int,
    target: ArrayLike | None = None,
    freedom: float | None = None,
) -> EventStudy:
    """Put an event study together; the target is the mean of the periods after by default.

    Raises ValueError where the shapes do not agree, or a period before or after is missing.
    """
    values, matrix = np.asarray(beta, np.float64), np.asarray(covariance, np.float64)
    n_after = len(values) - n_before
    wanted = np.full(max(n_after, 0), 1 / max(n_after, 1)) if target is None else target
    weights = np.asarray(wanted, dtype=np.float64)
    if min(n_before, n_after) < 1 or weights.shape != (n_after,):
        raise ValueError(f"{n_before} periods before, {n_after} after, {weights.size} weights")
    if matrix.shape != (len(values), len(values)) or np.linalg.eigvalsh(matrix)[0] <= 0:
        raise ValueError("the covariance is not a positive one of all the coefficients")
    return EventStudy(
        beta=values, covariance=matrix, n_before=n_before, target=weights, freedom=freedom
    )


def smoothness(study: EventStudy, *, bound: float, alpha: float) -> Robust:
    """Bound the target if the difference in trends changes slope by at most `bound` a period.

    The fixed-length interval: of all estimates linear in the coefficients that are right under a
    straight difference in trends, the one whose interval is shortest and holds under every
    difference allowed. Exact for normal coefficients with a known covariance.
    """
    weight, bends = _shortest(study, *_straight(study), bound=bound, alpha=alpha)
    error = sqrt(float(weight @ study.covariance @ weight))
    middle = float(weight @ study.beta)
    reach = error * _folded(bound * bends / error, alpha, study.freedom)
    return Robust(
        restriction="smoothness",
        bound=bound,
        conf_low=middle - reach,
        conf_high=middle + reach,
    )


def relative_magnitudes(study: EventStudy, *, bound: float, alpha: float) -> Robust:
    """Bound the target if no step of trends after exceeds `bound` times the largest one before.

    Whichever step before is the largest, both ends are linear in the coefficients; the interval is
    the union over the steps and their signs. It holds with at least chance 1 - alpha, and is wider
    than the conditional and hybrid intervals of the source: conservative, not exact.
    """
    steps = np.diff(np.eye(study.n_before + 1), axis=0)[:, : study.n_before]
    reach = bound * float(np.abs(_reversed_sums(study.target)).sum())
    target = np.concatenate([np.zeros(study.n_before), study.target])
    ends = []
    for step in np.concatenate([steps, -steps]):
        weight = target.copy()
        weight[: study.n_before] += reach * step
        error = sqrt(float(weight @ study.covariance @ weight))
        half = _folded(0.0, alpha, study.freedom) * error
        ends.append((float(weight @ study.beta) - half, float(weight @ study.beta) + half))
    return Robust(
        restriction="relative_magnitudes",
        bound=bound,
        conf_low=min(low for low, _ in ends),
        conf_high=max(high for _, high in ends),
    )


def breakdown(
    study: EventStudy, *, restriction: Restriction, alpha: float, most: float
) -> float | None:
    """Find the smallest bound at which the interval holds 0; None if none up to `most` does.

    0.0 where the interval holds 0 without any difference in trends beyond that bound of 0.
    """

    def clear(bound: float) -> float:
        found = robust(study, restriction=restriction, bound=bound, alpha=alpha)
        return max(found.conf_low, -found.conf_high)

    if clear(0.0) <= 0:
        return 0.0
    known, step = 0.0, most / 2**10
    while clear(min(step, most)) > 0:
        if step >= most:
            return None
        known, step = step, 2 * step
    return float(brentq(clear, known, min(step, most), xtol=1e-10 * most))


def robust(study: EventStudy, *, restriction: Restriction, bound: float, alpha: float) -> Robust:
    """Bound the target under one restriction; raises ValueError for a bound below 0."""
    if bound < 0:
        raise ValueError(f"bound is {bound}; give 0 or more")
    bounded = smoothness if restriction == "smoothness" else relative_magnitudes
    return bounded(study, bound=bound, alpha=alpha)


def _reversed_sums(values: Floats) -> Floats:
    return np.asarray(np.cumsum(values[::-1])[::-1])


def _straight(study: EventStudy) -> tuple[Floats, Floats, float]:
    """Write every estimate that is right under a straight difference in trends.

    Returns weights on the coefficients where the free tail sums are 0, what each tail sum adds to
    them, and the bias that no choice takes away. Tail sum r is the weight of the bend at r.
    """
    after = _reversed_sums(study.target)
    tails = _reversed_sums(after)
    before = study.n_before
    # slope weights are differences of tail sums, coefficient weights differences of slope weights
    slopes = np.diff(np.eye(before + 1), axis=0)
    coefficients = np.diff(np.vstack([np.zeros(before + 1), slopes]), axis=0)
    weights = np.concatenate([coefficients[:, -1] * tails[0], study.target])
    free = np.vstack([coefficients[:, 1:-1], np.zeros((len(study.target), before - 1))])
    return weights, free, float(np.abs(tails).sum())


def _shortest(
    study: EventStudy, weights: Floats, free: Floats, fixed: float, *, bound: float, alpha: float
) -> tuple[Floats, float]:
    """Choose the tail sums whose interval is shortest: weights, and the bias a bend of 1 allows.

    Length is convex in them, as the folded quantile, error and bias are. Each tail sum is split in
    two parts above 0, so that the sum of their sizes is linear.
    """
    matrix = study.covariance
    n = free.shape[1]

    def weight_of(parts: Floats) -> Floats:
        return np.asarray(weights + free @ (parts[:n] - parts[n:]))

    def length(parts: Floats) -> tuple[float, Floats]:
        weight = weight_of(parts)
        error = sqrt(float(weight @ matrix @ weight))
        away = bound * (float(parts.sum()) + fixed) / error
        quantile = _folded(away, alpha, study.freedom)
        slope = _folded_slope(away, quantile, alpha, study.freedom)
        own = free.T @ matrix @ weight / error
        gradient = (quantile - away * slope) * np.concatenate([own, -own]) + slope * bound
        return error * quantile / scale, gradient / scale

    if n == 0:
        return weights, fixed
    steady = np.linalg.solve(free.T @ matrix @ free, -free.T @ matrix @ weights)
    parts = np.concatenate([np.maximum(steady, 0.0), np.maximum(-steady, 0.0)])
    least = weight_of(parts)
    scale = sqrt(float(least @ matrix @ least))
    if bound > 0:
        found = minimize(
            length,
            parts,
            jac=True,
            method="SLSQP",
            bounds=[(0, None)] * (2 * n),
            options={"ftol": 1e-15, "maxiter": 2000},
        )
        parts = np.asarray(found.x)
    return weight_of(parts), float(parts.sum()) + fixed


def _folded(away: float, alpha: float, freedom: float | None) -> float:
    """Find the 1 - alpha quantile of |X|, X normal (or t) around `away` with scale 1."""

    def short(x: float) -> float:
        if freedom is None:
            return float(ndtr(x - away) - ndtr(-x - away)) - 1 + alpha
        return float(ncfdtr(1, freedom, away**2, x**2)) - 1 + alpha  # F: |t| squared

    top = float(-ndtri(alpha / 4)) if freedom is None else float(stdtrit(freedom, 1 - alpha / 4))
    high = 2 * away + 2 * top
    while short(high) < 0:  # few degrees of freedom: the tail reaches far beyond
        high *= 2
    return float(brentq(short, 0.0, high, xtol=1e-13, rtol=1e-14))


def _folded_slope(away: float, quantile: float, alpha: float, freedom: float | None) -> float:
    """Differentiate the quantile by `away`."""
    if freedom is None:
        near, far = (np.exp(-0.5 * (quantile + s * away) ** 2) for s in (-1, 1))
        return float((near - far) / (near + far))
    step = 1e-5
    low, high = (_folded(max(away + s * step, 0.0), alpha, freedom) for s in (-1, 1))
    return (high - low) / (step + min(step, away))
