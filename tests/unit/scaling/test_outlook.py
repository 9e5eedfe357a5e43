from __future__ import annotations

import numpy as np
import pytest
from drawn import table
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from plans import plan_of
from scipy.special import expit, logit

from commune_pilots import schemas
from commune_pilots.scaling.gain import Gain, log_odds
from commune_pilots.scaling.outlook import QUANTILES, expected_share, outlook

OWN = {"trend_per_month": 0.5}
GAIN = Gain(low=5.0, high=35.0, mean=20.0, std_error=4.0, std_dev=7.0)
BANDS = list(QUANTILES)


def _scenario(**changes):
    return plan_of(**{**OWN, **changes})


def _stages(candidates=(2, 2, 4)):
    return (
        table(
            """
        stage  first_month  candidates  started  inside
        1      1            0           0        0
        2      3            0           0        0
        3      5            0           0        0
        """,
            of="stages",
        )
        .assign(candidates=np.array(candidates), started=np.cumsum(candidates))
        .astype({"candidates": "Int64", "started": "Int64"})
    )


def _outlook(scenario=None, *, gain=GAIN, stages=None):
    return outlook(_stages() if stages is None else stages, scenario or _scenario(), gain=gain)


def test_the_fan_runs_from_the_baseline_to_the_end_of_the_last_stage():
    found = _outlook()
    assert found["month"].tolist() == list(range(7))
    assert found["started"].tolist() == [0, 2, 2, 4, 4, 8, 8]


def test_month_0_is_the_baseline_whatever_the_gain():
    for gain in (GAIN, Gain(low=-9.0, high=1.0, mean=-5.0, std_dev=9.0)):
        assert _outlook(gain=gain)[BANDS].iloc[0].tolist() == pytest.approx([40.0] * 7)


def test_without_a_trend_the_middle_of_the_end_is_baseline_plus_mean_gain():
    found = _outlook(_scenario(trend_per_month=0.0))
    assert found["expected"].iloc[-1] == pytest.approx(60.0)
    assert found["expected"].iloc[1] == pytest.approx(40 + 20 * 2 / 8)


def test_where_nothing_is_gained_the_trend_alone_is_left():
    none = Gain(low=0.0, high=0.0, mean=0.0, std_dev=1e-9)
    found = _outlook(gain=none)
    slope = 0.5 / 100 / (0.4 * 0.6)
    expected = 100 * expit(logit(0.4) + slope * np.arange(7))
    for band in BANDS:
        assert found[band].tolist() == pytest.approx(expected)


def test_the_trend_begins_at_the_points_a_month_of_the_scenario():
    none = Gain(low=0.0, high=0.0, mean=0.0, std_dev=1e-9)
    rise = _outlook(_scenario(trend_per_month=0.01), gain=none)["expected"].diff().iloc[1]
    assert rise == pytest.approx(0.01, rel=1e-3)


@settings(max_examples=25)  # each lays out and checks a table
@given(
    baseline=st.floats(1, 99),
    trend=st.floats(-10, 10),
    part=st.floats(0.01, 0.99),
    spread=st.floats(0.1, 40),
    candidates=st.tuples(*[st.integers(0, 9)] * 3).filter(any),
)
def test_bands_are_shares_in_their_order_at_every_month(baseline, trend, part, spread, candidates):
    gain = Gain(low=-100, high=100, mean=100 * part - baseline, std_dev=spread)
    scenario = _scenario(baseline_share=baseline, trend_per_month=trend)
    found = _outlook(scenario, gain=gain, stages=_stages(candidates))[BANDS].to_numpy()
    assert (np.diff(found, axis=1) >= -1e-9).all()
    assert found.min() >= 0
    assert found.max() <= 100


def test_a_rise_saturates_at_the_ceiling():
    steep = _scenario(stages=20, stage_months=6, trend_per_month=5.0)
    found = _outlook(steep, gain=Gain(low=10, high=55, mean=40, std_dev=15))
    assert found[BANDS].iloc[-1].min() > 99.9
    assert found["expected"].is_monotonic_increasing
    assert (found["high_95"] - found["low_95"]).iloc[-1] < 0.1


def test_the_same_change_moves_a_high_share_by_fewer_points():
    measured = Gain(low=20, high=40, mean=30.0, std_dev=5.0, base=20.0)
    rises = []
    for baseline in (20.0, 60.0, 90.0):
        scenario = _scenario(baseline_share=baseline, trend_per_month=0.0)
        rises.append(_outlook(scenario, gain=measured)["expected"].iloc[-1] - baseline)
    assert rises[0] == pytest.approx(30)
    assert rises == sorted(rises, reverse=True)


def test_bands_widen_as_stages_start():
    found = _outlook(_scenario(trend_per_month=0.0))
    width = found["high_80"] - found["low_80"]
    assert width.iloc[0] == pytest.approx(0)
    assert width.is_monotonic_increasing
    assert width.iloc[2] == pytest.approx(width.iloc[1])


def test_the_bands_are_the_quantiles_of_drawn_paths(rng):
    # Drawn by hand: one change in log-odds for all communes, each month a mixture.
    draws = 200_000
    mean, spread = log_odds(GAIN, share=40.0)
    changes = rng.normal(mean, spread, draws)
    slope = 0.5 / 100 / (0.4 * 0.6)
    for month, started in ((3, 4), (6, 8)):
        level = logit(0.4) + slope * month
        paths = 100 * ((8 - started) * expit(level) + started * expit(level + changes)) / 8
        drawn = np.quantile(paths, list(QUANTILES.values()))
        found = _outlook()[BANDS].iloc[month].to_numpy()
        assert np.abs(found - drawn).max() < 0.15  # points; three errors of the outer quantiles


def test_the_expected_share_is_a_mixture_of_started_and_not():
    months = np.array([0, 1])
    found = expected_share(
        months, np.array([0.0, 0.25]), baseline=50.0, trend=0.0, changes=np.array([0.0, np.log(3)])
    )
    assert found.tolist() == [pytest.approx([50, 50]), pytest.approx([50, 0.75 * 50 + 0.25 * 75])]


@pytest.mark.parametrize(
    ("scenario", "gain", "candidates"),
    [
        (_scenario(baseline_share=None), GAIN, (2, 2, 4)),
        (_scenario(trend_per_month=None), GAIN, (2, 2, 4)),
        (_scenario(), None, (2, 2, 4)),
        (_scenario(), Gain(low=53.5, high=81.3), (2, 2, 4)),
        (_scenario(), Gain(low=5.0, high=35.0, mean=20.0), (2, 2, 4)),
        (_scenario(), GAIN, (0, 0, 0)),
    ],
    ids=["no baseline", "no trend", "no gain", "a range", "no spread", "no candidates"],
)
def test_no_fan_is_drawn_from_what_is_not_known(scenario, gain, candidates):
    found = _outlook(scenario, gain=gain, stages=_stages(candidates))
    assert_frame_equal(found, schemas.empty("outlook"))


def test_the_table_keeps_its_contract_and_the_stages_are_not_changed():
    stages = _stages()
    before = stages.copy(deep=True)
    assert schemas.check(_outlook(stages=stages), "outlook") is not None
    assert_frame_equal(stages, before)
