"""Days as Vietnamese offices write them, day first and never guessed; one form in one column.

A spreadsheet set to month-first reading turns "03/05/2026" into a true date in May's place and
leaves "25/05/2026" as text. Each cell looks right alone, so a column is judged before its cells: a
column that mixes true dates with text, or day-first text with ISO text, is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Literal

from commune_pilots.sources.cells import Cell, RawTable
from commune_pilots.sources.refusals import refusal, shown

Form = Literal["day_first", "iso", "iso_zoned", "compact", "cell", "serial"]
LOCAL = dt.timezone(dt.timedelta(hours=7))  # Indochina time: no summer time since 1975
FIRST_YEAR = 2000
_TIME = r"(?:[ T,]+(?P<hour>[01]?\d|2[0-3])[:h](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)?"
_DAY_FIRST = re.compile(
    rf"(?:ngày )?(?P<day>\d{{1,2}})(?P<mark>[/.\-])(?P<month>\d{{1,2}})(?P=mark)"
    rf"(?P<year>\d{{4}}|\d{{2}}){_TIME}"
)
_WORDS = re.compile(
    r"(?:[^,\d]{0,40}, ?)?ngày (?P<day>\d{1,2}) tháng (?P<month>\d{1,2}) năm (?P<year>\d{4})"
)
_ISO = re.compile(
    rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}}){_TIME}"
    r"(?:[.,]\d{1,9})?(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_COMPACT = re.compile(
    r"(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d))?"
)
_SERIALS = range(36526, 73051)  # days of 2000 to 2099 as Excel counts them from 1900
_SHIFT_1904 = 1462


def form_of(cell: Cell) -> Form | None:
    """Name the form in which a day is written; None if it is none."""
    if isinstance(cell, dt.datetime | dt.date):
        return "cell"
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return "serial" if int(cell) in range(36526 - _SHIFT_1904, 73051) else None
    if not isinstance(cell, str):
        return None
    if found := _ISO.fullmatch(cell.strip()):
        return "iso_zoned" if found["zone"] else "iso"
    text = cell.strip().lower()
    if _COMPACT.fullmatch(text):
        return "compact"
    return "day_first" if _DAY_FIRST.fullmatch(text) or _WORDS.fullmatch(text) else None


def parse_day(cell: Cell, *, date1904: bool = False) -> dt.datetime:
    """Read one day, with its time where it has one, as local time.

    Text is dd/mm/yyyy (marks / - . alike, two-digit years of this century), "ngày 3 tháng 5 năm
    2026", or ISO; an offset is taken to Indochina time, so that 17:00Z is the next local midnight.
    Numbers are serials of the workbook's date system. Raises ValueError for anything else, 31/06
    and years outside 2000 to 2099 included.
    """
    if isinstance(cell, dt.datetime):
        moment = cell
    elif isinstance(cell, dt.date):
        moment = dt.datetime(cell.year, cell.month, cell.day)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        days = cell + (_SHIFT_1904 if date1904 else 0)
        if int(days) not in _SERIALS:
            raise ValueError(cell)
        moment = dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(days * 86_400))
    else:
        moment = _from_text(str(cell or ""))
    if not FIRST_YEAR <= moment.year < FIRST_YEAR + 100:
        raise ValueError(cell)
    return moment


def _from_text(text: str) -> dt.datetime:
    plain = text.strip().lower()
    forms = (_ISO, _COMPACT)
    found = next(filter(None, (form.fullmatch(text.strip()) for form in forms)), None)
    found = found or _DAY_FIRST.fullmatch(plain) or _WORDS.fullmatch(plain)
    if found is None:
        raise ValueError(text)
    parts = found.groupdict()
    year = int(parts["year"])
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    moment = dt.datetime(
        year + FIRST_YEAR if year < 100 else year,
        int(parts["month"]),
        int(parts["day"]),
        hour,
        minute,
        second,
    )
    zone = parts.get("zone")
    if zone is None:
        return moment
    if zone == "Z":
        offset = dt.timedelta()
    else:
        sign = -1 if zone[0] == "-" else 1
        offset = sign * dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return moment.replace(tzinfo=dt.timezone(offset)).astimezone(LOCAL).replace(tzinfo=None)


def check_form(cells: Sequence[Cell], *, table: RawTable, column: str) -> Form | None:
    """Refuse a column of days written in two forms; give the one form, or None without a day.

    `cells` follow the rows of `table`. Raises InputError naming the first row of the rarer form.
    """
    places: dict[Form, list[int]] = {}
    for at, cell in enumerate(cells):
        form = form_of(cell)
        if form is not None:
            places.setdefault(form, []).append(at)
    if not places:
        return None
    common, *others = sorted(places, key=lambda form: -len(places[form]))
    if others:
        at = places[others[0]][0]
        raise refusal(
            "dates_mixed",
            file=table.file,
            sheet=table.sheet,
            row=table.numbers[at],
            column=column,
            found=cells[at],
            other=shown(cells[places[common][0]]),
            other_row=table.numbers[places[common][0]],
        )
    return common
