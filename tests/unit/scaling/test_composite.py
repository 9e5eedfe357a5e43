"""Ranks under other weights, and the fall of winners: what must hold whatever the scores.

SAME: one number by two ways in double precision.
"""

from __future__ import annotations

from itertools import product
from math import pi, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from commune_pilots.errors import ClaimError
from commune_pilots.scaling.composite import (
    WEIGHTS_766,
    can_lead,
    fall_of_winners,
    normal_order_statistic,
    rank_robustness,
    regression_to_mean,
)

SAME = 1e-9
THREE = pd.DataFrame(
    {"filing": [90.0, 60.0, 74.0], "payment": [20.0, 70.0, 44.0]}, index=["06", "80", "93"]
)


def _robust(scores, weights, **settings):
    settings = {"definitions": ["index_2022"], "seed": 3, **settings}
    return rank_robustness(scores, weights, **settings).set_index("unit")


def _drawn(rng, units=12, components=4):
    names = [f"c{at}" for at in range(components)]
    codes = [f"{at:02d}" for at in range(units)]
    scores = pd.DataFrame(rng.uniform(20, 95, (units, components)), index=codes, columns=names)
    return scores, dict(zip(names, rng.uniform(5, 30, components), strict=True))


# ---- ranks --------------------------------------------------------------------------------------


def test_three_units_by_hand():
    """Filing and payment weigh alike: 55, 65, 59. A quarter off either: the shares of filing run
    from 0.375 to 0.625. Ahead of 93 unit 06 needs filing at 24/40 = 0.6, which lies in the band;
    level with 80 at 50/80 = 0.625, its very end; 80 is ahead of 93 below 26/40 = 0.65, always."""
    found = _robust(THREE, {"filing": 1.0, "payment": 1.0})
    assert found["score"].tolist() == [55, 65, 59]
    assert found["rank"].tolist() == [3, 1, 2]
    assert found["best_bound"].tolist() == [1, 1, 2]
    assert found["worst_bound"].tolist() == [3, 1, 3]
    assert found["can_lead"].tolist() == [True, True, False]


def test_a_unit_that_is_first_in_nothing_may_lead_and_one_beaten_by_a_mixture_may_not():
    """93 is second on both: it leads for no weights here, and would with a little more of each."""
    assert not can_lead(THREE.to_numpy(), 2)
    assert can_lead(THREE.to_numpy() + np.array([[0, 0], [0, 0], [3, 4]]), 2)


def test_the_bounds_hold_for_every_set_of_weights_in_the_band(rng):
    """At all corners of the band, and at weights drawn inside: no rank beyond the bounds."""
    for _ in range(5):
        scores, weights = _drawn(rng)
        found = _robust(scores, weights, band=0.3)
        corners = np.array(list(product((0.7, 1.3), repeat=4)))
        moved = np.vstack([corners, rng.uniform(0.7, 1.3, (200, 4))]) * list(weights.values())
        scored = scores.to_numpy() @ moved.T
        ranks = 1 + (scored[None, :, :] > scored[:, None, :] + 1e-9).sum(axis=1)
        assert (ranks >= found["best_bound"].to_numpy()[:, None]).all()
        assert (ranks <= found["worst_bound"].to_numpy()[:, None]).all()


def test_bounds_enclose_what_is_drawn_and_that_the_rank_itself(rng):
    scores, weights = _drawn(rng, units=20)
    found = _robust(scores, weights)
    ladder = ["best_bound", "best_drawn", "rank", "worst_drawn", "worst_bound"]
    assert (found[ladder].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert found["kept"].between(0, 1).all()
    assert (found["best_bound"] < found["worst_bound"]).any()


def test_a_pairs_bound_is_attained():
    """With two units the bound of a pair is the range of ranks itself."""
    two = THREE.loc[["06", "80"]]
    for band, ends in ((0.24, [2, 2]), (0.26, [1, 2])):
        found = _robust(two, {"filing": 1.0, "payment": 1.0}, band=band)
        assert found.loc["06", ["best_bound", "worst_bound"]].tolist() == ends


def test_a_wider_band_never_narrows_the_bounds(rng):
    scores, weights = _drawn(rng)
    before = None
    for band in (0.05, 0.1, 0.25, 0.5, 0.95):
        found = _robust(scores, weights, band=band, draws=10)
        if before is not None:
            assert (found["best_bound"] <= before["best_bound"]).all()
            assert (found["worst_bound"] >= before["worst_bound"]).all()
        before = found


def test_a_unit_ahead_on_every_component_is_ahead_under_every_weight(rng):
    scores, weights = _drawn(rng)
    scores.loc["05"] = 99.0
    found = _robust(scores, weights, band=0.9).loc["05"]
    assert found[["rank", "best_bound", "worst_bound", "worst_drawn"]].tolist() == [1] * 4
    assert found["kept"] == 1
    assert _robust(scores, weights)["can_lead"].sum() == 1


def test_equals_share_the_better_rank_and_the_lead():
    level = pd.DataFrame({"a": [50.0, 50.0, 40.0], "b": [50.0, 50.0, 40.0]}, index=list("xyz"))
    found = _robust(level, {"a": 2.0, "b": 1.0})
    assert found["rank"].tolist() == [1, 1, 3]
    assert found["kept"].tolist() == [1, 1, 1]
    assert found["can_lead"].tolist() == [True, True, False]


def test_who_can_lead_does_under_the_weights_of_a_fine_grid(rng):
    """Three components, every weight in steps of 1/60: who leads there can lead, and nobody else
    but units that lead between the steps."""
    scores, _ = _drawn(rng, units=10, components=3)
    steps = [(a, b, 60 - a - b) for a in range(61) for b in range(61 - a)]
    leaders = set((scores.to_numpy() @ np.array(steps).T).argmax(axis=0))
    found = {at for at in range(10) if can_lead(scores.to_numpy(), at)}
    assert leaders <= found
    assert len(found - leaders) <= 1


def test_the_share_that_keeps_its_rank_is_that_of_the_draws():
    """Two units: 06 is ahead where filing has more than 5/8 of the weight. Filing and payment are
    uniform on 1/2..3/2 each; by area filing > 5/3 payment for (3/2 - 5/6)^2 * 3/5 / 2 = 2/15."""
    two = THREE.loc[["06", "80"]]
    found = _robust(two, {"filing": 1.0, "payment": 1.0}, band=0.5, draws=20_000)
    error = sqrt(2 / 15 * 13 / 15 / 20_000)
    assert found["kept"].tolist() == pytest.approx([13 / 15, 13 / 15], abs=4 * error)


def test_the_same_seed_draws_the_same_weights_in_any_order_of_rows_and_columns(rng):
    scores, weights = _drawn(rng)
    first = rank_robustness(scores, weights, definitions=["d"], seed=8)
    again = rank_robustness(scores.iloc[::-1], weights, definitions=["d"], seed=8)
    assert_frame_equal(first, again)
    other = rank_robustness(scores, weights, definitions=["d"], seed=9)
    assert not first["kept"].equals(other["kept"])


def test_weights_count_by_their_proportions(rng):
    scores, weights = _drawn(rng)
    tenth = {name: weight / 10 for name, weight in weights.items()}
    first, second = (
        rank_robustness(scores, each, definitions=["d"], seed=8) for each in (weights, tenth)
    )
    assert first["score"].to_numpy() == pytest.approx(second["score"].to_numpy(), rel=SAME)
    assert_frame_equal(first.drop(columns="score"), second.drop(columns="score"))


def test_the_table_of_ranks_is_no_league_table(rng):
    scores, weights = _drawn(rng)
    found = rank_robustness(
        scores.sample(frac=1, random_state=2), weights, definitions=["d"], seed=1
    )
    assert found["unit"].is_monotonic_increasing
    assert not found["rank"].is_monotonic_increasing


def test_without_component_scores_there_is_no_row():
    none = pd.DataFrame(columns=list(WEIGHTS_766), dtype="float64")
    found = rank_robustness(none, WEIGHTS_766, definitions=[], seed=1)
    assert found.empty
    assert list(found)[:3] == ["unit", "score", "rank"]


def test_the_weights_of_decision_766_add_up_to_100():
    assert sum(WEIGHTS_766.values()) == 100
    assert len(WEIGHTS_766) == 6


def test_the_weights_of_decision_766_are_those_its_source_states(press_tables):
    found = press_tables["sources"].set_index("source")
    assert "weights of the index" in found.loc["ctx-decision-766", "note"]


def test_bodies_scored_under_two_indices_are_never_ranked_together():
    with pytest.raises(ClaimError):
        _robust(THREE, {"filing": 1.0, "payment": 1.0}, definitions=["index_2020", "index_2021"])


def test_a_missing_score_is_refused_and_never_taken_for_0():
    holed = THREE.astype("float64").replace(44.0, np.nan)
    with pytest.raises(ValueError, match="every component of every unit"):
        _robust(holed, {"filing": 1.0, "payment": 1.0})


@pytest.mark.parametrize(
    "weights", [{"filing": 1.0}, {"filing": 1.0, "fees": 1.0}, {"filing": 1.0, "payment": 0.0}, {}]
)
def test_weights_that_are_not_those_of_the_components_are_refused(weights):
    with pytest.raises(ValueError, match="one weight above 0 for each component"):
        _robust(THREE, weights)


@pytest.mark.parametrize("settings", [{"band": 0}, {"band": 1}, {"band": -0.1}, {"draws": 0}])
def test_a_band_or_a_number_of_draws_that_makes_no_sense_is_refused(settings):
    with pytest.raises(ValueError, match="band lies between 0 and 1, draws from 1 on"):
        _robust(THREE, {"filing": 1.0, "payment": 1.0}, **settings)


# ---- regression to the mean ---------------------------------------------------------------------


def test_the_fall_of_one_score_by_hand():
    assert regression_to_mean(90, reliability=0.8, mean=60) == pytest.approx(6)
    assert regression_to_mean(40, reliability=0.8, mean=60) == pytest.approx(-4)
    assert regression_to_mean(90, reliability=1, mean=60) == 0
    assert regression_to_mean(90, reliability=0, mean=60) == 30


@given(score=st.floats(0, 100), mean=st.floats(0, 100), low=st.floats(0, 1), high=st.floats(0, 1))
def test_the_less_reliable_the_larger_the_fall_and_never_beyond_the_mean(score, mean, low, high):
    low, high = sorted((low, high))
    less, more = (regression_to_mean(score, reliability=r, mean=mean) for r in (high, low))
    assert abs(less) <= abs(more) + SAME <= abs(score - mean) + 2 * SAME


@pytest.mark.parametrize("reliability", [-0.1, 1.1])
def test_a_reliability_that_is_none_is_refused(reliability):
    with pytest.raises(ValueError, match="it lies between 0 and 1"):
        regression_to_mean(80, reliability=reliability, mean=50)
    with pytest.raises(ValueError, match="it lies between 0 and 1"):
        fall_of_winners(1, 5, reliability=reliability, sd=1)


def test_the_largest_of_two_and_of_three_in_closed_form():
    assert normal_order_statistic(2, 2) == pytest.approx(1 / sqrt(pi), abs=SAME)
    assert normal_order_statistic(3, 3) == pytest.approx(1.5 / sqrt(pi), abs=SAME)
    assert normal_order_statistic(1, 1) == pytest.approx(0, abs=SAME)


@pytest.mark.parametrize("of", [2, 5, 34, 63, 500])
def test_order_statistics_are_ordered_symmetric_and_add_up_to_0(of):
    found = [normal_order_statistic(place, of) for place in range(1, of + 1)]
    assert found == sorted(found)
    assert found == pytest.approx([-value for value in reversed(found)], abs=SAME)
    assert sum(found) == pytest.approx(0, abs=1e-6)


def test_winners_fall_by_what_chance_lent_them():
    """One of two: (1 - 0.5) * 0.5642 * 10 points. All of them: nothing, as nobody was chosen."""
    assert fall_of_winners(1, 2, reliability=0.5, sd=10) == pytest.approx(5 / sqrt(pi), abs=SAME)
    assert fall_of_winners(7, 7, reliability=0.5, sd=10) == pytest.approx(0, abs=SAME)
    assert fall_of_winners(3, 63, reliability=1, sd=10) == 0
    assert fall_of_winners(3, 63, reliability=0.5, sd=0) == 0


def test_the_stricter_the_choice_the_larger_the_fall():
    falls = [fall_of_winners(chosen, 63, reliability=0.7, sd=8) for chosen in range(1, 64)]
    assert falls == sorted(falls, reverse=True)
    many = [fall_of_winners(1, of, reliability=0.7, sd=8) for of in (2, 10, 63, 500)]
    assert many == sorted(many)


@pytest.mark.parametrize(("chosen", "of", "sd"), [(0, 5, 1), (6, 5, 1), (1, 5, -1)])
def test_a_choice_that_cannot_be_made_is_refused(chosen, of, sd):
    with pytest.raises(ValueError, match="choose at least 1 and at most all"):
        fall_of_winners(chosen, of, reliability=0.5, sd=sd)
