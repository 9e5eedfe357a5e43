"""Drawings of what may come: the rule under stress, and a fan over months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from commune_pilots.briefing.figures import SHARES, SMALL_PAPER, Paper, grid, on_paper, thresholds
from commune_pilots.briefing.labels import apart
from commune_pilots.briefing.svg import DESK, GAP, MAIN, PALE, PHONE, SOFT, STYLE, slim


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


def stress_chart(
    rows: Sequence[Pushed], *, needed: float, needed_label: str, key: str, alt: str
) -> Markup:
    """Draw how many pilot communes still count under each move, against the share the rule needs.

    One small drawing, the same on every screen. A row that turns the option is hollow, and its name
    says so: not by colour alone.
    """

    def draw(axes: Axes, paper: Paper) -> None:
        for turns, colour in ((False, PALE), (True, "none")):
            for row, pushed in enumerate(rows):
                if pushed.turns is turns:
                    share = max(pushed.share, 0.6)
                    axes.barh(row, share, height=0.26, lw=1.6, ec=MAIN, color=colour, zorder=2)
        thresholds(axes, [(needed, needed_label)], len(rows))

    names = [row.name for row in rows]
    return on_paper(SMALL_PAPER, draw, names, row_height=44, key=key, alt=alt, left=7.0, below=0.5)


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
            axes.set_ylim(SHARES.low, SHARES.high)
            axes.set_yticks([at for at, _ in SHARES.ticks], [said for _, said in SHARES.ticks])
            axes.tick_params(length=0, labelcolor=SOFT, pad=8)
            shares = [place for place, _ in SHARES.ticks]
            grid(axes, shares, (fan.months[0], last), upright=False)
            axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 3, 6, 10], integer=True))
            for depth, (low, high, _) in enumerate(fan.bands):
                there, back = list(fan.months), list(fan.months)[::-1]
                axes.fill(
                    there + back, [*low, *list(high)[::-1]],
                    color=PALE, alpha=0.35 + 0.25 * depth, lw=0,
                )  # fmt: skip
            axes.plot(fan.months, fan.expected, color=MAIN, lw=2.4)
            _name_ends(axes, fan, least=100 * 19 / (0.78 * height))
            axes.set_xlabel(fan.x_label)
            return slim(canvas, key=f"{key}-{width}", alt=alt)

    return paint(DESK), paint(PHONE)


def _name_ends(axes: Axes, fan: Fan, *, least: float) -> None:
    """Write each label at the end of its line, moved apart where lines end close together."""
    ends = [(high[-1], label, False) for _, high, label in fan.bands]
    ends.append((fan.expected[-1], fan.expected_label, True))
    ends = sorted(ends, key=lambda end: -end[0])[::-1]  # of equal ends the widest is on top
    places = apart([end[0] for end in ends], least=least, low=least / 4, high=100.0)
    for y, (_, label, bold) in zip(places, ends, strict=True):
        axes.text(
            fan.months[-1], y, f"{GAP}{label}", ha="left", va="center", clip_on=False,
            color=MAIN if bold else SOFT, weight="bold" if bold else "normal",
        )  # fmt: skip
