"""The tables at which chance explains a rise best, and a bound on all the others.

One side of a pair is written from its own end: x counts the dossiers that speak for chance (online
in the lower group, not online in the higher one), y the others. Fisher's tail rises with x and
falls with y on both sides, so of all admissible tables only few can be the worst (theorem F,
docs/methods.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, xlogy

from commune_pilots.effects.exact import Floats
from commune_pilots.effects.rounding import Counts, Interval

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One figure of a pair: the shares it admits, a floor on its number of dossiers, or the number.

    `exactly` is the number itself, where a source prints it.
    """

    interval: Interval
    least: int = 1
    exactly: int | None = None

    def mirrored(self) -> Side:
        """Write the side from its other end."""
        return Side(interval=self.interval.mirrored(), least=self.least, exactly=self.exactly)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """Candidates for the worst table of one side with n up to `most`, both counts increasing.

    `limit` is the share that tables beyond `most` may come up to; None if there are none beyond.
    """

    x: Counts
    y: Counts
    most: int
    limit: float | None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Runs of 2^j neighbouring candidates: what bounds every table inside (arrays, floats)."""

    first_x: Floats
    first_y: Floats
    last_x: Floats
    last_y: Floats
    least_share: Floats
    share: Floats
    odds: Floats


def frontier(side: Side, *, most: int) -> Frontier:
    """List the candidates of one side up to n = `most`.

    For each x only the smallest n counts, and a table gives way to one with more x and no more y.
    """
    interval = side.interval
    if side.exactly is not None:
        n, _, last = (np.array([value], dtype=np.int64) for value in (side.exactly, 0, 0))
        last = np.array(interval.counts(side.exactly), dtype=np.int64)[-1:]
        return Frontier(x=last, y=n[: last.size] - last, most=side.exactly, limit=None)
    share = interval.high
    start = max(interval.counts(side.least).stop - 1, 0)
    x = np.arange(start, int(share * most) + 1, dtype=np.int64)
    if share == 0:
        n = np.full_like(x, side.least)
    else:
        turned = x * share.denominator
        n = turned // share.numerator
        n = n + 1 if interval.high_open else n + (turned % share.numerator > 0)
        n = np.maximum(n, side.least)
    inside = x * interval.low.denominator - n * interval.low.numerator
    kept = (inside > 0) if interval.low_open else (inside >= 0)
    x, y = x[kept & (n <= most)], (n - x)[kept & (n <= most)]
    beaten = np.append(y[:-1] >= y[1:], False) if y.size else np.zeros(0, dtype=bool)
    x, y = x[~beaten], y[~beaten]
    ends = share == 0 or bool(y.size and y[-1] == 0)
    return Frontier(x=x, y=y, most=most, limit=None if ends else float(share))


def blocks(side: Frontier, *, depth: int) -> list[Blocks]:
    """Gather the candidates in runs of 1, 2, 4 ... 2^depth; the endless rest is the last one.

    Places after it are void: their share lies below every other, so nothing is sought there.
    """
    x, y = side.x.astype(float), side.y.astype(float)
    share, odds = x / (x + y), x / (y + 1)
    least_share, last_x, last_y = share, x, y
    if side.limit is not None:
        beyond, high = side.most + 1.0, side.limit
        x, y = np.append(x, max(0.0, high * beyond - 1)), np.append(y, (1 - high) * beyond)
        last_x, last_y = np.append(last_x, np.inf), np.append(last_y, np.inf)
        least_share = np.append(least_share, max(0.0, high - 1 / beyond))
        share = np.append(share, high)
        odds = np.append(odds, high / (1 - high) if high < 1 else np.inf)
    void = (0, (1 << depth) - len(x))
    level = Blocks(
        first_x=np.pad(x, void, constant_values=np.inf),
        first_y=np.pad(y, void, constant_values=np.inf),
        last_x=np.pad(last_x, void),
        last_y=np.pad(last_y, void),
        least_share=np.pad(least_share, void, constant_values=np.inf),
        share=np.pad(share, void, constant_values=-1.0),
        odds=np.pad(odds, void),
    )
    levels = [level]
    for _ in range(depth):
        level = Blocks(
            first_x=level.first_x[::2],
            first_y=level.first_y[::2],
            last_x=np.maximum(level.last_x[::2], level.last_x[1::2]),
            last_y=np.maximum(level.last_y[::2], level.last_y[1::2]),
            least_share=np.minimum(level.least_share[::2], level.least_share[1::2]),
            share=np.maximum(level.share[::2], level.share[1::2]),
            odds=np.maximum(level.odds[::2], level.odds[1::2]),
        )
        levels.append(level)
    return levels


def tail_bound(one: Blocks, i: Indices, two: Blocks, j: Indices) -> Floats:
    """Bound Fisher's one-sided p-value over every pair of tables of block i and block j.

    Theorem T4 (docs/methods.md): the tail is its first term times a sum of falling ratios. The
    term is exp(-E) times a factor of Stirling's (Robbins 1955); E, the least total divergence from
    one common share, can only grow with the dossiers and with the distance of the shares. The sum
    is at most that of half a normal law (Mills' ratio).
    """
    bound = np.zeros(len(i))
    real = (one.share[i] >= 0) & (two.share[j] >= 0)
    i, j = i[real], j[real]
    first = one.first_x[i], one.first_y[i], two.first_x[j], two.first_y[j]
    last = one.last_x[i], one.last_y[i], two.last_x[j], two.last_y[j]
    low, high = one.share[i], 1 - two.share[j]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        exponent = _divergence(first[0] + first[1], low, first[2] + first[3], high)
        factor = _stirling(*first, *last, one.least_share[i] * two.least_share[j])
        found = np.exp(factor - exponent) * _sum_of_ratios(one.odds[i] * two.odds[j], *last)
    sure = (low < high) & (found < 1)  # a comparison with nan is false: no bound, hence 1
    bound[real] = np.where(sure, found, 1.0)
    return bound


def _divergence(n1: Floats, low: Floats, n2: Floats, high: Floats) -> Floats:
    """Sum the divergences of both shares from their pooled share, weighted by dossiers."""
    pooled = (n1 * low + n2 * high) / (n1 + n2)
    return n1 * _kl(low, pooled) + n2 * _kl(high, pooled)


def _kl(share: Floats, other: Floats) -> Floats:
    return np.asarray(xlogy(share, share / other) + xlogy(1 - share, (1 - share) / (1 - other)))


def _stirling(
    x1: Floats, y1: Floats, x2: Floats, y2: Floats,
    far_x1: Floats, far_y1: Floats, far_x2: Floats, far_y2: Floats, shares: Floats,
) -> Floats:  # fmt: skip
    """Bound the logarithm of what Stirling's formula leaves of the first term.

    With v = k f / n of a group and V of both together the factor is (V / (2 pi v1 v2))^(1/2); a
    group of hardly any dossiers counts as 1 instead. Each way of bounding V / v holds, so the
    smallest is taken; what is not a number at an endless block gives way to the others.
    """
    n1, n2 = x1 + y1, x2 + y2
    v1, v2 = x1 * y1 / n1, x2 * y2 / n2
    whole = (far_x1 + far_y2) * (far_y1 + far_x2) / (far_x1 + far_y1 + far_x2 + far_y2)
    over_v1 = np.fmin(whole / v1, (1 + far_y2 / x1) * (1 + far_x2 / y1))
    over_v2 = np.fmin(whole / v2, (1 + far_x1 / y2) * (1 + far_y1 / x2))
    over_both = np.fmin(np.fmin(over_v1 / v2, over_v2 / v1), (1 / n1 + 1 / n2) / shares)
    factor = np.fmin(over_both / (2 * np.pi), np.fmin(over_v1, over_v2))
    return np.asarray(np.log(factor) / 2 + (1 / (x1 + y2) + 1 / (y1 + x2)) / 12)


def _sum_of_ratios(
    ratio: Floats, far_x1: Floats, far_y1: Floats, far_x2: Floats, far_y2: Floats
) -> Floats:
    """Bound the tail over its first term: each next ratio is smaller by a factor exp(-c) or more.

    Up to `cut` steps c is certain, since log(1 + z) lies above its chord; after it the last ratio
    is kept. A geometric series is the other bound.
    """
    geometric = 1 / (1 - ratio)
    slope = 1 / far_x1 + 1 / far_x2
    cut = np.ceil(8 / np.sqrt(slope + 1 / (far_y1 + 1) + 1 / (far_y2 + 1)))
    fall = slope + (np.log1p(cut / (far_y1 + 1)) + np.log1p(cut / (far_y2 + 1))) / cut
    linear = -np.log(ratio) - fall / 2
    normal = np.sqrt(np.pi / (2 * fall)) * erfcx(linear / np.sqrt(2 * fall))
    after = ratio * np.exp(-fall * cut)
    rest = np.exp(-linear * cut - fall * cut**2 / 2) * after / (1 - after)
    return np.where(ratio < 1, np.fmin(geometric, 1 + normal + rest), np.inf)
