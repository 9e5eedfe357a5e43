"""What every reader of raw files hands on: sheets of untouched cells, and what was found there.

Nothing is converted here. A cell of a text file is text; a cell of a workbook keeps the type that
the workbook gives it, because "05/04" as text and a true date need different care.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Cell = str | float | int | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
PATH = " > "
Outcome = Literal["repaired", "flagged", "rejected", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that was found in a file: where, what, which rule, and what became of it.

    `rule` is an id under `ingest.rule` of the catalogue. `row` counts from 1 as the file's reader
    sees it; `column` is the header as printed, or the column's letter before headers are known.
    `value` is cut to 80 characters and holds no personal data.
    """

    file: str
    rule: str
    outcome: Outcome
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet (or the one table of a text file): rows of cells, all of one width.

    `first_row` is the number, in the file, of the first row of `rows`; `numbers` tells the number
    of each row where lines were left out or a row takes several lines. Places in `merged`,
    `percent` and `struck` count rows and columns of `rows` from 0. `percent` marks cells shown with
    a percent format (0.615 shown as 61.5%); `struck` cells that are struck through; `hidden` rows
    that a filter or a person hid. `merged` holds (first row, first column, last row, last column).
    `date1904`: serial numbers of days count from 1904.
    """

    file: str
    name: str
    rows: Sequence[Sequence[Cell]]
    first_row: int = 1
    merged: Sequence[tuple[int, int, int, int]] = ()
    percent: frozenset[tuple[int, int]] = frozenset()
    struck: frozenset[tuple[int, int]] = frozenset()
    hidden: frozenset[int] = frozenset()
    found: Sequence[Found] = ()
    numbers: Sequence[int] = ()
    date1904: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """The table found on a sheet: one name per column, body rows with their numbers in the file.

    Titles, numbering rows, totals, section rows and signatures are taken out and told in `found`;
    labels merged down several rows are filled in. `totals` keeps the rows of totals by the number
    of the row, for checks of sums. `sections` names the section of each body row where there are
    section rows. `percent` and `filled` (cells that a merged range filled in) count from 0 in
    `rows`. `titles` and `foot` are the texts above and below the table. A name of a header in
    several rows is written with PATH between its parts.
    """

    file: str
    sheet: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: Sequence[int]
    percent: frozenset[tuple[int, int]] = frozenset()
    totals: Mapping[int, Sequence[Cell]] = field(default_factory=dict)
    sections: Sequence[str] = ()
    found: Sequence[Found] = ()
    filled: frozenset[tuple[int, int]] = frozenset()
    titles: Sequence[str] = ()
    foot: Sequence[str] = ()
    date1904: bool = False


def row_number(sheet: Sheet, at: int) -> int:
    """Tell the number, in the file, of one row of a sheet."""
    return sheet.numbers[at] if sheet.numbers else sheet.first_row + at
