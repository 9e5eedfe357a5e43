"""Checks of a log in words and as figures: what is looked at, what was found, what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing.charts import plain
from commune_pilots.briefing.figures import Figure
from commune_pilots.briefing.histograms import Column, Histogram, histogram, levels_to
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer
from commune_pilots.clean.validity import LAST_DAYS, THRESHOLDS
from commune_pilots.clean.validity_counts import DESK


def checks_table(checks: pd.DataFrame, write: Writer) -> Markup:
    """Say of each check of a log what it looks at, what was found, and what that means."""
    rows = [
        Row(
            cells=[
                Markup("<strong>{}</strong><br>{}").format(
                    write.say(f"ingest_page.check.{row['check']}.name"),
                    write.say(f"ingest_page.check.{row['check']}.looks"),
                ),
                write.say(f"ingest_page.check.{row['outcome']}"),
                _statistic(row, write),
                write.say(f"ingest_page.check.{row['check']}.means"),
            ]
        )
        for row in checks.to_dict("records")
    ]
    names = ("check", "outcome", "statistic", "means")
    header = [str(write.say(f"ingest_page.column.{name}")) for name in names]
    return html_table(write.caption("ingest_page.caption.checks"), header, rows)


def validity_figures(
    *,
    filers: pd.DataFrame,
    accounts: pd.DataFrame,
    slots: pd.DataFrame,
    places: pd.DataFrame,
    points: pd.DataFrame,
    write: Writer,
) -> list[Figure]:
    """Draw what each check looks at: filers, accounts, hours, ends of months, thresholds.

    Tables are those of `clean.validity_counts`; one without counts is not drawn.
    """
    return [
        *_by_filer(filers, write),
        *_by_account(accounts, write),
        *_by_half_hour(slots, write),
        *_by_place(places, write),
        *_by_point(points, write),
    ]


def _by_filer(filers: pd.DataFrame, write: Writer) -> list[Figure]:
    known = filers[filers["share"].notna()]
    if known.empty:
        return []
    quarters = [f"{at.quarter}/{at.year}" for at in filers["quarter"]]
    columns = [
        Column(at=at, count=None if pd.isna(share) else float(share), meant=True)
        for at, share in enumerate(filers["share"])
    ]
    first, last = known.index[0], known.index[-1]
    said = {
        "first": write.percent(float(known.loc[first, "share"]), decimals=0),
        "last": write.percent(float(known.loc[last, "share"]), decimals=0),
        "begun": quarters[first],
        "ended": quarters[last],
    }
    step = max(1, len(quarters) // 4)
    ticks = [(at, quarters[at]) for at in range(0, len(quarters), step)]
    return [_figure("filers", columns, ticks, said, write)]


def _by_account(accounts: pd.DataFrame, write: Writer) -> list[Figure]:
    found = _counts(accounts, "size", "filed")
    known = {size: count for size, count in found.items() if count is not None}
    total = sum(known.values())
    if not total:
        return []
    most = max(found)
    classes = sorted(found.items())
    columns = [
        Column(at=at, count=count, meant=size == most) for at, (size, count) in enumerate(classes)
    ]
    ends = [*(size - 1 for size, _ in classes[1:]), None]
    ticks = [
        (float(at), _class(size, end, write))
        for at, ((size, _), end) in enumerate(zip(classes, ends, strict=True))
    ]
    said = {
        "share": write.percent(100 * known.get(most, 0) / total, decimals=0),
        "many": write.number(most),
        "total": write.number(total),
    }
    part = "" if len(known) == len(found) else "_part"
    return [_figure("accounts", columns, ticks, said, write, part=part)]


def _class(least: int, most: int | None, write: Writer) -> str:
    """Name a class of whole numbers: one, a span, or all from its least on."""
    if most is None:
        return f"≥ {write.number(least)}"
    return write.number(least) if least == most else f"{write.number(least)}–{write.number(most)}"


def _by_place(places: pd.DataFrame, write: Writer) -> list[Figure]:
    found = _counts(places, "place", "filed")
    others = [count for place, count in found.items() if place > LAST_DAYS and count is not None]
    last = [count for place, count in found.items() if place <= LAST_DAYS and count is not None]
    if not others or not last:
        return []
    usual = sum(others) / len(others)
    said = {
        "last": write.number(sum(last) / len(last)),
        "usual": write.number(usual),
        "days": write.number(LAST_DAYS),
    }
    columns = [
        Column(at=-place, count=count, meant=place <= LAST_DAYS)
        for place, count in sorted(found.items(), reverse=True)
    ]
    ticks = [(-place, write.number(place)) for place in found]
    level = (usual, plain(write.say("ingest_page.fig.places_level", **said)))
    return [_figure("places", columns, ticks, said, write, level=level)]


def _by_half_hour(slots: pd.DataFrame, write: Writer) -> list[Figure]:
    found = _counts(slots, "slot", "filed")
    known = {slot: count for slot, count in found.items() if count is not None}
    total = sum(known.values())
    if not total:
        return []
    desk = sum(count for slot, count in known.items() if slot in DESK)
    said = {
        "share": write.percent(100 * desk / total, decimals=0),
        "busiest": _clock(max(known, key=lambda slot: known[slot])),
        "total": write.number(total),
    }
    columns = [Column(at=slot, count=count, meant=slot in DESK) for slot, count in found.items()]
    ticks = [(2 * hour - 0.5, write.number(hour)) for hour in range(0, 25, 4)]
    part = "" if len(known) == len(found) else "_part"  # a share of what is printed, not of all
    return [_figure("slots", columns, ticks, said, write, part=part)]


def _by_point(points: pd.DataFrame, write: Writer) -> list[Figure]:
    found = _counts(points, "point", "months")
    total = sum(count or 0 for count in found.values())
    if not total:
        return []
    near = ", ".join(
        plain(
            write.say(
                "ingest_page.fig.points_near",
                limit=write.percent(limit, decimals=0),
                above=write.number(found[limit] or 0),
                below=write.number(found[limit - 1] or 0),
            )
        )
        for limit in THRESHOLDS
    )
    said = {"total": write.number(total), "near": near}
    columns = [
        Column(at=point + 0.5, count=count, meant=point in THRESHOLDS)
        for point, count in found.items()
    ]
    ticks = [(limit, write.number(limit)) for limit in (0, 20, 40, *THRESHOLDS)]
    return [_figure("points", columns, ticks, said, write)]


def _figure(
    name: str,
    columns: Sequence[Column],
    ticks: Sequence[tuple[float, str]],
    said: Mapping[str, object],
    write: Writer,
    *,
    level: tuple[float, str] | None = None,
    part: str = "",
) -> Figure:
    tops = levels_to(max(column.count or 0.0 for column in columns))
    chart = Histogram(
        columns=columns,
        ticks=ticks,
        levels=[(top, write.number(top)) for top in tops],
        x_label=plain(write.say(f"ingest_page.fig.{name}_axis")),
        level=level,
    )
    key = f"fig-{name}"
    alt = plain(write.caption(f"ingest_page.fig.{name}_alt{part}", **said))
    desk, phone = histogram(chart, key=key, alt=alt)
    subtitle = str(write.say(f"ingest_page.fig.{name}_sub", **said))
    if any(column.count is None for column in columns):
        subtitle = f"{subtitle}. {write.say('ingest_page.fig.suppressed')}"
    return Figure(
        key=key,
        title=plain(write.say(f"ingest_page.fig.{name}_title{part}", **said)),
        subtitle=plain(Markup(subtitle)),
        alt=alt,
        source=write.caption("ingest_page.fig.log_source"),
        desk=desk,
        phone=phone,
    )


def _statistic(row: Mapping[Any, Any], write: Writer) -> Markup | str:
    """Write what a check found beside its limit; unknown stays unknown."""
    if pd.isna(row["statistic"]):
        return write.say("ingest_page.no_data")
    value, limit = float(row["statistic"]), float(row["reference"])
    if row["check"] == "threshold_heaping":
        told = {"value": write.p_value(value), "limit": write.percent(limit, decimals=0)}
        return write.say("ingest_page.check.threshold", **told)
    if row["check"] == "period_end_bunching":
        told = {"value": write.number(value, decimals=2), "limit": write.number(limit, decimals=1)}
        return write.say("ingest_page.check.ratio", **told)
    told = {"value": write.percent(value, decimals=1), "limit": write.percent(limit, decimals=0)}
    return write.say("ingest_page.check.share", **told)


def _counts(table: pd.DataFrame, at: str, count: str) -> dict[int, float | None]:
    return {
        int(row[at]): None if pd.isna(row[count]) else float(row[count])
        for row in table.to_dict("records")
    }


def _clock(slot: int) -> str:
    return f"{slot // 2}:{'30' if slot % 2 else '00'}"
