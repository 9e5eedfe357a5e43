"""What other tests and intervals say of a pair beside Fisher's test (docs/methods.md, M2).

Each is taken over the admissible pairs as well, and says whether the search is certified. None of
them settles a verdict: the score test fails at the tiny counts of worst pairs, the minlike p-value
is not monotone, and Boschloo's is never above Fisher's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from scipy.special import chdtri

from commune_pilots.effects.exact import (
    boschloo,
    mid_tail,
    minlike_fisher,
    score_chi2,
    score_p,
    upper_tail,
)
from commune_pilots.effects.frontier import Side
from commune_pilots.effects.intervals import difference_interval, newcombe
from commune_pilots.effects.rounding import Counts, feasible
from commune_pilots.effects.worst_case import (
    WorstCase,
    level_pairs,
    parted,
    rising,
    smallest,
    worst_case,
)
from commune_pilots.vocabulary import DifferenceMethod

TestMethod = Literal["mid_p", "minlike", "boschloo", "score"]
Table = tuple[int, int, int, int]
Sides = tuple[Side, Side]
_NUMBERS = 400  # of dossiers gone through on each side
_WINDOW = 40
_FIRST = 16
_MOST_NUMBERS = 1 << 17
_MOST_BOSCHLOO = 12
_MOST_TABLES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTest:
    """The largest two-sided p-value of one test, the pair it stands at, and if it is certified.

    `p` is None where a table is too large for the test. `at_worst`: taken at the worst pair of
    Fisher's test only.
    """

    method: TestMethod
    p: float | None
    k1: int
    n1: int
    k2: int
    n2: int
    certified: bool
    at_worst: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WidestInterval:
    """Lowest lower and highest upper limit of the difference after - before over all pairs.

    On -1..1. `certified` only for Newcombe's, whose limits are known to close in (theorem T3);
    `outer` then holds for pairs beyond those gone through as well.
    """

    method: DifferenceMethod
    low: float
    high: float
    certified: bool
    outer_low: float
    outer_high: float


def other_tests(
    before: Side,
    after: Side,
    worst: WorstCase,
    *,
    alpha: float,
    methods: tuple[TestMethod, ...] = get_args(TestMethod),
) -> list[OtherTest]:
    """Set other tests beside a worst case; a rise and a fall alike.

    Boschloo's takes time, so it is searched for only if Fisher's test finds no chance at alpha, and
    through twelve tables at most. `minlike` is not monotone and stands at the worst pair.
    """
    sides = parted(before, after)
    whole = sides == (before, after)  # else the other part is not searched for the score test
    low, high, falling = rising(*sides)
    at = worst.k1, worst.n1, worst.k2, worst.n2
    rise = _turned(at) if falling else at
    found = []
    for method in methods:
        p: float | None
        table, certified, at_worst = rise, False, True
        if method == "mid_p":
            mid = worst_case(before, after, tail=mid_tail)
            p, certified, at_worst = mid.p, mid.certificate.certified, False
            table = _turned(mid.table) if falling else mid.table
        elif method == "minlike":
            p = minlike_fisher(*rise)
        elif method == "score":
            p, table, certified = _worst_score(low, high)
            certified, at_worst = certified and whole, False
        elif worst.p >= alpha:
            p = boschloo(*rise)
        else:
            p, table, certified = _worst_boschloo(low, high, rise)
            at_worst = False
        k1, n1, k2, n2 = _turned(table) if falling else table
        found.append(
            OtherTest(
                method=method, p=p, k1=k1, n1=n1, k2=k2, n2=n2,
                certified=certified, at_worst=at_worst,
            )
        )  # fmt: skip
    return found


def score_design_effect(before: Side, after: Side, *, alpha: float) -> float:
    """Find the design effect at which the score test no longer reaches alpha at its worst pair.

    The score statistic is divided by the design effect (Rao & Scott 1981). Too kind where counts
    are tiny: `break_even.break_even_design_effect` is the primary one.
    """
    low, high, _ = rising(*parted(before, after))
    _, (k1, n1, k2, n2), _ = _worst_score(low, high)
    return float(score_chi2(k1 / n1, n1, k2 / n2, n2)) / float(chdtri(1, alpha))


def widest_interval(
    before: Side, after: Side, *, method: DifferenceMethod, alpha: float
) -> WidestInterval:
    """Find the widest interval of the difference over all admissible pairs.

    Newcombe's limits close in with more dossiers (theorem T3), which certifies the search; those
    of Miettinen & Nurminen and of Mee are gone through without a proof, near Newcombe's widest.
    """
    one, two = _spread(before), _spread(after)
    lowest = _lowest(one, two, method=method, alpha=alpha)
    highest = -_lowest(one.turned(), two.turned(), method=method, alpha=alpha)
    corners = [
        (n, m)
        for n, m in ((one.beyond, two.n[0]), (one.n[0], two.beyond))
        if n is not None and m is not None
    ]
    ends = before.interval, after.interval
    outer = [
        (
            float(newcombe(float(ends[0].high), n, float(ends[1].low), m, alpha=alpha)[0]),
            float(newcombe(float(ends[0].low), n, float(ends[1].high), m, alpha=alpha)[1]),
        )
        for n, m in corners
        if method == "newcombe"
    ]
    outer_low = min([lowest, *(low for low, _ in outer)])
    outer_high = max([highest, *(high for _, high in outer)])
    return WidestInterval(
        method=method,
        low=lowest,
        high=highest,
        certified=len(outer) == len(corners) and (outer_low, outer_high) == (lowest, highest),
        outer_low=outer_low,
        outer_high=outer_high,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """Admissible numbers with the smallest and largest k, and the first one not gone through."""

    n: Counts
    first: Counts
    last: Counts
    beyond: int | None

    def turned(self) -> _Numbers:
        """Count what is left instead."""
        return replace(self, first=self.n - self.last, last=self.n - self.first)

    def at(self, chosen: Counts) -> _Numbers:
        """Keep some of the numbers."""
        return replace(self, n=self.n[chosen], first=self.first[chosen], last=self.last[chosen])


def _lowest(one: _Numbers, two: _Numbers, *, method: DifferenceMethod, alpha: float) -> float:
    """Find the lowest lower limit: a coarse grid of numbers, then all numbers around its lowest."""
    coarse = [_thinned(len(side.n)) for side in (one, two)]
    i, j, _ = _limits(one.at(coarse[0]), two.at(coarse[1]), method="newcombe", alpha=alpha)
    windows = [
        np.arange(grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)] + 1)[:_WINDOW]
        for grid, at in zip(coarse, (i, j), strict=True)
    ]
    *_, fine = _limits(one.at(windows[0]), two.at(windows[1]), method=method, alpha=alpha)
    starts = [grid[:_FIRST] for grid in coarse]
    *_, start = _limits(one.at(starts[0]), two.at(starts[1]), method=method, alpha=alpha)
    return min(fine, start)


def _limits(
    one: _Numbers, two: _Numbers, *, method: DifferenceMethod, alpha: float
) -> tuple[int, int, float]:
    i, j = np.divmod(np.arange(len(one.n) * len(two.n)), len(two.n))
    low, _ = difference_interval(
        one.last[i], one.n[i], two.first[j], two.n[j], method=method, alpha=alpha
    )
    at = int(low.argmin())
    return int(i[at]), int(j[at]), float(low[at])


def _thinned(size: int) -> Counts:
    """Choose places out of many: the first ones all, the others ever further apart."""
    if size <= _NUMBERS:
        return np.arange(size)
    later = np.geomspace(_WINDOW, size - 1, _NUMBERS - _WINDOW).astype(np.int64)
    return np.unique(np.concatenate([np.arange(_WINDOW), later]))


def _spread(side: Side) -> _Numbers:
    """List the admissible numbers up to where the share can be anything and twice the first."""
    start = smallest(side)
    if side.exactly is not None:
        counts = np.array(side.interval.counts(start), dtype=np.int64)
        return _Numbers(n=np.array([start]), first=counts[:1], last=counts[-1:], beyond=None)
    width = side.interval.high - side.interval.low
    most = min(2 * start + (int(2 / width) if width else _NUMBERS), start + _MOST_NUMBERS)
    n, first, last = feasible(side.interval, least=start, most=most)
    return _Numbers(n=n, first=first, last=last, beyond=most + 1)


def _worst_score(low: Side, high: Side) -> tuple[float, Table, bool]:
    """Find the smallest score statistic; theorem T1 bounds it beyond the numbers gone through."""
    level = level_pairs(low, high)
    if level is not None:
        k1, n1, k2, n2 = level
        chi2 = score_chi2(k1 / n1, n1, k2 / n2, n2)
        at = int(chi2.argmin())
        return float(score_p(chi2[at])), (int(k1[at]), int(n1[at]), int(k2[at]), int(n2[at])), True
    one, two = _spread(low), _spread(high)
    rows, columns = (min(len(side.n), _NUMBERS) for side in (one, two))
    i, j = np.divmod(np.arange(rows * columns), columns)
    chi2 = score_chi2(one.last[i] / one.n[i], one.n[i], two.first[j] / two.n[j], two.n[j])
    at = int(chi2.argmin())
    ends = float(low.interval.high), float(high.interval.low)
    beyond = [
        float(score_chi2(ends[0], n, ends[1], m))
        for n, m in ((_next(one), two.n[0]), (one.n[0], _next(two)))
        if n is not None and m is not None
    ]
    certified = not beyond or (ends[0] < ends[1] and min(beyond) >= chi2[at])
    table = int(one.last[i[at]]), int(one.n[i[at]]), int(two.first[j[at]]), int(two.n[j[at]])
    return float(score_p(chi2[at])), table, bool(certified)


def _next(side: _Numbers) -> int | None:
    """Take the first number after those of a short list."""
    return int(side.n[_NUMBERS]) if len(side.n) > _NUMBERS else side.beyond


def _worst_boschloo(low: Side, high: Side, worst: Table) -> tuple[float | None, Table, bool]:
    """Go through the tables that chance explains best by Fisher until none can be above.

    Boschloo's p-value is at most Fisher's at the same table, so Fisher's order bounds the rest.
    """
    best, table = boschloo(*worst), worst
    if best is None:
        return None, worst, False
    k1, n1, k2, n2, beyond = _tables(low, high)
    fisher = 2 * upper_tail(k1, n1, k2, n2)
    for count, at in enumerate(np.argsort(-fisher, kind="stable")):
        if fisher[at] <= best:
            break
        if count == _MOST_BOSCHLOO:
            return best, table, False
        tried = int(k1[at]), int(n1[at]), int(k2[at]), int(n2[at])
        p = boschloo(*tried)
        if p is None:
            return best, table, False
        if p > best:
            best, table = p, tried
    outside = max((worst_case(*sides).certificate.bound for sides in beyond), default=0.0)
    return best, table, outside <= best


def _tables(low: Side, high: Side) -> tuple[Counts, Counts, Counts, Counts, list[Sides]]:
    """List every admissible table of the first numbers of dossiers, and the sides beyond them."""
    counts, beyond = [], []
    for side, other, first in ((low, high, True), (high, low, False)):
        numbers = _spread(side)
        kept = numbers.at(np.arange(min(len(numbers.n), _WINDOW)))
        spread = kept.last - kept.first + 1
        k = np.concatenate(
            [np.arange(a, b + 1) for a, b in zip(kept.first, kept.last, strict=True)]
        )
        counts.append((k[:_MOST_TABLES], np.repeat(kept.n, spread)[:_MOST_TABLES]))
        after = int(numbers.n[_WINDOW]) if len(numbers.n) > _WINDOW else numbers.beyond
        if after is not None:
            rest = replace(side, least=after)
            beyond.append((rest, other) if first else (other, rest))
    (k1, n1), (k2, n2) = counts
    i, j = np.divmod(np.arange(len(k1) * len(k2)), len(k2))
    return k1[i], n1[i], k2[j], n2[j], beyond


def _turned(table: Table) -> Table:
    """Count what is left instead, in both groups."""
    k1, n1, k2, n2 = table
    return n1 - k1, n1, n2 - k2, n2
