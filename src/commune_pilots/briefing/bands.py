"""Drawings of what may come: ranges by row, the rule under stress, and a fan over months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from commune_pilots.briefing.figures import Paper, on_papers
from commune_pilots.briefing.svg import DESK, GAP, LINE, MAIN, PALE, PHONE, SOFT, STYLE, slim


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One row of a forest: a figure as printed, or a predicted range, in per cent."""

    name: str
    low: float
    high: float
    predicted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """One row of the stress chart: per cent of the pilot communes that count, and if it turns."""

    name: str
    share: float
    turns: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """Months with three pairs of bounds (widest first), the line expected, labels of both axes."""

    months: Sequence[int]
    bands: Sequence[tuple[Sequence[float], Sequence[float], str]]
    expected: Sequence[float]
    expected_label: str
    x_label: str


def forest(
    rows: Sequence[Range], *, target: float, target_label: str, key: str, alt: str
) -> Markup:
    """Draw figures as printed (solid dots) above predicted ranges (dashed), and the target.

    One small drawing, the same on every screen. Numbers stand in the names: a range can reach the
    edge of the paper.
    """

    def draw(axes: Axes, paper: Paper) -> None:
        _threshold(axes, target, target_label, len(rows))
        for row, found in enumerate(rows):
            if found.predicted:
                axes.plot([found.low, found.high], [row, row], color=MAIN, lw=2.2, ls=(0, (5, 3)))
                for end in (found.low, found.high):
                    axes.plot(end, row, "|", ms=13, color=MAIN, mew=2)
            else:
                axes.plot(found.low, row, "o", ms=9, mfc=MAIN, mec=MAIN, zorder=3)

    names = [row.name for row in rows]
    return on_papers(draw, names, row_height=44, key=key, alt=alt, left=7.0, below=0.5)[1]


def stress_chart(
    rows: Sequence[Pushed], *, needed: float, needed_label: str, key: str, alt: str
) -> Markup:
    """Draw how many pilot communes still count under each move, against the share the rule needs.

    One small drawing, the same on every screen. A row that turns the option is hollow, and its name
    says so: not by colour alone.
    """

    def draw(axes: Axes, paper: Paper) -> None:
        _threshold(axes, needed, needed_label, len(rows))
        for row, pushed in enumerate(rows):
            axes.barh(
                row, max(pushed.share, 0.6), height=0.26, lw=1.6, edgecolor=MAIN, zorder=2,
                color="none" if pushed.turns else PALE,
            )  # fmt: skip

    names = [row.name for row in rows]
    return on_papers(draw, names, row_height=44, key=key, alt=alt, left=7.0, below=0.5)[1]


def _threshold(axes: Axes, at: float, label: str, rows: int) -> None:
    """Draw a line through the marks of each row, not through the names above them.

    Its label stands on the side where there is room for it.
    """
    for row in range(rows):
        axes.plot([at, at], [row - 0.18, row + 0.26], color=SOFT, lw=1.5, zorder=3)
    side = "right" if at > 50 else "left"
    axes.text(at, rows - 0.62, f"{GAP}{label}{GAP}", ha=side, va="top", color=SOFT)


def fan_chart(fan: Fan, *, key: str, alt: str) -> tuple[Markup, Markup]:
    """Draw the share expected month by month with its bands, each labelled at its end."""

    def paint(width: int) -> Markup:
        height = 300
        with mpl.rc_context({**STYLE, "svg.hashsalt": f"{key}{width}"}):
            canvas = Canvas(figsize=(width / 72, height / 72), dpi=72)
            room = 92 / width
            axes = canvas.add_axes((52 / width, 52 / height, 1 - 52 / width - room, 0.78))
            last = fan.months[-1]
            axes.set_xlim(fan.months[0], last)
            axes.set_ylim(0, 100)
            axes.set_yticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
            axes.tick_params(length=0, labelcolor=SOFT, pad=8)
            axes.grid(axis="y", color=LINE, lw=0.5, alpha=0.5, clip_on=False)
            axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 3, 6, 10], integer=True))
            for depth, (low, high, _) in enumerate(fan.bands):
                axes.fill_between(
                    fan.months, low, high, color=PALE, alpha=0.35 + 0.25 * depth, lw=0
                )
            axes.plot(fan.months, fan.expected, color=MAIN, lw=2.4)
            _name_ends(axes, fan, apart=100 * 19 / (0.78 * height))
            axes.set_xlabel(fan.x_label)
            return slim(canvas, key=f"{key}-{width}", alt=alt)

    return paint(DESK), paint(PHONE)


def _name_ends(axes: Axes, fan: Fan, *, apart: float) -> None:
    """Write each label at the end of its line: below the one above it, none below the axis."""
    ends = [(high[-1], label, False) for _, high, label in fan.bands]
    ends.append((fan.expected[-1], fan.expected_label, True))
    ends.sort(key=lambda end: -end[0])
    at = float("inf")
    for left, (y, label, bold) in zip(reversed(range(len(ends))), ends, strict=True):
        at = max(min(y, at - apart), apart * (left + 0.25))
        axes.text(
            fan.months[-1], at, f"{GAP}{label}", ha="left", va="center", clip_on=False,
            color=MAIN if bold else SOFT, weight="bold" if bold else "normal",
        )  # fmt: skip
