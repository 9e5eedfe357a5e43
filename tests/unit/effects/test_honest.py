"""Bounds on an event study against brute force over the differences in trends they allow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import nct, norm

from commune_pilots.effects import honest
from commune_pilots.effects.honest import (
    breakdown,
    event_study,
    relative_magnitudes,
    robust,
    smoothness,
)

ALPHA = 0.05


def _covariance(n, seed):
    half = np.random.default_rng(seed).normal(size=(n, n + 3))
    return half @ half.T / n


BETA = np.array([0.3, -0.2, 0.1, 4.0, 5.0])
STUDY = event_study(BETA, _covariance(5, 1) / 20, n_before=3)


def _bends(study):
    """Second differences of all periods, the one before the start put back in as 0."""
    n, before = len(study.beta), study.n_before
    with_reference = np.insert(np.eye(n), before, 0.0, axis=0)
    return np.diff(with_reference, n=2, axis=0)


def _worst_bias(study, weight):
    """Farthest that a difference in trends with bends of at most 1 moves the estimate.

    Its last step before the start is held at 0: a straight difference moves no estimate tried.
    """
    bends = _bends(study)
    held = [(0, 0) if at == study.n_before - 1 else (None, None) for at in range(len(weight))]
    found = linprog(
        -weight,
        A_ub=np.vstack([bends, -bends]),
        b_ub=np.ones(2 * len(bends)),
        bounds=held,
    )
    return -found.fun


def _length(study, weight, bound):
    error = np.sqrt(weight @ study.covariance @ weight)
    return error * honest._folded(bound * _worst_bias(study, weight) / error, ALPHA, None)


def test_without_bends_the_interval_is_the_least_squares_one():
    found = smoothness(STUDY, bound=0.0, alpha=ALPHA)
    times = np.array([-3, -2, -1, 1, 2])
    design = np.column_stack([times, np.vstack([np.zeros((3, 2)), np.eye(2)])])
    inverse = np.linalg.inv(STUDY.covariance)
    covariance = np.linalg.inv(design.T @ inverse @ design)
    slope = covariance @ design.T @ inverse @ BETA
    middle = slope[1:].mean()
    reach = 1.959964 * np.sqrt(covariance[1:, 1:].sum()) / 2
    assert (found.conf_low, found.conf_high) == pytest.approx((middle - reach, middle + reach))


@pytest.mark.parametrize("bound", [0.02, 0.2, 2.0])
@pytest.mark.parametrize("target", [None, (1.0, 0.0), (0.0, 1.0)])
def test_no_other_weights_give_a_shorter_interval(bound, target):
    study = event_study(BETA, STUDY.covariance, n_before=3, target=target)
    found = smoothness(study, bound=bound, alpha=ALPHA)
    half = (found.conf_high - found.conf_low) / 2
    weights, free, fixed = honest._straight(study)
    rng = np.random.default_rng(5)
    others = [_length(study, weights + free @ rng.normal(0, 1, 2), bound) for _ in range(30)]
    assert half <= min(others) + 1e-9
    chosen, bends = honest._shortest(study, weights, free, fixed, bound=bound, alpha=ALPHA)
    assert _length(study, chosen, bound) == pytest.approx(half, abs=1e-7)
    assert bends == pytest.approx(_worst_bias(study, chosen), abs=1e-7)


def test_a_straight_difference_in_trends_moves_no_interval():
    straight = 0.7 * np.array([-3, -2, -1, 1, 2])
    moved = event_study(BETA + straight, STUDY.covariance, n_before=3)
    for bound in (0.0, 0.3):
        first, second = (smoothness(each, bound=bound, alpha=ALPHA) for each in (STUDY, moved))
        assert second.conf_low == pytest.approx(first.conf_low, abs=1e-6)


def test_one_period_before_leaves_the_line_through_it():
    study = event_study([1.0, 5.0], np.diag([0.04, 0.09]), n_before=1)
    found = smoothness(study, bound=0.0, alpha=ALPHA)
    assert (found.conf_low + found.conf_high) / 2 == pytest.approx(6.0)
    wider = smoothness(study, bound=1.0, alpha=ALPHA)
    assert wider.conf_high - wider.conf_low > found.conf_high - found.conf_low


def test_relative_magnitudes_of_nothing_is_the_ordinary_interval():
    found = relative_magnitudes(STUDY, bound=0.0, alpha=ALPHA)
    reach = 1.959964 * np.sqrt(STUDY.covariance[3:, 3:].sum()) / 2
    assert (found.conf_low, found.conf_high) == pytest.approx((4.5 - reach, 4.5 + reach))


def test_relative_magnitudes_reach_as_far_as_the_largest_step_before_allows():
    study = event_study(BETA, np.eye(5) * 1e-12, n_before=3)
    largest = 0.5  # from 0.3 to -0.2
    found = relative_magnitudes(study, bound=2.0, alpha=ALPHA)
    assert found.conf_high == pytest.approx(4.5 + 2 * largest * 1.5, abs=1e-4)
    assert found.conf_low == pytest.approx(4.5 - 2 * largest * 1.5, abs=1e-4)


@pytest.mark.parametrize("restriction", ["smoothness", "relative_magnitudes"])
def test_an_interval_grows_with_what_is_allowed(restriction):
    widths = [
        found.conf_high - found.conf_low
        for bound in (0.0, 0.05, 0.5, 1.0, 3.0)
        for found in [robust(STUDY, restriction=restriction, bound=bound, alpha=ALPHA)]
    ]
    assert widths == sorted(widths)


@pytest.mark.parametrize("restriction", ["smoothness", "relative_magnitudes"])
def test_at_the_breakdown_one_end_is_at_zero(restriction):
    at = breakdown(STUDY, restriction=restriction, alpha=ALPHA, most=100.0)
    assert at is not None
    found = robust(STUDY, restriction=restriction, bound=at, alpha=ALPHA)
    assert found.conf_low == pytest.approx(0.0, abs=1e-5)
    closer = robust(STUDY, restriction=restriction, bound=at * 0.99, alpha=ALPHA)
    assert closer.conf_low > 0


def test_a_fall_breaks_down_where_the_same_rise_does():
    falling = event_study(-BETA, STUDY.covariance, n_before=3)
    for restriction in ("smoothness", "relative_magnitudes"):
        rise, fall = (
            breakdown(each, restriction=restriction, alpha=ALPHA, most=100.0)
            for each in (STUDY, falling)
        )
        assert fall == pytest.approx(rise, rel=1e-4)


def test_an_effect_that_was_never_clear_breaks_down_at_once():
    study = event_study([0.1, 0.0, 0.2], np.eye(3), n_before=2)
    assert breakdown(study, restriction="smoothness", alpha=ALPHA, most=5.0) == 0.0


def test_an_effect_that_no_bound_tried_removes_has_no_breakdown():
    study = event_study([0.0, 0.0, 50.0], np.eye(3) * 0.01, n_before=2)
    assert breakdown(study, restriction="smoothness", alpha=ALPHA, most=1.0) is None


@pytest.mark.parametrize("away", [0.0, 0.3, 2.0, 20.0])
def test_the_folded_quantile_leaves_alpha_outside(away):
    x = honest._folded(away, ALPHA, None)
    assert norm.cdf(x - away) - norm.cdf(-x - away) == pytest.approx(0.95, abs=1e-10)
    slope = (honest._folded(away + 1e-6, ALPHA, None) - x) / 1e-6
    assert honest._folded_slope(away, x, ALPHA, None) == pytest.approx(slope, abs=1e-4)


def test_few_degrees_of_freedom_widen_the_interval():
    x = honest._folded(0.7, ALPHA, 5.0)
    assert nct.cdf(x, 5, 0.7) - nct.cdf(-x, 5, 0.7) == pytest.approx(0.95, abs=1e-8)
    few = event_study(BETA, STUDY.covariance, n_before=3, freedom=5.0)
    for restriction in ("smoothness", "relative_magnitudes"):
        wide, narrow = (
            robust(each, restriction=restriction, bound=0.2, alpha=ALPHA) for each in (few, STUDY)
        )
        assert wide.conf_high - wide.conf_low > 1.1 * (narrow.conf_high - narrow.conf_low)


@pytest.mark.parametrize(
    ("beta", "covariance", "n_before", "message"),
    [
        (BETA, np.eye(5), 5, "5 periods before, 0 after"),
        (BETA, np.eye(5), 0, "0 periods before"),
        (BETA, np.eye(4), 3, "not a positive one"),
        (BETA, np.zeros((5, 5)), 3, "not a positive one"),
    ],
)
def test_an_event_study_that_does_not_fit_together_is_refused(beta, covariance, n_before, message):
    with pytest.raises(ValueError, match=message):
        event_study(beta, covariance, n_before=n_before)


def test_a_bound_below_zero_is_refused():
    with pytest.raises(ValueError, match="give 0 or more"):
        robust(STUDY, restriction="smoothness", bound=-1.0, alpha=ALPHA)
