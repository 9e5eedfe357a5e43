from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from bad_files import TRUE_ROWS, csv_bytes, html_bytes, misread, written, xlsx_bytes
from bad_inputs import TO_VNI

from commune_pilots.errors import InputError
from commune_pilots.sources.files import list_files, read_sheets

ROWS = written()


def _rules(sheets: list) -> list[str]:
    return [one.rule for sheet in sheets for one in sheet.found]


def test_files_are_listed_in_order_and_what_is_passed_over_is_told(tmp_path):
    for name in ("b.csv", "a.xlsx", "~$a.xlsx", ".DS_Store", "Thumbs.db", "sub/c.csv", "sub/.x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    files, passed = list_files(tmp_path, shown="data/raw/logs")
    assert [path.relative_to(tmp_path).as_posix() for path in files] == [
        "a.xlsx",
        "b.csv",
        "sub/c.csv",
    ]
    assert {(one.file, one.rule) for one in passed} == {
        ("data/raw/logs/~$a.xlsx", "file_system"),
        ("data/raw/logs/.DS_Store", "file_system"),
        ("data/raw/logs/Thumbs.db", "file_system"),
        ("data/raw/logs/sub/.x", "file_system"),
        ("data/raw/logs/link.csv", "file_link"),
    }


def test_a_link_to_a_folder_is_not_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.csv").write_bytes(b"x")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "away").symlink_to(tmp_path / "real")
    files, passed = list_files(tmp_path / "raw", shown="data/raw")
    assert files == []
    assert [one.rule for one in passed] == ["file_link"]


@pytest.mark.parametrize(
    ("raw", "name", "misnamed"),
    [
        (csv_bytes(ROWS), "a.csv", False),
        (csv_bytes(ROWS), "a.xlsx", True),
        (xlsx_bytes(ROWS), "a.xlsx", False),
        (xlsx_bytes(ROWS), "a.csv", True),
        (html_bytes(ROWS), "a.html", False),
        (html_bytes(ROWS), "a.xls", True),
    ],
)
def test_the_content_tells_what_a_file_is(raw, name, misnamed):
    sheets = read_sheets(raw, file=name)
    assert [sheet.rows[1][0] for sheet in sheets] == [TRUE_ROWS[0][0]]
    assert ("file_misnamed" in _rules(sheets)) is misnamed


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda cell: TO_VNI.get(cell, cell), "vni"),
        (lambda cell: misread(cell) if isinstance(cell, str) else cell, "mojibake"),
    ],
)
def test_the_text_of_a_whole_sheet_is_brought_to_unicode(change, rule):
    sheets = read_sheets(
        xlsx_bytes([[change(cell) for cell in row] for row in ROWS]), file="a.xlsx"
    )
    assert sheets[0].rows[0] == ROWS[0]
    assert sheets[0].rows[1][1] == ROWS[1][1]
    assert sheets[0].rows[1][3] == ROWS[1][3]
    assert rule in _rules(sheets)


@pytest.mark.parametrize("raw", [csv_bytes(ROWS), xlsx_bytes(ROWS)])
def test_a_packed_file_is_unpacked_and_told_whatever_it_holds(raw):
    sheets = read_sheets(gzip.compress(raw), file="a.csv")
    assert sheets[0].rows[1][0] == TRUE_ROWS[0][0]
    assert "gzip" in _rules(sheets)


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a.csv", csv_bytes(ROWS))
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "kind"), [(b"%PDF-1.7", "PDF"), (b"\x89PNG\r\n", "PNG"), (_zip(), "ZIP")]
)
def test_a_file_of_another_kind_is_refused_by_name(raw, kind):
    with pytest.raises(InputError, match=rf"^a\.xlsx: a {kind} file is no table"):
        read_sheets(raw, file="a.xlsx")


def test_a_cell_longer_than_excel_holds_is_refused_by_its_row():
    with pytest.raises(InputError, match=r"a\.csv, row 2: one cell is 40000 characters"):
        read_sheets(f"a,b\n{'x' * 40_000},2\n".encode(), file="a.csv")


def test_a_file_without_any_filled_sheet_is_empty():
    with pytest.raises(InputError, match="no data"):
        read_sheets(xlsx_bytes([]), file="a.xlsx")


def test_sheets_that_hold_nothing_are_told_on_the_first_that_does():
    def hide(sheet):
        sheet.parent.create_sheet("Ẩn").append(["x"])
        sheet.parent["Ẩn"].sheet_state = "hidden"

    sheets = read_sheets(xlsx_bytes(ROWS, edit=hide), file="a.xlsx")
    assert [(one.rule, one.sheet) for one in sheets[0].found] == [("sheet_hidden", "Ẩn")]
