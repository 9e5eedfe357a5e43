"""Simulated roll-outs whose truth is known: what is detected, learnt and worth must be as reckoned.

Seeded, so every run sees the same draws. Three Monte Carlo errors are allowed.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy.stats import norm, t

from commune_pilots.scaling.information import Stakes, evpi, evsi_months, evsi_pilots
from commune_pilots.scaling.stepped_wedge import Wedge, detectable, draw_order, gain_variance, power

DRAWS = 20_000
ALPHA = 0.05
WEDGES = {
    "3 communes": Wedge(waves=(1, 1, 1), dossiers=200, baseline=40, between=10, period=5, effect=8),
    "8 communes": Wedge(
        waves=(2, 2, 2, 2), dossiers=200, baseline=40, between=10, period=5, effect=8
    ),
    "uneven, steady": Wedge(
        waves=(4, 1, 3), dossiers=60, baseline=20, between=6, period=0, effect=0
    ),
}

pytestmark = pytest.mark.slow  # simulations: part of the whole suite, not of the quick one


def _error(share, draws=DRAWS):
    return sqrt(share * (1 - share) / draws)


def _treated(wedge):
    starts = np.repeat(np.arange(len(wedge.waves)), wedge.waves)
    return (np.arange(len(wedge.waves) + 1) > starts[:, None]).astype(float)


def _simulate(wedge, gain, rng, *, binomial=False):
    """Draw shares, points: a row a roll-out, then communes, then periods; with a common trend."""
    treated = _treated(wedge)
    communes, periods = treated.shape
    size = (DRAWS, communes, periods)
    level = wedge.baseline + np.linspace(0, 6, periods) * (not binomial)
    own = rng.normal(0, wedge.between, (DRAWS, communes, 1))
    moves = rng.normal(0, wedge.period, size)
    gains = gain + rng.normal(0, wedge.effect, (DRAWS, communes, 1))
    mean = level + own + moves + gains * treated
    if binomial:
        chance = np.clip(mean / 100, 0, 1)
        return 100 * rng.binomial(wedge.dossiers, chance) / wedge.dossiers
    middle = (wedge.baseline + gain / 2) / 100
    return mean + rng.normal(0, 100 * sqrt(middle * (1 - middle) / wedge.dossiers), size)


def _weights(wedge, gain):
    """Solve the whole design at once: the row that turns all shares into the estimated gain."""
    treated = _treated(wedge)
    communes, periods = treated.shape
    middle = (wedge.baseline + gain / 2) / 100
    residual = 1e4 * middle * (1 - middle) / wedge.dossiers
    blocks = [
        (residual + wedge.period**2) * np.eye(periods)
        + wedge.between**2
        + wedge.effect**2 * np.outer(row, row)
        for row in treated
    ]
    inverse = np.zeros((communes * periods, communes * periods))
    for at, block in enumerate(blocks):
        part = slice(at * periods, (at + 1) * periods)
        inverse[part, part] = np.linalg.inv(block)
    columns = np.column_stack([np.tile(np.eye(periods), (communes, 1)), treated.ravel()])
    solved = np.linalg.solve(columns.T @ inverse @ columns, columns.T @ inverse)
    return solved[-1]


def _estimates(wedge, gain, rng, *, assumed=None, **how):
    shares = _simulate(wedge, gain, rng, **how)
    return shares.reshape(DRAWS, -1) @ _weights(wedge, gain if assumed is None else assumed)


@pytest.mark.parametrize("name", WEDGES)
def test_the_estimated_gain_is_unbiased_and_scatters_as_reckoned(name, rng):
    wedge = WEDGES[name]
    found = _estimates(wedge, 15, rng)
    variance = gain_variance(wedge, gain=15)
    assert found.mean() == pytest.approx(15, abs=3 * sqrt(variance / DRAWS))
    assert found.var() == pytest.approx(variance, rel=3 * sqrt(2 / DRAWS))


@pytest.mark.parametrize("name", WEDGES)
@pytest.mark.parametrize("gain", [5, 15])
def test_the_rejection_rate_is_the_power(name, gain, rng):
    wedge = WEDGES[name]
    limit = norm.isf(ALPHA / 2) * sqrt(gain_variance(wedge, gain=gain))
    rejected = np.mean(np.abs(_estimates(wedge, gain, rng)) > limit)
    expected = power(wedge, gain=gain, alpha=ALPHA, test="z")
    assert rejected == pytest.approx(expected, abs=3 * _error(expected))


@pytest.mark.parametrize("name", WEDGES)
def test_without_a_gain_one_in_twenty_is_rejected_whatever_the_trend(name, rng):
    wedge = WEDGES[name]
    found = _estimates(wedge, 0, rng)
    limit = norm.isf(ALPHA / 2) * sqrt(gain_variance(wedge, gain=0))
    assert np.mean(np.abs(found) > limit) == pytest.approx(ALPHA, abs=3 * _error(ALPHA))


def test_the_detectable_gain_is_detected_in_four_of_five_roll_outs(rng):
    wedge = WEDGES["8 communes"]
    gain = detectable(wedge, alpha=ALPHA, test="z")
    limit = norm.isf(ALPHA / 2) * sqrt(gain_variance(wedge, gain=gain))
    rejected = np.mean(np.abs(_estimates(wedge, gain, rng)) > limit)
    assert rejected == pytest.approx(0.8, abs=3 * _error(0.8))


def test_counted_dossiers_bear_the_normal_model_out(rng):
    # Shares of counted dossiers, chances cut at 0 and 1: near the reckoned power, not exactly it.
    wedge = WEDGES["8 communes"]
    limit = norm.isf(ALPHA / 2) * sqrt(gain_variance(wedge, gain=10))
    rejected = np.mean(np.abs(_estimates(wedge, 10, rng, binomial=True)) > limit)
    expected = power(wedge, gain=10, alpha=ALPHA, test="z")
    assert rejected == pytest.approx(expected, abs=0.03)


def _jackknife(wedge, shares):
    """Estimate the gain and its variance by leaving out one commune at a time, unweighted."""
    treated = _treated(wedge)
    communes, periods = treated.shape
    found = []
    for left_out in [None, *range(communes)]:
        kept = [at for at in range(communes) if at != left_out]
        columns = np.column_stack(
            [np.tile(np.eye(periods), (len(kept), 1)), np.repeat(np.eye(len(kept)), periods, 0)]
        )[:, :-1]
        design = np.column_stack([columns, treated[kept].ravel()])
        found.append(shares[:, kept].reshape(len(shares), -1) @ np.linalg.pinv(design)[-1])
    whole, parts = found[0], np.stack(found[1:])
    return whole, (communes - 1) / communes * ((parts - whole) ** 2).sum(axis=0)


def test_an_analysis_that_estimates_its_variance_keeps_its_level_with_t_and_not_with_z(rng):
    """Why tables show t: eight communes, variance from leaving one out, two limits."""
    wedge = WEDGES["8 communes"]
    gain, variance = _jackknife(wedge, _simulate(wedge, 0, rng))
    away = np.abs(gain) / np.sqrt(variance)
    by_t = np.mean(away > t.isf(ALPHA / 2, 6))
    by_z = np.mean(away > norm.isf(ALPHA / 2))
    assert by_t < ALPHA + 3 * _error(ALPHA)
    assert by_z > ALPHA + 3 * _error(ALPHA)


def test_the_drawn_order_estimates_without_bias_whatever_the_communes_are():
    """Randomised order: communes with fixed levels and trends of their own, over many draws."""
    rng = np.random.default_rng(5)
    codes = [f"c{at}" for at in range(8)]
    levels, drifts = rng.normal(40, 10, 8), rng.normal(2, 3, 8)
    wedge = WEDGES["8 communes"]
    weights = _weights(wedge, 12).reshape(8, 5)
    starts = np.repeat([1, 2, 3, 4], 2)
    found = []
    for seed in range(3_000):
        stages = draw_order(codes, stages=4, seed=seed)
        order = sorted(codes, key=lambda code: (stages[code], code))
        at = [codes.index(code) for code in order]
        periods = np.arange(5)
        shares = levels[at][:, None] + drifts[at][:, None] * periods
        shares = shares + 12 * (periods >= starts[:, None])
        found.append(float((weights * shares).sum()))
    error = np.std(found) / sqrt(len(found))
    assert np.mean(found) == pytest.approx(12, abs=3 * error)


STAKES = Stakes(mean=10.0, std_error=8.0, value=1_000.0, cost=8_000.0, communes=50)
WORLDS = 400_000


def _worth_of_deciding(told, truth):
    """Mean benefit, at the truth, of starting where what is told pays, less that of starting all.

    Blind, all communes start: 10 points are worth more than they cost.
    """
    benefit = STAKES.communes * (STAKES.value * truth - STAKES.cost)
    starts = STAKES.value * told > STAKES.cost
    gained = benefit * starts - benefit
    return gained.mean(), gained.std() / sqrt(WORLDS)


def test_perfect_information_is_worth_what_simulated_worlds_gain_by_it(rng):
    truth = rng.normal(10, 8, WORLDS)
    found, error = _worth_of_deciding(truth, truth)
    assert evpi(STAKES) == pytest.approx(found, abs=3 * error)


@pytest.mark.parametrize("pilots", [1, 4])
def test_further_pilots_are_worth_what_simulated_worlds_gain_by_them(pilots, rng):
    truth = rng.normal(10, 8, WORLDS)
    own = truth[:, None] + rng.normal(0, 8, (WORLDS, pilots))
    seen = (own + rng.normal(0, 6, (WORLDS, pilots))).mean(axis=1)
    known, said = 1 / 8**2, pilots / (8**2 + 6**2)
    told = (known * 10 + said * seen) / (known + said)
    found, error = _worth_of_deciding(told, truth)
    reckoned = evsi_pilots(STAKES, pilots=pilots, effect_sd=8.0, noise_sd=6.0)
    assert reckoned == pytest.approx(found, abs=3 * error)


@pytest.mark.parametrize("months", [1, 6])
def test_further_months_are_worth_what_simulated_worlds_gain_by_them(months, rng):
    # Doubt of 8 points: that 4 pilots differ by 8 from commune to commune makes 4 of it; the rest
    # is error of what was measured in them.
    pilots, between = 4, 8.0
    measured = sqrt(8**2 - between**2 / pilots)
    of_pilots = rng.normal(10, measured, WORLDS)
    truth = of_pilots + rng.normal(0, between / sqrt(pilots), WORLDS)
    seen = of_pilots + rng.normal(0, 6 / sqrt(pilots * months), WORLDS)
    known, said = 1 / measured**2, pilots * months / 6**2
    told = (known * 10 + said * seen) / (known + said)
    found, error = _worth_of_deciding(told, truth)
    reckoned = evsi_months(STAKES, months=months, pilots=pilots, effect_sd=between, noise_sd=6.0)
    assert reckoned == pytest.approx(found, abs=3 * error)
