"""The numbers of a run as the record of a released briefing keeps them: names, values, words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from commune_pilots import catalogue, numerals
from commune_pilots.catalogue import Language

# What makes a number the same one, and what may change of it.
_NAMED = ("quantity", "subject", "definition", "indicator", "unit", "unit_name")
TOLD = ("value", "low", "high", "interval", "confidence", "measured_in", "grade")
_DIGITS = 12  # significant: beyond them floats of two machines may part
_DECIMALS = {"points": 2, "percent": 2, "probability": 2, "ratio": 2, "hours": 1, "score": 2}
_WITH_UNIT = ("dong", "hours", "dossiers", "ratio")


def recorded_numbers(results: pd.DataFrame) -> list[dict[str, Any]]:
    """List the rows of table results as plain values, what is missing left out, in their order.

    Each has an `id` made of quantity, subject and definition, and `printed`, its words in both
    languages. Raises ValueError for two rows of one id.
    """
    numbers = []
    for row in results.to_dict("records"):
        known = {name: _plain(row[name]) for name in (*_NAMED, *TOLD) if pd.notna(row[name])}
        parts = (known.get(name) for name in ("quantity", "subject", "definition"))
        printed = {language: written(known, language) for language in catalogue.LANGUAGES}
        numbers.append({"id": "/".join(filter(None, parts)), **known, "printed": printed})
    ids = [number["id"] for number in numbers]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ValueError(f"two numbers of one id: {twice[0]}")
    return numbers


def written(number: Mapping[str, Any], language: Language) -> str:
    """Write a recorded number with its range; one that is not known is written as missing."""

    def end(name: str) -> str | None:
        return None if name not in number else _amount(number[name], number, language)

    value, low, high = (end(name) for name in ("value", "low", "high"))
    if low and high:
        kind = "with_range" if value else "between"
    elif low or high:
        kind = "at_least" if low else "at_most"
        value = low or high
    elif not value:
        return catalogue.text("briefing.value.missing", language)
    else:
        return _measured(value, number, language)
    ends = {"value": value, "low": low, "high": high}
    return _measured(catalogue.text(f"briefing.value.{kind}", language, **ends), number, language)


def _measured(words: str, number: Mapping[str, Any], language: Language) -> str:
    """Put the unit behind a number, once for it and its range."""
    measured_in = number["measured_in"]
    if measured_in == "points":
        return catalogue.text("unit.points", language, value=words)
    if measured_in in _WITH_UNIT:
        return catalogue.text(f"label.measure.{measured_in}", language, value=words)
    return words


def _amount(value: float, number: Mapping[str, Any], language: Language) -> str:
    if number["quantity"] == "worst_p":
        return numerals.p_value(value, language)
    exact = numerals.rounded(value, _DECIMALS.get(number["measured_in"], 0)).normalize()
    decimals = max(0, -int(exact.as_tuple().exponent))
    if number["measured_in"] == "percent":
        return numerals.percent(value, language, decimals=decimals)
    return numerals.number(value, language, decimals=decimals)


def _plain(value: Any) -> Any:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
