"""What Excel asks of a cell of a study workbook while it is filled in: a list, a number, a day."""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl.worksheet.datavalidation import DataValidation

from commune_pilots.catalogue import text
from commune_pilots.contracts import workbook
from commune_pilots.contracts.workbook import Column, Kind, Sheet
from commune_pilots.desk.lists import FIRST_ROW, LAST_ROW, Listed, column_letter, list_formula

FORMATS: Mapping[Kind, str] = {
    "text": "@", "code": "@", "figure": "@", "month": "@", "start": "@", "choice": "@",
    "reference": "@", "references": "@", "day": "dd/mm/yyyy", "count": "0", "number": "General",
}  # fmt: skip
"""Cells of text keep what is typed: a code its zeros, a figure its decimals, a month its form."""
MOST_TITLE, MOST_PROMPT, MOST_ERROR = 32, 255, 225
_MOST_COUNT = "2147483647"
# Forms that no rule of Excel tells apart: the cell only says what belongs into it.
_ANY: tuple[Kind, ...] = ("figure", "month", "start")
_STOPPED: tuple[Kind, ...] = ("choice", "count", "number", "code")


def rule_of(sheet: Sheet, column: Column, lists: Mapping[str, Listed]) -> DataValidation | None:
    """Give the rule of a column's cells, each with its help; None for free text.

    What no list can know is a warning that may be answered with yes: a unit by its bare code, a
    day that Excel takes for text, several codes in one cell.
    """
    if column.kind == "text":
        return None
    letter = column_letter(sheet, column.name)
    title = cut(workbook.column_label(sheet, column), MOST_TITLE)
    rule = DataValidation(
        sqref=f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}",
        allow_blank=True,
        showInputMessage=True,
        promptTitle=title,
        prompt=cut(workbook.help_text(sheet, column), MOST_PROMPT),
    )
    if column.kind in _ANY:
        return rule
    closed = column.kind in _STOPPED or (column.kind, column.refers) == ("reference", "indicator")
    rule.showErrorMessage, rule.errorTitle = True, title
    rule.errorStyle = "stop" if closed else "warning"
    rule.error = cut(text(f"new_study.refused.{column.kind}", "vi"), MOST_ERROR)
    if column.kind == "count":
        rule.type, rule.operator = "whole", "between"
        rule.formula1, rule.formula2 = "0", _MOST_COUNT
    elif column.kind == "number":
        rule.type, rule.operator, rule.formula1 = "decimal", "greaterThanOrEqual", "0"
    elif column.kind == "day":
        rule.type, rule.operator = "date", "between"
        rule.formula1, rule.formula2 = "DATE(1945,1,1)", "DATE(2100,12,31)"
    elif column.kind == "code":
        rule.type, rule.operator, rule.formula1, rule.formula2 = "textLength", "between", "1", "20"
    else:
        rule.type, rule.formula1 = "list", list_formula(sheet, column, lists)
    return rule


def cut(words: str, most: int) -> str:
    """Cut words to what Excel holds, at a space."""
    return words if len(words) <= most else f"{words[: most - 1].rsplit(' ', 1)[0]}…"
