"""Weights that make pilots look like their target, and every case in which there are none.

BALANCED: means met to what double precision leaves of a Newton search. OPTIMAL: a general solver
stops that far from the least entropy.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from commune_pilots import simulate
from commune_pilots.errors import ClaimError
from commune_pilots.scaling.reweighting import (
    LEAST_PILOTS,
    effective_size,
    reweight,
    reweighted_mean,
)

BALANCED, OPTIMAL = 1e-9, 1e-6


def _pilots(rng, units=14, covariates="ab"):
    return pd.DataFrame({name: rng.normal(50, 10, units) for name in covariates})


def _inside(pilots, rng):
    """Draw target means strictly inside the hull of the pilots: a mean under random weights."""
    weights = rng.dirichlet(np.full(len(pilots), 4.0))
    return pd.DataFrame([weights @ pilots.to_numpy()], columns=pilots.columns)


def _reweight(pilots, target):
    return reweight(pilots, target, covariates=list(pilots.columns))


# ---- where there are weights --------------------------------------------------------------------


@pytest.mark.parametrize("covariates", ["a", "ab", "abc"])
def test_weighted_means_are_those_of_the_target(rng, covariates):
    for _ in range(20):
        pilots = _pilots(rng, covariates=covariates)
        target = _inside(pilots, rng)
        found = _reweight(pilots, target)
        weights = np.array(found.weights)
        assert found.outcome == "weighted"
        assert weights.min() >= 0
        assert weights.sum() == pytest.approx(1, abs=BALANCED)
        assert weights @ pilots.to_numpy() == pytest.approx(target.to_numpy()[0], rel=BALANCED)


def test_no_other_weights_that_balance_are_nearer_to_equal_ones(rng):
    """Against a general solver on the weights themselves, from another start."""
    for _ in range(3):
        pilots = _pilots(rng)
        target, units = _inside(pilots, rng), len(pilots)
        found = _reweight(pilots, target)
        values, means = pilots.to_numpy(), target.to_numpy()[0]
        solved = minimize(
            lambda w, units=units: np.sum(w * np.log(w * units)),
            rng.dirichlet(np.full(units, 5.0)),
            jac=lambda w, units=units: np.log(w * units) + 1,
            bounds=[(1e-12, 1)] * units,
            constraints=[
                {"type": "eq", "fun": lambda w: w.sum() - 1},
                {"type": "eq", "fun": lambda w, v=values, m=means: (w @ v - m) / 10},
            ],
            method="SLSQP",
            options={"ftol": 1e-13, "maxiter": 500},
        )
        assert found.weights == pytest.approx(solved.x, abs=OPTIMAL)
        assert found.divergence == pytest.approx(solved.fun, abs=OPTIMAL)
        assert found.divergence <= solved.fun + BALANCED


@given(ones=st.integers(1, 20), noughts=st.integers(1, 20), share=st.floats(0.02, 0.98))
def test_one_yes_or_no_is_post_stratification(ones, noughts, share):
    """In closed form: each stratum has its share of the target, spread evenly inside."""
    if ones + noughts < LEAST_PILOTS:
        return
    pilots = pd.DataFrame({"town": [1.0] * ones + [0.0] * noughts})
    found = _reweight(pilots, pd.DataFrame({"town": [share]}))
    expected = [share / ones] * ones + [(1 - share) / noughts] * noughts
    assert found.weights == pytest.approx(expected, abs=BALANCED)
    kish = 1 / (share**2 / ones + (1 - share) ** 2 / noughts)
    assert found.effective_pilots == pytest.approx(kish, rel=1e-6)


def test_pilots_that_are_like_the_target_already_keep_equal_weights(rng):
    pilots = _pilots(rng, units=10)
    found = _reweight(pilots, pilots)
    assert found.weights == pytest.approx([0.1] * 10, abs=BALANCED)
    assert found.effective_pilots == pytest.approx(10, abs=1e-6)
    assert found.divergence == pytest.approx(0, abs=BALANCED)


def test_the_target_counts_by_its_means_over_all_units(rng):
    pilots = _pilots(rng)
    target = pd.concat([_inside(pilots, rng) for _ in range(5)], ignore_index=True)
    assert _reweight(pilots, target).weights == pytest.approx(
        _reweight(pilots, target.mean().to_frame().T).weights, abs=BALANCED
    )


def test_another_unit_of_measurement_moves_no_weight(rng):
    pilots = _pilots(rng)
    target = _inside(pilots, rng)
    scaled = _reweight(pilots * [1e-3, 1e4] + 7, target * [1e-3, 1e4] + 7)
    assert scaled.weights == pytest.approx(_reweight(pilots, target).weights, abs=1e-7)


def test_a_covariate_that_says_the_same_twice_changes_nothing(rng):
    pilots, double = _pilots(rng), lambda table: table.assign(c=2 * table["a"] - table["b"])
    target = _inside(pilots, rng)
    assert _reweight(double(pilots), double(target)).weights == pytest.approx(
        _reweight(pilots, target).weights, abs=1e-7
    )


def test_the_further_the_target_the_fewer_pilots_carry_it():
    pilots = pd.DataFrame({"a": np.arange(11.0)})
    sizes = [
        _reweight(pilots, pd.DataFrame({"a": [mean]})).effective_pilots
        for mean in (5, 6, 7, 8, 9, 9.9, 10)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == pytest.approx(11, abs=1e-6)
    assert sizes[-1] == pytest.approx(1, abs=1e-6)


def test_effective_size_is_kishs_number():
    assert effective_size(np.full(7, 0.3)) == pytest.approx(7)
    assert effective_size(np.array([1.0, 0, 0])) == 1
    assert effective_size(np.array([2.0, 1, 1])) == pytest.approx(16 / 6)


# ---- where there are none -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pilots", "covariates", "needed"), [(3, 1, 9), (8, 1, 9), (8, 3, 9), (10, 5, 11), (12, 6, 13)]
)
def test_few_pilots_are_refused_with_the_number_needed(rng, pilots, covariates, needed):
    names = "abcdef"[:covariates]
    few = _pilots(rng, units=pilots, covariates=names)
    found = _reweight(few, few)
    assert (found.outcome, found.pilots, found.needed) == ("too_few", pilots, needed)
    assert (found.weights, found.effective_pilots, found.divergence) == ((), None, None)
    enough = _pilots(rng, units=needed, covariates=names)
    assert _reweight(enough, enough).outcome == "weighted"


@pytest.mark.parametrize("beyond", [1e-4, 0.5, 30])
def test_a_target_that_no_mixture_of_pilots_reaches_is_outside(rng, beyond):
    pilots = _pilots(rng)
    for sign, end in ((1, pilots["a"].max()), (-1, pilots["a"].min())):
        target = pd.DataFrame({"a": [end + sign * beyond], "b": [pilots["b"].mean()]})
        assert _reweight(pilots, target).outcome == "outside"


def test_a_target_within_every_range_may_still_be_outside_all_mixtures():
    """Large communes are the connected ones: none is large and unconnected."""
    size = np.arange(10.0)
    pilots = pd.DataFrame({"population": size, "internet": size + 0.1 * (size % 2)})
    target = pd.DataFrame({"population": [8.0], "internet": [2.0]})
    assert pilots.min().le(target.iloc[0]).all()
    assert pilots.max().ge(target.iloc[0]).all()
    assert _reweight(pilots, target).outcome == "outside"


@pytest.mark.parametrize("where", ["pilots", "target", "no_target"])
def test_what_is_not_known_of_every_unit_is_not_balanced(rng, where):
    pilots = _pilots(rng)
    target = _inside(pilots, rng)
    if where == "no_target":
        target = target.iloc[:0]
    else:
        {"pilots": pilots, "target": target}[where].iloc[0, 1] = np.nan
    found = _reweight(pilots, target)
    assert (found.outcome, found.weights) == ("unknown", ())


def test_nothing_to_balance_is_refused(rng):
    with pytest.raises(ValueError, match="name at least one to balance"):
        reweight(_pilots(rng), _pilots(rng), covariates=[])


@pytest.mark.parametrize(("province", "pilots"), [("80", 3), ("06", 8)])
def test_the_pilots_of_the_press_are_too_few_to_weight(press_tables, province, pilots):
    """Methods say not to model three to eight pilots: the function refuses them all."""
    candidates = press_tables["candidates"]
    own = candidates[candidates["former_province"] == province]
    piloted = set(press_tables["pilots"]["unit"])
    held = own[own["formers"].map(lambda formers: bool(piloted & set(formers.split(";"))))]
    found = reweight(held, own[own["area_km2"].notna()], covariates=["area_km2"])
    assert (found.outcome, found.pilots, found.needed) == ("too_few", pilots, LEAST_PILOTS)
    with pytest.raises(ValueError, match=f"{pilots} pilots, 9 are needed for area_km2"):
        reweighted_mean([10.0] * pilots, found, definitions=["d"])


def test_four_simulated_pilots_are_too_few_as_well(rng):
    candidates = simulate.press_tables(rng=rng)["candidates"]
    found = reweight(candidates.iloc[:4], candidates, covariates=["population", "internet_share"])
    assert found.outcome == "too_few"


# ---- the mean -----------------------------------------------------------------------------------


def test_the_weighted_mean_is_told_with_the_plain_one_and_its_change():
    """Nine pilots, three of them towns; the target has one town in ten. By hand."""
    pilots = pd.DataFrame({"town": [1.0] * 3 + [0.0] * 6})
    found = _reweight(pilots, pd.DataFrame({"town": [1.0] + [0.0] * 9}))
    told = reweighted_mean([60.0] * 3 + [30.0] * 6, found, definitions=["d"])
    assert told.plain == pytest.approx(40)
    assert told.weighted == pytest.approx(0.1 * 60 + 0.9 * 30)
    assert told.change == pytest.approx(33 - 40)


def test_a_figure_that_follows_the_covariates_exactly_is_carried_to_the_target(rng):
    pilots = _pilots(rng)
    target = _inside(pilots, rng)
    values = 3 + 2 * pilots["a"] - pilots["b"]
    truth = float((3 + 2 * target["a"] - target["b"]).iloc[0])
    told = reweighted_mean(values.tolist(), _reweight(pilots, target), definitions=["d", "d"])
    assert told.weighted == pytest.approx(truth, rel=BALANCED)


def test_values_under_two_definitions_are_never_put_together(rng):
    pilots = _pilots(rng)
    with pytest.raises(ClaimError):
        reweighted_mean([1.0] * 14, _reweight(pilots, pilots), definitions=["d", "e"])


@pytest.mark.parametrize("values", [[1.0] * 13, [1.0] * 13 + [np.nan], []])
def test_values_that_are_not_one_for_each_pilot_are_refused(rng, values):
    pilots = _pilots(rng)
    with pytest.raises(ValueError, match="for each of the 14 pilots"):
        reweighted_mean(values, _reweight(pilots, pilots), definitions=["d"])
