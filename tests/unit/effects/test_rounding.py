"""Shares behind a printed percentage, and the numbers of dossiers that can print it.

The poll percentages are golden case G07 (codegolf.stackexchange 5595, half_up, shares that sum to
the whole). Printing by Python's decimal module is the second way to every admissible count.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from printed import NONE_YET, ROUNDINGS, figures, intervals, shares

from commune_pilots.effects.rounding import (
    Interval,
    bound_interval,
    feasible,
    implied_denominators,
    joint_denominators,
    printed_interval,
    simplest_fraction,
    smallest_denominator,
)

DECIMAL_NAMES = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_even": decimal.ROUND_HALF_EVEN,
    "half_down": decimal.ROUND_HALF_DOWN,
    "truncate": decimal.ROUND_DOWN,
    "ceil": decimal.ROUND_CEILING,
}


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
    st.sampled_from(ROUNDINGS),
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
    assert smallest_denominator(NONE_YET) == 1
    assert smallest_denominator(NONE_YET, least=37) == 37


@pytest.mark.parametrize(
    ("printed", "expected"), [("16.8", [95, 101, 107]), ("98.08", [52, 104, 156])]
)
def test_the_first_numbers_of_dossiers_of_two_press_figures(printed, expected):
    n, _, _ = feasible(shares(printed), least=1, most=200)
    assert n[:3].tolist() == expected


@given(intervals())
def test_the_simplest_fraction_is_inside_and_no_smaller_number_of_dossiers_is_possible(interval):
    found = simplest_fraction(interval)
    n = found.denominator
    assert found.numerator in interval.counts(n)
    assert not any(interval.counts(smaller) for smaller in range(1, n))


@given(intervals(), st.integers(1, 500))
def test_a_floor_gives_the_first_possible_number_from_it_on(interval, least):
    found = smallest_denominator(interval, least=least)
    assert found >= least
    assert interval.counts(found)
    assert not any(interval.counts(n) for n in range(least, found))


def test_a_floor_far_from_the_next_possible_number_is_bridged():
    narrow = shares("33.333333")  # thirds alone, until a share this narrow holds anything
    assert [smallest_denominator(narrow, least=floor) for floor in (1, 4, 1_000_001)] == [
        3,
        6,
        1_000_002,
    ]
    assert smallest_denominator(shares("0.000001")) == 66_666_667


def _shown(k, n, decimals, rounding):
    unit = Decimal(1).scaleb(-decimals)
    return str((Decimal(100 * k) / Decimal(n)).quantize(unit, rounding=DECIMAL_NAMES[rounding]))


@pytest.mark.parametrize("rounding", sorted(DECIMAL_NAMES))
@settings(max_examples=5)
@given(figures(decimals=3))
@example("16.8")
@example("98.08")
def test_every_number_and_count_listed_prints_the_figure_and_no_other_does(rounding, printed):
    # A larger count never prints a smaller figure, so both neighbours of the counts settle it; if
    # none is listed, the two counts on either side of the figure do.
    decimals, most = len(printed.partition(".")[2]), 2000
    columns = feasible(shares(printed, rounding), least=1, most=most)
    listed = {n: (first, last) for n, first, last in zip(*map(list, columns), strict=True)}
    for n in range(1, most + 1):
        if n in listed:
            first, last = map(int, listed[n])
            inside, outside = {first, last}, {first - 1, last + 1}
        else:
            below = int(Decimal(printed) * n / 100)
            inside, outside = set(), {below, below + 1}
        assert {_shown(k, n, decimals, rounding) for k in inside} <= {printed}, n
        others = [k for k in outside if 0 <= k <= n]
        assert printed not in {_shown(k, n, decimals, rounding) for k in others}, n


@settings(max_examples=8)
@given(figures(decimals=3))
def test_nearest_admits_half_a_digit_either_way_and_any_less_than_a_whole_one(printed):
    places = len(printed.partition(".")[2])
    digits = int(Decimal(printed).scaleb(places))
    nearest, everything = (
        {n: range(first, last + 1) for n, first, last in zip(*map(list, columns), strict=True)}
        for columns in (
            feasible(shares(printed, way), least=1, most=2000) for way in ROUNDINGS[-2:]
        )
    )
    for n in range(1, 2001):
        below = digits * n // (100 * 10**places)
        edges = {below, below + 1}
        for listed in (nearest, everything):
            edges |= {k + step for k in listed.get(n, [])[:1] for step in (-1, 0)}
            edges |= {k + step for k in listed.get(n, [])[-1:] for step in (0, 1)}
        for k in (int(k) for k in edges if 0 <= k <= n):
            distance = abs(100 * 10**places * k - digits * n)
            assert (k in nearest.get(n, [])) == (2 * distance <= n), (k, n)
            assert (k in everything.get(n, [])) == (distance < n), (k, n)


@settings(max_examples=20)
@given(figures(decimals=3), st.sampled_from(ROUNDINGS), st.integers(1, 2000))
def test_all_numbers_at_once_are_those_found_one_by_one(printed, rounding, least):
    interval = shares(printed, rounding)
    one_by_one = [
        (n, counts[0], counts[-1])
        for n in range(least, least + 200)
        if (counts := interval.counts(n))
    ]
    columns = feasible(interval, least=least, most=least + 199)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == one_by_one


@pytest.mark.parametrize("rounding", ["half_up", "truncate", "ceil", "any"])
@pytest.mark.parametrize("printed", ["0.000001", "12.345678", "99.999999", "100.000000"])
def test_six_decimals_stay_exact_for_ten_million_dossiers(printed, rounding):
    interval = shares(printed, rounding)
    one_by_one = [
        (n, counts[0], counts[-1])
        for n in range(9_999_900, 10_000_001)
        if (counts := interval.counts(n))
    ]
    columns = feasible(interval, least=9_999_900, most=10_000_000)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == one_by_one


@given(intervals(finest=40), intervals(finest=40))
def test_two_intervals_meet_in_the_shares_that_both_admit(one, other):
    ends = sorted({one.low, one.high, other.low, other.high})
    middles = [(a + b) / 2 for a, b in pairwise(ends)]
    both = {share for share in [*ends, *middles] if _holds(one, share) and _holds(other, share)}
    met = one.meet(other)
    assert met == other.meet(one)
    assert (met is None) == (not both)
    assert both == {share for share in [*ends, *middles] if met and _holds(met, share)}


def _holds(interval, share):
    return share.numerator in interval.counts(share.denominator)


@given(intervals(), st.integers(1, 60))
def test_what_is_left_has_the_counts_that_are_left(interval, n):
    mirrored = interval.mirrored()
    assert {n - k for k in interval.counts(n)} == set(mirrored.counts(n))
    assert mirrored.mirrored() == interval


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (["44.4", "44.4", "11.1"], 9),
        (["26.7", "53.3", "20.0"], 15),
        (["48.4", "13.7", "21.6", "6.5", "9.8"], 153),
        (["0.1"] * 9 + ["99.6"], 2000),
        (["0.1"] * 9 + ["98.7"], 667),
        (["0.2"] * 9 + ["98.7"], 2000),
        (["0.2"] * 9 + ["97.8"], 401),
    ],
)
def test_poll_shares_have_the_published_smallest_number(printed, expected):
    found = joint_denominators([shares(one) for one in printed], least=1, most=2500, whole=True)
    assert found[0] == expected


def test_the_way_of_rounding_matters_to_a_poll():
    halves = [shares(one, "half_even") for one in ["0.2"] * 9 + ["97.8"]]
    assert joint_denominators(halves, least=1, most=2500, whole=True)[0] == 400


def test_two_figures_of_the_same_dossiers_leave_few_numbers():
    figures_of_one_office = [shares("98.08"), shares("99.9")]
    found = joint_denominators(figures_of_one_office, least=1, most=728)
    assert found.tolist() == [676, 677, 678, 728]
    cut = [shares("98.08", "truncate"), shares("99.9", "truncate")]
    assert joint_denominators(cut, least=1, most=1100)[0] == 1042


@settings(max_examples=20)
@given(st.lists(figures(), min_size=1, max_size=3), st.sampled_from(ROUNDINGS))
def test_joint_numbers_are_those_possible_for_every_figure(printed, rounding):
    all_shares = [shares(one, rounding) for one in printed]
    expected = [n for n in range(1, 301) if all(one.counts(n) for one in all_shares)]
    assert joint_denominators(all_shares, least=1, most=300).tolist() == expected


def test_a_bound_and_none_yet_rule_out_no_number():
    alone = feasible(shares("98.08"), least=1, most=900)[0].tolist()
    together = joint_denominators([shares("98.08"), shares(">60"), NONE_YET], least=1, most=900)
    assert together.tolist() == alone


@given(
    numerator=st.integers(min_value=1, max_value=50),
    percent=st.integers(min_value=1, max_value=100),
    rounding=st.sampled_from([name for name in ROUNDINGS if name != "ceil"]),
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
