"""Values of one column: counts, percentages, codes and names, parsed here and never coerced.

A column is judged as a whole. What keeps one cell of a table of counts from being read refuses the
file, because every total made without it would be wrong.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from commune_pilots.sources.cells import Found, RawTable
from commune_pilots.sources.number_styles import Fault, choose_style, is_damaged, parse_number
from commune_pilots.sources.placed import found_at, refuse_at
from commune_pilots.sources.texts import is_error, text_of

MOST_DIGITS = 15  # a number cell of a spreadsheet keeps no more; the others turn into zeros
NONE_HAPPENED = ("kps", "không phát sinh", "không ps", "k.p.s", "kphs")
NOT_KNOWN = (
    "-", "–", "—", "--", "…", "...", "x", "n/a", "na", "không có số liệu", "chưa có số liệu",
    "chưa báo cáo", "không báo cáo", "chưa có", "k/có", "?",
)  # fmt: skip
_NOTE = re.compile(
    r"(?P<number>\d.*\d|\d)\s*(?:\((?:\d{1,2}|[a-z*]+)\)|\[\d{1,2}\]|\*+|[¹²³⁰⁴-⁹]+)"
)
_MARK = re.compile(r"\d[., ]\d")
_TOLERANCE = Decimal("0.01")  # points: shares are printed from counts, cut or rounded


@dataclass(frozen=True, slots=True)
class Values:
    """What a column holds, row by row, and what was repaired or flagged on the way."""

    values: tuple[Decimal | None, ...]
    found: tuple[Found, ...] = ()


def read_counts(table: RawTable, at: int) -> Values:
    """Read a column of counts: whole numbers from 0 on, missing where nobody reported.

    "KPS" (nothing arose) is 0 by the codebook. Raises InputError for negative or broken numbers,
    percentages, units in the cell, letters for digits, errors, days, and one number for many rows.
    """
    return _read(table, at, whole=True, most=None)


def read_numbers(table: RawTable, at: int) -> Values:
    """Read a column of numbers from 0 on with decimals; an unclear thousands mark is refused."""
    return _read(table, at, whole=False, most=None)


def read_percents(
    table: RawTable, at: int, *, expected: Mapping[int, Decimal] | None = None
) -> Values:
    """Read a column of percentages, 0 to 100, each row in the same measure.

    A cell with a percent format is told in hundredths (0.615 is 61.5). A plain number up to 1 may
    be either; it is read only where `expected`, the share that the row's own counts give, agrees
    with one reading. Raises InputError otherwise, and for all that read_counts refuses.
    """
    read = _read(table, at, whole=False, most=Decimal(100))
    values = list(read.values)
    formatted = {row for row, column in table.percent if column == at}
    signed = {row for row in range(len(values)) if text_of(table.rows[row][at]).endswith("%")}
    told = [
        found_at(table, "percent_cells", "repaired", row=row, at=at)
        for row in sorted(formatted)[:1]
    ]
    for row, value in enumerate(values):
        if value is None or not 0 < value <= 1 or row in formatted | signed:
            continue
        known = (expected or {}).get(row)
        both = (value, (100 * value).normalize())
        fits = [one for one in both if known is not None and agrees(one, known)]
        if len(fits) != 1:
            refuse_at("share_scale", table, row=row, at=at)
        if fits[0] != value:
            told.append(found_at(table, "share_of_one", "repaired", row=row, at=at))
        values[row] = fits[0]
    return Values(tuple(values), (*read.found, *told))


def agrees(printed: Decimal, exact: Decimal) -> bool:
    """Tell whether a printed percentage can be an exact one, cut or rounded to its decimals."""
    exponent = printed.as_tuple().exponent
    step = Decimal(1).scaleb(min(0, exponent) if isinstance(exponent, int) else 0)
    return abs(printed - exact) <= step + _TOLERANCE


def read_texts(table: RawTable, at: int) -> list[str]:
    """Read a column of names; an error, a truth value or a fraction of a number is refused."""
    return [_text(table, at, row) for row in range(len(table.rows))]


def read_codes(table: RawTable, at: int) -> tuple[list[str], tuple[Found, ...]]:
    """Read a column of codes as the text that was typed.

    A number cell may have lost zeros or letters and is flagged. Raises InputError for number cells
    of more than 15 digits, digits that a spreadsheet cut ("1.23457E+15"), days, and fractions.
    """
    codes: list[str] = []
    told: list[Found] = []
    for row in range(len(table.rows)):
        cell = table.rows[row][at]
        if isinstance(cell, dt.date | dt.time | dt.timedelta):
            refuse_at("code_is_day", table, row=row, at=at)
        code = _text(table, at, row)
        if is_damaged(code):
            refuse_at("digits_lost", table, row=row, at=at)
        if isinstance(cell, float | int) and not told:
            told.append(found_at(table, "code_is_number", "flagged", row=row, at=at))
        codes.append(code)
    return codes, tuple(told)


def _read(table: RawTable, at: int, *, whole: bool, most: Decimal | None) -> Values:
    """Read the cells of one column; `whole`: counts; `most`: the largest value that can be."""
    values: dict[int, Decimal | None] = {}
    texts: dict[int, str] = {}
    told: list[Found] = []
    for row in range(len(table.rows)):
        cell = table.rows[row][at]
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            values[row], rule = None, "blank"
        elif isinstance(cell, str):
            text, rule = _plain(cell)
            values[row] = Decimal(0) if rule == "none_happened" else None
            if text:
                texts[row] = text
        else:
            values[row], rule = _typed(table, at, row, whole=whole), ""
        if rule:
            told.append(found_at(table, rule, "flagged", row=row, at=at))
    style = choose_style(texts, whole=whole, most=most)
    if isinstance(style, Fault):
        refuse_at(style.rule, table, row=style.row, at=at)
    values |= {row: parse_number(text, style, whole=whole) for row, text in texts.items()}
    marked = [row for row, text in texts.items() if _MARK.search(text)]
    told += [found_at(table, f"marks_{style}", "repaired", row=row, at=at) for row in marked[:1]]
    for row, value in values.items():
        if value is None:
            continue
        if value < 0:
            refuse_at("negative", table, row=row, at=at)
        if whole and value != value.to_integral_value():
            refuse_at("count_fraction", table, row=row, at=at)
        if most is not None and value > most:
            refuse_at("share_above", table, row=row, at=at)
    return Values(tuple(values[row] for row in range(len(table.rows))), tuple(told))


def _plain(cell: str) -> tuple[str, str]:
    """Take a note off a text, or name what it says instead of a number: text and rule."""
    text = cell.strip()
    if text.lower() in NONE_HAPPENED:
        return "", "none_happened"
    if text.lower() in NOT_KNOWN:
        return "", "not_known"
    note = _NOTE.fullmatch(text)
    return (note["number"].strip(), "footnote") if note else (text, "")


def _typed(table: RawTable, at: int, row: int, *, whole: bool) -> Decimal:
    """Read a number cell exactly as the workbook holds it; a percent format counts hundredths."""
    cell = table.rows[row][at]
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        refuse_at("day_in_numbers", table, row=row, at=at)
    if abs(cell) >= 10**MOST_DIGITS:
        refuse_at("digits_lost", table, row=row, at=at)
    if (row, at) in table.filled:
        refuse_at("number_merged", table, row=row, at=at)
    if (row, at) not in table.percent:
        return Decimal(int(cell)) if float(cell).is_integer() else Decimal(repr(cell))
    if whole:
        refuse_at("share_in_counts", table, row=row, at=at)
    return 100 * Decimal(repr(cell))


def _text(table: RawTable, at: int, row: int) -> str:
    cell = table.rows[row][at]
    if is_error(cell):
        refuse_at("error_cell", table, row=row, at=at)
    if isinstance(cell, int | float):
        if abs(cell) >= 10**MOST_DIGITS:
            refuse_at("digits_lost", table, row=row, at=at)
        if isinstance(cell, bool) or not float(cell).is_integer():
            refuse_at("not_a_name", table, row=row, at=at)
    return text_of(cell).strip()
