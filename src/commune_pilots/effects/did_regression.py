"""Two-way fixed effects: one coefficient after the start, or one for each event time.

Least squares on unit and period effects. Balanced panels are swept by their cohorts, others row by
row; both give the same numbers. With several start dates the coefficient mixes effects with weights
that may be negative (Goodman-Bacon 2021; de Chaisemartin & D'Haultfoeuille 2020): it warns, and
`did_group_time` or `did_imputation` carries the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from commune_pilots.effects.clustered import Alike, Kind, clusters_of, robust
from commune_pilots.effects.did_moments import (
    Moments,
    Wide,
    is_balanced,
    moments_of,
    refuse_undated,
)
from commune_pilots.effects.result import (
    ASSUMES,
    Effect,
    PreTrend,
    hotelling,
    judge,
    wald,
)
from commune_pilots.effects.trend import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoWay:
    """The two-way coefficient, and how much of it are effects entering with the wrong sign.

    `negative_weight` is the share of treated cells whose effects are subtracted; missing where the
    panel is not balanced.
    """

    effect: Effect
    negative_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStudy:
    """Effects by event time (the base is 0 by definition and left out), and tests of the leads.

    `drift` is the slope of a line through leads and base, points a period: it takes one degree of
    freedom where the joint test takes one a lead, so it can be told with three treated units;
    missing where there is no lead.
    """

    base: int
    effects: tuple[Effect, ...]
    drift: Effect | None
    pre_trend: PreTrend


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    coefficients: Floats
    clusters: list[Alike]
    columns: int
    treated: int
    comparison: int


def two_way(panel: Wide | Moments, *, kind: Kind = "CR2", alpha: float = 0.05) -> TwoWay:
    """Estimate one effect over all treated months by two-way fixed effects, in points.

    The average effect on the treated only if the start is one date or effects are alike over time.
    Units weigh the same. Standard errors cluster by unit: CR2 with Satterthwaite degrees of freedom
    or CR1 with those of G - 1. Assumes parallel trends (A3) and one way of counting (A4). Raises
    ValueError where units are treated from the first period on, or nobody is.
    """
    panel = _closed(panel)
    cohorts, periods = _starts(panel)
    treated = (np.arange(periods) >= cohorts[:, None]).astype(float)
    fit = _fit(panel, treated[:, :, None])
    found = robust(fit.clusters, contrasts=_chosen(fit), kind=kind, swept=1)
    effect = judge(
        estimand="att_two_way", estimate=fit.coefficients[-1],
        std_error=float(np.sqrt(found.covariance[0, 0])), df=float(found.df[0]),
        n_treated=fit.treated, n_comparison=fit.comparison, small_sample=kind == "CR2",
        method=f"two_way_{kind.lower()}", assumptions=ASSUMES, alpha=alpha,
    )  # fmt: skip
    return TwoWay(effect=effect, negative_weight=_negative(panel, treated))


def event_study(
    panel: Wide | Moments,
    *,
    window: tuple[int, int] | None = None,
    anticipation: int = 0,
    kind: Kind = "CR2",
    alpha: float = 0.05,
) -> EventStudy:
    """Estimate the effect at each event time against the last period before the start, in points.

    Event time 0 is the first period treated; the base is -1, or earlier by `anticipation` where the
    start itself is spread over periods. Event times beyond `window` are put together at its ends.
    Clear of other event times' effects only where the start is one date or effects are alike across
    cohorts (Sun & Abraham 2021). Leads are estimates as well: their joint test says how far the
    months before contradict parallel trends (A3), and cannot confirm them (Roth 2022). Raises
    ValueError where event times cannot be told apart from periods: without units never treated.
    """
    panel = _closed(panel)
    cohorts, periods = _starts(panel)
    base = -1 - anticipation
    times, dummies = _event_columns(cohorts, periods, window=window, base=base)
    if not (cohorts >= periods).any():
        raise ValueError("an event study of all event times needs units never treated")
    fit = _fit(panel, dummies)
    leads = times < base
    chosen, asked = _chosen(fit), list[int | None](times.tolist())
    contrasts = chosen
    if leads.any():
        contrasts, asked = np.vstack([chosen, _slope(times, base) @ chosen]), [*asked, None]
    found = robust(fit.clusters, contrasts=contrasts, kind=kind, swept=1)
    errors, values = np.sqrt(np.diag(found.covariance)), contrasts @ fit.coefficients
    effects = [
        judge(
            estimand="att_event_time" if at is not None else "drift_before",
            at=at,
            estimate=value,
            std_error=error,
            df=float(df),
            n_treated=fit.treated,
            n_comparison=fit.comparison,
            small_sample=kind == "CR2",
            method=f"event_study_{kind.lower()}",
            assumptions=ASSUMES,
            alpha=alpha,
        )
        for at, value, error, df in zip(asked, values, errors, found.df, strict=True)
    ]
    kept = np.flatnonzero(leads)
    covariance = found.covariance[np.ix_(kept, kept)]
    if kind == "CR2":
        test = hotelling(values[kept], covariance, df=found.df[kept])
    else:
        test = wald(values[kept], covariance, n_treated=fit.treated, n_comparison=fit.comparison)
    times_told = tuple(one for one in effects if one.at is not None)
    drift = effects[-1] if leads.any() else None
    return EventStudy(base=base, effects=times_told, drift=drift, pre_trend=test)


def _slope(times: Ints, base: int) -> Floats:
    """Weigh coefficients so that they add to the slope of a line through leads and base."""
    leads = times < base
    known = np.append(times[leads], base)
    apart = np.where(leads, times - known.mean(), 0.0)
    return np.asarray(apart / ((known - known.mean()) ** 2).sum())


def _closed(panel: Wide | Moments) -> Wide | Moments:
    if isinstance(panel, Moments):
        return panel
    refuse_undated(panel)
    return moments_of(panel) if is_balanced(panel) else panel


def _starts(panel: Wide | Moments) -> tuple[Ints, int]:
    if isinstance(panel, Moments):
        return panel.cohorts, panel.periods
    return panel.cohort, panel.outcome.shape[1]


def _event_columns(
    cohorts: Ints, periods: int, *, window: tuple[int, int] | None, base: int
) -> tuple[Ints, Floats]:
    ever = cohorts < periods
    times = np.arange(periods) - np.where(ever, cohorts, 0)[:, None]
    if window:
        times = np.clip(times, *window)
    known = np.unique(times[ever])
    known = known[known != base]
    dummies = (times[:, :, None] == known) & ever[:, None, None]
    return known, dummies.astype(float)


def _fit(panel: Wide | Moments, columns: Floats) -> _Fit:
    """Regress on period dummies and `columns` (cohorts or units x periods x k), units swept out."""
    periods, k = columns.shape[1:]
    dummies = np.broadcast_to(np.eye(periods)[:, 1:], (*columns.shape[:2], periods - 1))
    design = np.concatenate([dummies, columns], axis=2)
    if isinstance(panel, Moments):
        design = design - design.mean(axis=1, keepdims=True)
        weighed = design * panel.sizes[:, None, None]
        flat = design.reshape(-1, design.shape[2])
        gram = weighed.reshape(flat.shape).T @ flat
        found = _solved(gram, weighed.reshape(flat.shape).T @ panel.means.reshape(-1))
        left = panel.means - design @ found
        clusters = [
            Alike(design=x, count=int(n), scatter=s + n * np.outer(e, e))
            for x, n, s, e in zip(design, panel.sizes, panel.scatter, left, strict=True)
        ]
        treated = int(panel.sizes[panel.ever].sum())
        comparison = int(panel.sizes.sum()) - treated
    else:
        clusters, found = _row_by_row(panel, design)
        treated = int((panel.cohort < periods).sum())
        comparison = len(panel.units) - treated
    return _Fit(
        coefficients=found, clusters=clusters, columns=k, treated=treated, comparison=comparison
    )


def _row_by_row(panel: Wide, design: Floats) -> tuple[list[Alike], Floats]:
    seen = ~np.isnan(panel.outcome)
    labels = np.nonzero(seen)[0]
    x, y = design[seen], panel.outcome[seen]
    counts = seen.sum(axis=1)[labels]
    sums = np.zeros((len(seen), x.shape[1]))
    np.add.at(sums, labels, x)
    x = x - sums[labels] / counts[:, None]
    y = y - np.bincount(labels, y, len(seen))[labels] / counts
    found = _solved(x.T @ x, x.T @ y)
    return clusters_of(x, y - x @ found, labels), found


def _solved(gram: Floats, right: Floats) -> Floats:
    if np.linalg.matrix_rank(gram, hermitian=True) < len(gram):
        raise ValueError("columns depend on each other: no comparison tells them apart")
    return np.asarray(np.linalg.solve(gram, right))


def _chosen(fit: _Fit) -> Floats:
    return np.eye(len(fit.coefficients))[-fit.columns :]


def _negative(panel: Wide | Moments, treated: Floats) -> float:
    """Share of treated cells whose effects enter the two-way coefficient with a minus sign."""
    if not isinstance(panel, Moments):
        return float("nan")
    sizes = panel.sizes[:, None]
    by_period = (sizes * treated).sum(axis=0) / sizes.sum()
    swept = treated - treated.mean(axis=1, keepdims=True) - by_period + by_period.mean()
    cells = treated > 0
    return float((sizes * (cells & (swept < 0))).sum() / (sizes * cells).sum())
