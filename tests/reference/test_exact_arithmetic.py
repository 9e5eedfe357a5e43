"""Exact values and independent ways to the same integers.

Sources: Fisher's tea tasting (Fisher 1935; R 4.4 `fisher.test(matrix(c(3,1,1,3),2))` prints
0.4857143; golden case G12); the 32,000 households printed as 16% (docs/methods.md, M1); the
Stern-Brocot tree (Graham, Knuth & Patashnik 1994, section 4.5), whose first fraction inside an
interval has the smallest denominator; Python's decimal module for each way to round.

PRINTED: R prints seven significant digits. Everything else here is integers and needs no tolerance.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from commune_pilots.effects.exact import central_fisher
from commune_pilots.effects.rounding import (
    Interval,
    first_denominators,
    implied_denominators,
    nearest_denominators,
    printed_interval,
    simplest_fraction,
    smallest_denominator,
)
from commune_pilots.vocabulary import Rounding

PRINTED = 5e-8
DECIMAL_NAMES = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_even": decimal.ROUND_HALF_EVEN,
    "half_down": decimal.ROUND_HALF_DOWN,
    "truncate": decimal.ROUND_DOWN,
    "ceil": decimal.ROUND_CEILING,
}


def _simplest(interval: Interval) -> Fraction:
    """Walk down the Stern-Brocot tree of [0, 1] to the first fraction inside the interval."""

    def below(share: Fraction) -> bool:
        return share < interval.low or (interval.low_open and share == interval.low)

    def above(share: Fraction) -> bool:
        return share > interval.high or (interval.high_open and share == interval.high)

    left, right = Fraction(0), Fraction(1)
    for end in (left, right):
        if not below(end) and not above(end):
            return end
    while True:
        middle = Fraction(left.numerator + right.numerator, left.denominator + right.denominator)
        if below(middle):
            left = middle
        elif above(middle):
            right = middle
        else:
            return middle


def test_fishers_tea_tasting_is_reproduced():
    assert central_fisher(1, 4, 3, 4) == pytest.approx(0.4857143, abs=PRINTED)
    assert central_fisher(3, 4, 1, 4) == pytest.approx(0.4857143, abs=PRINTED)


def test_a_perfect_tea_tasting_is_reproduced():
    assert central_fisher(0, 4, 4, 4) == pytest.approx(2 / 70, rel=1e-12)


@pytest.mark.parametrize(
    ("rounding", "first", "last"),
    [
        ("nearest", 193_940, 206_451),
        ("half_up", 193_940, 206_451),
        ("half_down", 193_940, 206_451),
        ("truncate", 188_236, 200_000),
        ("ceil", 200_000, 213_333),
        ("any", 188_236, 213_333),
    ],
)
def test_32000_households_printed_as_16_per_cent_imply_their_number(rounding, first, last):
    interval = printed_interval(Decimal(16), decimals=0, rounding=rounding)
    found = implied_denominators(32_000, interval)
    assert (found[0], found[-1]) == (first, last)


@given(
    tenths=st.integers(min_value=0, max_value=1000),
    decimals=st.integers(min_value=0, max_value=1),
    rounding=st.sampled_from(get_args(Rounding)),
)
def test_the_smallest_denominator_is_that_of_the_simplest_fraction(tenths, decimals, rounding):
    printed = Decimal(tenths).scaleb(-1) if decimals else Decimal(tenths // 10)
    interval = printed_interval(printed, decimals=decimals, rounding=rounding)
    assert smallest_denominator(interval) == _simplest(interval).denominator


@pytest.mark.parametrize("rounding", get_args(Rounding))
@pytest.mark.parametrize("printed", ["98.08", "16.80", "0.01", "99.99", "33.33", "50.00"])
def test_two_decimals_too_have_the_denominator_of_the_simplest_fraction(printed, rounding):
    interval = printed_interval(Decimal(printed), decimals=2, rounding=rounding)
    assert smallest_denominator(interval) == _simplest(interval).denominator


@given(
    low=st.fractions(min_value=0, max_value=1, max_denominator=500),
    width=st.fractions(
        min_value=Fraction(1, 2000), max_value=Fraction(1, 3), max_denominator=10**6
    ),
    low_open=st.booleans(),
    high_open=st.booleans(),
)
def test_an_interval_has_the_denominator_of_its_simplest_fraction(low, width, low_open, high_open):
    high = min(low + width, Fraction(1))
    assume(low < high)
    interval = Interval(low=low, high=high, low_open=low_open, high_open=high_open)
    assert smallest_denominator(interval) == _simplest(interval).denominator


@given(
    low=st.fractions(min_value=0, max_value=1),
    width=st.fractions(min_value=Fraction(1, 2000), max_value=Fraction(1, 3)),
    low_open=st.booleans(),
    high_open=st.booleans(),
)
def test_the_simplest_fraction_of_any_interval_is_that_of_the_tree(low, width, low_open, high_open):
    high = min(low + width, Fraction(1))
    assume(low < high)
    interval = Interval(low=low, high=high, low_open=low_open, high_open=high_open)
    assert simplest_fraction(interval) == _simplest(interval)


@given(
    tenths=st.integers(min_value=0, max_value=1000),
    least=st.integers(min_value=1, max_value=700),
    rounding=st.sampled_from(get_args(Rounding)),
)
def test_the_first_and_the_nearest_numbers_are_those_found_one_by_one(tenths, least, rounding):
    printed = Decimal(tenths).scaleb(-1)
    interval = printed_interval(printed, decimals=1, rounding=rounding)
    possible = [n for n in range(1, 1200) if interval.counts(n)]
    later = [n for n in possible if n >= least]
    assert first_denominators(interval, least=least, count=3) == later[:3]
    below = [n for n in possible if n <= least][-1:]
    assert nearest_denominators(interval, least) == sorted({*below, later[0]})


@pytest.mark.parametrize("rounding", sorted(DECIMAL_NAMES))
@pytest.mark.parametrize(("decimals", "largest"), [(0, 45), (1, 32)])
def test_counts_are_those_that_python_rounds_to_the_printed_figure(rounding, decimals, largest):
    unit = Decimal(1).scaleb(-decimals)
    for n in range(1, largest + 1):
        prints: dict[Decimal, list[int]] = {}
        for k in range(n + 1):
            share = Decimal(100 * k) / Decimal(n)
            shown = share.quantize(unit, rounding=DECIMAL_NAMES[rounding])
            prints.setdefault(shown, []).append(k)
        for printed, counts in prints.items():
            interval = printed_interval(printed, decimals=decimals, rounding=rounding)
            assert list(interval.counts(n)) == counts, (n, printed)


@pytest.mark.parametrize("rounding", sorted(DECIMAL_NAMES))
def test_a_figure_no_count_prints_has_no_counts(rounding):
    for n in (1, 2, 3, 7, 8, 12, 16, 40, 49):
        shown = {
            (Decimal(100 * k) / Decimal(n)).quantize(Decimal(1), rounding=DECIMAL_NAMES[rounding])
            for k in range(n + 1)
        }
        for printed in map(Decimal, range(101)):
            interval = printed_interval(printed, decimals=0, rounding=rounding)
            assert bool(interval.counts(n)) == (printed in shown), (n, printed)


@pytest.mark.parametrize("n", [8, 16, 40, 80])
def test_nearest_admits_ties_both_ways_and_nothing_more(n):
    for printed in map(Decimal, range(101)):
        both = {
            k
            for rounding in ("half_up", "half_down")
            for k in printed_interval(printed, decimals=0, rounding=rounding).counts(n)
        }
        nearest = printed_interval(printed, decimals=0, rounding="nearest").counts(n)
        assert set(nearest) == both, printed
