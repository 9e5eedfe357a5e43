"""A figure of a study: value and decimals from how it is printed, held to its unit and counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from commune_pilots import numerals
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.contracts import workbook
from commune_pilots.errors import Bilingual, Failure
from commune_pilots.params import Indicator
from commune_pilots.sources.study_sheets import Entry, Filled
from commune_pilots.sources.vietnamese import (
    Printed,
    figure_forms,
    parse_figure,
    parse_figure_of,
)
from commune_pilots.vocabulary import LOWER_BOUNDS

_UNQUANTIFIED = ("none_yet", "no_number")
_NUMERAL = re.compile(r"\d[\d.,]*")
_SIGNED = re.compile(r"[-+−–±]\s*\d.*")
_DOTTED = re.compile(r"\d+\.\d+")
_NOTHING = frozenset(
    ("-", "–", "—", "không", "chưa", "chưa có", "không có", "không có số liệu", "chưa có số liệu",
     "không nêu", "không nêu số", "n/a", "na", "null", "?", "...", "…", "x")
)  # fmt: skip


def read_figure(
    sheet: Filled, entry: Entry, indicator: Indicator | None
) -> tuple[dict[str, object], list[Failure]]:
    """Read value and decimals of a row of observations, or tell what the figure breaks.

    A row that has no number, as its qualifier says or as a deadline, gives neither. Where a cell of
    the row has a fault of its own, the figure is not judged by it.
    """
    if not entry.sound:
        return {}, []
    printed, qualifier = entry.values.get("printed"), str(entry.values["qualifier"])
    column = next(one for one in sheet.sheet.columns if one.name == "qualifier")
    label = workbook.column_label(sheet.sheet, column)
    none, unsaid = (workbook.shown_choice(column, value) for value in _UNQUANTIFIED)

    def fail(rule: str, **values: object) -> tuple[dict[str, object], list[Failure]]:
        told = {"column": label, "none": none, "unsaid": unsaid} | values
        return {}, [sheet.fault(entry.row, "printed", entry.shown.get("printed", ""), rule, **told)]

    bare = qualifier in _UNQUANTIFIED or entry.values.get("role") == "deadline"
    if printed is None:
        return ({}, []) if bare else fail("study_figure_needed")
    text = str(printed)
    if bare:
        if qualifier not in _UNQUANTIFIED or _parsed(text) is None:
            return {}, []
        return fail("study_figure_none", accepted=workbook.shown_choice(column, qualifier))
    figure = _parsed(text, indicator)
    if figure is None or "%" in text:
        rule, told = _why_no_figure(text, indicator)
        return fail(rule, **told)
    faults = list(_count_faults(sheet, entry, figure, indicator))
    return ({}, faults) if faults else (
        {"value": float(figure.value), "decimals": figure.decimals}, []
    )  # fmt: skip


def _parsed(text: str, indicator: Indicator | None = None) -> Printed | None:
    try:
        return parse_figure_of(text, indicator.unit) if indicator else parse_figure(text)
    except ValueError:
        return None


def _why_no_figure(text: str, indicator: Indicator | None) -> tuple[str, dict[str, Any]]:
    forms = {"accepted": figure_forms(indicator.unit if indicator else "percent")}
    numerals_in = _NUMERAL.findall(text)
    if text.casefold() in _NOTHING:
        return "study_figure_blank", {}
    if _SIGNED.fullmatch(text):
        return "study_figure_sign", forms
    if re.fullmatch(r",\d+", text):
        return "study_figure_zero", {"accepted": f"0{text}"}
    if _DOTTED.fullmatch(text):
        return "study_figure_dot", {"accepted": text.replace(".", ",")}
    if "/" in text and _parsed(text):
        return "study_figure_slash", forms
    if len(numerals_in) > 1:
        return "study_figure_two", {}
    if "%" in text:
        return "study_figure_percent", {}
    if numerals_in and not text[0].isdigit():
        at = text.index(numerals_in[0])
        if _parsed(text[at:], indicator):
            return "study_figure_words", {}
    return "figure", forms


def _count_faults(
    sheet: Filled, entry: Entry, figure: Printed, indicator: Indicator | None
) -> Iterator[Failure]:
    """Hold a figure to its counts: a part of a whole, and a percentage that they can print."""
    part, whole = entry.values.get("numerator"), entry.values.get("denominator")

    def fail(column: str, rule: str, **values: object) -> Failure:
        return sheet.fault(entry.row, column, entry.shown[column], rule, **values)

    if not isinstance(whole, int):
        return
    if whole == 0:
        yield fail("denominator", "study_denominator")
        return
    if isinstance(part, int) and part > whole:
        yield fail("numerator", "most", accepted=whole)
        return
    qualifier = str(entry.values["qualifier"])
    loose = qualifier == "about" and entry.values.get("role") not in ("before", "after")
    if indicator is None or indicator.unit != "percent" or loose:
        return
    least, most = _prints(figure, qualifier, whole)
    if isinstance(part, int):
        if not least <= part <= most:
            share, decimals = Decimal(100 * part) / whole, figure.decimals + 1
            shares = (numerals.percent(share, at, decimals=decimals) for at in LANGUAGES)
            yield fail(
                "numerator", "study_counts", part=part, whole=whole, share=Bilingual(*shares),
                accepted=entry.shown["printed"],
            )  # fmt: skip
    elif least > most:
        yield fail("denominator", "study_counts_none", accepted=entry.shown["printed"], whole=whole)


def _prints(figure: Printed, qualifier: str, whole: int) -> tuple[int, int]:
    """Bound the counts out of `whole` that print as a percentage, whatever way it was rounded.

    Nearest, up or cut: the share lies within one unit of the last decimal, ends left out.
    """
    value, unit = Fraction(figure.value), Fraction(1, 10**figure.decimals)
    if qualifier in LOWER_BOUNDS:
        return ceil(value * whole / 100), whole
    if qualifier == "nearly":
        return 0, floor(value * whole / 100)
    least, most = (floor((value - unit) * whole / 100) + 1, ceil((value + unit) * whole / 100) - 1)
    return max(least, 0), min(most, whole)
