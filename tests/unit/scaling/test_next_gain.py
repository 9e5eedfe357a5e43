from __future__ import annotations

from dataclasses import FrozenInstanceError
from math import nan, sqrt

import numpy as np
import pandas as pd
import pytest
from built import PRESS_RUNS, findings_of
from drawn import in_contract, table
from hypothesis import assume, given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import norm

from commune_pilots import schemas, simulate
from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.coverage import cover_pilots, unit_names
from commune_pilots.effects.pairing import contrast_all
from commune_pilots.scaling.gain import carried, carry
from commune_pilots.scaling.next_commune import pool_all
from commune_pilots.scaling.next_gain import NextGain, next_gain

NAMES = {
    "mid_low": "estimate_low", "mid_high": "estimate_high", "low": "prediction_low",
    "high": "prediction_high",
}  # fmt: skip
# The widths of the two intervals of d1 are 39.2 and 78.4 points.
POOLED = """
    quantity definition method        left_out pilots outcome   mid_low mid_high conf_low conf_high low   high
    change   d1         half_normal_1 -        4      pooled    48.0    56.0     31.4     70.6      11.4  89.8
    change   d1         half_normal_1 00001    9      pooled    1.0     2.0      0.5      2.5       -1.0  4.0
    change   d1         half_normal_2 -        9      pooled    1.0     2.0      0.5      2.5       -1.0  4.0
    change   d1         reml          -        9      pooled    1.0     2.0      0.5      2.5       -1.0  4.0
    level    d1         half_normal_1 -        9      pooled    71.0    72.0     60.5     82.5      51.0  94.0
    change   d2         half_normal_1 -        3      pooled    21.0    22.0     10.5     32.5      5.0   44.0
    change   d3         half_normal_1 -        9      too_few   21.0    22.0     10.5     32.5      5.0   44.0
    change   d4         half_normal_1 -        9      saturated 21.0    22.0     10.5     32.5      5.0   44.0
    """  # noqa: E501
CONTRASTS = """
    contrast definition before
    c1       d1         20.0
    c2       d1         10.0
    c3       d1         -
    c4       d1         24.0
    c5       d2         60.0
    c6       d2         62.0
    c7       d2         70.0
    """
TERMS = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)
TRUE, DRAWS = 35.0, 20  # 70 - 20 points, of which 15 come anyway
points = st.floats(-100, 100, allow_subnormal=False)


def _pooled():
    drawn = table(POOLED).rename(columns=NAMES)
    return in_contract(
        drawn.assign(indicator="online_share", threshold=10.0, grade="low"), "pooled"
    )


def _contrasts(*before, definition="d1"):
    if not before:
        return table(CONTRASTS, of="contrasts", change_bound="exact")
    rows = [
        {"definition": definition, "before": share, "change_bound": "exact"} for share in before
    ]
    return in_contract(pd.DataFrame(rows), "contrasts")


def _next(pooled=None, contrasts=None, *, trend=15.0, alpha=0.05):
    pooled = ALL if pooled is None else pooled
    contrasts = PAIRS if contrasts is None else contrasts
    return next_gain(pooled, contrasts, trend=trend, alpha=alpha)


ALL, PAIRS = _pooled(), _contrasts()


def _one(*, mid=(48.0, 56.0), conf=(31.4, 70.6), ends=(11.4, 89.8)):
    """Draw the one row of table pooled that speaks for d1."""
    drawn = {}
    for name, (low, high) in {"estimate": mid, "conf": conf, "prediction": ends}.items():
        drawn |= {f"{name}_low": low, f"{name}_high": high}
    return ALL.iloc[:1].assign(**drawn)


# What plans take from table pooled


def test_a_change_that_is_a_bound_does_not_move_the_base():
    bounded = PAIRS.assign(change_bound=["exact", "at_most", "exact", "exact", *["exact"] * 3])
    assert _next(contrasts=bounded, trend=0.0).gain.base == 22.0


def test_a_prediction_cut_at_a_hundred_points_has_no_distribution():
    gain = _next(_one(ends=(11.4, 100.0))).gain
    assert (gain.mean, gain.std_dev, gain.base) == (None, None, None)
    assert gain.high == 85.0


def test_the_mean_and_both_ends_lose_the_trend_and_the_widths_are_the_spreads():
    found = _next(trend=15.0)
    assert (found.definition, found.pilots) == ("d1", 4)
    gain = found.gain
    assert (gain.low, gain.high, gain.mean) == pytest.approx((-3.6, 74.8, 37.0))
    # 39.2 and 78.4 points, each over 2 x 1.96
    assert (gain.std_error, gain.std_dev) == pytest.approx((10.0, 20.0), rel=2e-5)
    assert gain.base == 35.0  # the middle of the shares before, risen by the trend
    assert found.range == (gain.low, gain.high)


def test_without_a_trend_the_ends_are_those_of_the_prediction():
    assert _next(trend=0.0).range == (11.4, 89.8)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.1, 0.32])
def test_intervals_of_another_confidence_are_as_many_standard_deviations_wide(alpha):
    wide = norm.isf(alpha / 2) * 2
    pooled = _one(conf=(52 - 5 * wide, 52 + 5 * wide), ends=(52 - 9 * wide, 52 + 9 * wide))
    gain = _next(pooled, trend=0.0, alpha=alpha).gain
    assert (gain.std_error, gain.std_dev) == pytest.approx((10.0, 18.0))


@pytest.mark.parametrize(
    ("ends", "trend", "clipped"),
    [
        ((-98.0, 99.0), 15.0, (-100.0, 84.0)),
        ((-100.0, 100.0), 0.0, (-100.0, 100.0)),
        ((-60.0, -30.0), 80.0, (-100.0, -100.0)),
        ((20.0, 95.0), -10.0, (30.0, 100.0)),
    ],
)
def test_no_end_leaves_what_a_share_can_lose_or_gain(ends, trend, clipped):
    assert _next(_one(ends=ends), trend=trend).range == pytest.approx(clipped)


@pytest.mark.parametrize(
    ("before", "base"),
    [((10.0, None, 20.0, 24.0), 20.0), ((10.0, 20.0), 15.0), ((5.0, 6.0, 90.0, 7.0), 6.5)],
)
def test_the_base_is_the_median_of_the_shares_before_that_are_printed(before, base):
    assert _next(_one(), _contrasts(*before), trend=0.0).gain.base == base
    assert _next(_one(), _contrasts(*before), trend=15.0).gain.base == base + 15


def test_shares_of_another_definition_do_not_move_the_base():
    both = pd.concat([_contrasts(20.0, 22.0), _contrasts(80.0, 90.0, definition="d9")])
    assert _next(_one(), both, trend=0.0).gain.base == 21.0


def test_a_gain_net_of_the_common_rise_starts_from_the_share_that_it_led_to():
    """From 5% to 30%, of which 15 points come anyway: 10 points from 20%, by hand 13.3 from 40%.

    The odds rise from 1/4 to 3/7, 12/7 times; from 40% they reach 2/3 x 12/7 = 8/7, 53.33%.
    """
    pooled = _one(mid=(25.0, 25.0), conf=(21.0, 29.0), ends=(15.0, 35.0))
    gain = _next(pooled, _contrasts(5.0, 5.0, 5.0), trend=15.0).gain
    assert (gain.base, gain.mean) == (20.0, 10.0)
    assert carry(gain.mean, base=gain.base, to=40.0) == pytest.approx(13 + 1 / 3)
    assert carried(gain, to=40.0).mean == pytest.approx(13 + 1 / 3)


# What has no distribution


@pytest.mark.parametrize(
    ("before", "mid", "trend"),
    [
        ([60.0], (48.0, 56.0), 0.0),  # 112% would be reached
        ([48.0], (48.0, 56.0), 0.0),  # 100%: no log-odds
        ([20.0], (-25.0, -15.0), 19.0),  # 0%
        ([5.0], (-16.0, -4.0), 15.0),  # below 0%
        ([0.0], (48.0, 56.0), 0.0),
        ([100.0], (-48.0, -56.0), 0.0),
        ([90.0], (-40.0, -20.0), 15.0),  # from 105%
        ([None, None], (48.0, 56.0), 15.0),
    ],
)
def test_where_base_and_mean_make_no_share_there_is_a_range_alone(before, mid, trend):
    found = _next(_one(mid=mid), _contrasts(*before), trend=trend)
    assert found.range == pytest.approx((11.4 - trend, 89.8 - trend))
    gain = found.gain
    assert (gain.mean, gain.std_error, gain.std_dev, gain.base) == (None, None, None, None)


@pytest.mark.parametrize(
    ("conf", "ends", "known"),
    [
        ((40.0, 60.0), (30.0, 70.0), True),
        ((30.0, 70.0), (30.0, 70.0), True),
        ((29.0, 70.0), (30.0, 70.0), False),
        ((50.0, 50.0), (30.0, 70.0), False),
        ((nan, nan), (30.0, 70.0), False),
    ],
)
def test_a_mean_known_worse_than_the_next_commune_or_without_error_has_no_distribution(
    conf, ends, known
):
    gain = _next(_one(conf=conf, ends=ends)).gain
    assert (gain.mean is not None) == known
    assert (gain.low, gain.high) == (15.0, 55.0)


def test_a_definition_without_a_contrast_has_a_range_alone():
    found = _next(_one(), schemas.empty("contrasts"))
    assert found.range == pytest.approx((-3.6, 74.8))
    assert found.gain.mean is None


# Which definition speaks


def test_the_definition_with_most_pilots_speaks():
    more = _pooled()
    more.loc[5, "pilots"] = 5
    found = _next(more)
    assert (found.definition, found.pilots, found.gain.base) == ("d2", 5, 77.0)
    assert found.range == pytest.approx((-10.0, 29.0))


def test_of_as_many_pilots_the_first_name_speaks():
    tied = _pooled().assign(pilots=pd.Series(4, index=range(8), dtype="Int64"))
    assert _next(tied).definition == "d1"
    assert _next(tied.replace({"definition": {"d1": "d9"}})).definition == "d2"


@pytest.mark.parametrize(
    "instead",
    [
        {"quantity": "level"},
        {"outcome": "too_few"},
        {"outcome": "saturated"},
        {"method": "reml"},
        {"left_out": "00001"},
    ],
)
def test_no_other_row_speaks_for_the_next_commune(instead):
    found = _next(_pooled().assign(**instead))
    assert found == NextGain()


def test_where_nothing_was_pooled_there_is_no_gain_and_no_range():
    found = _next(schemas.empty("pooled"))
    assert (found.definition, found.pilots, found.gain, found.range) == (None, 0, None, None)


def test_a_gain_that_was_taken_is_not_changed():
    with pytest.raises(FrozenInstanceError):
        _next().pilots = 9


@pytest.mark.parametrize("name", PRESS_RUNS)
def test_no_press_run_has_enough_communes_for_a_gain_of_the_next(name):
    findings = findings_of(name)
    assert _next(findings["pooled"], findings["contrasts"]) == NextGain()


# For every table


@pytest.mark.slow
@given(order=st.permutations(range(8)), pairs=st.permutations(range(7)), tied=st.booleans())
def test_the_order_of_the_rows_decides_nothing(order, pairs, tied):
    pooled = ALL.assign(pilots=pd.Series(4, index=ALL.index, dtype="Int64")) if tied else ALL
    shuffled = _next(pooled.iloc[order], PAIRS.iloc[pairs])
    assert shuffled == _next(pooled)


@pytest.mark.slow
@given(
    mid=st.tuples(points, points).map(sorted),
    conf=st.tuples(points, points).map(sorted),
    ends=st.tuples(points, points).map(sorted),
    before=st.floats(0, 100),
    trend=st.floats(0, 100),
)
def test_whatever_was_pooled_gives_a_gain_that_can_be_carried(mid, conf, ends, before, trend):
    gain = _next(_one(mid=mid, conf=conf, ends=ends), _contrasts(before), trend=trend).gain
    assert -100 <= gain.low <= gain.high <= 100
    assert len({value is None for value in (gain.mean, gain.std_dev, gain.base)}) == 1
    if gain.mean is not None:
        assert 0 < gain.base + gain.mean < 100
        assert 0 < gain.std_error <= gain.std_dev


@pytest.mark.slow
@given(trend=st.floats(0, 50), more=st.floats(0, 50))
def test_a_larger_common_rise_never_leaves_more_to_gain(trend, more):
    less, least = _next(trend=trend).gain, _next(trend=trend + more).gain
    assert least.low <= less.low
    assert least.high <= less.high
    assume(least.mean is not None)
    assert least.mean == pytest.approx(less.mean - more)
    assert (least.std_error, least.std_dev) == (less.std_error, less.std_dev)


def test_the_tables_handed_over_are_not_changed():
    pooled, contrasts = _pooled(), _contrasts()
    kept = pooled.copy(deep=True), contrasts.copy(deep=True)
    _next(pooled, contrasts)
    assert_frame_equal(pooled, kept[0])
    assert_frame_equal(contrasts, kept[1])


# A known truth


def _simulated(rng, indicators, **settings):
    """Pool simulated pilots as the notebooks do; their online share truly rises by 50 points."""
    tables = simulate.press_tables(before=0.2, after=0.7, rng=rng, **settings)
    figures, names = tables["observations"], unit_names(tables["units"])
    contrasts = contrast_all(figures, names, TERMS, indicators=[])
    pooled = pool_all(
        contrasts,
        cover_pilots(tables["pilots"], figures, names),
        figures,
        TERMS,
        indicators=indicators,
        target_share=80.0,
        least_change=10.0,
    )
    return pooled, contrasts


@pytest.mark.slow
def test_the_mean_gain_recovers_the_true_rise_less_the_common_one(indicators):
    rng = np.random.default_rng(20230602)
    gains = []
    for _ in range(DRAWS):
        pooled, contrasts = _simulated(rng, indicators, communes=5, counted=5)
        found = next_gain(pooled, contrasts, trend=15.0, alpha=0.05)
        assert found.pilots == 5
        assert found.gain.base == pytest.approx(20 + 15, abs=5)
        gains.append(found.gain)
    means = np.array([gain.mean for gain in gains])
    errors = np.array([gain.std_error for gain in gains])
    assert abs(means.mean() - TRUE) < 4 * means.std() / sqrt(DRAWS)
    assert means.std() < 3
    assert np.mean(np.abs(means - TRUE) < norm.isf(0.025) * errors) >= 0.9
    assert np.mean([gain.low < TRUE < gain.high for gain in gains]) >= 0.9


@pytest.mark.slow
def test_without_printed_counts_the_ends_still_hold_the_true_gain(rng, indicators):
    pooled, contrasts = _simulated(rng, indicators, communes=3, counted=0)
    gain = next_gain(pooled, contrasts, trend=15.0, alpha=0.05).gain
    assert gain.low < TRUE < gain.high
    assert gain.mean == pytest.approx(TRUE, abs=4 * gain.std_error)
