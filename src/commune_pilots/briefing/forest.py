"""Forest of a definition: each unit, the units pooled, and what is predicted for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from commune_pilots.briefing.figures import (
    SHARES,
    SMALL_PAPER,
    Paper,
    Scale,
    across_marks,
    name_line,
    on_paper,
    paper_of,
    put,
    thresholds,
)
from commune_pilots.briefing.labels import Label, width_of
from commune_pilots.briefing.shares import bracket
from commune_pilots.briefing.svg import INK, LINE, MAIN

Kind = Literal["unit", "weaker", "pooled", "next"]
_ROOM = 14.0  # points between a name and its number
_EDGE = 3.0
_HALF = 0.16  # of a row: half the height of a diamond
_NO = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One row: its number in words, its interval, and the ends between which the number lies.

    `low` and `high` are equal where there is no interval; `least` and `most` where the number is
    one and not a range left by unknown dossiers. What is predicted has an interval alone.
    """

    name: str
    number: str
    kind: Kind
    low: float
    high: float
    least: float = _NO
    most: float = _NO


def forest(
    rows: Sequence[Estimate], *, mark: tuple[float, str], scale: Scale = SHARES, key: str, alt: str
) -> Markup:
    """Draw units (dots), their pool (a diamond), predictions (dashed), numbers beside the rows.

    One small drawing, the same on every screen. `mark` is a threshold with its words. A diamond
    is flat where its number is a range; what is weaker than another row is hollow.
    """

    def draw(axes: Axes, paper: Paper) -> None:
        thresholds(axes, [mark], len(rows))
        for row, found in enumerate(rows):
            if found.kind == "next":
                axes.plot([found.low, found.high], [row, row], color=MAIN, lw=2.2, ls=(0, (5, 3)))
                axes.plot(
                    [found.low, found.low, _NO, found.high, found.high],
                    [row - _HALF, row + _HALF, _NO, row - _HALF, row + _HALF],
                    color=MAIN, lw=2,
                )  # fmt: skip
            elif found.kind == "pooled":
                corners = [found.low, found.least, found.most, found.high, found.most, found.least]
                heights = [row, row - _HALF, row - _HALF, row, row + _HALF, row + _HALF]
                axes.fill(corners, heights, color=MAIN, lw=0)
            else:
                if found.low < found.high:
                    bracket(axes, (found.low, found.high), row)
                inside = MAIN if found.kind == "unit" else "white"
                axes.plot(found.least, row, "o", ms=9, mfc=inside, mec=MAIN, mew=2, zorder=3)
        right = paper_of(axes).right - _EDGE
        for row, found in enumerate(rows):
            y = name_line(axes, row)
            put(axes, Label(text=found.number, x=right, y=y, side="left"), INK)
        if scale.low < 0:
            across_marks(axes, 0.0, len(rows), color=LINE, lw=1, zorder=1)

    widest = max((width_of(found.number) for found in rows), default=0.0)
    return on_paper(
        SMALL_PAPER, draw, [found.name for found in rows], row_height=44, scale=scale, key=key,
        alt=alt, left=7.0, below=0.5, beside=widest + _ROOM,
    )  # fmt: skip


def ticks_around(ends: Sequence[float]) -> list[float]:
    """Choose whole ticks, seven at most, that hold 0 and all these ends."""
    locator = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=True, min_n_ticks=1)
    low, high = min(0.0, *ends), max(0.0, *ends)
    return [float(tick) for tick in locator.tick_values(low, high if high - low > 1 else low + 1)]
