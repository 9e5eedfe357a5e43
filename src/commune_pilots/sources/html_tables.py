"""Tables of an HTML page, which many one-stop systems save under the name of an Excel file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Cell, Found, Sheet

MOST_SPAN, _LONGEST_SPAN = 1000, 6
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LINE_THROUGH = re.compile(r"line-through", re.IGNORECASE)


def read_html_tables(text: str, *, file: str) -> list[Sheet]:
    """Read each table of a page as a sheet of text cells; spans are kept as merged cells.

    A table inside a cell of another is a table of its own. Rows that a page hides and text that it
    strikes through are marked; scripts and styles are not read. Raises InputError where the page
    holds no table with a row.
    """
    reader = _Tables()
    reader.feed(text)
    reader.close()
    filled = [table for table in reader.tables if any(map(any, table.rows))]
    if not filled:
        raise InputError("html_no_table", file=file)
    told = (Found(file=file, rule="html_table", outcome="repaired"),)
    return [
        Sheet(
            file=file,
            name=str(at),
            rows=_square(table.rows),
            merged=tuple(table.merged),
            struck=frozenset(table.struck),
            hidden=frozenset(table.hidden),
            found=told,
        )
        for at, table in enumerate(filled, start=1)
    ]


def _square(rows: list[list[Cell]]) -> list[list[Cell]]:
    width = max(map(len, rows))
    return [[*row, *[None] * (width - len(row))] for row in rows]


@dataclass(slots=True)
class _Table:
    """One table while it is read: its cells so far, and the cell that is open."""

    rows: list[list[Cell]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    struck: set[tuple[int, int]] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    taken: set[tuple[int, int]] = field(default_factory=set)
    text: list[str] | None = None
    span: tuple[int, int] = (1, 1)
    line: bool = False


class _Tables(HTMLParser):
    """Collects the cells of every table; the innermost open table takes the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._ignored = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        style = named.get("style") or ""
        if tag in ("script", "style"):
            self._ignored += 1
        elif tag == "table":
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif not self._open:
            return
        elif tag == "tr":
            _end_cell(self._open[-1])
            self._open[-1].rows.append([])
            if "hidden" in named or _UNSEEN.search(style):
                self._open[-1].hidden.add(len(self._open[-1].rows) - 1)
        elif tag in ("td", "th") and self._open[-1].rows:
            table = self._open[-1]
            _end_cell(table)
            table.text = []
            table.span = (_count(named.get("rowspan")), _count(named.get("colspan")))
            table.line = bool(_LINE_THROUGH.search(style))
        elif tag == "br" and self._open[-1].text is not None:
            self._open[-1].text.append("\n")
        elif tag in ("s", "strike", "del") or _LINE_THROUGH.search(style):
            self._open[-1].line = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._ignored = max(0, self._ignored - 1)
        elif self._open and tag in ("td", "th", "tr", "table"):
            _end_cell(self._open[-1])
            if tag == "table":
                self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].text is not None and not self._ignored:
            self._open[-1].text.append(data)


def _end_cell(table: _Table) -> None:
    """Write the open cell into its row, right of the places that spans of rows above take."""
    if table.text is None:
        return
    row, (down, across) = len(table.rows) - 1, table.span
    cells = table.rows[-1]
    while (row, len(cells)) in table.taken:
        cells.append(None)
    column = len(cells)
    cells.append("".join(table.text).strip() or None)
    cells.extend([None] * (across - 1))
    table.taken |= {
        (row + below, column + right) for below in range(1, down) for right in range(across)
    }
    if down > 1 or across > 1:
        table.merged.append((row, column, row + down - 1, column + across - 1))
    if table.line:
        table.struck.add((row, column))
    table.text, table.line = None, False


def _count(text: str | None) -> int:
    """Read a span; the digits are counted before they are read, since they may be thousands."""
    plain = (text or "").strip()
    whole = plain.isascii() and plain.isdecimal() and len(plain) < _LONGEST_SPAN
    return min(MOST_SPAN, max(1, int(plain))) if whole else 1
