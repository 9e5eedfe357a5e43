"""Candidate units beside the units that hold a pilot: alike or outside, and what may be expected.

A unit of today that contains a pilot commune is larger than the commune: what is known of the
pilots here is known of those units (A12, docs/assumptions.md). With three to eight pilots nothing
is modelled: a candidate lies within what was seen or it does not (docs/methods.md, M10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from commune_pilots import schemas
from commune_pilots.vocabulary import Support

COVARIATES = ("area_km2", "population", "dossiers", "internet_share", "online_share")


def project(
    candidates: pd.DataFrame,
    pilots: pd.DataFrame,
    *,
    covariates: Sequence[str] = COVARIATES,
    definition: str | None = None,
    gain: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Say for each candidate whether the pilots speak for it and what gain may be expected there.

    Tables candidates and pilots in, table projections out, in the order of the codes and no other.
    A candidate is `inside` if each of its known covariates lies between the least and the largest
    of the units that contain a pilot, and its type is among theirs; `outside` names what is not;
    `unknown` if nothing but the type can be compared. `nearest` is the unit with a pilot at the
    least distance of Gower 1971: the mean over the covariates known of both of |x - y| over the
    range of all candidates, and 0 or 1 for the type.

    `gain` is the range expected in a new unit under `definition`, in points. Only a candidate
    inside gets it, cut to what its own share under that definition leaves. A share filed online is
    compared under that definition alone.
    Assumes A11 for the gain and A12 for what it is compared on.
    Raises ValueError for a gain that is no range within -100..100 points.
    """
    if gain is not None and not -100 <= gain[0] <= gain[1] <= 100:
        raise ValueError(f"gain is {gain}; give its low and high end in points, -100 to 100")
    known = _comparable(candidates, covariates, definition)
    held = _held(candidates, pilots)
    seen = known[known.index.isin(list(held))]
    ranges = {name: float(known[name].max() - known[name].min()) for name in covariates}
    rows = []
    for code, one in known.iterrows():
        compared, outside = _compare(one, seen, covariates)
        support = _support(compared, outside)
        near = _nearest(one, seen, ranges) if support != "unknown" else (None, None)
        low, high = _room(gain, one, definition) if support == "inside" else (None, None)
        rows.append(
            {
                "candidate": code,
                "name": one["name"],
                "former_pilots": ";".join(held.get(str(code), [])) or None,
                "support": support,
                "compared": ";".join(compared) or None,
                "outside_on": ";".join(outside) or None,
                "nearest": near[0],
                "distance": near[1],
                "gain_low": low,
                "gain_high": high,
            }
        )
    return schemas.build(rows, "projections")


def common_support(
    candidates: pd.DataFrame,
    pilots: pd.DataFrame,
    *,
    covariates: Sequence[str] = COVARIATES,
    definition: str | None = None,
) -> pd.DataFrame:
    """Say how far the pilots cover the candidates on each covariate.

    One row a covariate and one for the type: ends of the units that contain a pilot, units with a
    pilot and candidates of which it is known, and the share of those candidates between the ends
    (per cent; missing where nothing is known of the one or the other).
    """
    known = _comparable(candidates, covariates, definition)
    held = _held(candidates, pilots)
    seen = known[known.index.isin(list(held))]
    rows = []
    for name in (*covariates, "type"):
        mine, theirs = known[name].dropna(), seen[name].dropna()
        low, high = (None, None) if name == "type" or theirs.empty else (theirs.min(), theirs.max())
        inside = mine.isin(theirs) if name == "type" else mine.between(theirs.min(), theirs.max())
        rows.append(
            {
                "covariate": name,
                "low": low,
                "high": high,
                "pilots_known": len(theirs),
                "candidates_known": len(mine),
                "inside_share": None if theirs.empty or mine.empty else 100 * float(inside.mean()),
            }
        )
    frame = pd.DataFrame(rows)
    numbers = ["low", "high", "inside_share"]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def _comparable(
    candidates: pd.DataFrame, covariates: Sequence[str], definition: str | None
) -> pd.DataFrame:
    """Lay the candidates out by code, with numbers that mean the same in every row."""
    share = candidates["online_share"].where(candidates["definition"] == definition)
    known = candidates.assign(online_share=share).set_index("candidate").sort_index()
    numbers = list(dict.fromkeys([*covariates, "online_share"]))
    return known[["name", "type", *numbers]].astype(dict.fromkeys(numbers, "float64"))


def _held(candidates: pd.DataFrame, pilots: pd.DataFrame) -> dict[str, list[str]]:
    """List the pilot communes that each candidate contains."""
    piloted = set(pilots.loc[pilots["arm"] == "pilot", "unit"])
    inside = {
        str(row["candidate"]): sorted(piloted & set(str(row["formers"]).split(";")))
        for row in candidates.to_dict("records")
    }
    return {code: communes for code, communes in inside.items() if communes}


def _compare(
    one: pd.Series[Any], seen: pd.DataFrame, covariates: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Name what can be compared, and on what the candidate lies outside."""
    compared = [name for name in covariates if pd.notna(one[name]) and seen[name].notna().any()]
    outside = [name for name in compared if not seen[name].min() <= one[name] <= seen[name].max()]
    if seen.empty:
        return [], []
    return [*compared, "type"], [
        *outside,
        *(["type"] if one["type"] not in set(seen["type"]) else []),
    ]


def _support(compared: Sequence[str], outside: Sequence[str]) -> Support:
    if outside:
        return "outside"
    return "inside" if set(compared) - {"type"} else "unknown"


def _nearest(
    one: pd.Series[Any], seen: pd.DataFrame, ranges: Mapping[str, float]
) -> tuple[str | None, float | None]:
    """Find the unit with a pilot at the least distance; the first code among equals."""
    found: tuple[str | None, float | None] = (None, None)
    for code, other in seen.iterrows():
        apart = [
            abs(one[name] - other[name]) / width if width else 0.0
            for name, width in ranges.items()
            if pd.notna(one[name]) and pd.notna(other[name])
        ]
        if not apart:
            continue
        distance = float(sum(apart) + (one["type"] != other["type"])) / (len(apart) + 1)
        if found[1] is None or distance < found[1]:
            found = str(code), distance
    return found


def _room(
    gain: tuple[float, float] | None, one: pd.Series[Any], definition: str | None
) -> tuple[float | None, float | None]:
    """Cut a gain to what is left between 0 and 100, where the candidate's own share is known."""
    if gain is None:
        return None, None
    share = one["online_share"]
    if definition is None or pd.isna(share):
        return gain
    low, high = (min(max(end, -float(share)), 100 - float(share)) for end in gain)
    return low, high
