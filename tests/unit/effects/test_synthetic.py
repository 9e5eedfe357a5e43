"""A commune beside a mix of others: the pool, what is refused, what is found again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commune_pilots.effects.synthetic import (
    donor_pool,
    synthetic_control,
    synthetic_did,
    synthetic_refusal,
)

START = 24
BOTH = [synthetic_control, synthetic_did]


def _table(*, donors=12, months=36, effect=0.0, away=0.0, noise=0.0, seed=2):
    """Draw donors driven by two common factors and their own; `t` is the mix of two of them."""
    rng = np.random.default_rng(seed)
    factors = np.cumsum(rng.normal(0.3, 1, (2, months)), axis=1)
    loads = rng.uniform(0, 2, (donors, 2))
    values = 30 + rng.normal(0, 4, (donors, 1)) + loads @ factors
    values += rng.normal(0, 1, values.shape)
    own = 0.6 * values[0] + 0.4 * values[1] + away
    values = np.vstack([values, own]) + rng.normal(0, noise, (donors + 1, months))
    values[-1, START:] += effect
    names = [f"d{index:02d}" for index in range(donors)] + ["t"]
    return pd.DataFrame(values, index=names)


@pytest.mark.parametrize("make", BOTH)
def test_an_effect_on_a_mix_of_donors_is_found_again(make):
    found = make(_table(effect=7.0), treated="t", start=START)
    assert found.estimate == pytest.approx(7.0, abs=1e-3 if make is synthetic_control else 1.5)
    assert found.weights.sum() == pytest.approx(1)
    assert "t" not in found.weights.index
    assert found.gap[START:].mean() == pytest.approx(found.estimate)


def test_a_synthetic_control_finds_the_mix_and_fits_it_exactly():
    found = synthetic_control(_table(effect=7.0), treated="t", start=START)
    assert found.weights.nlargest(2).to_dict() == pytest.approx({"d00": 0.6, "d01": 0.4}, abs=1e-4)
    assert found.error_before < 1e-3
    assert found.error_after == pytest.approx(7.0, abs=1e-3)
    assert found.ratio > 1000
    assert (found.month_weights == 0).all()


def test_only_synthetic_did_stands_a_constant_difference():
    found = {make: make(_table(away=20.0), treated="t", start=START) for make in BOTH}
    near = synthetic_did(_table(), treated="t", start=START)
    assert found[synthetic_did].estimate == pytest.approx(near.estimate, abs=1e-6)
    assert found[synthetic_did].error_before < 1.5
    assert found[synthetic_control].estimate > 5
    assert found[synthetic_did].month_weights.sum() == pytest.approx(1)


def test_months_after_the_start_do_not_choose_a_synthetic_control():
    plain, other = (
        synthetic_control(_table(effect=effect, noise=1.0), treated="t", start=START)
        for effect in (0.0, 9.0)
    )
    assert plain.weights.to_dict() == other.weights.to_dict()
    assert other.estimate - plain.estimate == pytest.approx(9.0)


def test_a_date_may_be_the_name_of_a_month():
    numbered = _table(effect=5.0, noise=0.5)
    dated = numbered.set_axis(pd.date_range("2021-01-01", periods=36, freq="MS"), axis=1)
    one = synthetic_did(numbered, treated="t", start=START)
    other = synthetic_did(dated, treated="t", start=pd.Timestamp(2023, 1, 1))
    assert one.estimate == other.estimate


def test_predictors_choose_the_weights_where_they_are_given():
    shares = _table(effect=5.0, noise=0.2)
    level = shares.loc[:, : START - 1].mean(axis=1)
    known = pd.DataFrame({"level": level, "last": shares[START - 1]})
    found = synthetic_control(shares, treated="t", start=START, predictors=known)
    plain = synthetic_control(shares, treated="t", start=START)
    assert found.weights.sum() == pytest.approx(1)
    assert found.error_before >= plain.error_before
    mixed = known.drop(index="t").to_numpy().T @ found.weights.to_numpy()
    assert mixed[0] == pytest.approx(level["t"], abs=1)


def test_an_exact_fit_has_no_end_to_its_ratio():
    shares = pd.DataFrame(np.tile(np.arange(12.0), (4, 1)), index=list("abct"))
    shares.loc["t", 11] = 20
    found = synthetic_control(shares, treated="t", start=11)
    assert found.error_before == 0
    assert found.ratio == np.inf


@pytest.mark.parametrize("make", BOTH)
def test_the_table_is_left_as_it_was(make):
    shares = _table(noise=1.0)
    before = shares.copy()
    make(shares, treated="t", start=START)
    pd.testing.assert_frame_equal(shares, before)


@pytest.mark.parametrize(
    ("shares", "start", "answer"),
    [
        (_table(), START, None),
        (_table(), 10, None),
        (_table(), 9, "too_few_months"),
        (_table(), 36, "no_month_after"),
        (_table(donors=2), START, None),
        (_table(donors=2).drop(index="d01"), START, "too_few_donors"),
    ],
)
def test_a_mix_is_refused_with_a_reason(shares, start, answer):
    assert synthetic_refusal(shares, treated="t", start=start) == answer


# Who can be a donor


def test_each_unit_is_a_donor_or_left_out_for_one_reason():
    shares = _table()
    shares.loc["d02", 5] = np.nan
    shares.loc["d03"] += 60
    shares.loc["d04", 30] = np.nan
    kept, dropped = donor_pool(
        shares, treated="t", start=START, excluded={"d00": "pilot", "d04": "neighbour"},
        most_apart=25.0,
    )  # fmt: skip
    reasons = dropped.set_index("unit")["reason"].to_dict()
    assert reasons == {"d00": "pilot", "d02": "incomplete", "d03": "far", "d04": "neighbour"}
    assert set(kept.index) == set(shares.index) - set(reasons)
    assert kept.notna().all(axis=None)


def test_months_that_the_treated_unit_does_not_tell_are_asked_of_nobody():
    shares = _table()
    shares.loc[["t", "d02"], 5] = np.nan
    kept, dropped = donor_pool(shares, treated="t", start=START, excluded={}, most_apart=100.0)
    assert 5 not in kept.columns
    assert dropped.empty


def test_months_after_the_start_do_not_put_a_donor_too_far():
    shares = _table()
    shares.loc["d05", START:] += 60
    kept, _ = donor_pool(shares, treated="t", start=START, excluded={}, most_apart=50.0)
    assert "d05" in kept.index


def test_a_treated_unit_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        donor_pool(_table(), treated="x", start=START, excluded={}, most_apart=10.0)
