"""Drawings of shares by unit: before and after, standing alone, and the distance to 100 closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes

from commune_pilots.briefing.figures import (
    ACROSS,
    BESIDE,
    Paper,
    on_papers,
    paper_of,
    put,
    spot,
    thresholds,
)
from commune_pilots.briefing.labels import Box, Label, Side, box_of, settle
from commune_pilots.briefing.svg import LINE, MAIN, PALE, SOFT

Interval = tuple[float, float]
_DOT = 5.5  # points from the middle of a dot to its edge
_AIR = 3.0  # points on both sides of a line
_BAR = 0.13  # of a row: half the height of a bar
_NO = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One unit of a dumbbell: values in per cent with their written labels; before may be none.

    An interval is there only where the numbers of dossiers are known.
    """

    name: str
    before: float | None
    after: float
    before_label: str
    after_label: str
    before_interval: Interval | None = None
    after_interval: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One bar of a level chart; `open_end` marks a bound, `muted` a figure that says little."""

    name: str
    value: float
    label: str
    open_end: bool
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Share of the distance to 100 that one unit closed, in per cent, 0 or more."""

    name: str
    closed: float
    label: str
    interval: Interval | None = None


def dumbbell(
    pairs: Sequence[Pair], *, targets: Sequence[tuple[float, str]] = (), key: str, alt: str
) -> tuple[Markup, Markup]:
    """Draw before (hollow) and after (solid) of each unit on one axis from 0 to 100.

    A target is a labelled line; no label stands on it, on a dot or on an interval.
    """

    def draw(axes: Axes, paper: Paper) -> None:
        named = thresholds(axes, targets, len(pairs))
        taken, choices = [box_of(label) for label in named], []
        for row, pair in enumerate(pairs):
            start = 0.0 if pair.before is None else pair.before
            dashes = (0, (2, 2)) if pair.before is None else "solid"
            axes.plot(
                [start, pair.after], [row, row], color=PALE, lw=6, ls=dashes,
                solid_capstyle="butt", zorder=1,
            )  # fmt: skip
            for interval in (pair.before_interval, pair.after_interval):
                if interval is not None:
                    bracket(axes, interval, row)
            if pair.before is not None:
                axes.plot(start, row, "o", ms=9, mfc="white", mec=MAIN, mew=2, zorder=3)
            axes.plot(pair.after, row, "o", ms=9, mfc=MAIN, mec=MAIN, mew=2, zorder=3)
            rises = pair.after >= start
            before = pair.before_interval or (start, start)
            after = pair.after_interval or (pair.after, pair.after)
            marks = [_reach(axes, ends, row) for ends in (after, before)]
            lines = [_line(axes, at, row) for at, _ in targets]
            taken += [*marks, *lines]
            choices += [
                _places(pair.after_label, marks[0], lines, rises=rises, bold=True),
                _places(pair.before_label, marks[1], lines, rises=not rises, bold=False),
            ]
        inside = paper_of(axes)._replace(bottom=axes.bbox.ymin)
        for label in settle(choices, taken=taken, paper=inside):
            put(axes, label, MAIN if label.bold else SOFT)

    names = [pair.name for pair in pairs]
    below = 0.5 if targets else 0.0
    return on_papers(draw, names, row_height=52, below=below, key=key, alt=alt)


def level_chart(levels: Sequence[Level], *, key: str, alt: str) -> tuple[Markup, Markup]:
    """Draw shares that stand alone as bars from 0; a bound ends in an arrow, not in an edge."""

    def draw(axes: Axes, paper: Paper) -> None:
        for row, level in enumerate(levels):
            colour = LINE if level.muted else MAIN
            tip = level.value + paper.margin * 0.15 if level.open_end else level.value
            low, high = row - _BAR, row + _BAR
            axes.fill(
                [0, level.value, tip, level.value, 0], [low, low, row, high, high],
                color=colour, lw=0,
            )  # fmt: skip
        for row, level in enumerate(levels):
            tip = level.value + paper.margin * 0.15 if level.open_end else level.value
            x, y = spot(axes, tip, row)
            shown = Label(text=level.label, x=x + BESIDE, y=y, bold=True)
            put(axes, shown, SOFT if level.muted else MAIN)

    names = [level.name for level in levels]
    return on_papers(draw, names, row_height=46, key=key, alt=alt, left=7.0)


def gap_bars(gaps: Sequence[Gap], *, key: str, alt: str) -> tuple[Markup, Markup]:
    """Draw how much of each unit's distance to 100 was closed: dark of a pale whole.

    An interval, where there is one, is a line under its bar, from 0 on.
    """

    def draw(axes: Axes, paper: Paper) -> None:
        for colour, ends in ((PALE, [100.0] * len(gaps)), (MAIN, [gap.closed for gap in gaps])):
            for row, end in enumerate(ends):
                low, high = row - _BAR, row + _BAR
                axes.fill([0, end, end, 0], [low, low, high, high], color=colour, lw=0)
        for row, gap in enumerate(gaps):
            if gap.interval is not None:
                bracket(axes, (max(gap.interval[0], 0), gap.interval[1]), row + 0.27)
            x, y = spot(axes, 100, row)
            put(axes, Label(text=gap.label, x=x + BESIDE, y=y, bold=True), MAIN)

    names = [gap.name for gap in gaps]
    below = 0.0 if gaps[-1].interval is None else 0.2
    return on_papers(draw, names, row_height=46, below=below, key=key, alt=alt, left=7.0)


def bracket(axes: Axes, ends: Interval, row: float, *, tall: float = 0.09) -> None:
    """Draw an interval as a line with its two ends."""
    low, high = ends
    axes.plot(
        [low, high, _NO, low, low, _NO, high, high],
        [row, row, _NO, row - tall, row + tall, _NO, row - tall, row + tall],
        color=MAIN, lw=1.5, zorder=2,
    )  # fmt: skip


def _reach(axes: Axes, ends: Interval, row: int) -> Box:
    """Tell the place of a dot together with its interval."""
    (left, y), (right, _) = (spot(axes, end, row) for end in ends)
    return Box(left - _DOT, y - _DOT, right + _DOT, y + _DOT)


def _line(axes: Axes, at: float, row: int) -> Box:
    """Tell the place of a target's line beside the marks of one row, with some air around it."""
    x, top = spot(axes, at, row - ACROSS[0])
    _, bottom = spot(axes, at, row + ACROSS[1])
    return Box(x - _AIR, bottom, x + _AIR, top)


def _places(text: str, mark: Box, lines: Sequence[Box], *, rises: bool, bold: bool) -> list[Label]:
    """List where a value may stand: outside its mark, under it, or beyond a target's line."""
    y = (mark.bottom + mark.top) / 2
    side: Side = "right" if rises else "left"
    step = BESIDE - 1 if rises else 1 - BESIDE
    edges = [box.right if rises else box.left for box in (mark, *lines)]
    first, *beyond = (Label(text=text, x=x + step, y=y, side=side, bold=bold) for x in edges)
    middle = (mark.left + mark.right) / 2
    under = Label(text=text, x=middle, y=y - 3 * _DOT, side="centre", bold=bold)
    return [first, under, *beyond]
