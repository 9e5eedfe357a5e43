from __future__ import annotations

import re
from pathlib import Path

from commune_pilots.contracts import workbook
from commune_pilots.desk.lists import FIRST_ROW, LAST_ROW, list_formula, lists_of
from commune_pilots.params import load_indicators

INDICATORS = load_indicators(Path(__file__).resolve().parents[3] / "params" / "indicators.yml")
LISTS = lists_of(INDICATORS)
LISTED = [
    (sheet, column)
    for sheet in workbook.SHEETS
    for column in sheet.columns
    if column.kind in ("choice", "reference", "references")
]


def _formula(table: str, name: str) -> str:
    sheet = workbook.sheet_of(table)
    return list_formula(sheet, next(one for one in sheet.columns if one.name == name), LISTS)


def test_a_closed_vocabulary_is_listed_whole_in_the_words_that_are_read_back():
    for _, column in LISTED:
        if column.kind == "choice":
            listed = LISTS[column.words]
            assert listed.cells == workbook.shown_choices(column)
            assert set(workbook.choices_of(column).values()) == set(column.choices)


def test_a_choice_points_at_exactly_the_cells_of_its_list():
    listed = LISTS["workbook.choice.role"]
    formula = _formula("observations", "role")
    assert formula == f"'Danh mục'!${listed.letter}$2:${listed.letter}${1 + len(listed.cells)}"


def test_indicators_are_offered_in_the_order_given_by_a_code_that_is_read_back():
    turned = lists_of(dict(reversed(INDICATORS.items())))
    codes = [workbook.code_of(cell) for cell in turned["indicator"].cells]
    assert codes == list(reversed(INDICATORS))


def test_definitions_of_an_indicator_stand_together_beside_it():
    of = [workbook.code_of(cell) for cell in LISTS["definition_of"].cells]
    ways = [workbook.code_of(cell) for cell in LISTS["definition"].cells]
    assert [(name, way) for name, one in INDICATORS.items() for way in one.definitions] == list(
        zip(of, ways, strict=True)
    )


def test_a_definition_is_chosen_among_those_of_the_indicator_in_its_row():
    formula = _formula("observations", "definition")
    assert formula.startswith("OFFSET('Danh mục'!")
    assert f"MATCH($D{FIRST_ROW}," in formula  # column D is the indicator
    assert workbook.sheet_of("observations").columns[3].name == "indicator"


def test_where_no_indicator_is_asked_definitions_are_those_of_the_share_filed_online():
    found = re.fullmatch(
        r"'Danh mục'!\$(\w+)\$(\d+):\$\w+\$(\d+)", _formula("candidates", "definition")
    )
    cells = LISTS["definition"].cells[int(found[2]) - FIRST_ROW : int(found[3]) - FIRST_ROW + 1]
    assert [workbook.code_of(cell) for cell in cells] == list(
        INDICATORS["online_share"].definitions
    )


def test_units_and_sources_are_those_of_their_sheets_down_to_the_last_row():
    for refers, sheet in (("unit", "'Đơn vị'"), ("source", "'Nguồn'")):
        listed = LISTS[refers]
        assert len(listed.cells) == 2000
        assert listed.cells[0] == f'=IF({sheet}!A2="","",{sheet}!A2&" · "&{sheet}!B2)'
        assert f"COUNTA({sheet}!$A$2:$A${LAST_ROW})" in _formula("pilots", refers)


def test_no_formula_is_longer_than_excel_holds():
    assert max(len(list_formula(sheet, column, LISTS)) for sheet, column in LISTED) <= 255
