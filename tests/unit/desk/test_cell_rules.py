from __future__ import annotations

from pathlib import Path

import pytest

from commune_pilots.contracts import workbook
from commune_pilots.desk.cell_rules import FORMATS, cut, rule_of
from commune_pilots.desk.lists import lists_of
from commune_pilots.params import load_indicators

LISTS = lists_of(load_indicators(Path(__file__).resolve().parents[3] / "params" / "indicators.yml"))
RULES = {
    (sheet.table, column.name): rule_of(sheet, column, LISTS)
    for sheet in workbook.SHEETS
    for column in sheet.columns
}


def test_free_text_has_no_rule_and_every_other_cell_says_what_belongs_into_it():
    for sheet in workbook.SHEETS:
        for column in sheet.columns:
            rule = RULES[sheet.table, column.name]
            assert (rule is None) == (column.kind == "text")
            assert rule is None or rule.prompt


@pytest.mark.parametrize(
    ("cell", "kind", "style"),
    [
        (("observations", "role"), "list", "stop"),
        (("observations", "indicator"), "list", "stop"),
        (("observations", "unit"), "list", "warning"),
        (("observations", "definition"), "list", "warning"),
        (("events", "moves"), "list", "warning"),
        (("panel", "numerator"), "whole", "stop"),
        (("sources", "published"), "date", "warning"),
        (("units", "code"), "textLength", "stop"),
        (("candidates", "area_km2"), "decimal", "stop"),
    ],
)
def test_a_closed_cell_stops_and_an_open_one_warns(cell, kind, style):
    assert (RULES[cell].type, RULES[cell].errorStyle) == (kind, style)


@pytest.mark.parametrize(
    "cell", [("observations", "printed"), ("panel", "month"), ("pilots", "opened")]
)
def test_a_form_that_excel_cannot_tell_is_told_and_never_refused(cell):
    assert RULES[cell].type is None
    assert not RULES[cell].showErrorMessage


def test_rules_reach_two_thousand_rows_and_keep_to_what_excel_holds():
    for rule in filter(None, RULES.values()):
        assert str(rule.sqref).endswith("2001")
        assert len(rule.promptTitle) <= 32
        assert len(rule.prompt) <= 255
        if rule.showErrorMessage:
            assert len(rule.errorTitle) <= 32
            assert 0 < len(rule.error) <= 225


def test_codes_figures_and_months_are_text_and_days_are_days():
    assert {FORMATS[kind] for kind in ("code", "figure", "month", "start", "reference")} == {"@"}
    assert FORMATS["day"] == "dd/mm/yyyy"


def test_words_are_cut_at_a_space():
    assert cut("một hai ba", 10) == "một hai ba"
    assert cut("một hai ba", 9) == "một hai…"
