from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from commune_pilots.scaling.stepped_wedge import (
    Wedge,
    detectable,
    draw_order,
    gain_variance,
    power,
    power_of_t,
)

WEDGE = Wedge(waves=(2, 2, 2, 2), dossiers=200, baseline=40, between=10, period=5, effect=8)


def _power(wedge=WEDGE, **changes):
    return power(wedge, **{"gain": 15, "alpha": 0.05, **changes})


def test_no_standard_deviation_has_a_default():
    for name in ("between", "period", "effect"):
        values = {
            name: getattr(WEDGE, name)
            for name in ("waves", "dossiers", "baseline", "between", "period", "effect")
        }
        del values[name]
        with pytest.raises(TypeError, match=name):
            Wedge(**values)


@pytest.mark.parametrize("test", ["z", "t"])
@pytest.mark.parametrize("name", ["period", "effect"])
def test_power_falls_with_what_makes_communes_and_periods_differ(name, test):
    found = [_power(replace(WEDGE, **{name: sd}), test=test) for sd in (0, 4, 8, 16)]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]


def test_the_classic_formula_overstates_where_communes_move_from_period_to_period():
    assert _power(replace(WEDGE, period=0)) > _power(replace(WEDGE, period=10)) + 0.3


@pytest.mark.parametrize("test", ["z", "t"])
def test_power_rises_with_gain_dossiers_communes_and_stages(test):
    assert _power(gain=10, test=test) < _power(gain=20, test=test)
    more = replace(WEDGE, dossiers=400)
    assert _power(test=test) < _power(more, test=test)
    assert _power(test=test) < _power(replace(WEDGE, waves=(3, 3, 3, 3)), test=test)
    by_stage = [_power(through=stage, test=test) for stage in (1, 2, 3, 4)]
    assert by_stage == sorted(by_stage)


def test_the_t_test_is_the_more_careful_one_and_nears_z_with_many_communes():
    assert _power(test="t") < _power(test="z")
    many = replace(WEDGE, waves=(60, 60, 60, 60), period=20, effect=40)
    small = {"gain": 5, "wedge": many}
    assert _power(**small, test="t") == pytest.approx(_power(**small, test="z"), abs=0.005)


def test_an_unnoticeable_gain_is_detected_as_often_as_none():
    for test in ("z", "t"):
        assert _power(gain=1e-6, test=test) == pytest.approx(0.05, abs=1e-6)


def test_a_huge_gain_is_detected_for_certain():
    steady = replace(WEDGE, period=0.1, effect=0.1, dossiers=10**6)
    assert _power(steady, gain=60) == pytest.approx(1)


@given(
    waves=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    sds=st.tuples(st.floats(0, 20), st.floats(0, 20), st.floats(0, 20)),
    gain=st.floats(1, 55),
    test=st.sampled_from(["z", "t"]),
)
def test_power_is_a_chance_no_smaller_than_alpha(waves, sds, gain, test):
    wedge = Wedge(
        waves=tuple(waves), dossiers=100, baseline=40, between=sds[0], period=sds[1], effect=sds[2]
    )
    found = _power(wedge, gain=gain, test=test)
    assert (found is None) == (test == "t" and sum(waves) < 3)
    assert found is None or 0.05 - 1e-9 <= found <= 1


def test_the_order_of_equal_communes_does_not_matter_but_their_stage_does():
    same = replace(WEDGE, waves=(1, 3, 3, 1))
    assert gain_variance(same, gain=15) != pytest.approx(gain_variance(WEDGE, gain=15))
    mirrored = [
        gain_variance(replace(WEDGE, waves=waves, effect=0), gain=15)
        for waves in ((1, 2, 3), (3, 2, 1))
    ]
    assert mirrored[0] == pytest.approx(mirrored[1])


def test_one_wave_with_all_communes_tells_nothing_of_the_gain():
    # After the first period all are treated: the period's own level explains it all.
    assert _power(replace(WEDGE, waves=(8,))) is None
    assert _power(replace(WEDGE, waves=(8, 0, 0)), test="z") is None
    assert gain_variance(replace(WEDGE, waves=(8,)), gain=15) == float("inf")


def test_communes_of_later_waves_compare_in_the_first():
    # Communes that differ without bound: the difference of two mean differences is left.
    two = replace(WEDGE, waves=(4, 4), between=1e4)
    first = gain_variance(two, gain=15, through=1)
    residual = 1e4 * 0.475 * 0.525 / 200
    difference = 2 * (residual + 25)  # after less before, of one commune
    assert first == pytest.approx((difference + difference + 64) / 4, rel=1e-5)
    assert gain_variance(replace(two, between=10), gain=15, through=1) < first


def test_two_communes_leave_no_degree_of_freedom():
    pair = replace(WEDGE, waves=(1, 1))
    assert _power(pair, test="t") is None
    assert _power(pair, test="z") > 0.05
    assert detectable(pair, alpha=0.05) is None


def test_an_empty_wave_adds_a_period_and_no_commune():
    assert _power(replace(WEDGE, waves=(2, 0, 2, 2, 2))) > _power()


@pytest.mark.parametrize("test", ["z", "t"])
@pytest.mark.parametrize("through", [1, 2, None])
def test_the_detectable_gain_is_detected_with_the_chance_wanted(test, through):
    found = detectable(WEDGE, alpha=0.05, through=through, test=test)
    assert _power(gain=found, through=through, test=test) == pytest.approx(0.8, abs=1e-6)


def test_a_smaller_chance_wants_a_smaller_gain():
    gains = [detectable(WEDGE, alpha=0.05, wanted=wanted) for wanted in (0.5, 0.8, 0.9)]
    assert gains == sorted(gains)


@given(
    sds=st.tuples(*[st.floats(0, 15)] * 3),
    baseline=st.floats(5, 90),
    test=st.sampled_from(["z", "t"]),
)
def test_power_only_rises_with_the_gain_so_the_detectable_one_is_the_smallest(sds, baseline, test):
    wedge = replace(WEDGE, baseline=baseline, between=sds[0], period=sds[1], effect=sds[2])
    gains = np.linspace(0.5, 100 - baseline, 7)
    found = [_power(wedge, gain=gain, test=test) for gain in gains]
    assert all(later >= earlier - 1e-12 for earlier, later in pairwise(found))


def test_power_only_rises_where_one_degree_of_freedom_meets_a_gain_of_many_standard_errors():
    wedge = Wedge(waves=(1, 1, 1), dossiers=100_000, baseline=20, between=10, period=1, effect=0)
    found = [_power(wedge, gain=gain) for gain in range(1, 81)]
    assert all(later > earlier for earlier, later in pairwise(found))
    assert found[19] == pytest.approx(0.8440, abs=1e-4)


@pytest.mark.parametrize("freedom", [1, 2, 4, 6, 8, 20, 107])
@pytest.mark.parametrize("alpha", [0.5, 0.05, 0.001])
def test_a_t_test_sees_more_the_farther_away_and_is_sure_in_the_end(freedom, alpha):
    found = [power_of_t(away, freedom=freedom, alpha=alpha) for away in np.linspace(0, 80, 1601)]
    assert found[0] == pytest.approx(alpha)
    assert all(later >= earlier - 1e-12 for earlier, later in pairwise(found))
    assert power_of_t(1e4, freedom=freedom, alpha=alpha) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(("away", "freedom"), [(0.5, 3), (2.0, 1), (2.8, 7), (4.0, 106)])
def test_the_chance_of_a_t_test_is_that_of_drawn_tests(rng, away, freedom):
    draws = 200_000
    drawn = (rng.normal(size=draws) + away) / np.sqrt(rng.chisquare(freedom, draws) / freedom)
    seen = np.mean(np.abs(drawn) > t.isf(0.025, freedom))
    found = power_of_t(away, freedom=freedom, alpha=0.05)
    assert found == pytest.approx(seen, abs=4 * np.sqrt(0.25 / draws))


def test_no_gain_is_detectable_where_none_up_to_100_would_be():
    assert detectable(replace(WEDGE, baseline=95, period=20), alpha=0.05) is None
    assert detectable(replace(WEDGE, waves=(1, 1, 1)), alpha=0.05) is None


@pytest.mark.parametrize("wanted", [0.05, 0.01, 1.0])
def test_a_chance_out_of_range_is_refused(wanted):
    with pytest.raises(ValueError, match=r"wanted is .* between alpha"):
        detectable(WEDGE, alpha=0.05, wanted=wanted)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"waves": ()}, "give the communes of each wave"),
        ({"waves": (0, 0)}, "give the communes of each wave"),
        ({"waves": (2, -1)}, "give the communes of each wave"),
        ({"dossiers": 0}, "give at least 1"),
        ({"baseline": 0}, "a share between 0 and 100"),
        ({"baseline": 100}, "a share between 0 and 100"),
        ({"period": -1}, "0 or more"),
    ],
)
def test_planning_values_out_of_range_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        _power(replace(WEDGE, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gain": 0}, "gain is 0; give points above 0, up to 60"),
        ({"gain": 61}, "gain is 61"),
        ({"alpha": 0}, "alpha is 0"),
        ({"through": 0}, "give a wave from 1 to 4"),
        ({"through": 5}, "give a wave from 1 to 4"),
    ],
)
def test_a_question_out_of_range_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        _power(**changes)


def test_the_t_test_has_two_degrees_of_freedom_fewer_than_communes(rng):
    # Drawn by hand: the gain over a standard error that six degrees of freedom estimate.
    draws = 200_000
    away = 15 / np.sqrt(gain_variance(WEDGE, gain=15))
    estimates = (rng.standard_normal(draws) + away) / np.sqrt(rng.chisquare(6, draws) / 6)
    rejected = np.mean(np.abs(estimates) > t.isf(0.025, 6))
    assert _power() == pytest.approx(rejected, abs=3 * np.sqrt(0.25 / draws))


CODES = [f"{number:05d}" for number in range(1, 18)]


def test_a_draw_deals_every_unit_once_in_stages_of_nearly_one_size():
    found = draw_order(CODES, stages=4, seed=7)
    assert sorted(found) == CODES
    assert np.bincount(list(found.values())).tolist() == [0, 5, 4, 4, 4]


def _pcg64(seed, numbers):
    """PCG XSL RR 128/64 in whole numbers (O'Neill 2014), from numpy's start for this seed."""
    state, increment = np.random.PCG64(seed).state["state"].values()
    for _ in range(numbers):
        state = (state * 0x2360ED051FC65DA44385DF649FCCF645 + increment) % 2**128
        mixed, turn = (state >> 64) ^ (state % 2**64), state >> 122
        yield (mixed >> turn | mixed << (64 - turn)) % 2**64


@pytest.mark.parametrize("seed", [0, 7, 20230601])
def test_anybody_can_repeat_the_draw_by_hand(seed):
    ranked = sorted(zip(_pcg64(seed, len(CODES)), CODES, strict=True))
    stages = [1] * 5 + [2] * 4 + [3] * 4 + [4] * 4
    by_hand = {code: stage for (_, code), stage in zip(ranked, stages, strict=True)}
    assert draw_order(CODES, stages=4, seed=seed) == by_hand


def test_a_recorded_seed_gives_the_same_draw_for_good():
    # A change here would break draws that were published.
    found = draw_order(list("abcdefg"), stages=3, seed=20230601)
    assert found == {"a": 2, "b": 3, "c": 1, "d": 1, "e": 1, "f": 2, "g": 3}


@given(order=st.permutations(CODES), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_input_does_not_move_the_draw(order, seed):
    assert draw_order(order, stages=4, seed=seed) == draw_order(CODES, stages=4, seed=seed)


@given(units=st.integers(0, 40), stages=st.integers(1, 12))
def test_sizes_differ_by_at_most_one(units, stages):
    dealt = draw_order([f"{at:03d}" for at in range(units)], stages=stages, seed=1)
    sizes = np.bincount([*dealt.values(), 1], minlength=stages + 1)[1:]
    sizes[0] -= 1
    assert sizes.sum() == units
    assert sizes.max() - sizes.min() <= 1
    assert set(dealt.values()) <= set(range(1, stages + 1))


def test_another_seed_gives_another_draw():
    draws = [tuple(draw_order(CODES, stages=4, seed=seed).items()) for seed in range(20)]
    assert len(set(draws)) == 20


def test_every_unit_has_the_same_chance_of_every_stage():
    draws = 2000
    counts = np.zeros((6, 3))
    for seed in range(draws):
        for code, stage in draw_order(list("abcdef"), stages=3, seed=seed).items():
            counts["abcdef".index(code), stage - 1] += 1
    error = np.sqrt(draws * 1 / 3 * 2 / 3)
    assert np.abs(counts - draws / 3).max() < 4 * error  # 18 cells: one in 900 draws of the seeds


def test_the_draw_does_not_change_the_callers_list():
    given_codes = ["b", "a"]
    draw_order(given_codes, stages=2, seed=1)
    assert given_codes == ["b", "a"]


def test_a_unit_given_twice_is_named():
    with pytest.raises(ValueError, match="units given twice: a; give each once"):
        draw_order(["a", "b", "a"], stages=2, seed=1)


def test_a_draw_without_stages_is_refused():
    with pytest.raises(ValueError, match="stages is 0; give at least 1"):
        draw_order(["a"], stages=0, seed=1)
