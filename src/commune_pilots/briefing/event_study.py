"""Drawing of an event study: what is estimated for each month, before and after the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from commune_pilots.briefing.figures import paper_of, spot
from commune_pilots.briefing.labels import LINE_HEIGHT, width_of
from commune_pilots.briefing.svg import DESK, GAP, LINE, MAIN, PHONE, SOFT, STYLE, slim

_LEFT, _RIGHT, _BELOW, _ABOVE, _PLOT = 46, 16, 48, 32, 200  # points around the plot, its height
_STEPS = (1, 2, 3, 6, 12, 24, 60)  # months between ticks
_MOST_TICKS = 8
_BETWEEN = -0.5  # the start lies between the last month before it and month 0
_DOT, _INSIDE = 7.0, 3.6
_PAPER = "#ffffff"
_NO = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month since the start (negative before it): estimate in points, limits or NaN."""

    at: int
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStudy:
    """Months in order, the ticks of the points with their words, and every word of the drawing."""

    months: Sequence[Month]
    ticks: Sequence[tuple[float, str]]
    month_ticks: Sequence[tuple[float, str]]
    start_label: str
    before_label: str
    axis_label: str


def event_study(study: EventStudy, *, key: str, alt: str) -> tuple[Markup, Markup]:
    """Draw estimates with their limits around 0, hollow before the start, filled from it on."""

    def paint(width: int) -> Markup:
        height = _ABOVE + _PLOT + _BELOW
        with mpl.rc_context({**STYLE, "svg.hashsalt": f"{key}{width}"}):
            canvas = Canvas(figsize=(width / 72, height / 72), dpi=72)
            across = width - _LEFT - _RIGHT
            axes = canvas.add_axes((_LEFT / width, _BELOW / height, across / width, _PLOT / height))
            axes.set_xlim(study.months[0].at - 0.7, study.months[-1].at + 0.7)
            axes.set_ylim(study.ticks[0][0], study.ticks[-1][0])
            axes.set_yticks([at for at, _ in study.ticks], [said for _, said in study.ticks])
            shown = study.month_ticks
            axes.set_xticks([at for at, _ in shown], [said for _, said in shown])
            axes.tick_params(length=0, labelcolor=SOFT, pad=8)
            axes.grid(axis="y", color=LINE, lw=0.5, alpha=0.5)
            _estimates(axes, study.months)
            _start(axes, study)
            middle = (_LEFT + across / 2) / width
            canvas.text(middle, 6 / height, study.axis_label, ha="center", color=SOFT)
            return slim(canvas, key=f"{key}-{width}", alt=alt)

    return paint(DESK), paint(PHONE)


def months_between(first: int, last: int) -> list[int]:
    """Choose round months for the axis, eight at most, month 0 among them if it is inside."""
    step = next(step for step in _STEPS if (last - first) // step < _MOST_TICKS)
    return [at for at in range(first, last + 1) if at % step == 0]


def _estimates(axes: Axes, months: Sequence[Month]) -> None:
    """Draw all limits as one path and all dots as strokes without length, hollow before."""
    axes.plot(axes.get_xlim(), (0, 0), color=SOFT, lw=1)
    ends = [(month.at, end) for month in months for end in (month.low, month.high, _NO)]
    xs, ys = np.array(ends, dtype=float).T
    axes.plot(xs, ys, color=MAIN, lw=1.6, solid_capstyle="butt")
    before = [month for month in months if month.at < 0]
    for dots, colour, size in ((months, MAIN, _DOT), (before, _PAPER, _INSIDE)):
        at = [x for month in dots for x in (month.at, month.at, _NO)]
        estimate = [y for month in dots for y in (month.estimate, month.estimate, _NO)]
        axes.plot(at, estimate, color=colour, lw=size, solid_capstyle="round")


def _start(axes: Axes, study: EventStudy) -> None:
    """Draw the start as a line, with words on those of its sides that have room for them."""
    low, high = axes.get_ylim()
    line = (high - low) * LINE_HEIGHT / _PLOT
    axes.plot([_BETWEEN, _BETWEEN], [low, high + 1.6 * line], color=SOFT, lw=1.8)
    x, paper = spot(axes, _BETWEEN, high)[0], paper_of(axes)
    sides = ((study.before_label, "right", x), (study.start_label, "left", paper.right - x))
    for words, side, room in sides:
        text = f"{GAP}{words}{GAP}"
        if width_of(text) < room:
            axes.text(_BETWEEN, high + 1.2 * line, text, ha=side, va="center", color=SOFT)
