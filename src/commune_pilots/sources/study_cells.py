"""One cell of a study's workbook to a value of its column's kind, or the rule that it breaks.

Nothing is guessed: a number cell is no figure as printed, because Excel drops the zero of "2,0" and
a number is no code, because it drops the zero of "01837".
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from commune_pilots.contracts import workbook
from commune_pilots.contracts.workbook import Column
from commune_pilots.sources.cells import Cell
from commune_pilots.sources.dates import FIRST_YEAR, parse_day
from commune_pilots.sources.texts import LOST, is_error, is_hostile, plain_text, text_of
from commune_pilots.sources.vietnamese import parse_figure
from commune_pilots.sources.workbook import NOT_COMPUTED

Rule = Literal[
    "study_error", "study_uncomputed", "study_hostile", "study_text", "study_code",
    "study_reference", "study_code_number",
    "study_figure_number", "study_day", "study_day_number", "study_month", "study_start",
    "study_start_cell", "study_count", "study_number", "study_choice",
]  # fmt: skip
Precision = Literal["day", "month", "year", "unknown"]
CODE = re.compile(r"[0-9A-Za-z_-]{1,20}")
_MONTHS = (
    re.compile(r"(?:tháng )?(?P<month>0?[1-9]|1[0-2])\s*[/.-]\s*(?P<year>20\d\d)"),
    re.compile(r"tháng (?P<month>0?[1-9]|1[0-2]) năm (?P<year>20\d\d)"),
    re.compile(r"(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])"),
)
_YEAR = re.compile(r"20\d\d")
_NUMBER = re.compile(r"\d[\d.]*(?:,\d+)?")


class CellError(ValueError):
    """A cell that breaks one rule, named under `rule` of the catalogue."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self.rule: Rule = rule


@dataclass(frozen=True, slots=True)
class Start:
    """The day on which something began, and how much of it is known."""

    day: dt.datetime
    precision: Precision


def read_cell(cell: Cell, column: Column, *, date1904: bool = False) -> object:
    """Read one cell that is not blank as its column's kind.

    Text, codes, choices and figures give text, references a tuple of codes, `start` a Start,
    `month` the first day of the month. Raises CellError.
    """
    if is_error(cell):
        raise CellError("study_uncomputed" if cell == NOT_COMPUTED else "study_error")
    if isinstance(cell, str):
        cell, _ = plain_text(cell)
        if is_hostile(cell) or LOST in cell:
            raise CellError("study_hostile")
    if column.kind in ("day", "start", "month"):
        return _DAYS[column.kind](cell, date1904)
    return _READ[column.kind](cell, column)


def plain(cell: Cell) -> Cell:
    """Bring a cell to what counts of it: plain text; None for a cell that holds nothing."""
    return (plain_text(cell)[0] or None) if isinstance(cell, str) else cell


def _text(cell: Cell, column: Column) -> str:
    if isinstance(cell, bool | dt.date | dt.time | dt.timedelta):
        raise CellError("study_text")
    return text_of(cell)


def _code(cell: Cell, column: Column) -> str:
    if not isinstance(cell, str):
        raise CellError("study_code_number")
    if not CODE.fullmatch(cell):
        raise CellError("study_code")
    return cell


def _figure(cell: Cell, column: Column) -> str:
    if not isinstance(cell, str):
        raise CellError("study_figure_number")
    return cell


def _choice(cell: Cell, column: Column) -> str:
    choices = _folded(workbook.choices_of(column))
    try:
        return choices[str(cell).casefold()]
    except KeyError:
        raise CellError("study_choice") from None


def _folded(choices: Mapping[str, str]) -> dict[str, str]:
    return {shown.casefold(): value for shown, value in choices.items()}


def _references(cell: Cell, column: Column) -> tuple[str, ...]:
    if not isinstance(cell, str):
        raise CellError("study_code_number")
    several = column.kind == "references"
    parts = cell.split(workbook.AND.strip()) if several else [cell]
    codes = tuple(code for part in parts if (code := workbook.code_of(part)))
    if not codes or not all(re.fullmatch(r"[0-9A-Za-z_-]{1,80}", code) for code in codes):
        raise CellError("study_reference")
    return codes


def reference_names(text: str, column: Column) -> tuple[str, ...]:
    """Give the words after each code of a cell that refers, in the order of its codes."""
    parts = text.split(workbook.AND.strip()) if column.kind == "references" else [text]
    return tuple(workbook.name_of(part) for part in parts if workbook.code_of(part))


def _count(cell: Cell, column: Column) -> int:
    if isinstance(cell, str):
        try:
            figure = parse_figure(cell) if _NUMBER.fullmatch(cell) else None
        except ValueError:
            figure = None
        if figure is None or figure.decimals:
            raise CellError("study_count")
        return int(figure.value)
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise CellError("study_count")
    if cell < 0 or cell != int(cell):
        raise CellError("study_count")
    return int(cell)


def _number(cell: Cell, column: Column) -> float:
    if isinstance(cell, str):
        try:
            if _NUMBER.fullmatch(cell):
                return float(parse_figure(cell).value)
        except ValueError:
            pass
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    raise CellError("study_number")


def _day(cell: Cell, date1904: bool) -> dt.datetime:
    if isinstance(cell, int | float):
        raise CellError("study_day_number")
    try:
        moment = parse_day(cell, date1904=date1904)
    except ValueError:
        raise CellError("study_day") from None
    if moment.time() != dt.time():
        raise CellError("study_day")
    return moment


def _month(cell: Cell, date1904: bool) -> dt.datetime:
    """Read a month; a date counts where it is the first day: what Excel makes of 03/2024."""
    if isinstance(cell, str) and (found := _written_month(cell)):
        return found
    if isinstance(cell, str | dt.date):
        try:
            day = _day(cell, date1904)
        except CellError:
            raise CellError("study_month") from None
        if day.day == 1:
            return day
    elif isinstance(cell, int | float):
        raise CellError("study_day_number")
    raise CellError("study_month")


def _written_month(text: str) -> dt.datetime | None:
    for form in _MONTHS:
        if found := form.fullmatch(text.lower()):
            return dt.datetime(int(found["year"]), int(found["month"]), 1)
    return None


def _start(cell: Cell, date1904: bool) -> Start:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if cell == int(cell) and FIRST_YEAR <= cell < FIRST_YEAR + 100:
            return Start(dt.datetime(int(cell), 1, 1), "year")
        raise CellError("study_day_number")
    if isinstance(cell, str):
        if _YEAR.fullmatch(cell):
            return Start(dt.datetime(int(cell), 1, 1), "year")
        if month := _written_month(cell):
            return Start(month, "month")
    try:
        day = _day(cell, date1904)
    except CellError:
        raise CellError("study_start") from None
    if day.day == 1 and isinstance(cell, dt.date):
        raise CellError("study_start_cell")
    return Start(day, "day")


def last_day(month: dt.datetime) -> dt.datetime:
    """Give the last day of a month from its first."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


_DAYS: dict[str, Callable[[Cell, bool], object]] = {"day": _day, "start": _start, "month": _month}
_READ: dict[str, Callable[[Cell, Column], object]] = {
    "text": _text,
    "code": _code,
    "figure": _figure,
    "choice": _choice,
    "reference": _references,
    "references": _references,
    "count": _count,
    "number": _number,
}
