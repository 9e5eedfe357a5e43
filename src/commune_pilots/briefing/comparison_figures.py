"""Figures of the designs that compare: the event study, and the forest of all designs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from commune_pilots.briefing.charts import level_of, plain, source_line
from commune_pilots.briefing.comparison import (
    BY_MONTH,
    DECIMALS,
    MOST_DESIGNS,
    against,
    designs_of,
    label_of,
    named,
    of_question,
)
from commune_pilots.briefing.event_study import EventStudy, Month, event_study, months_between
from commune_pilots.briefing.figures import Figure, Scale
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.forest import Estimate, forest, ticks_around
from commune_pilots.briefing.wording import Writer

TABLE, MONTHS = "t-effects", "t-effects-months"
_LEAST_MONTHS = 3


def comparison_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw the first question: its months since the start if known, its designs if several.

    Other questions stand in their tables: two drawings of one weigh 8 KB.
    """
    return [
        figure
        for row in findings.primary[:1]
        for figure in (_event_study(findings, row, write), _designs(findings, row, write))
        if figure
    ]


def by_month(findings: Findings, primary: Mapping[Any, Any]) -> list[dict[Any, Any]]:
    """List the event study of a question in order; none without months on both sides."""
    own = of_question(findings, primary)
    found = own[(own["method"] == BY_MONTH) & own["estimate"].notna()].sort_values("at")
    if len(found) < _LEAST_MONTHS or not found["at"].min() < 0 <= found["at"].max():
        return []
    return list(found.to_dict("records"))


def _event_study(findings: Findings, primary: Mapping[Any, Any], write: Writer) -> Figure | None:
    rows = by_month(findings, primary)
    if not rows:
        return None
    months = [
        Month(
            at=int(row["at"]), estimate=row["estimate"], low=row["conf_low"], high=row["conf_high"]
        )
        for row in rows
    ]
    before, after = ([row for row in rows if (row["at"] < 0) == early] for early in (True, False))
    ends = [end for month in months for end in (month.estimate, month.low, month.high)]
    around = ticks_around([end for end in ends if end == end])
    ticks = months_between(months[0].at, months[-1].at)
    earlier = [row["estimate"] for row in before]
    low, high = (write.number(end, decimals=DECIMALS) for end in (min(earlier), max(earlier)))
    alt = plain(
        write.caption(
            "fig.event_alt",
            label=label_of(findings, primary, write),
            before=len(before),
            low=low,
            high=high,
            at=write.number(after[-1]["at"]),
            last=_number(after[-1], write),
        )
    )
    key = "fig-event"
    desk, phone = event_study(
        EventStudy(
            months=months,
            ticks=[(at, write.number(at)) for at in around],
            month_ticks=[(at, write.number(at)) for at in ticks],
            start_label=plain(write.say("fig.event_start")),
            before_label=plain(write.say("fig.event_before")),
            axis_label=plain(write.say("fig.event_axis")),
        ),
        key=key,
        alt=alt,
    )
    return Figure(
        key=key,
        title=plain(
            write.say(
                "fig.event_title",
                before=len(before),
                early=_beyond(before),
                after=len(after),
                beyond=_beyond(after),
            )
        ),
        subtitle=_subtitle(findings, primary, write, "event"),
        alt=alt,
        source=source_line(findings, write, MONTHS),
        desk=desk,
        phone=phone,
    )


def _designs(findings: Findings, primary: Mapping[Any, Any], write: Writer) -> Figure | None:
    """Draw every design that has an estimate, the strongest first; none beside a single one."""
    found = designs_of(findings, primary)[:MOST_DESIGNS]
    rows = [
        Estimate(
            name=named(findings, row, write),
            number=_number(row, write),
            kind="unit" if row["primary"] else "weaker",
            low=row["estimate"] if pd.isna(row["conf_low"]) else row["conf_low"],
            high=row["estimate"] if pd.isna(row["conf_high"]) else row["conf_high"],
            least=row["estimate"],
            most=row["estimate"],
        )
        for row in found
        if pd.notna(row["estimate"])
    ]
    if len(rows) < 2:
        return None
    values = "; ".join(
        plain(write.say("fig.named", name=row.name, number=row.number)) for row in rows
    )
    label = label_of(findings, primary, write)
    alt = plain(write.caption("fig.designs_alt", label=label, values=values))
    ticks = ticks_around([end for row in rows for end in (row.low, row.high)])
    key = "fig-designs"
    drawn = forest(
        rows,
        mark=(0.0, plain(write.say("fig.designs_zero"))),
        scale=Scale(low=ticks[0], high=ticks[-1], ticks=[(at, write.number(at)) for at in ticks]),
        key=key,
        alt=alt,
    )
    ends = [row.least for row in rows]
    low, high = (write.number(end, decimals=DECIMALS) for end in (min(ends), max(ends)))
    return Figure(
        key=key,
        title=plain(write.say("fig.designs_title", count=len(rows), low=low, high=high)),
        subtitle=_subtitle(findings, primary, write, "designs"),
        alt=alt,
        source=source_line(findings, write, TABLE),
        desk=drawn,
    )


def _subtitle(findings: Findings, primary: Mapping[Any, Any], write: Writer, kind: str) -> str:
    return plain(
        write.caption(
            f"fig.{kind}_sub",
            label=label_of(findings, primary, write, start=True),
            against=against(primary, write),
            level=level_of(findings, write),
        )
    )


def _beyond(rows: list[dict[Any, Any]]) -> int:
    """Count the months whose limits leave 0 out."""
    return sum(bool(row["conf_low"] > 0 or row["conf_high"] < 0) for row in rows)


def _number(row: Mapping[Any, Any], write: Writer) -> str:
    """Write an estimate beside its row, with its limits if it has any."""
    shown = write.number(row["estimate"], decimals=DECIMALS)
    if pd.isna(row["conf_low"]):
        return shown
    low, high = (write.number(row[f"conf_{end}"], decimals=DECIMALS) for end in ("low", "high"))
    return f"{shown} ({low}–{high})"
