"""Wild cluster bootstrap of one regression coefficient, with the null imposed.

Everything a draw needs is known cluster by cluster, so all draws are two matrix products. Sources:
Cameron, Gelbach & Miller 2008; Webb 2023 (six-point weights); Roodman, MacKinnon, Nielsen & Webb
2019 for the sums by cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from commune_pilots.effects.assignment import Floats, Ints

Weights = Literal["rademacher", "webb"]
POINTS: dict[Weights, tuple[float, ...]] = {
    "rademacher": (-1.0, 1.0),
    "webb": (-sqrt(1.5), -1.0, -sqrt(0.5), sqrt(0.5), 1.0, sqrt(1.5)),
}
LISTED = 2**14
_TIE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapTest:
    """One coefficient with its cluster-robust error, and the bootstrap p-value of its t.

    `std_error` is CR1, for reading beside the p-value and never for a normal one. `draws` are all
    sign patterns if `exact`; `smallest_p` is what the weights could give at best.
    """

    estimate: float
    std_error: float
    t: float
    p_value: float
    smallest_p: float
    clusters: int
    draws: int
    exact: bool


def wild_cluster_bootstrap(
    outcome: ArrayLike,
    design: ArrayLike,
    cluster: ArrayLike,
    *,
    column: int,
    weights: Weights,
    draws: int,
    rng: np.random.Generator,
    null: float = 0.0,
    listed: int = LISTED,
) -> BootstrapTest:
    """Test that coefficient `column` of a least squares fit equals `null`, clusters as blocks.

    `outcome` (n,), `design` (n, p) of full rank, `cluster` (n,) names. Residuals of the restricted
    fit are multiplied by one weight a cluster: every pattern where there are at most `listed`,
    else `draws` of them. p = share of patterns whose t is at least as far from 0; for draws
    (1 + number) / (1 + draws). Raises ValueError for fewer than 2 clusters or a column that others
    determine.

    Assumes independent clusters. With few treated clusters it finds too little (MacKinnon & Webb
    2017): print it only where `few_treated` allows.
    """
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(design, dtype=np.float64)
    names, groups = np.unique(np.asarray(cluster), return_inverse=True)
    if len(names) < 2 or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("2 clusters at least, and columns that do not determine one another")
    inverse = np.linalg.inv(x.T @ x)
    row = inverse[column]
    beta = inverse @ (x.T @ y)
    restricted = beta - row * (beta[column] - null) / row[column]
    scores = _by_cluster(x * (y - x @ restricted)[:, None], groups, len(names))
    influence = x @ row  # what each observation's residual adds to the coefficient
    crossed = _by_cluster(x * influence[:, None], groups, len(names)) @ inverse @ scores.T
    own = scores @ row
    patterns, exact = _patterns(len(names), weights, draws=draws, rng=rng, listed=listed)
    found = np.abs(_t_ratios(patterns, own, crossed))
    made = float(_t_ratios(np.ones((1, len(names))), own, crossed)[0])
    extreme = found >= abs(made) * (1 - _TIE)
    n, p = x.shape
    correction = len(names) / (len(names) - 1) * (n - 1) / (n - p)
    unrestricted = _by_cluster((influence * (y - x @ beta))[:, None], groups, len(names))
    error = sqrt(correction * float((unrestricted**2).sum()))
    return BootstrapTest(
        estimate=float(beta[column]),
        std_error=error,
        t=float(beta[column] - null) / error,
        p_value=float(extreme.mean() if exact else (1 + extreme.sum()) / (1 + len(extreme))),
        smallest_p=smallest_p(len(names), weights, draws=None if exact else len(patterns)),
        clusters=len(names),
        draws=len(patterns),
        exact=exact,
    )


def smallest_p(clusters: int, weights: Weights, *, draws: int | None = None) -> float:
    """Give the smallest p-value the weights allow: patterns that only rescale the data tie."""
    points = len(POINTS[weights])
    least = float(points) ** (1 - clusters)
    return least if draws is None else max(least, 1 / (draws + 1))


def _by_cluster(rows: Floats, groups: Ints, clusters: int) -> Floats:
    found = np.zeros((clusters, rows.shape[1]))
    np.add.at(found, groups, rows)
    return found


def _patterns(
    clusters: int, weights: Weights, *, draws: int, rng: np.random.Generator, listed: int
) -> tuple[Floats, bool]:
    points = POINTS[weights]
    if len(points) ** clusters <= listed:
        return np.array(list(product(points, repeat=clusters))), True
    return rng.choice(points, size=(draws, clusters)), False


def _t_ratios(patterns: Floats, own: Floats, crossed: Floats) -> Floats:
    """Form each pattern's t ratio: coefficient over the root of its squared cluster scores."""
    coefficient = patterns @ own
    scores = patterns * own - patterns @ crossed.T
    return np.asarray(coefficient / np.sqrt((scores**2).sum(axis=1)))
