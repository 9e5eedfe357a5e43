"""Months across the columns turned into rows: one row per unit and period, counts in columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from commune_pilots.sources.cells import PATH, Cell, RawTable
from commune_pilots.sources.headers import header_key
from commune_pilots.sources.layouts import Layout
from commune_pilots.sources.periods import names_period
from commune_pilots.sources.placed import found_at, refuse_at
from commune_pilots.sources.refusals import shown

_COUNTED = ("count", "number", "percent")
_SHARE = re.compile(r"t[ỷỉ] lệ|%|phần trăm", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Across:
    """One column that stands for a period: where, which period, and the header without it."""

    at: int
    period: str
    rest: str


def period_columns(header: Sequence[str]) -> list[int]:
    """Name the columns whose header holds a period."""
    return [at for at, name in enumerate(header) if any(map(names_period, name.split(PATH)))]


def unpivot(table: RawTable, layout: Layout) -> RawTable:
    """Turn columns that stand for periods into rows; a table without any stays as it is.

    Each row is repeated once per period, in the order of the columns; the period becomes the last
    column. Totals are left out: they are checked before. Raises InputError where a period heads
    columns and nothing says what they count.
    """
    places = period_columns(table.header)
    if not places or layout.period is None or "across" not in layout.period.stands:
        return table
    across = [_across(table, at, layout) for at in places]
    kept = [at for at in range(len(table.header)) if at not in places]
    rests = list(dict.fromkeys(one.rest for one in across))
    periods = list(dict.fromkeys(one.period for one in across))
    twice = [at for at, one in enumerate(across) if (one.period, one.rest) in
             {(other.period, other.rest) for other in across[:at]}]  # fmt: skip
    if twice:
        refuse_at("column_twice", table, at=across[twice[0]].at, other=across[twice[0]].period)
    header = [*(table.header[at] for at in kept), *rests, _period_header(layout)]
    moved = {at: place for place, at in enumerate(kept)}
    rows: list[list[Cell]] = []
    numbers: list[int] = []
    sections: list[str] = []
    percent: set[tuple[int, int]] = set()
    filled: set[tuple[int, int]] = set()
    for row, cells in enumerate(table.rows):
        for period in periods:
            here = {one.rest: one.at for one in across if one.period == period}
            source = {place: at for at, place in moved.items()} | {
                len(kept) + place: here[rest] for place, rest in enumerate(rests) if rest in here
            }
            at_row = len(rows)
            rows.append([*(cells[source[at]] if at in source else None
                           for at in range(len(kept) + len(rests))), period])  # fmt: skip
            percent |= {
                (at_row, place) for place, at in source.items() if (row, at) in table.percent
            }
            filled |= {(at_row, place) for place, at in source.items() if (row, at) in table.filled}
            numbers.append(table.numbers[row])
            sections += [table.sections[row]] if table.sections else []
    told = found_at(table, "months_across", "repaired", value=", ".join(periods[:12]))
    return replace(
        table,
        header=header,
        rows=rows,
        numbers=numbers,
        sections=sections,
        percent=frozenset(percent),
        filled=frozenset(filled),
        totals={},
        found=[*table.found, told],
    )


def _across(table: RawTable, at: int, layout: Layout) -> _Across:
    parts = table.header[at].split(PATH)
    period = next(part for part in parts if names_period(part))
    rest = PATH.join(part for part in parts if not names_period(part))
    if not rest:
        measure = layout.period.measure if layout.period else None
        if measure is None:
            refuse_at("measure_missing", table, at=at)
        _refuse_other_measure(table, at, layout, measure)
        rest = layout.columns[measure].headers[0]
    return _Across(at, period, rest)


def _refuse_other_measure(table: RawTable, at: int, layout: Layout, measure: str) -> None:
    """Refuse months across under a title that counts something else than the layout's measure."""
    headers = {
        name: [header_key(one).removeprefix("% ") for one in column.headers]
        for name, column in layout.columns.items()
        if column.cells in _COUNTED
    }
    own = headers.pop(measure)
    others = sorted((one for keys in headers.values() for one in keys), key=len, reverse=True)
    for title in table.titles:
        key = f" {header_key(title)} "
        rest = key
        for one in others:  # the longest first: "Số hồ sơ quá hạn" holds "Số hồ sơ"
            rest = rest.replace(f" {one} ", " | ") if one not in own else rest
        share = _SHARE.search(title) is not None
        if share or (rest != key and not any(f" {one} " in rest for one in own)):
            wanted = layout.columns[measure].headers[0]
            refuse_at("measure_other", table, at=at, title=shown(title), wanted=wanted)


def _period_header(layout: Layout) -> str:
    return next(c.headers[0] for c in layout.columns.values() if c.cells == "period")
