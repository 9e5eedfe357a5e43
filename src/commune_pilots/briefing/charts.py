"""Which figure answers which question: from findings to drawn figures with alternative texts."""

from __future__ import annotations

from typing import Any, get_args

from markupsafe import Markup

from commune_pilots.briefing.figures import (
    Figure,
    Level,
    Pair,
    dumbbell,
    evidence_map,
    level_chart,
)
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.wording import Writer
from commune_pilots.effects.coverage import map_evidence
from commune_pilots.effects.levels import SATURATED_FROM
from commune_pilots.vocabulary import LOWER_BOUNDS, Evidence, Pillar

CHANGE_KEY = "fig-change-"


def results_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw every figure that this run's data can fill, in reading order."""
    drawn = []
    indicators = sorted({row["indicator"] for row in findings.contrasts})
    drawn += [change_figure(findings, indicator, write) for indicator in indicators]
    shares = [
        row for row in findings.levels if findings.indicators[row["indicator"]].unit == "percent"
    ]
    if shares:
        drawn.append(levels_figure(findings, shares, write))
    drawn.append(map_figure(findings, write))
    return drawn


def change_figure(findings: Findings, indicator_id: str, write: Writer) -> Figure:
    """Draw before and after of each unit that has both under one definition."""
    indicator = findings.indicators[indicator_id]
    chosen = sorted(
        (row for row in findings.contrasts if row["indicator"] == indicator_id),
        key=lambda row: -row["after"],
    )
    pairs, values = [], []
    for row in chosen:
        before, after = (
            str(write.figure(findings.figures[row[f"{side}_observation"]], indicator, link=False))
            for side in ("before", "after")
        )
        known = None if row["before"] != row["before"] else row["before"]
        pairs.append(
            Pair(
                name=row["unit_name"],
                before=known,
                after=row["after"],
                before_label=before,
                after_label=after,
            )
        )
        values.append(
            write.say(
                "fig.change_value",
                unit=row["unit_name"],
                before=before,
                after=after,
                change=write.change(row, link=False),
            )
        )
    definition = indicator.definitions[chosen[0]["definition"]]
    alt = plain(
        write.caption(
            "fig.change_alt", label=write.label(indicator), values="; ".join(map(str, values))
        )
    )
    key = f"{CHANGE_KEY}{indicator_id}"
    desk, phone = dumbbell(pairs, key=key, alt=alt)
    return Figure(
        key=key,
        title=plain(write.say("fig.change_title", count=len(pairs), label=write.label(indicator))),
        subtitle=plain(
            write.caption("fig.change_sub", definition=getattr(definition, write.language))
        ),
        alt=alt,
        source=source_line(findings, write, "t-contrasts"),
        desk=desk,
        phone=phone,
    )


def levels_figure(findings: Findings, shares: list[Any], write: Writer) -> Figure:
    """Draw shares that have one point in time only, each under its own population."""
    levels = []
    for row in sorted(shares, key=lambda row: -row["value"]):
        indicator = findings.indicators[row["indicator"]]
        where = write.where(row, row["unit_name"])
        figure = findings.figures[row["observation"]]
        levels.append(
            Level(
                name=f"{write.label(indicator, start=True)}, {where}",
                value=row["value"],
                label=str(write.figure(figure, indicator, link=False)),
                open_end=row["qualifier"] in LOWER_BOUNDS,
                muted=bool(row["saturated"]),
            )
        )
    values = "; ".join(f"{level.name}: {level.label}" for level in levels)
    alt = plain(write.caption("fig.levels_alt", values=values))
    desk, phone = level_chart(levels, key="fig-levels", alt=alt)
    limit = write.percent(SATURATED_FROM, decimals=0)
    return Figure(
        key="fig-levels",
        title=plain(write.say("fig.levels_title", count=len(levels))),
        subtitle=plain(write.caption("fig.levels_sub", limit=limit)),
        alt=alt,
        source=source_line(findings, write, "t-levels"),
        desk=desk,
        phone=phone,
    )


def map_figure(findings: Findings, write: Writer) -> Figure:
    """Draw how many interventions have which class of evidence, by pillar."""
    counts = map_evidence(findings["interventions"])
    rows = [write.term("pillar", name) for name in get_args(Pillar)]
    columns = [write.term("evidence", name) for name in get_args(Evidence)]
    grid = counts.to_numpy().tolist()
    values = "; ".join(
        f"{row}: "
        + ", ".join(f"{column} {count}" for column, count in zip(columns, line, strict=True))
        for row, line in zip(rows, grid, strict=True)
    )
    alt = plain(write.caption("fig.map_alt", values=values))
    drawn = evidence_map(grid, rows, columns, key="fig-map", alt=alt)
    return Figure(
        key="fig-map",
        title=plain(
            write.say("fig.map_title", bare=findings.bare, count=len(findings.interventions))
        ),
        subtitle=plain(write.caption("fig.map_sub")),
        alt=alt,
        source=source_line(findings, write, "t-evidence"),
        desk=drawn,
    )


def source_line(findings: Findings, write: Writer, table: str) -> Markup:
    """Word the source line of a figure, linked to its data table."""
    sources = Markup(", ").join(
        Markup('<a href="#s-{}">{}</a>').format(source, source) for source in findings.run.sources
    )
    return write.caption("fig.source", sources=sources, table=table)


def plain(markup: Markup) -> str:
    """Undo the escaping of a sentence that is escaped once more where it is placed."""
    return str(markup.unescape())
