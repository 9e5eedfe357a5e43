"""Pilots weighted to look like the units a roll-out could reach, where there are enough of them.

Entropy balancing: of all weights whose means are the target's, those nearest to equal ones
(Hainmueller 2012; the raking of Deming & Stephan 1940 is the case of a table). With three to eight
pilots the weights say nothing, and are refused (docs/methods.md, M10).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.special import logsumexp, softmax

from commune_pilots.effects.evidence import refuse_mixture
from commune_pilots.effects.exact import Floats

LEAST_PILOTS = 9  # with three to eight, a weighted mean is the mean of one or two of them
_STEPS, _LEAST_STEP, _BALANCED, _CLOSE = 200, 1e-12, 1e-13, 1e-9  # the last two: of the largest gap

Outcome = Literal["weighted", "too_few", "unknown", "outside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reweighted:
    """Weights of the pilots, or why there are none.

    `too_few`: fewer than `needed` pilots. `unknown`: a covariate is missing somewhere. `outside`:
    no weights of these pilots have the target's means. `effective_pilots` is Kish's number;
    `divergence` from equal weights is in nats, 0 if nothing had to move.
    """

    outcome: Outcome
    pilots: int
    needed: int
    covariates: tuple[str, ...]
    weights: tuple[float, ...] = ()
    effective_pilots: float | None = None
    divergence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReweightedMean:
    """The mean of the pilots as they are, weighted to the target, and the second less the first."""

    plain: float
    weighted: float
    change: float


def reweight(
    pilots: pd.DataFrame, target: pd.DataFrame, *, covariates: Sequence[str]
) -> Reweighted:
    """Weight pilots so that the means of their covariates are those of the target units.

    One row a unit in both tables; weights are not negative, add up to 1 and have the least relative
    entropy to equal ones. At least `LEAST_PILOTS` are needed, and two for each covariate and one
    more. Assumes that nothing but the covariates sets the pilots apart from the target (A11).
    Raises ValueError for no covariate.
    """
    if not covariates:
        raise ValueError("covariates is empty; name at least one to balance")
    refused = Reweighted(
        outcome="too_few",
        pilots=len(pilots),
        needed=max(LEAST_PILOTS, 2 * len(covariates) + 1),
        covariates=tuple(covariates),
    )
    if refused.pilots < refused.needed:
        return refused
    mine, theirs = (_numbers(units, covariates) for units in (pilots, target))
    if not len(theirs) or np.isnan(theirs).any() or np.isnan(mine).any():
        return replace(refused, outcome="unknown")
    weights = _least_entropy(mine - theirs.mean(axis=0))
    if weights is None:
        return replace(refused, outcome="outside")
    given = weights[weights > 0]
    return replace(
        refused,
        outcome="weighted",
        weights=tuple(float(weight) for weight in weights),
        effective_pilots=effective_size(weights),
        divergence=max(0.0, float(np.sum(given * np.log(given * len(weights))))),
    )


def reweighted_mean(
    values: Sequence[float], found: Reweighted, *, definitions: Collection[str]
) -> ReweightedMean:
    """Compare the mean of the pilots with the mean under the target's covariates.

    `values` in the order of the pilots weighted, in whatever unit; the means are in the same.
    `definitions` are those of the values. Raises ValueError if there are no weights or the values
    are not one known number a pilot, ClaimError for values under more than one definition.
    """
    refuse_mixture(definitions, purpose="pooled")
    if found.outcome != "weighted":
        raise ValueError(
            f"no weights ({found.outcome}): {found.pilots} pilots, {found.needed} are needed for "
            f"{', '.join(found.covariates)}; report the pilots as they are, and what they cover"
        )
    given = np.asarray(values, dtype=float)
    if given.shape != (found.pilots,) or np.isnan(given).any():
        raise ValueError(f"values: give one known number for each of the {found.pilots} pilots")
    plain, weighted = float(given.mean()), float(given @ np.asarray(found.weights))
    return ReweightedMean(plain=plain, weighted=weighted, change=weighted - plain)


def effective_size(weights: Floats) -> float:
    """Count the equally weighted units that carry as much as these (Kish 1965)."""
    return float(weights.sum() ** 2 / np.sum(weights**2))


def _numbers(units: pd.DataFrame, covariates: Sequence[str]) -> Floats:
    return units[list(covariates)].to_numpy(dtype=float, na_value=np.nan)


def _least_entropy(apart: Floats) -> Floats | None:
    """Find weights under which `apart` has mean 0 in each column; None if there are none.

    The weights are exp(apart @ multipliers), normalised; the multipliers minimise the logarithm of
    the norm, which is convex, by Newton's steps.
    """
    scale = np.abs(apart).max(axis=0)
    apart = apart / np.where(scale > 0, scale, 1.0)
    units, columns = apart.shape
    balance = np.vstack([apart.T, np.ones(units)])
    exists = linprog(np.zeros(units), A_eq=balance, b_eq=np.append(np.zeros(columns), 1.0))
    if exists.status != 0:
        return None
    at = np.zeros(columns)
    for _ in range(_STEPS):
        weights = softmax(apart @ at)
        mean = weights @ apart
        if np.abs(mean).max() <= _BALANCED:
            break
        spread = (apart - mean).T @ ((apart - mean) * weights[:, None])
        step, size = -np.linalg.lstsq(spread, mean, rcond=None)[0], 1.0
        while size > _LEAST_STEP and _norm(apart, at + size * step) > _norm(apart, at):
            size /= 2
        at = at + size * step
    return np.asarray(weights) if np.abs(mean).max() <= _CLOSE else None


def _norm(apart: Floats, at: Floats) -> float:
    return float(logsumexp(apart @ at))
