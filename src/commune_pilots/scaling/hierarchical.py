"""The normal-normal hierarchical model with a weakly informative prior, by a grid over one number.

With few units the data say little about tau, the standard deviation between units, and what they
leave open the prior decides (A13). So the prior has a name, and three are shown side by side:
half-normal with scale 0.5, 1 or 2 on the logit scale (Friede et al. 2017; Röver et al. 2021). The
mean of all units has a flat prior, or a normal one around 0. Given tau everything is normal, so
what is asked is a mixture of normals over the grid: no sampler, no seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from commune_pilots.effects.exact import Floats
from commune_pilots.scaling.heterogeneity import Limits
from commune_pilots.scaling.pooling import checked
from commune_pilots.scaling.roots import falling_root

Prior = Literal["half_normal_0_5", "half_normal_1", "half_normal_2"]
PRIORS: dict[Prior, float] = {"half_normal_0_5": 0.5, "half_normal_1": 1.0, "half_normal_2": 2.0}
# A share of 50% moves by 25 points a logit, any other by less (the slope of the logistic curve).
POINTS_PER_LOGIT = 25.0
# Nodes lie at u^3, u even: dense near tau = 0, where variances near 0 put narrow peaks, and the
# trapezoid rule has no first-order error at either end, as the weight is 0 there.
_NODES = 240
_REACH = 6.5  # scales of the prior; 1e-10 of it lies beyond
_LEAST_VARIANCE = 1e-12
_FACTORS = 12  # multiplied before a logarithm is taken, which costs more


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Posterior of many sets on a grid over tau: tau (nodes,), the rest (..., nodes).

    `weight` adds up to 1 over the nodes; `mean` and `variance` are those of the mean of all units
    given tau.
    """

    tau: Floats
    weight: Floats
    mean: Floats
    variance: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchical:
    """What one prior and the estimates say of the mean, of tau and of the next unit.

    `estimate` and `std_error` are mean and standard deviation of the posterior of the mean of all
    units; `tau` is the posterior median; intervals are central.
    """

    k: int
    prior: Prior
    alpha: float
    estimate: float
    std_error: float
    interval: Limits
    tau: float
    tau_interval: Limits
    prediction_median: float
    prediction: Limits
    posterior: Mixture


def hierarchical(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    prior: Prior = "half_normal_1",
    scale: float = 1.0,
    mean_sd: float = inf,
    alpha: float = 0.05,
) -> Hierarchical:
    """Compute the posterior of mean and tau and the predictive distribution of the next unit.

    `scale` is one logit in the units of the estimates: 1 for logits, `POINTS_PER_LOGIT` for
    percentage points. `mean_sd` is the standard deviation of the prior of the mean, in those units,
    around 0; infinite: flat. Raises ValueError as `pooling.pool` does. Assumes A2, A11, A13.
    """
    y, v = checked(estimates, variances)
    found = posterior(y, v, prior_scale=PRIORS[prior] * scale, mean_sd=mean_sd)
    tails = (alpha / 2, 1 - alpha / 2)
    mean, new = (
        [float(quantile(found, level, next_unit=next_unit)) for level in (tails[0], 0.5, tails[1])]
        for next_unit in (False, True)
    )
    estimate = posterior_mean(found)
    second = (found.weight * (found.variance + found.mean**2)).sum(axis=-1)
    low, middle, high = (float(tau_quantile(found, level)) for level in (tails[0], 0.5, tails[1]))
    return Hierarchical(
        k=y.size,
        prior=prior,
        alpha=alpha,
        estimate=float(estimate),
        std_error=sqrt(max(0.0, float(second - estimate**2))),
        interval=Limits(mean[0], mean[2]),
        tau=middle,
        tau_interval=Limits(low, high),
        prediction_median=new[1],
        prediction=Limits(new[0], new[2]),
        posterior=found,
    )


def posterior(
    estimates: Floats,
    variances: Floats,
    *,
    prior_scale: float,
    mean_sd: float = inf,
    nodes: int = _NODES,
) -> Mixture:
    """Weigh a grid over tau for many sets at once: arrays (..., k), not checked.

    The weight is the likelihood with the mean integrated out, times the half-normal density. With
    80 nodes chances are exact to 1e-9 and quantiles of tau to a thousandth of probability.
    """
    u = np.arange(1, nodes + 1) / nodes
    least = _LEAST_VARIANCE * prior_scale**2
    tau = _REACH * prior_scale * u**3
    middle = estimates.mean(axis=-1)
    shape = (*middle.shape, nodes)
    total, moment, square, logs = (np.zeros(shape) for _ in range(4))
    product = np.ones(shape)
    for unit in range(estimates.shape[-1]):  # a short last axis is slow to sum over
        deviation = (estimates[..., unit] - middle)[..., None]
        marginal = np.maximum(variances[..., unit, None], least) + tau**2
        precision = 1 / marginal
        total += precision
        moment += precision * deviation
        square += precision * deviation**2
        product *= marginal / prior_scale**2
        if unit % _FACTORS == 0 or unit == estimates.shape[-1] - 1:
            logs += np.log(product)
            product[...] = 1.0
    known = total + mean_sd**-2.0
    drawn = total / known  # what the data weigh beside the prior of the mean
    mean = middle[..., None] + moment / total
    misfit = square - moment**2 / total + mean**2 * drawn * mean_sd**-2.0
    logarithm = 2 * np.log(u) - (tau / prior_scale) ** 2 / 2 - (logs + np.log(known) + misfit) / 2
    weight = np.exp(logarithm - logarithm.max(axis=-1, keepdims=True))
    return Mixture(
        tau=tau,
        weight=weight / weight.sum(axis=-1, keepdims=True),
        mean=mean * drawn,
        variance=1 / known,
    )


def posterior_mean(mixture: Mixture) -> Floats:
    """Compute the posterior mean of the mean of all units."""
    return np.asarray((mixture.weight * mixture.mean).sum(axis=-1))


def chance_at_least(mixture: Mixture, threshold: Floats | float) -> Floats:
    """Compute P(next unit >= threshold): one threshold, or one for each set."""
    error = np.sqrt(mixture.variance + mixture.tau**2)
    above = ndtr((mixture.mean - np.asarray(threshold)[..., None]) / error)
    chance = (mixture.weight * above).sum(axis=-1)
    return np.asarray(np.minimum(chance, 1.0))  # sums of weights end in a last digit of error


def quantile(mixture: Mixture, level: float, *, next_unit: bool) -> Floats:
    """Find a quantile of the next unit, or of the mean of all units."""
    error = np.sqrt(mixture.variance + (mixture.tau**2 if next_unit else 0.0))
    parts = mixture.mean + ndtri(level) * error
    low, high = parts.min(axis=-1), parts.max(axis=-1)
    middle = posterior_mean(mixture)
    spread = (mixture.weight * (error**2 + (mixture.mean - middle[..., None]) ** 2)).sum(axis=-1)
    start = np.clip(middle + ndtri(level) * np.sqrt(spread), low, high)

    def missing(point: Floats) -> tuple[Floats, Floats]:
        # on the probit scale, where a mixture is nearly straight and few steps do
        distance = (point[..., None] - mixture.mean) / error
        reached = ndtri((mixture.weight * ndtr(distance)).sum(axis=-1))
        density = (mixture.weight * np.exp(-(distance**2) / 2) / error).sum(axis=-1)
        with np.errstate(over="ignore", invalid="ignore"):
            return ndtri(level) - reached, -density * np.exp(reached**2 / 2)

    return falling_root(missing, low, high, start=start)


def tau_quantile(mixture: Mixture, level: float) -> Floats:
    """Find a quantile of tau; between nodes its distribution is taken as straight in u."""
    upto = np.cumsum(mixture.weight, axis=-1) - mixture.weight / 2
    nodes = mixture.tau.size
    place = np.clip((upto < level).sum(axis=-1), 1, nodes - 1)[..., None]
    low, high = (np.take_along_axis(upto, place - back, axis=-1)[..., 0] for back in (1, 0))
    part = np.clip((level - low) / (high - low), 0.0, 1.0)
    return np.asarray(mixture.tau[-1] * ((place[..., 0] + part) / nodes) ** 3)
