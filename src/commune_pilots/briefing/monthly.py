"""Monthly series in words, as a run chart and as a table; what lies outside is no effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots import numerals
from commune_pilots.briefing.assumed import marked
from commune_pilots.briefing.charts import plain, source_line
from commune_pilots.briefing.figures import Figure
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.monthly_counts import Part
from commune_pilots.briefing.run_chart import MOST_EVENTS, Month, RunChart, run_chart
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of
from commune_pilots.clean.small_counts import LEAST_COUNT
from commune_pilots.effects.series import summarise
from commune_pilots.effects.trend import YEAR

_MOST_YEARS = 6


def run_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw the longest series that can be projected; none where no counts by month are known.

    Two drawings weigh 8 KB, so there is one; every other series stands in the table.
    """
    drawn = findings.monthly.drawn
    if not (drawn["side"].notna() & drawn["share"].notna()).any():
        return []
    found = summarise(findings["series"])
    projected = found[found["outcome"] == "projected"].to_dict("records")
    return [_run_figure(findings, write, projected[0], series=len(projected))]


def series_table(findings: Findings, write: Writer) -> Markup:
    """Annex: the longest series folded to a few rows, and why one is not projected."""
    if findings["series"].empty:
        return Markup()
    monthly = findings.monthly
    rows = [Row(cells=_cells(part, write)) for part in monthly.rows]
    header = header_of(write, "unit", "period", "part_of", "value", "expected", "outside")
    caption = write.caption(
        "caption.series",
        months=write.number(monthly.months),
        shown=monthly.shown,
        total=monthly.total,
    )
    if hidden := sum(any(part.hidden.values()) for part in monthly.rows):
        caption += write.say("caption.hidden", count=hidden, most=LEAST_COUNT - 1)
    table = html_table(caption, header, rows, numeric=range(2, 6))
    return Markup('<div id="t-series">{}</div>').format(table)


def _run_figure(
    findings: Findings, write: Writer, told: Mapping[Any, Any], *, series: int
) -> Figure:
    own = findings.monthly.drawn
    judged = own[own["side"].notna() & own["share"].notna()].iloc[-1]
    indicator = findings.indicators[told["indicator"]]
    level = 1 - findings.run.alpha
    start, when = _start(findings, told, write)
    shares = {
        name: write.percent(judged[name], decimals=0)
        for name in ("share", "expected", "low", "high")
    }
    counts = {name: write.number(told[name]) for name in ("judged", "above", "below", "before")}
    alt = plain(
        write.caption(
            "fig.run_alt",
            unit=told["unit_name"],
            start=when,
            median=write.percent(told["median"], decimals=0),
            run=write.number(told["longest_run"]),
            **shares,
            **counts,
        )
    )
    chart = RunChart(
        months=[
            Month(
                at=_at(row["period_start"]) + 0.5,
                outside=row["side"] in ("above", "below"),
                **{name: row[name] for name in ("share", "expected", "low", "high")},
            )
            for row in _every_month(own).to_dict("records")
        ],
        start=start,
        start_label=plain(write.say("fig.run_start", start=when)),
        events=_events(findings, own, write),
        ticks=_ticks(own, write),
        share_label=plain(write.say("fig.run_share", share=shares["share"])),
        expected_label=plain(write.say("fig.run_expected", share=shares["expected"])),
    )
    key = "fig-run-1"
    subtitle = write.caption(
        "fig.run_sub",
        label=write.label(indicator, start=True),
        definition=getattr(indicator.definitions[told["definition"]], write.language),
        level=marked(write.percent(100 * level, decimals=0), write, "months_outside"),
        chance=write.percent(100 * findings.run.alpha, decimals=0),
        series=write.number(series),
        **counts,
    )
    if hidden := findings.monthly.hidden:
        subtitle += Markup(" ") + write.say("fig.run_hidden", count=hidden, most=LEAST_COUNT - 1)
    desk, phone = run_chart(chart, key=key, alt=alt)
    return Figure(
        key=key,
        title=plain(write.say("fig.run_title", unit=told["unit_name"], **counts)),
        subtitle=subtitle,
        alt=alt,
        source=source_line(findings, write, "t-series"),
        desk=desk,
        phone=phone,
    )


def _cells(row: Part, write: Writer) -> list[object]:
    """Word one row of the table: counts of the months known, the share they were expected to show.

    What was expected is weighted by dossiers, and missing if one of the months has none.
    """
    part = row.months
    known = part[part["share"].notna()]
    k, n = int(known["numerator"].sum()), int(known["denominator"].sum())
    outcome, sides = part["outcome"].iloc[0], part["side"].dropna()
    if outcome != "projected":
        expected = write.term("series", outcome)
    elif n and known["expected"].notna().all():
        weighted = (known["expected"] * known["denominator"].astype("float64")).sum() / n
        expected = write.percent(weighted, decimals=1)
    else:
        expected = "–"
    counted = " / ".join(write.number(int((sides == side).sum())) for side in ("above", "below"))
    ends = (_month(part["period_start"].iloc[at], write) for at in (0, -1))
    counts = (
        "–" if row.hidden[name] else write.number(count)
        for name, count in (("numerator", k), ("denominator", n))
    )
    if any(row.hidden.values()):
        share: object = write.say("value.hidden")
    else:
        share = write.percent(100 * k / n, decimals=1) if n else write.say("value.missing")
    return [
        part["unit_name"].iloc[0],
        "–".join(dict.fromkeys(ends)),
        "/".join(counts),
        share,
        expected,
        counted if len(sides) else "–",
    ]


def _every_month(own: pd.DataFrame) -> pd.DataFrame:
    """Put a row of nothing where a month is missing, so that no line bridges it."""
    starts = own["period_start"]
    whole = pd.date_range(starts.iloc[0], starts.iloc[-1], freq="MS", name="period_start")
    return own.set_index("period_start").reindex(whole).reset_index()


def _at(day: pd.Timestamp) -> float:
    """Place a day on the axis: months from year 0, parts of a month by its days."""
    return float(YEAR * day.year + day.month - 1 + (day.day - 1) / day.days_in_month)


def _month(day: pd.Timestamp, write: Writer) -> str:
    first = day.replace(day=1)
    return numerals.period(first.date(), (first + pd.offsets.MonthEnd(0)).date(), write.language)


def _start(findings: Findings, told: Mapping[Any, Any], write: Writer) -> tuple[float, str]:
    """Place the start on the axis and name it as finely as it is known: a month, or a year."""
    opened, pilots = told["opened"], findings["pilots"]
    own = pilots[(pilots["unit"] == told["unit"]) & (pilots["opened"] == opened)]
    precision = own["opened_precision"].iloc[0]
    if precision == "year":
        return _at(opened.replace(month=1, day=1)), str(opened.year)
    return _at(opened if precision == "day" else opened.replace(day=1)), _month(opened, write)


def _events(findings: Findings, own: pd.DataFrame, write: Writer) -> list[tuple[float, str]]:
    """Name the dated measures outside the pilot that may move the indicator within these months."""
    events = findings["events"]
    moves = events["moves"].fillna("").str.split(";")
    within = events["date_start"].between(own["period_start"].min(), own["period_start"].max())
    rival = events["programme"].isna() & moves.map(lambda ids: own["indicator"].iloc[0] in ids)
    return [
        (
            _at(event["date_start"]),
            plain(
                write.say(
                    "fig.run_event",
                    name=write.of(event, "name"),
                    when=write.period(event, "date_start", "date_end"),
                )
            ),
        )
        for event in events[within & rival].sort_values("date_start").to_dict("records")
    ][:MOST_EVENTS]


def _ticks(own: pd.DataFrame, write: Writer) -> list[tuple[float, str]]:
    """Name each year where it begins, at most six; in a short series its first and last month."""
    first, last = own["period_start"].iloc[0], own["period_start"].iloc[-1]
    years = range(first.year + (first.month > 1), last.year + 1)
    if len(years) < 2:
        return [(_at(day) + 0.5, _month(day, write)) for day in (first, last)]
    return [(float(YEAR * year), str(year)) for year in years[:: -(-len(years) // _MOST_YEARS)]]
