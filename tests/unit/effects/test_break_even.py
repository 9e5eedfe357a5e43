"""The floor on the dossiers, and the design effect, at which a pair is settled.

Floors: docs/methods.md, table 1.6 (computed apart from this package); 38 more by brute force stand
in tests/reference/test_oracles.py. CLUSTERED: the relative error of exact.clustered_tail.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import admitted, side, sides

from commune_pilots.effects.break_even import (
    MOST_DESIGN_EFFECT,
    MOST_FLOOR,
    break_even_design_effect,
    break_even_floor,
    curve_floors,
    floor_curve,
    worst_p_with,
)
from commune_pilots.effects.exact import clustered_tail, upper_tail
from commune_pilots.effects.worst_case import smallest, worst_case

CLUSTERED = 1e-7
CALM = 1 - 1e-9
PRESS = [("16.8", "98.08"), ("18.98", "86.41"), (None, "53.53"), ("0.1", "10.7"), ("2.0", "8.3")]


@pytest.mark.parametrize(
    ("rounding", "alpha", "expected"),
    [
        ("half_up", 0.05, 5), ("half_up", 0.01, 8), ("half_up", 0.001, 11),
        ("truncate", 0.05, 6), ("truncate", 0.01, 8), ("truncate", 0.001, 11),
        ("any", 0.05, 6), ("any", 0.01, 8), ("any", 0.001, 12),
    ],
)  # fmt: skip
def test_the_floors_of_phuong_4_before_are_the_published_ones(rounding, alpha, expected):
    found = break_even_floor(*sides(None, "53.53", rounding), alpha=alpha, which="before")
    assert (found.floor, found.short, found.which) == (expected, expected - 1, "before")


@pytest.mark.parametrize(
    ("rounding", "alpha", "expected"),
    [
        ("half_up", 0.05, 103), ("half_up", 0.01, 170),
        ("truncate", 0.05, 101), ("truncate", 0.01, 192),
        ("any", 0.05, 106),
    ],
)  # fmt: skip
def test_the_floors_of_quang_thuan_are_the_published_ones(rounding, alpha, expected):
    found = break_even_floor(*sides("2.0", "8.3", rounding), alpha=alpha)
    assert (found.floor, found.short, found.which) == (expected, expected - 1, "both")


@settings(max_examples=8)
@given(st.integers(2, 40), st.integers(20, 50), st.sampled_from([0.05, 0.01]))
def test_the_floor_suffices_and_one_less_does_not(before, more, alpha):
    pair = str(before), str(before + more)
    found = break_even_floor(*sides(*pair), alpha=alpha)
    assert worst_case(*sides(*pair, least=found.floor)).certificate.bound < alpha
    assert found.short == found.floor - 1
    if found.short:
        assert worst_case(*sides(*pair, least=found.short)).p >= alpha


def test_a_pair_decided_without_a_floor_needs_one_dossier():
    found = break_even_floor(*sides("16.8", "98.08"), alpha=0.05)
    assert (found.floor, found.short) == (1, 0)


@pytest.mark.parametrize(("before", "after"), [("50", "50"), ("50.0", "50"), (None, "0")])
def test_no_floor_settles_figures_that_may_be_equal(before, after):
    found = break_even_floor(*sides(before, after), alpha=0.05)
    assert (found.floor, found.short) == (None, MOST_FLOOR)


def test_a_fall_needs_the_floor_of_the_rise_turned_round():
    rise = break_even_floor(*sides("10", "20", "nearest"), alpha=0.05)
    fall = break_even_floor(*sides("20", "10", "nearest"), alpha=0.05)
    assert rise == fall


def test_a_floor_on_one_side_leaves_the_other_and_a_printed_number_alone():
    pair = sides("16.8", "98.08")
    raised = floor_curve(*pair, floors=[400], which="before")[0]
    assert raised.n2 < 400 <= raised.n1
    raised = floor_curve(*pair, floors=[400], which="after")[0]
    assert raised.n1 < 400 <= raised.n2
    known = floor_curve(side("16.8", exactly=95), pair[1], floors=[400])[0]
    assert (known.n1, known.n2 >= 400) == (95, True)


def test_a_floor_that_is_assumed_already_is_not_lowered():
    assert floor_curve(*sides("2.0", "8.3", least=300), floors=[100])[0].n1 >= 300


def test_the_curve_of_quang_thuan_is_the_published_one():
    floors = [49, 73, 100, 150, 200, 250, 300]
    found = [worst.p for worst in floor_curve(*sides("2.0", "8.3"), floors=floors)]
    published = [0.314, 0.106, 0.0808, 0.0231, 0.0072, 0.0022, 0.0007]
    assert [
        float(f"{p:.{digits}f}") for p, digits in zip(found, [3, 3, 4, 4, 4, 4, 4], strict=True)
    ] == published


@pytest.mark.parametrize(("before", "after"), PRESS)
def test_a_curve_never_rises_and_starts_at_the_plain_worst_case(before, after):
    pair = sides(before, after)
    found = [worst.p for worst in floor_curve(*pair, floors=curve_floors(1, 400, points=9))]
    assert found[0] == worst_case(*pair).p
    assert all(later <= earlier / CALM for earlier, later in pairwise(found))


@given(st.integers(1, 300), st.integers(1, 5000), st.integers(2, 30))
def test_the_floors_of_a_curve_rise_from_its_start_to_its_end(start, end, points):
    found = curve_floors(start, end, points=points)
    assert found == sorted(set(found))
    assert (found[0], found[-1]) == (start, max(start, end))
    assert len(found) <= points


@pytest.mark.parametrize(("before", "after"), [*PRESS, ("98.08", "16.8")])
def test_without_clustering_the_worst_case_is_the_plain_one(before, after):
    pair = sides(before, after)
    found = worst_p_with(*pair, design_effect=1)
    assert found == pytest.approx(worst_case(*pair).p, rel=CLUSTERED)


@pytest.mark.parametrize(("before", "after"), PRESS)
def test_the_worst_case_rises_with_the_design_effect(before, after):
    pair = sides(before, after)
    found = [worst_p_with(*pair, design_effect=effect) for effect in (1, 2, 9, 200)]
    assert all(earlier <= later / CALM for earlier, later in pairwise(found))
    assert found[-1] > 0.05


@pytest.mark.parametrize(("before", "after"), [(None, "53.53"), ("2.0", "8.3"), ("98.08", "16.8")])
def test_at_the_break_even_design_effect_the_worst_case_reaches_alpha(before, after):
    pair, alpha = sides(before, after), 0.05
    found = break_even_design_effect(*pair, alpha=alpha)
    assert (found < 1) == (worst_case(*pair).p >= alpha)
    assert worst_p_with(*pair, design_effect=found) < alpha
    assert worst_p_with(*pair, design_effect=1.0011 * found) >= alpha


def test_a_design_effect_beyond_any_reason_is_not_looked_for():
    pair = side("0", exactly=900_000), side("100", exactly=900_000)
    assert break_even_design_effect(*pair, alpha=0.05) == MOST_DESIGN_EFFECT


def test_figures_that_did_not_move_have_a_break_even_below_1():
    assert break_even_design_effect(*sides("50", "50", least=300), alpha=0.05) < 1


@pytest.mark.parametrize(
    ("before", "after", "rounding", "least"),
    [("37", "80", "half_down", 30), ("56.8", "13", "nearest", 100)],
)
def test_the_pairs_kept_hold_the_worst_of_many_more(before, after, rounding, least):
    pair = sides(before, after, rounding, least=least)
    (k1, n1), (k2, n2) = (np.array(admitted(one, most=2 * smallest(one) + 60)).T for one in pair)
    k1, n1 = k1[:, None], n1[:, None]
    if float(before) > float(after):
        k1, k2 = n1 - k1, n2 - k2
    tails = upper_tail(k1, n1, k2, n2)
    order = np.argsort(-tails, axis=None)
    many = np.concatenate([order[:80], order[80 :: len(order) // 40]])
    counts = [np.broadcast_to(x, tails.shape).ravel()[many] for x in (k1, n1, k2, n2)]
    for effect in (1.5, 6.0):  # at 6 another pair than the plain worst one is the worst
        largest = min(1.0, 2 * clustered_tail(*counts, design_effect=effect).max())
        assert worst_p_with(*pair, design_effect=effect) >= largest * (1 - CLUSTERED)
