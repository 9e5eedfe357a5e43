"""Columns of days and times of a log, one form to a column, a million at a time.

The usual forms are read by the place of their digits; what is left is read text by text as
everywhere (`sources.dates`). A column that may have day and month changed round is refused whole:
of its days below 13 nobody could tell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commune_pilots.sources.cells import Cell, RawTable
from commune_pilots.sources.dates import FIRST_YEAR, form_of, parse_day
from commune_pilots.sources.log_texts import (
    Column,
    Fault,
    cells_of,
    first_row,
    known_only,
    plain_words,
    rows_with,
)
from commune_pilots.sources.placed import found_at, refuse_at
from commune_pilots.sources.refusals import shown

Moments = NDArray[np.datetime64]
_US = "datetime64[us]"
# Letters stand for digits: year, month, day, hour, minute, second, fractions; hours to local time.
_FORMS = (
    ("DD/MM/YYYY", "day_first", 0),
    ("DD/MM/YYYY hh:mm", "day_first", 0),
    ("DD/MM/YYYY hh:mm:ss", "day_first", 0),
    ("YYYY-MM-DD", "iso", 0),
    ("YYYYMMDD", "compact", 0),
    ("YYYYMMDDhhmmss", "compact", 0),
    ("YYYY-MM-DD hh:mm:ss", "iso", 0),
    ("YYYY-MM-DDThh:mm:ss", "iso", 0),
    ("YYYY-MM-DDThh:mm:ssZ", "iso_zoned", 7),
    ("YYYY-MM-DDThh:mm:ss.fffZ", "iso_zoned", 7),
    ("YYYY-MM-DDThh:mm:ss.fff+0000", "iso_zoned", 7),
    ("YYYY-MM-DDThh:mm:ss+07:00", "iso_zoned", 0),
)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d{1,10})?")
_NUMBERS = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-]\d")


def read_days(table: RawTable, at: int) -> Column:
    """Read a column of days and times as local time; faults name rows with what is no real day.

    Values are timestamps without a zone. Raises InputError for days written in several forms, as
    Excel leaves them that took some for months, and for a column with the month first.
    """
    cells = cells_of(table, at)
    moments: Moments = np.full(len(cells), "NaT", dtype=_US)
    texts = [cell if isinstance(cell, str) else None for cell in cells]
    words, found = plain_words(table, at, cells=texts)
    words = known_only(words)
    read, forms = _read(words.texts)
    for place in np.flatnonzero(np.isnat(read)).tolist():
        text = words.texts[place]
        turned = _NUMBERS.match(text) if forms[place] == "day_first" else None
        if turned and int(turned[1]) <= 12 < int(turned[2]):
            refuse_at("dates_month_first", table, row=first_row(words, place), at=at)
    held = words.at >= 0
    moments[held] = read[words.at[held]]
    first: dict[str, int] = {}
    for form in dict.fromkeys(one for one in forms if one):
        first[form] = int(rows_with(words, [p for p, one in enumerate(forms) if one == form])[0])
    for row, cell in enumerate(cells) if not all(map(_is_text, cells)) else ():
        if isinstance(cell, str) or cell is None:
            continue
        held[row] = True
        try:
            moments[row] = parse_day(cell, date1904=table.date1904)
        except (ValueError, OverflowError):
            continue
        first.setdefault(form_of(cell) or "serial", row)
    if len(first) > 1:
        _refuse_mixed(table, at, first)
    if "serial" in first:
        told = found_at(table, "day_serial", "repaired", row=first["serial"], at=at)
        found = (*found, told)
    broken = np.flatnonzero(held & np.isnat(moments))
    faults = (Fault(rule="day_unreadable", rows=broken, column=at),) if len(broken) else ()
    return Column(values=pa.array(moments), faults=faults, found=found)


def _is_text(cell: Cell) -> bool:
    return cell is None or isinstance(cell, str)


def _refuse_mixed(table: RawTable, at: int, first: dict[str, int]) -> None:
    rows = sorted(first.values())
    refuse_at(
        "dates_mixed",
        table,
        row=rows[1],
        at=at,
        other=shown(table.rows[rows[0]][at]),
        other_row=table.numbers[rows[0]],
    )


def _read(texts: Sequence[str]) -> tuple[Moments, list[str]]:
    """Read texts, each on its own: the moment, NaT where there is none, and the form ("": none)."""
    moments: Moments = np.full(len(texts), "NaT", dtype=_US)
    forms = [""] * len(texts)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    left = np.ones(len(texts), dtype=bool)
    for pattern, form, hours in _FORMS:
        places = np.flatnonzero(lengths == len(pattern))
        if not len(places):
            continue
        fits, read = _by_place([texts[place] for place in places.tolist()], pattern)
        hit = places[fits]
        moments[hit] = read[fits] + np.timedelta64(hours, "h")
        left[hit] = False
        for place in hit.tolist():
            forms[place] = form
    years = moments.astype("datetime64[Y]").astype(np.int64) + 1970
    moments[(years < FIRST_YEAR) | (years >= FIRST_YEAR + 100)] = np.datetime64("NaT")
    for place in np.flatnonzero(left).tolist():
        forms[place], read_one = _read_one(texts[place])
        moments[place] = np.datetime64("NaT") if read_one is None else read_one
    return moments, forms


def _read_one(text: str) -> tuple[str, dt.datetime | None]:
    cell = float(text.replace(",", ".")) if _SERIAL.fullmatch(text) else text
    try:
        return form_of(cell) or "", parse_day(cell)
    except (ValueError, OverflowError):
        return form_of(text) or "", None


def _by_place(texts: Sequence[str], pattern: str) -> tuple[NDArray[np.bool_], Moments]:
    """Read texts as long as a pattern by the place of their digits: which fit it, and the moments.

    A text of the pattern that is no real day or time of day fits it and has no moment.
    """
    letters = np.array(texts, dtype=f"U{len(pattern)}").view(np.uint32)
    digits = letters.reshape(len(texts), len(pattern)).astype(np.int64) - ord("0")
    fits = np.ones(len(texts), dtype=bool)
    parts = dict.fromkeys("YMDhmsf", np.int64(0)) | {"M": 1, "D": 1}
    read: dict[str, NDArray[np.int64]] = {}
    for place, mark in enumerate(pattern):
        column = digits[:, place]
        if mark in parts:
            fits &= (column >= 0) & (column <= 9)
            read[mark] = 10 * read.get(mark, np.zeros(len(texts), dtype=np.int64)) + column
        else:
            fits &= column == ord(mark) - ord("0")
    month = np.where(fits, 12 * (read["Y"] - 1970) + read["M"] - 1, 0)
    starts = month.astype("datetime64[M]")
    last = ((starts + 1).astype("datetime64[D]") - starts.astype("datetime64[D]")).astype(np.int64)
    real = fits & (read["M"] >= 1) & (read["M"] <= 12) & (read["D"] >= 1) & (read["D"] <= last)
    seconds = np.zeros(len(texts), dtype=np.int64)
    for mark, (unit, most) in {"h": (3600, 23), "m": (60, 59), "s": (1, 59)}.items():
        if mark in read:
            real &= read[mark] <= most
            seconds += unit * read[mark]
    days = starts.astype("datetime64[D]") + np.where(real, read["D"] - 1, 0)
    moments = days.astype(_US) + seconds.astype("timedelta64[s]")
    moments[~real] = np.datetime64("NaT")
    return fits, moments
