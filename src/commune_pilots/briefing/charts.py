"""Which figure answers which question: from findings to drawn figures with alternative texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing.figures import Figure, evidence_map
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.shares import Level, Pair, dumbbell, level_chart
from commune_pilots.briefing.wording import NO_BREAK, Writer
from commune_pilots.effects.coverage import map_evidence
from commune_pilots.effects.intervals import wilson
from commune_pilots.effects.levels import SATURATED_FROM
from commune_pilots.params import Indicator
from commune_pilots.vocabulary import LOWER_BOUNDS, Evidence, Pillar

CHANGE_KEY = "fig-change-"


def results_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw every figure that this run's data can fill, in reading order."""
    drawn = []
    indicators = sorted({row["indicator"] for row in findings.pairs})
    drawn += [change_figure(findings, indicator, write) for indicator in indicators]
    shares = [
        row for row in findings.levels if findings.indicators[row["indicator"]].unit == "percent"
    ]
    if shares:
        drawn.append(levels_figure(findings, shares, write))
    return drawn


def change_figure(findings: Findings, indicator_id: str, write: Writer) -> Figure:
    """Draw before and after of each unit that has both under one definition."""
    indicator = findings.indicators[indicator_id]
    all_of = [row for row in findings.contrasts if row["indicator"] == indicator_id]
    chosen = sorted(
        (row for row in findings.pairs if row["indicator"] == indicator_id),
        key=lambda row: -row["after"],
    )
    pairs, values = [], []
    for row in chosen:
        ends = [findings.figures[row[f"{side}_observation"]] for side in ("before", "after")]
        before, after = (str(write.figure(end, indicator, link=False)) for end in ends)
        intervals = [interval_of(end, findings.run.alpha) for end in ends]
        pairs.append(
            Pair(
                name=row["unit_name"],
                before=None if pd.isna(row["before"]) else row["before"],
                after=row["after"],
                before_label=before,
                after_label=after,
                before_interval=intervals[0],
                after_interval=intervals[1],
            )
        )
        before, after = (
            _with_interval(shown, interval, write)
            for shown, interval in zip((before, after), intervals, strict=True)
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
    targets = _targets(findings, chosen[0]["definition"], indicator, write)
    alt = plain(
        write.caption(
            "fig.change_alt",
            label=write.label(indicator),
            values="; ".join(map(str, [*values, *(said for _, said in targets)])),
        )
    )
    counted = sum(pair.after_interval is not None for pair in pairs)
    known = "all" if counted == len(pairs) else "some" if counted else "none"
    key = f"{CHANGE_KEY}{indicator_id}"
    desk, phone = dumbbell(pairs, targets=targets, key=key, alt=alt)
    return Figure(
        key=key,
        title=plain(write.say("fig.change_title", count=len(all_of), label=write.label(indicator))),
        subtitle=plain(
            write.caption(
                "fig.change_sub",
                definition=getattr(definition, write.language),
                intervals=write.say(f"fig.change_counts_{known}", level=level_of(findings, write)),
            )
            + shown_of(findings, write)
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


def interval_of(figure: Mapping[Any, Any], alpha: float) -> tuple[float, float] | None:
    """Bound a share by Wilson's interval, in per cent; none where its counts are not printed."""
    counts = figure["numerator"], figure["denominator"]
    if any(pd.isna(count) for count in counts):
        return None
    low, high = wilson(*counts, alpha=alpha)
    return float(100 * low), float(100 * high)


def shown_of(findings: Findings, write: Writer) -> Markup:
    """Say how many pairs of how many are told one by one; nothing where all of them are."""
    shown, total = len(findings.pairs), len(findings.contrasts)
    if shown == total:
        return Markup()
    return write.say("effects.first_pairs", shown=shown, total=total)


def level_of(findings: Findings, write: Writer) -> str:
    """Write the level of the run's intervals."""
    return write.percent(round(100 * (1 - findings.run.alpha), 6), decimals=0)


def _with_interval(shown: str, interval: tuple[float, float] | None, write: Writer) -> str:
    if interval is None:
        return shown
    low, high = (write.number(end, decimals=1) for end in interval)
    return str(write.say("value.with_range", value=shown, low=low, high=high))


def _targets(
    findings: Findings, definition: str, indicator: Indicator, write: Writer
) -> list[tuple[float, str]]:
    """List the printed targets of a definition, each number once, with their words."""
    own = findings["targets"]
    own = own[(own["definition"] == definition) & own["target"].notna()]
    shown = {
        row["target"]: write.figure(
            findings.figures[row["target_observation"]], indicator, link=False
        )
        for row in own.to_dict("records")
    }
    return [
        (value, plain(write.say("fig.change_target", target=shown[value])))
        for value in sorted(shown)
    ]


def source_line(findings: Findings, write: Writer, table: str) -> Markup:
    """Word the source line of a figure, linked to its data table.

    A source goes by its publisher, else its kind, by its day where known, and by its id.
    """
    known = {row["source"]: row for row in findings["sources"].to_dict("records")}
    sources = Markup("; ").join(
        Markup('<a href="#s-{}">{} {}</a>{}').format(
            source,
            write.say(f"source_kind.{row['kind']}")
            if pd.isna(row["publisher"]) or row["kind"] == "simulated"
            else row["publisher"],
            source,
            f", {write.day(row['published'])}" if pd.notna(row["published"]) else "",
        )
        for source, row in ((name, known[name]) for name in findings.sources)
    )
    return write.caption("fig.source", sources=sources, table=table)


def plain(markup: Markup) -> str:
    """Undo the escaping of a sentence that is escaped once more where it is placed.

    Spaces that may not break are plain ones again: a drawing breaks its lines itself.
    """
    return str(markup.unescape()).replace(NO_BREAK, " ")
