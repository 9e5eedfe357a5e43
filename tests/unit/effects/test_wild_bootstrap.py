"""The bootstrap by sums of clusters against refitting the regression once a pattern."""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pytest

from commune_pilots.effects import wild_bootstrap
from commune_pilots.effects.wild_bootstrap import POINTS, smallest_p, wild_cluster_bootstrap

EXACT = 1e-12


def _data(clusters, seed, *, treated=2):
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(clusters), rng.integers(3, 9, clusters))
    n = len(groups)
    design = np.column_stack([np.ones(n), rng.normal(size=n), groups < treated])
    outcome = design @ [1, 0.5, 0.4] + rng.normal(size=clusters)[groups] + rng.normal(size=n)
    return outcome, design, groups


def _refit(outcome, design, groups, column):
    """Coefficients, and the t ratio of one without its small-sample factor."""
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ outcome
    residual = outcome - design @ beta
    scores = [design[groups == g].T @ residual[groups == g] for g in np.unique(groups)]
    covariance = inverse @ sum(np.outer(s, s) for s in scores) @ inverse
    return beta, sqrt(covariance[column, column])


def _brute_force(outcome, design, groups, column, weights, null):
    others = np.delete(design, column, axis=1)
    left = outcome - null * design[:, column]
    fitted = others @ np.linalg.lstsq(others, left, rcond=None)[0] + null * design[:, column]
    ratios = []
    for pattern in product(POINTS[weights], repeat=len(np.unique(groups))):
        drawn = fitted + np.array(pattern)[groups] * (outcome - fitted)
        beta, error = _refit(drawn, design, groups, column)
        ratios.append((beta[column] - null) / error)
    return np.array(ratios)


def _call(data, **how):
    settings = {"column": 2, "weights": "rademacher", "draws": 199} | how
    return wild_cluster_bootstrap(*data, rng=np.random.default_rng(1), **settings)


@pytest.mark.parametrize(
    ("clusters", "weights", "null"),
    [(6, "rademacher", 0.0), (7, "rademacher", 0.7), (4, "webb", 0.0), (4, "webb", -1.2)],
)
def test_every_t_ratio_is_that_of_a_refit(clusters, weights, null, monkeypatch):
    data = _data(clusters, seed=clusters)
    kept = []
    ratios = wild_bootstrap._t_ratios

    def keep(*arguments):
        kept.append(ratios(*arguments))
        return kept[-1]

    monkeypatch.setattr(wild_bootstrap, "_t_ratios", keep)
    found = _call(data, weights=weights, null=null)
    by_hand = _brute_force(*data, 2, weights, null)
    assert found.exact
    assert kept[0] == pytest.approx(by_hand, abs=EXACT, rel=EXACT)
    assert found.estimate == pytest.approx(_refit(*data, 2)[0][2], rel=EXACT)


def test_the_p_value_is_the_share_of_patterns_as_far_out():
    data = _data(8, seed=5)
    ratios = _brute_force(*data, 2, "rademacher", 0.0)
    made = np.abs(ratios[-1])  # all signs as they are
    found = _call(data)
    assert found.draws == 256
    assert found.p_value == pytest.approx((np.abs(ratios) >= made * (1 - 1e-9)).mean(), abs=EXACT)


def test_the_standard_error_is_cr1():
    data = _data(8, seed=9)
    n, columns, clusters = len(data[0]), 3, 8
    beta, error = _refit(*data, 2)
    factor = clusters / (clusters - 1) * (n - 1) / (n - columns)
    found = _call(data)
    assert found.std_error == pytest.approx(error * sqrt(factor), rel=1e-10)
    assert found.t == pytest.approx(beta[2] / found.std_error, rel=1e-10)


@pytest.mark.parametrize(
    ("clusters", "weights", "least"),
    [
        (5, "rademacher", 0.0625),
        (6, "rademacher", 0.03125),
        (8, "rademacher", 0.0078125),
        (4, "webb", 1 / 216),
    ],
)
def test_the_smallest_p_is_that_of_the_published_table(clusters, weights, least):
    assert smallest_p(clusters, weights) == pytest.approx(least)


def test_the_most_extreme_data_reach_the_smallest_p():
    groups = np.repeat(np.arange(6), 4)
    sign = np.where(groups % 2, 1.0, -1.0)
    outcome = sign * (10 + 0.3 * groups)
    found = wild_cluster_bootstrap(
        outcome, sign[:, None], groups,
        column=0, weights="rademacher", draws=99, rng=np.random.default_rng(2),
    )  # fmt: skip
    assert found.p_value == found.smallest_p == pytest.approx(1 / 32)


def test_drawn_patterns_come_near_all_of_them():
    data = _data(9, seed=3)
    found = _call(data)
    drawn = _call(data, draws=20_000, listed=0)
    assert not drawn.exact
    assert drawn.p_value == pytest.approx(found.p_value, abs=4 * sqrt(0.25 / 20_000))
    assert drawn.smallest_p == pytest.approx(max(1 / 20_001, 1 / 2**8))


def test_the_names_and_order_of_clusters_do_not_matter():
    outcome, design, groups = _data(7, seed=4)
    order = np.random.default_rng(0).permutation(len(groups))
    named = np.array([f"c{9 - g}" for g in groups])
    found = _call((outcome[order], design[order], named[order]))
    assert found.p_value == _call((outcome, design, groups)).p_value


def test_one_cluster_or_a_column_that_others_determine_is_refused():
    outcome, design, groups = _data(5, seed=6)
    with pytest.raises(ValueError, match="2 clusters at least"):
        _call((outcome, design, np.zeros(len(outcome))))
    twice = np.column_stack([design, design[:, 1]])
    with pytest.raises(ValueError, match="do not determine one another"):
        _call((outcome, twice, groups))
