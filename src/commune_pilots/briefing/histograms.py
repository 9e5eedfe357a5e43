"""Drawing of counts side by side: columns from 0, some of them set off, a level to hold them to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from commune_pilots.briefing.labels import width_of
from commune_pilots.briefing.svg import DESK, LINE, MAIN, PALE, PHONE, SOFT, STYLE, slim

_RIGHT, _BELOW, _ABOVE, _PLOT = 14, 50, 26, 170  # points around the plot, and its height
_PAD = 12.0  # points that the words of a level keep from both edges
_MOST_TICKS = 5
_HIDDEN = 0.06  # of the plot: how high a column without a number is


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its place on the axis, its count (none where suppressed), whether it is meant."""

    at: float
    count: float | None
    meant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Columns of one width in order, the words of both axes, and a level with its label if any.

    `levels` are the ticks of the counts with their words, from 0 (`levels_to`).
    """

    columns: Sequence[Column]
    ticks: Sequence[tuple[float, str]]
    levels: Sequence[tuple[float, str]]
    x_label: str
    level: tuple[float, str] | None = None


def levels_to(most: float) -> list[float]:
    """Choose round ticks from 0 to the first one at or above the largest count."""
    step = 1.0
    while step * (_MOST_TICKS - 1) < most:
        step *= 2.5 if f"{step:.0f}"[0] == "2" else 2
    ticks = [0.0]
    while ticks[-1] < most:
        ticks.append(ticks[-1] + step)
    return ticks if len(ticks) > 1 else [0.0, step]


def histogram(chart: Histogram, *, key: str, alt: str) -> tuple[Markup, Markup]:
    """Draw the columns; those meant are dark, those suppressed dashed and all of one height."""
    return _paint(chart, DESK, key, alt), _paint(chart, PHONE, key, alt)


def _paint(chart: Histogram, width: int, key: str, alt: str) -> Markup:
    height = _ABOVE + _PLOT + _BELOW
    with mpl.rc_context({**STYLE, "svg.hashsalt": f"{key}{width}"}):
        canvas = Canvas(figsize=(width / 72, height / 72), dpi=72)
        left = _PAD + max(width_of(said) for _, said in chart.levels)
        across = width - left - _RIGHT
        axes = canvas.add_axes((left / width, _BELOW / height, across / width, _PLOT / height))
        first, last = chart.columns[0].at, chart.columns[-1].at
        axes.set_xlim(min(first, last) - 0.6, max(first, last) + 0.6)
        axes.set_ylim(0, chart.levels[-1][0])
        axes.set_yticks([at for at, _ in chart.levels], [said for _, said in chart.levels])
        axes.set_xticks([at for at, _ in chart.ticks], [said for _, said in chart.ticks])
        axes.tick_params(length=0, labelcolor=SOFT, pad=6)
        axes.grid(axis="y", color=LINE, lw=0.5, alpha=0.5)
        axes.set_axisbelow(True)
        axes.set_xlabel(chart.x_label, labelpad=6)
        _columns(axes, chart)
        return slim(canvas, key=f"{key}-{width}", alt=alt)


def _columns(axes: Axes, chart: Histogram) -> None:
    """Draw all columns of one look as one path."""
    top = chart.levels[-1][0]
    known = [column for column in chart.columns if column.count]
    for meant, colour in ((False, PALE), (True, MAIN)):
        xs, ys = _outlines([(one.at, one.count or 0.0) for one in known if one.meant is meant])
        axes.fill(xs, ys, color=colour, lw=0)
    hidden = [(one.at, _HIDDEN * top) for one in chart.columns if one.count is None]
    xs, ys = _outlines(hidden)
    axes.plot(xs, ys, color=SOFT, lw=1, ls=(0, (2, 2)))
    if chart.level:
        at, label = chart.level
        ends = axes.get_xlim()
        axes.plot(ends, [at, at], color=SOFT, lw=1.5, ls=(0, (5, 3)))
        axes.text(ends[0], top * 1.03, label, ha="left", va="bottom", color=SOFT)


def _outlines(columns: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    gap = float("nan")
    xs = [x for at, _ in columns for x in (at - 0.4, at - 0.4, at + 0.4, at + 0.4, gap)]
    ys = [y for _, count in columns for y in (0.0, count, count, 0.0, gap)]
    return xs, ys
