"""Numbers, shares and dates as each language writes them (babel; true minus sign)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from babel.dates import format_date
from babel.numbers import format_decimal

from commune_pilots.catalogue import Language, text

MINUS = "\u2212"
_LEAST_P, _ROUGH_P = 0.001, 0.1
Exact = Decimal | int | float


def number(value: Exact, language: Language, *, decimals: int = 0) -> str:
    """Write a number with the language's marks: 1234.5 -> `1.234,5` (vi), `1,234.5` (en)."""
    exact = rounded(value, decimals)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    written = format_decimal(exact, format=pattern, locale=language, decimal_quantization=False)
    return written.replace("-", MINUS)


def percent(value: Exact, language: Language, *, decimals: int = 0) -> str:
    """Write a share given in per cent: 98.08 -> `98,08%` (vi), `98.08%` (en)."""
    return f"{number(value, language, decimals=decimals)}%"


def points(value: Exact, language: Language, *, decimals: int = 0, signed: bool = False) -> str:
    """Write a difference of two shares in percentage points, never with a per-cent sign."""
    written = number(value, language, decimals=decimals)
    sign = "+" if signed and value > 0 else ""
    return text("unit.points", language, value=f"{sign}{written}")


def p_value(value: float, language: Language) -> str:
    """Write a p-value with as many decimals as it bears; a tiny one is bounded, never 0."""
    if value < _LEAST_P:
        return f"p < {number(_LEAST_P, language, decimals=3)}"
    return f"p = {number(value, language, decimals=2 if value >= _ROUGH_P else 3)}"


def p_range(value: float, bound: float, language: Language) -> str:
    """Write a p-value that is only known to lie between the one found and a bound."""
    found, most = p_value(value, language), p_value(bound, language)
    return found if found == most else f"{found} – {most.removeprefix('p ').removeprefix('= ')}"


def day(value: date, language: Language, *, style: Literal["short", "long"] = "short") -> str:
    """Write a date: `15/5/2024` and `ngày 15 tháng 5 năm 2024` (vi), `15 May 2024` (en)."""
    if language == "vi":
        pattern = "d/M/y" if style == "short" else "'ngày' d 'tháng' M 'năm' y"
    else:
        pattern = "d MMM y" if style == "short" else "d MMMM y"
    return format_date(value, pattern, locale=language)


def period(start: date | None, end: date | None, language: Language) -> str:
    """Write a span as short as it is known: a year, a month, a day, two days, or its one end."""
    if start is None or end is None:
        return " – ".join(day(known, language) for known in (start, end) if known is not None)
    if start == end:
        return day(start, language)
    last = (end + timedelta(days=1)).day == 1
    if start.day == 1 and last and start.year == end.year:
        if (start.month, end.month) == (1, 12):
            return str(start.year)
        if start.month == end.month:
            return format_date(start, "M/y" if language == "vi" else "MMM y", locale=language)
    return f"{day(start, language)} – {day(end, language)}"


def rounded(value: Exact, decimals: int) -> Decimal:
    """Round half up, as with a pencil; floats enter through their shortest text."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    # + 0 takes the sign from a zero
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) + 0
