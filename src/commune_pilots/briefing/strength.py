"""How much each contrast can carry: its worst case, the floor that settles it, its rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing.assumed import marked
from commune_pilots.briefing.charts import plain, shown_of, source_line
from commune_pilots.briefing.curves import FloorCurve, Rival, floor_figure, tipping_figure
from commune_pilots.briefing.figures import Figure
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.tables import MOST_COLUMNS, Row, html_table
from commune_pilots.briefing.wording import Writer, header_of, linked
from commune_pilots.effects.evidence import DESIGNS, grade_of
from commune_pilots.vocabulary import Rival as RivalName

_DECIMALS = {"points": 1, "percent": 1, "logit": 2, "times": 1, "ratio": 1, "units": 0}
_RANGES = {"least": "most", "points_least": "points_most", "logit_least": "logit_most"}
_P_TICKS = (1.0, 0.1, 0.01, 0.001)


def denominators_sentence(findings: Findings, contrast: Mapping[Any, Any], write: Writer) -> Markup:
    """Say what the unknown numbers of dossiers leave of a contrast, with the worst pair."""
    values: dict[str, object] = {
        name: linked(count, contrast["contrast"])
        for name, count in counts_of(contrast, write, start="worst_").items()
    }
    values["p"] = write.worst_p(contrast)
    least = findings.run.least_dossiers
    floored = write.say("worst.least", least=write.number(least))
    values["least"] = f"{floored} " if least > 1 else ""
    answer = contrast["denominators"]
    if contrast["design"] == "before_after_with_n":
        return write.say(f"worst.{answer}_counted", **values)
    if answer == "open":
        return write.say("worst.open", p=values["p"])
    if answer == "decided":
        return write.say("worst.decided", **values)
    if pd.isna(contrast["floor_needed"]):
        return write.say("worst.decisive_never", **values)
    return write.say(
        f"worst.decisive_{contrast['floor_side']}",
        **values,
        floor=linked(write.number(contrast["floor_needed"]), contrast["contrast"]),
        period=period_before(findings, contrast, write),
    )


def period_before(findings: Findings, contrast: Mapping[Any, Any], write: Writer) -> Markup:
    """Name the period before, with its year where the source gives one."""
    figure = findings.figures[contrast["before_observation"]]
    span = write.period(figure, "period_start", "period_end")
    return write.say("worst.period_known", span=span) if span else write.say("worst.period")


def floor_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw the worst case against a floor on the dossiers, where the denominators decide."""
    return [
        _floor_figure(findings, contrast, write)
        for contrast in findings.pairs
        if contrast["denominators"] == "decisive" and contrast["design"] == "before_after_without_n"
    ]


def tipping_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw what a common trend and assisted filing leave of each change that is a number.

    Where a design compares, it says what the trend was: then the first change alone is drawn.
    """
    told = findings.pairs[:1] if findings.primary else findings.pairs
    known = [row for row in told if row["change_bound"] == "exact"]
    return [_tipping_figure(findings, contrast, write) for contrast in known]


def worst_table(findings: Findings, write: Writer) -> Markup:
    """Table B1b: worst pair, p-value, widest interval, floor and design effect of each contrast."""
    rows = []
    for row in findings.pairs:
        bears = row["design_effect"]
        rows.append(
            Row(
                cells=[
                    f"{row['unit_name']}: {write.label(findings.indicators[row['indicator']])}",
                    write.say("worst.pair", **counts_of(row, write, start="worst_")),
                    write.worst_p(row),
                    _interval(row, write),
                    floor_needed(row, write),
                    write.say("worst.below_one")
                    if bears < 1
                    else write.number(bears, decimals=1),
                ]
            )
        )  # fmt: skip
    header = header_of(
        write, "unit", "worst_pair", "worst_p", "interval", "floor", "design_effect",
        level=_level(findings, write),
    )  # fmt: skip
    resting = {2: "worst_p", 3: "change_worst_case", 4: "floor_needed_both", 5: "design_effect"}
    named = [
        marked(name, write, resting[at]) if at in resting else name
        for at, name in enumerate(header)
    ]
    caption = write.caption("caption.worst") + shown_of(findings, write)
    table = html_table(caption, named, rows, numeric=(2, 3, 5))
    return Markup('<div id="t-worst">{}</div>').format(table)


def counts_of(row: Mapping[Any, Any], write: Writer, *, start: str = "") -> dict[str, str]:
    """Write the four counts of a pair, by their names in the sentences."""
    columns = {"k1": "k_before", "n1": "n_before", "k2": "k_after", "n2": "n_after"}
    return {name: write.number(row[f"{start}{column}"]) for name, column in columns.items()}


def _interval(row: Mapping[Any, Any], write: Writer) -> Markup:
    """Write the limits of a difference, in points."""
    low, high = (write.number(row[f"conf_{end}"], decimals=1) for end in ("low", "high"))
    return write.say("value.between", low=low, high=high)


def floor_needed(row: Mapping[Any, Any], write: Writer) -> Markup:
    """Write how many dossiers would settle a contrast, and in which period."""
    if row["floor_short"] == 0:
        return write.say("worst.floor_none")
    if pd.isna(row["floor_needed"]):
        return write.say("worst.floor_never")
    floor = write.number(row["floor_needed"])
    return write.say(f"worst.floor_{row['floor_side']}", floor=floor)


def floors_table(findings: Findings, write: Writer) -> Markup:
    """Table B1c: the floors at which the worst pair changes, with its p-value."""
    pair = ["contrast", "k_before", "n_before", "k_after", "n_after"]
    floors = findings["floors"].drop_duplicates(pair)
    rows = []
    for figure in findings.pairs:
        if figure["denominators"] != "decisive":
            continue
        for row in floors[floors["contrast"] == figure["contrast"]].to_dict("records"):
            rows.append(
                Row(
                    cells=[
                        figure["unit_name"],
                        write.say(f"worst.floor_{row['side']}", floor=write.number(row["floor"])),
                        write.say("worst.pair", **counts_of(row, write)),
                        write.p_value(row["worst_p"]),
                        write.term("certified", str(row["certified"]).lower()),
                    ]
                )
            )
    if not rows:
        return Markup()
    header = header_of(write, "unit", "floor", "worst_pair", "worst_p", "search")
    table = html_table(write.caption("caption.floors"), header, rows, numeric=(3,))
    return Markup('<div id="t-floors">{}</div>').format(table)


def alternatives_table(findings: Findings, write: Writer) -> Markup:
    """Table B1d: what other tests, intervals and ways of rounding say."""
    named = {row["contrast"]: row["unit_name"] for row in findings.pairs}
    rows = []
    others = findings["alternatives"]
    for row in others[others["contrast"].isin(named)].to_dict("records"):
        if pd.notna(row["conf_low"]):
            found: object = _interval(row, write)
        else:
            missing = pd.isna(row["p_value"])
            found = write.say("value.missing") if missing else write.p_value(row["p_value"])
        certified = write.term("certified", str(row["certified"]).lower())
        rows.append(
            Row(
                cells=[
                    named[row["contrast"]],
                    write.term("method", row["method"]),
                    write.term("rounding", row["rounding"]),
                    found,
                    certified,
                ]
            )
        )
    header = header_of(write, "unit", "method", "rounding", "value", "search")
    caption = write.caption("caption.alternatives") + shown_of(findings, write)
    return html_table(caption, header, rows, numeric=(3,))


def counted_table(findings: Findings, write: Writer) -> Markup:
    """Table B1e: the ordinary analysis of the pairs whose counts are printed, if there are any."""
    named = {row["contrast"]: row["unit_name"] for row in findings.contrasts}
    rows = []
    for row in findings["counted"].to_dict("records"):
        rows.append(
            Row(
                cells=[
                    named[row["contrast"]],
                    write.say("worst.pair", **counts_of(row, write)),
                    write.say(
                        "value.with_range",
                        value=write.number(row["difference"], decimals=1),
                        low=write.number(row["conf_low"], decimals=1),
                        high=write.number(row["conf_high"], decimals=1),
                    ),
                    write.p_value(row["p_holm"]),
                    _or_missing(row["risk_ratio"], write, decimals=2),
                    _or_missing(row["rosenbaum_gamma"], write, decimals=1),
                ]
            )
        )
    if not rows:
        return Markup()
    header = header_of(
        write, "unit", "dossiers", "interval_counted", "p_holm", "risk_ratio", "gamma",
        level=_level(findings, write),
    )  # fmt: skip
    return html_table(write.caption("caption.counted"), header, rows, numeric=(2, 3, 4, 5))


def _level(findings: Findings, write: Writer) -> str:
    level = 100 * (1 - findings.run.alpha)
    return write.percent(level, decimals=0 if level == round(level) else 1)


def _or_missing(value: float, write: Writer, *, decimals: int) -> object:
    if pd.isna(value):
        return write.say("size.undefined")
    return write.number(value, decimals=decimals)


def sizes_table(findings: Findings, write: Writer) -> Markup:
    """Table B3b: how large each rival must be to leave nothing, one column a contrast."""
    shown = findings.pairs[: MOST_COLUMNS - 1]
    sizes = findings["sensitivities"]
    by = {(row["contrast"], row["rival"], row["setting"]): row for row in sizes.to_dict("records")}
    order = list(get_args(RivalName))
    kinds = list(dict.fromkeys((row["rival"], row["setting"]) for row in by.values()))
    kinds.sort(key=lambda kind: order.index(kind[0]))
    ends = set(_RANGES.values())
    rows = []
    for rival, setting in kinds:
        if setting in ends and any(
            (rival, start) in kinds for start, end in _RANGES.items() if end == setting
        ):
            continue
        cells: list[object] = [write.term("size", f"{rival}.{setting}")]
        for contrast in shown:
            first = by.get((contrast["contrast"], rival, setting))
            last = by.get((contrast["contrast"], rival, _RANGES.get(setting, "")))
            cells.append(_size(first, last, write))
        rows.append(Row(cells=cells, anchor=size_anchor(rival, setting)))
    header = [*header_of(write, "rival"), *(row["unit_name"] for row in shown)]
    caption = write.caption("caption.sizes")
    table = html_table(caption, header, rows, numeric=range(1, len(header)))
    return Markup('<div id="t-sizes">{}</div>').format(table)


def size_anchor(rival: str, setting: str) -> str:
    """Name the row of table B3b that holds one size."""
    return f"size-{rival}-{setting}"


def ladder_table(findings: Findings, write: Writer) -> Markup:
    """Table A1: the ladder of designs, their assumption and words, and how many contrasts stand."""
    designs = [row["design"] for row in findings.contrasts]
    rows = [
        Row(
            cells=[
                write.term("design", design),
                write.term("grade", grade_of(design)[0]),
                write.say(f"assumes.{design}"),
                write.say(f"may.{design}"),
                write.say(f"may_not.{design}"),
                write.number(designs.count(design)),
            ]
        )
        for design in DESIGNS
    ]
    header = header_of(write, "design", "grade", "assumption", "may_say", "may_not_say", "pairs")
    return html_table(write.caption("caption.ladder"), header, rows, numeric=(5,))


def _floor_figure(findings: Findings, contrast: Mapping[Any, Any], write: Writer) -> Figure:
    floors = findings["floors"]
    own = floors[floors["contrast"] == contrast["contrast"]]
    needed = None if pd.isna(contrast["floor_needed"]) else int(contrast["floor_needed"])
    alpha = write.number(findings.run.alpha, decimals=2)
    side = contrast["floor_side"]
    kind = side if needed else "never"
    key = f"fig-floor-{contrast['contrast']}"
    shown = write.number(needed) if needed else str(write.say("value.missing"))
    values = {
        "unit": contrast["unit_name"],
        "floor": shown,
        "period": plain(period_before(findings, contrast, write)),
        "alpha": alpha,
        "start": write.p_value(own["worst_p"].iloc[0]),
        "end": write.p_value(own["worst_p"].iloc[-1]),
        "last": write.number(own["floor"].iloc[-1]),
    }
    alt = plain(write.caption(f"fig.floor_alt_{kind}", **values))
    curve = FloorCurve(
        floors=own["floor"].astype(int).tolist(),
        worst=own["worst_p"].tolist(),
        alpha=findings.run.alpha,
        needed=needed,
        ticks=[(at, write.number(at)) for at in _ticks(own["floor"])],
        p_ticks=[(at, write.number(at, decimals=_places(at))) for at in _P_TICKS],
        alpha_label=f"p = {alpha}",
        needed_label=plain(write.say("fig.floor_label", floor=shown)),
        x_label=plain(write.say(f"fig.floor_axis_{side}", **values)),
    )
    desk, phone = floor_figure(curve, key=key, alt=alt)
    return Figure(
        key=key,
        title=plain(write.say(f"fig.floor_title_{kind}", **values)),
        subtitle=plain(write.caption("fig.floor_sub", alpha=alpha)),
        alt=alt,
        source=source_line(findings, write, "t-floors"),
        desk=desk,
        phone=phone,
    )


def _tipping_figure(findings: Findings, contrast: Mapping[Any, Any], write: Writer) -> Figure:
    sizes = findings["sensitivities"]
    own = sizes[sizes["contrast"] == contrast["contrast"]].set_index(["rival", "setting"])
    rivals = []
    change = abs(float(contrast["change"]))
    trend = write.change(contrast, link=False)
    ends = own.loc["common_trend"]["value"]
    nearest = abs(float(ends["points_least" if "points_least" in ends else "points_most"]))
    points = write.points(nearest, decimals=_DECIMALS["points"])
    rivals.append(Rival(text=plain(write.say("fig.tip_trend", size=points)), size=nearest))
    if contrast["change"] > 0:
        share = findings.size(contrast["contrast"], "assisted_filing", "least")
        counted = write.percent(share, decimals=1)
        rivals.append(Rival(text=plain(write.say("fig.tip_assisted", size=counted)), size=share))
    if ("common_trend", "national_points") in own.index:
        national = own.loc[("common_trend", "national_points")]
        row = findings.figures[str(national["reference"])]
        seen = write.figure(row, findings.indicators[row["indicator"]], link=False)
        rivals.append(
            Rival(
                text=plain(write.say("fig.tip_national", size=seen)), mark=float(national["value"])
            )
        )
    spoken = "; ".join(rival.text for rival in rivals)
    values = {"unit": contrast["unit_name"], "change": trend}
    alt = plain(write.caption("fig.tip_alt", **values, values=spoken))
    key = f"fig-tip-{contrast['contrast']}"
    drawn = tipping_figure(
        change, rivals, x_label=plain(write.say("fig.tip_axis")), key=key, alt=alt
    )
    return Figure(
        key=key,
        title=plain(write.say("fig.tip_title", **values)),
        subtitle=plain(write.caption("fig.tip_sub")),
        alt=alt,
        source=source_line(findings, write, "t-sizes"),
        desk=drawn,
    )


def _size(first: Mapping[Any, Any] | None, last: Mapping[Any, Any] | None, write: Writer) -> object:
    """Write one size or a range of two, or say that it is not defined or not possible."""
    ends = [row for row in (first, last) if row is not None and pd.notna(row["value"])]
    if not ends:
        return write.say("size.undefined")
    decimals = _DECIMALS[str(ends[0]["unit"])]
    written = [write.number(row["value"], decimals=decimals) for row in ends]
    shown: object = written[0]
    if len(set(written)) > 1:
        shown = write.say("value.between", low=written[0], high=written[1])
    if not ends[0]["possible"]:
        if ends[0]["rival"] == "selective_reporting":  # every unit has its pair
            return write.say("size.no_case")
        return write.say("size.impossible", value=shown)
    return shown


def _ticks(floors: pd.Series[int]) -> Sequence[int]:
    """Choose round numbers between the first and the last floor."""
    last = int(floors.iloc[-1])
    steps = [base * 10**power for power in range(8) for base in (1, 2, 5)]
    inside = [step for step in steps if step <= last]
    return inside if len(inside) <= 5 else [step for step in inside if str(step)[0] == "1"]


def _places(value: float) -> int:
    return max(0, len(f"{value:.6f}".rstrip("0").partition(".")[2]))
