"""Targets against results: reached, not reached, or not answerable, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from commune_pilots import schemas

Attainment = Literal["reached", "not_reached", "no_target", "no_result"]
_AT_OR_ABOVE = ("exact", "at_least", "over", "more_than")


def attain_targets(observations: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Set each printed target of a unit against the result of the same unit and definition.

    Without a printed number there is no target to reach; without a result of the same definition
    there is no answer. A bound ("over 60") reaches a target at or below it and otherwise answers
    nothing. `gap` = result - target in the indicator's unit. A deadline printed apart joins its
    target; national targets are context and stay out.
    """
    own = observations[observations["scope"] != "country"]
    targets = own[own["role"] == "target"]
    deadlines = own[own["role"] == "deadline"]
    results = observations[
        observations["role"].isin(["after", "level"]) & observations["value"].notna()
    ]
    rows = []
    for target in targets.to_dict("records"):
        answer = _result_for(target, results)
        attainment = _judge(target, answer)
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
    blank = schemas.empty("targets")
    frame = pd.DataFrame(rows, columns=list(blank.columns)).astype(dict(blank.dtypes))
    return schemas.check(frame, "targets")


def _result_for(target: Mapping[Any, Any], results: pd.DataFrame) -> dict[Any, Any] | None:
    same = _of_the_same(target, results)
    return None if same.empty else dict(same.iloc[-1])


def _deadline(target: Mapping[Any, Any], deadlines: pd.DataFrame) -> Any:
    printed = _of_the_same(target, deadlines)["period_end"].dropna()
    return target["period_end"] if printed.empty else printed.iloc[-1]


def _of_the_same(target: Mapping[Any, Any], figures: pd.DataFrame) -> pd.DataFrame:
    same = pd.Series(data=True, index=figures.index)
    for key in ("unit", "scope", "indicator", "definition"):
        same &= figures[key] == target[key]
    return figures[same]


def _judge(target: Mapping[Any, Any], result: Mapping[Any, Any] | None) -> Attainment:
    if pd.isna(target["value"]):
        return "no_target"
    if result is None:
        return "no_result"
    if result["value"] >= target["value"] and result["qualifier"] in _AT_OR_ABOVE:
        return "reached"
    if result["qualifier"] in ("exact", "nearly") and result["value"] <= target["value"]:
        return "not_reached"
    return "no_result"
