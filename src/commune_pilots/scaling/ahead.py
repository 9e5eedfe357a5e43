"""The numbers of a run that look ahead, for table results: the next commune, stages, costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from commune_pilots.scaling.record import record
from commune_pilots.vocabulary import MeasuredIn


def of_pooled(
    pooled: pd.DataFrame, contrasts: pd.DataFrame, confidence: float, of: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """Record what each method predicts for the next commune: its range, and its chance.

    Nobody left out. Neither has a value of its own: a range over every number of dossiers is what
    is known. The figures behind are those of the contrasts of the definition: of a level the later
    ones, of a change both, without those whose change is a bound.
    """
    known = pooled[(pooled["outcome"] == "pooled") & pooled["left_out"].isna()]
    behind = _behind(contrasts)
    keys = zip(known["quantity"], known["definition"], strict=True)
    rows = known.assign(
        subject=known["indicator"] + "-" + known["method"],
        figures=pd.Series([behind.get(key) for key in keys], known.index, dtype="str"),
    )
    change = rows["quantity"] == "change"
    yield record(
        rows, quantity="pooled_" + rows["quantity"], subject="subject", observations=["figures"],
        low="prediction_low", high="prediction_high", interval="prediction",
        confidence=confidence, measured_in=change.map({True: "points", False: "percent"}), **of,
    )  # fmt: skip
    yield record(
        rows, quantity="chance_" + rows["quantity"], subject="subject", observations=["figures"],
        low="chance_low", high="chance_high", interval="search", measured_in="probability", **of,
    )  # fmt: skip


def of_stages(stages: pd.DataFrame, of: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """Record the power of each stage and the least gain it detects, both on planning values."""
    rows = stages.assign(subject="stage-" + stages["stage"].astype("str"))
    measures: dict[str, MeasuredIn] = {"power": "probability", "detectable": "points"}
    for quantity, measured_in in measures.items():
        yield record(
            rows[rows[quantity].notna()], quantity=quantity, subject="subject", observations=[],
            value=quantity, measured_in=measured_in, **of,
        )  # fmt: skip


def of_economics(economics: pd.DataFrame, confidence: float, of: Mapping[str, Any]) -> pd.DataFrame:
    """Record what could be computed of cost and of the worth of waiting."""
    known = economics[economics["outcome"] == "computed"]
    return record(
        known, quantity=known["quantity"], subject="quantity", observations=[], value="expected",
        low="low", high="high", interval="prediction", confidence=confidence,
        measured_in=known["measured_in"], **of,
    )  # fmt: skip


def _behind(contrasts: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Join the ids of the figures that each quantity of each definition is pooled from."""
    exact = contrasts[contrasts["change_bound"] == "exact"]
    parts = [
        ("level", contrasts[["definition", "after_observation"]]),
        ("change", exact[["definition", "before_observation"]]),
        ("change", exact[["definition", "after_observation"]]),
    ]
    named: dict[tuple[str, str], list[str]] = {}
    for quantity, part in parts:
        for definition, figure in part.itertuples(index=False):
            named.setdefault((quantity, definition), []).append(figure)
    return {key: ";".join(ids) for key, ids in named.items()}
