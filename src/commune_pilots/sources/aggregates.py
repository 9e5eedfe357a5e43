"""Sheets of counts by unit and period to typed tables: every number exact, or the file refused.

A total made without one broken row would be wrong, so nothing of a file is published if one of its
rows cannot be read. What was repaired, looks wrong or was left out is told row by row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from commune_pilots.sources.aggregate_checks import check_rows, check_totals, expected_share
from commune_pilots.sources.cells import Found, RawTable, Sheet
from commune_pilots.sources.columns import Values, read_counts, read_numbers, read_percents
from commune_pilots.sources.headers import meaning
from commune_pilots.sources.layouts import Layout, aliases
from commune_pilots.sources.periods import Span
from commune_pilots.sources.pivots import period_columns, unpivot
from commune_pilots.sources.placed import found_at
from commune_pilots.sources.refusals import refusal
from commune_pilots.sources.series_checks import Reported, suspicions
from commune_pilots.sources.sheet_tables import find_table
from commune_pilots.sources.table_columns import locate_columns, missing
from commune_pilots.sources.table_periods import read_periods
from commune_pilots.sources.table_units import read_units
from commune_pilots.sources.unit_names import Register

PLACE = ("unit", "period_start", "period_end", "file", "sheet", "row")


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Counts of one file, one row per unit and period, and what was found in it.

    `read` tells how many units and periods each sheet holds, also those that are kept out; a row
    that is struck through counts once. `counts` has the columns of PLACE and one per column of
    numbers of the layout: counts as whole numbers, percentages as numbers; what nobody reported is
    missing.
    """

    counts: pd.DataFrame
    found: tuple[Found, ...]
    read: Mapping[str, int]


def read_aggregate(
    sheets: Sequence[Sheet], layout: Layout, *, known: Register, today: dt.date
) -> Aggregate:
    """Read every sheet of a file that holds a table of the layout.

    `known` is the register of units, `today` the day on which the file is read: nothing can have
    been counted after it. Raises InputError, with one sentence that names the place, for whatever
    keeps a number from being exact; then nothing of the file is to be used.
    """
    tables, told = _tables(sheets, layout)
    frames: list[pd.DataFrame] = []
    read: dict[str, int] = {}
    for table in tables:
        frame, found = _read_table(table, layout, known=known, today=today)
        frames.append(frame[frame["unit"].notna()])
        told += found
        struck = sum(one.rule == "row_struck" for one in table.found)
        read[table.sheet] = len(frame) + struck
    counts = pd.concat(frames, ignore_index=True)
    _refuse_twice(counts)
    return Aggregate(counts, (*told, *_over_time(counts, layout)), read)


def _tables(sheets: Sequence[Sheet], layout: Layout) -> tuple[list[RawTable], list[Found]]:
    """Find the tables of a file; raises InputError where there is none, or none with a row."""
    named = aliases(layout)
    told: list[Found] = []
    found: list[RawTable] = []
    for sheet in sheets:
        table = find_table(sheet, named)
        if table is None:
            told += [*sheet.found, _of(sheet, "sheet_no_table")]
        else:
            found.append(table)
    if not found:
        names = ", ".join(sheet.name for sheet in sheets if sheet.name) or "—"
        raise refusal("no_table", file=sheets[0].file, sheets=names)
    ready = [table for table in found if table.rows]
    for table in found:
        if table.rows:
            continue
        if not ready:
            raise refusal("no_rows", file=table.file, sheet=table.sheet)
        told += [*table.found, found_at(table, "no_rows", "flagged")]
    # A sheet beside the table that shares only a few names with it is no broken copy of it.
    fitting = [table for table in ready if _fits(table, layout, named)]
    for table in ready:
        if fitting and table not in fitting:
            told += [*table.found, found_at(table, "sheet_no_table", "skipped")]
    return fitting or ready, told


def _fits(table: RawTable, layout: Layout, named: Mapping[str, str]) -> bool:
    columns = {
        name: at for at, header in enumerate(table.header) if (name := meaning(header, named))
    }
    wanted = [name for name, one in layout.columns.items() if one.required]
    return 2 * len(missing(layout, columns)) <= len(wanted)


def _read_table(
    table: RawTable, layout: Layout, *, known: Register, today: dt.date
) -> tuple[pd.DataFrame, list[Found]]:
    """Read one table: columns, periods, units and numbers, each row checked in itself."""
    named = aliases(layout)
    sums = check_totals(table, _count_columns(table, layout, named)) if table.totals else []
    table = unpivot(table, layout)
    columns, told = locate_columns(table, layout, named)
    read, values_told = _numbers(table, layout, columns)
    spans, periods_told = read_periods(table, layout, columns, today=today)
    units, units_told = read_units(table, layout, columns, spans, known)
    checks = check_rows(table, layout, columns, read)
    frame = pd.DataFrame(
        {
            "unit": pd.Series(units, dtype="str"),
            "period_start": _days([span.start for span in spans]),
            "period_end": _days([span.end for span in spans]),
            "file": pd.Series([table.file] * len(spans), dtype="str"),
            "sheet": pd.Series([table.sheet or None] * len(spans), dtype="str"),
            "row": pd.Series(table.numbers, dtype="Int64"),
        }
        | {
            name: _series(values, whole=layout.columns[name].cells == "count")
            for name, values in read.items()
        }
    )
    if layout.rows == "fields":
        frame = _added_up(frame, layout)
    found = [*table.found, *sums, *told, *values_told, *periods_told, *units_told, *checks]
    return frame, found


def _count_columns(table: RawTable, layout: Layout, named: Mapping[str, str]) -> list[int]:
    """Name the columns of a sheet that hold counts, months across the columns included."""
    across = set(period_columns(table.header)) if layout.period else set()
    found = []
    for at, header in enumerate(table.header):
        name = meaning(header, named)
        if name is None and at in across and layout.period:
            name = layout.period.measure
        if name and layout.columns[name].cells == "count":
            found.append(at)
    return found


def _numbers(
    table: RawTable, layout: Layout, columns: Mapping[str, int]
) -> tuple[dict[str, tuple[Decimal | None, ...]], list[Found]]:
    """Read the columns of numbers, percentages last: counts can tell in what measure they are."""
    read: dict[str, tuple[Decimal | None, ...]] = {}
    told: list[Found] = []
    kinds = ("count", "number", "percent")
    ordered = sorted(
        (name for name in columns if layout.columns[name].cells in kinds),
        key=lambda name: kinds.index(layout.columns[name].cells),
    )
    for name in ordered:
        cells = layout.columns[name].cells
        if cells == "percent":
            values = _percents(table, layout, columns[name], name, read)
        else:
            values = (read_counts if cells == "count" else read_numbers)(table, columns[name])
        read[name] = values.values
        told += values.found
    return read, told


def _percents(
    table: RawTable,
    layout: Layout,
    at: int,
    name: str,
    read: Mapping[str, tuple[Decimal | None, ...]],
) -> Values:
    share = next((one for one in layout.shares if one.printed == name), None)
    if share is None:
        return read_percents(table, at)
    exact = {row: expected_share(share, read, row) for row in range(len(table.rows))}
    return read_percents(
        table, at, expected={row: value for row, value in exact.items() if value is not None}
    )


def _added_up(frame: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Add the rows of fields up to the one row of their unit; what one field lacks is missing."""
    counted = [name for name in frame if name not in PLACE]
    whole = [name for name in counted if layout.columns[str(name)].cells != "percent"]
    groups = frame.groupby(["unit", "period_start", "period_end"], sort=False)
    first = groups[["file", "sheet", "row"]].first().reset_index()
    sums = groups[whole].agg(_whole_sum).reset_index(drop=True)
    added = pd.concat([first, sums], axis=1).reindex(columns=list(frame.columns))
    return added.astype(frame.dtypes.to_dict())


def _whole_sum(values: pd.Series) -> Any:
    return values.sum(skipna=False)


def _refuse_twice(counts: pd.DataFrame) -> None:
    """Refuse a unit and period that stand in two rows, naming both."""
    first: dict[tuple[object, ...], tuple[str, int]] = {}
    for row in counts.to_dict("records"):
        key = (row["unit"], row["period_start"], row["period_end"])
        sheet = row["sheet"] if isinstance(row["sheet"], str) else ""
        if key in first:
            raise refusal(
                "unit_twice", file=row["file"], sheet=sheet, row=row["row"], unit=row["unit"],
                period=f"{key[1]:%d/%m/%Y}–{key[2]:%d/%m/%Y}",
                other=" ".join(filter(None, (first[key][0], str(first[key][1])))),
            )  # fmt: skip
        first[key] = (sheet, row["row"])


def _over_time(counts: pd.DataFrame, layout: Layout) -> list[Found]:
    """Tell what looks wrong in the counts of a unit over its periods."""
    names = [name for name, one in layout.columns.items() if one.cells == "count"]
    names = [name for name in names if name in counts]
    rows = counts.to_dict("records")
    reported = [
        Reported(
            unit=row["unit"],
            span=Span(row["period_start"].date(), row["period_end"].date()),
            counts={name: None if pd.isna(row[name]) else int(row[name]) for name in names},
            place=place,
        )
        for place, row in enumerate(rows)
    ]
    return [
        Found(
            file=rows[one.place]["file"],
            sheet=rows[one.place]["sheet"] if isinstance(rows[one.place]["sheet"], str) else "",
            rule=one.rule,
            outcome="flagged",
            row=int(rows[one.place]["row"]),
            column=layout.columns[one.column].headers[0] if one.column else "",
            value=one.value[:80],
        )
        for one in suspicions(reported)
    ]


def _of(sheet: Sheet, rule: str) -> Found:
    return Found(file=sheet.file, sheet=sheet.name, rule=rule, outcome="skipped")


def _days(days: Sequence[dt.date]) -> pd.Series:
    return pd.Series(pd.to_datetime(list(days)), dtype="datetime64[us]")


def _series(values: Sequence[Decimal | None], *, whole: bool) -> pd.Series:
    if whole:
        return pd.Series([None if v is None else int(v) for v in values], dtype="Int64")
    return pd.Series([None if v is None else float(v) for v in values], dtype="float64")
