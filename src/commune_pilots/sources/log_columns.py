"""Columns of codes, words and numbers of a log, typed without coercion, text by text.

A cell that cannot be read is a fault of its row; what spoils a whole column (digits that a
spreadsheet cut, codes turned into days, marks that may be thousands or decimals) refuses the file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pyarrow as pa

from commune_pilots.sources.cells import Cell, Found, RawTable
from commune_pilots.sources.columns import MOST_DIGITS, NONE_HAPPENED
from commune_pilots.sources.headers import header_key
from commune_pilots.sources.log_texts import (
    Column,
    Fault,
    Words,
    cells_of,
    faults_of,
    first_row,
    known_only,
    laid_out,
    plain_words,
    renamed,
    rows_with,
)
from commune_pilots.sources.number_styles import Fault as StyleFault
from commune_pilots.sources.number_styles import choose_style, is_damaged, parse_number
from commune_pilots.sources.personal_names import cover_names
from commune_pilots.sources.placed import found_at, refuse_at
from commune_pilots.sources.texts import is_error, text_of

_MARK = re.compile(r"\d[., ]\d")
_MONEY = re.compile(r"\s*(?:đồng|đ|₫|vnđ|vnd)\.?\Z", re.IGNORECASE)
# What could be somebody: citizen id, telephone, e-mail; a code of a dossier looks like none of it.
_SOMEBODY = re.compile(r"0\d{11}|(?:\+?84|0)[35789]\d{8}|[^\s@]+@[^\s@]+")
_DASHES = str.maketrans("‐‑‒–—−", "------")
_CODE_DECIMALS = 6  # a procedure is 1.001612: a number cell drops zeros at its end


def read_words(table: RawTable, at: int) -> tuple[Words, tuple[Fault, ...], tuple[Found, ...]]:
    """Read a column of codes or names as typed: texts, faults and what was found.

    Errors and what could be the number or address of a person are faults. Raises InputError where a
    spreadsheet changed codes: digits lost, days, truth values, fractions.
    """
    cells = cells_of(table, at)
    told: list[Found] = []
    if not set(map(type, cells)) <= {str, type(None)}:
        cells, told = _typed_codes(table, at, cells)
    words, found = plain_words(table, at, cells=cells)
    broken: dict[int, str] = {}
    for place, text in enumerate(words.texts):
        if "+" in text and is_damaged(text):
            refuse_at("digits_lost", table, row=first_row(words, place), at=at)
        if is_error(text):
            broken[place] = "error_cell"
        elif _SOMEBODY.fullmatch(text):
            broken[place] = "code_personal"
    faults = faults_of(words, broken, at)
    kept = ["" if place in broken else text for place, text in enumerate(words.texts)]
    return renamed(words, kept), faults, (*told, *found)


def read_codes_of_dossiers(words: Words, at: int) -> tuple[Words, tuple[Fault, ...]]:
    """Write codes of dossiers in one way, whatever their case, spaces and dashes; names are faults.

    A dossier is told by its code: "h80-0001" typed again as "H80 - 0001" would count twice.
    """
    broken = {
        place: "code_personal"
        for place, text in enumerate(words.texts)
        if " " in text and cover_names(text) != text
    }
    texts = [
        "" if place in broken else "".join(text.translate(_DASHES).split()).upper()
        for place, text in enumerate(words.texts)
    ]
    return renamed(words, texts), faults_of(words, broken, at)


def read_choices(table: RawTable, at: int, values: Mapping[str, str], kind: pa.DataType) -> Column:
    """Read a column of words that a layout gives a meaning; another word is a fault of its row.

    A word that the layout knows and gives no meaning ("Quá hạn" is no status) leaves the value
    missing, and is told.
    """
    meant = {header_key(word): value for word, value in values.items()}
    words, found = plain_words(table, at)
    words = known_only(words)
    keys = [header_key(text) for text in words.texts]
    broken = {place: "value_unknown" for place, key in enumerate(keys) if key not in meant}
    told = [
        found_at(
            table, "value_silent", "flagged", row=first_row(words, place), at=at,
            value=f"{words.texts[place]}: {len(rows_with(words, [place]))}",
        )
        for place, key in enumerate(keys)
        if meant.get(key) == "" and place in words.at
    ]  # fmt: skip
    texts = [meant.get(key) or None for key in keys]
    typed = [None if text is None else _as(text, kind) for text in texts]
    accepted = (("accepted", ", ".join(values)[:200]),)
    faults = tuple(
        Fault(rule=one.rule, rows=one.rows, column=at, values=accepted)
        for one in faults_of(words, broken, at)
        if len(one.rows)
    )
    return Column(values=laid_out(words, typed, kind), faults=faults, found=(*found, *told))


def read_numbers(table: RawTable, at: int, values: Mapping[str, str], *, whole: bool) -> Column:
    """Read a column of counts or sums of đồng from 0 on; `values` are words that mean a number.

    What is negative or no number is a fault of its row. Raises InputError where marks may part
    thousands or decimals, or do both in one column.
    """
    meant = {header_key(word): Decimal(value) for word, value in values.items()}
    cells = cells_of(table, at)
    words, found = plain_words(table, at, cells=[c if isinstance(c, str) else None for c in cells])
    words = known_only(words)
    read: dict[int, Decimal] = {}
    texts: dict[int, str] = {}
    broken: dict[int, str] = {}
    for place, text in enumerate(words.texts):
        plain = _MONEY.sub("", text)
        if header_key(text) in meant:
            read[place] = meant[header_key(text)]
        elif text.lower() in NONE_HAPPENED:
            read[place] = Decimal(0)
        elif not text:
            continue
        elif isinstance(one := choose_style({place: plain}, whole=whole), StyleFault) and (
            one.rule not in ("marks_unclear", "marks_mixed")
        ):
            broken[place] = one.rule
        else:
            texts[place] = plain
    style = choose_style(texts, whole=whole)
    if isinstance(style, StyleFault):
        refuse_at(style.rule, table, row=first_row(words, style.row), at=at)
    read |= {place: parse_number(text, style, whole=whole) for place, text in texts.items()}
    marked = [place for place, text in texts.items() if _MARK.search(text)]
    told = [
        found_at(table, f"marks_{style}", "repaired", row=first_row(words, place), at=at)
        for place in marked[:1]
    ]
    number = int if whole else float
    numbers = [number(read[at]) if at in read else None for at in range(len(words.texts))]
    laid = laid_out(words, numbers, pa.int64() if whole else pa.float64())
    laid, typed_faults = _typed_numbers(table, at, cells, laid, whole=whole)
    return Column(
        values=laid, faults=(*faults_of(words, broken, at), *typed_faults), found=(*found, *told)
    )


def _as(text: str, kind: pa.DataType) -> str | int:
    return int(text) if pa.types.is_integer(kind) else text


def _typed_codes(table: RawTable, at: int, cells: list[Cell]) -> tuple[list[Cell], list[Found]]:
    """Write cells of other types than text as the code that was typed, or refuse the file."""
    written = list(cells)
    told: dict[str, Found] = {}
    for row, cell in enumerate(cells):
        if cell is None or isinstance(cell, str):
            continue
        if isinstance(cell, dt.date | dt.time | dt.timedelta):
            refuse_at("code_is_day", table, row=row, at=at)
        if isinstance(cell, bool):
            refuse_at("not_a_name", table, row=row, at=at)
        if abs(cell) >= 10**MOST_DIGITS:
            refuse_at("digits_lost", table, row=row, at=at)
        rule, written[row] = "code_is_number", text_of(cell)
        if not float(cell).is_integer():
            rule, written[row] = "code_decimals", f"{cell:.{_CODE_DECIMALS}f}"
            if float(written[row]) != cell:  # type: ignore[arg-type]
                refuse_at("not_a_name", table, row=row, at=at)
        if rule not in told:
            outcome = "flagged" if rule == "code_is_number" else "repaired"
            told[rule] = found_at(table, rule, outcome, row=row, at=at)  # type: ignore[arg-type]
    return written, list(told.values())


def _typed_numbers(
    table: RawTable, at: int, cells: list[Cell], laid: pa.Array, *, whole: bool
) -> tuple[pa.Array, list[Fault]]:
    """Put number cells of a workbook in their places; faults for those that are no such number."""
    rows = [row for row, cell in enumerate(cells) if not isinstance(cell, str | None)]
    if not rows:
        return laid, []
    values = laid.to_pylist()
    broken: dict[str, list[int]] = {}
    for row in rows:
        cell = cells[row]
        rule = _misfit(cell, whole=whole)
        if (row, at) in table.percent:
            rule = "share_in_counts"
        elif (row, at) in table.filled:
            rule = "number_merged"
        if rule:
            broken.setdefault(rule, []).append(row)
        else:
            values[row] = int(cell) if whole else float(cell)  # type: ignore[arg-type]
    faults = [Fault(rule=rule, rows=np.array(at_), column=at) for rule, at_ in broken.items()]
    return pa.array(values, laid.type), faults


def _misfit(cell: Cell, *, whole: bool) -> str:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return "day_in_numbers"
    if cell < 0:
        return "negative"
    return "count_fraction" if whole and not float(cell).is_integer() else ""
