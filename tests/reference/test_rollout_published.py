"""Power, costs and worth of information against published numbers and published formulas.

Sources: power of nine stepped wedges, computed in R by swCRTdesign (swPwr, binomial outcome; 40%
to 55%, 200 dossiers a commune and period) and printed with two decimals; Hussey & Hughes 2007,
closed form of the variance (Contemp Clin Trials 28:182-191); Hooper, Teerenstra, de
Hoop & Eldridge 2016, design effect with a cluster autocorrelation (Stat Med 35:4718-4728); Raiffa &
Schlaifer 1961, unit normal loss. The worked example of the value of information (10 points +- 8,
100,000 for the whole way, cost 8,000, 50 communes) was computed apart from this code.

PRINTED: a figure of two decimals. SOLVED: the same algebra by another way. TABLE: six decimals.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from commune_pilots.scaling.information import Stakes, evpi, evsi_pilots, unit_normal_loss
from commune_pilots.scaling.stepped_wedge import Wedge, gain_variance, power

PRINTED = 0.005
SOLVED = 1e-9
TABLE = 1e-6
WHOLE = 0.5
PLAN = {"dossiers": 200, "baseline": 40, "between": 10, "effect": 8}


@pytest.mark.parametrize(
    ("waves", "period", "published"),
    [
        ((1, 1, 1), 0, 0.70),
        ((1, 1, 1), 5, 0.46),
        ((1, 1, 1), 10, 0.24),
        ((2, 2, 2), 0, 0.94),
        ((2, 2, 2), 5, 0.75),
        ((2, 2, 2), 10, 0.43),
        ((2, 2, 2, 2), 0, 0.99),
        ((2, 2, 2, 2), 5, 0.92),
        ((2, 2, 2, 2), 10, 0.64),
    ],
)
def test_power_with_known_variances_is_that_of_swcrtdesign(waves, period, published):
    wedge = Wedge(waves=waves, period=period, **PLAN)
    found = power(wedge, gain=15, alpha=0.05, test="z")
    assert found == pytest.approx(published, abs=PRINTED)


@pytest.mark.parametrize(
    ("waves", "shown"),
    [
        ((1, 1, 1), (0.16, 0.12, 0.08)),
        ((2, 2, 2), (0.75, 0.52, 0.28)),
        ((2, 2, 2, 2), (0.94, 0.80, 0.50)),
    ],
)
def test_power_by_t_is_what_the_methods_page_shows_below_the_published(waves, shown):
    for period, expected in zip((0, 5, 10), shown, strict=True):
        wedge = Wedge(waves=waves, period=period, **PLAN)
        by_t = power(wedge, gain=15, alpha=0.05, test="t")
        assert by_t == pytest.approx(expected, abs=PRINTED)
        assert by_t < power(wedge, gain=15, alpha=0.05, test="z") - 0.04


def _closed_form(waves, *, residual, between):
    """Variance of the gain by Hussey & Hughes 2007: U, V and W are sums over zeros and ones.

    The variance of a mean of a cluster and period is `residual`, that between clusters `between`.
    """
    periods = len(waves) + 1
    starts = np.repeat(np.arange(len(waves)), waves)
    treated = (np.arange(periods) > starts[:, None]).astype(float)
    clusters = len(starts)
    u, w = treated.sum(), (treated.sum(axis=0) ** 2).sum()
    v = (treated.sum(axis=1) ** 2).sum()
    above = clusters * residual * (residual + periods * between)
    below = (clusters * u - w) * residual
    below += (u**2 + clusters * periods * u - periods * w - clusters * v) * between
    return above / below


@pytest.mark.parametrize("waves", [(1, 1, 1), (2, 2, 2, 2), (6, 6, 6, 6), (3, 1, 4), (2, 0, 5)])
@pytest.mark.parametrize("between", [0.0, 1.5, 10.0])
def test_the_variance_is_hussey_and_hughes_closed_form(waves, between):
    wedge = Wedge(waves=waves, dossiers=100, baseline=5, between=between, period=0, effect=0)
    middle = 0.05 + 0.02 / 2
    residual = 1e4 * middle * (1 - middle) / 100
    expected = _closed_form(waves, residual=residual, between=between**2)
    assert gain_variance(wedge, gain=2) == pytest.approx(expected, rel=SOLVED)


@pytest.mark.parametrize("steps", [2, 3, 4, 6])
@pytest.mark.parametrize("period", [0.0, 2.0, 8.0])
def test_the_variance_is_hoopers_design_effect_with_communes_that_move(steps, period):
    each, dossiers, between = 3, 50, 6.0
    wedge = Wedge(
        waves=(each,) * steps,
        dossiers=dossiers,
        baseline=30,
        between=between,
        period=period,
        effect=0,
    )
    own = between**2 + period**2
    total = own + 1e4 * 0.35 * 0.65
    rho, autocorrelation = own / total, between**2 / own
    clustering = 1 + (dossiers - 1) * rho
    r = dossiers * rho * autocorrelation / clustering
    repeated = 3 * steps * (1 - r) * (1 + steps * r) / ((steps**2 - 1) * (2 + steps * r))
    of_a_parallel_trial = 4 * total / (steps * each * dossiers)
    expected = of_a_parallel_trial * clustering * repeated
    assert gain_variance(wedge, gain=10) == pytest.approx(expected, rel=SOLVED)


@pytest.mark.parametrize(("distance", "published"), [(0.0, 0.398942), (0.5, 0.197797)])
def test_the_unit_normal_loss_is_the_tables(distance, published):
    assert unit_normal_loss(distance) == pytest.approx(published, abs=TABLE)


def test_the_worked_example_of_the_value_of_information():
    stakes = Stakes(mean=10.0, std_error=8.0, value=1_000.0, cost=8_000.0, communes=50)
    assert evpi(stakes) == pytest.approx(114_538, abs=WHOLE)
    found = evsi_pilots(stakes, pilots=4, effect_sd=8.0, noise_sd=2.0)
    assert found == pytest.approx(97_420, abs=WHOLE)


def test_without_measuring_error_the_same_four_pilots_would_be_worth_a_little_more():
    stakes = Stakes(mean=10.0, std_error=8.0, value=1_000.0, cost=8_000.0, communes=50)
    found = evsi_pilots(stakes, pilots=4, effect_sd=8.0, noise_sd=0.0)
    spread = 8 * sqrt(64 / (64 + 64 / 4))
    expected = 50 * 1_000 * spread * unit_normal_loss(2 / spread)
    assert found == pytest.approx(expected, rel=SOLVED)
    assert 97_420 < found < 114_538
