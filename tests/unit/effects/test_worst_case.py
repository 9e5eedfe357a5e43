"""The worst case over all admissible numbers of dossiers, its certificate and what it answers.

Exact brute force over 105 pairs of figures stands in tests/reference/test_oracles.py. CALM: two
floats that should be ordered may differ in their last digits.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from printed import ROUNDINGS, admitted, figures, side, sides

from commune_pilots.effects.exact import central_fisher, upper_tail
from commune_pilots.effects.frontier import Side
from commune_pilots.effects.rounding import Interval
from commune_pilots.effects.worst_case import (
    Certificate,
    WorstCase,
    answer_of,
    level_pairs,
    parted,
    smallest,
    worst_case,
)

CALM = 1 - 1e-9
FLOORS = st.sampled_from([1, 2, 9, 30])


@st.composite
def _apart(draw):
    """Draw two figures far enough apart that a search ends soon; either may be the later."""
    low = draw(figures(decimals=1, low=0, high=60))
    high = draw(figures(decimals=1, low=min(int(float(low)) + 25, 100), high=100))
    return draw(st.sampled_from([(low, high), (high, low)]))


def _members(one, more=150):
    """Draw up every tenth or so of the admissible tables of one side."""
    found = admitted(one, most=smallest(one) + more)
    return np.array(found[:: max(1, len(found) // 60)]).T


@settings(max_examples=25)
@given(_apart(), st.sampled_from(ROUNDINGS), FLOORS)
def test_no_admissible_pair_has_a_larger_p_value(printed, rounding, least):
    before, after = sides(*printed, rounding, least=least)
    worst = worst_case(before, after)
    (k1, n1), (k2, n2) = _members(before), _members(after)
    k1, n1 = k1[:, None], n1[:, None]
    tails = np.minimum(upper_tail(k1, n1, k2, n2), upper_tail(n1 - k1, n1, n2 - k2, n2))
    largest = min(1, 2 * tails.max())
    assert worst.certificate.bound >= largest * CALM
    assert not worst.certificate.certified or worst.p >= largest * CALM


@settings(max_examples=25)
@given(_apart(), st.sampled_from(ROUNDINGS), FLOORS)
def test_the_pair_named_is_admissible_and_has_the_p_value_named(printed, rounding, least):
    before, after = sides(*printed, rounding, least=least)
    worst = worst_case(before, after)
    assert worst.k1 in before.interval.counts(worst.n1)
    assert worst.k2 in after.interval.counts(worst.n2)
    assert min(worst.n1, worst.n2) >= least
    assert central_fisher(*worst.table) == pytest.approx(worst.p, rel=1e-9)


@pytest.mark.parametrize(
    ("printed", "least"), [("60", 100), ("50", 1000), (">60", 100), ("50.0", 300)]
)
def test_the_pair_named_for_a_figure_that_did_not_move_is_one_that_chance_explains(printed, least):
    worst = worst_case(*sides(printed, printed, least=least))
    assert central_fisher(*worst.table) == pytest.approx(worst.p, rel=1e-9)


@settings(max_examples=15)
@given(_apart(), st.sampled_from(ROUNDINGS), FLOORS, st.integers(1, 40))
def test_a_higher_floor_never_makes_it_worse(printed, rounding, least, more):
    lower = worst_case(*sides(*printed, rounding, least=least))
    higher = worst_case(*sides(*printed, rounding, least=least + more))
    assert higher.p * CALM <= lower.certificate.bound


@settings(max_examples=15)
@given(_apart(), FLOORS)
def test_no_way_of_rounding_is_worse_than_any_of_them(printed, least):
    union = worst_case(*sides(*printed, "any", least=least)).certificate.bound
    for rounding in ROUNDINGS:
        assert worst_case(*sides(*printed, rounding, least=least)).p * CALM <= union, rounding


@settings(max_examples=15)
@given(_apart(), st.sampled_from(ROUNDINGS), FLOORS, st.sampled_from([0.1, 0.05, 1e-4]))
@example(("2.0", "8.3"), "half_up", 1, 0.05)
@example(("10", "20"), "half_up", 135, 0.05)
@example(("10", "20"), "half_up", 134, 0.05)
def test_a_search_for_the_verdict_alone_gives_the_same_verdict(printed, rounding, least, alpha):
    pair = sides(*printed, rounding, least=least)
    exact, quick = worst_case(*pair), worst_case(*pair, alpha=alpha)
    assume(exact.certificate.certified)
    assert answer_of(quick, alpha) == answer_of(exact, alpha)
    assert quick.p * CALM <= exact.p <= quick.certificate.bound / CALM


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_a_fall_is_judged_as_the_rise_turned_round(rounding):
    rise = worst_case(*sides("16.8", "98.08", rounding))
    fall = worst_case(*sides("98.08", "16.8", rounding))
    assert fall.p == pytest.approx(rise.p, rel=1e-9)
    assert (fall.k2, fall.n2, fall.k1, fall.n1) == rise.table


def test_what_is_left_changes_as_much_as_what_is_filed_online():
    one, other = side("16.8"), side("83.2", "half_down")
    assert one.mirrored() == other
    assert worst_case(one, side("98.08")).p == pytest.approx(
        worst_case(other, side("98.08").mirrored()).p, rel=1e-9
    )


def test_printed_numbers_of_dossiers_leave_one_table():
    worst = worst_case(side("20", exactly=205), side("30", exactly=310))
    tried = [central_fisher(k1, 205, k2, 310) for k1 in (40, 41, 42) for k2 in (92, 93, 94)]
    assert worst.certificate.certified
    assert worst.table == (42, 205, 92, 310)
    assert worst.p == pytest.approx(max(tried), rel=1e-9)


def test_one_printed_number_leaves_the_other_to_the_search():
    known = side("16.8", exactly=95)
    worst = worst_case(known, side("98.08"))
    assert worst.table == (16, 95, 51, 52)
    assert worst_case(known, side("98.08", least=200)).n1 == 95


def test_a_printed_number_that_cannot_print_the_share_is_refused():
    with pytest.raises(ValueError, match="94 cannot print this share"):
        worst_case(side("16.8", exactly=94), side("98.08"))


def test_the_smallest_number_is_the_printed_one_or_the_first_from_the_floor_on():
    assert smallest(side("8.3", exactly=120)) == 120
    assert [smallest(side("8.3", least=floor)) for floor in (1, 13)] == [12, 24]


@pytest.mark.parametrize(
    ("before", "after", "rounding"),
    [("50", "50", "half_up"), ("50.0", "50.1", "any"), ("40", "40.4", "half_up")],
)
@pytest.mark.parametrize("least", [1, 1000])
def test_figures_that_may_be_the_same_share_are_explained_by_chance(before, after, rounding, least):
    worst = worst_case(*sides(before, after, rounding, least=least))
    assert worst.p == 1.0
    assert worst.certificate.certified


@pytest.mark.parametrize(
    ("before", "after", "n"), [(">40", ">50", 10), (">10", ">60", 60), (">10", "61", 2000)]
)
def test_bounds_that_overlap_are_explained_by_chance_for_printed_numbers_too(before, after, n):
    assert worst_case(side(before, exactly=n), side(after, exactly=n)).p == pytest.approx(1.0)


@pytest.mark.parametrize(
    "pair",
    [
        (side(">20", exactly=7), side("50.0", least=40)),  # 3 of 7 and 4 of 7 lie on either side
        (side("50.0", least=40), side(">20", exactly=7)),
        (side("70", "truncate", least=20), side(">3", exactly=32)),
    ],
)
def test_a_printed_number_that_jumps_over_the_other_figure_is_judged_on_both_sides(pair):
    worst = worst_case(*pair)
    (k1, n1), (k2, n2) = (np.array(admitted(one, most=200)).T for one in pair)
    k1, n1 = k1[:, None], n1[:, None]
    tails = np.minimum(upper_tail(k1, n1, k2, n2), upper_tail(n1 - k1, n1, n2 - k2, n2))
    assert worst.p >= min(1.0, 2 * tails.max()) * CALM
    assert central_fisher(*worst.table) == pytest.approx(worst.p, rel=1e-9)


@pytest.mark.parametrize(
    "pair", [sides("2.0", "8.3"), sides("50", "50"), (side("50", exactly=44), side("50"))]
)
def test_figures_that_a_printed_number_does_not_jump_over_are_left_as_they_are(pair):
    assert parted(*pair) == pair


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (sides("40", "40.0"), (2, 5, 2, 5)),
        (sides("50", "50", least=301), (151, 302, 151, 302)),
        ((side("50", exactly=44), side("50", least=9)), (22, 44, 5, 10)),
    ],
)
def test_figures_that_meet_have_a_pair_of_equal_shares(pair, expected):
    assert level_pairs(*pair).T.tolist() == [list(expected)]


@pytest.mark.parametrize(
    "pair", [sides("40", "41"), sides("2.0", "8.3"), (side(">20", exactly=7), side("50.0"))]
)
def test_figures_that_cannot_be_equal_have_no_such_pair(pair):
    assert level_pairs(*pair) is None


@pytest.mark.parametrize(
    ("before", "after", "rounding"),
    [("99", "100", "truncate"), ("99.9", "100.0", "truncate"), (None, "0.1", "ceil")],
)
def test_figures_next_to_the_ends_are_judged(before, after, rounding):
    worst = worst_case(*sides(before, after, rounding))
    assert 0 < worst.p <= worst.certificate.bound <= 1


def test_a_tie_of_both_tails_is_certain():
    # 5 of 18 and 4 of 18: half of the tables lie on either side, so p is 1.
    worst = worst_case(side("28", exactly=18), side("22", exactly=18))
    assert worst.p == pytest.approx(1.0)
    assert worst_case(*sides("28", "22", "nearest", least=10)).certificate.certified


def test_the_smallest_pair_is_not_always_the_worst():
    worst = worst_case(*sides("2.0", "8.3", least=100))
    assert worst.table == (2, 100, 9, 109)
    assert worst.p > 1.01 * central_fisher(2, 100, 9, 108)


def test_the_smallest_pair_can_give_the_opposite_verdict():
    before, after = sides("3", "13", least=78)
    assert (smallest(before), smallest(after)) == (78, 78)
    assert (before.interval.counts(78)[-1], after.interval.counts(78)[0]) == (2, 10)
    assert central_fisher(2, 78, 10, 78) < 0.05 <= worst_case(before, after).p


def test_a_search_that_stops_early_says_so_and_bounds_what_it_left():
    worst = worst_case(*sides("50.00", "50.20", least=500_000))
    assert not worst.certificate.certified
    assert 1 <= worst.certificate.bound / worst.p < 1.01
    assert worst.certificate.most_before >= 500_000 <= worst.certificate.most_after


def test_a_search_for_the_verdict_ends_at_the_first_pair_that_settles_it():
    pair = sides("2.0", "8.3", least=50)
    quick, exact = worst_case(*pair, alpha=0.05), worst_case(*pair)
    assert quick.p >= 0.05
    assert quick.certificate.tables <= exact.certificate.tables


@pytest.mark.parametrize(
    ("p", "bound", "answer"),
    [
        (0.05, 0.05, "decisive"),
        (0.7, 1.0, "decisive"),
        (0.049, 0.049, "decided"),
        (0.001, 0.049, "decided"),
        (0.001, 0.05, "open"),
    ],
)
def test_the_answer_is_open_between_the_worst_pair_found_and_the_bound(p, bound, answer):
    found = Certificate(
        certified=p == bound, bound=bound, most_before=9, most_after=9, candidates=2, tables=1
    )
    assert answer_of(WorstCase(k1=0, n1=1, k2=1, n2=1, p=p, certificate=found), 0.05) == answer


def test_shares_known_exactly_are_searched_as_well():
    third = Interval(low=Fraction(1, 3), high=Fraction(1, 3))
    worst = worst_case(Side(interval=third), side("98.08"))
    assert (worst.k1, worst.n1) == (1, 3)
