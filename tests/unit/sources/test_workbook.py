from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from bad_files import xls_bytes, xlsx_bytes
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from commune_pilots.errors import InputError
from commune_pilots.sources import workbook
from commune_pilots.sources.workbook import NOT_COMPUTED, read_workbook

ROWS = [["Xã", "Tỷ lệ", "Số"], ["A", 0.615, 12], ["B", 0.7225, 7]]


def _edited(change: Callable[[str, bytes], bytes], raw: bytes | None = None) -> bytes:
    """Write a workbook again, each member changed by hand."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw or xlsx_bytes(ROWS))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def _sheet_xml(change: Callable[[bytes], bytes], raw: bytes | None = None) -> bytes:
    return _edited(lambda name, xml: change(xml) if "sheet1" in name else xml, raw)


def test_values_come_as_the_workbook_has_them():
    sheet = read_workbook(xlsx_bytes(ROWS), file="a.xlsx")[0]
    assert sheet.rows == [["Xã", "Tỷ lệ", "Số"], ["A", 0.615, 12.0], ["B", 0.7225, 7.0]]


def test_rows_and_columns_count_from_the_first_cell_of_the_sheet():
    def move(sheet):
        sheet.insert_rows(1, 3)
        sheet.insert_cols(1, 2)

    sheet = read_workbook(xlsx_bytes(ROWS, edit=move), file="a.xlsx")[0]
    assert sheet.rows[4] == [None, None, "A", 0.615, 12.0]
    assert sheet.first_row == 1


@pytest.mark.parametrize(
    ("code", "percent"),
    [
        ("0%", True),
        ("0.00%", True),
        ("#,##0.0%;[Red]-0.0%", True),
        ('0.0"%"', False),
        ("0.0\\%", False),
        ("0.00", False),
        ("General", False),
    ],
)
def test_cells_with_a_percent_format_are_marked(code, percent):
    def edit(sheet):
        sheet["B2"].number_format = code

    sheet = read_workbook(xlsx_bytes(ROWS, edit=edit), file="a.xlsx")[0]
    assert sheet.percent == (frozenset({(1, 1)}) if percent else frozenset())


def test_struck_cells_hidden_rows_hidden_columns_and_merged_cells_are_marked():
    def edit(sheet):
        sheet["C3"].font = openpyxl.styles.Font(strike=True)
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["C"].hidden = True
        sheet.merge_cells("A2:A3")

    sheet = read_workbook(xlsx_bytes(ROWS, edit=edit), file="a.xlsx")[0]
    assert sheet.hidden == {1}
    assert list(sheet.merged) == [(1, 0, 2, 0)]
    assert [(one.rule, one.value) for one in sheet.found] == [("column_hidden", "C:C")]
    assert (2, 2) in sheet.struck


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?"])
def test_a_failed_calculation_keeps_its_error(error):
    def edit(sheet):
        sheet["C2"].value, sheet["C2"].data_type = error, "e"

    assert read_workbook(xlsx_bytes(ROWS, edit=edit), file="a")[0].rows[1][2] == error


def test_a_formula_with_its_error_keeps_it():
    xml = b'<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    raw = _sheet_xml(lambda old: old.replace(b'<c r="C2" t="n"><v>12</v></c>', xml))
    assert read_workbook(raw, file="a")[0].rows[1][2] == "#DIV/0!"


@pytest.mark.parametrize("value", [b"", b"<v></v>", b"<v/>"])
def test_a_formula_that_was_never_computed_is_no_blank(value):
    xml = b'<c r="C2"><f>SUM(A1:B2)</f>' + value + b"</c>"
    raw = _sheet_xml(lambda old: old.replace(b'<c r="C2" t="n"><v>12</v></c>', xml))
    assert read_workbook(raw, file="a")[0].rows[1][2] == NOT_COMPUTED


def test_a_formula_that_gave_no_text_is_blank():
    xml = b'<c r="C2" t="str"><f>IF(1,"")</f><v></v></c>'
    raw = _sheet_xml(lambda old: old.replace(b'<c r="C2" t="n"><v>12</v></c>', xml))
    assert read_workbook(raw, file="a")[0].rows[1][2] is None


def test_hidden_sheets_are_told_and_not_read():
    def edit(sheet):
        sheet.parent.create_sheet("Ẩn").append(["x"])
        sheet.parent["Ẩn"].sheet_state = "veryHidden"

    sheets = read_workbook(xlsx_bytes(ROWS, edit=edit), file="a")
    assert [(sheet.name, bool(sheet.rows)) for sheet in sheets] == [("Sheet1", True), ("Ẩn", False)]
    assert [one.rule for one in sheets[1].found] == ["sheet_hidden"]


def test_days_of_a_1904_workbook_are_right_and_its_serials_told():
    def edit(sheet):
        sheet.parent.epoch = CALENDAR_MAC_1904
        sheet["A2"].value = dt.datetime(2026, 4, 1)

    sheet = read_workbook(xlsx_bytes(ROWS, edit=edit), file="a")[0]
    assert sheet.rows[1][0] == dt.date(2026, 4, 1)
    assert sheet.date1904
    assert not read_workbook(xlsx_bytes(ROWS), file="a")[0].date1904


def test_cells_without_a_place_are_refused_where_formats_matter():
    def edit(sheet):
        sheet["B2"].number_format = "0%"

    def unplaced(raw: bytes) -> bytes:
        return _sheet_xml(lambda xml: xml.replace(b'<c r="C2" ', b"<c "), raw)

    assert read_workbook(unplaced(xlsx_bytes(ROWS)), file="a")
    with pytest.raises(InputError, match="cells do not say where they stand"):
        read_workbook(unplaced(xlsx_bytes(ROWS, edit=edit)), file="a")


@pytest.mark.parametrize(
    "raw",
    [
        xlsx_bytes(ROWS)[:-100],
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600,
        _edited(lambda name, xml: b"<broken" if name == "xl/workbook.xml" else xml),
    ],
)
def test_a_damaged_workbook_is_refused(raw):
    with pytest.raises(InputError, match=r"^a\.xlsx: the file is damaged"):
        read_workbook(raw, file="a.xlsx")


def test_a_locked_workbook_is_refused_as_such():
    raw = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 504 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(InputError, match="has a password"):
        read_workbook(raw, file="a.xlsx")


def test_a_document_type_is_refused():
    raw = _edited(
        lambda name, xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml if "sheet1" in name else xml
    )
    with pytest.raises(InputError, match=r"not safe \(xl/worksheets/sheet1\.xml\)"):
        read_workbook(raw, file="a.xlsx")


def test_two_cells_at_opposite_corners_are_refused():
    def far(xml: bytes) -> bytes:
        return xml.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        )

    with pytest.raises(InputError, match=r"sheet Sheet1: the cells span 17179869184 places"):
        read_workbook(_sheet_xml(far), file="a.xlsx")


def test_a_workbook_packed_beyond_measure_is_refused(monkeypatch):
    monkeypatch.setattr(workbook, "LEAST_WEIGHED", 1000)
    bomb = _sheet_xml(lambda xml: xml.replace(b"</worksheet>", b" " * 5_000_000 + b"</worksheet>"))
    with pytest.raises(InputError, match="unpacks to more than"):
        read_workbook(bomb, file="a.xlsx")


def test_a_workbook_of_another_format_tells_that_its_formats_are_not_seen():
    raw = _edited(lambda name, xml: xml)
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        names = package.namelist()
    assert "xl/workbook.xml" in names
    assert all(one.rule != "formats_unseen" for one in read_workbook(raw, file="a")[0].found)


def test_an_old_workbook_gives_its_values_and_tells_what_it_hides():
    sheet = read_workbook(xls_bytes(), file="a.xls")[0]
    assert [row[3] for row in sheet.rows] == ["Tiếp nhận", 445365.0, 1230.0]
    assert [one.rule for one in sheet.found] == ["formats_unseen"]
    assert sheet.percent == frozenset()
