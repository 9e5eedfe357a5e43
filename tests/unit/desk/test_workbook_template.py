"""The workbook as Excel would find it: well-formed, within its limits, its lists whole."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from commune_pilots.catalogue import text
from commune_pilots.contracts import workbook
from commune_pilots.desk.checklist import checklist
from commune_pilots.desk.workbook_template import Contents, checklist_cells, workbook_bytes
from commune_pilots.params import load_indicators

INDICATORS = load_indicators(Path(__file__).resolve().parents[3] / "params" / "indicators.yml")
ASKED = checklist(alpha=0.05)
ROWS = {
    "units": [
        {"code": "80", "name": "Tỉnh Long An", "valid_to": dt.date(2025, 6, 30)},
        {"code": "28159", "name": "Thị trấn Cần Giuộc", "parent": "80 · Tỉnh Long An"},
    ]
}
VALUES = {"run": "thu", "province": "Tỉnh Long An", "source": "nguon-1"}
_RANGE = re.compile(
    r"'(?P<sheet>[^']+)'!\$(?P<column>[A-Z]+)\$(?P<first>\d+):\$[A-Z]+\$(?P<last>\d+)"
)
_MOVED = re.compile(r"OFFSET\('(?P<sheet>[^']+)'!\$(?P<column>[A-Z]+)\$(?P<first>\d+),")


@cache
def _content():
    contents = Contents(rows=ROWS, indicators=INDICATORS, asked=ASKED, values=VALUES)
    return workbook_bytes(contents)


@cache
def _book():
    return load_workbook(io.BytesIO(_content()))


def _data():
    return [(sheet, _book()[workbook.sheet_name(sheet.table)]) for sheet in workbook.SHEETS]


def _rules():
    for sheet, made in _data():
        for rule in made.data_validations.dataValidation:
            letter = re.match(r"[A-Z]+", str(rule.sqref))[0]
            at = ord(letter) - ord("A")
            yield sheet, sheet.columns[at], made, rule


def test_sheets_stand_in_the_order_in_which_they_are_filled_in():
    named = ["guide", *(sheet.table for sheet in workbook.SHEETS), "checklist", "lists"]
    assert _book().sheetnames == [workbook.sheet_name(key) for key in named]
    assert max(map(len, _book().sheetnames)) <= 31


def test_the_same_contents_give_the_same_bytes():
    contents = Contents(rows=ROWS, indicators=INDICATORS, asked=ASKED, values=VALUES)
    assert workbook_bytes(contents) == _content()


def test_every_part_is_well_formed_and_none_holds_a_macro():
    with zipfile.ZipFile(io.BytesIO(_content())) as parts:
        for name in parts.namelist():
            ElementTree.fromstring(parts.read(name))
        assert not [name for name in parts.namelist() if "vba" in name.lower()]


def test_headers_are_those_of_the_contract_with_a_star_where_a_cell_is_needed():
    for sheet, made in _data():
        for at, column in enumerate(sheet.columns, start=1):
            first, second = made.cell(1, at).value.split("\n")
            assert first == workbook.column_label(sheet, column)
            assert second.endswith(" *") == column.required
            assert made.cell(1, at).font.bold
        assert made.freeze_panes == "A2"


def test_each_header_tells_in_both_languages_how_its_column_is_filled_in():
    for sheet, made in _data():
        for at, column in enumerate(sheet.columns, start=1):
            told = made.cell(1, at).comment.text
            assert workbook.help_text(sheet, column, "vi") in told
            assert workbook.help_text(sheet, column, "en") in told


def test_untouched_cells_of_codes_and_figures_are_text():
    for sheet, made in _data():
        for at, column in enumerate(sheet.columns, start=1):
            letter = made.cell(1, at).column_letter
            if column.kind in ("code", "figure", "month", "start"):
                assert made.column_dimensions[letter].number_format == "@"


def test_known_rows_stand_with_the_form_of_their_column():
    made = _book()[workbook.sheet_name("units")]
    assert [made["A2"].value, made["A3"].value] == ["80", "28159"]
    assert made["E2"].value == dt.datetime(2025, 6, 30)
    assert made["E2"].number_format == "dd/mm/yyyy"


def test_data_sheets_hold_no_formula_and_no_protection():
    for _, made in _data():
        assert not made.protection.sheet
        assert made.auto_filter.ref is None
        kinds = {cell.data_type for row in made.iter_rows() for cell in row}
        assert "f" not in kinds


def _column(book, sheet, letter, first, last):
    return [book[sheet][f"{letter}{row}"].value for row in range(first, last + 1)]


def test_every_list_points_at_the_words_that_are_read_back():
    seen = 0
    for _, column, _, rule in _rules():
        if rule.type != "list" or not (found := _RANGE.fullmatch(rule.formula1)):
            continue
        place = found["sheet"], found["column"], int(found["first"]), int(found["last"])
        cells = _column(_book(), *place)
        if column.kind == "choice":
            assert cells == list(workbook.shown_choices(column))
        elif column.refers == "indicator":
            assert [workbook.code_of(cell) for cell in cells] == list(INDICATORS)
        else:
            assert column.refers == "definition"
        seen += 1
    assert seen >= 12


def test_a_list_of_units_or_sources_begins_where_its_formulas_do():
    seen = set()
    for _, column, _, rule in _rules():
        if column.refers in ("unit", "source"):
            found = _MOVED.match(rule.formula1)
            cells = _column(_book(), found["sheet"], found["column"], int(found["first"]), 2001)
            own = workbook.sheet_name({"unit": "units", "source": "sources"}[column.refers])
            assert cells[0].startswith(f"=IF('{own}'!A2=")
            assert cells[-1].startswith(f"=IF('{own}'!A2001=")
            seen.add(column.refers)
    assert seen == {"unit", "source"}


def test_a_definition_list_finds_the_row_of_its_indicator():
    rule = next(
        rule for sheet, column, _, rule in _rules()
        if (sheet.table, column.name) == ("observations", "definition")
    )  # fmt: skip
    of = _RANGE.search(rule.formula1)
    cells = _column(_book(), of["sheet"], of["column"], int(of["first"]), int(of["last"]))
    first = [workbook.code_of(cell) for cell in cells].index("online_share")
    moved = _MOVED.match(rule.formula1)
    # MATCH counts from 1, and OFFSET moves from the header.
    offered = _book()[moved["sheet"]][f"{moved['column']}{int(moved['first']) + first + 1}"].value
    assert workbook.code_of(offered) == next(iter(INDICATORS["online_share"].definitions))


def test_the_checklist_has_every_row_in_both_languages():
    made = _book()[workbook.sheet_name("checklist")]
    assert made.max_row == 1 + len(ASKED)
    for row, asked in enumerate(ASKED, start=2):
        pairs = zip(checklist_cells(asked, "vi"), checklist_cells(asked, "en"), strict=True)
        assert [cell.value for cell in made[row]] == ["\n".join(pair) for pair in pairs]


def test_the_guide_has_numbered_steps_in_vietnamese_and_then_in_english():
    made = _book()[workbook.sheet_name("guide")]
    words = [cell.value for row in made.iter_rows() for cell in row if cell.value is not None]
    heads = [text("new_study.guide.steps.head", language) for language in ("vi", "en")]
    assert words.index(heads[0]) < words.index(heads[1])
    assert words[words.index(heads[0]) + 1] == 1
    assert any("pilots check thu" in str(one) for one in words)
    assert not any("{" in str(one) for one in words)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_words_of_the_guide_name_every_sheet_as_the_file_does(language):
    made = _book()[workbook.sheet_name("guide")]
    told = " ".join(str(cell.value) for row in made.iter_rows() for cell in row if cell.value)
    for sheet in workbook.SHEETS:
        assert f"“{workbook.sheet_name(sheet.table)}”" in told
    assert told.count(text("new_study.guide.rules.head", language)) == 1
