"""How often the intervals of the next commune hold its truth, and what they promise not to.

Sets of 3, 5 and 8 communes are simulated by benchmarks/prediction_coverage.py with a fixed seed;
docs/methods.md, M8, prints its table over more draws. A band is the coverage that a promise names,
with SCATTER on either side: three standard errors at 95% over DRAWS sets.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from commune_pilots import simulate
from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.coverage import cover_pilots, unit_names
from commune_pilots.effects.pairing import contrast_all
from commune_pilots.scaling.heterogeneity import between_variance, spread_of
from commune_pilots.scaling.hierarchical import PRIORS, hierarchical
from commune_pilots.scaling.next_commune import pool_all
from commune_pilots.scaling.pooling import fit

DRAWS = 2000
SCATTER = 3 * (0.95 * 0.05 / DRAWS) ** 0.5
SCRIPT = runpy.run_path(
    str(Path(__file__).resolve().parents[2] / "benchmarks" / "prediction_coverage.py")
)

pytestmark = pytest.mark.slow  # simulations: part of the whole suite, not of the quick one


def _coverage(kind, units, tau, interval):
    """Count how often one interval holds the next commune."""
    sets = SCRIPT["draw"](kind, units, tau, draws=DRAWS, rng=np.random.default_rng(20230601))
    return SCRIPT["holds"](sets, interval).mean()


@pytest.mark.parametrize("kind", ["normal", "binomial"])
@pytest.mark.parametrize("units", [3, 5, 8])
@pytest.mark.parametrize("tau", [0.5, 1.0, 2.0])
def test_higgins_interval_holds_the_next_commune_where_communes_differ(kind, units, tau):
    """92 to 99.9%: too wide for three communes, close for five and eight."""
    held = _coverage(kind, units, tau, "hts")
    assert 0.92 - SCATTER <= held <= 0.999 + SCATTER
    if units > 3:
        assert held <= 0.98


@pytest.mark.parametrize("kind", ["normal", "binomial"])
@pytest.mark.parametrize("units", [3, 5, 8])
@pytest.mark.parametrize("tau", [0.5, 1.0, 2.0])
def test_hartung_and_knapps_interval_is_a_little_short(kind, units, tau):
    """90 to 96.5%: the narrower of the two conventions."""
    held = _coverage(kind, units, tau, "hartung_knapp")
    assert 0.90 - SCATTER <= held <= 0.965 + SCATTER


@pytest.mark.parametrize("kind", ["normal", "binomial"])
def test_intervals_by_tau_are_too_short_for_eight_communes_that_hardly_differ(kind):
    """Known and kept: tau is often estimated as 0, and the interval is then that of the mean."""
    for interval in ("hts", "hartung_knapp"):
        assert _coverage(kind, 8, 0.1, interval) < 0.93
    assert _coverage(kind, 3, 0.1, "hts") > 0.97


@pytest.mark.parametrize("kind", ["normal", "binomial"])
@pytest.mark.parametrize("units", [3, 5, 8])
@pytest.mark.parametrize("prior", PRIORS)
def test_a_prior_holds_where_communes_differ_by_half_its_scale(kind, units, prior):
    """92% and more: tau is well inside what the prior allows."""
    assert _coverage(kind, units, PRIORS[prior] / 2, prior) >= 0.92 - SCATTER


@pytest.mark.parametrize("kind", ["normal", "binomial"])
@pytest.mark.parametrize("units", [3, 5])
def test_a_prior_is_too_sure_where_communes_differ_by_more_than_it_allows(kind, units):
    """Known and said on the page: half_normal_0_5 misses where tau is four times its scale."""
    assert _coverage(kind, units, 2.0, "half_normal_0_5") < 0.88
    assert _coverage(kind, units, 2.0, "half_normal_2") > 0.88


@pytest.mark.parametrize("units", [3, 5, 8])
def test_coverage_over_the_prior_itself_is_exact(units, rng):
    """Truths drawn from the prior: a posterior interval then holds 95%, by construction."""
    prior_scale = PRIORS["half_normal_1"]
    tau = np.abs(rng.normal(0, prior_scale, size=(DRAWS, 1)))
    truth = rng.normal(0, 1, size=(DRAWS, units)) * tau
    variances = rng.uniform(0.01, 0.1, size=truth.shape)
    sets = SCRIPT["Sets"](
        estimates=rng.normal(truth, np.sqrt(variances)),
        variances=variances,
        following=rng.normal(0, 1, size=DRAWS) * tau[:, 0],
    )
    assert SCRIPT["holds"](sets, "half_normal_1").mean() == pytest.approx(0.95, abs=SCATTER)


@pytest.mark.parametrize("method", ["reml", "paule_mandel", "dersimonian_laird"])
def test_each_estimator_recovers_mean_and_tau(method, rng):
    """Forty units, so that what is estimated is close to what was put in."""
    truth = rng.normal(1.2, 0.8, size=(DRAWS, 40))
    variances = rng.uniform(0.01, 0.2, size=truth.shape)
    estimates = rng.normal(truth, np.sqrt(variances))
    found = fit(estimates, variances, method=method)
    assert found.estimate.mean() == pytest.approx(1.2, abs=0.01)
    assert found.tau2.mean() == pytest.approx(0.64, abs=0.02)
    assert found.std_error.mean() == pytest.approx(found.estimate.std(), rel=0.06)


@pytest.mark.parametrize("method", ["reml", "paule_mandel", "dersimonian_laird"])
def test_without_any_difference_tau_is_often_nothing_and_never_large(method, rng):
    variances = rng.uniform(0.01, 0.2, size=(DRAWS, 5))
    estimates = rng.normal(0, np.sqrt(variances))
    tau2 = between_variance(spread_of(estimates, variances), method=method)
    assert 0.4 < (tau2 == 0).mean() < 0.9
    assert np.quantile(tau2, 0.95) < 0.2


def test_the_posterior_closes_in_on_what_was_put_in(rng):
    truth = rng.normal(-0.5, 0.6, size=80)
    variances = rng.uniform(0.01, 0.05, size=80)
    found = hierarchical(rng.normal(truth, np.sqrt(variances)).tolist(), variances.tolist())
    assert found.interval.low < -0.5 < found.interval.high
    assert found.tau_interval.low < 0.6 < found.tau_interval.high
    assert found.prediction.high - found.prediction.low == pytest.approx(2 * 1.96 * 0.6, rel=0.2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ranges_of_printed_shares_hold_what_the_true_counts_give(indicators, seed):
    """Simulated press figures, once with and once without the counts behind them."""
    terms = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)
    counted, printed = (
        _pooled_from_press(seed, terms, indicators, counted=counted) for counted in (3, 0)
    )
    assert set(printed["outcome"]) == set(counted["outcome"]) == {"pooled"}
    for name in ("estimate", "conf", "prediction", "tau", "i2", "chance"):
        assert (printed[f"{name}_low"] <= counted[f"{name}_low"] + 1e-3).all()
        assert (counted[f"{name}_high"] <= printed[f"{name}_high"] + 1e-3).all()


def _pooled_from_press(seed, terms, indicators, *, counted):
    """Pool three simulated communes; the same dossiers whether counts are printed or not."""
    tables = simulate.press_tables(communes=3, counted=counted, rng=np.random.default_rng(seed))
    figures, names = tables["observations"], unit_names(tables["units"])
    return pool_all(
        contrast_all(figures, names, terms, indicators=[]),
        cover_pilots(tables["pilots"], figures, names),
        figures,
        terms,
        indicators=indicators,
        target_share=60.0,
        least_change=10.0,
    )


def test_the_script_prints_a_row_for_each_case(capsys):
    assert SCRIPT["main"](["--draws", "20"]) == 0
    printed = capsys.readouterr().out.splitlines()
    cases = len(SCRIPT["KINDS"]) * len(SCRIPT["UNITS"]) * len(SCRIPT["TAUS"])
    assert sum(line.startswith("| ") for line in printed) == cases + 2
