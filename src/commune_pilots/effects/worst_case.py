"""Could a constant chance per dossier have printed both figures, for some admissible denominators?

The worst case over every pair of numbers of dossiers that can print the two figures: the largest
p-value, with a certificate of the search (docs/methods.md, M2). It says nothing about the cause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from commune_pilots.effects.exact import Floats, central, upper_tail
from commune_pilots.effects.frontier import (
    Frontier,
    Indices,
    Side,
    blocks,
    frontier,
    tail_bound,
)
from commune_pilots.effects.rounding import (
    Counts,
    Interval,
    simplest_fraction,
    smallest_denominator,
)
from commune_pilots.vocabulary import Answer

Tail = Callable[..., Floats]
_MOST_CANDIDATES = 1 << 18
_MOST_BLOCKS = 200_000
_MOST_EFFORT = 1_200_000.0
_CORNER = 8
_LEAST_SPAN = 32
_PROBES = 32
_CHUNK = 256
_EQUAL = 1 + 1e-12
_HALF = 1 / 2 - 1e-9  # a tail of a half is half of everything, up to rounding
_MOST_COUNTS = 64
_FARTHEST = 1 << 20
_PLAIN = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """How far a search went and what holds beyond it.

    `certified`: no admissible pair has a larger p than the one found. Otherwise `bound` is the
    largest p that the search could not exclude. Numbers of dossiers up to `most_before` and
    `most_after` were gone through; `tables` were computed, the others bounded.
    """

    certified: bool
    bound: float
    most_before: int
    most_after: int
    candidates: int
    tables: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstCase:
    """The admissible pair that chance explains best: k1 of n1 before, k2 of n2 after."""

    k1: int
    n1: int
    k2: int
    n2: int
    p: float
    certificate: Certificate

    @property
    def table(self) -> tuple[int, int, int, int]:
        """The pair as k1, n1, k2, n2."""
        return self.k1, self.n1, self.k2, self.n2


def worst_case(
    before: Side,
    after: Side,
    *,
    alpha: float | None = None,
    tail: Tail = upper_tail,
) -> WorstCase:
    """Find the largest central Fisher p-value over all admissible pairs.

    Works in both directions: a fall is judged as the rise of what is left. With `alpha` the search
    ends as soon as the verdict at that level is certain: at the first pair at or above it, or when
    no pair can reach it. `tail` may be another one-sided p-value that Fisher's bounds and that
    rises and falls with it. Raises ValueError if a printed number of dossiers cannot print its
    share.
    """
    level = level_pairs(before, after)
    if level is not None:
        return _of_level(level, tail)
    before, after = parted(before, after, tail=tail, alpha=alpha)
    low, high, falling = rising(before, after)
    found = _search(low, high.mirrored(), tail=tail, target=None if alpha is None else alpha / 2)
    x1, y1, x2, y2 = found.table
    k1, n1, k2, n2 = x1, x1 + y1, y2, x2 + y2
    if falling:
        k1, k2 = n1 - k1, n2 - k2
    return WorstCase(
        k1=k1,
        n1=n1,
        k2=k2,
        n2=n2,
        p=float(central(found.best)),
        certificate=Certificate(
            certified=found.best >= _HALF or found.bound <= found.best * _EQUAL,
            bound=float(central(found.bound)),
            most_before=found.one.most,
            most_after=found.two.most,
            candidates=len(found.one) + len(found.two),
            tables=found.tables,
        ),
    )


def answer_of(worst: WorstCase, alpha: float) -> Answer:
    """Say what the denominators do: decided without them, decisive, or open (search capped)."""
    if worst.p >= alpha:
        return "decisive"
    return "decided" if worst.certificate.bound < alpha else "open"


def rising(before: Side, after: Side) -> tuple[Side, Side, bool]:
    """Turn a fall into the rise of what is left; says whether it did."""
    falling = after.interval.low + after.interval.high < before.interval.low + before.interval.high
    if falling:
        return before.mirrored(), after.mirrored(), True
    return before, after, False


def smallest(side: Side) -> int:
    """Find the smallest admissible number of dossiers of one side, or the number printed.

    Raises ValueError if the printed number cannot print the share.
    """
    if side.exactly is None:
        return smallest_denominator(side.interval, least=side.least)
    if not side.interval.counts(side.exactly):
        raise ValueError(f"{side.exactly} cannot print this share")
    return side.exactly


def level_pairs(before: Side, after: Side) -> Counts | None:
    """List an admissible pair of equal shares, or the nearest of two printed numbers, if they meet.

    Rows k1, n1, k2, n2; None where the shares do not meet or no such pair exists.
    """
    meet = before.interval.meet(after.interval)
    known = [side.exactly for side in (before, after) if side.exactly is not None]
    if meet is None or (len(known) == 1 and not meet.counts(known[0])):
        return None
    if len(known) == 2:
        return _nearest_counts(before, after)
    share = Fraction(meet.counts(known[0])[0], known[0]) if known else simplest_fraction(meet)
    pair: list[int] = []
    for side in (before, after):
        n = side.exactly or share.denominator * -(-side.least // share.denominator)
        pair += [int(share * n), n]
    return np.array(pair, dtype=np.int64).reshape(4, 1)


def parted(
    before: Side, after: Side, *, tail: Tail = upper_tail, alpha: float | None = None
) -> tuple[Side, Side]:
    """Part figures that meet though a printed number of dossiers jumps over where they meet.

    Only its shares next to the other figure, below and above it, can be the worst.
    """
    if before.interval.meet(after.interval) is None or level_pairs(before, after) is not None:
        return before, after
    known, other = (before, after) if before.exactly is not None else (after, before)
    n = smallest(known)
    shares = [Fraction(k, n) for k in known.interval.counts(n)]
    below = [share for share in shares if share <= other.interval.low]
    above = [share for share in shares if share >= other.interval.high]
    worst: tuple[float, tuple[Side, Side]] = (-1.0, (before, after))
    for share in (*below[-1:], *above[:1]):
        point = Side(interval=Interval(low=share, high=share), exactly=n)
        sides = (point, other) if known is before else (other, point)
        p = worst_case(*sides, alpha=alpha, tail=tail).p
        worst = max(worst, (p, sides), key=lambda found: found[0])
    return worst[1]


def _nearest_counts(before: Side, after: Side) -> Counts:
    """List the pairs of two printed numbers whose shares lie nearest: each k1 with its next k2s."""
    ranges = [side.interval.counts(smallest(side)) for side in (before, after)]
    n1, n2 = smallest(before), smallest(after)
    k1 = np.arange(ranges[0].start, ranges[0].stop, dtype=np.int64)
    below = k1 * n2 // n1
    k2 = np.clip(np.stack([below, below + 1]), ranges[1].start, ranges[1].stop - 1)
    k1 = np.broadcast_to(k1, k2.shape).ravel()
    k2 = k2.ravel()
    order = np.argsort(np.abs(k1 * n2 - k2 * n1), kind="stable")[:_MOST_COUNTS]
    return np.stack([k1[order], np.full(len(order), n1), k2[order], np.full(len(order), n2)])


def _of_level(pairs: Counts, tail: Tail) -> WorstCase:
    """Take the pair of the largest p-value, certified if it is 1: nothing can be above."""
    k1, n1, k2, n2 = pairs
    p = central(tail(k1, n1, k2, n2), tail(n1 - k1, n1, n2 - k2, n2))
    at = int(p.argmax())
    whole = bool(p[at] >= 1 / _EQUAL)
    return WorstCase(
        k1=int(k1[at]),
        n1=int(n1[at]),
        k2=int(k2[at]),
        n2=int(n2[at]),
        p=float(p[at]),
        certificate=Certificate(
            certified=whole,
            bound=float(p[at]) if whole else 1.0,
            most_before=int(n1[at]),
            most_after=int(n2[at]),
            candidates=len(p),
            tables=len(p),
        ),
    )


@dataclass(slots=True, kw_only=True)
class _Search:
    """State of one search: the best table so far, and what could still beat it."""

    one: Frontier
    two: Frontier
    tail: Tail
    best: float = -1.0
    table: tuple[int, int, int, int] = (0, 0, 0, 0)
    bound: float = 1.0
    tables: int = 0
    effort: float = 0.0

    def compute_first(self, i: Indices, j: Indices) -> None:
        """Compute the pairs that are tables, not an endless or a void block."""
        known = (i < len(self.one)) & (j < len(self.two))
        self.compute(i[known], j[known])

    def compute(self, i: Indices, j: Indices) -> None:
        """Compute pairs of candidates and keep the largest tail."""
        x1, y1, x2, y2 = self.one.x[i], self.one.y[i], self.two.x[j], self.two.y[j]
        found = self.tail(x1, x1 + y1, y2, x2 + y2)
        self.tables += len(i)
        if found.size and found.max() > self.best:
            at = int(found.argmax())
            self.best = float(found[at])
            self.table = (int(x1[at]), int(y1[at]), int(x2[at]), int(y2[at]))


def _search(one: Side, two: Side, *, tail: Tail, target: float | None) -> _Search:
    """Search ever larger numbers of dossiers until nothing beyond them can matter."""
    starts = [smallest(side) for side in (one, two)]
    effort = _MOST_EFFORT if target is None else _MOST_EFFORT / 10
    span = 1
    while True:
        most = [start + span * max(_LEAST_SPAN, start // 64) for start in starts]
        sides = frontier(one, most=most[0]), frontier(two, most=most[1])
        search = _Search(one=sides[0], two=sides[1], tail=tail)
        _branch(search, target=target, effort=effort)
        settled = search.bound <= search.best * _EQUAL or search.best >= _HALF
        if target is not None:
            settled = settled or search.best >= target or search.bound < target
        largest = max(map(len, sides)) > _MOST_CANDIDATES or span * _LEAST_SPAN > _FARTHEST
        # far from any level in use nobody asks for the last digit
        plain = search.best > _PLAIN and span > _LEAST_SPAN
        if settled or largest or plain or search.effort > effort:
            return search
        span *= 4


def _branch(search: _Search, *, target: float | None, effort: float) -> None:
    """Halve blocks of candidates while their bound lies above what is found (branch and bound)."""
    sizes = [len(side) + (side.limit is not None) for side in (search.one, search.two)]
    depth = (max(sizes) - 1).bit_length()
    rows, columns = (min(len(side), _CORNER) for side in (search.one, search.two))
    search.compute(*np.divmod(np.arange(rows * columns, dtype=np.int64), columns))
    if target is not None and search.best >= target:
        return
    one, two = blocks(search.one, depth=depth), blocks(search.two, depth=depth)
    i = j = np.zeros(1, dtype=np.int64)
    for level in reversed(range(depth + 1)):
        bound = tail_bound(one[level], i, two[level], j)
        kept = bound > search.best if target is None else bound >= max(search.best, target)
        order = np.argsort(-bound[kept], kind="stable")
        i, j, bound = i[kept][order], j[kept][order], bound[kept][order]
        if target is not None and search.best >= target:
            break
        if level == 0 or not bound.size or len(i) > _MOST_BLOCKS:
            break
        search.compute_first(i[:_PROBES] << level, j[:_PROBES] << level)
        i = np.repeat(2 * i, 4) + np.tile([0, 0, 1, 1], len(i))
        j = np.repeat(2 * j, 4) + np.tile([0, 1, 0, 1], len(j))
    endless = (i >= len(search.one)) | (j >= len(search.two))
    left = 0
    while left < len(i) and level == 0 and not endless.any() and bound[left] > search.best:
        if search.effort > effort or (target is not None and search.best >= target):
            break
        chunk = slice(left, left + _CHUNK)
        search.compute_first(i[chunk], j[chunk])
        search.effort += float(np.sqrt(search.one.most + search.two.most)) * _CHUNK
        left += _CHUNK
    open_bounds = bound[endless | (np.arange(len(i)) >= left)]
    floor = search.best if target is None else max(search.best, np.nextafter(target, 0))
    search.bound = float(max(floor, open_bounds.max(initial=0.0)))
