"""Counts of former communes added up to the communes of today, where they can be.

Only ever forwards: what a commune of today counts is never shared out among those it was made of.
A month of which any part is unknown has no count; it is not filled in and not estimated.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Hashable
from typing import Any

import pandas as pd

from commune_pilots import schemas
from commune_pilots.sources.cells import Found

MERGED = pd.Timestamp("2025-07-01")
_SERIES = ["source", "indicator", "definition", "period_start", "period_end"]
_COUNTS = ["numerator", "denominator"]
_UNKNOWN = re.compile(r"(\d+) unknown")
_LABEL = "simulated"
_TOLD = "sum over former communes of today's unit: "
_WHY = {
    "former_split": "was split and the share is unknown",
    "former_silent": "reported nothing",
    "former_unknown": "has no count",
    "former_twice": "is told twice",
}


def of_today(
    panel: pd.DataFrame, units: pd.DataFrame, *, complete: Collection[str] | None
) -> tuple[pd.DataFrame, list[Found]]:
    """Sum the months before 1 July 2025 over the former communes of each commune of today.

    Returns a new table panel and what could not be added up, a line each unit and former commune.
    Months from that day on stay as they are, so each unit, indicator and definition is one series
    in one territory; definitions and sources never meet. A count is missing, with the reason in
    the note, where a former commune was split, where one has no count in the month, and where not
    all are listed. `complete` are units of today whose former communes are all in `units`
    (`complete_units`), None where the register is the whole country's. Rows of units that went
    into no commune of today as far as `units` tells are left out and told. Assumes that counts add
    up: a dossier belongs to one commune.
    """
    earlier = panel["period_end"] < MERGED
    links = _links(units)
    then = panel[earlier].merge(links, left_on="unit", right_on="former")
    lost = panel[earlier & ~panel["unit"].isin(links["former"])]
    found = [
        _found(file, "not_of_today", unit, unit, outcome="skipped")
        for file, unit in lost[["file", "unit"]].drop_duplicates().itertuples(index=False)
    ]
    summed, stopped = _explain(_sums(then, links, complete), then, links, complete)
    blank = schemas.empty("panel")
    summed = summed.reindex(columns=list(blank.columns)).astype(dict(blank.dtypes))
    both = pd.concat([part for part in (summed, panel[~earlier]) if len(part)] or [blank])
    both = both.sort_values([*_SERIES[:3], "unit", "period_start"], kind="stable")
    numbered = both.assign(row=range(2, len(both) + 2)).astype({"row": "Int64"})
    return schemas.check(numbered.reset_index(drop=True), "panel"), list(
        dict.fromkeys([*found, *stopped])
    )


def complete_units(units: pd.DataFrame, candidates: pd.DataFrame) -> frozenset[str]:
    """Name the units of today all of whose former communes, by table candidates, are in `units`."""
    known = set(map(tuple, _links(units)[["former", "successor"]].to_numpy()))
    return frozenset(
        str(row["candidate"])
        for row in candidates.to_dict("records")
        if all((former, row["candidate"]) in known for former in row["formers"].split(";"))
    )


def gaps(units: pd.DataFrame, counted: pd.Series, *, on: dt.date) -> pd.DataFrame:
    """Tell which codes of a log or panel lead to no single unit of today, and why.

    `counted` has the rows of each code, all of about day `on`. Columns: code, rows, gap:
    unlisted (in no register: a commune that ended before 2025, or no code at all), not_then (the
    register has it, but on other days), split (it went into several), ended (no successor known).
    Nothing is guessed: 569 communes of 2021-22 ended before 2025 and are in no mapping.
    """
    day = pd.Timestamp(on)
    valid = units[~(units["valid_from"] > day) & ~(units["valid_to"] < day)]
    told = []
    for code, rows in counted.sort_index().items():
        own = valid[valid["code"] == code]
        if own.empty:
            gap = "not_then" if (units["code"] == code).any() else "unlisted"
        elif (own["successor_part"] == "part").any():
            gap = "split"
        elif (own["valid_to"].notna() & own["successor"].isna()).all():
            gap = "ended"
        else:
            continue
        told.append((code, rows, gap))
    return pd.DataFrame(told, columns=["code", "rows", "gap"]).astype({"rows": "Int64"})


def _links(units: pd.DataFrame) -> pd.DataFrame:
    """Lay out which former unit went into which commune of today: former, successor, part.

    A commune that no merger touched is its own successor.
    """
    ended = units[(units["valid_to"] == MERGED - pd.Timedelta(days=1)) & units["successor"].notna()]
    # A few islands were districts without communes: a district's successor is a commune there.
    ended = ended[ended["level"].isin(["commune", "district"])]
    whole = units[(units["level"] == "commune") & units["valid_to"].isna()]
    whole = whole[~(whole["valid_from"] >= MERGED)]
    same = pd.DataFrame({"former": whole["code"], "successor": whole["code"], "part": "whole"})
    gone = ended.rename(columns={"code": "former", "successor_part": "part"})
    return pd.concat([gone[["former", "successor", "part"]], same], ignore_index=True)


def _sums(
    then: pd.DataFrame, links: pd.DataFrame, complete: Collection[str] | None
) -> pd.DataFrame:
    """Add up each month of each unit of today; missing where any part of it is."""
    notes = then["note"].fillna("").astype("str")
    left = notes.str.extract(_UNKNOWN, expand=False).fillna("0").astype("Int64")
    own = then.assign(
        simulated=notes.str.contains(_LABEL),
        left=left,
        known=then[_COUNTS].notna().all(axis=1) & (then["part"] == "whole"),
    )
    cells = own.groupby([*_SERIES, "successor"], sort=True, as_index=False).agg(
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
        file=("file", "first"),
        rows=("former", "size"),
        told=("former", "nunique"),
        known=("known", "all"),
        simulated=("simulated", "any"),
        left=("left", "sum"),
    )
    by_unit = links.sort_values("former").groupby("successor")["former"]
    every = cells["successor"].map(by_unit.nunique())
    sums = cells["known"] & (cells["told"] == every) & (cells["rows"] == cells["told"])
    if complete is not None:
        sums &= cells["successor"].isin(complete)
    note = _TOLD + cells["successor"].map(by_unit.agg(", ".join))
    unknown = cells["left"].astype("str") + " unknown; "
    return cells.assign(
        unit=cells["successor"],
        numerator=cells["numerator"].where(sums),
        denominator=cells["denominator"].where(sums),
        note=cells["simulated"].map({True: f"{_LABEL}; ", False: ""})
        + unknown.where(cells["left"] > 0, "")
        + note,
        summed=sums,
    )


def _explain(
    cells: pd.DataFrame,
    then: pd.DataFrame,
    links: pd.DataFrame,
    complete: Collection[str] | None,
) -> tuple[pd.DataFrame, list[Found]]:
    """Put the reason into the note of each month without a count, and tell it."""
    keys = [*_SERIES, "successor"]
    own = dict(iter(then.merge(cells.loc[~cells["summed"], keys], on=keys).groupby(keys)))
    formers = dict(iter(links.groupby("successor")))
    notes: dict[Hashable, str] = dict(cells["note"])
    found: list[Found] = []
    for at, cell in cells[~cells["summed"]].iterrows():
        unit = cell["successor"]
        listed = complete is None or unit in complete
        why, troubles = _why_not(own[tuple(cell[keys])], formers[unit], unit, listed=listed)
        notes[at] = f"{cell['note']}; no count: {'; '.join(why)}"
        found += [_found(cell["file"], *trouble) for trouble in troubles]
    return cells.assign(note=pd.Series(notes, dtype="str")), found


def _why_not(
    own: pd.DataFrame, formers: pd.DataFrame, unit: str, *, listed: bool
) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Say which former communes stand in the way of one month of one unit."""
    split = set(formers.loc[formers["part"] == "part", "former"])
    others = [str(code) for code in formers["former"] if code not in split]
    silent = [code for code in others if code not in set(own["unit"])]
    unknown = set(own.loc[own[_COUNTS].isna().any(axis=1), "unit"]) - split
    twice = set(own.loc[own["unit"].duplicated(), "unit"])
    by_rule = {
        "former_split": split, "former_silent": silent, "former_unknown": unknown,
        "former_twice": twice,
    }  # fmt: skip
    troubles = [(rule, code, unit) for rule, codes in by_rule.items() for code in sorted(codes)]
    reasons = [f"former commune {code} {_WHY[rule]}" for rule, code, _ in troubles]
    if not listed:
        troubles.append(("former_unlisted", unit, unit))
        reasons.append("not all former communes are listed")
    return reasons, troubles


def _found(file: str, rule: str, former: str, unit: str, *, outcome: Any = "flagged") -> Found:
    value = former if former == unit else f"{former} → {unit}"
    return Found(file=str(file), rule=rule, outcome=outcome, column="unit", value=value)
