"""What may be said of the next commune: ranges by method, never a league of the pilots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing.assumed import marked
from commune_pilots.briefing.charts import interval_of, level_of, plain, source_line
from commune_pilots.briefing.figures import SHARES, Figure, Scale
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.forest import Estimate, forest, ticks_around
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of
from commune_pilots.vocabulary import PoolMethod

_PRIORS = ("half_normal_0_5", "half_normal_1", "half_normal_2")
_DRAWN_POOL = "half_normal_1"  # the middle one of the priors
_SHOWN: tuple[PoolMethod, ...] = (*_PRIORS, "reml")  # type: ignore[assignment]


def next_table(findings: Findings, write: Writer) -> Markup:
    """Say for each definition what each method predicts for the next commune, or why none does."""
    rows = []
    for group in _groups(findings):
        first = group[0]
        about = _about(findings, first, write)
        if first["outcome"] != "pooled":
            why = write.say(f"pooled.{first['outcome']}", pilots=first["pilots"])
            rows.append(Row(cells=[about, why, "–", "–", "–"]))
            continue
        by_method = {row["method"]: row for row in group}
        resting = marked(about, write, f"chance_{first['quantity']}")
        predicted = [
            write.say(
                "pooled.next",
                range=_range(by_method[method], "prediction", write),
                chance=_chance(by_method[method], write),
                threshold=_threshold(first, write),
            )
            for method in _SHOWN
        ]
        rows.append(Row(cells=[resting, *predicted]))
    if not rows:
        return Markup()
    header = [*header_of(write, "quantity"), *(write.term("pool_method", name) for name in _SHOWN)]
    return html_table(write.caption("caption.next_commune"), header, rows)


def pooled_table(findings: Findings, write: Writer) -> Markup:
    """Annex: every method, with each commune left out in turn."""
    rows = []
    many = len(findings.pairs) < len(findings.contrasts)
    for row in findings["pooled"].to_dict("records"):
        if row["outcome"] != "pooled" or (many and pd.notna(row["left_out"])):
            continue
        method = write.term("pool_method", row["method"])
        if pd.notna(row["left_out"]):
            left = findings.names[row["left_out"]]
            method = write.say("pooled.without", method=method, unit=left)
        rows.append(
            Row(
                cells=[
                    _about(findings, row, write),
                    method,
                    _range(row, "estimate", write),
                    *_numbers(row, write),
                    _spread(row, write),
                ]
            )
        )
    if not rows:
        return Markup()
    header = header_of(
        write, "quantity", "method", "estimate", "next_range", "next_chance", "spread"
    )
    header[3] = marked(header[3], write, "pooled_level")
    table = html_table(write.caption("caption.pooled"), header, rows, numeric=(2, 3, 4, 5))
    return Markup('<div id="t-pooled">{}</div>').format(table)


def forest_figures(findings: Findings, write: Writer) -> list[Figure]:
    """Draw each definition that can be pooled: its units, their pool, the range of the next one."""
    return [
        _forest(findings, group, write)
        for group in _groups(findings)
        if group[0]["outcome"] == "pooled"
    ]


def _forest(findings: Findings, group: list[dict[str, Any]], write: Writer) -> Figure:
    first = group[0]
    quantity = first["quantity"]
    indicator = findings.indicators[first["indicator"]]
    units = _levels if quantity == "level" else _changes
    own = sorted(units(findings, first["definition"], write), key=lambda row: -row.least)
    rows = [*own, *_pools(group, write)]
    key = f"fig-next-{'' if quantity == 'level' else 'change-'}{first['definition']}"
    label = plain(write.say("fig.forest_target", target=_threshold(first, write)))
    said = [plain(write.say("fig.named", name=row.name, number=row.number)) for row in rows]
    alt = plain(
        write.caption(
            f"fig.forest_alt_{quantity}",
            label=write.label(indicator),
            values="; ".join([*said, label]),
        )
    )
    known = any(row.kind == "unit" and row.low < row.high for row in rows)
    drawn = forest(
        rows,
        mark=(first["threshold"], label),
        scale=SHARES if quantity == "level" else _points_scale(rows, first["threshold"], write),
        key=key,
        alt=alt,
    )
    definition = getattr(indicator.definitions[first["definition"]], write.language)
    subtitle = write.caption(
        f"fig.forest_sub_{quantity}",
        definition=definition,
        intervals=write.say(
            f"fig.forest_{'widest' if quantity == 'change' else 'known' if known else 'unknown'}",
            level=level_of(findings, write),
        ),
        method=write.term("pool_method", _DRAWN_POOL),
    )
    title = write.say(
        f"fig.forest_title_{quantity}", pilots=first["pilots"], widest=_widest(group, write)
    )
    return Figure(
        key=key,
        title=plain(title),
        subtitle=plain(subtitle),
        alt=alt,
        source=source_line(findings, write, "t-pooled"),
        desk=drawn,
    )


def _levels(findings: Findings, definition: str, write: Writer) -> list[Estimate]:
    """List the shares after, as printed; with an interval where their dossiers are known."""
    rows = []
    for contrast in findings.contrasts:
        if contrast["definition"] != definition:
            continue
        figure = findings.figures[contrast["after_observation"]]
        indicator = findings.indicators[contrast["indicator"]]
        shown = str(write.figure(figure, indicator, link=False))
        low, high = interval_of(figure, findings.run.alpha) or (contrast["after"],) * 2
        if low < high:
            shown = f"{shown} ({_between(low, high, write)})"
        rows.append(_unit(contrast, shown, contrast["after"], low, high))
    return rows


def _changes(findings: Findings, definition: str, write: Writer) -> list[Estimate]:
    """List the changes with the widest interval that the unknown dossiers leave of each."""
    rows = []
    for contrast in findings.contrasts:
        if contrast["definition"] != definition or contrast["change_bound"] != "exact":
            continue
        low, high = contrast["conf_low"], contrast["conf_high"]
        change = write.number(contrast["change"], decimals=int(contrast["change_decimals"]))
        shown = f"{change} ({_between(low, high, write)})"
        rows.append(_unit(contrast, shown, contrast["change"], low, high))
    return rows


def _unit(
    contrast: Mapping[Any, Any], shown: str, value: float, low: float, high: float
) -> Estimate:
    name = contrast["unit_name"]
    return Estimate(
        name=name, number=shown, kind="unit", low=low, high=high, least=value, most=value
    )


def _pools(group: list[dict[str, Any]], write: Writer) -> list[Estimate]:
    """List the pool by the middle prior, then what each prior predicts."""
    by_method = {row["method"]: row for row in group}
    pool = by_method[_DRAWN_POOL]
    pooled = Estimate(
        name=plain(write.say("fig.forest_pooled")),
        number=f"{_plain_range(pool, 'estimate', write)} ({_plain_range(pool, 'conf', write)})",
        kind="pooled",
        low=pool["conf_low"],
        high=pool["conf_high"],
        least=pool["estimate_low"],
        most=pool["estimate_high"],
    )
    predicted = [
        Estimate(
            name=plain(write.say("fig.forest_next", method=write.term("pool_method", method))),
            number=_plain_range(by_method[method], "prediction", write),
            kind="next",
            low=by_method[method]["prediction_low"],
            high=by_method[method]["prediction_high"],
        )
        for method in _PRIORS
    ]
    return [pooled, *predicted]


def _points_scale(rows: list[Estimate], threshold: float, write: Writer) -> Scale:
    """Choose an axis of points that holds every interval, and the threshold."""
    ends = [threshold, *(end for row in rows for end in (row.low, row.high))]
    ticks = ticks_around(ends)
    return Scale(low=ticks[0], high=ticks[-1], ticks=[(at, write.number(at)) for at in ticks])


def _plain_range(row: Mapping[Any, Any], name: str, write: Writer) -> str:
    """Write a range beside a row: per cent carry their sign once, points have it in the title."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if row["quantity"] == "change":
        return _between(low, high, write)
    return f"{_between(low, high, write)}%"


def _between(low: float, high: float, write: Writer) -> str:
    """Write two ends, to the decimals that tell them apart."""
    decimals = 1 if round(low) == round(high) else 0
    return "–".join(write.number(end, decimals=decimals) for end in (low, high))


def _groups(findings: Findings) -> list[list[dict[str, Any]]]:
    """Take the rows of each quantity and definition, nobody left out, in the order of methods.

    A figure of a single commune is a level, told elsewhere.
    """
    pooled = findings["pooled"]
    whole = pooled[pooled["left_out"].isna() & (pooled["pilots"] > 1)]
    order = {method: at for at, method in enumerate(get_args(PoolMethod))}
    groups = whole.groupby(["quantity", "indicator", "definition"], sort=True)
    return [
        sorted(
            (cast(dict[str, Any], row) for row in rows.to_dict("records")),
            key=lambda row: order[row["method"]],
        )
        for _, rows in groups
    ]


def _about(findings: Findings, row: Mapping[Any, Any], write: Writer) -> Markup:
    label = write.label(findings.indicators[row["indicator"]])
    return write.say(f"pooled.{row['quantity']}", label=label)


def _numbers(row: Mapping[Any, Any], write: Writer) -> list[Markup | str]:
    threshold = _threshold(row, write)
    chance = write.say("pooled.chance", chance=_chance(row, write), threshold=threshold)
    return [_range(row, "prediction", write), chance]


def _threshold(row: Mapping[Any, Any], write: Writer) -> str:
    worded = write.percent if row["quantity"] == "level" else write.points
    return worded(row["threshold"], decimals=0)


def _range(row: Mapping[Any, Any], name: str, write: Writer) -> str:
    """Write the outermost ends of a number that the unknown dossiers leave open."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(low) or pd.isna(high):
        return "–"
    if row["quantity"] == "change":
        return f"{write.number(low, decimals=1)}–{write.points(high, decimals=1)}"
    decimals = 1 if round(low) == round(high) else 0
    return f"{write.percent(low, decimals=decimals)}–{write.percent(high, decimals=decimals)}"


def _chance(row: Mapping[Any, Any], write: Writer) -> str:
    """Write a chance in whole per cent, as a range where the dossiers leave one; none is sure."""
    low, high = 100 * row["chance_low"], 100 * row["chance_high"]
    if pd.isna(low):
        return "–"
    if round(low) == 100:
        return str(write.say("value.nearly_sure"))
    if round(high) == 0:
        return str(write.say("value.at_most", value=write.percent(1, decimals=0)))
    if round(low) == round(high):
        return str(write.say("value.about", value=write.percent(low, decimals=0)))
    return f"{write.percent(low, decimals=0)}–{write.percent(high, decimals=0)}"


def _spread(row: Mapping[Any, Any], write: Writer) -> str:
    """Write how far communes differ on the scale of the model, and I2 in per cent."""
    tau, i2 = (
        "–".join(write.number(row[f"{name}_{end}"], decimals=decimals) for end in ("low", "high"))
        for name, decimals in (("tau", 1), ("i2", 0))
    )
    return f"{tau} ({i2}%)"


def _widest(rows: list[dict[str, Any]], write: Writer) -> str:
    """Write the widest range that any method predicts."""
    ends = pd.DataFrame(rows)[["prediction_low", "prediction_high"]]
    widest = rows[int((ends["prediction_high"] - ends["prediction_low"]).argmax())]
    return _range(widest, "prediction", write)
