"""The data request of a run as lines to fill in, and as a file that Excel opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from commune_pilots import catalogue
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.tables import RUNS_AS_FORMULA
from commune_pilots.briefing.wording import Writer

TABLES = ("sources", "observations", "units", "pilots", "interventions", "coverage")
CODES = ("ma_du_lieu", "ma_bien_phap", "ma_chi_so", "ma_cach_dem", "ma_don_vi", "ma_ky")
WORDS = (
    "intervention", "indicator", "definition", "unit", "today", "period", "printed",
    "numerator_is", "denominator_is",
)  # fmt: skip
BLANKS = ("start", "end", "numerator", "denominator", "opened", "note")
Period = Literal["before", "after"]
PERIODS: tuple[Period, ...] = ("before", "after")
Kind = tuple[str, str]
# Excel takes the list separator of Windows: a semicolon where the decimal mark is a comma, as in
# Viet Nam. A line `sep=;` would make it ignore the mark of UTF-8.
_SEPARATOR = ";"
UNIT_PREFIX = "dv-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line to fill in: one indicator under one definition, of one unit, in one period.

    `interventions` are the ids of the register that the line answers for; `kind` is indicator and
    definition, both empty where the register names no indicator. `observation` is the figure
    already printed, if any.
    """

    interventions: tuple[str, ...]
    kind: Kind
    unit: str
    period: Period
    observation: str | None = None


def request_writer(findings: Findings) -> Writer:
    """Make the writer of a request: Vietnamese, and no claim at all, whatever the run's grade."""
    return Writer("vi", "none", simulated=findings.run.data == "simulated")


def pilot_lines(findings: Findings) -> dict[Kind, list[Line]]:
    """List what is asked of pilot communes: both periods of every indicator with any pair.

    A commune of which nothing is printed is asked for the same lines as the others.
    """
    coverage = findings["coverage"].to_dict("records")
    kinds = dict.fromkeys(_kind(row) for row in coverage if row["evidence"] == "before_after")
    return {
        kind: [
            Line(
                interventions=_naming(findings, kind[0]),
                kind=kind,
                unit=row["unit"],
                period=period,
                observation=None if pd.isna(row[period]) else row[period],
            )
            for row in coverage
            if _kind(row) == kind
            for period in PERIODS
        ]
        for kind in kinds
    }


def intervention_lines(
    findings: Findings, intervention: Mapping[str, Any], *, elsewhere: Collection[Kind] = ()
) -> list[Line]:
    """List what is asked of one intervention, less the kinds that are asked for `elsewhere`.

    One line a period for each definition of each of its indicators (`definitions_asked`); where
    the register names no indicator, the lines leave it to whoever answers.
    """
    named = indicators_of(intervention)
    kinds = [
        (indicator, definition)
        for indicator in named
        for definition in definitions_asked(findings, indicator)
        if (indicator, definition) not in elsewhere
    ]
    return [
        Line(
            interventions=(str(intervention["intervention"]),),
            kind=kind,
            unit=str(intervention["unit"]),
            period=period,
        )
        for kind in (kinds if named else [("", "")])
        for period in PERIODS
    ]


def definitions_asked(findings: Findings, indicator: str) -> list[str]:
    """Choose the definitions to ask for: those of the run's own figures, in the catalogue's order.

    Where the run has no figure of the indicator, every definition is offered but those that only
    national figures use, as a province cannot count the country, those of dossier logs, as a log
    answers under each of them, and those whose rule is unknown.
    """
    ways = findings.indicators[indicator].definitions
    known = [name for name, way in ways.items() if way.period is None and way.asked]
    figures = [row for row in findings.figures.values() if row["indicator"] == indicator]
    own = {row["definition"] for row in figures if row["scope"] != "country"}
    national = {row["definition"] for row in figures} - own
    return [name for name in known if name in own] or [
        name for name in known if name not in national
    ]


def indicators_of(intervention: Mapping[str, Any]) -> list[str]:
    """Take the indicators the register names for an intervention; none may be named."""
    named = intervention["indicators"]
    return [] if pd.isna(named) else str(named).split(";")


def anchor_of(intervention: str) -> str:
    """Name the place of an intervention in the form, for links from other pages."""
    return f"i-{intervention}"


def count_names(kind: Kind, findings: Findings, write: Writer) -> tuple[str, str]:
    """Name what to write above and below the line; the second is empty where nothing is divided."""
    unit = findings.indicators[kind[0]].unit if kind[0] else "percent"
    above, below = (
        next(
            (
                str(write.say(key))
                for key in (f"request.{part}.{kind[0]}", f"request.{part}.{unit}")
                if catalogue.has(f"briefing.{key}")
            ),
            "",
        )
        for part in ("numerator", "denominator")
    )
    return above, below


def merged(units: pd.DataFrame) -> dict[str, str | None]:
    """Map the code of each former unit that is no more to the name of what it is part of today.

    None where there is no successor: districts ended on 1 July 2025. A unit that still stands as
    it was is not in the mapping.
    """
    former = units.sort_values("valid_from", na_position="first", kind="stable")
    former = former.drop_duplicates("code")
    standing = units[units["valid_to"].isna()].drop_duplicates("code", keep="last")
    names = dict(zip(standing["code"], standing["name"], strict=True))
    ended = former[former["valid_to"].notna()]
    return {
        code: None if pd.isna(successor) else names.get(successor)
        for code, successor in zip(ended["code"], ended["successor"], strict=True)
    }


def place_of(code: str, name: str, today: Mapping[str, str | None], write: Writer) -> str:
    """Name a unit as the sources do, with what it is part of `today` (`merged`), if it is no more.

    Said even where both have one name: what holds a former commune is not that commune.
    """
    if code not in today:
        return name
    now = today[code]
    if now is None:
        return str(write.say("request.ended", name=name))
    return str(write.say("request.now", name=name, today=now))


def period_printed(findings: Findings, line: Line, write: Writer) -> str:
    """Write the period of the figure already printed; empty where there is none or no date."""
    if line.observation is None:
        return ""
    return write.period(findings.figures[line.observation], "period_start", "period_end")


def printed(findings: Findings, line: Line, write: Writer) -> str:
    """Write the figure already printed as its source qualifies it; empty where there is none."""
    if line.observation is None:
        return ""
    figure = findings.figures[line.observation]
    return write.figure(figure, findings.indicators[line.kind[0]], link=False).striptags()


def request_csv(findings: Findings) -> bytes:
    """Write every line as a file that Excel opens: codes, words, then blank columns to fill in.

    UTF-8 with a mark, so that Excel shows Vietnamese letters; semicolons between columns. The
    columns of CODES identify a line when the file comes back: press or simulated data,
    interventions (a comma between two), indicator, definition, unit, period.
    """
    write = request_writer(findings)
    pilots = pilot_lines(findings)
    lines = [line for of in pilots.values() for line in of]
    for intervention in findings.interventions:
        lines += intervention_lines(findings, intervention, elsewhere=pilots)
    today = merged(findings["units"])
    header = [*CODES, *(str(write.say(f"request.csv.{name}")) for name in (*WORDS, *BLANKS))]
    rows = [
        [*_codes(findings, line), *_words(findings, line, today, write), *("" for _ in BLANKS)]
        for line in lines
    ]
    text = io.StringIO()
    sheet = csv.writer(text, delimiter=_SEPARATOR, lineterminator="\r\n")
    sheet.writerows([[_plain(cell) for cell in row] for row in [header, *rows]])
    return text.getvalue().encode("utf-8-sig")


def _codes(findings: Findings, line: Line) -> list[str]:
    """Identify a line; the prefix keeps Excel from reading 01837 as the number 1837."""
    named = ",".join(line.interventions)
    return [findings.run.data, named, *line.kind, f"{UNIT_PREFIX}{line.unit}", line.period]


def _words(
    findings: Findings, line: Line, today: Mapping[str, str | None], write: Writer
) -> list[str]:
    """Say in words what a line asks for, so that the file can be filled in without the form."""
    indicator, definition = line.kind
    known = findings.indicators[indicator] if indicator else None
    names = {str(row["intervention"]): write.of(row, "name") for row in findings.interventions}
    name = findings.names[line.unit]
    return [
        "; ".join(names[one] for one in line.interventions),
        write.label(known, start=True) if known else "",
        known.definitions[definition].vi if known else "",
        name,
        today.get(line.unit, name) or "",
        " ".join(
            [str(write.say(f"request.word.{line.period}")), period_printed(findings, line, write)]
        ).strip(),
        printed(findings, line, write),
        *count_names(line.kind, findings, write),
    ]


def _plain(cell: str) -> str:
    """Keep a cell from running as a formula."""
    return f"'{cell}" if cell.startswith(RUNS_AS_FORMULA) else cell


def _kind(row: Mapping[Any, Any]) -> Kind:
    return row["indicator"], row["definition"]


def _naming(findings: Findings, indicator: str) -> tuple[str, ...]:
    """List the interventions that name an indicator."""
    rows = findings.interventions
    return tuple(str(row["intervention"]) for row in rows if indicator in indicators_of(row))
