"""Tables of the designs that compare: every estimate with its p-values, and what checks say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing.charts import level_of
from commune_pilots.briefing.comparison import (
    anchor,
    header_of_effects,
    named,
    overall,
)
from commune_pilots.briefing.comparison_figures import MONTHS, TABLE, by_month
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.origins import traced
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer

_DECIMALS = 2
_OUTCOMES = {"passed": "passed", "failed": "not_passed", "not_possible": "not_possible"}


def effects_tables(findings: Findings, write: Writer) -> list[Markup]:
    """Annex: each overall estimate, then those by month that a figure draws."""
    if findings["effects"].empty:
        return []
    return [
        traced(_overall(findings, write), "effects"),
        *(traced(table, "effects") for table in _months(findings, write)),
    ]


def checks_tables(findings: Findings, write: Writer) -> list[Markup]:
    """Say of each check of a primary design whether it passed, failed or was not possible."""
    checks = findings["checks"]
    tables = []
    for primary in findings.primary:
        rows = [
            Row(
                cells=[
                    write.say(f"check.{row['check']}"),
                    write.say(f"effects.{_OUTCOMES[row['outcome']]}"),
                    _size(row, write),
                ]
            )
            for row in checks[checks["contrast"] == primary["effect"]].to_dict("records")
        ]
        if rows:
            caption = write.caption(
                "effects.caption.checks", design=named(findings, primary, write)
            )
            header = header_of_effects(write, "check", "outcome", "size")
            tables.append(traced(html_table(caption, header, rows), "checks"))
    return tables


def _overall(findings: Findings, write: Writer) -> Markup:
    effects = findings["effects"]
    rows = [
        Row(
            anchor=anchor(row),
            cells=[
                Markup("{}<br><code>{}</code>").format(named(findings, row, write), row["effect"]),
                _estimate(row, write),
                _or_dash(row["std_error"], write),
                _p(row["p_value"], write),
                _p(row["smallest_p"], write),
                _resting(row, write),
            ],
        )
        for row in overall(effects).to_dict("records")
    ]
    header = header_of_effects(
        write, "design", "estimate", "std_error", "p_value", "smallest_p", "rests",
        level=level_of(findings, write),
    )  # fmt: skip
    caption = write.caption("effects.caption.annex")
    table = html_table(caption, header, rows, numeric=(1, 2, 3, 4))
    return Markup('<div id="{}">{}</div>').format(TABLE, table)


def _months(findings: Findings, write: Writer) -> list[Markup]:
    """Set out the months that the figure draws."""
    found = [row for primary in findings.primary[:1] for row in by_month(findings, primary)]
    if not found:
        return []
    rows = [
        Row(
            cells=[
                write.number(row["at"]),
                _estimate(row, write),
                _or_dash(row["std_error"], write),
                _p(row["p_value"], write),
                _communes(row, write),
            ]
        )
        for row in found
    ]
    header = header_of_effects(
        write, "at", "estimate", "std_error", "p_value", "communes", level=level_of(findings, write)
    )
    caption = write.caption("effects.caption.by_month")
    table = html_table(caption, header, rows, numeric=(1, 2, 3))
    return [Markup('<div id="{}">{}</div>').format(MONTHS, table)]


def _estimate(row: Mapping[Any, Any], write: Writer) -> Markup | str:
    shown = _or_dash(row["estimate"], write)
    if pd.isna(row["conf_low"]):
        return shown
    low, high = (write.number(row[f"conf_{end}"], decimals=_DECIMALS) for end in ("low", "high"))
    return write.say("value.with_range", value=shown, low=low, high=high)


def _or_dash(value: float, write: Writer) -> str:
    return "–" if pd.isna(value) else write.number(value, decimals=_DECIMALS)


def _p(value: float, write: Writer) -> str:
    return "–" if pd.isna(value) else write.p_value(value)


def _communes(row: Mapping[Any, Any], write: Writer) -> Markup:
    treated, comparison = (write.number(row[f"n_{name}"]) for name in ("treated", "comparison"))
    return write.say("effects.communes", treated=treated, comparison=comparison)


def _resting(row: Mapping[Any, Any], write: Writer) -> Markup:
    """Name level, communes, and assumptions, each linked to its row in their table."""
    links = Markup(" ").join(
        Markup('<a href="#as-{}">{}</a>').format(one, one) for one in row["assumptions"].split(";")
    )
    return Markup("{}; {}; {}").format(row["level"], _communes(row, write), links)


def _size(row: Mapping[Any, Any], write: Writer) -> Markup | str:
    if pd.isna(row["statistic"]):
        return "–"
    value = write.number(row["statistic"], decimals=int(row["decimals"]))
    return write.say(f"check_size.{row['check']}", value=value)
