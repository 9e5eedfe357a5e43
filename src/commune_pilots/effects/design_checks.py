"""Checks of each primary effect, as rows of table `checks`: passed, failed, or not possible.

Column `contrast` has the id of the effect. What cannot be asked of these data is not possible and
never passed.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.alone import cut_series
from commune_pilots.effects.arms import Arms, keep
from commune_pilots.effects.designs import arms_by_definition
from commune_pilots.effects.effect_rows import Row
from commune_pilots.effects.honest import EventStudy, breakdown, event_study
from commune_pilots.effects.interrupted import interrupt, placebo_starts, rank_among
from commune_pilots.effects.placebos import (
    NO_INTERVAL,
    NOT_POSSIBLE,
    Checked,
    leave_one_out,
    placebo_in_space,
    placebo_in_time,
    pre_trend,
    test_of,
)

CHECKS = (
    "pre_trend", "placebo_in_time", "placebo_in_space", "leave_one_out", "other_definition",
    "donor_pool", "trend_sensitivity", "mde",
)  # fmt: skip
POWER = 0.8
QUARTER, MOST_BEND = 3, 20.0
LEAST_POOL = 6


def check_effects(
    effects: pd.DataFrame,
    panel: pd.DataFrame,
    units: pd.DataFrame,
    pilots: pd.DataFrame,
    events: pd.DataFrame,
    *,
    alpha: float,
    least_change: float,
    seed: int,
) -> pd.DataFrame:
    """Check each primary effect that is not refused (table checks, eight rows an effect).

    `least_change` is the smallest change worth acting on, points: `mde` asks whether the design
    could detect it. Statistics are points but for `placebo_in_space` (per cent of choices),
    `pre_trend` (points a year) and `trend_sensitivity` (points a quarter by which the slope of a
    difference in trends may bend each quarter before nothing is left). The same seed as for
    `estimate_effects` asks the same choices.
    """
    rows: list[Row] = []
    for primary, arms in arms_by_definition(panel, units, pilots, effects):
        if primary["answer"] == "refused":
            continue
        found = dict.fromkeys(CHECKS, NOT_POSSIBLE)
        if arms is not None and arms.assignment is not None:
            found |= _compared(arms, primary, alpha=alpha, seed=seed)
        elif arms is not None and primary["level"] == "C4":
            found["placebo_in_time"] = _other_starts(
                arms, events, str(primary["indicator"]), alpha=alpha
            )
        found["other_definition"] = _other_definition(primary, effects)
        found["mde"] = _detectable(primary, alpha=alpha, least_change=least_change)
        rows += [
            {
                "contrast": primary["effect"], "check": name, "outcome": one.outcome,
                "statistic": one.statistic, "decimals": one.decimals, "reference": one.reference,
            }
            for name, one in found.items()
        ]  # fmt: skip
    return schemas.build(rows, "checks")


def _compared(arms: Arms, primary: Row, *, alpha: float, seed: int) -> dict[str, Checked]:
    """Ask what a comparison can be asked."""
    return {
        "pre_trend": pre_trend(arms, alpha=alpha, seed=seed),
        "placebo_in_time": placebo_in_time(arms, alpha=alpha, seed=seed),
        "placebo_in_space": placebo_in_space(arms, alpha=alpha, seed=seed),
        "leave_one_out": leave_one_out(arms, alpha=alpha, seed=seed),
        "donor_pool": _nearest_pool(arms, primary, seed=seed),
        "trend_sensitivity": _bend(arms, primary, alpha=alpha),
    }


def _nearest_pool(arms: Arms, primary: Row, *, seed: int) -> Checked:
    """Compare with the half of the comparison units nearest to the pilots before the start.

    Passed where that estimate lies in the interval of the primary one.
    """
    others = np.flatnonzero(~arms.treated)
    if len(others) < LEAST_POOL or not arms.months_before or pd.isna(primary["conf_low"]):
        return NOT_POSSIBLE
    levels = np.nanmean(arms.wide.outcome[:, : arms.months_before], axis=1)
    apart = np.abs(levels[others] - levels[arms.treated].mean())
    kept = arms.treated.copy()
    kept[others[np.argsort(apart, kind="stable")[: len(others) // 2]]] = True
    found = test_of(keep(arms, kept), alpha=NO_INTERVAL, seed=seed).estimate
    inside = primary["conf_low"] <= found <= primary["conf_high"]
    return Checked(outcome="passed" if inside else "failed", statistic=found, decimals=1)


def _bend(arms: Arms, primary: Row, *, alpha: float) -> Checked:
    """Find how far trends may bend before nothing is left (Rambachan & Roth 2023, smoothness).

    Quarters of months, the one before the start as base. Passed where the effect stays under any
    straight difference in trends; the statistic is the bend that takes it away.
    """
    study = quarters(arms)
    if study is None or primary["answer"] != "told_apart":
        return NOT_POSSIBLE
    bend = breakdown(study, restriction="smoothness", alpha=alpha, most=MOST_BEND)
    size = MOST_BEND if bend is None else bend
    return Checked(outcome="passed" if size > 0 else "failed", statistic=size, decimals=2)


def quarters(arms: Arms) -> EventStudy | None:
    """Lay pilots less comparison units out by quarter from the start, for `honest` (points).

    Each side has its own scatter; degrees of freedom are pilots less one, the careful end. None
    with several starts, fewer than three pilots, fewer than three quarters before or none after,
    or no more comparison units than quarters.
    """
    pilots = int(arms.treated.sum())
    if len(arms.starts) != 1 or pilots < 3:
        return None
    start, before = int(arms.starts[0]), arms.months_before // QUARTER
    after = (arms.wide.outcome.shape[1] - start) // QUARTER
    if before < 3 or after < 1 or len(arms.treated) - pilots <= before + after:
        return None
    first = arms.months_before - QUARTER * before
    parts = [
        arms.wide.outcome[:, low : low + QUARTER].mean(axis=1)
        for low in [
            *range(first, arms.months_before, QUARTER),
            *range(start, start + QUARTER * after, QUARTER),
        ]
    ]
    table = np.column_stack(parts)
    table = np.delete(table - table[:, [before - 1]], before - 1, axis=1)
    known = ~np.isnan(table).any(axis=1)
    sides = [table[known & arms.treated], table[known & ~arms.treated]]
    if len(sides[0]) < 3 or len(sides[1]) <= table.shape[1]:
        return None
    beta = sides[0].mean(axis=0) - sides[1].mean(axis=0)
    covariance = sum(np.cov(side.T, ddof=1).reshape(len(beta), -1) / len(side) for side in sides)
    return event_study(beta, covariance, n_before=before - 1, freedom=len(sides[0]) - 1.0)


def _other_starts(arms: Arms, events: pd.DataFrame, indicator: str, *, alpha: float) -> Checked:
    """Rank the gap of a series among those at pretended starts before the true one.

    The statistic is the largest gap found there, points.
    """
    cut = cut_series(
        arms.panel.panel, events, indicator=indicator, anticipation=arms.panel.anticipation
    )
    if cut is None or cut.refused:
        return NOT_POSSIBLE
    series = cut.months, cut.filed, cut.dossiers
    pretended = placebo_starts(
        *series, start=cut.start, horizon=QUARTER, alpha=alpha, events=cut.events
    )
    if pretended.empty:
        return NOT_POSSIBLE
    own = interrupt(*series, start=cut.start, horizon=QUARTER, alpha=alpha, events=cut.events)
    rank, smallest = rank_among(own, pretended)
    if smallest > alpha:
        return NOT_POSSIBLE
    largest = float(pretended["estimate"].abs().max())
    return Checked(outcome="passed" if rank <= alpha else "failed", statistic=largest, decimals=1)


def _other_definition(primary: Row, effects: pd.DataFrame) -> Checked:
    """Ask whether another way to count the same indicator answers alike."""
    others = effects[
        effects["primary"]
        & (effects["indicator"] == primary["indicator"])
        & (effects["definition"] != primary["definition"])
        & (effects["answer"] != "refused")
    ]
    if others.empty:
        return NOT_POSSIBLE
    alike = (others["answer"] == primary["answer"]) & (others["estimate"] * primary["estimate"] > 0)
    different = ";".join(others.loc[~alike, "definition"]) or None
    return Checked(
        outcome="failed" if different else "passed", statistic=float((~alike).sum()), decimals=0,
        reference=different,
    )  # fmt: skip


def _detectable(primary: Row, *, alpha: float, least_change: float) -> Checked:
    """Tell the change that such an interval would have detected with a chance of 80 per cent."""
    if primary["answer"] == "not_decidable" or pd.isna(primary["conf_low"]):
        return NOT_POSSIBLE
    normal = NormalDist()
    reach = (primary["conf_high"] - primary["conf_low"]) / 2
    size = reach * (1 + normal.inv_cdf(POWER) / normal.inv_cdf(1 - alpha / 2))
    enough = size <= least_change
    return Checked(outcome="passed" if enough else "failed", statistic=size, decimals=1)
