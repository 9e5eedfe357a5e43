"""Placebos in space and time, donors left out."""

from __future__ import annotations

from math import inf

import numpy as np
import pandas as pd
import pytest

from commune_pilots.effects.synthetic_checks import (
    leave_one_donor_out,
    placebos_in_space,
    placebos_in_time,
    synthesise,
)

START = 16
METHODS = ["synthetic_control", "synthetic_did"]


def _table(*, donors=6, effect=0.0, months=22, seed=4):
    rng = np.random.default_rng(seed)
    common = np.cumsum(rng.normal(0.4, 1, months))
    values = 30 + rng.normal(0, 3, (donors + 1, 1)) + common
    values = values + rng.normal(0, 1, values.shape)
    values[-1, START:] += effect
    return pd.DataFrame(values, index=[f"d{index:02d}" for index in range(donors)] + ["t"])


def _placebos(shares, method, alpha=0.05):
    return placebos_in_space(shares, treated="t", start=START, method=method, alpha=alpha)


@pytest.mark.parametrize("method", METHODS)
def test_a_large_effect_ranks_first_and_has_the_smallest_p_value(method):
    found = _placebos(_table(effect=30.0), method)
    assert found.effect.p_value == found.effect.smallest_p == pytest.approx(1 / 7)
    assert found.donors == len(found.table) == 6
    assert "t" not in set(found.table["unit"])


@pytest.mark.parametrize("method", METHODS)
def test_each_placebo_is_the_estimate_of_that_donor_without_the_treated_unit(method):
    shares = _table(effect=30.0)
    found = _placebos(shares, method)
    for _, row in found.table.iterrows():
        own = synthesise(shares.drop(index="t"), treated=row["unit"], start=START, method=method)
        assert row["estimate"] == own.estimate
        assert row["ratio"] == own.ratio
    assert found.effect.std_error == pytest.approx(found.table["estimate"].std(ddof=0))


def test_the_rank_counts_those_at_least_as_large():
    shares = _table()
    found = _placebos(shares, "synthetic_control")
    own = synthesise(shares, treated="t", start=START, method="synthetic_control")
    larger = (found.table["ratio"] >= own.ratio).sum()
    assert found.effect.p_value == pytest.approx((larger + 1) / 7)
    better = (found.table["error_before"] < own.error_before).sum()
    assert found.rank_of_fit == better + 1


def test_below_the_smallest_p_value_nothing_is_bounded():
    few = _placebos(_table(effect=30.0), "synthetic_control")
    assert (few.effect.conf_low, few.effect.conf_high) == (-inf, inf)
    loose = _placebos(_table(effect=30.0), "synthetic_control", alpha=0.25)
    assert loose.effect.conf_low < loose.effect.estimate < loose.effect.conf_high
    many = _placebos(_table(donors=24, effect=30.0), "synthetic_control")
    assert 0 < many.effect.conf_low < many.effect.conf_high < inf


@pytest.mark.parametrize("method", METHODS)
def test_each_heavy_donor_is_left_out_once(method):
    shares = _table(effect=5.0)
    found = leave_one_donor_out(shares, treated="t", start=START, method=method, least=0.1)
    own = synthesise(shares, treated="t", start=START, method=method)
    assert set(found["donor"]) == set(own.weights.index[own.weights >= 0.1])
    assert found["weight"].is_monotonic_decreasing
    heaviest = found.iloc[0]
    again = synthesise(
        shares.drop(index=heaviest["donor"]), treated="t", start=START, method=method
    )
    assert heaviest["estimate"] == again.estimate


def test_without_enough_donors_left_the_estimate_is_missing():
    found = leave_one_donor_out(
        _table(donors=2), treated="t", start=START, method="synthetic_control", least=0.0
    )
    assert found["estimate"].isna().all()


@pytest.mark.parametrize("method", METHODS)
def test_pretended_starts_know_nothing_of_the_true_one(method):
    found = [
        placebos_in_time(
            _table(effect=effect), treated="t", start=START, method=method, least_after=3
        )
        for effect in (0.0, 30.0)
    ]
    assert found[0]["month"].tolist() == [10, 11, 12, 13]
    pd.testing.assert_frame_equal(*found)


def test_too_few_months_before_leave_no_pretended_start():
    shares = _table().loc[:, 5:]
    found = placebos_in_time(
        shares, treated="t", start=START, method="synthetic_did", least_after=3
    )
    assert found.empty
    assert list(found.columns) == ["month", "estimate"]
