"""The period of each row of a table: from its column, its title, its sheet's or its file's name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from commune_pilots.sources.cells import Cell, Found, Outcome, RawTable
from commune_pilots.sources.dates import check_form, form_of, parse_day
from commune_pilots.sources.layouts import Layout
from commune_pilots.sources.periods import Span, find_periods, find_years, parse_period
from commune_pilots.sources.placed import found_at, refuse_at
from commune_pilots.sources.refusals import shown
from commune_pilots.sources.table_columns import column_of
from commune_pilots.sources.texts import text_of

_PLAIN_WORDS = (("thang", "tháng"), ("quy", "quý"), ("nam", "năm"), ("ky", "kỳ"), ("dau", "đầu"))
_A_DAY = dt.timedelta(days=1)
_SIGNED_DAY = re.compile(r"ngày\s*\d{1,2}\s*tháng\s*\d{1,2}\s*năm\s*\d{4}", re.IGNORECASE)


def read_periods(
    table: RawTable, layout: Layout, columns: Mapping[str, int], *, today: dt.date
) -> tuple[list[Span], list[Found]]:
    """Read the period of every row, in the order of places that the layout gives.

    Raises InputError for a period that is missing, unreadable, named twice, or not begun by
    `today`; one that is not over by then, or that a report was signed in, is flagged.
    """
    told: list[Found] = []
    at = column_of(layout, columns, "period")
    if at is not None:
        spans = _from_column(table, layout, columns, at, told)
    else:
        spans = [_from_names(table, layout, told)] * len(table.rows)
    for row, span in enumerate(spans):
        if span.start > today:
            refuse_at("period_future", table, row=row, at=at, today=today.isoformat())
    open_rows = [row for row, span in enumerate(spans) if span.end > today]
    told += [found_at(table, "period_open", "flagged", row=row, at=at) for row in open_rows[:1]]
    return spans, [*told, *_signed_early(table, layout, columns, spans, today=today)]


def _from_column(
    table: RawTable, layout: Layout, columns: Mapping[str, int], at: int, told: list[Found]
) -> list[Span]:
    years = _years(table, layout, columns)
    year_at = column_of(layout, columns, "year")
    spans: list[Span] = []
    for row, cells in enumerate(table.rows):
        cell = cells[at]
        if cell is None:
            refuse_at("period_blank", table, row=row, at=at)
        try:
            spans.append(parse_period(cell, year=years[row], date1904=table.date1904))
        except ValueError:
            needs_year = years[row] is None and _parses(cell, 2020)
            refuse_at("period_year" if needs_year else "period_unreadable", table, row=row, at=at)
        if year_at is not None and spans[-1].end.year != years[row]:
            refuse_at("year_disagrees", table, row=row, at=at, year=years[row])
        rule = _turned(cell)
        if rule and all(one.rule != rule for one in told):
            told.append(found_at(table, rule, "repaired", row=row, at=at))
    whole = Span(min(one.start for one in spans), max(one.end for one in spans))
    for title in table.titles:
        if others := find_periods(title) - {*spans, whole}:
            if not any(one.start <= whole.start and whole.end <= one.end for one in others):
                told.append(found_at(table, "title_disagrees", "flagged", value=shown(title)))
            elif any(one.start == dt.date(one.end.year, 1, 1) for one in others):
                told.append(found_at(table, "title_since", "flagged", value=shown(title)))
    return spans


def _years(table: RawTable, layout: Layout, columns: Mapping[str, int]) -> list[int | None]:
    """Give the year that completes a month: its column, the layout's, or the one of the title."""
    at = column_of(layout, columns, "year")
    if at is not None:
        years: list[int | None] = []
        for row, cells in enumerate(table.rows):
            try:
                years.append(parse_period(cells[at]).start.year)
            except ValueError:
                refuse_at("year_unreadable", table, row=row, at=at)
        return years
    year = layout.period.year if layout.period else None
    if year is None:
        named = frozenset().union(*map(find_years, _names(table)))
        year = next(iter(named)) if len(named) == 1 else None
    return [year] * len(table.rows)


def _from_names(table: RawTable, layout: Layout, told: list[Found]) -> Span:
    """Take the period of the first place that names one; a place that names another is flagged."""
    places = {"title": table.titles, "sheet": [table.sheet], "file": [_stem(table.file)]}
    chosen: Span | None = None
    for place in layout.period.stands if layout.period else ():
        found = _told_by_days(
            {span: text for text in places.get(place, []) for span in find_periods(text)}
        )
        if chosen is None and len(found) > 1:
            refuse_at("period_several", table, value=shown(" | ".join(found.values())))
        for span, text in found.items():
            rule = "period_named" if chosen is None else "period_disagrees"
            if span != chosen:
                outcome: Outcome = "repaired" if chosen is None else "flagged"
                told.append(found_at(table, rule, outcome, value=shown(text)))
            chosen = chosen or span
    if chosen is None:
        refuse_at("period_missing", table)
    return chosen


def _told_by_days(found: dict[Span, str]) -> dict[Span, str]:
    """Take the one span of days where the periods named beside it lie mostly in it.

    Form 06a prints "Quý I/2024" over "(Từ ngày 15/12/2023 đến ngày 14/3/2024)".
    """
    days = [one for one in found if one.start.day != 1 or (one.end + _A_DAY).day != 1]
    if len(days) != 1:
        return found
    (span,) = days

    def shared(one: Span) -> int:
        return (min(one.end, span.end) - max(one.start, span.start)).days

    if all(2 * shared(one) > (one.end - one.start).days for one in found):
        return {span: found[span]}
    return found


def _names(table: RawTable) -> list[str]:
    return [*table.titles, table.sheet, _stem(table.file)]


def _stem(file: str) -> str:
    """Write the name of a file as words: "bao_cao_thang_4_2026.xlsx" names a month."""
    words = re.sub(r"[_\s]+", " ", PurePosixPath(file).stem.lower())
    for plain, word in _PLAIN_WORDS:
        words = re.sub(rf"\b{plain}(?=[ \d.\-]|$)", word, words)
    return words


def _parses(cell: Cell, year: int) -> bool:
    try:
        parse_period(cell, year=year)
    except ValueError:
        return False
    return True


def _turned(cell: Cell) -> str:
    """Name what a spreadsheet turned the name of a month into."""
    if isinstance(cell, dt.date) or form_of(cell) is not None:
        return "period_from_day"
    is_number = isinstance(cell, float | int) and not isinstance(cell, bool)
    return "period_from_number" if is_number and text_of(cell).count(".") else ""


def _signed_early(
    table: RawTable,
    layout: Layout,
    columns: Mapping[str, int],
    spans: list[Span],
    *,
    today: dt.date,
) -> list[Found]:
    """Flag a report that was dated before its period was over; refuse one dated after today."""
    told: list[Found] = []
    for at in (columns[n] for n, c in layout.columns.items() if c.cells == "date" and n in columns):
        cells = [row[at] for row in table.rows]
        check_form(cells, table=table, column=table.header[at])
        for row, cell in enumerate(cells):
            if cell is None:
                continue
            try:
                day = parse_day(cell, date1904=table.date1904).date()
            except ValueError:
                refuse_at("day_unreadable", table, row=row, at=at)
            if day > today:
                refuse_at("day_future", table, row=row, at=at, today=today.isoformat())
            if day < spans[row].end:
                told.append(found_at(table, "signed_early", "flagged", row=row, at=at))
    last = max((span.end for span in spans), default=None)
    for text in (*table.titles, *table.foot):
        for match in _SIGNED_DAY.finditer(text):
            day = parse_day(re.sub(r"\s+", " ", match[0])).date()
            if last is not None and day < last:
                told.append(found_at(table, "signed_early", "flagged", value=match[0]))
    return told
