"""Tables of a Word paper: caption above, header row on every page, columns as wide as needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bs4 import Tag
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Mm

from commune_pilots.briefing.decree import TABLE_TEXT, WIDTH_MM
from commune_pilots.briefing.tables import MOST_COLUMNS
from commune_pilots.briefing.word_text import (
    Look,
    Sheet,
    add_run,
    begin,
    child,
    mark,
    read_look,
    write,
)

_TWIPS_A_MM = 1440 / 25.4
_MM_A_LETTER = 1.85  # of table text, on average
_LONGEST_WORD = 24  # letters: what is longer, a hash, is broken
_PADDING_LETTERS = 2
_HANGING = Mm(3)


def add_table(sheet: Sheet, tag: Tag, look: Look) -> None:
    """Write a table of the page: every row whole on one page, row headers as they were."""
    caption = tag.find("caption")
    if isinstance(caption, Tag):
        write(sheet, begin(sheet, sheet.body, "Caption")._p, caption, look)
    rows = tag.find_all("tr")
    widths = column_widths([[cell.get_text(" ") for cell in _cells(row)] for row in rows])
    table: Any = OxmlElement("w:tbl")
    sheet.body.insert_element_before(table, "w:sectPr")
    about = child(table, "w:tblPr")
    child(about, "w:tblStyle", val=str(sheet.paper.styles["Table Grid"].style_id))
    child(about, "w:tblW", w=str(sum(widths)), type="dxa")
    child(about, "w:tblLayout", type="fixed")
    child(about, "w:tblLook", val="00A0", firstRow="1", firstColumn="1", noVBand="1", noHBand="1")
    if isinstance(caption, Tag):
        child(about, "w:tblCaption", val=caption.get_text())
    grid = child(table, "w:tblGrid")
    for width in widths:
        child(grid, "w:gridCol", w=str(width))
    right = _flush_right(tag)
    for row in rows:
        _add_row(sheet, child(table, "w:tr"), row, list(zip(widths, right, strict=False)), look)


def column_widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Share the width of the paper out (twips): words whole, the rest to columns that say more."""
    columns = list(zip(*rows, strict=True))
    least = [
        _MM_A_LETTER * (_PADDING_LETTERS + min(_LONGEST_WORD, max(map(_longest, column))))
        for column in columns
    ]
    spare = WIDTH_MM - sum(least)
    if spare < 0:
        shares = [width * WIDTH_MM / sum(least) for width in least]
    else:
        said = [(1 + sum(map(len, column))) ** 0.75 for column in columns]
        shares = [width + spare * some / sum(said) for width, some in zip(least, said, strict=True)]
    return [round(share * _TWIPS_A_MM) for share in shares]


def _longest(text: str) -> int:
    return max(map(len, re.split(r"[\s-]+", text)), default=0)  # a hyphen may end a line


def _flush_right(table: Tag) -> list[bool]:
    """Read from the region of a table which of its columns are set flush right."""
    classes = table.parent.get_attribute_list("class") if table.parent is not None else []
    return [f"r{at}" in classes for at in range(MOST_COLUMNS)]


def _add_row(
    sheet: Sheet, made: Any, row: Tag, columns: Sequence[tuple[int, bool]], look: Look
) -> None:
    header = row.parent is not None and row.parent.name == "thead"
    about = child(made, "w:trPr")
    child(about, "w:cantSplit")
    if header:
        child(about, "w:tblHeader")
    mark(sheet, row)
    for cell, (width, right) in zip(_cells(row), columns, strict=True):
        place = child(made, "w:tc")
        child(child(place, "w:tcPr"), "w:tcW", w=str(width), type="dxa")
        mark(sheet, cell)
        shown = read_look(cell, Look(bold=look.bold or header, language=look.language))
        words = begin(sheet, place, TABLE_TEXT)
        words.paragraph_format.keep_with_next = header or None
        if right:
            words.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        write(sheet, words._p, cell, shown)
        for item in cell.find_all("li"):
            line = begin(sheet, place, TABLE_TEXT) if words.text else words
            line.paragraph_format.left_indent = _HANGING
            line.paragraph_format.first_line_indent = -_HANGING
            add_run(line._p, "– ", shown)
            write(sheet, line._p, item, shown)


def _cells(row: Tag) -> list[Tag]:
    return list(row.find_all(["th", "td"], recursive=False))
