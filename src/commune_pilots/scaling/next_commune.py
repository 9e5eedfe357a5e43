"""What the pilots let one expect of the next commune: its share, and its gain (table pooled).

Two quantities of each indicator and definition: `level`, the share after, pooled as log-odds, and
`change`, in points. Definitions never meet. Where a number of dossiers is not printed, what follows
from it is a range over every admissible number, searched, not certified (`ranges`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from commune_pilots import schemas
from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.evidence import weakest
from commune_pilots.effects.pairing import figure_of
from commune_pilots.params import Indicator
from commune_pilots.scaling.admissible import Admitted, admitted_change, admitted_level
from commune_pilots.scaling.hierarchical import POINTS_PER_LOGIT
from commune_pilots.scaling.ranges import LEAST_TO_POOL, pooled_ranges
from commune_pilots.vocabulary import Grade, PoolMethod

_LEFT_OUT_FOR: tuple[PoolMethod, ...] = ("reml", "half_normal_1")
_SHOWN = (
    "estimate_low", "estimate_high", "conf_low", "conf_high", "prediction_low", "prediction_high",
)  # fmt: skip
Quantity = Literal["level", "change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """One unit's part: what its figures admit (None: may be 0 or 100%), and its grade."""

    code: str
    admitted: Admitted | None
    grade: Grade


Groups = dict[tuple[str, str], list[_Unit]]


def pool_all(
    contrasts: pd.DataFrame,
    coverage: pd.DataFrame,
    observations: pd.DataFrame,
    terms: Terms,
    *,
    indicators: Mapping[str, Indicator],
    target_share: float,
    least_change: float,
    least_to_pool: int = LEAST_TO_POOL,
) -> pd.DataFrame:
    """Pool the pilot units of each indicator and definition and predict the next (table pooled).

    `level` takes each unit's share after, with or without one before; `chance` is P(share of the
    next >= `target_share` per cent). `change` takes contrasts whose change is no bound; `chance` is
    P(gain of the next >= `least_change` points). Only shares that should rise come in. One row a
    method; for `reml` and `half_normal_1` also one without each unit, where enough remain. Numbers
    are the extremes over all admissible numbers of dossiers; a point where the counts are printed.

    Methods by tau: the interval of the mean is Hartung & Knapp's with max(1, q), that of the next
    unit Higgins et al.'s with t(k-2), as is the chance. Priors: posterior and predictive intervals,
    tau the posterior median, a flat prior of the mean; in points, priors are stretched by 25 points
    a logit. Predicted changes are cut at -100 and 100 points.

    `outcome`: `too_few` below `least_to_pool` units, `saturated` where a share may be 0 or 100% and
    so has no log-odds. `grade` is the weakest among the units, none for one without a contrast.
    Assumes A1, A2, A9, A11, A13. Raises ValueError for `least_to_pool` below 3.
    """
    if least_to_pool < LEAST_TO_POOL:
        raise ValueError(
            f"least_to_pool is {least_to_pool}; the interval of the next commune takes at least "
            f"{LEAST_TO_POOL} units: set {LEAST_TO_POOL} or more"
        )
    figures = {row["observation"]: row for row in observations.to_dict("records")}
    of_units = [name for name, row in figures.items() if row["scope"] == "unit"]
    pilots = contrasts[
        contrasts["unit"].isin(coverage["unit"]) & contrasts["after_observation"].isin(of_units)
    ]
    thresholds: dict[Quantity, float] = {"level": target_share, "change": least_change}
    groups: dict[Quantity, Groups] = {
        "level": _levels(pilots, coverage, figures, terms),
        "change": _changes(pilots, figures, terms),
    }
    rows = [
        {"indicator": indicator, "definition": definition, **row}
        for quantity, threshold in thresholds.items()
        for (indicator, definition), units in groups[quantity].items()
        if indicators[indicator].unit == "percent" and indicators[indicator].better != "down"
        for row in _pooled(units, quantity, threshold, alpha=terms.alpha, least=least_to_pool)
    ]
    return schemas.build(rows, "pooled")


def _levels(
    contrasts: pd.DataFrame,
    coverage: pd.DataFrame,
    figures: Mapping[str, dict[Any, Any]],
    terms: Terms,
) -> Groups:
    """Take the share after of each unit: that of its contrast, or the one printed alone."""
    of_contrast = {
        (row["unit"], row["indicator"], row["definition"]): (row["after_observation"], row["grade"])
        for row in contrasts.to_dict("records")
    }
    groups: Groups = {}
    for row in coverage.to_dict("records"):
        key = row["indicator"], row["definition"]
        name, grade = of_contrast.get((row["unit"], *key), (row["after"], "none"))
        if pd.isna(name) or pd.isna(figures[name]["value"]):
            continue
        found = admitted_level(figure_of(figures[name]), terms)
        groups.setdefault(key, []).append(_Unit(code=row["unit"], admitted=found, grade=grade))
    return groups


def _changes(
    contrasts: pd.DataFrame, figures: Mapping[str, dict[Any, Any]], terms: Terms
) -> Groups:
    """Take the contrasts whose change is known but for rounding; a bound is counted nowhere."""
    groups: Groups = {}
    for row in contrasts.to_dict("records"):
        units = groups.setdefault((row["indicator"], row["definition"]), [])
        if row["change_bound"] != "exact":
            continue
        before, after = (
            figure_of(figures[row[end]]) for end in ("before_observation", "after_observation")
        )
        found = admitted_change(before, after, terms)
        units.append(_Unit(code=row["unit"], admitted=found, grade=row["grade"]))
    return groups


def _pooled(
    units: Sequence[_Unit], quantity: Quantity, threshold: float, *, alpha: float, least: int
) -> Iterator[dict[str, Any]]:
    """Lay out the rows of one quantity of one definition: every method, then without each unit."""
    for method in get_args(PoolMethod):
        yield _row(units, quantity, threshold, method, alpha=alpha, least=least)
    if len(units) <= least or any(unit.admitted is None for unit in units):
        return
    for method in _LEFT_OUT_FOR:
        for out in units:
            rest = [unit for unit in units if unit is not out]
            row = _row(rest, quantity, threshold, method, alpha=alpha, least=least)
            yield {**row, "left_out": out.code}


def _row(
    units: Sequence[_Unit],
    quantity: Quantity,
    threshold: float,
    method: PoolMethod,
    *,
    alpha: float,
    least: int,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "quantity": quantity,
        "method": method,
        "pilots": len(units),
        "outcome": "pooled",
        "threshold": threshold,
        "grade": weakest([unit.grade for unit in units]),
    }
    known = [unit.admitted for unit in units if unit.admitted is not None]
    if len(units) < least:
        return {**row, "outcome": "too_few"}
    if len(known) < len(units):
        return {**row, "outcome": "saturated"}
    share = quantity == "level"
    found = pooled_ranges(
        known,
        method=method,
        threshold=float(logit(threshold / 100)) if share else threshold,
        scale=1.0 if share else POINTS_PER_LOGIT,
        alpha=alpha,
    )
    numbers = asdict(found)
    for name in _SHOWN:
        on_scale = numbers[name]
        numbers[name] = float(100 * expit(on_scale) if share else np.clip(on_scale, -100, 100))
    return row | numbers
