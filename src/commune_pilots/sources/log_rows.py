"""Where a log stands on a sheet, and which rows below its header are dossiers.

A row with a code in its place is a dossier and is looked at no further; only the others are held
against the words of totals, sections, signatures and repeated headers. No row goes without a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from commune_pilots.sources import rows as kinds
from commune_pilots.sources.cells import Cell, Found, RawTable, Sheet
from commune_pilots.sources.placed import found_at
from commune_pilots.sources.refusals import refusal
from commune_pilots.sources.sheet_tables import (
    MOST_HEADER_ROWS,
    MOST_TITLES,
    find_header,
    repeats_header,
    spread_merged,
)
from commune_pilots.sources.texts import plain_sheet, plain_text, text_of

_CODE = re.compile(r"\S*\d\S*")
_LEAST_CODE, _LEAST_DAY = 5, 6  # "(12)" numbers a column; shorter codes need a day beside them


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSheet:
    """A log on a sheet: its table with every row below the header, and marks by place in it.

    `struck` are cells struck through, `hidden` rows that a filter or a person hid.
    """

    table: RawTable
    struck: frozenset[tuple[int, int]]
    hidden: frozenset[int]


def find_log(sheet: Sheet, aliases: Mapping[str, str]) -> LogSheet | None:
    """Find the header of a log by the names that its columns may have; None where there is none.

    Cells below the header stay as they are. Raises InputError for a hostile cell above them.
    """
    top = [[_plain(cell) for cell in row] for row in sheet.rows[: MOST_TITLES + MOST_HEADER_ROWS]]
    head = replace(sheet, rows=top, numbers=sheet.numbers[: len(top)])
    place = find_header(head, spread_merged(head)[0], aliases)
    if place is None:
        return None
    first, bottom, header = place
    below = bottom + 1
    above = plain_sheet(
        replace(sheet, rows=sheet.rows[:below], merged=(), numbers=sheet.numbers[:below])
    )
    rows: Sequence[Sequence[Cell]] = sheet.rows[below:]
    filled: frozenset[tuple[int, int]] = frozenset()
    if any(merged[2] >= below for merged in sheet.merged):
        spread, across = spread_merged(sheet)
        rows = spread[below:]
        filled = frozenset((row - below, at) for row, at in across if row >= below)
    numbers = sheet.numbers[below:] if sheet.numbers else range(sheet.first_row + below, 10**9)
    table = RawTable(
        file=sheet.file,
        sheet=sheet.name,
        header=header,
        rows=rows,
        numbers=numbers[: len(rows)],
        percent=frozenset((row - below, at) for row, at in sheet.percent if row >= below),
        filled=filled,
        found=above.found,
        titles=[text_of(cell) for row in above.rows[:first] for cell in row if cell is not None],
        date1904=sheet.date1904,
    )
    if bottom > first:
        told = found_at(table, "header_rows", "repaired")
        table = replace(table, found=(*table.found, told))
    return LogSheet(
        table=table,
        struck=frozenset((row - below, at) for row, at in sheet.struck if row >= below),
        hidden=frozenset(row - below for row in sheet.hidden if row >= below),
    )


def dossier_rows(log: LogSheet, *, code: int, day: int | None) -> LogSheet:
    """Keep the rows that are dossiers, whatever is wrong with them; tell the others.

    `code` and `day` are the columns of the dossier's code and of its reception. Raises InputError
    for rows of dossiers below signatures.
    """
    rows = log.table.rows
    doubtful = [
        at
        for at, row in enumerate(rows)
        if not _is_code(row[code], None if day is None else row[day])
    ]
    if not doubtful:
        return log
    plain = len(rows) - len(doubtful)
    out, told = _passed_over(log.table, doubtful, plain=plain)
    return _without(log, out, told) if out else log


def _passed_over(
    table: RawTable, doubtful: Sequence[int], *, plain: int
) -> tuple[set[int], list[Found]]:
    """Say which rows without a code are no dossiers: their places, and what is told of them."""
    out: set[int] = set()
    told: list[Found] = []
    rows, width = table.rows, len(table.header)
    sure = set(range(len(rows))).difference(doubtful) if plain else set()
    first, last = min(sure, default=len(rows)), max(sure, default=-1)
    end, gap = None, -2
    for at in doubtful:
        row = rows[at]
        rule = ""
        few = len(kinds.filled(row)) <= width // 2
        if not kinds.filled(row):
            gap = at
        elif end is not None:
            if sum(kinds.is_number(row[place]) for place in kinds.filled(row)) > 1:
                raise refusal(
                    "rows_below_end", file=table.file, sheet=table.sheet, row=table.numbers[at]
                )
        elif at < first and kinds.is_numbering(row):
            rule = "numbering_row"
        elif repeats_header(row, table.header):
            rule = "header_repeated"
        elif kinds.is_below(row, width=width) or (gap == at - 1 and at > last and few):
            rule, end = "below_table", at
            if at < last:
                after = min(place for place in sure if place > at)
                raise refusal(
                    "rows_below_end", file=table.file, sheet=table.sheet, row=table.numbers[after]
                )
        elif kinds.is_total(row):
            rule = "total_row"
        elif kinds.section_of(row):
            rule = "section_row"
        if rule:
            told.append(found_at(table, rule, "skipped", row=at))
        if rule or end is not None or not kinds.filled(row):
            out.add(at)
    return out, told


def _without(log: LogSheet, out: set[int], told: Sequence[Found]) -> LogSheet:
    """Take rows out of a log; marks move with the rows that stay."""
    kept = [at for at in range(len(log.table.rows)) if at not in out]
    moved = {old: new for new, old in enumerate(kept)}

    def cells(marks: frozenset[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        return frozenset((moved[row], at) for row, at in marks if row in moved)

    table = replace(
        log.table,
        rows=[log.table.rows[at] for at in kept],
        numbers=[log.table.numbers[at] for at in kept],
        percent=cells(log.table.percent),
        filled=cells(log.table.filled),
        found=(*log.table.found, *told),
    )
    hidden = frozenset(moved[row] for row in log.hidden if row in moved)
    return LogSheet(table=table, struck=cells(log.struck), hidden=hidden)


def _is_code(cell: Cell, day: Cell) -> bool:
    """Tell whether a cell is the code of a dossier and nothing that a foot or a header holds."""
    if cell is None:
        return False
    text = cell if isinstance(cell, str) else text_of(cell)
    if len(text) >= _LEAST_CODE and _CODE.fullmatch(text):
        return True
    dated = len(day) >= _LEAST_DAY if isinstance(day, str) else day is not None
    return dated and any(letter.isdigit() for letter in text)


def _plain(cell: Cell) -> Cell:
    return (plain_text(cell)[0] or None) if isinstance(cell, str) else cell
