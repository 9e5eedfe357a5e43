"""The lists that cells of a study workbook choose from, and the formulas that point at them.

Everything to choose stands in columns of one sheet. Units and sources are those of their own
sheets, so a row added there is offered at once; that takes formulas, on the sheet of lists only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openpyxl.utils import get_column_letter, quote_sheetname

from commune_pilots.contracts import workbook
from commune_pilots.contracts.workbook import Column, Sheet
from commune_pilots.params import Indicator

FIRST_ROW = workbook.HEADER_ROW + 1
MOST_ROWS = 2000
LAST_ROW = workbook.HEADER_ROW + MOST_ROWS
_OWN_SHEET = {"unit": "units", "source": "sources"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One column of the sheet of lists: its letter, its heading, the cells below it."""

    letter: str
    heading: str
    cells: tuple[str, ...]

    @property
    def last(self) -> int:
        """Row of the last cell."""
        return workbook.HEADER_ROW + len(self.cells)


def lists_of(indicators: Mapping[str, Indicator]) -> dict[str, Listed]:
    """Lay out what cells choose from; indicators in the order given, definitions below each.

    Keys are the words of a closed vocabulary, `indicator`, `definition` with `definition_of` (the
    indicator of each), `unit` and `source`.
    """
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for sheet in workbook.SHEETS:
        for column in sheet.columns:
            if column.kind == "choice":
                heading = workbook.header_cell(sheet, column)
                found.setdefault(column.words, (heading, workbook.shown_choices(column)))
    shown = {name: workbook.shown_reference(name, one.label_vi) for name, one in indicators.items()}
    pairs = [
        (shown[name], workbook.shown_reference(definition, way.vi))
        for name, one in indicators.items()
        for definition, way in one.definitions.items()
    ]
    figures = workbook.sheet_of("observations")
    headings = {column.name: workbook.header_cell(figures, column) for column in figures.columns}
    found["indicator"] = headings["indicator"], tuple(shown.values())
    found["definition_of"] = headings["indicator"], tuple(of for of, _ in pairs)
    found["definition"] = headings["definition"], tuple(way for _, way in pairs)
    for refers in _OWN_SHEET:
        found[refers] = headings[refers], tuple(_beside(refers, row) for row in _rows())
    return {
        key: Listed(letter=get_column_letter(at), heading=heading, cells=cells)
        for at, (key, (heading, cells)) in enumerate(found.items(), start=1)
    }


def list_formula(sheet: Sheet, column: Column, lists: Mapping[str, Listed]) -> str:
    """Give the range that a cell in the first row of a column chooses from.

    Definitions offered are those of the indicator in the same row, or of the share filed online
    where a sheet has no column for it.
    """
    if column.kind == "choice":
        return _range(lists[column.words])
    assert column.refers is not None
    if column.refers in _OWN_SHEET:
        own = _own_range(column.refers)
        start = f"{_lists()}!${lists[column.refers].letter}${FIRST_ROW}"
        return f"OFFSET({start},0,0,MAX(1,COUNTA({own})),1)"
    if column.refers == "indicator":
        return _range(lists["indicator"])
    return _definitions(sheet, lists)


def column_letter(sheet: Sheet, name: str) -> str | None:
    """Give the letter of a column of a sheet; None if it has none of this name."""
    names = [column.name for column in sheet.columns]
    return get_column_letter(names.index(name) + 1) if name in names else None


def _definitions(sheet: Sheet, lists: Mapping[str, Listed]) -> str:
    """Point at the definitions of one indicator, which stand together."""
    of, ways = lists["definition_of"], lists["definition"]
    indicator = column_letter(sheet, "indicator")
    if indicator is None:
        online = [workbook.code_of(cell) == "online_share" for cell in of.cells]
        first = FIRST_ROW + online.index(True)
        return f"{_lists()}!${ways.letter}${first}:${ways.letter}${first + sum(online) - 1}"
    cell = f"${indicator}{FIRST_ROW}"
    start = f"{_lists()}!${ways.letter}${workbook.HEADER_ROW}"
    return f"OFFSET({start},MATCH({cell},{_range(of)},0),0,COUNTIF({_range(of)},{cell}),1)"


def _range(listed: Listed) -> str:
    return f"{_lists()}!${listed.letter}${FIRST_ROW}:${listed.letter}${listed.last}"


def _own_range(refers: str) -> str:
    return f"{_sheet(_OWN_SHEET[refers])}!$A${FIRST_ROW}:$A${LAST_ROW}"


def _beside(refers: str, row: int) -> str:
    """Write code and name of a row as one text; nothing where the row has no code."""
    sheet = _sheet(_OWN_SHEET[refers])
    code, name = f"{sheet}!A{row}", f"{sheet}!B{row}"
    return f'=IF({code}="","",{code}&"{workbook.MARK}"&{name})'


def _rows() -> range:
    return range(FIRST_ROW, LAST_ROW + 1)


def _lists() -> str:
    return _sheet("lists")


def _sheet(key: str) -> str:
    return str(quote_sheetname(workbook.sheet_name(key)))
