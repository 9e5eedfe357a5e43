"""How sure coefficients are where months are like their neighbours.

SAME: one number by two ways in double precision; a fit stops at 1e-12.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from commune_pilots.effects.correlated import durbin_watson, estimate_of, law_of, long_run
from commune_pilots.effects.trend import quasi_binomial

SAME = 1e-8


@pytest.fixture(scope="module")
def series():
    rng = np.random.default_rng(7)
    months = np.arange(40)
    noise = rng.normal(size=40)
    for month in range(1, 40):
        noise[month] = 0.6 * noise[month - 1] + 0.8 * noise[month]
    n = np.full(40, 200.0)
    k = rng.binomial(200, 1 / (1 + np.exp(1 - 0.01 * months - 0.2 * noise))).astype(float)
    design = np.column_stack([np.ones(40), months / 12, months >= 20]).astype(float)
    return months, k, n, design


def _law(series, errors, lag=6):
    months, k, n, design = series
    fit = quasi_binomial(k, n, design)
    return fit, law_of(fit, months, k, n, design, errors=errors, lag=lag)


def test_independent_months_have_the_covariance_times_the_dispersion(series):
    fit, law = _law(series, "independent")
    assert fit.dispersion > 1
    assert law.covariances[0] == pytest.approx(fit.dispersion * fit.covariance, rel=SAME)
    assert (law.df, law.correlation) == (37, 0.0)


def test_less_scatter_than_chance_is_taken_as_chance(series):
    months, _, n, design = series
    fit = quasi_binomial(np.full(40, 60.0), n, design)
    law = law_of(fit, months, np.full(40, 60.0), n, design, errors="independent", lag=6)
    assert law.covariances[0] == pytest.approx(fit.covariance, rel=SAME)


@pytest.mark.parametrize("lag", [0, 6, 12])
def test_newey_and_wests_errors_are_those_of_statsmodels(series, lag):
    _, k, n, design = series
    _, law = _law(series, "newey_west", lag)
    model = GLM(np.column_stack([k, n - k]), design, family=Binomial())
    found = model.fit(tol=1e-12, cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False})
    ours = np.sqrt(np.diag(law.covariances[0]) * 37 / 40)
    assert ours == pytest.approx(np.asarray(found.bse), rel=1e-6)


def test_a_sum_over_lags_is_that_of_all_pairs_with_falling_weights():
    rows = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0], [2.0, 2.0]])
    by_hand = sum(
        np.outer(rows[i], rows[j]) * max(0.0, 1 - abs(i - j) / 3)
        for i in range(4)
        for j in range(4)
    )
    assert long_run(rows, lag=2) == pytest.approx(by_hand, rel=SAME)
    assert np.isfinite(long_run(rows, lag=50)).all()


def test_the_memory_of_months_is_found_and_makes_errors_larger(series):
    _, plain = _law(series, "independent")
    _, averaged = _law(series, "autoregressive")
    assert 0.2 < averaged.correlation < 0.8
    gradient = np.array([0.0, 0.0, 1.0])
    narrow, wide = (estimate_of(law, gradient, at=0.0, alpha=0.05) for law in (plain, averaged))
    assert wide.std_error > narrow.std_error
    assert averaged.weights.sum() == pytest.approx(1, abs=SAME)


def test_without_memory_each_fit_is_the_quasi_binomial_one(series):
    fit, law = _law(series, "autoregressive")
    assert law.coefficients[0] == pytest.approx(fit.coefficients, rel=1e-6)
    assert law.covariances[0] == pytest.approx(fit.dispersion * fit.covariance, rel=1e-6)


def test_months_that_are_missing_count_by_their_distance(series):
    kept = np.delete(np.arange(40), [5, 6, 7, 30])
    part = tuple(column[kept] for column in series)
    months, k, n, design = part
    fit, law = _law(part, "autoregressive")
    root = np.sqrt(n * fit.fitted * (1 - fit.fitted))
    rows, values = design * root[:, None], root * (design @ fit.coefficients)
    values = values + (k - n * fit.fitted) / root
    inverse = np.linalg.inv(0.5 ** np.abs(np.subtract.outer(months, months)))
    by_hand = np.linalg.solve(rows.T @ inverse @ rows, rows.T @ inverse @ values)
    assert law.coefficients[10] == pytest.approx(by_hand, rel=SAME)


def test_one_law_gives_students_interval_and_p_value(series):
    _, law = _law(series, "independent")
    gradient = np.array([0.0, 0.0, 1.0])
    at = float(law.middle[2])
    found = estimate_of(law, gradient, at=at, alpha=0.05)
    error = law.covariances[0][2, 2] ** 0.5
    low, high = stats.t.interval(0.95, 37, loc=at, scale=error)
    assert (found.conf_low, found.conf_high) == pytest.approx((low, high), rel=1e-6)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(at) / error, 37), rel=1e-6)


def test_interval_and_p_value_of_a_mixture_agree(series):
    _, law = _law(series, "autoregressive")
    gradient = np.array([0.0, 0.0, 1.0])
    at = float(gradient @ law.middle)
    p = estimate_of(law, gradient, at=at, alpha=0.05).p_value
    touching = estimate_of(law, gradient, at=at, alpha=p)
    assert min(abs(touching.conf_low), abs(touching.conf_high)) == pytest.approx(0, abs=1e-6)


def test_a_number_far_from_0_has_a_p_value_above_0(series):
    _, law = _law(series, "autoregressive")
    found = estimate_of(law, np.array([0.0, 0.0, 1.0]), at=1e9, alpha=0.05)
    assert 0 < found.p_value < 1e-20


def test_durbin_and_watsons_statistic_is_2_without_memory_and_less_with():
    rng = np.random.default_rng(1)
    plain = rng.normal(size=4_000)
    assert durbin_watson(plain) == pytest.approx(2, abs=0.1)
    assert durbin_watson(np.cumsum(plain)) < 0.1
    assert durbin_watson(np.tile([1.0, -1.0], 50)) == pytest.approx(3.96, abs=1e-12)
