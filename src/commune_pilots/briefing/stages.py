"""The staged roll-out on paper: candidate communes, the drawn order, cost, and a scenario's fan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots import catalogue
from commune_pilots.briefing.assumed import marked, marks
from commune_pilots.briefing.bands import Fan, fan_chart
from commune_pilots.briefing.charts import plain, source_line
from commune_pilots.briefing.figures import Figure
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of
from commune_pilots.scaling.candidates import COVARIATES

_LEVELS = (95, 80, 50)


def support_line(findings: Findings, write: Writer) -> Markup:
    """Say how many communes of today the pilots speak for, and how many they do not."""
    projected = findings["projections"]
    if projected.empty:
        return write.say("rollout.no_register")
    support = projected.loc[projected["former_pilots"].isna(), "support"]
    compared = {name for names in projected["compared"].dropna() for name in str(names).split(";")}
    labels = ", ".join(write.term("covariate", name) for name in sorted(compared))
    said = write.say(
        "rollout.support" if labels else "rollout.support_none",
        total=len(projected),
        holding=int(projected["former_pilots"].notna().sum()),
        inside=int((support == "inside").sum()),
        outside=int((support == "outside").sum()),
        unknown=int((support == "unknown").sum()),
        compared=labels,
        mark=marks(write, "support"),
    )
    unknown = [write.term("covariate", name) for name in COVARIATES if name not in compared]
    if not unknown:
        return said
    return Markup("{} {}").format(said, write.say("rollout.not_compared", names=", ".join(unknown)))


def stages_table(findings: Findings, write: Writer) -> Markup:
    """List the stages in drawn order: when, which communes, what they could detect."""
    projected = findings["projections"]
    rows = []
    for stage in findings["stages"].to_dict("records"):
        own = projected[projected["stage"] == stage["stage"]]
        names = ", ".join(own["name"])
        power = _power(stage, write)
        found = Markup("–")
        if pd.notna(stage["detectable"]):
            least = write.points(stage["detectable"], decimals=0)
            found = marked(least, write, "detectable")
        rows.append(
            Row(
                cells=[
                    write.number(stage["stage"]),
                    write.number(stage["first_month"]),
                    write.say("rollout.names", count=len(own), names=names),
                    power,
                    found,
                ]
            )
        )
    if not findings["stages"]["candidates"].sum():
        return Markup()
    header = header_of(write, "stage", "first_month", "communes", "power", "detectable")
    caption = write.caption(
        "caption.stages",
        seed=findings["stages"]["seed"].iloc[0],
        least=write.points(findings.verdict["least_change"], decimals=0),
    )
    return html_table(caption, header, rows, numeric=(0, 1, 3, 4))


def economics_table(findings: Findings, write: Writer) -> Markup:
    """Annex: cost and the worth of waiting; no table where none of it can be computed."""
    if (findings["economics"]["outcome"] == "unknown").all():
        return Markup()
    rows = [
        Row(
            cells=[
                write.say(f"economics.{row['quantity']}"),
                _worth(row, write),
                _missing(row, write),
            ]
        )
        for row in findings["economics"].to_dict("records")
    ]
    header = header_of(write, "quantity", "value", "missing")
    return html_table(write.caption("caption.economics"), header, rows, numeric=(1,))


def cost_line(findings: Findings, write: Writer) -> Markup:
    """Say whether cost can be told, and if not what is missing."""
    costs = findings["economics"]
    asked = costs[(costs["quantity"] == "cost_per_dossier") & (costs["outcome"] == "unknown")]
    if asked.empty:
        return write.say("rollout.cost_known")
    return write.say("rollout.cost_unknown", missing=_missing(asked.iloc[0].to_dict(), write))


def fan_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw the share expected month by month under the scenario; none where nothing carries it."""
    months = findings["outlook"]
    if months.empty:
        return []
    last = months.iloc[-1].to_dict()
    ends = {level: _band(last, level, write, decimals=0) for level in _LEVELS}

    fan = Fan(
        months=months["month"].tolist(),
        bands=[
            (
                months[f"low_{level}"].tolist(),
                months[f"high_{level}"].tolist(),
                plain(write.say("fig.fan_band", level=level)),
            )
            for level in _LEVELS
        ],
        expected=months["expected"].tolist(),
        expected_label=write.percent(last["expected"], decimals=0),
        x_label=plain(write.say("fig.fan_months")),
    )
    alt = plain(
        write.caption(
            "fig.fan_alt",
            months=write.number(last["month"]),
            first=write.percent(months.iloc[0]["expected"], decimals=0),
            expected=fan.expected_label,
            half=ends[50],
            most=ends[80],
            nearly_all=ends[95],
        )
    )
    desk, phone = fan_chart(fan, key="fig-fan", alt=alt)
    return [
        Figure(
            key="fig-fan",
            title=plain(write.say("fig.fan_title", expected=fan.expected_label)),
            subtitle=plain(write.caption("fig.fan_sub", most=ends[95])),
            alt=alt,
            source=source_line(findings, write, "t-outlook"),
            desk=desk,
            phone=phone,
        )
    ]


def outlook_table(findings: Findings, write: Writer) -> Markup:
    """Annex: the fan's numbers at the start of each stage and at its end."""
    months = findings["outlook"]
    if months.empty:
        return Markup()
    begins = months["started"].diff().fillna(1) != 0
    turning = months[begins | (months["month"] == months["month"].max())]
    rows = [
        Row(
            cells=[
                write.number(row["month"]),
                write.number(row["started"]),
                write.percent(row["expected"], decimals=1),
                *(_band(row, level, write, decimals=1) for level in _LEVELS[::-1]),
            ]
        )
        for row in turning.to_dict("records")
    ]
    header = header_of(write, "month", "started", "expected", "band_50", "band_80", "band_95")
    table = html_table(write.caption("caption.outlook"), header, rows, numeric=range(6))
    return Markup('<div id="t-outlook">{}</div>').format(table)


def _power(stage: Mapping[Any, Any], write: Writer) -> Markup:
    """Write a chance that rests on planning values as the range they leave; no plan is certain."""
    if pd.isna(stage["power"]) or pd.isna(stage["power_low"]):
        return Markup("–")
    low, high = (
        str(write.say("value.nearly_sure"))
        if stage[name] >= 0.995
        else write.percent(100 * stage[name], decimals=0)
        for name in ("power_low", "power")
    )
    shown = low if low == high else write.say("value.between", low=low, high=high)
    return marked(shown, write, "power")


def _band(row: Mapping[Any, Any], level: int, write: Writer, *, decimals: int) -> str:
    low, high = (write.percent(row[f"{end}_{level}"], decimals=decimals) for end in ("low", "high"))
    return f"{low}–{high}"


def _worth(row: Mapping[Any, Any], write: Writer) -> Markup:
    if row["outcome"] != "computed":
        return write.say(f"economics.{row['outcome']}")
    numbers = [row[name] for name in ("low", "expected", "high")]
    low, expected, high = (
        "–" if pd.isna(number) else _amount(number, row["measured_in"], write) for number in numbers
    )
    if low == high == "–":
        return marked(expected, write, row["quantity"])
    if expected == "–":
        shown = write.say("value.between", low=low, high=high)
    else:
        shown = write.say("value.with_range", value=expected, low=low, high=high)
    return marked(shown, write, row["quantity"])


def _amount(number: float, measured_in: str, write: Writer) -> str:
    if measured_in == "probability":
        return write.percent(100 * number, decimals=0)
    if measured_in == "percent":
        return write.percent(number, decimals=0)
    decimals = 1 if measured_in in ("dossiers", "hours", "ratio") else 0
    written = write.number(number, decimals=decimals)
    return catalogue.text(f"label.measure.{measured_in}", write.language, value=written)


def _missing(row: Mapping[Any, Any], write: Writer) -> str:
    if pd.isna(row["missing"]):
        return "–"
    return ", ".join(write.term("missing", name) for name in str(row["missing"]).split(";"))
