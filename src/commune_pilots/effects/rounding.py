"""What a printed percentage says of the share behind it: an exact interval, in fractions.

Source of the set-up: docs/methods.md, M1 (Manski & Molinari 2010 on rounding as interval data;
Brown & Heathers 2017 on the grain of a percentage).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from commune_pilots.params import Rounding


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


def printed_interval(printed: Decimal, *, decimals: int, rounding: Rounding) -> Interval:
    """Find all shares that print as `printed` per cent with `decimals` decimals.

    `any` is the union over all conventions. Raises ValueError for a figure outside 0..100.
    """
    if not 0 <= printed <= 100:
        raise ValueError(f"{printed} is not a percentage")
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


def smallest_denominator(interval: Interval, *, least: int = 1) -> int:
    """Find the smallest n >= `least` for which some k of n lies in the interval.

    Every n above 1/width is possible, so the search ends; cross-checked in the tests against the
    simplest fraction of the Stern-Brocot tree.
    """
    n = least
    while not interval.counts(n):
        n += 1
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
