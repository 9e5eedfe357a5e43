from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.scaling.gain import Gain, carried, carry, log_odds

shares = st.floats(1, 99)


def _gain(**changes):
    return Gain(**{"low": 10.0, "high": 40.0, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"low": 50.0}, "low is above high"),
        ({"high": 101.0}, "give numbers from -100 to 100"),
        ({"low": float("nan")}, "give numbers from -100 to 100"),
        ({"mean": float("inf")}, "give numbers from -100 to 100"),
        ({"std_dev": 5.0}, "give a mean"),
        ({"mean": 20.0, "std_error": 0.0}, "std_error above 0"),
        ({"mean": 20.0, "std_error": 5.0, "std_dev": 4.0}, "std_dev no smaller"),
        ({"base": 0.0}, "give a share between 0 and 100"),
        ({"base": 100.0}, "give a share between 0 and 100"),
    ],
)
def test_an_impossible_gain_is_refused_with_what_is_accepted(changes, said):
    with pytest.raises(ValueError, match=said):
        _gain(**changes)


def test_a_gain_carried_nowhere_stays_as_it_is():
    assert carry(70, base=17, to=17) == pytest.approx(70)
    gain = _gain(mean=25.0, std_error=3.0, std_dev=6.0, base=30.0)
    kept = carried(gain, to=30.0)
    assert (kept.low, kept.high, kept.mean) == pytest.approx((10, 40, 25))
    assert (kept.std_error, kept.std_dev, kept.base) == pytest.approx((3, 6, 30))


def test_a_gain_is_carried_by_the_same_odds_ratio():
    # 20% to 50% is an odds ratio of 4; from 50% the same ratio ends at 80%.
    assert carry(30, base=20, to=50) == pytest.approx(30)
    # 50% to 80% is 4 as well; from 80% it ends at 16/17.
    assert carry(30, base=50, to=80) == pytest.approx(100 * 16 / 17 - 80)


def test_a_large_gain_saturates_below_100():
    # 16.8 -> 98.08 are 81.28 points; a commune at 40% has only 60 to go.
    carried_over = carry(81.28, base=16.8, to=40)
    assert 59 < carried_over < 60
    assert carry(83.2, base=16.8, to=40) == pytest.approx(60)


@given(base=shares, to=shares, part=st.floats(0, 1), other=st.floats(0, 1))
def test_a_carried_gain_leaves_a_share_a_share_and_keeps_order(base, to, part, other):
    low, high = sorted((part, other))
    ends = [carry(100 * end - base, base=base, to=to) for end in (low, high)]
    assert -to <= ends[0] <= ends[1] <= 100 - to


@given(base=shares, to=shares, reached=shares)
def test_carrying_there_and_back_changes_nothing(base, to, reached):
    there = carry(reached - base, base=base, to=to)
    assert carry(there, base=to, to=base) == pytest.approx(reached - base, abs=1e-6)


@pytest.mark.parametrize(
    ("points", "base", "to"), [(70, 40, 50), (-30, 20, 50), (10, 0, 50), (10, 50, 100)]
)
def test_what_is_no_share_is_not_carried(points, base, to):
    with pytest.raises(ValueError, match="not all are shares"):
        carry(points, base=base, to=to)


def test_a_range_stays_a_range_without_a_distribution():
    found = carried(_gain(base=30.0), to=50.0)
    assert (found.mean, found.std_error, found.std_dev) == (None, None, None)
    assert found.base == 50.0


def test_a_gain_without_a_base_is_cut_at_the_ceiling():
    found = carried(Gain(low=53.5, high=81.3), to=40.0)
    assert (found.low, found.high) == pytest.approx((53.5, 60))


@given(base=shares, to=shares)
def test_the_whole_way_to_either_end_is_carried_to_that_end(base, to):
    found = carried(Gain(low=-100, high=100, base=base), to=to)
    assert (found.low, found.high) == pytest.approx((-to, 100 - to))


def test_bounds_beyond_both_ends_are_cut_there():
    found = carried(Gain(low=-60.0, high=90.0, base=30.0), to=50.0)
    assert (found.low, found.high) == pytest.approx((-50, 50))


def test_spreads_are_carried_by_the_slope_of_the_curve():
    gain = _gain(mean=30.0, std_error=2.0, std_dev=4.0, base=20.0)
    found = carried(gain, to=80.0)
    # At 50% a unit of log-odds is 25 points; at 16/17 it is 100 * 16/17/17.
    slope = 100 * 16 / 17 / 17 / 25
    assert (found.std_error, found.std_dev) == pytest.approx((2 * slope, 4 * slope))


def test_spreads_shrink_where_little_room_is_left():
    gain = _gain(mean=30.0, std_dev=4.0, base=20.0)
    assert carried(gain, to=90.0).std_dev < carried(gain, to=60.0).std_dev < 4.0


def test_the_change_in_log_odds_is_that_of_base_and_mean():
    mean, spread = log_odds(_gain(mean=30.0, std_dev=5.0, base=20.0), share=70.0)
    assert mean == pytest.approx(log(4))
    assert spread == pytest.approx(5 / 25)


def test_without_a_base_the_gain_is_taken_on_the_share_itself():
    based, alone = (
        log_odds(_gain(mean=30.0, std_dev=5.0, base=base), share=20.0) for base in (20.0, None)
    )
    assert based == pytest.approx(alone)


@pytest.mark.parametrize("changes", [{}, {"mean": 20.0}, {"mean": 20.0, "std_error": 2.0}])
def test_no_change_in_log_odds_is_made_up_for_a_range(changes):
    assert log_odds(_gain(**changes), share=30.0) is None


@pytest.mark.parametrize("to", [40.0, 45.0])
def test_a_mean_that_leaves_no_room_is_refused_and_asks_for_the_base(to):
    gain = Gain(low=50.0, high=80.0, mean=60.0, std_error=3.0, std_dev=5.0)
    with pytest.raises(ValueError, match=r"does not fit .* name the share that it was measured"):
        carried(gain, to=to)
    with pytest.raises(ValueError, match="does not fit"):
        log_odds(gain, share=to)
