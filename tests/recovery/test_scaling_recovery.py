"""Simulated pilots and scores whose truth is known: weights and falls must recover it.

The generators are seeded, so every run sees the same draws. Four Monte Carlo errors are allowed.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest

from commune_pilots.scaling.composite import fall_of_winners, rank_robustness, regression_to_mean
from commune_pilots.scaling.reweighting import reweight, reweighted_mean

DRAWS = 150

pytestmark = pytest.mark.slow  # simulations: part of the whole suite, not of the quick one


def test_weights_recover_the_gain_of_a_province_that_picked_its_pilots():
    """Well connected communes are picked: the plain mean is too high, the weighted one is not.

    Gain = 10 + 0.5 internet + noise; pilots have more internet than the province, with a chance
    that rises with it. Whoever ignores it is off by half the difference.
    """
    rng = np.random.default_rng(42)
    plain, weighted = [], []
    for _ in range(DRAWS):
        internet = rng.uniform(20, 90, 300)
        size = rng.uniform(5, 40, 300)
        gain = 10 + 0.5 * internet - 0.2 * size + rng.normal(0, 5, 300)
        chance = np.exp(0.04 * internet)
        picked = rng.choice(300, 40, replace=False, p=chance / chance.sum())
        province = pd.DataFrame({"internet": internet, "size": size})
        found = reweight(province.iloc[picked], province, covariates=["internet", "size"])
        assert found.outcome == "weighted"
        told = reweighted_mean(gain[picked].tolist(), found, definitions=["d"])
        plain.append(told.plain - gain.mean())
        weighted.append(told.weighted - gain.mean())
    error = np.std(weighted) / sqrt(DRAWS)
    assert abs(np.mean(weighted)) < 4 * error
    assert np.mean(plain) > 5
    assert np.std(weighted) < 2.5  # 5 points of noise over some thirty effective pilots


def test_what_the_covariates_do_not_hold_is_not_recovered():
    """The assumption itself (A11): pilots with a keener staff stay ahead, whatever the weights."""
    rng = np.random.default_rng(43)
    errors = []
    for _ in range(DRAWS):
        internet, keen = rng.uniform(20, 90, 300), rng.normal(0, 1, 300)
        gain = 10 + 0.5 * internet + 6 * keen
        chance = np.exp(0.04 * internet + keen)
        picked = rng.choice(300, 40, replace=False, p=chance / chance.sum())
        province = pd.DataFrame({"internet": internet})
        found = reweight(province.iloc[picked], province, covariates=["internet"])
        told = reweighted_mean(gain[picked].tolist(), found, definitions=["d"])
        errors.append(told.weighted - gain.mean())
    assert np.mean(errors) > 3


@pytest.mark.parametrize(
    ("chosen", "of", "reliability"), [(1, 8, 0.5), (3, 34, 0.8), (10, 63, 0.2)]
)
def test_winners_fall_on_the_next_count_as_expected(chosen, of, reliability):
    rng = np.random.default_rng([chosen, of])
    draws, sd = 4000, 12.0
    true = rng.normal(60, sd * sqrt(reliability), (draws, of))
    noise = sd * sqrt(1 - reliability)
    first, second = (true + rng.normal(0, noise, true.shape) for _ in range(2))
    best = np.argsort(first, axis=1)[:, -chosen:]
    falls = np.take_along_axis(first - second, best, axis=1).mean(axis=1)
    expected = fall_of_winners(chosen, of, reliability=reliability, sd=sd)
    assert falls.mean() == pytest.approx(expected, abs=4 * falls.std() / sqrt(draws))


def test_one_score_falls_as_expected_and_a_low_one_rises():
    rng = np.random.default_rng(44)
    true = rng.normal(60, sqrt(0.7), 400_000) * 1.0
    true = 60 + 10 * (true - 60)  # sd 10 * sqrt(0.7)
    first, second = (true + rng.normal(0, 10 * sqrt(0.3), true.size) for _ in range(2))
    for score in (45, 60, 75):
        near = np.abs(first - score) < 0.5
        fall = (first - second)[near]
        expected = regression_to_mean(first[near].mean(), reliability=0.7, mean=60)
        assert fall.mean() == pytest.approx(expected, abs=4 * fall.std() / sqrt(near.sum()))


def test_the_share_of_weights_that_keep_a_rank_is_the_chance_that_new_ones_do():
    """Draws of one seed against draws of its own: the share is a property of the band."""
    rng = np.random.default_rng(45)
    scores = pd.DataFrame(rng.uniform(30, 90, (15, 5)), columns=list("abcde"))
    scores.index = [f"{at:02d}" for at in range(15)]
    weights = dict.fromkeys("abcde", 1.0)
    found = rank_robustness(scores, weights, definitions=["d"], seed=1, draws=4000)
    moved = rng.uniform(0.75, 1.25, (20_000, 5))
    scored = scores.to_numpy() @ moved.T
    own = 1 + (scored[None, :, :] > scored[:, None, :]).sum(axis=1)
    kept = (own == found["rank"].to_numpy()[:, None]).mean(axis=1)
    error = np.sqrt(kept * (1 - kept) * (1 / 4000 + 1 / 20_000))
    assert (np.abs(found["kept"] - kept) <= 4 * error + 1e-12).all()
