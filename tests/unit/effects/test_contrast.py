from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from drawn import table
from scipy.stats import hypergeom, norm

from commune_pilots.effects.contrast import (
    Contrast,
    Figure,
    Terms,
    admitted,
    contrast_pair,
    share_interval,
)
from commune_pilots.effects.rounding import Interval

NONE_YET = "none_yet"
PRESS = {
    "can_giuoc": ("16.8", "98.08"),
    "duong_xuan_hoi": ("18.98", "86.41"),
    "phuong_4": (NONE_YET, "53.53"),
    "song_cau": ("0.1", "10.7"),
    "quang_thuan": ("2.0", "8.3"),
}
# Worst pair, p-value and floor as docs/methods.md (M2) and tests/reference give them; the limits
# are Newcombe's at the worst pair where that is the widest, to the decimal the briefing prints.
WORST = table(
    """
    pair            k1  n1   k2   n2   p         floor  short  low    high  effect  grade
    can_giuoc       16  95   51   52   8.71e-24  1      0      69.2   87.6  13.6    low
    duong_xuan_hoi  26  137  89   103  1.36e-26  1      0      56.6   75.2  17.4    low
    phuong_4        0   1    91   170  0.936     5      4     -26.2   60.9  0.2     none
    song_cau        1   667  3    28   4.58e-4   1      0      3.5    27.2  2.4     low
    quang_thuan     1   49   1    12   0.715     103    102   -4.7    33.5  0.2     none
    """
).to_dict("records")
# Printed numbers of dossiers keep the search short where it is not the point.
CHANGES = table(
    """
    before  n1    after  n2    change  decimals
    16,8    95    98,08  52    81.3    1
    18,98   137   86,41  103   67.43   2
    0,1     1000  10,7   1000  10.6    1
    2,0     50    8,3    60    6.3     1
    98,08   52    16,8   95    -81.3   1
    50      2     50     2     0.0     0
    16,75   400   98     50    81.0    0
    """
).to_dict("records")
BOUNDS = table(
    """
    before     after      bound
    exact      exact      exact
    about      exact      exact
    exact      over       at_least
    exact      more_than  at_least
    exact      at_least   at_least
    exact      nearly     at_most
    over       exact      at_most
    at_least   exact      at_most
    nearly     exact      at_least
    nearly     over       at_least
    over       nearly     at_most
    over       over       open
    nearly     nearly     open
    none_yet   exact      at_most
    none_yet   nearly     at_most
    none_yet   at_least   open
    """
).to_dict("records")


def _figure(printed, qualifier="exact", *, k=None, n=None):
    if printed == NONE_YET:
        return Figure(value=None, qualifier="none_yet", denominator=n)
    number = printed.replace(",", ".")
    return Figure(
        value=Decimal(number),
        decimals=len(number.partition(".")[2]),
        qualifier=qualifier,
        numerator=k,
        denominator=n,
    )


def _terms(*, rounding="nearest", least=1, alpha=0.05):
    return Terms(rounding=rounding, least_dossiers=least, alpha=alpha)


@cache
def _measured(before: Figure, after: Figure, terms: Terms) -> Contrast:
    return contrast_pair(before, after, terms)


def _pair(before, after, **terms):
    ends = (end if isinstance(end, Figure) else _figure(end) for end in (before, after))
    return _measured(*ends, _terms(**terms))


def _worst(found):
    return (
        found.worst_k_before,
        found.worst_n_before,
        found.worst_k_after,
        found.worst_n_after,
    )


def _newcombe(k1, n1, k2, n2):
    """Newcombe's limits of k2/n2 - k1/n1 out of Wilson's (Newcombe 1998, method 10), in points."""
    z = float(norm.isf(0.025))
    ends = []
    for k, n in ((k1, n1), (k2, n2)):
        middle, half = k + z * z / 2, z * (k * (n - k) / n + z * z / 4) ** 0.5
        ends.append((k / n, (middle - half) / (n + z * z), (middle + half) / (n + z * z)))
    (p1, low1, high1), (p2, low2, high2) = ends
    low = p2 - p1 - ((p2 - low2) ** 2 + (high1 - p1) ** 2) ** 0.5
    high = p2 - p1 + ((high2 - p2) ** 2 + (p1 - low1) ** 2) ** 0.5
    return 100 * low, 100 * high


def _tables(figure):
    """List the counts k of n up to 2000 that print as a figure does, a row each."""
    shares = share_interval(figure, "nearest")
    return np.array([(k, n) for n in range(1, 2001) for k in shares.counts(n)], dtype=float)


@pytest.mark.parametrize("case", WORST, ids=lambda case: case["pair"])
def test_a_press_pair_shows_its_worst_case_floor_and_limits(case):
    found = _pair(*PRESS[case["pair"]])
    assert _worst(found) == (case["k1"], case["n1"], case["k2"], case["n2"])
    assert found.worst_p == pytest.approx(float(case["p"]), rel=0.005)
    assert (found.bound_p, found.certified) == (found.worst_p, True)
    assert (found.floor_needed, found.floor_short) == (case["floor"], case["short"])
    assert found.conf_low == pytest.approx(float(case["low"]), abs=0.05)
    assert found.conf_high == pytest.approx(float(case["high"]), abs=0.05)
    assert found.design_effect == pytest.approx(float(case["effect"]), abs=0.05)


@pytest.mark.parametrize("case", WORST, ids=lambda case: case["pair"])
def test_a_press_pair_is_graded_by_its_design_and_its_worst_case(case):
    found = _pair(*PRESS[case["pair"]])
    decided = case["grade"] == "low"
    assert found.design == "before_after_without_n"
    assert found.grade == case["grade"]
    assert found.denominators == ("decided" if decided else "decisive")
    assert found.reason == ("before_after_without_n" if decided else "denominators_decisive")


@pytest.mark.parametrize("name", ["can_giuoc", "song_cau", "quang_thuan"])
def test_the_interval_holds_that_of_every_pair_of_numbers_and_is_hardly_wider(name):
    found = _pair(*PRESS[name])
    one, two = (_tables(_figure(end)) for end in PRESS[name])
    low, high = _newcombe(one[:, :1], one[:, 1:], two[:100, 0], two[:100, 1])
    assert low.min() >= found.conf_low - 1e-9
    assert high.max() <= found.conf_high + 1e-9
    # Beyond the numbers gone through a limit is bounded: half of a printed tenth at most.
    assert (low.min(), high.max()) == pytest.approx((found.conf_low, found.conf_high), abs=0.05)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (_figure("2.0"), _figure("8.3")),
        (_figure("16.8", n=95), _figure("98.08", n=52)),
        (_figure("16.84", k=16, n=95), _figure("98.08", k=51, n=52)),
    ],
    ids=["unknown", "numbers", "counts"],
)
def test_a_fall_is_the_rise_seen_from_its_other_end(low, high):
    rise, fall = _pair(low, high), _pair(high, low)
    assert (fall.change, fall.change_bound) == (-rise.change, "exact")
    assert fall.change_low == pytest.approx(-rise.change_high)
    assert fall.change_high == pytest.approx(-rise.change_low)
    assert (fall.conf_low, fall.conf_high) == pytest.approx((-rise.conf_high, -rise.conf_low))
    assert _worst(fall) == (*_worst(rise)[2:], *_worst(rise)[:2])
    assert fall.worst_p == pytest.approx(rise.worst_p)
    assert (fall.grade, fall.floor_needed) == (rise.grade, rise.floor_needed)
    assert (fall.gap_closed_low, fall.gap_closed_high) == (None, None)


@pytest.mark.parametrize("case", CHANGES, ids=lambda case: f"{case['before']}-{case['after']}")
def test_the_change_carries_the_fewer_decimals_of_its_ends(case):
    before, after = _figure(case["before"], n=case["n1"]), _figure(case["after"], n=case["n2"])
    found = _pair(before, after)
    assert (found.change, found.change_decimals) == (case["change"], case["decimals"])
    assert (found.before, found.after) == (float(before.value), float(after.value))
    assert found.change_bound == "exact"


def test_the_range_of_the_change_is_what_rounding_leaves_open():
    found = _pair("16.8", "98.08")
    assert found.change_low == pytest.approx(98.075 - 16.85)
    assert found.change_high == pytest.approx(98.085 - 16.75)


def test_the_gap_closed_is_the_change_over_what_was_left_to_a_hundred():
    found = _pair(_figure("20", n=10), _figure("60", n=10))
    assert found.gap_closed_low == pytest.approx(100 * (59.5 - 20.5) / (100 - 20.5))
    assert found.gap_closed_high == pytest.approx(100 * (60.5 - 19.5) / (100 - 19.5))


def test_after_none_yet_the_change_is_at_most_the_later_figure():
    found = _pair(NONE_YET, "53.53")
    assert (found.change, found.change_bound, found.change_decimals) == (53.53, "at_most", 2)
    assert found.change_high == pytest.approx(53.535)
    assert (found.before, found.change_low) == (None, None)
    assert (found.gap_closed_low, found.gap_closed_high) == (None, None)


def test_after_none_yet_any_number_of_dossiers_can_be_and_the_floor_is_theirs():
    found = _pair(NONE_YET, "53.53")
    assert (found.smallest_before, found.smallest_after) == (1, 170)
    assert (found.n_before, found.n_after) == (None, None)
    assert found.floor_side == "before"


@pytest.mark.parametrize("share", ["50", "100", "0"])
def test_a_share_that_stands_still_is_left_to_chance_whatever_the_dossiers(share):
    found = _pair(share, share)
    assert (found.change, found.worst_p, found.certified) == (0.0, 1.0, True)
    assert (found.grade, found.floor_needed) == ("none", None)


@pytest.mark.parametrize("rounding", ["nearest", "truncate"])
def test_nothing_was_left_to_close_at_a_hundred(rounding):
    assert _pair("100", "100", rounding=rounding).gap_closed_low is None


@pytest.mark.parametrize(
    ("before", "after"),
    [("60", "50"), ("50", "50"), ("50.4", "50"), ("99", "50")],
)
def test_no_gap_is_closed_where_the_share_may_have_fallen(before, after):
    found = _pair(_figure(before, n=1000), _figure(after, n=1000))
    assert found.change_low is not None
    assert found.change_low < 0
    assert (found.gap_closed_low, found.gap_closed_high) == (None, None)


def test_over_99_after_50_is_a_change_of_at_least_49():
    found = _pair("50", _figure("99", "over"))
    assert (found.change, found.change_bound) == (49.0, "at_least")
    assert found.change_low == pytest.approx(99 - 50.5)
    assert found.change_high == pytest.approx(100 - 49.5)
    assert found.gap_closed_high == pytest.approx(100)
    assert _worst(found) == (1, 2, 1, 1)
    assert (found.worst_p, found.floor_needed, found.floor_short) == (1.0, 9, 8)
    assert (found.denominators, found.grade) == ("decisive", "none")


def test_a_bound_in_words_admits_its_whole_side():
    found = _pair(_figure("20", n=10), _figure("60", "over", n=10))
    assert found.change_low == pytest.approx(60 - 20.5)
    assert found.change_high == pytest.approx(100 - 19.5)


@pytest.mark.parametrize("case", BOUNDS, ids=lambda case: f"{case['before']}-{case['after']}")
def test_a_bound_on_one_end_carries_over_and_two_that_pull_apart_leave_it_open(case):
    before = _figure(NONE_YET if case["before"] == NONE_YET else "40", case["before"], n=10)
    found = _pair(before, _figure("60", case["after"], n=10))
    assert found.change_bound == case["bound"]


def test_two_bounds_without_numbers_are_measured_too():
    found = _pair(_figure("5", "nearly"), _figure("99", "over"))
    assert (found.change_bound, found.change_low, found.change_high) == ("at_least", 94, 100)


def test_two_printed_numbers_of_dossiers_are_another_design():
    found = _pair(_figure("16.8", n=95), _figure("98.08", n=52))
    assert (found.n_before, found.n_after) == (95, 52)
    assert (found.smallest_before, found.smallest_after) == (95, 52)
    assert _worst(found) == (16, 95, 51, 52)
    assert (found.design, found.grade) == ("before_after_with_n", "low")
    assert found.reason == "before_after_with_n"
    assert found.change_low == pytest.approx(98.075 - 16.85)


def test_one_printed_number_leaves_the_design_without_numbers():
    found = _pair(_figure("16.8", n=95), "98.08")
    assert (found.n_before, found.n_after) == (95, None)
    assert found.design == "before_after_without_n"


def test_a_printed_number_may_stand_below_the_floor_that_is_assumed():
    found = _pair(_figure("16.8", n=95), _figure("98.08", n=52), least=500)
    assert _worst(found) == (16, 95, 51, 52)


def test_printed_counts_leave_one_share_and_one_pair():
    found = _pair(_figure("16.84", k=16, n=95), _figure("98.08", k=51, n=52))
    exact = 100 * (Fraction(51, 52) - Fraction(16, 95))
    assert found.change_low == found.change_high == pytest.approx(float(exact))
    assert found.gap_closed_low == found.gap_closed_high
    assert (found.change, found.design) == (81.23, "before_after_with_n")
    assert (found.before, found.after) == pytest.approx((1600 / 95, 5100 / 52))
    assert _worst(found) == (16, 95, 51, 52)
    assert found.worst_p == pytest.approx(2 * hypergeom.sf(50, 147, 67, 52), rel=1e-9)
    assert (found.conf_low, found.conf_high) == pytest.approx(_newcombe(16, 95, 51, 52))


def test_a_number_that_admits_several_counts_is_taken_at_its_worst():
    found = _pair(_figure("50", n=1000), _figure("60", n=1000))
    assert _worst(found) == (505, 1000, 595, 1000)


def test_known_dossiers_that_chance_explains_are_no_evidence():
    found = _pair(_figure("50", n=20), _figure("80", n=20))
    assert found.worst_p == pytest.approx(2 * hypergeom.sf(15, 40, 26, 20), rel=1e-9)
    assert (found.denominators, found.design) == ("decisive", "before_after_with_n")
    assert (found.grade, found.reason) == ("none", "chance_not_excluded")
    assert found.floor_needed is None


def test_a_number_that_cannot_print_its_percentage_is_refused():
    with pytest.raises(ValueError, match="cannot print"):
        _pair(_figure("16.8", n=7), "98.08")


@pytest.mark.parametrize(
    ("before", "after", "rounding"),
    [
        (NONE_YET, "53.53", "nearest"),
        (NONE_YET, "53.53", "any"),
        (_figure("2.0", n=1000), "8.3", "nearest"),
    ],
)
def test_the_floor_needed_is_where_a_pair_turns_decided(before, after, rounding):
    found = _pair(before, after, rounding=rounding)
    assert found.floor_needed - found.floor_short == 1
    short = _pair(before, after, rounding=rounding, least=found.floor_short)
    enough = _pair(before, after, rounding=rounding, least=found.floor_needed)
    assert (short.denominators, short.grade) == ("decisive", "none")
    assert (enough.denominators, enough.grade) == ("decided", "low")
    assert short.worst_p >= 0.05 > enough.worst_p


def test_the_smallest_number_need_not_be_the_worst():
    found = _pair(_figure("2.0", n=100), "8.3", least=100)
    assert (found.smallest_before, found.smallest_after) == (100, 108)
    assert _worst(found) == (2, 100, 9, 109)


def test_a_stricter_level_turns_a_decided_pair_decisive_and_widens_its_interval():
    ends = _figure("50", n=50), _figure("80", n=50)
    plain, strict = _pair(*ends), _pair(*ends, alpha=0.0001)
    assert (plain.denominators, plain.grade) == ("decided", "low")
    assert (strict.denominators, strict.grade) == ("decisive", "none")
    assert (strict.worst_p, strict.design) == (plain.worst_p, plain.design)
    assert strict.conf_low < plain.conf_low < plain.conf_high < strict.conf_high


@pytest.mark.parametrize(
    ("figure", "low", "high", "low_open", "high_open"),
    [
        (_figure("50"), "0.495", "0.505", False, False),
        (_figure("50", "about"), "0.495", "0.505", False, False),
        (_figure("50.0"), "0.4995", "0.5005", False, False),
        (_figure("60", "over"), "0.6", "1", True, False),
        (_figure("60", "more_than"), "0.6", "1", True, False),
        (_figure("60", "at_least"), "0.6", "1", False, False),
        (_figure("60", "nearly"), "0", "0.6", False, True),
        (_figure(NONE_YET), "0", "0", False, False),
        (_figure("25.00", k=1, n=4), "0.25", "0.25", False, False),
        (_figure("33", k=1, n=3), "1/3", "1/3", False, False),
        (_figure("50", k=1), "0.495", "0.505", False, False),
        (_figure("50", n=4), "0.495", "0.505", False, False),
    ],
)
def test_a_figure_admits_the_shares_that_print_as_it_does(figure, low, high, low_open, high_open):
    assert share_interval(figure, "nearest") == Interval(
        low=Fraction(low), high=Fraction(high), low_open=low_open, high_open=high_open
    )


@pytest.mark.parametrize(
    "figure",
    [_figure("0", "nearly"), Figure(value=None, qualifier="no_number")],
    ids=["nearly 0", "no number"],
)
def test_what_states_no_interval_is_refused_not_taken_for_zero(figure):
    with pytest.raises(ValueError):
        share_interval(figure, "nearest")


def test_what_is_admitted_takes_the_floor_and_the_number_printed():
    terms = _terms(rounding="any", least=40)
    side = admitted(_figure("16.8", n=95), terms)
    assert side.interval == share_interval(_figure("16.8"), "any")
    assert (side.least, side.exactly) == (40, 95)
    assert admitted(_figure("16.8"), terms).exactly is None
