"""Imputation: what treated units would have printed, from months nobody had treated yet.

Unit and period effects are fitted to untreated cells only; an effect is what a treated cell prints
above them. Closed form for balanced panels without covariates; `did_library` has the rest. Source:
Borusyak, Jaravel & Spiess 2024, doi 10.1093/restud/rdae007.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from commune_pilots.effects.did_moments import Moments, cohort_errors
from commune_pilots.effects.result import ASSUMES, Effect, Law, judge
from commune_pilots.effects.trend import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Untreated:
    """The staircase of untreated cells and the solver for what is fitted to them."""

    cells: NDArray[np.bool_]
    known: NDArray[np.bool_]
    inverse: Floats


def imputation(
    moments: Moments, *, anticipation: int = 0, law: Law = "small_sample", alpha: float = 0.05
) -> list[Effect]:
    """Estimate the average effect over all treated unit-periods, then by event time, in points.

    Periods in which nobody is untreated are left out: nothing tells their level. `anticipation`
    periods before the start count as treated in the fit and are told as event times below 0.
    Standard errors: small_sample takes cohorts as samples and has degrees of freedom; influence is
    the conservative one of the source, for many units, effects averaged by cohort and period. A
    cohort of one unit shows no scatter, so what rests on it has none. Assumes parallel trends in
    all periods before the start, not only the last (A3), and no effect before it but for
    `anticipation`. Raises ValueError where a cohort has no period left before its start.
    """
    untreated = _untreated(moments, anticipation)
    treated = ~untreated.cells & untreated.known
    times = np.arange(moments.periods) - np.where(moments.ever, moments.cohorts, 0)[:, None]
    known = np.unique(times[treated])
    cells = np.stack([treated & (times >= 0), *(treated & (times == time) for time in known)])
    weights = cells / (moments.sizes[:, None] * cells).sum(axis=(1, 2), keepdims=True)
    loadings = _loadings(moments, untreated, weights)
    estimates = np.einsum("rgt,gt,g->r", loadings, moments.means, moments.sizes)
    errors, df = cohort_errors(loadings, moments)
    if law == "influence":
        errors, df = _conservative(moments, untreated, loadings), np.full(len(errors), inf)
    sizes, effects = moments.sizes, []
    for place, at in enumerate([None, *known.tolist()]):
        used = sizes[cells[place].any(axis=1)]
        effects.append(
            judge(
                estimand="att_imputation" if at is None else "att_event_time",
                at=at,
                estimate=estimates[place],
                std_error=nan if (used < 2).any() else float(errors[place]),
                df=float(df[place]),
                small_sample=law == "small_sample",
                n_treated=int(used.sum()),
                n_comparison=int(sizes[~moments.ever].sum()),
                method="imputation",
                assumptions=ASSUMES,
                alpha=alpha,
            )
        )
    return effects


def _untreated(moments: Moments, anticipation: int) -> _Untreated:
    cells = np.arange(moments.periods) < moments.cohorts[:, None] - anticipation
    if not cells[:, 0].all():
        raise ValueError("a cohort has no period left before its start")
    known = np.asarray(cells.any(axis=0))
    lengths = cells.sum(axis=1)
    shares = cells * (moments.sizes / lengths)[:, None]
    gram = np.diag((cells * moments.sizes[:, None]).sum(axis=0)) - shares.T @ cells
    inside = np.flatnonzero(known)[1:]  # the level of the first period stands with the units
    inverse = np.zeros_like(gram)
    inverse[np.ix_(inside, inside)] = np.linalg.inv(gram[np.ix_(inside, inside)])
    return _Untreated(cells=cells, known=known, inverse=inverse)


def _loadings(moments: Moments, untreated: _Untreated, weights: Floats) -> Floats:
    """Weigh every cell of the panel as the estimate does (rows x cohorts x periods).

    Treated cells weigh what is asked, untreated ones what the fit to them takes off for it.
    """
    cells, sizes = untreated.cells, moments.sizes
    lengths = cells.sum(axis=1)
    of_unit = weights.sum(axis=2)
    right = np.einsum("rgt,g->rt", weights, sizes) - (of_unit * sizes / lengths) @ cells
    of_period = right @ untreated.inverse
    of_unit = (of_unit - of_period @ cells.T) / lengths
    return np.where(cells, -(of_unit[:, :, None] + of_period[:, None, :]), weights)


def _conservative(moments: Moments, untreated: _Untreated, loadings: Floats) -> Floats:
    """Square what each unit adds: its loadings times what each cell misses (source, equation 8)."""
    cells, sizes = untreated.cells, moments.sizes
    lengths = cells.sum(axis=1)
    level = (moments.means * cells).sum(axis=1) / lengths
    right = (sizes[:, None] * cells * (moments.means - level[:, None])).sum(axis=0)
    of_period = untreated.inverse @ right
    of_unit = level - (cells @ of_period) / lengths
    missed = cells * (moments.means - of_unit[:, None] - of_period)
    centre = np.einsum("rgt,gt->rg", loadings, missed)
    inside = np.einsum("rgt,gts,rgs->r", loadings, moments.scatter, loadings, optimize=True)
    return np.asarray(np.sqrt(inside + centre**2 @ sizes))
