from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from commune_pilots.effects.rounding import Interval, printed_interval
from commune_pilots.effects.worst_case import (
    central_fisher,
    judge_unknown_denominators,
    tail_bound,
)

ZERO = Interval(low=Fraction(0), high=Fraction(0))
ROUNDING_ERROR = 1e-9  # two ways to sum the same tail in double precision


def _printed(text, rounding="half_up"):
    places = len(text.partition(".")[2])
    return printed_interval(Decimal(text), decimals=places, rounding=rounding)


def _judge(before, after, *, least=1, alpha=0.05):
    return judge_unknown_denominators(before, after, least=least, alpha=alpha)


@st.composite
def _tables(draw):
    n_before, n_after = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    return draw(st.integers(0, n_before)), n_before, draw(st.integers(0, n_after)), n_after


@given(_tables())
def test_the_p_value_is_twice_the_smaller_tail_of_fishers_test(drawn):
    k_before, n_before, k_after, n_after = drawn
    counts = [[k_after, n_after - k_after], [k_before, n_before - k_before]]
    tails = [fisher_exact(counts, alternative=side).pvalue for side in ("greater", "less")]
    assert central_fisher(*drawn) == pytest.approx(min(1, 2 * min(tails)), rel=ROUNDING_ERROR)


@given(_tables())
def test_the_p_value_is_the_same_if_success_and_failure_change_places(drawn):
    k_before, n_before, k_after, n_after = drawn
    swapped = (n_before - k_before, n_before, n_after - k_after, n_after)
    assert central_fisher(*drawn) == pytest.approx(central_fisher(*swapped), rel=ROUNDING_ERROR)


@given(_tables())
def test_the_bound_is_never_below_the_p_value_of_a_table_it_covers(drawn):
    k_before, n_before, k_after, n_after = drawn
    before = Interval(low=Fraction(0), high=Fraction(k_before, n_before))
    after = Interval(low=Fraction(k_after, n_after), high=Fraction(1))
    bound = tail_bound(before, after, n_before=n_before, n_after=n_after)
    assert bound >= central_fisher(*drawn) * (1 - ROUNDING_ERROR)


@given(st.integers(1, 80), st.integers(1, 80), st.integers(0, 20))
def test_the_bound_falls_as_denominators_grow(n_before, n_after, more):
    before, after = _printed("20"), _printed("40")
    small = tail_bound(before, after, n_before=n_before, n_after=n_after)
    large = tail_bound(before, after, n_before=n_before + more, n_after=n_after + more)
    assert large <= small * (1 + ROUNDING_ERROR)


@pytest.mark.parametrize(("before", "after"), [("40", "40"), ("41", "40"), ("90", "10")])
def test_nothing_is_bounded_where_the_shares_meet_or_fall(before, after):
    assert tail_bound(_printed(before), _printed(after), n_before=900, n_after=900) == 1.0


def test_shares_of_none_and_all_are_bounded_without_error():
    everybody = Interval(low=Fraction(1), high=Fraction(1))
    assert tail_bound(ZERO, everybody, n_before=100, n_after=100) == pytest.approx(
        2 * 0.5**100, rel=1e-6
    )


def test_one_pair_that_chance_explains_makes_the_denominators_decisive():
    answer = _judge(_printed("2.0"), _printed("8.3"))
    assert answer.answer == "decisive"
    assert (answer.smallest_before, answer.smallest_after) == (49, 12)
    assert answer.witness_p >= 0.05


def test_a_bound_below_alpha_decides():
    answer = _judge(_printed("16.8"), _printed("98.08"))
    assert answer.answer == "decided"
    assert answer.bound_p < 0.05


def test_between_witness_and_bound_the_answer_is_open():
    answer = _judge(_printed("0.1"), _printed("10.7"), alpha=0.01)
    assert answer.answer == "open"
    assert answer.witness_p < 0.01 <= answer.bound_p


def test_the_answer_depends_on_the_error_level_asked_for():
    before, after = _printed("0.1"), _printed("10.7")
    assert [_judge(before, after, alpha=alpha).answer for alpha in (0.05, 0.01, 0.0001)] == [
        "decided",
        "open",
        "decisive",
    ]


def test_a_rise_from_none_of_an_unknown_number_is_never_decided_without_a_floor():
    answer = _judge(ZERO, _printed("53.53"))
    assert (answer.answer, answer.smallest_before) == ("decisive", 1)


def test_a_known_floor_can_decide_what_was_decisive():
    assert _judge(ZERO, _printed("53.53"), least=200).answer == "decided"


def test_a_fall_is_never_decided():
    assert _judge(_printed("98.08"), _printed("16.8")).answer != "decided"


def test_figures_that_did_not_move_are_explained_by_chance():
    assert _judge(_printed("50"), _printed("50")).answer == "decisive"


@given(st.integers(0, 100), st.integers(0, 100), st.sampled_from(["half_up", "truncate", "any"]))
def test_the_witness_is_never_above_the_bound(before, after, rounding):
    found = _judge(_printed(str(before), rounding), _printed(str(after), rounding))
    assert found.witness_p <= found.bound_p * (1 + ROUNDING_ERROR)
