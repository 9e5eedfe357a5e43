"""The figure of notebook 03: every before/after change with its widest interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing.blocks import Block
from commune_pilots.briefing.charts import plain
from commune_pilots.briefing.figures import Figure, Scale
from commune_pilots.briefing.forest import Estimate, forest, ticks_around
from commune_pilots.briefing.wording import Writer
from commune_pilots.catalogue import Language
from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.evidence import best
from commune_pilots.params import Indicator

MOST_ROWS = 12
_KEY = "fig-contrast-ranges"
_ENDS = ("conf_low", "conf_high")


def contrast_figure(
    contrasts: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    terms: Terms,
    *,
    language: Language,
) -> Figure | Block:
    """Draw each change in points with the widest interval its unknown dossiers leave.

    Which interval, and how wide, follows from the terms: rounding, least number of dossiers, alpha.
    A sentence where there is no pair; of more than MOST_ROWS pairs the first are drawn.
    """
    write = Writer(language, best(contrasts["grade"].tolist()))
    if contrasts.empty:
        return Block(Markup("<p>{}</p>").format(write.say("fig.contrasts_none")))
    shown = contrasts.head(MOST_ROWS).to_dict("records")
    several = contrasts["indicator"].nunique() > 1
    rows = [_estimate(row, indicators, write, several=several) for row in shown]
    values = "; ".join(
        plain(write.say("fig.named", name=row.name, number=row.number)) for row in rows
    )
    alt = plain(write.say("fig.contrasts_alt", values=values))
    ticks = ticks_around([end for row in rows for end in (row.low, row.high)])
    drawn = forest(
        rows,
        mark=(0.0, plain(write.say("fig.contrasts_zero"))),
        scale=Scale(low=ticks[0], high=ticks[-1], ticks=[(at, write.number(at)) for at in ticks]),
        key=_KEY,
        alt=alt,
    )
    clear = int(((contrasts["conf_low"] > 0) | (contrasts["conf_high"] < 0)).sum())
    return Figure(
        key=_KEY,
        title=plain(write.say("fig.contrasts_title", clear=clear, count=len(contrasts))),
        subtitle=_subtitle(terms, write, shown=len(rows), total=len(contrasts)),
        alt=alt,
        source=write.say("fig.contrasts_source"),
        desk=drawn,
    )


def _estimate(
    row: Mapping[Any, Any], indicators: Mapping[str, Indicator], write: Writer, *, several: bool
) -> Estimate:
    """Place one change: its dot, its interval, and both in words; hollow where it shows nothing."""
    label = write.label(indicators[row["indicator"]])
    change = write.number(row["change"], decimals=int(row["change_decimals"]))
    bound = row["change_bound"]
    told = change if bound == "exact" else plain(write.say(f"value.{bound}", value=change))
    low, high = (row["change"] if pd.isna(row[end]) else row[end] for end in _ENDS)
    ends = {"low": write.number(low, decimals=1), "high": write.number(high, decimals=1)}
    return Estimate(
        name=f"{row['unit_name']}, {label}" if several else row["unit_name"],
        number=plain(write.say("fig.contrasts_number", change=told, **ends)),
        kind="weaker" if row["grade"] == "none" else "unit",
        low=min(low, row["change"]),
        high=max(high, row["change"]),
        least=row["change"],
        most=row["change"],
    )


def _subtitle(terms: Terms, write: Writer, *, shown: int, total: int) -> str:
    level = round(100 * (1 - terms.alpha), 3)
    places = next(at for at in range(4) if round(level, at) == level)
    said = write.say(
        "fig.contrasts_sub",
        level=write.percent(level, decimals=places),
        rounding=write.term("rounding", terms.rounding),
        least=write.number(terms.least_dossiers),
    )
    cut = write.say("fig.contrasts_first", shown=shown, total=total)
    return plain(said if shown == total else Markup("; ").join([said, cut]))
