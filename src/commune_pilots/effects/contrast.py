"""Before/after contrasts of reported percentages, and the figures that stand alone.

A contrast is a difference, never an effect: nothing here knows what would have happened otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.evidence import grade_before_after
from commune_pilots.effects.rounding import (
    Interval,
    bound_interval,
    implied_denominators,
    printed_interval,
)
from commune_pilots.effects.worst_case import judge_unknown_denominators
from commune_pilots.numerals import rounded
from commune_pilots.params import Indicator, Rounding

SATURATED_FROM = 99.0
_ROUNDED = ("exact", "about")
_ALONE = ("after", "level", "rank")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One before/after difference with what rounding and unknown denominators leave of it."""

    before: float | None
    after: float
    change: float
    change_decimals: int
    change_bound: str
    change_low: float | None
    change_high: float
    gap_closed_low: float | None
    gap_closed_high: float | None
    smallest_before: int | None
    smallest_after: int
    witness_p: float
    bound_p: float
    denominators: str
    grade: str
    reason: str


def pair_figures(observations: pd.DataFrame) -> pd.DataFrame:
    """Join each before figure with the after figure of the same unit, indicator and definition.

    Two definitions never meet: the definition is part of the key. Returns the columns of
    observations twice, suffixed _before and _after.
    """
    keys = ["unit", "scope", "indicator", "definition"]
    sides = {role: observations[observations["role"] == role] for role in ("before", "after")}
    return sides["before"].merge(
        sides["after"], on=keys, suffixes=("_before", "_after"), validate="one_to_one"
    )


def contrast_pair(
    before: Mapping[Any, Any],
    after: Mapping[Any, Any],
    *,
    rounding: Rounding,
    least_dossiers: int,
    alpha: float,
) -> Contrast:
    """Measure the change between two printed shares, in percentage points.

    The printed change carries the fewer decimals of its two ends. After "none yet" no share before
    is known: the change is at most the later figure. The bounds hold for every share that prints as
    given; `gap_closed` is the change over what was left to 100. Assumes A1 and A2.
    """
    later = _share_interval(after, rounding)
    none_yet = before["qualifier"] == "none_yet"
    zero = Interval(low=Fraction(0), high=Fraction(0))
    earlier = zero if none_yet else _share_interval(before, rounding)
    unknown = judge_unknown_denominators(earlier, later, least=least_dossiers, alpha=alpha)
    grade, reason = grade_before_after(unknown.answer)
    exact_after = _exact(after)
    exact_before = Decimal(0) if none_yet else _exact(before)
    ends = (after,) if none_yet else (before, after)
    decimals = min(int(end["decimals"]) for end in ends)
    low, high = later.low - earlier.high, later.high - earlier.low
    return Contrast(
        before=None if none_yet else float(exact_before),
        after=float(exact_after),
        change=float(rounded(exact_after - exact_before, decimals)),
        change_decimals=decimals,
        change_bound=_bound(before, after),
        change_low=None if none_yet else float(100 * low),
        change_high=float(100 * high),
        gap_closed_low=None if none_yet else _gap_closed(earlier.high, later.low),
        gap_closed_high=None if none_yet else _gap_closed(earlier.low, later.high),
        smallest_before=None if none_yet else unknown.smallest_before,
        smallest_after=unknown.smallest_after,
        witness_p=unknown.witness_p,
        bound_p=unknown.bound_p,
        denominators=unknown.answer,
        grade=grade,
        reason=reason,
    )


def contrast_all(
    observations: pd.DataFrame,
    names: Mapping[str, str],
    *,
    indicators: Sequence[str],
    rounding: Rounding,
    least_dossiers: int,
    alpha: float,
) -> pd.DataFrame:
    """Measure every before/after pair of the chosen indicators; one row each (table contrasts).

    `names` maps unit codes to names; an empty `indicators` takes all.
    """
    rows = []
    pairs = pair_figures(observations)
    for pair in pairs.to_dict("records"):
        if indicators and pair["indicator"] not in indicators:
            continue
        sides = [
            {name: pair[f"{name}_{side}"] for name in ("printed", "value", "decimals", "qualifier")}
            for side in ("before", "after")
        ]
        contrast = contrast_pair(
            sides[0], sides[1], rounding=rounding, least_dossiers=least_dossiers, alpha=alpha
        )
        rows.append(
            {
                "contrast": f"c-{pair['observation_before']}-{pair['observation_after']}",
                "unit": pair["unit"],
                "unit_name": names[pair["unit"]],
                "indicator": pair["indicator"],
                "definition": pair["definition"],
                "before_observation": pair["observation_before"],
                "after_observation": pair["observation_after"],
                **asdict(contrast),
            }
        )
    return schemas.build(rows, "contrasts").sort_values(
        ["indicator", "after"], ascending=[True, False], ignore_index=True, kind="stable"
    )


def levels_alone(
    observations: pd.DataFrame,
    names: Mapping[str, str],
    catalogue: Mapping[str, Indicator],
    *,
    paired: Sequence[str],
    rounding: Rounding,
) -> pd.DataFrame:
    """List the figures without a partner in time: levels to report, never to compare.

    A share at or above 99% is saturated: it cannot tell a good unit from a better one. A printed
    count beside a percentage implies its denominator, given as a range.
    """
    alone = observations[
        observations["role"].isin(_ALONE)
        & observations["value"].notna()
        & ~observations["observation"].isin(list(paired))
    ]
    rows = []
    for figure in alone.to_dict("records"):
        share = catalogue[figure["indicator"]].unit == "percent"
        interval = _share_interval(figure, rounding) if share else None
        implied = (
            implied_denominators(int(figure["numerator"]), interval)
            if interval is not None and interval.low > 0 and pd.notna(figure["numerator"])
            else None
        )
        rows.append(
            {
                **{
                    name: figure[name]
                    for name in (
                        "observation",
                        "unit",
                        "scope",
                        "indicator",
                        "definition",
                        "role",
                        "value",
                        "decimals",
                        "qualifier",
                    )
                },
                "unit_name": names[figure["unit"]],
                "low": None if interval is None else float(100 * interval.low),
                "high": None if interval is None else float(100 * interval.high),
                "saturated": share and figure["value"] >= SATURATED_FROM,
                "denominator_low": implied[0] if implied else None,
                "denominator_high": implied[-1] if implied else None,
            }
        )
    return schemas.build(rows, "levels")


def _share_interval(figure: Mapping[Any, Any], rounding: Rounding) -> Interval:
    value = _exact(figure)
    if figure["qualifier"] in _ROUNDED:
        return printed_interval(value, decimals=int(figure["decimals"]), rounding=rounding)
    return bound_interval(value, qualifier=str(figure["qualifier"]))


def _bound(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> str:
    """Say what the difference of the printed ends is: exact, a bound, or neither.

    A bound on one end carries over; bounds that pull apart leave the difference open.
    """
    least, most = schemas.LOWER_BOUNDS, ("nearly", "none_yet")
    first = {"at_most": before["qualifier"] in least, "at_least": before["qualifier"] in most[:1]}
    second = {"at_most": after["qualifier"] in most, "at_least": after["qualifier"] in least}
    if before["qualifier"] == "none_yet":
        first["at_most"] = True
    kinds = {kind for kind in first if first[kind] or second[kind]}
    return kinds.pop() if len(kinds) == 1 else "open" if kinds else "exact"


def _exact(figure: Mapping[Any, Any]) -> Decimal:
    return rounded(float(figure["value"]), int(figure["decimals"]))


def _gap_closed(before: Fraction, after: Fraction) -> float | None:
    return None if before >= 1 else float(100 * (after - before) / (1 - before))
