"""Size and coverage with 3, 5 and 8 treated communes of 108, on panels whose truth is known.

Panels come from benchmarks/few_treated.py (serial correlation, communes of unequal size, a common
shock a month), whose table over more panels stands in benchmarks/README.md. SIZE is what is
promised of a nominal 5%; a figure over PANELS panels has a standard error of 0.8 points.
"""

from __future__ import annotations

import runpy
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from commune_pilots.effects.assignment import choices
from commune_pilots.effects.collapse import changes, headline
from commune_pilots.effects.honest import event_study, relative_magnitudes, smoothness
from commune_pilots.effects.randomisation import p_value, prepare
from commune_pilots.scaling.pilot_design import PilotPlan, assignment_of, foresee

PANELS = 800
SIZE = (0.03, 0.07)
ALPHA, GAIN = 0.05, 5.0
SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[2] / "benchmarks" / "few_treated.py"))
HALF = np.arange(24) >= 12

pytestmark = pytest.mark.slow  # simulations: part of the whole suite, not of the quick one


def _rejected(kind, treated, *ways, panels=PANELS):
    rng = np.random.default_rng(1)
    return SCRIPT["rejected"](kind, treated, panels=panels, draws=499, rng=rng, ways=ways)


@pytest.mark.parametrize(
    ("kind", "treated"), [("random", 3), ("random", 5), ("random", 8), ("district", 8)]
)
def test_the_studentised_test_rejects_what_is_true_as_often_as_it_promises(kind, treated):
    found = _rejected(kind, treated)
    assert SIZE[0] <= found["studentised"] <= SIZE[1]
    assert SIZE[0] <= found["difference"] <= SIZE[1]
    assert SIZE[0] <= found["welch"] <= SIZE[1] + 2 * sqrt(0.05 * 0.95 / PANELS)


@pytest.mark.parametrize(("treated", "least"), [(1, 0.6), (3, 0.15), (5, 0.1), (8, 0.07)])
def test_the_usual_cluster_robust_t_finds_differences_that_are_not_there(treated, least):
    assert _rejected("random", treated, panels=400)["cluster_robust"] > least


@pytest.mark.parametrize("treated", [1, 2])
def test_one_or_two_treated_communes_are_judged_by_rank_and_by_placebos(treated):
    found = _rejected("random", treated, "conley_taber")
    assert SIZE[0] <= found["difference"] <= SIZE[1]
    assert SIZE[0] <= found["conley_taber"] <= SIZE[1]


def test_the_wild_bootstrap_finds_nothing_with_three_treated_communes():
    assert _rejected("random", 3, "wild_bootstrap", panels=200)["wild_bootstrap"] < 0.02


def test_only_the_studentised_test_stands_treated_communes_that_scatter_more():
    found = _rejected("noisy", 8, "conley_taber", panels=300)
    assert found["difference"] > 0.2
    assert found["conley_taber"] > 0.2
    assert found["studentised"] < 0.1


def test_an_interval_holds_the_truth_exactly_where_its_test_does_not_reject_it():
    rng = np.random.default_rng(4)
    held = []
    for _ in range(150):
        panel = SCRIPT["draw"]("random", 5, rng=rng)
        change = changes(panel.shares, before=~HALF, after=HALF)
        seed = int(rng.integers(2**31))
        found = headline(
            change, panel.assignment, alpha=ALPHA, draws=299, rng=np.random.default_rng(seed)
        )
        chosen = choices(panel.assignment, draws=299, rng=np.random.default_rng(seed))
        kept = p_value(prepare(change, chosen, statistic="studentised"), GAIN) > ALPHA
        held.append(found.test.conf_low <= GAIN <= found.test.conf_high)
        assert held[-1] == kept
    assert np.mean(held) == pytest.approx(0.95, abs=3 * sqrt(0.0475 / 150))


def test_a_foreseen_power_is_that_of_pilots_simulated_month_by_month():
    plan = PilotPlan(
        communes=60,
        pilots=5,
        per_district=False,
        months_before=8,
        months_after=6,
        own_change=2.0,
        month=4.0,
        autocorrelation=0.5,
    )
    foreseen = foresee(plan, gains=(4.0,), alpha=ALPHA, wanted=0.8, seed=2)
    rng, mechanism = np.random.default_rng(3), assignment_of(plan)
    chosen = choices(mechanism, draws=499, rng=rng)
    after = np.arange(14) >= 8
    detected = []
    for _ in range(800):
        months = rng.normal(0, 4, (60, 14))
        months[:, 1:] *= sqrt(1 - 0.5**2)
        for month in range(1, 14):
            months[:, month] += 0.5 * months[:, month - 1]
        own = rng.normal(30, 10, (60, 1)) + np.outer(rng.normal(0, 2, 60), after)
        shares = months + own + rng.normal(0, 5, 14) + 4.0 * np.outer(mechanism.treated, after)
        change = changes(shares, before=~after, after=after)
        detected.append(p_value(prepare(change, chosen, statistic="studentised")) <= ALPHA)
    power = foreseen.power[0]
    scatter = sqrt(power * (1 - power) * (1 / 800 + 1 / 1000))
    assert np.mean(detected) == pytest.approx(power, abs=3 * scatter)
    assert foreseen.by_formula[0] == pytest.approx(power, abs=0.1)


@pytest.mark.parametrize(
    ("bounded", "trend", "bound"),
    [
        (smoothness, [0.0, 0.6, 0.8, 1.8, 1.9, 3.2], 0.9),
        (relative_magnitudes, [0.6, -0.4, 0.0, 1.0, 2.0, 3.0], 1.0),
    ],
)
def test_bounds_on_trends_hold_the_truth_where_trends_stay_within_them(bounded, trend, bound):
    """Trends at the edge of what is allowed: one interval holds 95%, the union of several more."""
    half = np.random.default_rng(6).normal(size=(5, 9)) / 4
    covariance = half @ half.T
    # periods -3, -2, -1, 1, 2, the one before the start as 0
    parted = np.array(trend) - trend[2]
    parted = np.delete(parted, 2)
    truth = np.array([0.0, 0.0, 4.0, 4.0, 4.0]) + parted
    root = np.linalg.cholesky(covariance)
    rng = np.random.default_rng(7)
    held = []
    for _ in range(600):
        beta = truth + root @ rng.normal(size=5)
        study = event_study(beta, covariance, n_before=2)
        found = bounded(study, bound=bound, alpha=ALPHA)
        held.append(found.conf_low <= 4.0 <= found.conf_high)
    assert np.mean(held) >= 0.95 - 3 * sqrt(0.0475 / 600)
