"""What a printed percentage says of the share behind it, and of the numbers that can print it.

Exact arithmetic throughout: a share is a fraction, a decimal mark never passes through a float.
Source of the set-up: docs/methods.md, M1 (Manski & Molinari 2010 on rounding as interval data;
Brown & Heathers 2017 on the grain of a percentage).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from commune_pilots.vocabulary import Rounding

Counts = NDArray[np.int64]
MOST_DECIMALS = 6
_CHUNK = 1 << 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Shares a printed figure admits, on 0..1; an open end is not itself admitted."""

    low: Fraction
    high: Fraction
    low_open: bool = False
    high_open: bool = False

    def counts(self, n: int) -> range:
        """List every k for which k of n lies inside; an empty range means n is not possible."""
        first = floor(self.low * n) + 1 if self.low_open else ceil(self.low * n)
        last = ceil(self.high * n) - 1 if self.high_open else floor(self.high * n)
        return range(first, last + 1)

    def mirrored(self) -> Interval:
        """Turn shares into their complements: what is not filed online."""
        return Interval(
            low=1 - self.high,
            high=1 - self.low,
            low_open=self.high_open,
            high_open=self.low_open,
        )

    def meet(self, other: Interval) -> Interval | None:
        """Find the shares that both intervals admit, or None: two sources that disagree."""
        low, low_open = max((side.low, side.low_open) for side in (self, other))
        high, kept = min((side.high, not side.high_open) for side in (self, other))
        if low > high or (low == high and (low_open or not kept)):
            return None
        return Interval(low=low, high=high, low_open=low_open, high_open=not kept)


def printed_interval(printed: Decimal, *, decimals: int, rounding: Rounding) -> Interval:
    """Find all shares that print as `printed` per cent with `decimals` decimals.

    `any` is the union over all conventions. Raises ValueError for a figure outside 0..100 and for
    more than six decimals, which 64-bit counts would not carry.
    """
    if not 0 <= printed <= 100 or decimals > MOST_DECIMALS:
        raise ValueError(f"{printed} is not a percentage of up to {MOST_DECIMALS} decimals")
    value = Fraction(printed) / 100
    unit = Fraction(1, 100 * 10**decimals)
    half = unit / 2
    even = int(printed.scaleb(decimals)) % 2 == 0
    below, above, low_open, high_open = {
        "half_up": (half, half, False, True),
        "half_down": (half, half, True, False),
        "half_even": (half, half, not even, not even),
        "nearest": (half, half, False, False),
        "truncate": (Fraction(0), unit, False, True),
        "ceil": (unit, Fraction(0), True, False),
        "any": (unit, unit, True, True),
    }[rounding]
    return _clipped(value - below, value + above, low_open=low_open, high_open=high_open)


def bound_interval(printed: Decimal, *, qualifier: str) -> Interval:
    """Find all shares a bound in words admits: over 60 -> (60%, 100%], at least -> [60%, 100%].

    `nearly` admits what lies below. Raises ValueError for `about` and for nearly 0, which state no
    interval.
    """
    value = Fraction(printed) / 100
    if qualifier in ("over", "more_than"):
        return Interval(low=value, high=Fraction(1), low_open=value < 1)
    if qualifier == "at_least":
        return Interval(low=value, high=Fraction(1))
    if qualifier == "nearly" and value > 0:
        return Interval(low=Fraction(0), high=value, high_open=True)
    raise ValueError(f"{qualifier} states no interval")


def simplest_fraction(interval: Interval) -> Fraction:
    """Find the fraction with the smallest denominator inside, by continued fractions.

    Arithmetic alone, whatever the number of decimals (Stern-Brocot tree; Hardy & Wright ch. 3).
    """
    whole = floor(interval.low)
    rest = Interval(
        low=interval.low - whole,
        high=interval.high - whole,
        low_open=interval.low_open,
        high_open=interval.high_open,
    )
    if rest.low == 0 and not rest.low_open:
        return Fraction(whole)
    if rest.high > 1 or (rest.high == 1 and not rest.high_open):
        return Fraction(whole + 1)
    if rest.low == 0:  # an open end at 0: one over the first whole number that fits
        turned = 1 / rest.high
        return whole + Fraction(1, floor(turned) + 1 if rest.high_open else ceil(turned))
    inverse = Interval(
        low=1 / rest.high,
        high=1 / rest.low,
        low_open=rest.high_open,
        high_open=rest.low_open,
    )
    return whole + 1 / simplest_fraction(inverse)


def smallest_denominator(interval: Interval, *, least: int = 1) -> int:
    """Find the smallest n >= `least` for which some k of n lies in the interval.

    No number below the simplest fraction's is looked at, and none above 1/width, where every n is
    possible.
    """
    first = max(least, simplest_fraction(interval).denominator)
    while True:
        n = feasible(interval, least=first, most=first + _CHUNK - 1)[0]
        if n.size:
            return int(n[0])
        first += _CHUNK


def first_denominators(interval: Interval, *, least: int = 1, count: int) -> list[int]:
    """List the first admissible numbers from `least` on."""
    found: list[int] = []
    while len(found) < count:
        found.append(smallest_denominator(interval, least=found[-1] + 1 if found else least))
    return found


def nearest_denominators(interval: Interval, number: int) -> list[int]:
    """List the admissible numbers next to one: the largest below, the smallest above."""
    below = feasible(interval, least=1, most=number)[0][-1:].tolist()
    return list(dict.fromkeys([*below, smallest_denominator(interval, least=number)]))


def feasible(interval: Interval, *, least: int, most: int) -> tuple[Counts, Counts, Counts]:
    """List every admissible n in least..most with the smallest and the largest k for it.

    Three arrays of one length (counts): n, first k, last k; every k between them is admitted too.
    64-bit integers carry figures of up to six decimals and n up to ten million.
    """
    n = np.arange(least, most + 1, dtype=np.int64)
    low = n * interval.low.numerator
    high = n * interval.high.numerator
    first = low // interval.low.denominator + 1
    if not interval.low_open:
        first -= low % interval.low.denominator == 0
    last = -(-high // interval.high.denominator) - 1
    if not interval.high_open:
        last += high % interval.high.denominator == 0
    possible = first <= last
    return n[possible], first[possible], last[possible]


def joint_denominators(
    intervals: Sequence[Interval], *, least: int, most: int, whole: bool = False
) -> Counts:
    """List the n in least..most under which every figure is possible at once.

    The figures are taken to be shares of the same dossiers: an assumption the caller states. With
    `whole` they also divide those dossiers completely, so that counts for them can sum to n.
    """
    n = np.arange(least, most + 1, dtype=np.int64)
    fewest, largest = np.zeros_like(n), np.zeros_like(n)
    for interval in intervals:
        possible, first, last = feasible(interval, least=least, most=most)
        kept = np.isin(n, possible)
        n, fewest, largest = n[kept], fewest[kept], largest[kept]
        kept = np.isin(possible, n)
        fewest, largest = fewest + first[kept], largest + last[kept]
    if whole:
        n = n[(fewest <= n) & (n <= largest)]
    return n


def implied_denominators(numerator: int, interval: Interval) -> range:
    """List the denominators for which `numerator` makes a share inside the interval.

    32,000 households printed as 16% (nearest): 193,940 .. 206,451. Raises ValueError for a
    numerator of 0 or an interval that reaches 0, which bounds nothing.
    """
    if numerator <= 0 or interval.low <= 0:
        raise ValueError("no denominator is implied by a share of zero")
    least = Fraction(numerator) / interval.high
    most = Fraction(numerator) / interval.low
    first = floor(least) + 1 if interval.high_open else ceil(least)
    last = ceil(most) - 1 if interval.low_open else floor(most)
    return range(first, last + 1)


def _clipped(low: Fraction, high: Fraction, *, low_open: bool, high_open: bool) -> Interval:
    zero, one = Fraction(0), Fraction(1)
    return Interval(
        low=max(low, zero),
        high=min(high, one),
        low_open=low_open and low >= zero,
        high_open=high_open and high <= one,
    )
