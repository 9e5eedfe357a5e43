from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from commune_pilots.effects.rounding import (
    Interval,
    bound_interval,
    implied_denominators,
    printed_interval,
    smallest_denominator,
)
from commune_pilots.params import Rounding

CONVENTIONS = get_args(Rounding)


def _ends(interval):
    """Show an interval in per cent, as in mathematics: [ ) and so on."""
    left, right = ("(" if interval.low_open else "["), (")" if interval.high_open else "]")
    return f"{left}{float(100 * interval.low):g}, {float(100 * interval.high):g}{right}"


@pytest.mark.parametrize(
    ("rounding", "even", "odd"),
    [
        ("half_up", "[16.75, 16.85)", "[16.65, 16.75)"),
        ("half_down", "(16.75, 16.85]", "(16.65, 16.75]"),
        ("half_even", "[16.75, 16.85]", "(16.65, 16.75)"),
        ("nearest", "[16.75, 16.85]", "[16.65, 16.75]"),
        ("truncate", "[16.8, 16.9)", "[16.7, 16.8)"),
        ("ceil", "(16.7, 16.8]", "(16.6, 16.7]"),
        ("any", "(16.7, 16.9)", "(16.6, 16.8)"),
    ],
)
def test_each_convention_admits_its_own_interval(rounding, even, odd):
    assert _ends(printed_interval(Decimal("16.8"), decimals=1, rounding=rounding)) == even
    assert _ends(printed_interval(Decimal("16.7"), decimals=1, rounding=rounding)) == odd


@pytest.mark.parametrize(
    ("rounding", "none", "whole"),
    [
        ("half_up", "[0, 0.5)", "[99.5, 100]"),
        ("half_down", "[0, 0.5]", "(99.5, 100]"),
        ("half_even", "[0, 0.5]", "[99.5, 100]"),
        ("nearest", "[0, 0.5]", "[99.5, 100]"),
        ("truncate", "[0, 1)", "[100, 100]"),
        ("ceil", "[0, 0]", "(99, 100]"),
        ("any", "[0, 1)", "(99, 100]"),
    ],
)
def test_no_interval_leaves_0_to_100_and_a_cut_end_is_admitted(rounding, none, whole):
    assert _ends(printed_interval(Decimal(0), decimals=0, rounding=rounding)) == none
    assert _ends(printed_interval(Decimal(100), decimals=0, rounding=rounding)) == whole


def test_a_printed_zero_after_the_comma_narrows_the_interval():
    widths = [
        interval.high - interval.low
        for interval in (
            printed_interval(Decimal(2), decimals=places, rounding="half_up")
            for places in (0, 1, 2)
        )
    ]
    assert widths == [Fraction(1, 100), Fraction(1, 1000), Fraction(1, 10000)]


@pytest.mark.parametrize("printed", ["-0.1", "100.1", "980.8"])
def test_a_figure_outside_0_to_100_is_no_percentage(printed):
    with pytest.raises(ValueError, match="is not a percentage"):
        printed_interval(Decimal(printed), decimals=1, rounding="any")


@given(
    st.integers(min_value=0, max_value=1000),
    st.integers(min_value=1, max_value=400),
    st.sampled_from(CONVENTIONS),
)
def test_any_admits_whatever_one_convention_admits(tenths, n, rounding):
    printed = Decimal(tenths).scaleb(-1)
    one = printed_interval(printed, decimals=1, rounding=rounding).counts(n)
    everything = printed_interval(printed, decimals=1, rounding="any").counts(n)
    assert set(one) <= set(everything)


@pytest.mark.parametrize(
    ("qualifier", "expected"),
    [
        ("over", "(60, 100]"),
        ("more_than", "(60, 100]"),
        ("at_least", "[60, 100]"),
        ("nearly", "[0, 60)"),
    ],
)
def test_a_bound_in_words_admits_everything_on_its_side(qualifier, expected):
    assert _ends(bound_interval(Decimal(60), qualifier=qualifier)) == expected


def test_over_a_hundred_per_cent_still_admits_everybody():
    assert list(bound_interval(Decimal(100), qualifier="over").counts(5)) == [5]


@pytest.mark.parametrize("qualifier", ["about", "exact", "none_yet", "no_number"])
def test_a_word_that_states_no_interval_is_refused(qualifier):
    with pytest.raises(ValueError, match="states no interval"):
        bound_interval(Decimal(60), qualifier=qualifier)


@pytest.mark.parametrize(
    ("low_open", "high_open", "expected"),
    [
        (False, False, [2, 3, 4]),
        (True, False, [3, 4]),
        (False, True, [2, 3]),
        (True, True, [3]),
    ],
)
def test_an_open_end_is_not_itself_counted(low_open, high_open, expected):
    interval = Interval(
        low=Fraction(1, 4), high=Fraction(1, 2), low_open=low_open, high_open=high_open
    )
    assert list(interval.counts(8)) == expected


def test_a_denominator_that_cannot_print_the_figure_has_no_counts():
    assert not printed_interval(Decimal("16.8"), decimals=1, rounding="nearest").counts(94)


@pytest.mark.parametrize(
    ("printed", "decimals", "expected"), [("2", 0, 41), ("2.0", 1, 49), ("2.00", 2, 50)]
)
def test_trailing_zeros_raise_the_smallest_denominator(printed, decimals, expected):
    interval = printed_interval(Decimal(printed), decimals=decimals, rounding="half_up")
    assert smallest_denominator(interval) == expected


def test_a_floor_moves_the_smallest_denominator_to_the_next_possible_one():
    interval = printed_interval(Decimal("8.3"), decimals=1, rounding="half_up")
    assert [smallest_denominator(interval, least=floor) for floor in (1, 12, 13, 100)] == [
        12,
        12,
        24,
        108,
    ]


def test_none_yet_is_possible_for_any_denominator():
    zero = Interval(low=Fraction(0), high=Fraction(0))
    assert smallest_denominator(zero) == 1
    assert smallest_denominator(zero, least=37) == 37


@given(
    numerator=st.integers(min_value=1, max_value=50),
    percent=st.integers(min_value=1, max_value=100),
    rounding=st.sampled_from([name for name in CONVENTIONS if name != "ceil"]),
)
def test_implied_denominators_are_those_whose_counts_hold_the_numerator(
    numerator, percent, rounding
):
    interval = printed_interval(Decimal(percent), decimals=0, rounding=rounding)
    assume(interval.low > 0)
    found = implied_denominators(numerator, interval)
    reach = range(1, found[-1] + 20 if found else 6000)
    assert [n for n in reach if numerator in interval.counts(n)] == list(found)


@pytest.mark.parametrize(("numerator", "printed"), [(0, "16"), (-1, "16"), (5, "0")])
def test_a_share_of_zero_implies_no_denominator(numerator, printed):
    interval = printed_interval(Decimal(printed), decimals=0, rounding="nearest")
    with pytest.raises(ValueError, match="no denominator is implied"):
        implied_denominators(numerator, interval)
