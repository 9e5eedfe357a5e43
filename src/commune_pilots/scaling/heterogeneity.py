"""How much units differ beyond chance: tau2 of a random-effects model, and what it may be.

The last axis of every array holds the units. Variances may be as near to 0 as no number of dossiers
is too large; at 0 itself the limit from above is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import chdtri

from commune_pilots.effects.exact import Floats
from commune_pilots.scaling.roots import falling_root

TauMethod = Literal["reml", "paule_mandel", "dersimonian_laird"]
_LEAST_VARIANCE = 1e-12  # of the squared spread: what stands for 0
_NO_SPREAD = 1e-150  # all estimates equal, all variances 0
_GRID = np.concatenate([[0.0], np.geomspace(1e-8, 2.0, 33)])


@dataclass(frozen=True, slots=True)
class Limits:
    """Both ends of an interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Estimates and variances brought to one size, and what their squares are multiplied by.

    `deviations` are from the plain mean. After this the widest difference squared and the largest
    variance add up to 1, so tau2 is at most 2: the solution of REML's equation is at most
    k / (k - 1) times the one plus the largest variance over k.
    """

    deviations: Floats
    variances: Floats
    size: Floats


def spread_of(estimates: Floats, variances: Floats) -> Spread:
    """Bring estimates and variances of shape (..., k) to one size."""
    size = np.ptp(estimates, axis=-1) ** 2 + variances.max(axis=-1)
    size = np.where(size > 0, size, _NO_SPREAD)
    middle = estimates.mean(axis=-1, keepdims=True)
    return Spread(
        deviations=(estimates - middle) / np.sqrt(size)[..., None],
        variances=np.maximum(variances / size[..., None], _LEAST_VARIANCE),
        size=size,
    )


def between_variance(spread: Spread, *, method: TauMethod) -> Floats:
    """Estimate tau2, the variance between units, in the units of the estimates squared.

    Restricted maximum likelihood (the best of all its maxima; Viechtbauer 2005), Paule & Mandel
    1982 or DerSimonian & Laird 1986; never below 0.
    """
    find = {"reml": _reml, "paule_mandel": _paule_mandel, "dersimonian_laird": _dersimonian_laird}
    return find[method](spread) * spread.size


def cochran_q(spread: Spread, tau2: Floats | float = 0.0) -> Floats:
    """Sum the weighted squared deviations from the pooled estimate (Cochran 1954), at one tau2.

    `tau2` is on the scale of `spread`.
    """
    weights = 1 / (spread.variances + np.asarray(tau2)[..., None])
    errors = spread.deviations - _pooled(spread, weights)[..., None]
    return np.asarray((weights * errors**2).sum(axis=-1))


def curvature(weights: Floats) -> Floats:
    """Compute sum(w) - sum(w2) / sum(w), without loss where one weight outweighs the others."""
    others = weights @ (1 - np.eye(weights.shape[-1]))
    return np.asarray((weights * others).sum(axis=-1) / weights.sum(axis=-1))


def q_profile(spread: Spread, *, alpha: float) -> Limits:
    """Bound tau2 by the values at which Cochran's Q keeps to its chi-square (Viechtbauer 2007).

    One set of estimates. Both ends are 0 where even tau2 = 0 leaves less than chance would.
    """
    freedom = spread.deviations.size - 1
    most = float((spread.deviations**2).sum())
    low, high = (
        _root(
            lambda tau2, level=level: (  # type: ignore[misc]
                cochran_q(spread, tau2) - level,
                -_score_part(spread, tau2),
            ),
            0.0,
            most / float(level),
        )
        for level in (chdtri(freedom, alpha / 2), chdtri(freedom, 1 - alpha / 2))
    )
    return Limits(low * float(spread.size), high * float(spread.size))


def profile_likelihood(spread: Spread, *, alpha: float) -> Limits:
    """Bound tau2 by the fall of the restricted likelihood from its maximum (one set).

    Hardy & Thompson 1996, with the restricted in place of the full likelihood.
    """
    best = float(_reml(spread))
    least = _log_likelihood(spread, np.asarray(best)) - chdtri(1, alpha) / 2
    far = 2.0
    while _log_likelihood(spread, np.asarray(far)) > least:
        far *= 4
    high = _root(
        lambda tau2: (_log_likelihood(spread, tau2) - least, _score(spread, tau2)[0] / 2),
        best,
        far,
    )
    low = _root(
        lambda tau2: (least - _log_likelihood(spread, tau2), -_score(spread, tau2)[0] / 2),
        0.0,
        best,
    )
    return Limits(low * float(spread.size), high * float(spread.size))


def _root(function: Callable[[Floats], tuple[Floats, Floats]], low: float, high: float) -> float:
    """Find one crossing; `low` itself where the function starts at or below 0."""
    if function(np.asarray(low))[0] <= 0:
        return low
    return float(falling_root(function, np.asarray(low), np.asarray(high)))


def _reml(spread: Spread) -> Floats:
    """Take the best point of a grid, then the root of the score beside it."""
    likelihoods = np.stack(
        [_log_likelihood(spread, np.full(spread.size.shape, tau2)) for tau2 in _GRID], axis=-1
    )
    place = likelihoods.argmax(axis=-1)
    start = _GRID[place]
    uphill = _score(spread, start)[0] > 0
    low = np.where(uphill, start, _GRID[np.maximum(place - 1, 0)])
    high = np.where(uphill, _GRID[np.minimum(place + 1, _GRID.size - 1)], start)
    found = falling_root(lambda tau2: _score(spread, tau2), low, high)
    return np.where((place == 0) & ~uphill, 0.0, found)


def _paule_mandel(spread: Spread) -> Floats:
    freedom = spread.deviations.shape[-1] - 1
    start = np.zeros(spread.size.shape)
    far = (spread.deviations**2).sum(axis=-1) / freedom
    found = falling_root(
        lambda tau2: (cochran_q(spread, tau2) - freedom, -_score_part(spread, tau2)), start, far
    )
    return np.where(cochran_q(spread) <= freedom, 0.0, found)


def _dersimonian_laird(spread: Spread) -> Floats:
    excess = cochran_q(spread) - (spread.deviations.shape[-1] - 1)
    return np.asarray(np.maximum(excess / curvature(1 / spread.variances), 0.0))


def _log_likelihood(spread: Spread, tau2: Floats) -> Floats:
    """Compute the restricted log-likelihood, but for a constant."""
    marginal = spread.variances + tau2[..., None]
    return np.asarray(
        -(
            np.log(marginal).sum(axis=-1)
            + np.log((1 / marginal).sum(axis=-1))
            + cochran_q(spread, tau2)
        )
        / 2
    )


def _score(spread: Spread, tau2: Floats) -> tuple[Floats, Floats]:
    """Compute twice the slope of the restricted log-likelihood, and the slope of that."""
    weights = 1 / (spread.variances + tau2[..., None])
    total = weights.sum(axis=-1)
    pull = weights * (spread.deviations - _pooled(spread, weights)[..., None])
    squares, cubes = (weights**2).sum(axis=-1), (weights**3).sum(axis=-1)
    bend = (weights * pull**2).sum(axis=-1) - (weights * pull).sum(axis=-1) ** 2 / total
    slope = squares - 2 * cubes / total + (squares / total) ** 2 - 2 * bend
    return np.asarray((pull**2).sum(axis=-1) - curvature(weights)), np.asarray(slope)


def _score_part(spread: Spread, tau2: Floats) -> Floats:
    """Sum w2 e2: what Q loses as tau2 grows."""
    weights = 1 / (spread.variances + tau2[..., None])
    pull = weights * (spread.deviations - _pooled(spread, weights)[..., None])
    return np.asarray((pull**2).sum(axis=-1))


def _pooled(spread: Spread, weights: Floats) -> Floats:
    return np.asarray((weights * spread.deviations).sum(axis=-1) / weights.sum(axis=-1))
