"""Periods as Vietnamese reports name them: months, quarters, halves, years, spans of days.

"6 tháng đầu năm 2023" and "lũy kế đến tháng 6/2023" are both January to June. A period is never
rounded to a month; a name without a year needs the year from elsewhere.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from commune_pilots.sources.cells import Cell
from commune_pilots.sources.dates import FIRST_YEAR, parse_day
from commune_pilots.sources.vietnamese import normalise

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPELLED = {
    "một": 1, "giêng": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7,
    "bẩy": 7, "tám": 8, "chín": 9, "mười": 10, "mười một": 11, "mười hai": 12, "chạp": 12,
}  # fmt: skip
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_Y = r"(?P<year>20\d\d)"
_OF = r"\s*(?:[/.,\-]\s*(?:năm\s*)?|năm\s*|\s)\s*"
_M = r"(?P<month>0?[1-9]|1[0-2])"
_D = r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}"
_SPELL = "|".join(sorted(_SPELLED, key=len, reverse=True))
_TO = r"\s*(?:đến hết|đến|tới|-|–|->)\s*(?:hết\s*)?"
_NOT_IN = r"(?<![\w/.\-])"

# The order matters: what says more comes first.
_FORMS = (
    ("span", rf"(?:từ\s*)?(?:ngày\s*)?(?P<first>{_D}){_TO}(?:ngày\s*)?(?P<last>{_D})"),
    (
        "months",
        rf"(?:từ\s*)?(?:tháng|t)\s*(?P<from>0?[1-9]|1[0-2]){_TO}(?:tháng|t)?\s*{_M}{_OF}{_Y}",
    ),
    ("since", rf"l(?:uỹ|ũy)\s*kế[^\d]*(?:tháng|t)\s*{_M}{_OF}{_Y}"),
    ("since_day", rf"(?:l(?:uỹ|ũy)\s*kế|từ đầu năm)[^\d]*(?P<last>{_D})"),
    ("first", rf"(?P<count>\d{{1,2}}|{_SPELL})\s*tháng\s*đầu\s*năm\s*{_Y}"),
    ("last", rf"(?P<count>\d{{1,2}}|{_SPELL})\s*tháng\s*cuối\s*năm\s*{_Y}"),
    ("quarter", rf"(?:qu[ýí]|q)\s*\.?\s*(?P<quarter>iv|i{{1,3}}|[1-4]){_OF}{_Y}"),
    ("month", rf"(?:tháng|th|t|m)\s*\.?\s*{_M}{_OF}{_Y}"),
    ("spelled", rf"tháng\s*(?P<word>{_SPELL})\s*(?:[/,]\s*)?năm\s*{_Y}"),
)  # fmt: skip
_ALONE = (
    ("month", rf"(?:kỳ\s*)?{_M}\s*[/.\-]\s*{_Y}"),
    ("month", rf"{_Y}\s*[/.\-]\s*{_M}"),
    ("month", r"(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])"),
    ("month_short", rf"(?:tháng|t)\s*{_M}\s*[/.\-]\s*(?P<short>\d\d)"),
    ("english", rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*[ .\-]*(?:{_Y}|(?P<short>\d\d))"),
    ("year", rf"(?:cả\s*)?(?:năm\s*)?{_Y}"),
)
_WITHOUT_YEAR = (
    ("quarter", r"(?:qu[ýí]|q)\s*\.?\s*(?P<quarter>iv|i{1,3}|[1-4])"),
    ("month", rf"(?:tháng|th|t|m)\s*\.?\s*{_M}"),
    ("spelled", rf"tháng\s*(?P<word>{_SPELL})"),
    ("first", rf"(?P<count>\d{{1,2}}|{_SPELL})\s*tháng\s*đầu\s*năm"),
    ("last", rf"(?P<count>\d{{1,2}}|{_SPELL})\s*tháng\s*cuối\s*năm"),
)
_BARE_MONTH = re.compile(_M)
_SIGNED = re.compile(
    rf"ngày\s*\d{{1,2}}\s*(?:tháng|/)\s*\d{{1,2}}\s*(?:năm|/)\s*\d{{4}}|{_NOT_IN}{_D}"
)
_YEARS = re.compile(rf"năm\s*(20\d\d)(?!\d)|{_NOT_IN}(20\d\d)(?![\d/.\-])")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """First and last day of a period, both in it."""

    start: dt.date
    end: dt.date


def month_of(year: int, month: int, *, months: int = 1) -> Span:
    """Give the span of `months` whole months from one on."""
    last = month + months - 1
    return Span(dt.date(year, month, 1), dt.date(year, last, calendar.monthrange(year, last)[1]))


def parse_period(cell: Cell, *, year: int | None = None, date1904: bool = False) -> Span:
    """Read the name of a period; `year` completes one that has none.

    A number such as 4.2026 is the month it was typed as; a true date, a serial or a written day
    names its month only if it is the first or last day of it. Raises ValueError for anything else.
    """
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _from_number(float(cell), year=year, date1904=date1904)
    if isinstance(cell, dt.date):
        return _month_around(dt.date(cell.year, cell.month, cell.day))
    text = normalise(str(cell or "")).lower().strip("() .:")
    for forms in (_FORMS, _ALONE):
        for form, pattern in forms:
            if found := re.fullmatch(pattern, text):
                return _span(form, found.groupdict())
    if year is not None:
        for form, pattern in (*_WITHOUT_YEAR, ("month", _M)):
            if found := re.fullmatch(pattern, text):
                return _span(form, {**found.groupdict(), "year": str(year)})
    return _month_around(parse_day(text).date())


@lru_cache(maxsize=4096)
def names_period(text: str) -> bool:
    """Tell whether a text, a header for example, is the name of a period and of nothing else."""
    try:
        parse_period(text, year=FIRST_YEAR)
    except ValueError:
        return False
    plain = normalise(text).lower()
    return not _BARE_MONTH.fullmatch(plain) and plain != "tháng năm"  # month and year, not May


def find_periods(text: str) -> frozenset[Span]:
    """Find the periods that a title names; the day it was signed is none.

    A span of days says what a named period beside it means, so it alone counts.
    """
    plain = normalise(text).lower()
    found: set[Span] = set()
    for form, pattern in _FORMS:
        for match in re.finditer(rf"{_NOT_IN}(?:{pattern})(?![\d/])", plain):
            found.add(_span(form, match.groupdict()))
        if found and form in ("span", "months", "since_day"):
            break
        plain = re.sub(rf"{_NOT_IN}(?:{pattern})(?![\d/])", " ", plain)
        if form == "since_day":
            plain = _SIGNED.sub(" ", plain)
    if not found:
        alone = re.finditer(rf"{_NOT_IN}{_M}\s*[/\-]\s*{_Y}(?![\d/.\-])", plain)
        found.update(_span("month", match.groupdict()) for match in alone)
    return frozenset(found)


def find_years(text: str) -> frozenset[int]:
    """Find the years that a title names; the day it was signed is left out."""
    plain = _SIGNED.sub(" ", normalise(text).lower())
    return frozenset(int(match[1] or match[2]) for match in _YEARS.finditer(plain))


def _span(form: str, parts: dict[str, str | None]) -> Span:
    """Turn what one form found into a span; raises ValueError for what is no period."""
    if form in ("span", "since_day"):
        last = parse_day(parts["last"]).date()
        first = parse_day(parts["first"]).date() if form == "span" else dt.date(last.year, 1, 1)
        if first > last:
            raise ValueError(parts)
        return Span(first, last)
    short = parts.get("short")
    year = FIRST_YEAR + int(short) if short else int(str(parts["year"]))
    if form == "year":
        return month_of(year, 1, months=12)
    if form == "quarter":
        return month_of(year, 3 * _QUARTERS[str(parts["quarter"])] - 2, months=3)
    if form in ("first", "last"):
        written = str(parts["count"])
        count = int(written) if written.isdecimal() else _SPELLED[written]
        if not 1 <= count <= 12:
            raise ValueError(parts)
        return month_of(year, 1 if form == "first" else 13 - count, months=count)
    if form == "english":
        return month_of(year, _MONTHS.index(str(parts["name"])) + 1)
    month = _SPELLED[str(parts["word"])] if form == "spelled" else int(str(parts["month"]))
    start = int(str(parts["from"])) if form == "months" else 1 if form == "since" else month
    if start > month:
        raise ValueError(parts)
    return month_of(year, start, months=month - start + 1)


def _from_number(value: float, *, year: int | None, date1904: bool) -> Span:
    """Read a number that a period was turned into: 4.2026, 4.202 (for 2020), 202604, a serial."""
    if value.is_integer():
        whole = int(value)
        if FIRST_YEAR <= whole < FIRST_YEAR + 100:
            return month_of(whole, 1, months=12)
        if 1 <= whole <= 12 and year is not None:
            return month_of(year, whole)
        if FIRST_YEAR * 100 < whole < (FIRST_YEAR + 100) * 100 and 1 <= whole % 100 <= 12:
            return month_of(whole // 100, whole % 100)
        return _month_around(parse_day(whole, date1904=date1904).date())
    month, _, part = repr(value).partition(".")
    year_typed = part.ljust(4, "0")
    if len(year_typed) > 4 or not 1 <= int(month) <= 12 or not year_typed.startswith("20"):
        raise ValueError(value)
    return month_of(int(year_typed), int(month))


def _month_around(day: dt.date) -> Span:
    """Give the month that a day stands for: only its first or last day does."""
    span = month_of(day.year, day.month)
    if day not in (span.start, span.end):
        raise ValueError(day)
    return span
