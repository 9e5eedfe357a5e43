"""Simulated counts whose truth is known: limits must cover it as often as they claim.

The generators are seeded, so every run sees the same draws. `_error` is the Monte Carlo error of a
share of draws; three of these are allowed.
"""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from commune_pilots.effects import counts
from commune_pilots.effects.counts import compare_counts
from commune_pilots.effects.strata import mantel_haenszel, overdispersed

DRAWS = 150
FITS = 100
LEVEL = 0.95

pytestmark = pytest.mark.slow  # simulations: part of the whole suite, not of the quick one


def _error(draws, level=LEVEL):
    return sqrt(level * (1 - level) / draws)


def _compare(drawn, n1, n2):
    """Compare each drawn pair of counts, the same pair once."""
    pairs = [tuple(pair) for pair in drawn]
    results = {pair: compare_counts(pair[0], n1, pair[1], n2, alpha=0.05) for pair in set(pairs)}
    return [results[pair] for pair in pairs]


def _inside(low, value, high):
    return (low is None or low <= value) and (high is None or value <= high)


@pytest.fixture
def without_boschloo(monkeypatch):
    """Leave out Boschloo's p-value, which takes most of the time and has no limits."""
    monkeypatch.setattr(counts, "boschloo", lambda *_: None)


@pytest.mark.usefixtures("without_boschloo")
@pytest.mark.parametrize(
    ("n1", "p1", "n2", "p2"), [(25, 0.2, 40, 0.6), (150, 0.05, 80, 0.12), (30, 0.9, 45, 0.97)]
)
def test_limits_cover_the_true_difference_ratios_and_gap(n1, p1, n2, p2):
    """Miettinen & Nurminen's near 95%; the exact limits of the odds ratio at least that."""
    rng = np.random.default_rng([n1, n2])
    found = _compare(rng.binomial([n1, n2], [p1, p2], (DRAWS, 2)), n1, n2)
    truth = {
        "miettinen_nurminen": 100 * (p2 - p1),
        "newcombe": 100 * (p2 - p1),
        "risk_ratio": p2 / p1,
        "gap_closed": 100 * (p2 - p1) / (1 - p1),
        "odds_ratio": p2 / (1 - p2) / (p1 / (1 - p1)),
    }
    for name, true in truth.items():
        limits = [(getattr(one, f"{name}_low"), getattr(one, f"{name}_high")) for one in found]
        covered = np.mean([_inside(low, true, high) for low, high in limits])
        assert covered >= LEVEL - 3 * _error(DRAWS), name
        if name == "miettinen_nurminen":
            assert covered <= LEVEL + 3 * _error(DRAWS)


@pytest.mark.usefixtures("without_boschloo")
def test_fishers_p_value_is_rarely_small_where_nothing_changed():
    rng = np.random.default_rng(3)
    found = _compare(rng.binomial([30, 45], 0.3, (DRAWS, 2)), 30, 45)
    wrong = np.mean([one.fisher_central < 0.05 for one in found])
    assert wrong <= 0.05 + 3 * _error(DRAWS)
    hidden = np.mean([one.rosenbaum_gamma is not None for one in found])
    assert hidden <= 0.10 + 3 * _error(DRAWS, 0.9)  # one-sided 5%, in either direction


def _months(rng, *, before, after, scatter):
    """Draw ten months of 120 dossiers, half of them after, with beta-binomial scatter."""
    means = np.repeat([before, after], 5)
    chances = rng.beta(scatter * means, scatter * (1 - means)) if scatter else means
    k = rng.binomial(120, chances)
    return pd.DataFrame({"period": range(10), "k": k, "n": 120, "after": means == after})


def test_scattered_months_are_covered_by_the_quasi_binomial_and_not_by_one_chance():
    """Beta-binomial with correlation 1/31, so a dispersion of 1 + 119/31 = 4.8."""
    rng = np.random.default_rng(20231122)
    true = exp(logit(0.5) - logit(0.3))
    scattered, plain, dispersion = [], [], []
    for _ in range(FITS):
        months = _months(rng, before=0.3, after=0.5, scatter=30)
        found = overdispersed(months, alpha=0.05)
        scattered.append(_inside(found.odds_ratio_low, true, found.odds_ratio_high))
        dispersion.append(found.dispersion)
        k1, k2 = (months.loc[months["after"] == side, "k"].sum() for side in (False, True))
        totals = pd.DataFrame({"stratum": ["all"], "k1": k1, "n1": 600, "k2": k2, "n2": 600})
        one = mantel_haenszel(totals, alpha=0.05)
        plain.append(_inside(one.odds_ratio_low, true, one.odds_ratio_high))
    assert np.mean(scattered) >= LEVEL - 3 * _error(FITS)
    assert np.mean(plain) <= 0.8
    assert np.mean(dispersion) == pytest.approx(1 + 119 / 31, rel=0.15)


def test_months_of_one_chance_have_a_dispersion_of_1_and_are_covered():
    rng = np.random.default_rng(20231123)
    fits = [
        overdispersed(_months(rng, before=0.3, after=0.5, scatter=None), alpha=0.05)
        for _ in range(FITS)
    ]
    true = exp(logit(0.5) - logit(0.3))
    covered = np.mean([_inside(fit.odds_ratio_low, true, fit.odds_ratio_high) for fit in fits])
    assert covered >= LEVEL - 3 * _error(FITS)
    # A chi-square over its 8 degrees of freedom has mean 1 and standard deviation 1/2.
    mean = np.mean([fit.dispersion for fit in fits])
    assert mean == pytest.approx(1, abs=3 * 0.5 / sqrt(FITS))


def test_strata_of_unlike_chances_give_back_their_common_odds_ratio():
    """The mix of strata moves as well, so the odds ratio of the totals is far off."""
    rng = np.random.default_rng(7)
    true, base = 2.0, np.array([0.1, 0.3, 0.5, 0.8])
    n1, n2 = np.array([30, 60, 80, 120]), np.array([120, 80, 60, 30])
    chances = expit(logit(base) + log(true))
    fits, totals, disagree = [], [], 0
    for _ in range(FITS):
        strata = pd.DataFrame(
            {
                "stratum": list("abcd"),
                "k1": rng.binomial(n1, base),
                "n1": n1,
                "k2": rng.binomial(n2, chances),
                "n2": n2,
            }
        )
        fit = mantel_haenszel(strata, alpha=0.05)
        fits.append(fit)
        disagree += fit.breslow_day_p < 0.05
        k1, k2 = strata["k1"].sum(), strata["k2"].sum()
        totals.append(k2 * (290 - k1) / (k1 * (290 - k2)))
    logs = np.log([fit.odds_ratio for fit in fits])
    assert logs.mean() == pytest.approx(log(true), abs=3 * logs.std() / sqrt(FITS))
    covered = np.mean([_inside(fit.odds_ratio_low, true, fit.odds_ratio_high) for fit in fits])
    assert covered == pytest.approx(LEVEL, abs=3 * _error(FITS))
    assert disagree / FITS <= 0.05 + 3 * _error(FITS)
    assert np.median(totals) < 1
