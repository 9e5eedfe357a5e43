"""The estimates and variances a printed figure admits when its number of dossiers is not printed.

Each is kept between two ends. The true pairs (k of n for every admissible n) lie inside: the share
anywhere in its printed interval, the variance between that of the worst admissible n and 0, where n
grows without end. That estimate and variance belong to one and the same n is not used, so the set
is a little larger than it need be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from commune_pilots.effects.contrast import Figure, Terms, admitted
from commune_pilots.effects.exact import Floats
from commune_pilots.effects.frontier import Side
from commune_pilots.effects.rounding import Counts, feasible, smallest_denominator

_POINTS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """One unit's estimate and variance, each between two ends; equal ends where both are known."""

    low: float
    high: float
    least_variance: float
    most_variance: float


def admitted_level(figure: Figure, terms: Terms) -> Admitted | None:
    """Find log-odds and variance of one share; None for a share that may be 0 or 100%.

    The variance is 1/k + 1/(n - k). Assumes A1 and A2. Raises ValueError for a bound that states no
    interval.
    """
    low, high = _shares(side := admitted(figure, terms))
    if low <= 0 or high >= 1:
        return None
    peak = 1 / min(low * (1 - low), high * (1 - high))
    least, most = _variances(side, _of_logit, lambda n: peak / n)
    return Admitted(
        low=float(logit(low)), high=float(logit(high)), least_variance=least, most_variance=most
    )


def admitted_change(before: Figure, after: Figure, terms: Terms) -> Admitted:
    """Find the change in points and its variance, that of a difference of two shares.

    At k = 0 or n half a dossier is added to both outcomes in the variance, which would be 0 there.
    Assumes A1 and A2. Raises ValueError for a bound that states no interval.
    """
    earlier, later = (admitted(figure, terms) for figure in (before, after))
    shares = [_shares(side) for side in (earlier, later)]
    variances = []
    for side, (low, high) in zip((earlier, later), shares, strict=True):
        middle = min(max(0.5, low), high)
        peak = middle * (1 - middle)
        bound = lambda n, peak=peak: max(peak, 0.5 / (n + 1)) / n  # noqa: E731
        variances.append(_variances(side, _of_share, bound))
    (before_low, before_high), (after_low, after_high) = shares
    return Admitted(
        low=_POINTS * (after_low - before_high),
        high=_POINTS * (after_high - before_low),
        least_variance=_POINTS**2 * sum(least for least, _ in variances),
        most_variance=_POINTS**2 * sum(most for _, most in variances),
    )


def _shares(side: Side) -> tuple[float, float]:
    if side.exactly is None:
        return float(side.interval.low), float(side.interval.high)
    counts = side.interval.counts(side.exactly)
    return counts[0] / side.exactly, counts[-1] / side.exactly


def _variances(
    side: Side, of: Callable[[Counts, Counts], Floats], bound: Callable[[int], float]
) -> tuple[float, float]:
    """Find the least and the largest variance; `bound` limits that of every n from one on."""
    if side.exactly is not None:
        known = np.array(side.interval.counts(side.exactly), dtype=np.int64)
        found = of(known, np.full_like(known, side.exactly))
        return float(found.min()), float(found.max())
    most, first = 0.0, smallest_denominator(side.interval, least=side.least)
    while most < bound(first):
        last = first + first // 8 + 16
        n, low, high = feasible(side.interval, least=first, most=last)
        for k in (low, high, np.clip(n // 2, low, high), np.clip((n + 1) // 2, low, high)):
            most = max(most, float(of(k, n).max(initial=0.0)))
        first = last + 1
    return 0.0, most


def _of_logit(k: Counts, n: Counts) -> Floats:
    return np.asarray(1 / k + 1 / (n - k))


def _of_share(k: Counts, n: Counts) -> Floats:
    halved = np.where((k == 0) | (k == n), 0.5, 0.0)
    share = (k + halved) / (n + 2 * halved)
    return np.asarray(share * (1 - share) / n)
