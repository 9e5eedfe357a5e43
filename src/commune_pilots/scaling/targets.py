"""Targets against results: reached, not reached, or not answerable, never a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from commune_pilots import schemas
from commune_pilots.vocabulary import LOWER_BOUNDS

Attainment = Literal["reached", "not_reached", "no_target", "no_result"]


def attain_targets(
    observations: pd.DataFrame, names: Mapping[str, str], *, lower_is_better: Sequence[str] = ()
) -> pd.DataFrame:
    """Set each printed target of a unit against the result of the same unit and definition.

    Without a printed number there is no target to reach; without a result of the same definition
    there is no answer. A bound ("over 60") reaches a target at or below it and otherwise answers
    nothing. For indicators in `lower_is_better` the target is a ceiling. `gap` is result minus
    target in the indicator's unit. A deadline printed apart joins its target. National targets of
    indicators that the run has figures of come last; only a figure of the run's own units under the
    national definition answers one.
    """
    own = observations[observations["scope"] != "country"]
    national = observations[
        (observations["scope"] == "country") & observations["indicator"].isin(own["indicator"])
    ]
    targets = pd.concat([part[part["role"] == "target"] for part in (own, national)])
    deadlines = own[own["role"] == "deadline"]
    results = own[own["role"].isin(["after", "level"]) & own["value"].notna()].sort_values(
        "period_end", na_position="first", kind="stable"
    )
    rows = []
    for target in targets.to_dict("records"):
        answer = _result_for(target, results)
        attainment = _judge(target, answer, ceiling=target["indicator"] in lower_is_better)
        number = None if pd.isna(target["value"]) else float(target["value"])
        rows.append(
            {
                "target_observation": target["observation"],
                "result_observation": None if answer is None else answer["observation"],
                "unit_name": names[target["unit"]],
                "indicator": target["indicator"],
                "definition": target["definition"],
                "target": number,
                "result": None if answer is None else float(answer["value"]),
                "gap": None
                if number is None or answer is None
                else float(answer["value"]) - number,
                "deadline": _deadline(target, deadlines),
                "attainment": attainment,
            }
        )
    return schemas.build(rows, "targets")


def _result_for(target: Mapping[Any, Any], results: pd.DataFrame) -> dict[Any, Any] | None:
    same = _of_the_same(target, results)
    return None if same.empty else dict(same.iloc[-1])


def _deadline(target: Mapping[Any, Any], deadlines: pd.DataFrame) -> Any:
    printed = _of_the_same(target, deadlines)["period_end"].dropna()
    return target["period_end"] if printed.empty else printed.iloc[-1]


def _of_the_same(target: Mapping[Any, Any], figures: pd.DataFrame) -> pd.DataFrame:
    same = pd.Series(data=True, index=figures.index)
    place = () if target["scope"] == "country" else ("unit", "scope")
    for key in (*place, "indicator", "definition"):
        same &= figures[key] == target[key]
    return figures[same]


def _judge(
    target: Mapping[Any, Any], result: Mapping[Any, Any] | None, *, ceiling: bool
) -> Attainment:
    if pd.isna(target["value"]):
        return "no_target"
    if result is None:
        return "no_result"
    ahead = float(result["value"]) - float(target["value"])
    exact = result["qualifier"] == "exact"
    lowest = result["qualifier"] in LOWER_BOUNDS
    highest = result["qualifier"] == "nearly"
    at_or_above = ahead >= 0 and (exact or lowest)
    below = (ahead < 0 and exact) or (ahead <= 0 and highest)
    at_or_below = ahead <= 0 and (exact or highest)
    above = (ahead > 0 and exact) or (ahead >= 0 and lowest)
    reached, missed = (at_or_below, above) if ceiling else (at_or_above, below)
    return "reached" if reached else "not_reached" if missed else "no_result"
