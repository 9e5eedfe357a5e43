"""Sentences of the briefing: from the catalogue, with every number linked to its row.

All prose passes through `Writer.say`, which refuses a sentence stronger than the grade of evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from commune_pilots import catalogue, numerals
from commune_pilots.catalogue import Language
from commune_pilots.effects.evidence import refuse_overclaim
from commune_pilots.params import Indicator
from commune_pilots.vocabulary import LOWER_BOUNDS, Grade

NO_BREAK = "\u00a0"
_NOT_ROUNDED = (*LOWER_BOUNDS, "nearly", "about")
# What a line may not part: a number (linked or not) and its measure, a p-value, a date in words,
# a name that is a number.
_WHOLE: dict[Language, re.Pattern[str]] = {
    "vi": re.compile(
        r"(?:(?<=\d)|(?<=\d</a>)) (?:điểm(?= phần trăm)|hồ sơ|xã|đơn vị|hộ|tháng|giờ|đồng)\b"
        r"|\bp (?:<|&lt;|=) (?=\d)|\bngày \d+ tháng \d+ năm \d{4}|\b(?:[Pp]hường|đợt) (?=\d)"
    ),
    "en": re.compile(
        r"(?:(?<=\d)|(?<=\d</a>))"
        r" (?:percentage(?= points)|points|dossiers|communes|months|hours|VND)\b"
        r"|\bp (?:<|&lt;|=) (?=\d)|\b\d{1,2} [A-Z][a-z]+ \d{4}"
    ),
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one language at one grade of evidence; nothing stronger gets past it."""

    language: Language
    grade: Grade
    simulated: bool = False

    def caption(self, key: str, /, **values: object) -> Markup:
        """Word the caption of a table or the source line of a figure; simulated data says so."""
        written = self.say(key, **values)
        if not self.simulated:
            return written
        return Markup("{} ({})").format(written, self.term("status", "simulated"))

    def say(self, key: str, /, **values: object) -> Markup:
        """Word one entry under `briefing.`; values are escaped unless they are markup already.

        Raises ClaimError for a causal sentence below the grade that carries one.
        """
        entry = Markup(catalogue.entries()[f"briefing.{key}"][self.language])
        filled = entry.format_map({name: escape(value) for name, value in values.items()})
        written = Markup(self._whole(filled))
        refuse_overclaim(str(written.striptags()), self.grade, self.language)
        return written

    def number(self, value: float, *, decimals: int = 0) -> str:
        """Write a plain number."""
        return numerals.number(value, self.language, decimals=decimals)

    def percent(self, value: float, *, decimals: int) -> str:
        """Write a share."""
        return numerals.percent(value, self.language, decimals=decimals)

    def figure(self, row: Mapping[Any, Any], indicator: Indicator, *, link: bool = True) -> Markup:
        """Write one observation as its source qualifies it, linked to its row in annex F.

        "over 90" stays a bound, "none yet" stays words, a rank keeps how many were ranked.
        """
        if row["qualifier"] in ("none_yet", "no_number") or pd.isna(row["value"]):
            written = self.say(f"value.{_wordless(row)}")
        else:
            decimals = int(row["decimals"])
            share = indicator.unit == "percent"
            plain = (self.percent if share else self.number)(row["value"], decimals=decimals)
            if indicator.unit == "points":
                plain = self.points(row["value"], decimals=decimals)
            if indicator.unit == "rank" and pd.notna(row.get("denominator")):
                plain = f"{plain}/{self.number(row['denominator'])}"
            written = (
                self.say(f"value.{row['qualifier']}", value=plain)
                if row["qualifier"] in _NOT_ROUNDED
                else escape(plain)
            )
        return linked(written, f"o-{row['observation']}") if link else Markup(written)

    def change(self, contrast: Mapping[Any, Any], *, link: bool = True) -> Markup:
        """Write the change of a contrast in percentage points; a bound is written as one."""
        points = self.points(contrast["change"], decimals=int(contrast["change_decimals"]))
        bound = contrast["change_bound"]
        written = escape(points) if bound == "exact" else self.say(f"value.{bound}", value=points)
        return linked(written, str(contrast["contrast"])) if link else Markup(written)

    def label(self, indicator: Indicator, *, start: bool = False) -> str:
        """Name an indicator, in lower case unless it starts a sentence."""
        name = indicator.label_vi if self.language == "vi" else indicator.label_en
        return name if start else inside(name)

    def term(self, kind: str, name: str) -> str:
        """Word one value of a list: a grade, pillar, class of evidence, outcome, status."""
        return catalogue.text(f"label.{kind}.{name}", self.language)

    def where(self, row: Mapping[Any, Any], unit_name: str) -> str:
        """Say what a figure covers: its unit, the pilot communes together, an office."""
        return catalogue.text(f"label.scope.{row['scope']}", self.language, unit=unit_name)

    def points(self, value: float, *, decimals: int, signed: bool = False) -> str:
        """Write a difference of two shares; `signed` with a plus where it is a rise."""
        written = numerals.points(value, self.language, decimals=decimals, signed=signed)
        return self._whole(written)

    def p_value(self, value: float) -> str:
        """Write a p-value."""
        return self._whole(numerals.p_value(value, self.language))

    def worst_p(self, contrast: Mapping[Any, Any]) -> str:
        """Write the largest p-value of a contrast, up to its bound where it is not certified."""
        written = numerals.p_range(contrast["worst_p"], contrast["bound_p"], self.language)
        return self._whole(written)

    def gap(self, contrast: Mapping[Any, Any]) -> str | None:
        """Write the share of the distance to 100 that was closed; none where it is unknown."""
        low, high = contrast["gap_closed_low"], contrast["gap_closed_high"]
        return None if pd.isna(low) else self.percent((low + high) / 2, decimals=1)

    def day(self, value: Any) -> Markup | str:
        """Write a day, or say that the source gives none."""
        known = not pd.isna(value)
        return numerals.day(value.date(), self.language) if known else self.say("value.undated")

    def period(self, row: Mapping[Any, Any], start: str, end: str) -> str:
        """Write the span between two columns as far as it is known; empty where it is not."""
        first, last = (None if pd.isna(row[name]) else row[name].date() for name in (start, end))
        return numerals.period(first, last, self.language)

    def of(self, row: Mapping[Any, Any], field: str) -> str:
        """Take a field that a table holds in both languages."""
        return str(row[f"{field}_{self.language}"])

    def _whole(self, text: str) -> str:
        """Keep on one line what belongs together; a search finds it as it would with spaces."""
        return _WHOLE[self.language].sub(lambda found: found[0].replace(" ", NO_BREAK), str(text))


def inside(text: str) -> str:
    """Begin a text in lower case, as it stands within a sentence."""
    return text[:1].lower() + text[1:]


def spaced(text: Markup) -> Markup:
    """Put a space before what is said after another word only in some cases."""
    return Markup(" ") + text


def header_of(write: Writer, *names: str, **values: object) -> list[str]:
    """Name columns in the writer's language."""
    return [str(write.say(f"column.{name}", **values)) for name in names]


def linked(text: object, anchor: str) -> Markup:
    """Link a number to the row that holds it."""
    return Markup('<a class="n" href="#{}">{}</a>').format(anchor, text)


def listed(parts: list[Markup | str], *, separator: str = ", ") -> Markup:
    """Join parts with commas, each escaped unless it is markup."""
    return Markup(separator).join(parts)


def _wordless(row: Mapping[Any, Any]) -> str:
    kind = "deadline" if row["role"] == "deadline" else str(row["qualifier"])
    return kind if kind in ("deadline", "none_yet") else "no_number"
