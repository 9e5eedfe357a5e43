"""The candidates for the worst table of one side, and the bound on blocks of them.

Every claim is compared with tables gone through one by one; Fisher's tail itself is compared with
exact arithmetic in test_exact.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from printed import NONE_YET, ROUNDINGS, admitted, figures, intervals, side, tables

from commune_pilots.effects.exact import upper_tail
from commune_pilots.effects.frontier import Frontier, Side, blocks, frontier, tail_bound
from commune_pilots.effects.rounding import feasible, smallest_denominator

CALM = 1 - 1e-9
FAR = (1, 4, 60)  # times the last number gone through: places of tables beyond it


def _starting(one, more=40):
    return frontier(one, most=smallest_denominator(one.interval, least=one.least) + more)


@st.composite
def _sides(draw):
    return Side(interval=draw(intervals(finest=60)), least=draw(st.sampled_from([1, 2, 5, 12])))


@given(_sides(), st.integers(0, 25))
def test_every_admissible_table_has_a_candidate_that_speaks_no_less_for_chance(one, more):
    most = smallest_denominator(one.interval, least=one.least) + more
    found = frontier(one, most=most)
    for k, n in admitted(one, most=most):
        assert ((found.x >= k) & (found.y <= n - k)).any(), (k, n)


@settings(max_examples=30)
@given(_sides(), tables(most=15), st.integers(0, 15))
def test_no_admissible_table_has_a_larger_tail_than_the_worst_candidate(one, drawn, more):
    _, _, k2, n2 = drawn
    most = smallest_denominator(one.interval, least=one.least) + more
    found = frontier(one, most=most)
    worst = upper_tail(found.x, found.x + found.y, k2, n2).max()
    all_tables = np.array(admitted(one, most=most)).T
    assert upper_tail(*all_tables, k2, n2).max() <= worst / CALM


@given(_sides(), st.integers(0, 60))
def test_candidates_are_admissible_and_both_counts_increase(one, more):
    found = _starting(one, more)
    assert (np.diff(found.x) > 0).all()
    assert (np.diff(found.y) > 0).all()
    candidates = set(zip(found.x.tolist(), (found.x + found.y).tolist(), strict=True))
    assert candidates <= set(admitted(one, most=found.most))


def test_the_candidates_of_a_press_figure():
    found = frontier(side("8.3"), most=60)
    assert list(zip(found.x.tolist(), found.y.tolist(), strict=True)) == [
        (1, 11), (2, 22), (3, 33), (4, 44), (5, 55),
    ]  # fmt: skip
    assert found.limit == pytest.approx(0.0835)


def test_a_printed_number_of_dossiers_is_the_only_candidate():
    found = frontier(side("50", exactly=201), most=1000)
    assert (found.x.tolist(), found.y.tolist()) == ([101], [100])
    assert found.limit is None


@pytest.mark.parametrize("least", [1, 7])
def test_after_none_yet_the_fewest_dossiers_are_the_only_candidate(least):
    found = frontier(Side(interval=NONE_YET, least=least), most=300)
    assert (found.x.tolist(), found.y.tolist()) == ([0], [least])
    assert found.limit is None


@pytest.mark.parametrize("printed", ["100", "100.0", ">60"])
def test_where_all_may_file_online_nothing_lies_beyond_the_candidates(printed):
    found = _starting(side(printed, least=5))
    assert found.y[-1] == 0
    assert found.limit is None


@pytest.mark.parametrize(("printed", "rounding"), [("99", "truncate"), ("99.9", "any")])
def test_shares_that_come_up_to_all_without_reaching_it_are_still_bounded(printed, rounding):
    found = _starting(side(printed, rounding))
    last = blocks(found, depth=len(found).bit_length())[0]
    at = np.array([len(found)])
    assert tail_bound(last, at, last, at) == pytest.approx(1.0)


@pytest.mark.parametrize("most", [2, 12, 150, 3000])
def test_the_bound_of_one_pair_is_never_below_its_tail(most):
    # Shares not far apart, or the tail is 0 in double precision and bounded by anything.
    rng = np.random.default_rng(most)
    for rise in (0.0, 0.01, 0.1, 0.3, 0.6, 0.9):
        n1, n2 = rng.integers(1, most + 1, size=(2, 1000))
        chance = rng.uniform(size=1000)
        k1, k2 = rng.binomial(n1, chance), rng.binomial(n2, chance + rise * (1 - chance))
        one, two = (
            Frontier(x=x, y=n - x, most=most, limit=None) for x, n in ((k1, n1), (n2 - k2, n2))
        )
        at = np.arange(1000)
        bound = tail_bound(blocks(one, depth=10)[0], at, blocks(two, depth=10)[0], at)
        assert (bound >= upper_tail(k1, n1, k2, n2) * CALM).all()


@pytest.mark.parametrize(
    "counts", [(0, 1, 91, 170), (0, 1, 1, 1), (0, 300, 300, 300), (1, 1, 0, 1)]
)
def test_the_bound_holds_at_the_ends(counts):
    k1, n1, k2, n2 = counts
    one = Frontier(x=np.array([k1]), y=np.array([n1 - k1]), most=n1, limit=None)
    two = Frontier(x=np.array([n2 - k2]), y=np.array([k2]), most=n2, limit=None)
    at = np.zeros(1, dtype=np.int64)
    bound = tail_bound(blocks(one, depth=0)[0], at, blocks(two, depth=0)[0], at)
    assert bound[0] >= float(upper_tail(*counts)) * CALM


@settings(max_examples=40)
@given(
    figures(decimals=2, low=0, high=60),
    figures(decimals=2, low=20, high=99),
    st.sampled_from(ROUNDINGS),
    st.sampled_from([1, 4, 30, 200]),
    st.sampled_from([0, 12, 90]),
)
def test_the_bound_of_a_block_holds_for_every_pair_inside_and_beyond(
    before, after, rounding, least, more
):
    low, high = side(before, rounding, least=least), side(after, rounding, least=least)
    assume(low.interval.high < high.interval.low < 1)
    one, two = _starting(low, more), _starting(high.mirrored(), more)
    depth = max(len(one), len(two)).bit_length()
    all_one, all_two = blocks(one, depth=depth), blocks(two, depth=depth)
    (i, x1, y1), (j, x2, y2) = (
        _inside_and_beyond(one, low),
        _inside_and_beyond(two, high.mirrored()),
    )
    a, b = (at.ravel() for at in np.meshgrid(np.arange(len(i)), np.arange(len(j))))
    tails = upper_tail(x1[a], x1[a] + y1[a], y2[b], x2[b] + y2[b])
    for level in range(depth + 1):
        bound = tail_bound(all_one[level], i[a] >> level, all_two[level], j[b] >> level)
        assert (bound >= tails * CALM).all(), level


def _inside_and_beyond(found, one):
    """List at most 60 candidates, and tables beyond them, with the place of the block of each."""
    inside = np.unique(np.linspace(0, len(found) - 1, 30).astype(int))
    places, x, y = [inside], [found.x[inside]], [found.y[inside]]
    for times in FAR if found.limit is not None else ():
        start = times * found.most + 1
        n, _, last = feasible(one.interval, least=start, most=start + found.most + 10)
        n, last = n[:10], last[:10]
        places.append(np.full(len(n), len(found)))
        x.append(last)
        y.append(n - last)
    return tuple(np.concatenate(column) for column in (places, x, y))


def test_nothing_is_bounded_where_the_shares_meet():
    one, two = _starting(side("41")), _starting(side("40").mirrored())
    at = np.zeros(1, dtype=np.int64)
    depth = max(len(one), len(two)).bit_length()
    whole = blocks(one, depth=depth)[-1], blocks(two, depth=depth)[-1]
    assert tail_bound(whole[0], at, whole[1], at).tolist() == [1.0]


def test_places_without_a_table_are_never_looked_into():
    one = _starting(side("20"))
    two = _starting(side("60").mirrored())
    depth = 7
    assert len(one) < 2**depth - 1
    last = np.array([2**depth - 1])
    bound = tail_bound(blocks(one, depth=depth)[0], last, blocks(two, depth=depth)[0], last)
    assert bound.tolist() == [0.0]
