"""Workbooks of studies filled in as a person does: tables drawn in a test, cells in their words."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import pandas as pd
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from commune_pilots import store
from commune_pilots.contracts import workbook

STUDY = "can_giuoc"
# The three pilot communes of Long An as the press prints them, under a source of their own.
LONG_AN = {
    "sources": """
        source | title_short                     | kind
        bc1    | Báo cáo thí điểm của Sở (mẫu)    | báo cáo của cơ quan
    """,
    "pilots": """
        unit  | arm      | source
        28159 | thí điểm | bc1
        28237 | thí điểm | bc1
        27691 | thí điểm | bc1
    """,
    "observations": """
        source | paragraph | unit                         | indicator    | definition              | role  | printed | qualifier | period_start | period_end
        bc1    | 3         | 28159 · Thị trấn Cần Giuộc   | online_share | online_level34_assisted | sau   | 98,08   |           |              |
        bc1    | 3         | 28159                        | online_share | online_level34_assisted | trước | 16,8    | đúng số   | 01/01/2021   | 31/12/2021
        bc1    | 3         | 28237                        | online_share | online_level34_assisted | sau   | 86,41   |           |              |
        bc1    | 3         | 28237                        | online_share | online_level34_assisted | trước | 18,98   |           | 1/1/2021     | 31/12/2021
        bc1    | 3         | 27691                        | online_share | online_level34_assisted | sau   | 53,53   |           |              |
        bc1    | 3         | 27691                        | online_share | online_level34_assisted | trước | chưa có | chưa có   | 01/01/2021   | 31/12/2021
    """,  # noqa: E501
    "decisions": """
        source | unit | kind                | decider_vi       | question_vi                | evidence_vi
        bc1    | 80   | nhân rộng toàn tỉnh | UBND tỉnh Long An | Có nhân rộng mô hình không? | Số liệu theo tháng
    """,  # noqa: E501
}


def drawn_rows(drawing: str) -> list[dict[str, object]]:
    """Read a drawn table, its cells parted by |, an empty cell as None."""
    header, *rows = [line.split("|") for line in drawing.strip().splitlines()]
    names = [name.strip() for name in header]
    return [
        {name: cell.strip() or None for name, cell in zip(names, row, strict=True)} for row in rows
    ]


def filled_book(tables: Mapping[str, object]) -> Workbook:
    """Fill every sheet of a study's workbook; a table is drawn, or rows of cells by column.

    Sheets that are not given stay without rows. Cells stand as they are given.
    """
    book = Workbook()
    book.remove(book.active)
    for sheet in workbook.SHEETS:
        page = book.create_sheet(workbook.sheet_name(sheet.table))
        page.append([workbook.header_cell(sheet, one) for one in sheet.columns])
        given = tables.get(sheet.table, [])
        rows = drawn_rows(given) if isinstance(given, str) else given
        for row in rows:
            unknown = set(row) - {one.name for one in sheet.columns}
            assert not unknown, unknown
            page.append([row.get(one.name) for one in sheet.columns])
    return book


def cell_at(book: Workbook, table: str, column: str, row: int):
    """Find the cell of one column of one sheet."""
    return page_at(book, table).cell(row=row, column=place_of(table, column))


def page_at(book: Workbook, table: str) -> Worksheet:
    """Find the sheet of a raw table."""
    return book[workbook.sheet_name(table)]


def place_of(table: str, column: str) -> int:
    """Tell the number of a column on its sheet, from 1."""
    names = [one.name for one in workbook.sheet_of(table).columns]
    return names.index(column) + 1


def bytes_of(book: Workbook) -> bytes:
    """Give the bytes of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def put_study(
    layout: store.Layout,
    tables: Mapping[str, object] = LONG_AN,
    *,
    study: str = STUDY,
    change: Callable[[Workbook], object] | None = None,
) -> None:
    """Put a filled workbook where a run looks for it; `change` spoils it first."""
    book = filled_book(tables)
    if change:
        change(book)
    path = layout.study(study)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes_of(book))


def monthly_rows(panel: pd.DataFrame, *, source: str) -> list[dict[str, object]]:
    """Write rows of table panel as a person fills in the sheet of months."""
    return [
        {
            "source": source,
            "unit": row.unit,
            "indicator": row.indicator,
            "definition": row.definition,
            "month": f"{row.period_start:%m/%Y}",
            "numerator": row.numerator,
            "denominator": row.denominator,
        }
        for row in panel.itertuples()
    ]
