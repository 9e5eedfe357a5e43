"""The empty workbook of a study, made of its contract: sheets, headers, lists, rules of cells.

No macro, no protection, and formulas on the sheet of lists only, so that rows can be pasted in. The
same contents give the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from commune_pilots import assumptions, catalogue
from commune_pilots.briefing.timeless import timeless
from commune_pilots.catalogue import LANGUAGES, Language, text
from commune_pilots.contracts import workbook
from commune_pilots.contracts.workbook import Column, Sheet
from commune_pilots.desk.cell_rules import FORMATS, rule_of
from commune_pilots.desk.checklist import Asked
from commune_pilots.desk.lists import Listed, lists_of
from commune_pilots.params import Indicator

Cells = Mapping[str, str | date]
REQUIRED = "*"
_MADE = datetime(2026, 1, 1)  # no file tells when it was made, so that it can be made again
_WIDTHS = {
    "text": 44, "code": 14, "day": 14, "start": 14, "month": 12, "figure": 14, "count": 14,
    "number": 14, "choice": 22, "reference": 34, "references": 40,
}  # fmt: skip
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_LINE = Border(bottom=Side(style="thin", color="808080"))
_HEAD, _NEEDED = PatternFill("solid", fgColor="E7EDF3"), PatternFill("solid", fgColor="C9DAEA")
_LINE_HEIGHT = 15.0
_BELOW_HEADER = f"A{workbook.HEADER_ROW + 1}"
_CHECKLIST = ("what", "of", "where", "design", "grade", "assumed", "without")
_CHECKLIST_WIDTHS = (48, 44, 34, 24, 14, 34, 44)
_GUIDE_WIDTHS = (6, 110)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What stands in a workbook from the start.

    `rows`: by raw table, cells by column, as the contract shows them. `indicators` in the order in
    which they are offered. `values` fill the words of the guide in.
    """

    rows: Mapping[str, Sequence[Cells]]
    indicators: Mapping[str, Indicator]
    asked: Sequence[Asked]
    values: Mapping[str, object]


def workbook_bytes(contents: Contents) -> bytes:
    """Write the workbook: the guide, a sheet for each raw table, what to collect, the lists."""
    book = Workbook()
    guide = book.active
    assert isinstance(guide, Worksheet)
    guide.title = workbook.sheet_name("guide")
    _write_guide(guide, contents.values)
    lists = lists_of(contents.indicators)
    for sheet in workbook.SHEETS:
        made = book.create_sheet(workbook.sheet_name(sheet.table))
        _write_data(made, sheet, contents.rows.get(sheet.table, ()), lists)
    _write_checklist(book.create_sheet(workbook.sheet_name("checklist")), contents.asked)
    _write_lists(book.create_sheet(workbook.sheet_name("lists")), lists)
    properties = book.properties
    properties.title = text("new_study.guide.title", "vi", **contents.values)
    properties.creator, properties.created, properties.modified = "", _MADE, _MADE
    written = io.BytesIO()
    # The library's own `save` would write the moment of saving into the file.
    ExcelWriter(book, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED)).save()
    return timeless(written.getvalue())


def checklist_cells(asked: Asked, language: Language) -> list[str]:
    """Word one thing to collect: what, of whom, where, and what it then allows."""
    words = f"new_study.checklist.{asked.name}"
    places = [_place(table, names, language) for table, names in asked.places]
    known = assumptions.load()
    assumed = [f"{one} ({known[one].short.in_language(language)})" for one in asked.assumed]
    return [
        text(f"{words}.what", language, **asked.numbers),
        text(f"{words}.of", language, **asked.numbers),
        "; ".join(places),
        text(f"label.design.{asked.design}", language),
        text(f"label.grade.{asked.grade}", language),
        ", ".join(assumed),
        text(f"{words}.without", language, **asked.numbers),
    ]


def _place(table: str, names: Sequence[str], language: Language) -> str:
    sheet = workbook.sheet_of(table)
    columns = [
        workbook.column_label(sheet, column, language)
        for column in sheet.columns
        if column.name in names
    ]
    return f"{workbook.sheet_name(table, language)}: {', '.join(columns)}"


def _write_data(
    made: Worksheet, sheet: Sheet, rows: Sequence[Cells], lists: Mapping[str, Listed]
) -> None:
    for at, column in enumerate(sheet.columns, start=1):
        _write_header(made, at, sheet, column)
        if rule := rule_of(sheet, column, lists):
            made.add_data_validation(rule)
        whole = made.column_dimensions[get_column_letter(at)]
        whole.number_format = FORMATS[column.kind]  # of every cell that nobody has touched yet
        for row, cells in enumerate(rows, start=workbook.HEADER_ROW + 1):
            if value := cells.get(column.name):
                cell = made.cell(row, at, value)
                cell.number_format = FORMATS[column.kind]
    made.freeze_panes = _BELOW_HEADER
    made.row_dimensions[workbook.HEADER_ROW].height = 3 * _LINE_HEIGHT
    _print_wide(made)


def _write_header(made: Worksheet, at: int, sheet: Sheet, column: Column) -> None:
    """Head a column; one that must be filled in has a star, not a colour alone."""
    mark = f" {REQUIRED}" if column.required else ""
    cell = made.cell(workbook.HEADER_ROW, at)
    cell.value = f"{workbook.header_cell(sheet, column)}{mark}"
    cell.font, cell.alignment, cell.border = Font(bold=True), _WRAPPED, _LINE
    cell.fill = _NEEDED if column.required else _HEAD
    helps = [workbook.help_text(sheet, column, language) for language in LANGUAGES]
    needed = [text("new_study.required", language) for language in LANGUAGES if column.required]
    cell.comment = Comment("\n".join([*needed[:1], *helps, *needed[1:]]), "", height=140, width=320)
    label = max(cell.value.split("\n"), key=len)
    width = max(_WIDTHS[column.kind], len(label) + 2)
    made.column_dimensions[get_column_letter(at)].width = width


def _write_guide(made: Worksheet, values: Mapping[str, object]) -> None:
    """Write numbered steps, Vietnamese first and all of English below."""
    for at, width in enumerate(_GUIDE_WIDTHS, start=1):
        made.column_dimensions[get_column_letter(at)].width = width
    row = 0
    for language in LANGUAGES:
        for part in ("title", "required", "steps", "rules"):
            row += 1
            named = {**values, **_words_of_sheets(language)}
            if part in ("title", "required"):
                cell = made.cell(row, 1, text(f"new_study.guide.{part}", language, **named))
                cell.font = Font(bold=part == "title", size=14 if part == "title" else 11)
                continue
            cell = made.cell(row, 1, text(f"new_study.guide.{part}.head", language))
            cell.font = Font(bold=True)
            for number, words in enumerate(_numbered(part, language, named), start=1):
                row += 1
                made.cell(row, 1, number).alignment = _WRAPPED
                _wrap(made, row, 2, words, _GUIDE_WIDTHS[1])
        row += 1
    made.sheet_view.showGridLines = False
    _print_wide(made)


def _numbered(part: str, language: Language, values: Mapping[str, object]) -> list[str]:
    found, number = [], 1
    while catalogue.has(key := f"new_study.guide.{part}.{number}"):
        found.append(text(key, language, **values))
        number += 1
    return found


def _words_of_sheets(language: Language) -> dict[str, str]:
    """Name sheets, a header and choices as the file does; English adds what they mean."""
    figures = {column.name: column for column in workbook.sheet_of("observations").columns}
    groups = {column.name: column for column in workbook.sheet_of("pilots").columns}

    def both(name: Callable[[Language], str]) -> str:
        shown = f"“{name('vi')}”"
        return shown if language == "vi" else f"{shown} ({name(language)})"

    def choice(column: Column, value: str) -> str:
        return both(lambda to: workbook.shown_choice(column, value, to))

    keys = [*(sheet.table for sheet in workbook.SHEETS), *workbook.ASIDE]
    header = partial(workbook.column_label, workbook.sheet_of("observations"), figures["qualifier"])
    return {f"sheet_{key}": both(partial(workbook.sheet_name, key)) for key in keys} | {
        "comparison": choice(groups["arm"], "comparison"),
        "before": choice(figures["role"], "before"),
        "after": choice(figures["role"], "after"),
        "none_yet": choice(figures["qualifier"], "none_yet"),
        "qualifier": both(header),
    }


def _write_checklist(made: Worksheet, asked: Sequence[Asked]) -> None:
    """Write what to collect, the weakest design first, a cell's English below its Vietnamese."""
    for at, (name, width) in enumerate(zip(_CHECKLIST, _CHECKLIST_WIDTHS, strict=True), start=1):
        heading = "\n".join(text(f"new_study.checklist.heading.{name}", to) for to in LANGUAGES)
        cell = made.cell(workbook.HEADER_ROW, at, heading)
        cell.font, cell.alignment, cell.border, cell.fill = (
            Font(bold=True), _WRAPPED, _LINE, _HEAD,
        )  # fmt: skip
        made.column_dimensions[get_column_letter(at)].width = width
    made.row_dimensions[workbook.HEADER_ROW].height = 3 * _LINE_HEIGHT
    for row, one in enumerate(asked, start=workbook.HEADER_ROW + 1):
        told = zip(*(checklist_cells(one, language) for language in LANGUAGES), strict=True)
        for at, words in enumerate(told, start=1):
            _wrap(made, row, at, "\n".join(words), _CHECKLIST_WIDTHS[at - 1])
    made.freeze_panes = _BELOW_HEADER
    _print_wide(made)


def _write_lists(made: Worksheet, lists: Mapping[str, Listed]) -> None:
    for listed in lists.values():
        cell = made[f"{listed.letter}{workbook.HEADER_ROW}"]
        cell.value, cell.font, cell.alignment = listed.heading, Font(bold=True), _WRAPPED
        made.column_dimensions[listed.letter].width = 34
        for row, value in enumerate(listed.cells, start=workbook.HEADER_ROW + 1):
            made[f"{listed.letter}{row}"] = value
    made.row_dimensions[workbook.HEADER_ROW].height = 2 * _LINE_HEIGHT
    made.freeze_panes = _BELOW_HEADER


def _wrap(made: Worksheet, row: int, at: int, words: str, width: int) -> None:
    """Write wrapped words and make the row high enough for them: Excel does not on opening."""
    cell = made.cell(row, at, words)
    cell.alignment = _WRAPPED
    lines = sum(-(-max(len(line), 1) // width) for line in words.split("\n"))
    high = made.row_dimensions[row]
    high.height = max(high.height or 0.0, lines * _LINE_HEIGHT + 3)


def _print_wide(made: Worksheet) -> None:
    made.page_setup.orientation, made.page_setup.paperSize = "landscape", "9"  # A4
    made.page_setup.fitToWidth, made.page_setup.fitToHeight = 1, 0
    made.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
