"""Where closed forms end: covariates and unbalanced panels, estimated by the library diff-diff.

A thin adapter, held to one version: results come back as the project's own effects. The library
takes seconds to import, so only the functions that use it do.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from commune_pilots.effects.did_group_time import Comparison
from commune_pilots.effects.result import ASSUMES, Effect, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryEffects:
    """Effects, overall first, then by event time, and what the library warned of.

    With `anticipation` there is no overall effect: the library's counts those months as treated.
    """

    effects: tuple[Effect, ...]
    warned: tuple[str, ...]


def library_group_time(
    panel: pd.DataFrame,
    *,
    comparison: Comparison,
    outcome: str = "share",
    covariates: Sequence[str] = (),
    anticipation: int = 0,
    alpha: float = 0.05,
) -> LibraryEffects:
    """Estimate the average effect from ATT(g, t), given covariates, gaps allowed; in points.

    Doubly robust with `covariates` (their values in the base period), so that trends need be
    parallel only between units alike in them. In a panel with gaps each ATT(g, t) takes the units
    seen in both of its periods. `panel` as in `did_moments.widen`. Source: Callaway & Sant'Anna
    2021; Sant'Anna & Zhao 2020.
    """
    from diff_diff import CallawaySantAnna

    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        found = CallawaySantAnna(control_group=comparison, anticipation=anticipation).fit(
            _laid_out(panel, outcome, covariates), covariates=list(covariates) or None, **_COLUMNS
        )
        effects = _effects(panel, found, f"group_time_{comparison}_library", alpha=alpha)
    return LibraryEffects(effects=effects, warned=_told(noted))


def library_imputation(
    panel: pd.DataFrame,
    *,
    outcome: str = "share",
    covariates: Sequence[str] = (),
    anticipation: int = 0,
    alpha: float = 0.05,
) -> LibraryEffects:
    """Estimate the average effect by imputation, given covariates, gaps allowed; in points.

    `covariates` vary over time and enter the fit to untreated cells linearly. `panel` as in
    `did_moments.widen`. Source: Borusyak, Jaravel & Spiess 2024.
    """
    from diff_diff import ImputationDiD

    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        found = ImputationDiD(anticipation=anticipation).fit(
            _laid_out(panel, outcome, covariates), covariates=list(covariates) or None, **_COLUMNS
        )
        effects = _effects(panel, found, "imputation_library", alpha=alpha)
    return LibraryEffects(effects=effects, warned=_told(noted))


_COLUMNS: dict[str, Any] = {
    "outcome": "outcome", "unit": "unit", "time": "period", "first_treat": "cohort",
}  # fmt: skip


def _laid_out(panel: pd.DataFrame, outcome: str, covariates: Sequence[str]) -> pd.DataFrame:
    """Number periods from 1, as the library reads a cohort of 0 as never treated."""
    shift = 1 - int(panel["period"].min())
    frame = panel[["unit", *covariates]].assign(
        period=panel["period"].astype("int64") + shift,
        cohort=(panel["cohort"] + shift).fillna(0).astype("int64"),
        outcome=panel[outcome].astype("float64"),
    )
    return frame.dropna(subset=["outcome", *covariates])


def _effects(panel: pd.DataFrame, found: Any, method: str, *, alpha: float) -> tuple[Effect, ...]:
    last = panel["period"].max()
    cohorts = panel.groupby("unit")["cohort"].first()
    treated = cohorts[cohorts.notna() & (cohorts <= last)]
    starts = treated.astype("int64")
    asked: list[tuple[str, int | None, float, float, int]] = []
    if not found.anticipation:
        asked.append(("att_library", None, found.overall_att, found.overall_se, len(treated)))
    for row in found.aggregate("event_study").to_dataframe().to_dict("records"):
        at = int(row["event_time"])
        if not row["is_reference"]:
            reached = int((starts + at).between(panel["period"].min(), last).sum())
            asked.append(("att_event_time", at, row["att"], row["se"], reached))
    return tuple(
        judge(
            estimand=estimand,
            at=at,
            estimate=value,
            std_error=error,
            n_treated=reached,
            n_comparison=len(cohorts) - len(treated),
            method=method,
            assumptions=ASSUMES,
            alpha=alpha,
        )
        for estimand, at, value, error, reached in asked
    )


def _told(noted: Sequence[warnings.WarningMessage]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(one.message) for one in noted))
