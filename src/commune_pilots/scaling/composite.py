"""Composite scores and ranks: how far they hang on the weights, and how far winners fall back.

Ranks of emulation movements and of decision 766 are sums of weighted components. Whoever is first
under one set of weights may not be under the next, and whoever is chosen for a high score falls
back on the next count, without any change (docs/methods.md, M10).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.special import gammaln, log_ndtr
from scipy.stats import rankdata

from commune_pilots.effects.evidence import refuse_mixture
from commune_pilots.effects.exact import Floats

# Decision 766 of 2022, in the order of docs/methods.md; that of online payment is inferred.
WEIGHTS_766 = {
    "openness": 18.0,
    "progress": 20.0,
    "online_services": 12.0,
    "online_payment": 10.0,
    "digitisation": 22.0,
    "satisfaction": 18.0,
}
_COLUMNS = {
    "unit": "str",
    "score": "float64",
    "rank": "Int64",
    "best_bound": "Int64",
    "worst_bound": "Int64",
    "best_drawn": "Int64",
    "worst_drawn": "Int64",
    "kept": "float64",
    "can_lead": "bool",
}
_CHUNK = 500  # draws held at once
_GRID, _REACH = 4001, 10.0  # a normal order statistic lies within ten deviations


def rank_robustness(
    scores: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    definitions: Collection[str],
    band: float = 0.25,
    draws: int = 2000,
    seed: int,
) -> pd.DataFrame:
    """Say how far the rank of each unit hangs on the weights of a composite score.

    `scores` has one row a unit (index: code) and one column a component, on one scale; the score is
    their mean under the weights. Ranks count from 1, and equals share the better one. Each weight
    may move by the part `band` of itself, up or down. `best_bound` and `worst_bound` are certain:
    no weights in the band give a rank beyond them (each pair of units is compared at its worst).
    `best_drawn` and `worst_drawn` are those met in `draws` sets of weights, uniform in the band;
    `kept` is the share of these that leave the rank as it is. `can_lead` says whether any weights
    at all, none below 0, put the unit first or level with the first (a linear programme).

    Rows stand in the order of the codes: the table is no league table. A table without units gives
    one without rows. Sources: OECD & JRC 2008, step 7; Saisana, Saltelli & Tarantola 2005.
    Raises ClaimError for units scored under more than one definition of the index; ValueError for a
    missing score, weights that are not those of the components, a band outside (0, 1) or no draws.
    """
    refuse_mixture(definitions, purpose="ranked")
    if set(weights) != set(scores.columns) or min(weights.values(), default=0) <= 0:
        raise ValueError(
            f"weights are given for {sorted(weights)} and scores for {sorted(scores.columns)}; "
            "give one weight above 0 for each component"
        )
    if not 0 < band < 1 or draws < 1:
        raise ValueError(f"band {band}, draws {draws}; band lies between 0 and 1, draws from 1 on")
    ordered = scores.sort_index()
    if ordered.isna().any(axis=None):
        raise ValueError("a score is missing; a composite needs every component of every unit")
    values = ordered.to_numpy(dtype=float)
    given = np.array([weights[name] for name in ordered.columns], dtype=float)
    given = given / given.sum()
    rank = _ranks(values @ given[:, None])[:, 0]
    least, most = _pairwise(values, given, band)
    drawn = _drawn_ranks(values, given, band, draws, np.random.default_rng(seed))
    columns = {
        "unit": ordered.index.astype("str"),
        "score": values @ given,
        "rank": rank,
        "best_bound": 1 + (least > 0).sum(axis=1),
        "worst_bound": 1 + (most > 0).sum(axis=1),
        "best_drawn": drawn.min(axis=1, initial=len(rank) + 1),
        "worst_drawn": drawn.max(axis=1, initial=0),
        "kept": (drawn == rank[:, None]).mean(axis=1),
        "can_lead": [can_lead(values, place) for place in range(len(values))],
    }
    return pd.DataFrame(columns).astype(_COLUMNS)


def can_lead(values: Floats, place: int) -> bool:
    """Say whether some weights, none below 0, leave no unit above the one at `place`.

    `values` has one row a unit and one column a component.
    """
    ahead = values - values[place]
    components = values.shape[1]
    # Let the largest lead of another unit be as small as weights that add up to 1 can make it.
    found = linprog(
        np.append(np.zeros(components), 1.0),
        A_ub=np.column_stack([ahead, -np.ones(len(values))]),
        b_ub=np.zeros(len(values)),
        A_eq=np.append(np.ones(components), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[*[(0, None)] * components, (0, None)],
    )
    return bool(np.asarray(found.x)[-1] <= 1e-9 * max(1.0, float(np.abs(ahead).max())))


def regression_to_mean(score: float, *, reliability: float, mean: float) -> float:
    """Give the fall expected of one score on the next count if nothing changes.

    (1 - reliability)(score - mean), in the units of the score; a score below the mean rises, and
    the fall is negative. `reliability` is the correlation of two counts of the same units. Assumes
    that both counts have one mean and spread, and a straight line between them (Galton 1886).
    Raises ValueError for a reliability outside 0..1.
    """
    return (1 - _reliability(reliability)) * (score - mean)


def fall_of_winners(chosen: int, of: int, *, reliability: float, sd: float) -> float:
    """Give the mean fall expected of the best `chosen` of `of` units on the next count.

    (1 - reliability) times the mean of the largest expected normal order statistics, times `sd`,
    the standard deviation of the scores among all units; in the units of the score. Assumes normal
    scores, no change of any unit, and that units were chosen on this score alone (James 1973).
    Raises ValueError for a choice of none or more than there are, an sd below 0, or a reliability
    outside 0..1.
    """
    if not 1 <= chosen <= of or sd < 0:
        raise ValueError(f"{chosen} of {of} units, sd {sd}; choose at least 1 and at most all")
    top = [normal_order_statistic(place, of) for place in range(of - chosen + 1, of + 1)]
    return (1 - _reliability(reliability)) * float(np.mean(top)) * sd


def normal_order_statistic(place: int, of: int) -> float:
    """Expect the value of the unit at `place` (1 the smallest) of `of` standard normal ones.

    Its density is integrated over a fine grid, which is exact to rounding (Harter 1961 for tables).
    """
    at = np.linspace(-_REACH, _REACH, _GRID)
    log_density = (
        gammaln(of + 1) - gammaln(place) - gammaln(of - place + 1)
        + (place - 1) * log_ndtr(at) + (of - place) * log_ndtr(-at)
        - at**2 / 2 - np.log(2 * np.pi) / 2
    )  # fmt: skip
    return float(np.sum(at * np.exp(log_density)) * (at[1] - at[0]))


def _ranks(scored: Floats) -> np.ndarray:
    """Rank the units in each column from 1, the highest first; equals share the better rank."""
    return np.asarray(rankdata(-scored.round(12), method="min", axis=0), dtype=int)


def _pairwise(values: Floats, weights: Floats, band: float) -> tuple[Floats, Floats]:
    """Bound how far each other unit lies above each unit, over all weights in the band."""
    ahead = values[None, :, :] - values[:, None, :]
    middle, reach = ahead @ weights, band * (np.abs(ahead) @ weights)
    return (middle - reach).round(12), (middle + reach).round(12)


def _drawn_ranks(
    values: Floats, weights: Floats, band: float, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Rank the units under each set of weights drawn; to one factor, weights need no total."""
    moved = weights * rng.uniform(1 - band, 1 + band, (draws, len(weights)))
    parts = [_ranks(values @ moved[at : at + _CHUNK].T) for at in range(0, draws, _CHUNK)]
    return np.concatenate(parts, axis=1)


def _reliability(reliability: float) -> float:
    if not 0 <= reliability <= 1:
        raise ValueError(f"reliability is {reliability}; it lies between 0 and 1")
    return reliability
