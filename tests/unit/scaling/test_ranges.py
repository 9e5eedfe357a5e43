"""Ranges over all admissible dossiers: points where counts are known, and nothing real outside.

SEARCHED: how far a real value may lie outside a range that is searched and not certified, in
probability and on the scale of the model.
"""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from itertools import product
from typing import get_args

import numpy as np
import pytest
from scipy.special import logit

from commune_pilots.effects.contrast import Figure, Terms
from commune_pilots.effects.contrast import admitted as side_of
from commune_pilots.effects.rounding import first_denominators
from commune_pilots.scaling.admissible import Admitted, admitted_level
from commune_pilots.scaling.hierarchical import PRIORS, chance_at_least, hierarchical
from commune_pilots.scaling.pooling import pool
from commune_pilots.scaling.ranges import pooled_ranges
from commune_pilots.vocabulary import PoolMethod

METHODS = get_args(PoolMethod)
SEARCHED = 1e-3
TERMS = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)
TARGET = float(logit(0.8))
LONG_AN = ("98.08", "86.41", "53.53")


def _figure(printed):
    return Figure(value=Decimal(printed), decimals=len(printed.partition(".")[2]))


def _levels(*printed, terms=TERMS):
    return [admitted_level(_figure(one), terms) for one in printed]


def _known(y, v):
    return [
        Admitted(low=at, high=at, least_variance=size, most_variance=size)
        for at, size in zip(y, v, strict=True)
    ]


def _real_pairs(printed, terms=TERMS, first=5):
    """List real (k, n) of one figure: the first admissible numbers, and far larger ones."""
    interval = side_of(_figure(printed), terms).interval
    numbers = first_denominators(interval, least=terms.least_dossiers, count=first)
    numbers += [numbers[0] * times for times in (4, 40, 4000)]
    pairs = [(n, interval.counts(n)) for n in numbers]
    return [(k, n) for n, ks in pairs if ks for k in {ks[0], ks[len(ks) // 2], ks[-1]}]


def _numbers(y, v, method):
    """Compute each number at one set of estimates and variances, as single calls do."""
    if method in PRIORS:
        found = hierarchical(y, v, prior=method)
        mean, new, tau = found.interval, found.prediction, found.tau
        chance = float(chance_at_least(found.posterior, TARGET))
        i2 = None
    else:
        found = pool(y, v, method=method)
        mean, new, tau = found.hartung_knapp, found.prediction_hts, found.tau2**0.5
        chance, i2 = None, found.i2
    numbers = {
        "estimate": (found.estimate, found.estimate), "conf": (mean.low, mean.high),
        "prediction": (new.low, new.high), "tau": (tau, tau), "i2": (i2, i2),
        "chance": (chance, chance),
    }  # fmt: skip
    return {name: ends for name, ends in numbers.items() if ends[0] is not None}


@pytest.mark.parametrize("method", METHODS)
def test_known_counts_leave_one_number(method):
    y, v = [0.4, 1.2, 0.9, -0.3], [0.05, 0.02, 0.08, 0.04]
    found = asdict(pooled_ranges(_known(y, v), method=method, threshold=TARGET))
    for name, (low, high) in _numbers(y, v, method).items():
        loose = 2e-3 if name == "tau" else 1e-7  # fewer nodes in a search
        assert found[f"{name}_low"] == pytest.approx(low, rel=loose)
        assert found[f"{name}_high"] == pytest.approx(high, rel=loose)
    for name in ("estimate", "tau", "i2", "chance"):
        assert found[f"{name}_low"] == found[f"{name}_high"]


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "printed",
    [LONG_AN, ("90", "70", "50"), ("2", "8.3", "4.1"), ("60", "61", "62.5")],
    ids="-".join,
)
def test_no_real_dossiers_give_a_number_outside_its_range(printed, method):
    found = asdict(pooled_ranges(_levels(*printed), method=method, threshold=TARGET))
    choices = list(product(*(_real_pairs(one) for one in printed)))
    rng = np.random.default_rng(20230601)
    some = rng.choice(len(choices), size=min(120, len(choices)), replace=False)
    for at in some:
        k, n = np.array(choices[at], dtype=float).T
        numbers = _numbers(logit(k / n).tolist(), (1 / k + 1 / (n - k)).tolist(), method)
        for name, (low, high) in numbers.items():
            assert found[f"{name}_low"] <= low + SEARCHED
            assert high <= found[f"{name}_high"] + SEARCHED


@pytest.mark.slow
@pytest.mark.parametrize("method", ["reml", "dersimonian_laird", "half_normal_1"])
def test_no_drawn_point_of_the_set_lies_outside_the_range(method, rng):
    """The set that is searched, drawn from at random: what the search is worth by itself."""
    known = _levels("80.1", "83.2", "79.5", "85.5", "90.0")
    found = asdict(pooled_ranges(known, method=method, threshold=TARGET))
    for _ in range(150):
        at, size = rng.beta(0.3, 0.3, (2, len(known)))
        y = [one.low + part * (one.high - one.low) for one, part in zip(known, at, strict=True)]
        v = [one.most_variance * part**4 for one, part in zip(known, size, strict=True)]
        for name, (low, high) in _numbers(y, v, method).items():
            assert found[f"{name}_low"] <= low + SEARCHED
            assert high <= found[f"{name}_high"] + SEARCHED


@pytest.mark.parametrize("method", ["dersimonian_laird", "reml"])
def test_more_dossiers_at_least_leave_a_range_inside(method):
    floored = Terms(rounding="nearest", least_dossiers=400, alpha=0.05)
    wide, narrow = (
        asdict(pooled_ranges(_levels(*LONG_AN, terms=terms), method=method, threshold=TARGET))
        for terms in (TERMS, floored)
    )
    for name in ("estimate", "conf", "prediction", "tau", "i2", "chance"):
        assert wide[f"{name}_low"] <= narrow[f"{name}_low"] + SEARCHED
        assert narrow[f"{name}_high"] <= wide[f"{name}_high"] + SEARCHED
    assert narrow["chance_high"] - narrow["chance_low"] < wide["chance_high"] - wide["chance_low"]


@pytest.mark.parametrize("method", ["paule_mandel", "half_normal_0_5"])
def test_the_order_of_the_units_does_not_matter(method):
    known = _levels(*LONG_AN)
    found = [
        pooled_ranges([known[at] for at in order], method=method, threshold=TARGET)
        for order in ((0, 1, 2), (2, 0, 1))
    ]
    assert found[0] == found[1]


def test_the_chance_falls_as_the_threshold_rises():
    known = _levels(*LONG_AN)
    chances = [
        pooled_ranges(known, method="reml", threshold=float(logit(at)))
        for at in (0.3, 0.5, 0.8, 0.95)
    ]
    for name in ("chance_low", "chance_high"):
        values = [getattr(one, name) for one in chances]
        assert values == sorted(values, reverse=True)
        assert 0 <= values[-1] <= values[0] <= 1


def test_a_prior_is_stretched_by_the_scale():
    y, v = [10.0, 40.0, 55.0], [20.0, 30.0, 25.0]
    in_points, in_logits = (
        pooled_ranges(_known(y, v), method="half_normal_1", threshold=10.0, scale=scale)
        for scale in (25.0, 1.0)
    )
    assert in_points.tau_low > 5 * in_logits.tau_low


def test_two_units_are_too_few_to_predict_a_third():
    with pytest.raises(ValueError, match="at least 3"):
        pooled_ranges(_levels("50", "60"), method="reml", threshold=TARGET)
