"""Weights of 0 or more that add to 1: the least squares behind synthetic controls."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize, nnls

from commune_pilots.effects.trend import Floats

_HEAVY = 1e5  # weight of "adds to 1" beside the data, before it is made exact
_STEPS_BEFORE, _STEPS = 100, 10_000
_ROUNDS = 4_000


def closest_weights(donors: Floats, target: Floats) -> Floats:
    """Find the weights whose mix of columns lies closest to a target: the exact optimum.

    `donors` is rows x donors. Least squares with weights of 0 or more (Lawson & Hanson 1974) and a
    heavy row for their sum. Where many mixes are equally close, one of them.
    """
    scale = max(float(np.abs(donors).max()), 1.0)
    heavy = np.full((1, donors.shape[1]), _HEAVY * scale)
    found: Floats = nnls(np.vstack([donors, heavy]), np.append(target, _HEAVY * scale))[0]
    return np.asarray(found / found.sum())


def spread_weights(donors: Floats, target: Floats, *, zeta: float, least: float) -> Floats:
    """Find weights close to a target and spread out: zeta^2 is the price of their squares.

    Columns and target are taken about their means. Conditional-gradient steps (Frank & Wolfe 1956)
    from equal weights, ended when the loss falls by less than `least` squared; weights below a
    quarter of the largest are set to 0 after a hundred steps, and the steps go on. All as in the
    software of Arkhangelsky et al. 2021, so that its numbers are met to the last digit.
    """
    centred, middle = donors - donors.mean(axis=0), target - target.mean()
    equal = np.full(donors.shape[1], 1 / donors.shape[1])
    first = frank_wolfe(centred, middle, equal, zeta=zeta, least=least, steps=_STEPS_BEFORE)
    kept = np.where(first > first.max() / 4, first, 0.0)
    return frank_wolfe(centred, middle, kept / kept.sum(), zeta=zeta, least=least, steps=_STEPS)


def frank_wolfe(
    donors: Floats, target: Floats, weights: Floats, *, zeta: float, least: float, steps: int
) -> Floats:
    """Walk from given weights towards one donor at a time, each step as long as pays best."""
    gram = donors.T @ donors + len(target) * zeta**2 * np.eye(donors.shape[1])
    pull, size = donors.T @ target, float(target @ target)
    weights, mixed = weights.copy(), gram @ weights
    # Both move with the step: to take them anew each time would cost most of the walk.
    squares, product = float(weights @ mixed), float(pull @ weights)
    before = np.inf
    for _ in range(steps):
        slope = mixed - pull
        towards = int(slope.argmin())
        own, at = float(gram[towards, towards]), float(mixed[towards])
        bend = own - 2 * at + squares
        if bend <= 0:
            break
        step = min(1.0, max(0.0, (squares - product - float(slope[towards])) / bend))
        mixed += step * (gram[towards] - mixed)
        weights *= 1 - step
        weights[towards] += step
        squares = (1 - step) ** 2 * squares + 2 * step * (1 - step) * at + step**2 * own
        product = (1 - step) * product + step * float(pull[towards])
        loss = (squares - 2 * product + size) / len(target)
        if before - loss <= least**2:
            break
        before = loss
    return weights


def predictor_weights(
    predictors: Floats, predicted: Floats, outcomes: Floats, outcome: Floats
) -> tuple[Floats, Floats]:
    """Find donor weights by predictors, each as important as makes the outcomes before fit best.

    `predictors` is predictors x donors, `predicted` those of the treated unit; `outcomes` is
    months before x donors. Predictors are divided by their standard deviation over all units. The
    importance is searched by Nelder and Mead's simplex from equal importance, which can end in
    another place from another start: the same data do not give the same weights in all software.
    Returns the weights and the importance of the predictors. Source: Abadie & Gardeazabal 2003;
    Abadie, Diamond & Hainmueller 2011, doi 10.18637/jss.v042.i13.
    """
    spread = np.column_stack([predictors, predicted]).std(axis=1, ddof=1)
    x, y = predictors / spread[:, None], predicted / spread

    def weigh(importance: Floats) -> tuple[Floats, Floats]:
        shares = np.abs(importance) / np.abs(importance).sum()
        root = np.sqrt(shares)
        return closest_weights(x * root[:, None], y * root), shares

    def loss(importance: Floats) -> float:
        gap = outcome - outcomes @ weigh(importance)[0]
        return float(gap @ gap / len(gap))

    equal = np.full(len(x), 1 / len(x))
    found = minimize(loss, equal, method="Nelder-Mead", options={"maxiter": _ROUNDS})
    return weigh(np.asarray(found.x))
