"""Bad files whose periods, shape or content is what is wrong: see bad_files."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
from bad_files import (
    HEADER,
    TRUE_ROWS,
    Case,
    by_name,
    changed,
    csv_bytes,
    html_bytes,
    text_of_rows,
    true_counts,
    without_share,
    written,
    xls_bytes,
    xlsx_bytes,
)
from openpyxl.utils.datetime import CALENDAR_MAC_1904


def periods() -> list[Case]:
    """Months and days in every form."""
    rows = written()

    def typed(form: Callable[[int], Any]) -> bytes:
        return xlsx_bytes(written(month=form))

    def signed(*days: Any) -> bytes:
        return xlsx_bytes(
            [[*HEADER, "Ngày báo cáo"], *([*r, d] for r, d in zip(rows[1:], days, strict=True))]
        )

    texts: dict[str, tuple[Callable[[int], Any], tuple[str, ...]]] = {
        "04.2026 as a number": (lambda m: float(f"{m}.2026"), ("period_from_number",)),
        "04.2026 as text": ("0{}.2026".format, ()),
        "a true date": (lambda m: dt.datetime(2026, m, 1), ("period_from_day",)),
        "the last day": (lambda m: dt.datetime(2026, m, {4: 30, 5: 31}[m]), ("period_from_day",)),
        "T4/2026": ("T{}/2026".format, ()),
        "Tháng 4 năm 2026": ("Tháng {} năm 2026".format, ()),
        "2026-04": ("2026-0{}".format, ()),
        "4-2026": ("{}-2026".format, ()),
        "01/04/2026": ("01/0{}/2026".format, ("period_from_day",)),
        "Apr-26": (lambda m: {4: "Apr-26", 5: "May-26"}[m], ()),
        "in words": (lambda m: {4: "tháng tư năm 2026", 5: "tháng năm năm 2026"}[m], ()),
    }
    bad: dict[str, tuple[Any, str]] = {
        "31/06/2026": ("31/06/2026", "cannot be read"),
        "13/2026": ("13/2026", "cannot be read"),
        "a day in the month": ("15/04/2026", "cannot be read"),
        "2062": ("04/2062", "after the file was read"),
        "no year": ("4", "no year"),
        "no year, with a word": ("Tháng 4", "no year"),
        "no period": (None, "no period"),
        "a word": ("tháng này", "cannot be read"),
    }
    title = [
        ["BÁO CÁO"],
        ["Tháng 4 năm 2026"],
        [],
        *[r[:2] + r[3:] for r in rows[:1]],
        *[r[:2] + r[3:] for r in rows[1::2]],
    ]
    april = true_counts([row for row in TRUE_ROWS if row[1] == 4])
    year = [[*r[:2], 2026 if i else "Năm", r[2], *r[3:]] for i, r in enumerate(written(month=int))]

    def mac(sheet: Any) -> None:
        sheet.parent.epoch = CALENDAR_MAC_1904

    serial = [(dt.date(2026, m, 1) - dt.date(1904, 1, 1)).days for m in (4, 5)]
    return [
        *(
            Case(name=f"month {name}", raw=typed(form), outcome="read", told=told)
            for name, (form, told) in texts.items()
        ),
        *(
            Case(
                name=f"month {name}",
                raw=xlsx_bytes(changed(4, 3, value)),
                outcome="refuse",
                named=("row 4", "Tháng", words),
                file="a.xlsx",
            )
            for name, (value, words) in bad.items()
        ),
        Case(name="year in a column", raw=xlsx_bytes(year), outcome="read"),
        Case(
            name="month in the title",
            raw=xlsx_bytes(title),
            outcome="read",
            told=("period_named",),
            counts=april,
        ),
        Case(
            name="month in the file's name",
            file="bao_cao_thang_4_2026.xlsx",
            outcome="read",
            raw=xlsx_bytes(title[3:]),
            told=("period_named",),
            counts=april,
        ),
        Case(
            name="month of the sheet",
            outcome="read",
            file="a.xlsx",
            counts=april,
            raw=xlsx_bytes(title[3:], name="T4-2026"),
            told=("period_named",),
        ),
        Case(
            name="period nowhere",
            raw=xlsx_bytes(title[3:]),
            file="a.xlsx",
            outcome="refuse",
            named=("no period",),
        ),
        Case(
            name="two periods in the title",
            outcome="refuse",
            file="a.xlsx",
            named=("several periods",),
            raw=xlsx_bytes([["Tháng 4/2026 so với tháng 4/2025"], *title[3:]]),
        ),
        Case(
            name="days below 13",
            outcome="read",
            told=(),
            raw=signed(*["03/06/2026"] * 6),
        ),
        Case(name="two-digit year", raw=signed(*["03/06/26"] * 6), outcome="read"),
        Case(
            name="text and date cells mixed",
            outcome="refuse",
            named=("row 3", "Ngày báo cáo", "several forms"),
            raw=signed("25/06/2026", dt.datetime(2026, 3, 6), *["25/06/2026"] * 4),
        ),
        Case(
            name="iso and day first mixed",
            outcome="refuse",
            named=("row 3", "several forms"),
            raw=signed("25/06/2026", "2026-03-06", *["25/06/2026"] * 4),
        ),
        Case(
            name="month first",
            outcome="refuse",
            named=("row 2", "no real day"),
            raw=signed("06/25/2026", *["06/05/2026"] * 5),
        ),
        Case(
            name="no such day",
            outcome="refuse",
            named=("row 2", "31/06/2026", "no real day"),
            raw=signed("31/06/2026", *["01/06/2026"] * 5),
        ),
        Case(
            name="day in the future",
            outcome="refuse",
            named=("row 2", "after the file was read"),
            raw=signed("01/06/2062", *["01/06/2026"] * 5),
        ),
        Case(
            name="signed before the month ended",
            raw=signed(*["25/04/2026"] * 6),
            outcome="read",
            told=("signed_early",),
        ),
        Case(
            name="signed early below the table",
            outcome="read",
            told=("signed_early", "below_table"),
            raw=xlsx_bytes([*rows, [], [None] * 4 + ["Long An, ngày 25 tháng 5 năm 2026"]]),
        ),
        Case(
            name="month not over",
            outcome="read",
            told=("period_open",),
            raw=xlsx_bytes(written([("28159", 7, *TRUE_ROWS[2][2:])])),
            counts=true_counts([("28159", 7, *TRUE_ROWS[2][2:])]),
        ),
        Case(
            name="1904 dates",
            raw=xlsx_bytes(written(month=lambda m: dt.datetime(2026, m, 1)), edit=mac),
            outcome="read",
        ),
        Case(
            name="1904 serials",
            outcome="read",
            raw=xlsx_bytes(written(month=lambda m: serial[m - 4]), edit=mac),
        ),
        Case(
            name="1900 serials",
            outcome="read",
            told=("period_from_day",),
            raw=xlsx_bytes(written(month=lambda m: serial[m - 4] + 1462)),
        ),
    ]


def doubtful_periods() -> list[Case]:
    """Periods that two places tell, each right alone."""
    rows = written()

    def years(year: int) -> list[list[Any]]:
        return [[*r[:3], "Năm" if at == 0 else year, *r[3:]] for at, r in enumerate(rows)]

    def titled(title: str) -> bytes:
        return xlsx_bytes([[title], [], *rows])

    return [
        Case(name="year column says the same", raw=xlsx_bytes(years(2026)), outcome="read"),
        Case(
            name="year column says another year",
            raw=xlsx_bytes(years(2025)),
            outcome="refuse",
            named=("row 2", "Tháng", "04/2026", "2025"),
        ),
        Case(
            name="title of a month that no row has",
            raw=titled("Báo cáo tháng 3 năm 2026"),
            outcome="read",
            told=("title_disagrees",),
        ),
        Case(
            name="title since the start of the year",
            raw=titled("Lũy kế từ đầu năm đến tháng 5/2026"),
            outcome="read",
            told=("title_since",),
        ),
        Case(name="title of all the rows", raw=titled("Tháng 4 đến tháng 5/2026"), outcome="read"),
    ]


def over_time() -> list[Case]:
    """Files that are right row by row and wrong over the months."""

    def months(*values: tuple[int, int, int]) -> tuple[bytes, list[tuple[Any, ...]]]:
        rows = [
            ("28159", month, total + 10, total, on_time, late, round(100 * on_time / total, 2))
            for month, (total, on_time, late) in enumerate(values, start=1)
        ]
        return xlsx_bytes(without_share(written(rows))), true_counts(rows)

    series: dict[str, tuple[str, tuple[tuple[int, int, int], ...]]] = {
        "thousandfold": ("thousandfold", (
            (12310, 12000, 310), (11790, 11500, 290), (12, 12, 0), (12880, 12500, 380))),
        "thousandfold up": ("thousandfold", (
            (12, 12, 0), (11, 10, 1), (13, 12, 1), (12880, 12500, 380))),
        "cumulative": ("cumulative", (
            (120, 110, 10), (131, 120, 11), (118, 110, 8), (495, 450, 45), (610, 555, 55))),
        "cumulative since January": ("cumulative", (
            (120, 110, 10), (251, 230, 21), (369, 340, 29), (495, 450, 45), (610, 555, 55))),
        "copied": ("copied_month", (
            (120, 110, 10), (131, 120, 11), (131, 120, 11), (140, 125, 15))),
        "swapped": ("columns_swapped", (
            (120, 110, 10), (131, 120, 11), (118, 8, 110), (140, 125, 15))),
    }  # fmt: skip
    made = {name: (rule, *months(*values)) for name, (rule, values) in series.items()}
    swapped = [[*r[:5], r[6], r[5], *r[7:]] if i else r for i, r in enumerate(written())]
    return [
        *(
            Case(name=name, raw=raw, outcome="read", told=(rule,), counts=counts)
            for name, (rule, raw, counts) in made.items()
        ),
        Case(
            name="swapped in the whole file",
            outcome="read",
            told=("columns_swapped", "share_differs"),
            raw=xlsx_bytes(swapped),
            counts=[(a, b, c, d, late, on_time) for a, b, c, d, on_time, late in true_counts()],
        ),
    ]


def shapes() -> list[Case]:
    """Tables in every shape that a template or a clerk gives them."""
    rows = written()
    counts = [sum(row[at] for row in rows[1:]) for at in range(3, 7)]
    total = ["Tổng cộng", None, None, *counts, None]
    groups = [
        ["Mã xã", "Xã/phường", "Tháng", "Hồ sơ", None, None, None, "Tỷ lệ đúng hạn (%)"],
        [None] * 3 + ["tiếp nhận", "Đã giải quyết", "đúng hạn", "quá hạn", None],
    ]

    def merge(*ranges: str) -> Callable[[Any], None]:
        def edit(sheet: Any) -> None:
            for one in ranges:
                sheet.merge_cells(one)

        return edit

    def two_sheets(sheet: Any) -> None:
        sheet.title = "Bìa"
        other = sheet.parent.create_sheet("Số liệu")
        for row in rows:
            other.append(row)

    def by_month(sheet: Any) -> None:
        sheet.title = "T4"
        other = sheet.parent.create_sheet("T5")
        for row in [rows[0], *rows[2::2]]:
            other.append(row)

    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[4].hidden = True

    def strike(sheet: Any) -> None:
        for cell in sheet[8]:
            cell.font = openpyxl.styles.Font(strike=True)

    def strike_one(sheet: Any) -> None:
        sheet.cell(3, 4).font = openpyxl.styles.Font(strike=True)

    def error(row: int, column: int, value: str) -> Callable[[Any], None]:
        def edit(sheet: Any) -> None:
            cell = sheet.cell(row, column)
            cell.value, cell.data_type = value, "e"

        return edit

    def formula(sheet: Any) -> None:
        sheet.cell(3, 4).value = "=1+1"

    place = [
        ["Tỉnh", *row] if i == 0 else ["Long An", *row] for i, row in enumerate(by_name(rows[:5]))
    ]
    merged_place = [[r[0] if i < 2 else None, *r[1:]] for i, r in enumerate(place)]
    across = [
        ["Mã xã", "Xã/phường", "T4/2026", None, None, None, "T5/2026", None, None, None],
        [None, None, *HEADER[3:7], *HEADER[3:7]],
        *([a[0], a[1], *a[3:7], *b[3:7]] for a, b in zip(rows[1::2], rows[2::2], strict=True)),
    ]
    plain = [
        ["Mã xã", "T4/2026", "T5/2026"],
        *([a[0], a[3], b[3]] for a, b in zip(rows[1::2], rows[2::2], strict=True)),
    ]
    no_year = [["Số hồ sơ tiếp nhận năm 2026"], ["Mã xã", "T4", "T5"], *plain[1:]]
    received = [(a, b, c, None, None, None) for a, b, c, *_ in true_counts()]
    struck = ["28159", "Xã Cần Giuộc", "05/2026", 1, 1, 1, 0, 100.0]
    pending = [
        ["Mã xã", "Xã/phường", "Tháng", "Tiếp nhận", "Đang giải quyết", None],
        [None, None, None, None, "Đúng hạn", "Quá hạn"],
        *([*r[:4], 1, 2] for r in rows[1:]),
    ]
    text = text_of_rows(rows)
    lines = text.split("\r\n")
    return [
        Case(
            name="two-row merged header",
            outcome="read",
            told=("header_rows",),
            raw=xlsx_bytes(
                [*groups, *rows[1:]], edit=merge("A1:A2", "B1:B2", "C1:C2", "D1:G1", "H1:H2")
            ),
        ),
        Case(
            name="two-row header in csv",
            file="a.csv",
            outcome="read",
            told=("header_rows",),
            raw=csv_bytes([*groups, *rows[1:]]),
        ),
        Case(
            name="group that counts something else",
            outcome="read",
            raw=xlsx_bytes(pending, edit=merge("E1:F1")),
            told=("column_unknown",),
            counts=[(a, b, c, None, None, None) for a, b, c, *_ in true_counts()],
        ),
        Case(
            name="titles above",
            outcome="read",
            raw=xlsx_bytes(
                [
                    ["UBND TỈNH LONG AN", None, None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
                    ["Số: 12/BC-UBND"],
                    ["BÁO CÁO TÌNH HÌNH GIẢI QUYẾT HỒ SƠ"],
                    ["Đơn vị tính: hồ sơ"],
                    *rows,
                ],
                edit=merge("A1:D1", "E1:H1", "A3:H3"),
            ),
        ),
        *(
            Case(
                name=f"numbering row {at}",
                outcome="read",
                told=("numbering_row",),
                raw=xlsx_bytes([rows[0], numbering, *rows[1:]]),
            )
            for at, numbering in enumerate(
                (
                    ["(1)", "(2)", "(3)", "(4)", "(5)=(6)+(7)", "(6)", "(7)", "(8)=(6)/(5)*100"],
                    [1, 2, 3, 4, 5, 6, 7, 8],
                    ["A", "B", "1", "2", "3=4+5", "4", "5", "6"],
                )
            )
        ),
        Case(
            name="merged down",
            outcome="read",
            told=("merged_filled",),
            raw=xlsx_bytes(merged_place, edit=merge("A2:A5")),
            counts=true_counts(TRUE_ROWS[:4]),
        ),
        Case(
            name="number merged down",
            outcome="refuse",
            named=("row 5", "Tiếp nhận", "merged"),
            raw=xlsx_bytes(changed(5, 4, None), edit=merge("D4:D5")),
        ),
        Case(name="total row", raw=xlsx_bytes([*rows, total]), outcome="read", told=("total_row",)),
        Case(
            name="total row that differs",
            outcome="read",
            told=("total_row", "total_differs"),
            raw=xlsx_bytes([*rows, [*total[:3], counts[0] + 1, *total[4:]]]),
        ),
        Case(
            name="sections and their totals",
            outcome="read",
            told=("total_row", "section_row"),
            raw=xlsx_bytes(
                [
                    ["TT", *rows[0]],
                    ["I", "Khu vực 1", None, None, None, None, None, None, None],
                    *([i, *r] for i, r in enumerate(rows[1:5], 1)),
                    ["II", None, "Khu vực 2", None, None, None, None, None, None],
                    *([i, *r] for i, r in enumerate(rows[5:], 5)),
                    [None, *total],
                ]
            ),
        ),
        Case(
            name="signatures",
            outcome="read",
            told=("below_table",),
            raw=xlsx_bytes(
                [
                    *rows,
                    [],
                    ["NGƯỜI LẬP BIỂU", None, None, None, "THỦ TRƯỞNG ĐƠN VỊ"],
                    ["(Ký, ghi rõ họ tên)"],
                    [],
                    ["Nguyễn Văn A", None, None, None, "Trần B"],
                ]
            ),
        ),
        Case(
            name="note below",
            outcome="read",
            told=("below_table",),
            raw=xlsx_bytes([*rows, ["Ghi chú: số liệu tính đến 31/5"]]),
        ),
        Case(
            name="rows below the signatures",
            outcome="refuse",
            named=("row 9", "below"),
            raw=xlsx_bytes([*rows[:-1], [], ["NGƯỜI LẬP BIỂU"], rows[-1], rows[-1]]),
        ),
        Case(
            name="data on the second sheet",
            raw=xlsx_bytes([["Báo cáo"]], edit=two_sheets),
            outcome="read",
            told=("sheet_no_table",),
        ),
        Case(
            name="a sheet a month",
            raw=xlsx_bytes(rows[:1] + rows[1::2], edit=by_month),
            outcome="read",
        ),
        Case(
            name="hidden rows",
            raw=xlsx_bytes(rows, edit=hide),
            outcome="read",
            told=("row_hidden",),
        ),
        Case(
            name="struck row",
            raw=xlsx_bytes([*rows, struck], edit=strike),
            outcome="read",
            told=("row_struck",),
        ),
        Case(
            name="struck cell",
            raw=xlsx_bytes(rows, edit=strike_one),
            outcome="refuse",
            named=("row 3", "struck"),
        ),
        Case(
            name="#REF! in a count",
            raw=xlsx_bytes(rows, edit=error(3, 4, "#REF!")),
            outcome="refuse",
            named=("row 3", "Tiếp nhận", "#REF!"),
        ),
        Case(
            name="#DIV/0! in a count",
            raw=xlsx_bytes(rows, edit=error(3, 6, "#DIV/0!")),
            outcome="refuse",
            named=("row 3", "Đúng hạn", "#DIV/0!"),
        ),
        Case(
            name="#N/A in a rate",
            raw=xlsx_bytes(rows, edit=error(4, 8, "#N/A")),
            outcome="refuse",
            named=("row 4", "Tỷ lệ", "#N/A"),
        ),
        Case(
            name="formula never computed",
            raw=xlsx_bytes(rows, edit=formula),
            outcome="refuse",
            named=("row 3", "Tiếp nhận", "never computed"),
        ),
        Case(
            name="header with breaks",
            outcome="read",
            raw=xlsx_bytes(
                [["Mã\nxã", " Xã/phường", "Tháng", "Hồ sơ\n tiếp  nhận", *HEADER[4:]], *rows[1:]]
            ),
        ),
        Case(
            name="unknown column",
            outcome="read",
            told=("column_unknown",),
            raw=xlsx_bytes([[*r, "Mới" if i == 0 else i] for i, r in enumerate(rows)]),
        ),
        Case(
            name="column missing",
            outcome="refuse",
            named=("Tiếp nhận", "nearest"),
            raw=xlsx_bytes([["Mã xã", "Xã", "Tháng", "Tiếp nhân hồ", *HEADER[4:]], *rows[1:]]),
        ),
        Case(
            name="column twice",
            outcome="refuse",
            named=("Số hồ sơ", "one meaning"),
            raw=xlsx_bytes([[*r, "Số hồ sơ" if i == 0 else 1] for i, r in enumerate(rows)]),
        ),
        Case(
            name="months across, two-row header",
            outcome="read",
            told=("months_across",),
            raw=xlsx_bytes(across, edit=merge("C1:F1", "G1:J1")),
        ),
        Case(
            name="months across, one measure",
            outcome="read",
            told=("months_across",),
            counts=received,
            raw=xlsx_bytes(plain),
        ),
        Case(
            name="months across, year in the title",
            outcome="read",
            counts=received,
            raw=xlsx_bytes(no_year),
        ),
        Case(
            name="months across as days",
            outcome="read",
            counts=received,
            raw=xlsx_bytes(
                [["Mã xã", dt.datetime(2026, 4, 1), dt.datetime(2026, 5, 1)], *plain[1:]]
            ),
        ),
        Case(
            name="sep line",
            raw=("sep=;\r\n" + text_of_rows(rows, ";")).encode(),
            file="a.csv",
            outcome="read",
            told=("separator_hint",),
        ),
        Case(
            name="trailing separator",
            file="a.csv",
            outcome="read",
            told=("trailing_separator",),
            raw="\r\n".join(
                [lines[0], *(f"{line}," if line else "" for line in lines[1:])]
            ).encode(),
        ),
        Case(
            name="too few fields",
            file="a.csv",
            outcome="refuse",
            named=("row 4", "fields"),
            raw="\r\n".join([*lines[:3], ",".join(lines[3].split(",")[:5]), *lines[4:]]).encode(),
        ),
        Case(
            name="too many fields",
            file="a.csv",
            outcome="refuse",
            named=("row 4", "fields"),
            raw="\r\n".join([*lines[:3], f"{lines[3]},9", *lines[4:]]).encode(),
        ),
        Case(
            name="unbalanced quote",
            file="a.csv",
            outcome="refuse",
            named=("row 3", "quote"),
            raw="\r\n".join(
                [*lines[:2], lines[2].replace("Phường", '"Phường'), *lines[3:]]
            ).encode(),
        ),
        Case(
            name="quote before the end",
            file="a.csv",
            outcome="refuse",
            named=("quote",),
            raw="\r\n".join([*lines[:6], lines[6].replace("Xã", '"Xã'), *lines[7:]]).encode(),
        ),
        Case(
            name="two stray quotes",
            file="a.csv",
            outcome="refuse",
            named=("row 3", "quote"),
            raw="\r\n".join(
                [
                    *lines[:2],
                    lines[2].replace("Phường", '"Phường'),
                    lines[3].replace("Giuộc,", 'Giuộc",'),
                    *lines[4:],
                ]
            ).encode(),
        ),
        Case(
            name="signature line in csv",
            file="a.csv",
            outcome="read",
            told=("below_table",),
            raw=(text + "NGƯỜI LẬP BIỂU\r\n").encode(),
        ),
        Case(name="empty", raw=b"", file="a.csv", outcome="refuse", named=("no data",)),
        Case(
            name="blank lines", raw=b"\r\n \r\n", file="a.csv", outcome="refuse", named=("no data",)
        ),
        Case(name="empty workbook", raw=xlsx_bytes([]), outcome="refuse", named=("no data",)),
        Case(name="header only", raw=xlsx_bytes(rows[:1]), outcome="refuse", named=("no row",)),
        Case(
            name="header only csv",
            raw=csv_bytes(rows[:1]),
            file="a.csv",
            outcome="refuse",
            named=("no row",),
        ),
        Case(
            name="html as xls",
            raw=html_bytes(rows),
            file="a.xls",
            outcome="read",
            told=("html_table",),
        ),
        Case(
            name="html without a table",
            raw=b"<html><body>login</body></html>",
            file="a.xls",
            outcome="refuse",
            named=("no table",),
        ),
        Case(
            name="excel 97, percent cells told by the counts",
            raw=xls_bytes(),
            file="a.xls",
            outcome="read",
            told=("formats_unseen", "share_of_one"),
            counts=true_counts([TRUE_ROWS[0], TRUE_ROWS[2]]),
        ),
        Case(
            name="csv named xlsx",
            raw=text.encode(),
            file="a.xlsx",
            outcome="read",
            told=("file_misnamed",),
        ),
        Case(
            name="xlsx named csv",
            raw=xlsx_bytes(rows),
            file="a.csv",
            outcome="read",
            told=("file_misnamed",),
        ),
        Case(
            name="gzip named csv",
            raw=gzip.compress(text.encode(), mtime=0),
            file="a.csv",
            outcome="read",
            told=("gzip",),
        ),
        Case(
            name="gzip cut",
            raw=gzip.compress(text.encode(), mtime=0)[:-20],
            file="a.csv",
            outcome="refuse",
        ),
        Case(name="xlsx cut", raw=xlsx_bytes(rows)[:-200], outcome="refuse", named=("damaged",)),
        Case(name="tabs", raw=csv_bytes(rows, separator="\t"), file="a.txt", outcome="read"),
        Case(
            name="header repeated",
            raw=xlsx_bytes([*rows[:4], rows[0], *rows[4:]]),
            outcome="read",
            told=("header_repeated",),
        ),
        Case(name="blank rows within", raw=xlsx_bytes([*rows[:4], [], *rows[4:]]), outcome="read"),
    ]


def docx_bytes() -> bytes:
    """Write what is enough of a document of Word."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<document/>")
    return raw.getvalue()


def private_and_hostile() -> list[Case]:
    """Files that hold personal data or what would run."""
    rows = written()

    def beside(header: str, value: Any) -> bytes:
        return xlsx_bytes([[*r, header if i == 0 else value] for i, r in enumerate(rows)])

    return [
        Case(
            name="phone in a note",
            raw=beside("Ghi chú", "lh 0912 345 678"),
            outcome="read",
            told=("column_ignored",),
        ),
        Case(
            name="name column",
            raw=beside("Họ và tên", "Nguyễn Văn A"),
            outcome="read",
            told=("column_personal",),
        ),
        Case(
            name="id card column",
            raw=beside("Số CCCD", "001234567890"),
            outcome="read",
            told=("column_personal",),
        ),
        Case(
            name="phone column",
            raw=beside("SĐT người nộp", 912345678),
            outcome="read",
            told=("column_personal",),
        ),
        Case(
            name="person in a name",
            outcome="refuse",
            named=("row 2", "“Trần •••”"),
            raw=xlsx_bytes(by_name(changed(2, 2, "Trần Thị Bưởi"))),
        ),
        Case(
            name="XML of Excel 2003",
            file="a.xls",
            outcome="refuse",
            named=("XML Spreadsheet 2003",),
            raw=(
                b'<?xml version="1.0"?><Workbook '
                b'xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
            ),
        ),
        Case(name="Word", file="a.docx", raw=docx_bytes(), outcome="refuse", named=("Word",)),
        Case(
            name="phone in a name",
            outcome="refuse",
            named=("row 2", "••••"),
            raw=xlsx_bytes(by_name(changed(2, 2, "Xã Hòa Bình 0912 345 678"))),
        ),
        Case(
            name="script",
            raw=xlsx_bytes(changed(2, 2, "<script>alert(1)</script>")),
            outcome="refuse",
            named=("row 2", "column “B”", "markup"),
        ),
        Case(
            name="script escaped",
            raw=xlsx_bytes(changed(2, 2, "&lt;img src=x onerror=1&gt;")),
            outcome="refuse",
            named=("row 2", "markup"),
        ),
        Case(
            name="script in a title",
            raw=xlsx_bytes([["<iframe src=x>"], *rows]),
            outcome="refuse",
            named=("row 1",),
        ),
        Case(
            name="path as a code",
            raw=xlsx_bytes(changed(2, 1, "../../etc")),
            outcome="refuse",
            named=("row 2", "path"),
        ),
        Case(
            name="formula as a name",
            file="a.csv",
            outcome="refuse",
            named=("row 2",),
            raw=csv_bytes(changed(2, 2, '=HYPERLINK("http://x")')),
        ),
        Case(
            name="right-to-left override",
            raw=xlsx_bytes(changed(2, 2, "Xã \u202ehnìB aòH")),
            outcome="refuse",
            named=("row 2",),
        ),
        Case(
            name="200,000 characters",
            raw=csv_bytes(changed(2, 2, "x" * 200_000)),
            file="a.csv",
            outcome="refuse",
            named=("row 2", "200000 characters"),
        ),
    ]
