from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, t

from commune_pilots.scaling.pooling import (
    chance_of_next,
    fit,
    hartung_knapp_reach,
    leave_one_out,
    pool,
    prediction_reach,
)

SOLVED = 1e-9
METHODS = ("reml", "paule_mandel", "dersimonian_laird")
Y = [0.3, 1.1, 0.9, 2.0]
V = [0.05, 0.2, 0.1, 0.3]


@st.composite
def sets(draw, least=3, most=7):
    k = draw(st.integers(least, most))
    number = st.integers(-300, 300).map(lambda value: value / 100)
    variance = st.integers(0, 2000).map(lambda value: value / 1000)
    y = draw(st.lists(number, min_size=k, max_size=k))
    v = draw(st.lists(variance, min_size=k, max_size=k))
    return y, v


@pytest.mark.parametrize(
    ("estimates", "variances", "said"),
    [
        ([1.0], [0.1], "at least 2"),
        ([], [], "at least 2"),
        ([1.0, 2.0], [0.1], "one of each per unit"),
        ([1.0, 2.0], [0.1, -0.1], "finite and at least 0"),
        ([1.0, 2.0], [0.1, math.nan], "finite and at least 0"),
        ([1.0, 2.0], [0.1, math.inf], "finite and at least 0"),
        ([1.0, math.nan], [0.1, 0.1], "finite number"),
        ([1.0, math.inf], [0.1, 0.1], "finite number"),
    ],
)
def test_what_cannot_be_pooled_is_refused_with_what_can(estimates, variances, said):
    with pytest.raises(ValueError, match=said):
        pool(estimates, variances)


def test_two_units_are_pooled_and_the_next_is_not_predicted_with_no_freedom():
    found = pool([1.0, 2.0], [0.1, 0.1])
    assert found.estimate == pytest.approx(1.5)
    assert found.prediction_hts is None
    assert found.prediction_hartung_knapp.high > found.hartung_knapp.high


def test_three_units_are_predicted_with_one_degree_of_freedom():
    found = pool(Y[:3], V[:3])
    reach = t(1).ppf(0.975) * math.hypot(found.std_error, math.sqrt(found.tau2))
    assert found.prediction_hts.high - found.estimate == pytest.approx(reach, rel=SOLVED)


@pytest.mark.parametrize("method", METHODS)
def test_units_that_differ_by_nothing_are_pooled_by_precision(method):
    y, v = [0.5, 0.52, 0.49], [0.1, 0.2, 0.4]
    found = pool(y, v, method=method)
    assert found.tau2 == 0
    assert found.estimate == pytest.approx(np.average(y, weights=1 / np.array(v)))
    assert found.std_error == pytest.approx(sum(1 / one for one in v) ** -0.5)
    assert found.i2 == 0


def test_the_cut_factor_never_narrows():
    alike = pool([0.5, 0.52, 0.49], [0.1, 0.2, 0.4])
    assert alike.inflation < 1
    assert alike.std_error_hartung_knapp == pytest.approx(alike.std_error)
    assert alike.std_error_hartung_knapp_uncut < alike.std_error
    apart = pool(Y, V, method="dersimonian_laird")
    assert apart.inflation > 1
    assert apart.hartung_knapp == apart.hartung_knapp_uncut


def test_intervals_carry_the_quantiles_of_their_names():
    found = pool(Y, V, alpha=0.1)
    spread = math.hypot(found.std_error, math.sqrt(found.tau2))
    cut = math.hypot(found.std_error_hartung_knapp, math.sqrt(found.tau2))
    for limits, reach in (
        (found.wald, norm.ppf(0.95) * found.std_error),
        (found.hartung_knapp, t(3).ppf(0.95) * found.std_error_hartung_knapp),
        (found.prediction_normal, norm.ppf(0.95) * spread),
        (found.prediction_hts, t(2).ppf(0.95) * spread),
        (found.prediction_hartung_knapp, t(3).ppf(0.95) * cut),
    ):
        assert (limits.low, limits.high) == pytest.approx(
            (found.estimate - reach, found.estimate + reach), rel=1e-7
        )


def test_only_reml_has_a_profile_likelihood():
    given_for = {method: pool(Y, V, method=method).tau2_profile is not None for method in METHODS}
    assert given_for == {"reml": True, "paule_mandel": False, "dersimonian_laird": False}


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=30)
@given(drawn=sets())
def test_intervals_hold_one_another(method, drawn):
    """The mean lies within its own interval, and the next unit is never surer than the mean."""
    found = pool(*drawn, method=method)
    knapp, new = found.hartung_knapp, found.prediction_hartung_knapp
    assert new.low <= knapp.low <= found.estimate <= knapp.high <= new.high
    assert found.hartung_knapp.low <= found.hartung_knapp_uncut.low + SOLVED
    assert found.prediction_hts.low <= found.prediction_normal.low + SOLVED
    assert min(drawn[0]) - 1e-5 <= found.estimate <= max(drawn[0]) + 1e-5
    assert 0 <= found.i2 <= 100


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(drawn=sets(), chosen=st.randoms(use_true_random=False))
def test_the_order_of_the_units_does_not_matter(method, drawn, chosen):
    order = list(range(len(drawn[0])))
    chosen.shuffle(order)
    plain = pool(*drawn, method=method)
    shuffled = pool(*([values[at] for at in order] for values in drawn), method=method)
    assert shuffled.estimate == pytest.approx(plain.estimate, abs=1e-5)
    assert shuffled.tau2 == pytest.approx(plain.tau2, rel=1e-4, abs=1e-6)


@settings(max_examples=20)
@given(sets(least=3))
def test_one_left_out_is_the_pool_of_the_rest(drawn):
    y, v = drawn
    left = leave_one_out(y, v, method="paule_mandel", alpha=0.2)
    assert len(left) == len(y)
    assert left[0] == pool(y[1:], v[1:], method="paule_mandel", alpha=0.2)
    assert left[-1] == pool(y[:-1], v[:-1], method="paule_mandel", alpha=0.2)


def test_leaving_one_of_two_out_is_refused():
    with pytest.raises(ValueError, match="at least 3"):
        leave_one_out([1.0, 2.0], [0.1, 0.1])


def test_the_caller_keeps_its_lists():
    y, v = list(Y), list(V)
    pool(y, v)
    leave_one_out(y, v)
    assert (y, v) == (Y, V)


@pytest.mark.parametrize("method", METHODS)
def test_many_sets_at_once_are_each_pooled_alike(method, rng):
    y, v = rng.normal(0, 1, (4, 5)), rng.uniform(0.01, 1, (4, 5))
    together = fit(y, v, method=method)
    knapp, new = (reach(together, alpha=0.05) for reach in (hartung_knapp_reach, prediction_reach))
    for at in range(4):
        alone = pool(y[at].tolist(), v[at].tolist(), method=method)
        assert together.estimate[at] == pytest.approx(alone.estimate)
        assert together.i2[at] == pytest.approx(alone.i2, abs=1e-6)
        assert knapp[at] == pytest.approx(alone.hartung_knapp.high - alone.estimate)
        assert new[at] == pytest.approx(alone.prediction_hts.high - alone.estimate)


@given(sets(), st.floats(-5, 5), st.floats(0, 5))
def test_the_chance_of_the_next_falls_as_the_threshold_rises(drawn, threshold, more):
    fitted = fit(*(np.array(values) for values in drawn), method="reml")
    low, high = (float(chance_of_next(fitted, at)) for at in (threshold, threshold + more))
    assert 0 <= high <= low <= 1


def test_the_chance_beyond_an_end_of_the_interval_is_half_of_alpha():
    fitted = fit(np.array(Y), np.array(V), method="reml")
    end = pool(Y, V).prediction_hts.high
    assert float(chance_of_next(fitted, end)) == pytest.approx(0.025, rel=1e-7)
    assert float(chance_of_next(fitted, float(fitted.estimate))) == pytest.approx(0.5)
