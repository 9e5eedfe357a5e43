"""Rows typed into a study's workbook as a person would: the words of its lists, cells of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import load_workbook

from commune_pilots.contracts import workbook
from commune_pilots.contracts.workbook import Column

SOURCE = "nguon-1"
PILOTS = {
    "28159": "28159 · Thị trấn Cần Giuộc",
    "28237": "28237 · Xã Dương Xuân Hội",
    "27691": "27691 · Phường 4",
}
FIGURES = {"28159": ("16,8", "98,08"), "28237": ("18,98", "86,41"), "27691": (None, "53,53")}
_INDICATOR = "online_share · Tỷ lệ hồ sơ nộp trực tuyến"
_DEFINITION = "online_level34_assisted"


def column_of(table: str, name: str) -> Column:
    """Take one column of the contract."""
    return next(one for one in workbook.sheet_of(table).columns if one.name == name)


def chosen(table: str, name: str, value: str) -> str:
    """Word a value as the list of its column offers it."""
    return workbook.shown_choice(column_of(table, name), value)


def long_an_rows() -> dict[str, list[dict[str, object]]]:
    """Give the figures that the press printed of Long An as rows of a study, by raw table."""
    figures = []
    for unit, (before, after) in FIGURES.items():
        for role, printed in (("before", before), ("after", after)):
            row: dict[str, object] = {
                "source": SOURCE,
                "unit": PILOTS[unit],
                "indicator": _INDICATOR,
                "definition": _DEFINITION,
                "role": chosen("observations", "role", role),
            }
            if printed is None:
                row["qualifier"] = chosen("observations", "qualifier", "none_yet")
            else:
                row["printed"] = printed
            if role == "before":
                row |= {"period_start": "01/01/2021", "period_end": "31/12/2021"}
            figures.append(row)
    return {
        "sources": [
            {
                "source": SOURCE,
                "title_short": "Báo cáo thí điểm ba xã",
                "kind": chosen("sources", "kind", "office_files"),
            }
        ],
        "pilots": [
            {"unit": shown, "arm": chosen("pilots", "arm", "pilot"), "source": SOURCE}
            for shown in PILOTS.values()
        ],
        "observations": figures,
    }


def fill(path: Path, rows: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Type rows below what stands on each sheet, by the headers of its columns, and save."""
    book = load_workbook(path)
    for table, entries in rows.items():
        sheet = workbook.sheet_of(table)
        made = book[workbook.sheet_name(table)]
        labels = [str(cell.value).partition("\n")[0] for cell in made[workbook.HEADER_ROW]]
        at = {one.name: labels.index(workbook.column_label(sheet, one)) for one in sheet.columns}
        free = 1 + max(
            cell.row for row in made.iter_rows() for cell in row if cell.value is not None
        )
        for row, entry in enumerate(entries, start=free):
            for name, value in entry.items():
                made.cell(row, 1 + at[name], value)
    book.save(path)
