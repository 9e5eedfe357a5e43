"""Rows of a study that cannot stand beside each other, and periods that end before they begin.

What the effects pair is one figure before and one after for a unit, scope, indicator and
definition; a second one is refused here, with the row of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from commune_pilots.errors import Failure
from commune_pilots.sources.study_sheets import Entry, Filled

_PAIR = ("unit", "scope", "indicator", "definition")
_PERIODS = {
    "observations": ("period_start", "period_end"),
    "events": ("date_start", "date_end"),
    "units": ("valid_from", "valid_to"),
}


def across_failures(
    own: Mapping[str, pd.DataFrame],
    numbers: Mapping[str, Sequence[int]],
    filled: Mapping[str, Filled],
) -> Iterator[Failure]:
    """Find reversed periods, units that take part twice, and figures that cannot be paired.

    `own` are the raw tables of the sheets, `numbers` the row of the sheet behind each of their
    rows.
    """
    for table, sheet in filled.items():
        if table in _PERIODS:
            yield from _reversed(sheet, *_PERIODS[table])
    if "pilots" in own and "pilots" in filled:
        rows = _records(own["pilots"], numbers["pilots"])
        yield from _twice(filled["pilots"], rows)
    if "observations" in own and "observations" in filled:
        rows = _records(own["observations"], numbers["observations"])
        yield from _unpaired(filled["observations"], rows)


def _records(frame: pd.DataFrame, numbers: Sequence[int]) -> list[tuple[int, dict[Any, Any]]]:
    return list(zip(numbers, frame.to_dict("records"), strict=True))


def _fault(sheet: Filled, row: int, column: str, rule: str, **values: object) -> Failure:
    entry = next(one for one in sheet.entries if one.row == row)
    return sheet.fault(row, column, entry.shown.get(column, ""), rule, **values)


def _reversed(sheet: Filled, begins: str, ends: str) -> Iterator[Failure]:
    for entry in sheet.entries:
        start, end = (_day_of(entry, name) for name in (begins, ends))
        if start is not None and end is not None and end < start:
            yield _fault(
                sheet, entry.row, ends, "study_period_reversed", accepted=entry.shown[begins]
            )


def _day_of(entry: Entry, column: str) -> Any:
    return entry.values.get(column)


def _twice(sheet: Filled, rows: Sequence[tuple[int, Mapping[Any, Any]]]) -> Iterator[Failure]:
    """Find units that stand twice in one programme, whether as pilot or for comparison."""
    first: dict[tuple[object, object], int] = {}
    for number, row in rows:
        earlier = first.setdefault((row["programme"], row["unit"]), number)
        if earlier != number:
            yield _fault(sheet, number, "unit", "study_pilot_twice", accepted=earlier)


def _unpaired(sheet: Filled, rows: Sequence[tuple[int, Mapping[Any, Any]]]) -> Iterator[Failure]:
    """Find second figures before or after, then pairs whose "after" ends before "before" begins."""
    first: dict[tuple[object, ...], dict[str, tuple[int, Mapping[Any, Any]]]] = {}
    for number, row in rows:
        role = str(row["role"])
        none_yet = role == "before" and row["qualifier"] == "none_yet"
        if role not in ("before", "after") or (pd.isna(row["value"]) and not none_yet):
            continue
        sides = first.setdefault(tuple(row[name] for name in _PAIR), {})
        earlier, _ = sides.setdefault(role, (number, row))
        if earlier != number:
            yield _fault(sheet, number, "printed", "study_pair_twice", accepted=earlier)
    for sides in first.values():
        if len(sides) < 2:
            continue
        (before, told), (after, then) = sides["before"], sides["after"]
        begins = told["period_end"] if pd.isna(told["period_start"]) else told["period_start"]
        if pd.notna(begins) and pd.notna(then["period_end"]) and then["period_end"] < begins:
            yield _fault(sheet, after, "period_end", "study_pair_reversed", accepted=before)
