"""Stages of a roll-out: who starts when, and what each stage could detect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from commune_pilots import schemas
from commune_pilots.scaling.stepped_wedge import Wedge, detectable, draw_order, power
from commune_pilots.scenario import Scenario


def draw(projections: pd.DataFrame, *, stages: int, seed: int) -> pd.DataFrame:
    """Deal the candidates that the pilots speak for to the stages in drawn order.

    Table projections in and out, with its column stage. Outside our evidence, or where nothing can
    be compared, nobody is drawn; a unit that holds a pilot commune is none to draw. The seed is the
    record of the draw.
    """
    inside = (projections["support"] == "inside") & projections["former_pilots"].isna()
    order = draw_order(projections.loc[inside, "candidate"].tolist(), stages=stages, seed=seed)
    drawn = projections["candidate"].map(order).astype("Int64")
    return schemas.check(projections.assign(stage=drawn), "projections")


def stage_table(
    projections: pd.DataFrame, scenario: Scenario, *, alpha: float, gain: float, seed: int
) -> pd.DataFrame:
    """Lay out the stages of a drawn order (table stages), with the power up to each stage's end.

    One row a stage: communes in it, started by then, and those for which the pilots speak
    (support inside); `seed` is the record of the draw. Stage s starts in month
    1 + (s - 1) `stage_months`; the `stage_months` before month 1 are the period before. `power` is
    the chance to detect `gain` points, `detectable` the smallest gain in points with 80% power,
    both by t with I - 2 degrees of freedom. They are missing where the scenario knows no dossiers
    or baseline, where the stages so far tell the gain from no period, and where the way to 100% is
    shorter than the gain. Candidates without a stage (they contain a pilot) take no part. Raises
    ValueError for a stage the scenario does not have.
    Assumes A2 and A10. Source: docs/methods.md, M9.
    """
    taking_part = projections[projections["stage"].notna()]
    numbers = range(1, scenario.stages + 1)
    foreign = sorted({int(stage) for stage in taking_part["stage"]} - set(numbers))
    if foreign:
        raise ValueError(f"stages {foreign} are drawn; the scenario has 1 to {scenario.stages}")
    waves = tuple(int((taking_part["stage"] == stage).sum()) for stage in numbers)
    rows = []
    for stage in numbers:
        members = taking_part[taking_part["stage"] == stage]
        rows.append(
            {
                "stage": stage,
                "first_month": 1 + (stage - 1) * scenario.stage_months,
                "candidates": len(members),
                "started": sum(waves[:stage]),
                "inside": int((members["support"] == "inside").sum()),
                "seed": seed,
                **_power(planned(waves, scenario), stage, alpha=alpha, gain=gain),
            }
        )
    return schemas.build(rows, "stages")


def planned(waves: tuple[int, ...], scenario: Scenario) -> Wedge | None:
    """Take the planning values of a wedge from a scenario; None where it does not know them."""
    if scenario.dossiers_per_month is None or scenario.baseline_share is None or sum(waves) == 0:
        return None
    return Wedge(
        waves=waves,
        dossiers=scenario.dossiers_per_month * scenario.stage_months,
        baseline=scenario.baseline_share,
        between=scenario.between_sd,
        period=scenario.period_sd,
        effect=scenario.effect_sd,
    )


def _power(wedge: Wedge | None, stage: int, *, alpha: float, gain: float) -> dict[str, Any]:
    if wedge is None:
        return {}
    fits = 0 < gain <= 100 - wedge.baseline
    rougher = replace(wedge, period=2 * wedge.period)
    reached, least = (
        power(one, gain=gain, alpha=alpha, through=stage) if fits else None
        for one in (wedge, rougher)
    )
    return {
        "power": reached,
        "power_low": least,
        "detectable": detectable(wedge, alpha=alpha, through=stage),
    }
