from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import comb

import numpy as np
import pytest

from commune_pilots.effects.assignment import (
    choices,
    completely_random,
    count,
    smallest_p,
    within_strata,
)


def _marks(n, *treated):
    return np.isin(np.arange(n), treated)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_every_way_to_choose_two_of_five_is_listed_once(rng):
    found = choices(completely_random(_marks(5, 1, 3)), draws=10, rng=rng)
    assert found.exact
    assert [tuple(row) for row in found.treated] == list(combinations(range(5), 2))


def test_one_per_district_never_chooses_two_of_a_district(rng):
    districts = np.array(["a", "a", "b", "b", "b", "c"])
    mechanism = within_strata(_marks(6, 0, 4), strata=districts)
    found = choices(mechanism, draws=10, rng=rng)
    assert {tuple(row) for row in found.treated} == {(i, j) for i in (0, 1) for j in (2, 3, 4)}
    assert count(mechanism) == 6


def test_a_district_without_a_pilot_is_compared_with_nothing():
    mechanism = within_strata(_marks(6, 0, 4), strata=["a", "a", "b", "b", "b", "c"])
    assert mechanism.strata.tolist() == [0, 0, 1, 1, 1, -1]
    assert mechanism.picks == (1, 1)


def test_only_candidates_are_chosen_and_the_others_still_compare(rng):
    candidates = _marks(6, 0, 1, 2, 3)
    mechanism = completely_random(_marks(6, 0, 2), candidates=candidates)
    found = choices(mechanism, draws=10, rng=rng)
    assert set(found.treated.ravel()) == {0, 1, 2, 3}
    assert len(found.treated) == comb(4, 2)
    assert (mechanism.strata == 0).all()


@pytest.mark.parametrize(
    ("n", "treated", "least"),
    [(20, 1, 1 / 20), (6, 3, 2 / 20), (8, 3, 1 / 56), (12, 4, 1 / 495), (13, 3, 1 / 286)],
)
def test_the_smallest_p_is_that_of_the_published_table(n, treated, least):
    assert smallest_p(completely_random(np.arange(n) < treated)) == pytest.approx(least)


def test_pairs_could_change_places_so_the_opposite_choice_is_as_extreme():
    mechanism = within_strata(np.tile([True, False], 5), strata=np.repeat(np.arange(5), 2))
    assert smallest_p(mechanism) == pytest.approx(2 / 2**5)


def test_pairs_with_a_unit_that_could_not_be_chosen_have_no_opposite():
    mechanism = within_strata(
        np.tile([True, False], 3), strata=np.repeat(np.arange(3), 2), candidates=np.arange(6) != 1
    )
    assert count(mechanism) == 4
    assert smallest_p(mechanism) == pytest.approx(1 / 4)


def test_draws_reach_no_smaller_p_than_their_number_allows():
    mechanism = completely_random(np.arange(108) < 8)
    assert smallest_p(mechanism, draws=999) == pytest.approx(1 / 1000)
    assert smallest_p(mechanism) == pytest.approx(1 / comb(108, 8))
    assert smallest_p(completely_random(np.arange(10) < 1), draws=999) == pytest.approx(0.1)


def test_draws_choose_every_unit_alike_and_none_twice(rng):
    found = choices(completely_random(np.arange(40) < 4), draws=20_000, rng=rng)
    assert not found.exact
    assert found.treated.shape == (20_000, 4)
    assert all(len(set(row)) == 4 for row in found.treated[:200].tolist())
    times = np.bincount(found.treated.ravel(), minlength=40)
    assert abs(times - 2000).max() < 5 * np.sqrt(2000)


def test_pairs_of_units_are_drawn_together_alike(rng):
    found = choices(completely_random(np.arange(5) < 2), draws=30_000, rng=rng, listed=0)
    times = Counter(tuple(sorted(row)) for row in found.treated.tolist())
    assert len(times) == 10
    assert max(abs(n - 3000) for n in times.values()) < 5 * np.sqrt(3000)


def test_draws_stay_within_their_district(rng):
    strata = np.arange(108) % 8
    found = choices(within_strata(np.arange(108) < 8, strata=strata), draws=500, rng=rng)
    assert (strata[found.treated] == np.arange(8)).all()


def test_draws_take_a_district_whose_candidates_are_all_chosen_as_it_is(rng):
    candidates = _marks(30, 0, 1, *range(10, 30))
    strata = np.arange(30) >= 10
    mechanism = within_strata(
        _marks(30, 0, 1, 10, 11, 12, 13, 14), strata=strata, candidates=candidates
    )
    found = choices(mechanism, draws=50, rng=rng, listed=10)
    assert (found.treated[:, :2] == [0, 1]).all()
    assert (found.treated[:, 2:] >= 10).all()


def test_the_same_seed_draws_the_same_choices():
    mechanism = completely_random(np.arange(60) < 5)
    first, second = (
        choices(mechanism, draws=100, rng=np.random.default_rng(7)).treated for _ in range(2)
    )
    assert (first == second).all()


@pytest.mark.parametrize("treated", [(), range(4)])
def test_somebody_and_not_everybody_must_be_treated(treated):
    with pytest.raises(ValueError, match="of 4 units are treated; some, not all"):
        completely_random(_marks(4, *treated))


def test_a_treated_unit_that_was_no_candidate_is_refused():
    with pytest.raises(ValueError, match="are no candidates"):
        completely_random(_marks(4, 1), candidates=_marks(4, 0, 2))


def test_a_district_treated_whole_is_refused():
    with pytest.raises(ValueError, match="stratum b is treated whole"):
        within_strata(_marks(4, 0, 3), strata=["a", "a", "a", "b"])
