from __future__ import annotations

import warnings
from math import isnan

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from staggered import long, wide
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from commune_pilots.effects.did_fractional import fractional_effect
from commune_pilots.effects.did_moments import NEVER


def _counts(rng, *, treated=8, units=34, periods=16, level=2.0, effect=0.8):
    cohort = np.where(np.arange(units) < treated, 6 + np.arange(units) % 4, NEVER)
    on = np.arange(periods) >= cohort[:, None]
    base = rng.normal(level, 0.8, (units, 1)) + np.linspace(0, 0.7, periods)
    n = rng.integers(30, 150, (units, periods))
    k = rng.binomial(n, expit(base + effect * on))
    panel = long(wide(n, cohort)).rename(columns={"share": "denominator"})
    truth = 100 * (expit(base + effect) - expit(base))[on].mean()
    return panel.assign(numerator=k.ravel().astype(float)), truth


def _by_glm(panel, weigh):
    """Every dummy in one regression; the effect and its error by the delta method."""
    units = pd.factorize(panel["unit"])[0]
    on = (panel["period"] >= panel["cohort"]).fillna(value=False).to_numpy(dtype=float)
    columns = [
        np.eye(units.max() + 1)[units],
        np.eye(int(panel["period"].max()) + 1)[panel["period"].to_numpy(dtype=int)][:, 1:],
        on[:, None],
    ]
    design = np.hstack(columns)
    n = panel["denominator"].to_numpy(dtype=float)
    masses = n if weigh == "dossiers" else np.ones(len(n))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="cov_type not fully supported")
        fit = GLM(
            panel["numerator"].to_numpy() / n, design, family=Binomial(), var_weights=masses
        ).fit(cov_type="cluster", cov_kwds={"groups": units, "use_correction": False}, tol=1e-13)
    number = units.max() + 1
    covariance = fit.cov_params() * number / (number - 1)
    p = expit(design @ fit.params)
    without = expit(design @ fit.params - fit.params[-1] * on)
    share = masses * on / (masses * on).sum()
    gradient = (share * (p * (1 - p) - without * (1 - without))) @ design
    gradient[-1] = (share * p * (1 - p)).sum()
    error = 100 * np.sqrt(gradient @ covariance @ gradient)
    return fit.params[-1], np.sqrt(covariance[-1, -1]), 100 * (share * (p - without)).sum(), error


@pytest.mark.parametrize("weigh", ["dossiers", "units"])
def test_sweeping_unit_effects_gives_the_regression_on_all_dummies(rng, weigh):
    panel, _ = _counts(rng)
    found = fractional_effect(panel, weigh=weigh)
    log_odds, log_odds_error, points, error = _by_glm(panel, weigh)
    assert found.log_odds == pytest.approx(log_odds, rel=1e-8)
    assert found.log_odds_error == pytest.approx(log_odds_error, rel=1e-6)
    assert found.effect.estimate == pytest.approx(points, rel=1e-8)
    assert found.effect.std_error == pytest.approx(error, rel=1e-6)


def test_months_not_reported_are_left_out(rng):
    panel, _ = _counts(rng)
    gaps = panel[rng.random(len(panel)) > 0.1].reset_index(drop=True)
    whole = panel.assign(
        numerator=panel["numerator"].where(panel["period"] != 3),
        denominator=panel["denominator"].where(panel["period"] != 5, 0),
    )
    log_odds, _, points, error = _by_glm(gaps, "units")
    found = fractional_effect(gaps, weigh="units")
    assert (found.log_odds, found.effect.estimate) == pytest.approx((log_odds, points))
    assert found.effect.std_error == pytest.approx(error, rel=1e-6)
    assert fractional_effect(whole, weigh="units").effect.n_treated == 8


def test_the_effect_near_the_ceiling_is_in_points_of_the_months_treated(rng):
    panel, truth = _counts(rng, level=2.6, treated=12, units=60, periods=30)
    found = fractional_effect(panel, weigh="units")
    assert found.effect.estimate == pytest.approx(truth, abs=3 * found.effect.std_error)
    assert found.effect.std_error < 1
    assert found.effect.method == "fractional_logit"
    assert found.effect.estimand == "att_marginal_units"


def test_units_at_the_ceiling_throughout_are_left_out_by_name(rng):
    panel, _ = _counts(rng)
    full = panel["unit"].isin(["u0003", "u0020"])
    panel = panel.assign(numerator=panel["numerator"].where(~full, panel["denominator"]))
    found = fractional_effect(panel, weigh="dossiers")
    assert found.left_out == ("u0003", "u0020")
    assert (found.effect.n_treated, found.effect.n_comparison) == (7, 25)
    assert found.effect.refused == "few_treated"
    assert isnan(found.effect.p_value)


def test_treated_months_all_at_the_ceiling_have_no_finite_effect(rng):
    panel, _ = _counts(rng)
    on = (panel["period"] >= panel["cohort"]).fillna(value=False)
    full = panel.assign(numerator=panel["numerator"].where(~on, panel["denominator"]))
    with pytest.raises(ValueError, match="treated months all print 0 or 100%"):
        fractional_effect(full, weigh="units")


def test_a_month_at_the_ceiling_for_everybody_says_nothing(rng):
    panel, _ = _counts(rng)
    last = panel["period"] == 15
    full = panel.assign(numerator=panel["numerator"].where(~last, panel["denominator"]))
    whole = fractional_effect(full, weigh="dossiers")
    without = fractional_effect(panel[~last], weigh="dossiers")
    assert whole.log_odds == pytest.approx(without.log_odds)
    assert whole.effect.estimate == pytest.approx(without.effect.estimate)


def test_the_table_is_left_as_it_was(rng):
    panel, _ = _counts(rng)
    before = panel.copy(deep=True)
    fractional_effect(panel, weigh="dossiers")
    pd.testing.assert_frame_equal(panel, before)
