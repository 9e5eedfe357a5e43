"""Intervals for a difference or a ratio of two shares, for arrays of tables at once.

Differences and ratios are of the second group over the first. Sources: Newcombe 1998 (method 10),
Mee 1984, Miettinen & Nurminen 1985, Koopman 1984; statsmodels' score interval for a difference is
not used, as it is wrong and fails at 0 or n (docs/decisions/0006).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from commune_pilots.effects.exact import Floats
from commune_pilots.vocabulary import DifferenceMethod

_STEPS = 50  # halvings: limits to 1e-14
_MOST_LOG_RATIO = 40.0


def wilson(k: ArrayLike, n: ArrayLike, *, alpha: float) -> tuple[Floats, Floats]:
    """Bound one share by its score interval (Wilson 1927), on 0..1."""
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    return wilson_of_share(k / n, n, alpha=alpha)


def wilson_of_share(share: ArrayLike, n: ArrayLike, *, alpha: float) -> tuple[Floats, Floats]:
    """Bound one share given as such; the share need not be a whole count over n."""
    share, n = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    z2 = float(ndtri(1 - alpha / 2)) ** 2
    middle = share + z2 / (2 * n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2)))
    low, high = (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)
    return np.where(share <= 0, 0.0, low), np.where(share >= 1, 1.0, high)


def newcombe(
    p1: ArrayLike, n1: ArrayLike, p2: ArrayLike, n2: ArrayLike, *, alpha: float
) -> tuple[Floats, Floats]:
    """Bound the difference p2 - p1 of two shares on 0..1 (hybrid of two score intervals)."""
    p1, p2 = np.asarray(p1, dtype=float), np.asarray(p2, dtype=float)
    low1, high1 = wilson_of_share(p1, n1, alpha=alpha)
    low2, high2 = wilson_of_share(p2, n2, alpha=alpha)
    difference = p2 - p1
    return (
        difference - np.hypot(p2 - low2, high1 - p1),
        difference + np.hypot(high2 - p2, p1 - low1),
    )


def score_difference(
    k1: ArrayLike,
    n1: ArrayLike,
    k2: ArrayLike,
    n2: ArrayLike,
    *,
    alpha: float,
    corrected: bool = True,
) -> tuple[Floats, Floats]:
    """Bound the difference by inverting the score test: Miettinen & Nurminen, or Mee.

    `corrected` multiplies the variance by N / (N - 1), as Miettinen and Nurminen do. The limits are
    where the statistic crosses the normal quantile, found by halving; at 0 or n they are the ends.
    """
    k1, n1, k2, n2 = _floats(k1, n1, k2, n2)
    factor = (n1 + n2) / (n1 + n2 - 1) if corrected else np.ones_like(n1)

    def statistic(difference: Floats) -> Floats:
        base = _null_difference(k1, n1, k2, n2, difference)
        other = base + difference
        variance = (other * (1 - other) / n2 + base * (1 - base) / n1) * factor
        return _standardised(k2 / n2 - k1 / n1 - difference, variance)

    ends = np.full_like(n1, -1.0), np.full_like(n1, 1.0)
    return _crossings(statistic, k2 / n2 - k1 / n1, *ends, alpha=alpha)


def score_ratio(
    k1: ArrayLike,
    n1: ArrayLike,
    k2: ArrayLike,
    n2: ArrayLike,
    *,
    alpha: float,
    corrected: bool = True,
) -> tuple[Floats, Floats]:
    """Bound the ratio p2 / p1 by inverting the score test: Miettinen & Nurminen, or Koopman.

    0 and infinity are limits where no count says otherwise.
    """
    k1, n1, k2, n2 = _floats(k1, n1, k2, n2)
    factor = (n1 + n2) / (n1 + n2 - 1) if corrected else np.ones_like(n1)

    def statistic(log_ratio: Floats) -> Floats:
        ratio = np.exp(log_ratio)
        b = -(n2 * ratio + k2 + n1 + k1 * ratio)
        inner = np.maximum(b * b - 4 * (n1 + n2) * ratio * (k1 + k2), 0)
        base = 2 * (k1 + k2) / (-b + np.sqrt(inner))
        other = np.minimum(ratio * base, 1)
        variance = (other * (1 - other) / n2 + ratio**2 * base * (1 - base) / n1) * factor
        return _standardised(k2 / n2 - ratio * k1 / n1, variance)

    ends = np.full_like(n1, -_MOST_LOG_RATIO), np.full_like(n1, _MOST_LOG_RATIO)
    with np.errstate(divide="ignore"):
        middle = np.clip(np.log(k2 / n2), *ends) - np.clip(np.log(k1 / n1), *ends)
    low, high = _crossings(statistic, middle, *ends, alpha=alpha)
    return np.where(k2 == 0, 0.0, np.exp(low)), np.where(k1 == 0, np.inf, np.exp(high))


def gap_closed(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, alpha: float
) -> tuple[Floats, Floats]:
    """Bound the share of the distance to 100% that was closed: 1 - (1 - p2) / (1 - p1).

    The interval of the ratio of what is left, turned round (Miettinen & Nurminen). Unbounded below
    where nothing was left before.
    """
    k1, n1, k2, n2 = _floats(k1, n1, k2, n2)
    low, high = score_ratio(n1 - k1, n1, n2 - k2, n2, alpha=alpha)
    return 1 - high, 1 - low


def difference_interval(
    k1: ArrayLike,
    n1: ArrayLike,
    k2: ArrayLike,
    n2: ArrayLike,
    *,
    method: DifferenceMethod,
    alpha: float,
) -> tuple[Floats, Floats]:
    """Bound the difference p2 - p1 by the method named, on -1..1."""
    if method == "newcombe":
        k1, n1, k2, n2 = _floats(k1, n1, k2, n2)
        return newcombe(k1 / n1, n1, k2 / n2, n2, alpha=alpha)
    return score_difference(k1, n1, k2, n2, alpha=alpha, corrected=method == "miettinen_nurminen")


def _null_difference(k1: Floats, n1: Floats, k2: Floats, n2: Floats, difference: Floats) -> Floats:
    """Find the likeliest first share if the second is larger by `difference` (closed-form cubic).

    Notation of Miettinen & Nurminen 1985, with their first group the later one here.
    """
    total = n1 + n2
    l2 = (n2 + 2 * n1) * difference - total - (k1 + k2)
    l1 = (n1 * difference - total - 2 * k1) * difference + k1 + k2
    l0 = k1 * difference * (1 - difference)
    third = l2 / (3 * total)
    q = third**3 - l1 * third / (2 * total) + l0 / (2 * total)
    p = np.copysign(np.sqrt(np.maximum(third**2 - l1 / (3 * total), 0)), q)
    with np.errstate(divide="ignore", invalid="ignore"):
        turned = np.nan_to_num(np.clip(q / p**3, -1, 1))
    base = 2 * p * np.cos((np.pi + np.arccos(turned)) / 3) - third
    return np.asarray(np.clip(base, np.maximum(0, -difference), np.minimum(1, 1 - difference)))


def _crossings(
    statistic: Callable[[Floats], Floats],
    middle: Floats,
    least: Floats,
    most: Floats,
    *,
    alpha: float,
) -> tuple[Floats, Floats]:
    """Find where a falling statistic is at plus and at minus the normal quantile."""
    quantile = float(ndtri(1 - alpha / 2))
    limits = []
    for level, start, end in ((quantile, least, middle), (-quantile, middle, most)):
        low, high = start, end
        for _ in range(_STEPS):
            half = (low + high) / 2
            above = statistic(half) > level
            low, high = np.where(above, half, low), np.where(above, high, half)
        limits.append((low + high) / 2)
    return limits[0], limits[1]


def _standardised(difference: Floats, variance: Floats) -> Floats:
    """Divide by the standard error; without one, the sign alone speaks."""
    error = np.sqrt(np.maximum(variance, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error > 0, difference / error, np.sign(difference) * np.inf)


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values)))
