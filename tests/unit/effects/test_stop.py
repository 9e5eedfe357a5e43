"""After support ends: what is kept, compared with communes still supported."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commune_pilots.effects.stop import stop_effect, stop_refusal

ASKED = {"back": 4, "ahead": 4, "margin": 2.0, "alpha": 0.05, "draws": 199}


def _table(*, units=24, months=24, fade=0.0, noise=0.5, stopping=12, seed=1):
    """Draw shares that lose `fade` points when support ends, at 12 or at 16; the others keep it."""
    rng = np.random.default_rng(seed)
    names = [f"u{index:02d}" for index in range(units)]
    common = np.cumsum(rng.normal(0.3, 1, months))
    shares = 50 + rng.normal(0, 5, (units, 1)) + common + rng.normal(0, noise, (units, months))
    stops = pd.Series(np.nan, index=names)
    for index in range(stopping):
        at = 12 if index % 2 else 16
        stops.iloc[index] = at
        shares[index, at:] -= fade
    return pd.DataFrame(shares, index=names), stops


def test_a_loss_is_found_again_whatever_moves_all_units(rng):
    found = stop_effect(*_table(fade=6.0, noise=0.0), rng=rng, **ASKED)
    assert found.change.estimate == pytest.approx(-6.0)
    assert found.by_month["change"].tolist() == pytest.approx([-6.0] * 4)
    assert found.by_unit["change"].tolist() == pytest.approx([-6.0] * 12)
    assert (found.n_stopped, found.n_comparison) == (12, 18)


def test_units_are_named_in_the_order_of_their_stop(rng):
    shares, stops = _table(fade=6.0)
    found = stop_effect(shares, stops, rng=rng, **ASKED)
    assert found.by_unit["unit"].map(stops).is_monotonic_increasing
    assert set(found.by_unit["unit"]) == set(stops.index[stops.notna()])


@pytest.mark.parametrize(
    ("fade", "margin", "answer"), [(0.0, 2.0, "kept"), (6.0, 2.0, "lost"), (2.0, 2.0, "open")]
)
def test_what_is_kept_is_judged_against_the_margin(fade, margin, answer, rng):
    found = stop_effect(*_table(fade=fade), rng=rng, **{**ASKED, "margin": margin})
    assert found.answer == answer
    assert found.margin == margin


def test_one_commune_that_stopped_leaves_it_open(rng):
    found = stop_effect(*_table(fade=20.0, stopping=1), rng=rng, **ASKED)
    assert np.isnan(found.change.conf_low)
    assert found.answer == "open"
    assert found.by_unit["change"].tolist() == pytest.approx([-20.0], abs=2)


def test_a_design_that_cannot_reach_alpha_decides_nothing(rng):
    shares, stops = _table(units=5, stopping=2, fade=20.0)
    stops[stops.notna()] = 12
    found = stop_effect(shares, stops, rng=rng, **ASKED)
    assert found.change.smallest_p == pytest.approx(1 / 10)
    assert found.change.p_value >= 1 / 10
    assert found.answer == "open"


def test_a_clear_loss_has_the_smallest_p_value_and_none_a_large_one(rng):
    clear, none = (stop_effect(*_table(fade=fade), rng=rng, **ASKED).change for fade in (6.0, 0.0))
    assert clear.p_value == clear.smallest_p == pytest.approx(1 / 200)
    assert none.p_value > 0.05


def test_the_standard_error_leaves_one_unit_out_at_a_time(rng):
    shares, stops = _table(units=6, stopping=3)
    stops[stops.notna()] = 12
    window = shares.loc[:, 12:15].mean(axis=1) - shares.loc[:, 8:11].mean(axis=1)

    def difference(units):
        stopped = stops[units].notna()
        return window[units][stopped].mean() - window[units][~stopped].mean()

    left_out = np.array([difference(stops.index.drop(unit)) for unit in stops.index])
    whole = difference(stops.index)
    found = stop_effect(shares, stops, rng=rng, **ASKED)
    assert found.change.estimate == pytest.approx(whole)
    error = (5 / 6 * np.square(left_out - whole).sum()) ** 0.5
    assert found.change.std_error == pytest.approx(error)


def test_units_that_stop_within_the_months_looked_at_are_not_compared_with(rng):
    shares, stops = _table(noise=0.0, fade=6.0)
    stops = stops.replace(16.0, 14.0)
    found = stop_effect(shares, stops, rng=rng, **ASKED)
    assert found.n_comparison == 12


def test_tables_are_left_as_they_were(rng):
    shares, stops = _table()
    before = shares.copy(), stops.copy()
    stop_effect(shares, stops, rng=rng, **ASKED)
    pd.testing.assert_frame_equal(shares, before[0])
    pd.testing.assert_series_equal(stops, before[1])


def test_what_cannot_be_compared_is_refused_with_a_reason():
    shares, stops = _table()
    assert stop_refusal(shares, stops, back=4, ahead=4) is None
    assert stop_refusal(shares, stops * np.nan, back=4, ahead=4) == "no_stop"
    assert stop_refusal(shares, stops.fillna(12), back=4, ahead=8) == "no_comparison"
    assert stop_refusal(shares, stops, back=17, ahead=4) == "no_comparison"
    assert stop_refusal(shares, stops, back=4, ahead=13) == "no_comparison"
    assert stop_refusal(shares.mask(shares > 60), stops, back=4, ahead=4) == "incomplete"
