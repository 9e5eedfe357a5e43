"""Sheets of a study: each fault has its sheet, row, header and sentence; personal data no value."""

from __future__ import annotations

import datetime as dt
import re
import zipfile

import pytest
import studied
from openpyxl.styles import Font

from commune_pilots.contracts import workbook
from commune_pilots.errors import InputError
from commune_pilots.sources.study_sheets import read_study_sheets

FILE = "data/raw/studies/x/x.xlsx"
ODS = "urn:oasis:names:tc:opendocument:xmlns"


def _read(change=None, tables=studied.LONG_AN):
    book = studied.filled_book(tables)
    if change:
        change(book)
    return read_study_sheets(studied.bytes_of(book), file=FILE)


def _set(table, column, row, value):
    def change(book):
        studied.cell_at(book, table, column, row).value = value

    return change


def _one(change, **asked):
    """Read a spoiled workbook that has one fault: sheet, row, column, rule and its sentence."""
    _, failures = _read(change, **asked)
    assert len(failures) == 1, failures
    one = failures[0]
    assert one.sentence("en")
    place = one.file.removeprefix(f"{FILE} > ") if one.file != FILE else ""
    return (place, one.row, one.column, one.rule), one


def test_a_filled_workbook_has_no_fault_and_keeps_every_row():
    filled, failures = _read()
    assert failures == []
    assert list(filled) == [sheet.table for sheet in workbook.SHEETS]
    entries = filled["observations"].entries
    assert [one.row for one in entries] == [2, 3, 4, 5, 6, 7]
    assert entries[0].values["unit"] == ("28159",)
    assert entries[0].values["qualifier"] == "exact"
    assert entries[1].values["period_start"] == dt.datetime(2021, 1, 1)
    assert entries[0].shown["unit"] == "28159 · Thị trấn Cần Giuộc"


def test_the_guide_and_the_lists_may_stand_aside_even_hidden():
    def change(book):
        for key in workbook.ASIDE:
            book.create_sheet(workbook.sheet_name(key)).append(["012345678", "16,8"])
        book[workbook.sheet_name("lists")].sheet_state = "hidden"

    assert _read(change)[1] == []


def test_columns_may_stand_in_another_order_and_blank_rows_are_skipped():
    def change(book):
        page = studied.page_at(book, "pilots")
        rows = [[cell.value for cell in row] for row in page.iter_rows()]
        page.delete_rows(1, page.max_row)
        for row in (rows[0], [" "] * len(rows[0]), *rows[1:]):
            page.append(row[::-1])

    filled, failures = _read(change)
    assert failures == []
    assert [one.row for one in filled["pilots"].entries] == [3, 4, 5]
    assert filled["pilots"].entries[0].values["arm"] == "pilot"


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "rule", "says"),
    [
        ("observations", "printed", 3, 16.8, "study_figure_number", "ô G3"),
        ("observations", "printed", 3, dt.datetime(2026, 8, 16), "study_figure_number", "ô G3"),
        ("observations", "period_start", 3, 44197, "study_day_number", "ô I3"),
        ("observations", "period_start", 3, "2021", "study_day", "25/03/2024"),
        ("observations", "role", 3, "trước kia", "study_choice", "'trước'"),
        ("observations", "unit", 3, 28159, "study_code_number", "số 0 ở đầu"),
        ("observations", "numerator", 3, "1,5", "study_count", "1.234"),
        ("observations", "printed", 3, "=1/0", "study_uncomputed", "lưu lại"),
        ("observations", "printed", 3, "#DIV/0!", "study_error", "công thức"),
        ("observations", "role", 3, "truoc", "study_choice", "có phải 'trước'?"),
        ("observations", "unit", 3, "Xã Cần Giuộc", "study_reference", "ghi mã"),
        ("sources", "title_short", 2, None, "required", ""),
        ("pilots", "opened", 2, "đầu năm", "study_start", "03/2024"),
    ],
)
def test_a_cell_at_fault_is_told_by_row_and_header(table, column, row, value, rule, says):
    place, one = _one(_set(table, column, row, value))
    label = workbook.column_label(
        workbook.sheet_of(table),
        next(at for at in workbook.sheet_of(table).columns if at.name == column),
    )
    assert place == (workbook.sheet_name(table), row, label, rule)
    assert says in one.sentence("vi")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Liên hệ 0912 345 678", "số điện thoại"),
        ("CCCD 079123456789", "số căn cước công dân"),
        ("CMND 123456789", "số chứng minh nhân dân"),
        ("can.bo@example.vn", "địa chỉ thư điện tử"),
    ],
)
@pytest.mark.parametrize(
    ("table", "column"), [("observations", "note"), ("decisions", "decider_vi"), ("pilots", "unit")]
)
def test_personal_data_is_refused_by_its_place_and_never_shown(table, column, text, kind):
    _, failures = _read(_set(table, column, 2, text))
    one = next(one for one in failures if one.rule == "study_personal")
    assert (one.row, one.value) == (2, "•••")
    assert kind in one.sentence("vi")
    for failure in failures:
        for told in (failure.value, failure.sentence("vi"), failure.sentence("en")):
            assert not re.search(r"\d{3}[ .]?\d{3}|@", told), told


@pytest.mark.parametrize(
    ("table", "column"),
    [("observations", "note"), ("decisions", "decider_vi"), ("pilots", "sponsor"),
     ("decisions", "question_vi"), ("sources", "title_short")],
)  # fmt: skip
def test_a_named_person_is_refused_by_place_and_never_shown(table, column):
    _, one = _one(_set(table, column, 2, "Theo ông Nguyễn Văn Bảy, chủ tịch xã"))
    assert (one.row, one.rule, one.value) == (2, "study_person", "•••")
    assert "chức danh và cơ quan" in one.sentence("vi")
    assert "Bảy" not in one.sentence("vi") + one.sentence("en")


def test_a_row_with_a_fault_is_not_sound_and_keeps_what_could_be_read():
    filled, _ = _read(_set("observations", "role", 3, "khi nào"))
    entries = filled["observations"].entries
    assert [one.sound for one in entries] == [True, False, True, True, True, True]
    assert entries[1].values["printed"] == "16,8"
    assert entries[0].names["unit"] == ("Thị trấn Cần Giuộc",)


def test_a_number_of_a_person_in_a_wrong_place_is_covered():
    _, one = _one(_set("observations", "role", 2, 79123456789))
    assert "79123456789" not in one.value


def test_a_sheet_that_is_missing_unknown_or_hidden_is_told():
    def remove(book):
        book.remove(studied.page_at(book, "events"))

    def rename(book):
        studied.page_at(book, "events").title = "Sự kiên"

    def hide(book):
        studied.page_at(book, "observations").sheet_state = "hidden"

    assert _one(remove)[0] == ("", None, "-", "study_sheet_missing")
    assert _one(hide)[0] == ("", None, "-", "study_sheet_hidden")
    _, failures = _read(rename)
    assert [one.rule for one in failures] == ["study_sheet_unknown", "study_sheet_missing"]
    assert "'Sự kiện'" in failures[0].sentence("vi")


def test_a_sheet_that_stands_twice_is_told():
    def twice(book):
        book.create_sheet("Sự kiện ")

    assert _one(twice)[0] == ("", None, "-", "study_sheet_twice")


def test_a_header_that_is_missing_unknown_or_twice_is_told():
    _, failures = _read(_set("observations", "printed", 1, "Con số in"))
    assert [(one.row, one.column, one.rule) for one in failures] == [
        (1, "G", "study_header_unknown"),
        (1, "Con số như in", "study_header_missing"),
    ]
    assert "'Con số như in'" in failures[0].sentence("vi")

    _, failures = _read(_set("observations", "note", 1, "Chỉ số\nIndicator"))
    assert {one.rule for one in failures} == {"study_header_twice", "study_header_missing"}


def test_only_the_first_line_of_a_header_is_matched():
    assert _read(_set("observations", "printed", 1, "Con số  như in\nAnything"))[1] == []


def test_a_cell_outside_the_columns_is_told():
    def change(book):
        studied.page_at(book, "pilots").cell(row=3, column=12).value = "16,8"

    place, one = _one(change)
    assert place == ("Xã thí điểm", 3, "L", "study_header_blank")
    assert "L3" in one.sentence("vi")


def test_struck_and_merged_cells_are_refused():
    def strike(book):
        for cell in studied.page_at(book, "pilots")[3]:
            cell.font = Font(strike=True)

    _, failures = _read(strike)
    assert {(one.row, one.rule) for one in failures} == {(3, "study_struck")}

    def merge(book):
        studied.page_at(book, "observations").merge_cells("A2:A3")

    _, failures = _read(merge)
    assert (failures[0].row, failures[0].rule) == (2, "study_merged")
    assert "A2" in failures[0].sentence("vi")


def test_rows_that_a_filter_hid_count_as_all_others():
    def hide(book):
        studied.page_at(book, "observations").row_dimensions[3].hidden = True

    filled, failures = _read(hide)
    assert failures == []
    assert len(filled["observations"].entries) == 6


def test_days_of_excel_beside_typed_days_are_refused():
    place, one = _one(_set("observations", "period_start", 3, dt.datetime(2021, 1, 5)))
    assert place == ("Số liệu", 3, "Kỳ từ ngày", "study_day_forms")
    assert "đảo ngày và tháng" in one.sentence("vi")


def test_every_fault_of_every_sheet_is_told_at_once():
    def change(book):
        _set("observations", "printed", 2, 98.08)(book)
        _set("observations", "printed", 4, 86.41)(book)
        _set("sources", "kind", 2, "báo")(book)
        _set("decisions", "unit", 2, None)(book)

    _, failures = _read(change)
    assert sorted(one.rule for one in failures) == [
        "required", "study_choice", "study_figure_number", "study_figure_number",
    ]  # fmt: skip


def test_what_is_no_workbook_is_refused_in_one_sentence():
    with pytest.raises(InputError):
        read_study_sheets(b"Nguon,Don vi\n", file=FILE)
    with pytest.raises(InputError):
        read_study_sheets(studied.bytes_of(studied.filled_book({}))[:500], file=FILE)


def test_a_workbook_of_another_kind_is_sent_back_as_xlsx(tmp_path):
    ods = tmp_path / "x.ods"
    with zipfile.ZipFile(ods, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{ODS}:manifest:1.0"/>',
        )
        package.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{ODS}:office:1.0" '
            f'xmlns:table="{ODS}:table:1.0"><office:body>'
            '<office:spreadsheet><table:table table:name="Nguồn"><table:table-row>'
            "<table:table-cell/></table:table-row></table:table></office:spreadsheet>"
            "</office:body></office:document-content>",
        )
    with pytest.raises(InputError) as caught:
        read_study_sheets(ods.read_bytes(), file=FILE)
    assert caught.value.key == "study_not_xlsx"
