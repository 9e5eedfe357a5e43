"""The table on a sheet: found under its titles, above its signatures, one name per column.

Whatever stands around the rows of a table is taken out and told. Nothing that could be a row of
counts is left out: a sheet where such rows stand below the end of its table is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from commune_pilots.sources import rows as kinds
from commune_pilots.sources.cells import Cell, Found, RawTable, Sheet, row_number
from commune_pilots.sources.headers import joined, meaning
from commune_pilots.sources.periods import names_period
from commune_pilots.sources.refusals import refusal, shown
from commune_pilots.sources.texts import letters, plain_sheet, text_of

MOST_TITLES, MOST_HEADER_ROWS = 60, 4
_LEAST_NAMES = 2


def find_table(sheet: Sheet, aliases: Mapping[str, str]) -> RawTable | None:
    """Find the table of a sheet by the names that its columns may have; None where there is none.

    `aliases` maps keys of headers to columns (layouts.aliases). The header is the block of up to
    four rows in which most names are known; merged cells count for every row and column they
    cover. Raises InputError for a hostile cell and for rows of counts below the end of the table.
    """
    clean = plain_sheet(sheet)
    spread, across = spread_merged(clean)
    place = find_header(clean, spread, aliases)
    if place is None:
        return None
    top, bottom, header = place
    body = _Body()
    _sort(clean, spread, header, range(bottom + 1, len(clean.rows)), body)
    kept = [at for at in body.rows if not _struck(clean, at)]
    index = {at: place for place, at in enumerate(kept)}
    filled = frozenset((index[at], column) for at, column in across if at in index)
    told = [*clean.found, *_told(clean, kept, body)]
    for rule, applies in (("header_rows", bottom > top), ("merged_filled", bool(filled))):
        if applies:
            told.append(
                Found(
                    file=sheet.file,
                    sheet=sheet.name,
                    rule=rule,
                    outcome="repaired",
                    row=row_number(clean, top if rule == "header_rows" else kept[min(filled)[0]]),
                )
            )
    return RawTable(
        file=sheet.file,
        sheet=sheet.name,
        header=header,
        rows=[spread[at] for at in kept],
        numbers=[row_number(clean, at) for at in kept],
        percent=frozenset((index[at], column) for at, column in clean.percent if at in index),
        filled=filled,
        totals={row_number(clean, at): spread[at] for at in body.totals if not _struck(clean, at)},
        sections=[body.sections[at] for at in kept] if any(body.sections.values()) else [],
        found=told,
        titles=_texts(clean.rows[:top]),
        foot=_texts(clean.rows[body.end :]) if body.end is not None else [],
        date1904=sheet.date1904,
    )


@dataclass(slots=True)
class _Body:
    """What each row below a header turned out to be, by its place on the sheet."""

    rows: list[int] = field(default_factory=list)
    sections: dict[int, str] = field(default_factory=dict)
    totals: list[int] = field(default_factory=list)
    left: list[tuple[int, str]] = field(default_factory=list)
    end: int | None = None


def spread_merged(sheet: Sheet) -> tuple[list[list[Cell]], set[tuple[int, int]]]:
    """Write the first cell of each merged range into all of it; tell which cells were filled.

    A range over most of the width is a title and keeps its one cell.
    """
    spread = [list(row) for row in sheet.rows]
    width = max(map(len, spread), default=0)
    across: set[tuple[int, int]] = set()
    for top, left, bottom, right in sheet.merged:
        if top >= len(spread) or (right - left + 1 > max(2, 0.8 * width)):
            continue
        value = spread[top][left] if left < len(spread[top]) else None
        for row in range(top, min(bottom + 1, len(spread))):
            for column in range(left, min(right + 1, len(spread[row]))):
                if (row, column) != (top, left) and value is not None:
                    spread[row][column] = value
                    across.add((row, column))
    return spread, across


def find_header(
    sheet: Sheet, spread: Sequence[Sequence[Cell]], aliases: Mapping[str, str]
) -> tuple[int, int, list[str]] | None:
    """Choose the block of rows whose names are best known: first and last row, and the names.

    Rows above that group the names belong to it even where fewer names are known then: what stands
    under "Đang giải quyết" must not pass for what was handled.
    """
    rows = sheet.rows
    best: tuple[int, int, int] = (_LEAST_NAMES - 1, 0, 0)
    chosen: tuple[int, int, list[str]] | None = None
    for bottom in range(min(MOST_TITLES, len(rows))):
        if not kinds.filled(rows[bottom]):
            continue
        for height in range(1, MOST_HEADER_ROWS + 1):
            top = bottom - height + 1
            if top < 0 or not kinds.filled(rows[top]):
                break
            names = _names(spread[top : bottom + 1])
            known = {found for name in names if (found := meaning(name, aliases))}
            known |= {name for name in names if names_period(name)}
            score = (len(known), -height, -bottom)
            if score > best:
                best, chosen = score, (top, bottom, names)
    if chosen is None:
        return None
    top, bottom, names = chosen
    wide = {row for row, left, _, right in sheet.merged if 1 < right - left + 1 < 0.8 * len(names)}
    while top > 0 and kinds.is_group(rows[top - 1], merged=top - 1 in wide):
        top -= 1
    while bottom + 1 < len(rows) and kinds.is_subheader(rows[bottom + 1], under=rows[bottom]):
        bottom += 1
    return top, bottom, _names(spread[top : bottom + 1])


def _names(spread: Sequence[Sequence[Cell]]) -> list[str]:
    """Spell the name of each column from the top; a blank right of a group belongs to the group."""
    width = max(map(len, spread))
    grid = [[_named(row[at]) if at < len(row) else "" for at in range(width)] for row in spread]
    for level in range(len(grid) - 1):
        for at in range(1, width):
            below = [grid[lower][at] for lower in range(level + 1, len(grid))]
            beside = [grid[lower][at - 1] for lower in range(level + 1, len(grid))]
            above = [grid[upper][at] == grid[upper][at - 1] for upper in range(level)]
            if not grid[level][at] and any(below) and any(beside) and all(above):
                grid[level][at] = grid[level][at - 1]
    return [joined([row[at] for row in grid]) for at in range(width)]


def _named(cell: Cell) -> str:
    if isinstance(cell, dt.date):
        return f"{cell.month:02d}/{cell.year}"  # Excel took "4/2026" for a day
    return text_of(cell)


def _sort(
    sheet: Sheet,
    spread: Sequence[Sequence[Cell]],
    header: Sequence[str],
    places: Sequence[int],
    body: _Body,
) -> None:
    """Say of each row below the header what it is; raises InputError for counts below the end."""
    section, gap = "", False
    last = max((at for at in places if kinds.counts(sheet.rows[at])), default=-1)
    for at in places:
        row = spread[at]
        if not kinds.filled(sheet.rows[at]):
            gap = True
            continue
        if body.end is not None:
            _refuse_counts(sheet, at)
        elif not body.rows and kinds.is_numbering(sheet.rows[at]):
            body.left.append((at, "numbering_row"))
        elif repeats_header(row, header):
            body.left.append((at, "header_repeated"))
        elif kinds.is_below(sheet.rows[at], width=len(header)) or (
            gap and at > last and len(kinds.filled(sheet.rows[at])) <= len(header) // 2
        ):
            body.end = at
        elif kinds.is_total(row):
            body.totals.append(at)
        elif label := kinds.section_of(row):
            section = label
            body.left.append((at, "section_row"))
        else:
            body.rows.append(at)
            body.sections[at] = section
        gap = False
    _take_out_subtotals(spread, body)


def _take_out_subtotals(spread: Sequence[Sequence[Cell]], body: _Body) -> None:
    """Take rows that a roman number starts for totals of their section, where others have none."""
    roman = [at for at in body.rows if kinds.starts_roman(spread[at])]
    if not roman or len(roman) == len(body.rows):
        return
    section = ""
    for at in list(body.rows):
        if at in roman:
            texts = [cell for cell in spread[at] if isinstance(cell, str)]
            section = next((one for one in texts[1:] if not kinds.is_number(one)), section)
            body.rows.remove(at)
            body.totals.append(at)
        else:
            body.sections[at] = body.sections[at] or section


def repeats_header(row: Sequence[Cell], header: Sequence[str]) -> bool:
    """Tell whether a row writes the header again, as printed pages do."""
    cells = [(text_of(row[at]).lower(), header[at].lower()) for at in kinds.filled(row)]
    same = sum(name.endswith(cell) for cell, name in cells)
    return len(cells) > 1 and same == len(cells)


def _refuse_counts(sheet: Sheet, at: int) -> None:
    row = sheet.rows[at]
    if sum(kinds.is_number(row[place]) for place in kinds.filled(row)) > 1:
        raise refusal(
            "rows_below_end", file=sheet.file, sheet=sheet.name, row=row_number(sheet, at)
        )


def _struck(sheet: Sheet, at: int) -> bool:
    places = kinds.filled(sheet.rows[at])
    return bool(places) and all((at, column) in sheet.struck for column in places)


def _told(sheet: Sheet, kept: Sequence[int], body: _Body) -> list[Found]:
    """Tell what was taken out, hidden or struck through; a cell struck alone refuses the sheet."""
    told: list[tuple[int, str, str]] = [(at, rule, "skipped") for at, rule in body.left]
    told += [(at, "total_row", "skipped") for at in body.totals]
    told += [(at, "row_struck", "rejected") for at in body.rows if _struck(sheet, at)]
    told += [(at, "row_hidden", "flagged") for at in body.rows if at in sheet.hidden]
    if body.end is not None:
        told.append((body.end, "below_table", "skipped"))
    inside = set(kept)
    for at, column in sorted(sheet.struck):
        if at in inside and column < len(sheet.rows[at]) and sheet.rows[at][column] is not None:
            raise refusal(
                "cell_struck",
                file=sheet.file,
                sheet=sheet.name,
                row=row_number(sheet, at),
                column=letters(column),
                found=sheet.rows[at][column],
            )
    return [
        Found(
            file=sheet.file,
            sheet=sheet.name,
            rule=rule,
            outcome=outcome,  # type: ignore[arg-type]
            row=row_number(sheet, at),
            value=shown(next((sheet.rows[at][c] for c in kinds.filled(sheet.rows[at])), None)),
        )
        for at, rule, outcome in sorted(told)
    ]


def _texts(rows: Sequence[Sequence[Cell]]) -> list[str]:
    return [text_of(row[at]) for row in rows for at in kinds.filled(row)]
