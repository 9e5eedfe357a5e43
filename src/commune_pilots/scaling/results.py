"""The numbers of a run in one tidy table: interval, measure, assumptions, figures behind each.

A number that cannot be known has no value; what bounds it stands in low or high.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.break_even import MOST_DESIGN_EFFECT
from commune_pilots.params import Indicator
from commune_pilots.scaling.ahead import of_economics, of_pooled, of_stages
from commune_pilots.scaling.record import record
from commune_pilots.vocabulary import LOWER_BOUNDS, Data

_AS_PRINTED = ("exact", "about")
_PAIR: dict[str, Any] = {
    "subject": "contrast",
    "observations": ("before_observation", "after_observation"),
}
_ENDS: dict[str, Any] = {"value": "value", "low": "low", "high": "high"}


def run_results(
    run: str,
    data: Data,
    *,
    contrasts: pd.DataFrame,
    counted: pd.DataFrame,
    levels: pd.DataFrame,
    targets: pd.DataFrame,
    pooled: pd.DataFrame,
    stages: pd.DataFrame,
    economics: pd.DataFrame,
    observations: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    alpha: float,
) -> pd.DataFrame:
    """Record the numbers of one run's tables (table results).

    Run, quantity, subject and definition name a row. Of a contrast: change, gap closed, the change
    with its widest interval, largest p, floor needed, design effect; of printed counts the
    difference; of a level and a target one number each; of the next commune its range and chance;
    of a stage its power; of costs what can be computed. National figures are context, the same in
    every run, and stay out. Changes are in points, gaps closed in per cent, levels in the unit of
    their indicator; `alpha` is that of the intervals. Raises ContractError for a level or target
    whose indicator is not in the catalogue.
    """
    of: dict[str, Any] = {"run": run, "data": data}
    figures = observations.set_index("observation")
    pairs = contrasts.assign(scope=contrasts["after_observation"].map(figures["scope"]))
    confidence = round(100 * (1 - alpha), 6)
    recorded = [
        *_of_change(pairs, confidence, of),
        *_of_chance(pairs, of),
        _of_counts(counted, pairs, confidence, of),
        _of_levels(levels, indicators, of),
        _of_targets(targets, figures, indicators, of),
        *of_pooled(pooled, contrasts, confidence, of),
        *of_stages(stages, of),
        of_economics(economics, confidence, of),
    ]
    return schemas.check(pd.concat(recorded, ignore_index=True), "results")


def _of_change(
    pairs: pd.DataFrame, confidence: float, of: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """Record the change, the gap closed, and the change with its widest interval.

    A change that is a bound, or open, has no value: its ends say what is left of it. After "none
    yet" nothing has a lower end, the widest interval neither: it took the share before as 0. The
    value is the printed change with its decimals, its ends are not rounded (M3).
    """
    exact = pairs["change_bound"] == "exact"
    known = pairs.assign(
        change=pairs["change"].where(exact),
        conf_low=pairs["conf_low"].where(pairs["change_low"].notna()),
    )
    left = exact.map({True: "rounding", False: "bound"})
    yield record(
        known, quantity="change", value="change", low="change_low", high="change_high",
        interval=left, measured_in="points", **_PAIR, **of,
    )  # fmt: skip
    yield record(
        known, quantity="gap_closed", low="gap_closed_low", high="gap_closed_high",
        interval=left, measured_in="percent", **_PAIR, **of,
    )  # fmt: skip
    yield record(
        known, quantity="change_worst_case", value="change", low="conf_low", high="conf_high",
        interval="worst_case", confidence=confidence, measured_in="points", **_PAIR, **of,
    )  # fmt: skip


def _of_chance(pairs: pd.DataFrame, of: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """Record the largest p, the floor that settles a pair, the design effect it bears.

    A p that is not certified lies between the largest found and its bound; a floor, between the
    largest known not to settle the pair and the one that does. Floors on one side and on both are
    different quantities, and where both numbers are printed none is asked. A pair open already
    bears no design effect of 1: only that is said of it.
    """
    proven = pairs["certified"]
    yield record(
        pairs.assign(
            value=pairs["worst_p"].where(proven),
            low=pairs["worst_p"].mask(proven),
            high=pairs["bound_p"].mask(proven),
        ),
        quantity="worst_p", interval="search", measured_in="probability", **_PAIR, **_ENDS, **of,
    )  # fmt: skip
    asked = pairs[pairs["n_before"].isna() | pairs["n_after"].isna()]
    needed, least = asked["floor_needed"], asked["floor_short"] + 1
    found = (needed == least).fillna(False).astype("bool")
    yield record(
        asked.assign(value=needed.where(found), low=least.mask(found), high=needed.mask(found)),
        quantity="floor_needed_" + asked["floor_side"], interval="search",
        measured_in="dossiers", **_PAIR, **_ENDS, **of,
    )  # fmt: skip
    borne = pairs["design_effect"]
    below, above = borne < 1, borne >= MOST_DESIGN_EFFECT
    yield record(
        pairs.assign(
            value=borne.mask(below | above),
            low=borne.where(above),
            high=borne.where(below).clip(lower=1.0),
        ),
        quantity="design_effect", interval="bound", measured_in="ratio", **_PAIR, **_ENDS, **of,
    )  # fmt: skip


def _of_counts(
    counted: pd.DataFrame, pairs: pd.DataFrame, confidence: float, of: Mapping[str, Any]
) -> pd.DataFrame:
    """Record the difference of printed counts with its interval."""
    own = counted[["contrast", "difference", "conf_low", "conf_high"]]
    known = own.merge(
        pairs.drop(columns=["conf_low", "conf_high"]), on="contrast", validate="one_to_one"
    )
    return record(
        known, quantity="difference", value="difference", low="conf_low", high="conf_high",
        interval="counted", confidence=confidence, measured_in="points", **_PAIR, **of,
    )  # fmt: skip


def _of_levels(
    levels: pd.DataFrame, indicators: Mapping[str, Indicator], of: Mapping[str, Any]
) -> pd.DataFrame:
    """Record the run's own levels: a value as printed, or the bound that a word makes of it."""
    own = levels[levels["scope"] != "country"]
    value, lower, upper = _read(own["value"], own["qualifier"])
    return record(
        own.assign(value=value, low=own["low"].fillna(lower), high=own["high"].fillna(upper)),
        quantity="level", subject="observation", observations=["observation"],
        interval=value.notna().map({True: "rounding", False: "bound"}),
        measured_in=own["indicator"].map(_units(indicators)), **_ENDS, **of,
    )  # fmt: skip


def _of_targets(
    targets: pd.DataFrame,
    figures: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    of: Mapping[str, Any],
) -> pd.DataFrame:
    """Record how far each result lies from its target; a target without a number has no row.

    The target is a threshold as printed; a result that is a bound leaves one end of the gap.
    """
    own = targets["target_observation"].map(figures["scope"]) != "country"
    asked = targets[targets["target"].notna() & own]
    value, lower, upper = _read(asked["gap"], asked["result_observation"].map(figures["qualifier"]))
    units = _units(indicators) | {
        name: "points" for name, unit in _units(indicators).items() if unit == "percent"
    }
    return record(
        asked.assign(
            value=value,
            low=lower,
            high=upper,
            unit=asked["target_observation"].map(figures["unit"]),
            scope=asked["target_observation"].map(figures["scope"]),
        ),
        quantity="target_gap", subject="target_observation",
        observations=["target_observation", "result_observation"],
        interval="bound", measured_in=asked["indicator"].map(units), **_ENDS, **of,
    )  # fmt: skip


def _read(
    numbers: pd.Series[float], qualifiers: pd.Series[str]
) -> tuple[pd.Series[float], pd.Series[float], pd.Series[float]]:
    """Part numbers by their qualifier: known, bounded from below, bounded from above."""
    return (
        numbers.where(qualifiers.isin(_AS_PRINTED)),
        numbers.where(qualifiers.isin(LOWER_BOUNDS)),
        numbers.where(qualifiers == "nearly"),
    )


def _units(indicators: Mapping[str, Indicator]) -> dict[str, str]:
    return {name: indicator.unit for name, indicator in indicators.items()}
