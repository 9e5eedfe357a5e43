"""How a column writes its numbers: tried as a whole, each way on every cell, and one taken.

A dot in "445.365" is a thousands mark because counts are whole; in "98.08" it cannot be one. Where
no way fits every cell, or two give different numbers, nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from commune_pilots.sources.texts import is_error
from commune_pilots.sources.vietnamese import parse_figure

Style = Literal["vi", "en"]
_SWAP = str.maketrans(".,", ",.")
_STYLES: dict[Style, Callable[[str], str]] = {"vi": str, "en": lambda text: text.translate(_SWAP)}
_GROUPED = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?")
_FLOATED = re.compile(r"\d+[.,]0")
_LETTER_FOR_DIGIT = re.compile(r"(?=.*\d)(?=.*[oOlISBZ|])[\doOlISBZ|.,]+")
_MEASURED = re.compile(r"\d[\d.,\s]*(?:%|[^\W\d_]{2,}.*)")
_NEGATIVE = re.compile(r"[-−–]\s*\d[\d.,]*|\(\s*\d[\d.,]*\s*\)|\d[\d.,]*\s*[-−]")
_DAMAGED = re.compile(r"\d(?:[.,]\d+)?E[+-]\d{1,3}")


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row that keeps a column from being read, and the rule it breaks."""

    row: int
    rule: str


def choose_style(
    texts: Mapping[int, str], *, whole: bool, most: Decimal | None = None
) -> Style | Fault:
    """Choose the one style that fits every text of a column, or name the first text at fault.

    `texts` maps rows to texts; `whole`: counts; `most`: the largest value that can be.
    """
    misfits = {style: _misfit(texts, style, whole=whole, most=most) for style in _STYLES}
    good = [style for style, row in misfits.items() if row is None]
    if len(good) > 1:
        for row, text in texts.items():
            if len({parse_number(text, style, whole=whole) for style in good}) > 1:
                return Fault(row, "marks_unclear")
    if good:
        return good[0]
    for row, text in texts.items():
        if rule := _rule(text, whole=whole, most=most):
            return Fault(row, rule)
    return Fault(max(row for row in misfits.values() if row is not None), "marks_mixed")


def parse_number(text: str, style: Style, *, whole: bool) -> Decimal:
    """Parse one text in one style; raises ValueError where it does not fit.

    Groups may be parted by spaces. A count may end in ",0" or ".0", as programs write it after a
    blank in the column; it has no other decimals.
    """
    plain = text if whole else text.removesuffix("%").strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(" ", "")
    if whole and _FLOATED.fullmatch(plain):
        return Decimal(plain[:-2])
    if not re.fullmatch(r"[\d.,]+", plain):
        raise ValueError(text)
    read = parse_figure(_STYLES[style](plain))
    if whole and read.decimals:
        raise ValueError(text)
    return read.value


def is_damaged(text: str) -> bool:
    """Tell whether a spreadsheet has cut the digits of a code: "1.23457E+15"."""
    return _DAMAGED.fullmatch(text.upper()) is not None


def _misfit(
    texts: Mapping[int, str], style: Style, *, whole: bool, most: Decimal | None
) -> int | None:
    """Find the first row that a style does not fit."""
    floated = whole and any(_FLOATED.fullmatch(text) for text in texts.values())
    for row, text in texts.items():
        try:
            value = parse_number(text, style, whole=whole)
        except ValueError:
            return row
        if most is not None and value > most:
            return row
        if floated and re.search(r"[.,]\d{3}\b", text):
            return row  # a mark that stands before decimals elsewhere in the column
    return None


def _rule(text: str, *, whole: bool, most: Decimal | None) -> str:
    """Name the rule that a text breaks in every style; "" where it fits one of them."""
    above = False
    for style in _STYLES:
        try:
            value = parse_number(text, style, whole=whole)
        except ValueError:
            continue
        if most is None or value <= most:
            return ""
        above = True
    tests = (
        ("share_above", above),
        ("error_cell", is_error(text)),
        ("negative", _NEGATIVE.fullmatch(text)),
        ("digits_lost", is_damaged(text)),
        ("letter_for_digit", _LETTER_FOR_DIGIT.fullmatch(text)),
        ("count_fraction", whole and re.fullmatch(r"\d+[.,]\d+", text)),
        ("unit_in_cell", _MEASURED.fullmatch(text)),
    )
    return next((rule for rule, broken in tests if broken), "not_a_number")
