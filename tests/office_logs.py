"""Logs of dossiers as offices export them, each made from a few rows whose truth is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bad_files import csv_bytes, known, layout, xlsx_bytes

from commune_pilots.sources.files import read_sheets
from commune_pilots.sources.layouts import Layout
from commune_pilots.sources.log_tables import DossierTable, read_dossiers
from commune_pilots.sources.log_units import Place

KEY = b"a key that stands outside of it."
HEADER = ["Số hồ sơ", "Mã xã", "Ngày tiếp nhận", "Ngày hẹn trả", "Trạng thái", "Hình thức nộp"]
ROW = [
    "000.00.53.H48-250921-0099", "28159", "21/09/2025 08:30", "28/09/2025", "Đang xử lý",
    "Trực tuyến",
]  # fmt: skip
RECEIVED = dt.datetime(2025, 9, 21, 8, 30)


def row(number: int = 99, **cells: Any) -> list[Any]:
    """Give the true row with another number, and other cells by the place of their column."""
    made: list[Any] = [f"000.00.53.H48-250921-{number:04d}", *ROW[1:]]
    for place, value in cells.items():
        made[int(place.removeprefix("c"))] = value
    return made


def read(
    raw: bytes,
    file: str = "a.csv",
    *,
    by: str | Layout = "office_list",
    place: Place | None = None,
    key: bytes | None = KEY,
) -> DossierTable:
    """Read a file as the reader of logs does."""
    chosen = layout(by) if isinstance(by, str) else by
    sheets = read_sheets(raw, file=file)
    return read_dossiers(sheets, chosen, known=known(), key=key, place=place or Place())


def log(*rows: Sequence[Any], header: Sequence[str] = HEADER, **given: Any) -> DossierTable:
    """Read rows under a header as text; a workbook is read by `book`."""
    return read(csv_bytes([list(header), *map(list, rows)], separator=";"), **given)


def book(*rows: Sequence[Any], header: Sequence[str] = HEADER, **given: Any) -> DossierTable:
    """Read rows under a header as a workbook, each cell of its own type."""
    return read(xlsx_bytes([list(header), *map(list, rows)]), "a.xlsx", **given)


def column(header: str, *values: Any, **given: Any) -> DossierTable:
    """Read the true row as often as there are values of one more column."""
    rows = [[*row(at), value] for at, value in enumerate(values)]
    return book(*rows, header=[*HEADER, header], **given)


def values(found: DossierTable, name: str) -> list[Any]:
    """Take one column of the dossiers that stand."""
    return list(found.dossiers[name].to_pylist())


def refused(found: DossierTable) -> list[tuple[int, str | None, str]]:
    """List the lines of rejected rows: row, column and rule."""
    lines = found.rejected
    return [
        (int(at), None if column != column else column, rule)
        for at, column, rule in zip(lines["row"], lines["column"], lines["rule"], strict=True)
    ]


def told(found: DossierTable) -> Mapping[str, str]:
    """Name the rules of what was found, each with the column of its last place."""
    return {one.rule: one.column for one in found.found}


def output(found: DossierTable) -> str:
    """Write everything that leaves the reader as one text."""
    return "\n".join(
        [str(found.dossiers.to_pylist()), found.rejected.to_csv(), str(found.found), str(found)]
    )
