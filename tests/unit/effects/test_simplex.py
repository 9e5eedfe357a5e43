"""Weights of 0 or more that add to 1. SAME: one number by two ways in double precision."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from commune_pilots.effects.simplex import (
    closest_weights,
    frank_wolfe,
    predictor_weights,
    spread_weights,
)

SAME = 1e-7


@pytest.fixture
def donors(rng):
    return 30 + rng.normal(0, 5, (24, 8))


def _loss(donors, target, weights):
    return float(((donors @ weights - target) ** 2).sum())


def _by_slsqp(donors, target):
    size = donors.shape[1]
    return minimize(
        lambda weights: _loss(donors, target, weights),
        np.full(size, 1 / size),
        bounds=[(0, 1)] * size,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        options={"ftol": 1e-12, "maxiter": 1000},
    ).x


def test_a_mix_of_donors_is_found_again(donors):
    mix = np.array([0.5, 0.0, 0.3, 0.0, 0.0, 0.2, 0.0, 0.0])
    assert closest_weights(donors, donors @ mix) == pytest.approx(mix, abs=1e-6)


def test_weights_are_a_mix_and_no_worse_than_those_of_a_general_solver(donors, rng):
    target = 30 + rng.normal(0, 5, 24)
    weights = closest_weights(donors, target)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    general = _by_slsqp(donors, target)
    assert _loss(donors, target, weights) <= _loss(donors, target, general) * (1 + 1e-6)
    assert weights == pytest.approx(general, abs=1e-3)


def test_a_target_beyond_every_donor_takes_the_nearest_one(donors):
    donors[:, 3] += 100
    weights = closest_weights(donors, donors[:, 3] + 50)
    assert weights == pytest.approx(np.eye(8)[3], abs=1e-6)


def test_steps_end_at_the_exact_optimum_where_there_is_a_penalty(donors, rng):
    target = donors.mean(axis=1) + rng.normal(0, 1, 24)
    found = frank_wolfe(donors, target, np.full(8, 1 / 8), zeta=2.0, least=1e-9, steps=200_000)
    rows = np.vstack([donors, 2.0 * 24**0.5 * np.eye(8)])
    exact = closest_weights(rows, np.append(target, np.zeros(8)))
    assert found == pytest.approx(exact, abs=1e-4)


def test_no_step_is_taken_from_the_best_place(donors):
    at = np.eye(8)[2]
    found = frank_wolfe(donors, donors[:, 2], at, zeta=0.0, least=0.0, steps=50)
    assert found == pytest.approx(at, abs=1e-9)


def test_a_penalty_spreads_the_weights(donors, rng):
    target = donors @ np.array([0.7, 0.3, 0, 0, 0, 0, 0, 0]) + rng.normal(0, 0.5, 24)
    narrow, wide = (spread_weights(donors, target, zeta=zeta, least=1e-4) for zeta in (1e-6, 50.0))
    assert (narrow**2).sum() > (wide**2).sum()
    assert wide == pytest.approx(np.full(8, 1 / 8), abs=0.01)
    for weights in (narrow, wide):
        assert weights.sum() == pytest.approx(1, abs=SAME)
        assert weights.min() >= 0


def test_a_constant_difference_does_not_change_spread_weights(donors):
    mix = donors @ np.array([0.4, 0.6, 0, 0, 0, 0, 0, 0])
    one, other = (spread_weights(donors, mix + away, zeta=0.1, least=1e-6) for away in (0.0, 40.0))
    assert one == pytest.approx(other, abs=1e-6)


def test_nothing_is_changed_of_what_is_given(donors):
    kept, target = donors.copy(), donors.mean(axis=1)
    closest_weights(donors, target)
    spread_weights(donors, target, zeta=0.1, least=1e-4)
    assert (donors == kept).all()


def test_predictors_are_made_as_important_as_fits_the_outcomes_better(rng):
    outcomes = 10 + rng.normal(size=(10, 6))
    outcome = outcomes @ np.array([0.3, 0.3, 0.4, 0, 0, 0])
    predictors = np.vstack([outcomes[:2], rng.normal(size=(2, 6))])
    predicted = np.append(outcome[:2], [0.5, -0.5])
    weights, importance = predictor_weights(predictors, predicted, outcomes, outcome)
    spread = np.column_stack([predictors, predicted]).std(axis=1, ddof=1)
    equal = closest_weights(predictors / spread[:, None], predicted / spread)
    assert _loss(outcomes, outcome, weights) < _loss(outcomes, outcome, equal)
    assert importance.sum() == pytest.approx(1)
    assert importance.min() >= 0


def test_units_of_measurement_of_predictors_do_not_matter(rng):
    predictors, outcomes = rng.normal(size=(3, 6)), rng.normal(size=(10, 6))
    mix = np.array([0.2, 0.3, 0.5, 0, 0, 0])
    found = [
        predictor_weights(
            predictors * scale, predictors @ mix * scale[:, 0], outcomes, outcomes @ mix
        )[0]
        for scale in (np.ones((3, 1)), np.array([[1000.0], [1.0], [0.001]]))
    ]
    assert found[0] == pytest.approx(found[1], abs=1e-4)
