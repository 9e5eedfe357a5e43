"""Counts by unit and period as rows of table `panel`: shares by month, under their definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from commune_pilots.sources.cells import Found
from commune_pilots.sources.layouts import Layout

COLUMNS = (
    "source", "unit", "indicator", "definition", "period_start", "period_end", "numerator",
    "denominator", "note", "file", "row",
)  # fmt: skip


def panel_rows(
    counts: pd.DataFrame, layout: Layout, *, source: str
) -> tuple[pd.DataFrame, tuple[Found, ...]]:
    """Lay counts out as rows of table `panel`, one per unit, period and share of the layout.

    `counts` are those of aggregates.read_aggregate. A numerator or denominator of which one count
    is missing is missing. Periods are whole months; where the layout counts from 1 January on, they
    start there and are to be taken apart by clean.cumulative. Others have no place and are told.
    """
    cumulative = layout.period is not None and layout.period.basis == "cumulative"
    starts, ends = counts["period_start"], counts["period_end"]
    firsts = ends.dt.to_period("M").dt.to_timestamp().astype(starts.dtype)
    january = ends.dt.to_period("Y").dt.to_timestamp().astype(starts.dtype)
    from_january = cumulative & (starts == january)
    monthly = ends.dt.is_month_end & ((starts == firsts) | from_january)
    told = tuple(
        _told(
            row, "period_not_month", f"{row['period_start']:%d/%m/%Y}–{row['period_end']:%d/%m/%Y}"
        )
        for row in counts[~monthly].to_dict("records")
    )
    counts = counts.assign(period_start=january) if cumulative else counts
    kept = counts[monthly]
    frames = [
        kept[["unit", "period_start", "period_end", "file", "row"]].assign(
            source=source,
            indicator=share.indicator,
            definition=share.definition,
            numerator=_total(kept, [*share.numerator, *_there(kept, share.split_off)]),
            denominator=_total(kept, [*share.denominator, *_there(kept, share.split_off)]),
            note=pd.Series(None, index=kept.index, dtype="str"),
        )
        for share in layout.shares
    ]
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS)), told
    panel = pd.concat(frames, ignore_index=True)[list(COLUMNS)]
    known = panel["numerator"].notna() | panel["denominator"].notna()
    return panel[known].reset_index(drop=True), told


def _there(counts: pd.DataFrame, names: Sequence[str]) -> list[str]:
    return [name for name in names if name in counts]


def _total(counts: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Add columns up row by row; missing where one of them is missing or not in the table."""
    total = pd.Series(0, index=counts.index, dtype="Int64")
    for name in names:
        total = total + counts.get(name, pd.NA)
    return total.astype("Int64")


def _told(row: Mapping[Any, Any], rule: str, value: str) -> Found:
    return Found(
        file=str(row["file"]),
        sheet=row["sheet"] if isinstance(row["sheet"], str) else "",
        rule=rule,
        outcome="rejected",
        row=int(row["row"]),
        value=value,
    )
