"""The grid over tau against a grid over mean and tau, against limits, and against itself.

ORACLE: the step of the brute-force grid over both parameters, in probability.
TAU: 240 nodes, in probability.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit, ndtr
from scipy.stats import norm

from commune_pilots.scaling.hierarchical import (
    POINTS_PER_LOGIT,
    PRIORS,
    chance_at_least,
    hierarchical,
    posterior,
    quantile,
    tau_quantile,
)

ORACLE = 5e-4
TAU = 1e-3
K, N = np.array([51, 89, 91]), np.array([52, 103, 170])
LONG_AN = (logit(K / N).tolist(), (1 / K + 1 / (N - K)).tolist())
CASES = {
    "long_an": LONG_AN,
    "alike": ([0.5, 0.6, 0.4, 0.55], [0.02, 0.05, 0.03, 0.01]),
    "one_loose": ([-1.0, 0.2, 3.0, 0.1, 0.4], [0.05, 0.01, 2.0, 0.02, 0.1]),
}


@st.composite
def sets(draw):
    k = draw(st.integers(2, 6))
    number = st.integers(-300, 300).map(lambda value: value / 100)
    variance = st.integers(0, 2000).map(lambda value: value / 1000)
    y = draw(st.lists(number, min_size=k, max_size=k))
    v = draw(st.lists(variance, min_size=k, max_size=k))
    return y, v


def _brute(y, v, scale, *, mean_sd=None):
    """Weigh a grid over both parameters: means, taus, and the probability of each pair."""
    means = np.linspace(-3 - 8 * scale, 3 + 8 * scale, 1501)[:, None, None]
    taus = (np.linspace(0, 6.5 * scale, 401)[1:] - 6.5 * scale / 800)[None, :, None]
    spread = np.asarray(v) + taus**2
    logs = (-np.log(spread) / 2 - (np.asarray(y) - means) ** 2 / spread / 2).sum(axis=-1)
    logs = logs - (taus[..., 0] / scale) ** 2 / 2
    if mean_sd is not None:
        logs = logs - (means[..., 0] / mean_sd) ** 2 / 2
    weights = np.exp(logs - logs.max())
    return means[..., 0], taus[..., 0], weights / weights.sum()


@pytest.mark.parametrize("mean_sd", [None, 1.5])
@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("case", CASES)
def test_every_number_is_that_of_a_grid_over_both_parameters(case, prior, mean_sd):
    y, v = CASES[case]
    means, taus, weights = _brute(y, v, PRIORS[prior], mean_sd=mean_sd)
    given_sd = {} if mean_sd is None else {"mean_sd": mean_sd}
    found = hierarchical(y, v, prior=prior, **given_sd)
    middle, step = (weights * means).sum(), means[1, 0] - means[0, 0]
    assert found.estimate == pytest.approx(middle, abs=1e-3)
    spread = np.sqrt((weights * (means - middle) ** 2).sum())
    assert found.std_error == pytest.approx(spread, rel=2e-3)
    for level, end in ((0.025, found.interval.low), (0.975, found.interval.high)):
        below = np.interp(end, means[:, 0] + step / 2, weights.sum(axis=1).cumsum())
        assert below == pytest.approx(level, abs=5e-4)
    for level, end in (
        (0.025, found.prediction.low), (0.5, found.prediction_median),
        (0.975, found.prediction.high),
    ):  # fmt: skip
        assert (weights * ndtr((end - means) / taus)).sum() == pytest.approx(level, abs=ORACLE)
    for level, end in (
        (0.025, found.tau_interval.low), (0.5, found.tau), (0.975, found.tau_interval.high),
    ):  # fmt: skip
        edges = np.append(0.0, taus[0] + taus[0, 0])
        below = np.interp(end, edges, np.append(0.0, weights.sum(axis=0).cumsum()))
        assert below == pytest.approx(level, abs=TAU)
    for threshold in (-1.0, 0.0, 1.4):
        chance = (weights * ndtr((means - threshold) / taus)).sum()
        assert chance_at_least(found.posterior, threshold) == pytest.approx(chance, abs=ORACLE)


def test_units_known_to_be_alike_are_pooled_by_precision():
    """A prior that leaves no room for tau."""
    y, v = [0.3, 0.5, 0.9], [0.1, 0.2, 0.4]
    found = hierarchical(y, v, scale=1e-4)
    precision = 1 / np.array(v)
    assert found.estimate == pytest.approx(np.average(y, weights=precision), abs=1e-6)
    assert found.std_error == pytest.approx(precision.sum() ** -0.5, rel=1e-5)
    reach = norm.ppf(0.975) * found.std_error
    assert found.prediction.high - found.estimate == pytest.approx(reach, rel=1e-3)


def test_a_sure_prior_of_the_mean_is_what_is_left():
    found = hierarchical([2.0, 3.0, 4.0], [1.0, 1.0, 1.0], mean_sd=1e-4)
    assert found.estimate == pytest.approx(0, abs=1e-6)
    assert found.std_error == pytest.approx(1e-4, rel=1e-3)


def test_with_three_units_the_prior_decides_how_wide_the_next_may_be():
    """The three answers of one set of figures lie apart; none is the data's alone."""
    wide = [hierarchical(*LONG_AN, prior=prior).prediction for prior in PRIORS]
    assert [one.low for one in wide] == sorted((one.low for one in wide), reverse=True)
    assert [one.high for one in wide] == sorted(one.high for one in wide)
    assert wide[-1].high - wide[-1].low > 2 * (wide[0].high - wide[0].low)


@given(sets(), st.floats(-6, 6), st.floats(0, 6))
def test_the_chance_falls_as_the_threshold_rises(drawn, threshold, more):
    found = posterior(*(np.array(values) for values in drawn), prior_scale=1.0)
    low, high = (float(chance_at_least(found, at)) for at in (threshold, threshold + more))
    assert 0 <= high <= low <= 1


@settings(max_examples=30)
@given(sets())
def test_the_next_unit_is_never_surer_than_the_mean(drawn):
    found = hierarchical(*drawn, prior="half_normal_0_5")
    assert found.prediction.low <= found.interval.low <= found.interval.high
    assert found.interval.high <= found.prediction.high
    assert found.tau_interval.low <= found.tau <= found.tau_interval.high


@settings(max_examples=30)
@given(sets(), st.sampled_from([0.01, 3.0, POINTS_PER_LOGIT]))
def test_the_answer_moves_with_the_units(drawn, factor):
    """Estimates in other units, and the prior stretched alike: the same answer in those units."""
    y, v = drawn
    plain = hierarchical(y, v)
    moved = hierarchical([factor * one for one in y], [factor**2 * one for one in v], scale=factor)
    for name in ("estimate", "std_error", "tau", "prediction_median"):
        wanted = factor * getattr(plain, name)
        assert getattr(moved, name) == pytest.approx(wanted, rel=1e-5, abs=1e-6 * factor)


@settings(max_examples=30)
@given(sets(), st.floats(-50, 50))
def test_a_shift_of_all_shifts_the_answer_under_a_flat_prior(drawn, shift):
    y, v = drawn
    plain, moved = hierarchical(y, v), hierarchical([one + shift for one in y], v)
    assert moved.estimate == pytest.approx(plain.estimate + shift, abs=1e-6)
    assert moved.tau == pytest.approx(plain.tau, rel=1e-4, abs=1e-6)


@settings(max_examples=30)
@given(sets(), st.randoms(use_true_random=False))
def test_the_order_of_the_units_does_not_matter(drawn, chosen):
    order = list(range(len(drawn[0])))
    chosen.shuffle(order)
    plain, shuffled = (
        hierarchical(*values).prediction
        for values in (drawn, ([one[at] for at in order] for one in drawn))
    )
    assert (shuffled.low, shuffled.high) == pytest.approx((plain.low, plain.high), abs=1e-6)


@pytest.mark.parametrize("level", [0.001, 0.025, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("case", CASES)
def test_a_quantile_is_where_its_chance_is(case, level):
    y, v = (np.array(values) for values in CASES[case])
    found = posterior(y, v, prior_scale=1.0)
    point = quantile(found, level, next_unit=True)
    assert chance_at_least(found, point) == pytest.approx(1 - level, abs=1e-9)


def test_many_sets_at_once_give_what_each_gives_alone(rng):
    y, v = rng.normal(0, 1, (3, 4)), rng.uniform(0, 1, (3, 4))
    together = posterior(y, v, prior_scale=2.0)
    own = chance_at_least(together, np.array([0.0, 0.5, 1.0]))
    for at, threshold in enumerate((0.0, 0.5, 1.0)):
        alone = posterior(y[at], v[at], prior_scale=2.0)
        assert own[at] == pytest.approx(float(chance_at_least(alone, threshold)))
        assert tau_quantile(together, 0.5)[at] == pytest.approx(float(tau_quantile(alone, 0.5)))


@pytest.mark.parametrize("case", CASES)
def test_eighty_nodes_do_for_a_search(case):
    y, v = (np.array(values) for values in CASES[case])
    few, many = (posterior(y, v, prior_scale=1.0, nodes=nodes) for nodes in (80, 2000))
    for threshold in (-1.0, 0.3, 2.0):
        wanted = float(chance_at_least(many, threshold))
        assert float(chance_at_least(few, threshold)) == pytest.approx(wanted, abs=1e-7)


def test_variances_of_nothing_leave_tau_to_the_estimates_and_the_prior():
    found = hierarchical([1.0, 1.5, 2.5], [0.0, 0.0, 0.0])
    near = hierarchical([1.0, 1.5, 2.5], [1e-8, 1e-8, 1e-8])
    assert found.tau == pytest.approx(near.tau, rel=1e-4)
    assert found.prediction.high == pytest.approx(near.prediction.high, rel=1e-4)


def test_what_cannot_be_pooled_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        hierarchical([1.0], [0.1])
    with pytest.raises(ValueError, match="finite and at least 0"):
        hierarchical([1.0, 2.0], [0.1, -1.0])
