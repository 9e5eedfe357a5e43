"""Tables that belong to the results: what is covered, counts and ranks, targets against results."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots import catalogue
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.tables import MOST_COLUMNS, Row, html_table
from commune_pilots.briefing.wording import Writer, header_of, listed


def targets_table(findings: Findings, write: Writer) -> Markup:
    """Set every target and deadline beside the result of the same definition, missing flagged.

    The data table of the tiles; none where no target is printed.
    """
    rows = []
    for row in findings["targets"].to_dict("records"):
        indicator = findings.indicators[row["indicator"]]
        target = findings.figures[row["target_observation"]]
        result = (
            write.say("value.missing")
            if pd.isna(row["result_observation"])
            else write.figure(findings.figures[row["result_observation"]], indicator)
        )
        rows.append(
            Row(
                cells=[
                    write.label(indicator, start=True),
                    write.where(target, row["unit_name"]),
                    write.figure(target, indicator),
                    result,
                    write.day(row["deadline"]),
                    write.term("attainment", row["attainment"]),
                ]
            )
        )
    if not rows:
        return Markup()
    header = header_of(write, "indicator", "unit", "target", "result", "deadline", "attainment")
    table = html_table(write.caption("caption.targets"), header, rows)
    return Markup('<div id="t-targets">{}</div>').format(table)


def coverage_table(findings: Findings, write: Writer) -> Markup:
    """Cross pilot units with what is printed of them; a blank says so in words."""
    coverage = findings["coverage"]
    kinds = list(
        coverage[["indicator", "definition"]].drop_duplicates().itertuples(index=False, name=None)
    )
    header = [catalogue.text("briefing.column.unit", write.language)]
    header += [write.label(findings.indicators[indicator], start=True) for indicator, _ in kinds]
    rows = []
    for unit, own in coverage.groupby("unit", sort=False):
        cells: list[object] = [findings.names[str(unit)]]
        for indicator, definition in kinds:
            at = own[(own["indicator"] == indicator) & (own["definition"] == definition)]
            cells.append(_covered(findings, at.iloc[0].to_dict(), write))
        rows.append(Row(cells=cells))
    caption = write.caption("coverage_caption")
    return html_table(
        caption, header[:MOST_COLUMNS], [Row(cells=row.cells[:MOST_COLUMNS]) for row in rows]
    )


def counts_table(findings: Findings, write: Writer) -> Markup:
    """List counts and ranks: they describe supply, activity or standing at one time."""
    rows = []
    for row in findings.levels:
        indicator = findings.indicators[row["indicator"]]
        if indicator.unit == "percent":
            continue
        figure = findings.figures[row["observation"]]
        rows.append(
            Row(
                cells=[
                    write.label(indicator, start=True),
                    row["unit_name"],
                    write.figure(figure, indicator),
                    getattr(indicator.definitions[row["definition"]], write.language),
                ]
            )
        )
    header = header_of(write, "indicator", "unit", "value", "definition")
    return (
        html_table(write.caption("caption.counts"), header, rows, numeric=(2,))
        if rows
        else Markup()
    )


def _covered(findings: Findings, row: dict[str, Any], write: Writer) -> Markup:
    indicator = findings.indicators[row["indicator"]]
    found = [row[side] for side in ("before", "after") if pd.notna(row[side])]
    if not found:
        return Markup('<span class="none">{}</span>').format(write.say("value.missing"))
    arrow = Markup(" → ")
    return listed([write.figure(findings.figures[at], indicator) for at in found], separator=arrow)
