"""What was attained: the distance to 100 that was closed, and the targets, as figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from commune_pilots.briefing.charts import level_of, plain, shown_of, source_line
from commune_pilots.briefing.figures import Figure
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.shares import Gap, gap_bars
from commune_pilots.briefing.tiles import Standing, Tile, target_tiles
from commune_pilots.briefing.wording import Writer

NEAR = 0.95  # of a target: what is called nearly reached; the figure says so
GAP_KEY = "fig-gap-"
_STANDING: dict[str, Standing] = {
    "reached": "reached",
    "not_reached": "missed",
    "no_target": "unknown",
    "no_result": "unknown",
}


def gap_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw the share of the distance to 100 that was closed, one figure an indicator.

    Units of which none is known (no share before, a bound, a fall) are left out and named.
    """
    known = {row["indicator"] for row in findings.pairs if _has_gap(row)}
    return [_gap_figure(findings, indicator, write) for indicator in sorted(known)]


def target_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw how each printed target stands, in words; none where no target is printed."""
    tiles = [_tile(findings, row, write) for row in findings["targets"].to_dict("records")]
    if not tiles:
        return []
    counts = Counter(tile.standing for tile in tiles)
    title = plain(
        write.say(
            "fig.targets_title", reached=counts["reached"], total=len(tiles), open=counts["unknown"]
        )
    )
    values = "; ".join(f"{tile.name}: {tile.word}, {tile.detail}" for tile in tiles)
    alt = plain(write.caption("fig.targets_alt", title=title, values=values))
    return [
        Figure(
            key="fig-targets",
            title=title,
            subtitle=plain(
                write.caption("fig.targets_sub", near=write.percent(100 * NEAR, decimals=0))
            ),
            alt=alt,
            source=source_line(findings, write, "t-targets"),
            desk=target_tiles(tiles, key="fig-targets", alt=alt),
        )
    ]


def standing_of(target: Mapping[Any, Any]) -> Standing:
    """Tell how a target stands; one missed by at most a twentieth of it is nearly reached."""
    standing = _STANDING[target["attainment"]]
    missed = standing == "missed" and target["target"] > 0
    near = missed and NEAR * target["target"] <= target["result"] <= target["target"]
    return "near" if near else standing


def _tile(findings: Findings, row: Mapping[Any, Any], write: Writer) -> Tile:
    indicator = findings.indicators[row["indicator"]]
    target = findings.figures[row["target_observation"]]
    result = write.say("value.missing")
    if pd.notna(row["result_observation"]):
        result = write.figure(findings.figures[row["result_observation"]], indicator, link=False)
    standing = standing_of(row)
    shown = write.figure(target, indicator, link=False)
    return Tile(
        standing=standing,
        word=write.term("standing", standing),
        name=f"{write.label(indicator, start=True)}, {write.where(target, row['unit_name'])}",
        detail=plain(write.say("fig.targets_detail", target=shown, result=result)),
    )


def _gap_figure(findings: Findings, indicator: str, write: Writer) -> Figure:
    rows = [row for row in findings.pairs if row["indicator"] == indicator]
    counted = findings["counted"].set_index("contrast")
    gaps = [_gap(row, counted, write) for row in rows if _has_gap(row)]
    gaps.sort(key=lambda gap: -gap.closed)
    silent = ", ".join(row["unit_name"] for row in rows if not _has_gap(row))
    said = [write.say("fig.gap_silent", names=silent)] if silent else []
    if any(gap.interval for gap in gaps):
        said.append(write.say("fig.gap_interval", level=level_of(findings, write)))
    notes = "".join(f" {note}" for note in said)
    values = "; ".join(f"{gap.name}: {_spoken(gap, write)}" for gap in gaps)
    label = write.label(findings.indicators[indicator])
    alt = plain(write.caption("fig.gap_alt", label=label, values=values, notes=notes))
    key = f"{GAP_KEY}{indicator}"
    desk, phone = gap_bars(gaps, key=key, alt=alt)
    return Figure(
        key=key,
        title=plain(write.say("fig.gap_title", unit=gaps[0].name, gap=gaps[0].label)),
        subtitle=plain(write.caption("fig.gap_sub", notes=notes) + shown_of(findings, write)),
        alt=alt,
        source=source_line(findings, write, "t-contrasts"),
        desk=desk,
        phone=phone,
    )


def _has_gap(row: Mapping[Any, Any]) -> bool:
    return bool(pd.notna(row["gap_closed_low"]) and row["change_bound"] == "exact")


def _gap(row: Mapping[Any, Any], counted: pd.DataFrame, write: Writer) -> Gap:
    interval = None
    if row["contrast"] in counted.index:
        ends = counted.loc[row["contrast"], ["gap_closed_low", "gap_closed_high"]]
        interval = None if ends.isna().any() else (float(ends.iloc[0]), float(ends.iloc[1]))
    return Gap(
        name=row["unit_name"],
        closed=(row["gap_closed_low"] + row["gap_closed_high"]) / 2,
        label=str(write.gap(row)),
        interval=interval,
    )


def _spoken(gap: Gap, write: Writer) -> str:
    if gap.interval is None:
        return gap.label
    low, high = (write.number(end, decimals=1) for end in gap.interval)
    return str(write.say("value.with_range", value=gap.label, low=low, high=high))
