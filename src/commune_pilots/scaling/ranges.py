"""What several units let one expect, as ranges: the extremes over what their figures admit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from itertools import product
from typing import cast

import numpy as np

from commune_pilots.effects.exact import Floats
from commune_pilots.scaling import hierarchical, pooling
from commune_pilots.scaling.admissible import Admitted
from commune_pilots.scaling.extremes import extremes
from commune_pilots.scaling.heterogeneity import TauMethod, spread_of
from commune_pilots.scaling.hierarchical import PRIORS
from commune_pilots.vocabulary import PoolMethod

LEAST_TO_POOL = 3  # the interval of the next unit has k - 2 degrees of freedom
_FEW = 6
_FILLING = 3
_NODES = 80
# Standard deviations are searched by their root, where dossiers 16 times as many lie half way to 0.
_ROOT = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Least and largest value of each number, on the scale of the model; equal for a point.

    `conf_low` is the lowest lower limit of the mean, `prediction_low` that of the next unit; `i2`
    is in per cent, `chance` that of the next unit at or above a threshold.
    """

    estimate_low: float
    estimate_high: float
    conf_low: float
    conf_high: float
    prediction_low: float
    prediction_high: float
    tau_low: float
    tau_high: float
    i2_low: float
    i2_high: float
    chance_low: float
    chance_high: float


_ENDS = tuple(field.name for field in fields(Ranges))
_SIGNS = np.array([1.0 if name.endswith("high") else -1.0 for name in _ENDS])
_AT = {name: slice(at, at + 1) for at, name in enumerate(_ENDS)}


def pooled_ranges(
    known: Sequence[Admitted],
    *,
    method: PoolMethod,
    threshold: float,
    scale: float = 1.0,
    alpha: float = 0.05,
) -> Ranges:
    """Search the extremes of every number over all that three or more units' figures admit.

    `scale` is one logit in the units of the estimates and stretches the priors; `threshold` is in
    those units. By an estimator of tau2: Hartung & Knapp's interval with max(1, q), the next unit
    with t(k-2). By a prior: posterior mean and interval, posterior median of tau, predictive
    interval. Searched, not certified (`extremes`); the order of the units does not matter. Raises
    ValueError below three units.
    """
    k = len(known)
    if k < LEAST_TO_POOL:
        raise ValueError(f"{k} units: predicting the next takes at least {LEAST_TO_POOL}")
    known = sorted(known, key=lambda one: (one.low, one.high, one.most_variance))
    low = np.array([one.low for one in known] + [one.least_variance**_ROOT for one in known])
    high = np.array([one.high for one in known] + [one.most_variance**_ROOT for one in known])
    measure = (
        partial(_by_prior, prior_scale=PRIORS[method] * scale)
        if method in PRIORS
        else partial(_by_tau, method=cast(TauMethod, method))
    )
    found = extremes(
        lambda points: measure(
            points[..., :k], points[..., k:] ** (1 / _ROOT), threshold=threshold, alpha=alpha
        ),
        low,
        high,
        _SIGNS,
        _starts((low + high)[:k]),
    )
    return Ranges(**dict(zip(_ENDS, found.tolist(), strict=True)))


def _starts(middles: Floats) -> Floats:
    """Lay out where the search begins: groups of points of estimates and errors, on 0..1 each.

    Estimates in the middle, all at one end, drawn together or pulled apart, each with errors at
    corners; and groups of points that fill the box evenly (Halton 1960).
    """
    from scipy.stats import qmc  # half a second of import that few callers need

    k = middles.size
    above = middles > middles.mean()
    estimates = np.array([np.full(k, 0.5), np.zeros(k), np.ones(k), ~above, above], dtype=float)
    errors = _corners(k)
    shape = (len(estimates), len(errors), k)
    cornered = np.concatenate(
        [np.broadcast_to(estimates[:, None], shape), np.broadcast_to(errors, shape)], axis=-1
    )
    filling = qmc.Halton(2 * k, scramble=False).random(_FILLING * len(errors))
    return np.concatenate([cornered, filling.reshape(_FILLING, len(errors), 2 * k)])


def _corners(k: int) -> Floats:
    """List where errors start: every corner of a few units, one against the rest of many.

    For three units the middles too.
    """
    if k <= _FEW:
        levels = (0.0, 0.5, 1.0) if k <= LEAST_TO_POOL else (0.0, 1.0)
        return np.array(list(product(levels, repeat=k)))
    one = np.eye(k)
    return np.vstack([np.zeros(k), np.ones(k), one, 1 - one])


def _by_tau(
    estimates: Floats, variances: Floats, *, method: TauMethod, threshold: float, alpha: float
) -> Floats:
    """Compute each number at its own points: row i is number i of Ranges."""
    fitted = pooling.fit(estimates, variances, method=method)
    mean = pooling.hartung_knapp_reach(fitted, alpha=alpha)
    new = pooling.prediction_reach(fitted, alpha=alpha)
    estimate = fitted.estimate
    tau, chance = np.sqrt(fitted.tau2), pooling.chance_of_next(fitted, threshold)
    numbers = (
        estimate, estimate, estimate - mean, estimate + mean, estimate - new, estimate + new,
        tau, tau, fitted.i2, fitted.i2, chance, chance,
    )  # fmt: skip
    return np.stack([number[at] for at, number in enumerate(numbers)])


def _by_prior(
    estimates: Floats, variances: Floats, *, prior_scale: float, threshold: float, alpha: float
) -> Floats:
    """Compute each number at its own points; what is costly, at no others."""
    found = hierarchical.posterior(estimates, variances, prior_scale=prior_scale, nodes=_NODES)

    def at(name: str) -> hierarchical.Mixture:
        row = _AT[name]
        return hierarchical.Mixture(
            tau=found.tau,
            weight=found.weight[row],
            mean=found.mean[row],
            variance=found.variance[row],
        )

    def i2(name: str) -> Floats:
        within = pooling.typical_variance(spread_of(estimates[_AT[name]], variances[_AT[name]]))
        tau2 = hierarchical.tau_quantile(at(name), 0.5) ** 2
        return np.asarray(100 * tau2 / (tau2 + within))

    return np.concatenate(
        [
            hierarchical.posterior_mean(at("estimate_low")),
            hierarchical.posterior_mean(at("estimate_high")),
            hierarchical.quantile(at("conf_low"), alpha / 2, next_unit=False),
            hierarchical.quantile(at("conf_high"), 1 - alpha / 2, next_unit=False),
            hierarchical.quantile(at("prediction_low"), alpha / 2, next_unit=True),
            hierarchical.quantile(at("prediction_high"), 1 - alpha / 2, next_unit=True),
            hierarchical.tau_quantile(at("tau_low"), 0.5),
            hierarchical.tau_quantile(at("tau_high"), 0.5),
            i2("i2_low"),
            i2("i2_high"),
            hierarchical.chance_at_least(at("chance_low"), threshold),
            hierarchical.chance_at_least(at("chance_high"), threshold),
        ]
    )
