"""Drawing of one unit over time: its months, what they would have gone on to, the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from commune_pilots.briefing.figures import SHARES
from commune_pilots.briefing.labels import LINE_HEIGHT, apart, wrap
from commune_pilots.briefing.svg import DESK, GAP, LINE, MAIN, PALE, PHONE, SOFT, STYLE, slim

MOST_EVENTS = len(ascii_lowercase)
_LEFT, _RIGHT, _BELOW, _ABOVE, _PLOT = 46, 96, 30, 40, 200  # points around the plot, and its height
_EDGE = 4.0  # points that words keep from the paper's edge
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_LETTER = 12.0  # points that the letter of an event takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month of the chart: its place on the axis, shares in per cent, missing as NaN."""

    at: float
    share: float
    expected: float
    low: float
    high: float
    outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChart:
    """Months of one unit in order, the start, and every word of the drawing.

    `events` and `ticks` are places on the axis with what to call them, in order.
    """

    months: Sequence[Month]
    start: float
    start_label: str
    events: Sequence[tuple[float, str]]
    ticks: Sequence[tuple[float, str]]
    share_label: str
    expected_label: str


def run_chart(chart: RunChart, *, key: str, alt: str) -> tuple[Markup, Markup]:
    """Draw the months as a line, what is expected dashed in its band; start and events marked.

    Dots are months outside the band. Events are letters over the plot, named in lines above it.
    """

    def paint(width: int) -> Markup:
        names = [
            line
            for letter, (_, name) in zip(ascii_lowercase, chart.events, strict=False)
            for line in wrap(f"{letter}: {name}", width - 2 * _EDGE)
        ]
        height = LINE_HEIGHT * len(names) + _ABOVE + _PLOT + _BELOW
        with mpl.rc_context({**STYLE, "svg.hashsalt": f"{key}{width}"}):
            canvas = Canvas(figsize=(width / 72, height / 72), dpi=72)
            across = width - _LEFT - _RIGHT
            axes = canvas.add_axes((_LEFT / width, _BELOW / height, across / width, _PLOT / height))
            axes.set_xlim(chart.months[0].at - 0.5, chart.months[-1].at + 0.5)
            axes.set_ylim(SHARES.low, SHARES.high)
            axes.set_yticks([at for at, _ in SHARES.ticks], [said for _, said in SHARES.ticks])
            axes.set_xticks([at for at, _ in chart.ticks], [said for _, said in chart.ticks])
            axes.tick_params(length=0, labelcolor=SOFT, pad=8)
            axes.grid(axis="y", color=LINE, lw=0.5, alpha=0.5)
            _lines(axes, chart.months)
            _ends(axes, chart)
            _marks(axes, chart, across=across)
            for row, line in enumerate(names):
                foot = height - LINE_HEIGHT * (row + 1)
                canvas.text(_EDGE / width, foot / height, line, color=SOFT)
            return slim(canvas, key=f"{key}-{width}", alt=alt)

    return paint(DESK), paint(PHONE)


def _lines(axes: Axes, months: Sequence[Month]) -> None:
    """Draw band, expected and observed; a month that nobody reported breaks the line."""
    at, share, expected, low, high = (
        np.array([getattr(month, name) for month in months], dtype=float)
        for name in ("at", "share", "expected", "low", "high")
    )
    known = ~np.isnan(low)
    around = np.concatenate([at[known], at[known][::-1]])
    axes.fill(around, np.concatenate([low[known], high[known][::-1]]), color=PALE, alpha=0.7, lw=0)
    axes.plot(at, expected, color=SOFT, lw=1.6, ls=(0, (5, 3)))
    axes.plot(at, share, color=MAIN, lw=2)
    gaps = np.isnan(np.concatenate([[np.nan], share, [np.nan]]))
    _dots(axes, at, share, gaps[:-2] & gaps[2:], size=2)  # between two gaps there is no line
    _dots(axes, at, share, np.array([month.outside for month in months]), size=7)


def _dots(axes: Axes, at: Floats, share: Floats, where: Bools, *, size: int) -> None:
    """Draw one path for all dots: strokes without length and with round ends."""
    if (where & ~np.isnan(share)).any():
        axes.plot(
            [x for place in at[where] for x in (place, place, np.nan)],
            [y for value in share[where] for y in (value, value, np.nan)],
            color=MAIN, lw=size, solid_capstyle="round",
        )  # fmt: skip


def _ends(axes: Axes, chart: RunChart) -> None:
    """Name both lines at their last month, moved apart where they end close together."""
    last = chart.months[-1].at + 0.5
    ends = []
    for name, label in (("share", chart.share_label), ("expected", chart.expected_label)):
        known = [value for month in chart.months if (value := getattr(month, name)) == value]
        ends.append((known[-1], label))
    least = 100 * (LINE_HEIGHT + 2) / _PLOT
    places = apart([at for at, _ in ends], least=least, low=least / 4, high=100.0)
    for y, (_, label), bold in zip(places, ends, (True, False), strict=True):
        axes.text(
            last, y, f"{GAP}{label}", ha="left", va="center",
            color=MAIN if bold else SOFT, weight="bold" if bold else "normal",
        )  # fmt: skip


def _marks(axes: Axes, chart: RunChart, *, across: float) -> None:
    """Draw the start as a line with its words, each event as a dotted line under its letter."""
    first, last = axes.get_xlim()
    line = 100 * LINE_HEIGHT / _PLOT
    axes.plot([chart.start, chart.start], [0, 100 + line], color=SOFT, lw=1.8)
    side = "right" if chart.start > (first + last) / 2 else "left"
    words = f"{GAP}{chart.start_label}{GAP}"
    axes.text(chart.start, 100 + 1.6 * line, words, ha=side, va="center", color=SOFT)
    letter = _LETTER * (last - first) / across
    places = apart([at for at, _ in chart.events], least=letter, low=first, high=last)
    for name, place, (at, _) in zip(ascii_lowercase, places, chart.events, strict=False):
        axes.plot([at, at], [0, 100], color=SOFT, lw=1.4, ls=(0, (1, 2.5)))
        axes.text(place, 100 + 0.6 * line, name, ha="center", va="center", color=SOFT)
