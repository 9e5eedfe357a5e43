"""Figures of the briefing: each drawn twice, for desk and phone, as slim inline SVG.

Text stays text, an alternative text is required, colours are the page's own variables so that dark
mode and print follow the page.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from commune_pilots.briefing.style import LEAST_ALT
from commune_pilots.briefing.svg import DESK, LINE, MAIN, PALE, PHONE, SOFT, STYLE, slim


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: headline, subtitle, drawings, alternative text, source line.

    Drawn for the desk and for the phone; a small one, the same on both, has no `phone`.
    """

    key: str
    title: str
    subtitle: str
    alt: str
    source: Markup
    desk: Markup
    phone: Markup | None = None

    def __post_init__(self) -> None:
        if len(self.alt) < LEAST_ALT or not re.search(r"\d", self.alt):
            raise ValueError(f"figure {self.key}: the alternative text must say its numbers")

    def _repr_html_(self) -> str:
        """Show the figure; the export numbers it."""
        if self.phone is None:
            drawn = {"small": self.desk}
        else:
            drawn = {"desk": self.desk, "phone": self.phone}
        shown = Markup("").join(
            Markup('<div class="{}">{}</div>').format(name, svg) for name, svg in drawn.items()
        )
        return Markup(
            '<figure id="{key}"><h3><span class="fig"></span>{title}</h3><p class="sub">{subtitle}'
            "</p>{shown}<figcaption>{source}</figcaption></figure>"
        ).format(
            key=self.key,
            title=self.title,
            subtitle=self.subtitle,
            source=self.source,
            shown=shown,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One unit of a dumbbell: values in per cent with their written labels; before may be none."""

    name: str
    before: float | None
    after: float
    before_label: str
    after_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One bar of a level chart; `open_end` marks a bound, `muted` a figure that says little."""

    name: str
    value: float
    label: str
    open_end: bool
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Width in points, room on both sides of 0..100 in axis units, characters a name may take."""

    width: int
    margin: float
    wrap: int


_DESK = Paper(width=DESK, margin=15.0, wrap=80)
_PHONE = Paper(width=PHONE, margin=34.0, wrap=42)


def dumbbell(pairs: Sequence[Pair], *, key: str, alt: str) -> tuple[Markup, Markup]:
    """Draw before (hollow) and after (solid) of each unit on one axis from 0 to 100."""

    def draw(axes: Axes, paper: Paper) -> None:
        gap = paper.margin * 0.13
        for row, pair in enumerate(pairs):
            start = 0.0 if pair.before is None else pair.before
            dashes = (0, (2, 2)) if pair.before is None else "solid"
            axes.plot(
                [start, pair.after],
                [row, row],
                color=PALE,
                lw=6,
                ls=dashes,
                solid_capstyle="butt",
                zorder=1,
            )
            if pair.before is not None:
                axes.plot(start, row, "o", ms=9, mfc="white", mec=MAIN, mew=2, zorder=3)
            axes.plot(pair.after, row, "o", ms=9, mfc=MAIN, mec=MAIN, zorder=3)
            axes.text(start - gap, row, pair.before_label, ha="right", va="center", color=SOFT)
            axes.text(
                pair.after + gap,
                row,
                pair.after_label,
                ha="left",
                va="center",
                color=MAIN,
                weight="bold",
            )

    names = [pair.name for pair in pairs]
    return on_papers(draw, names, row_height=52, key=key, alt=alt)


def level_chart(levels: Sequence[Level], *, key: str, alt: str) -> tuple[Markup, Markup]:
    """Draw shares that stand alone as bars from 0; a bound ends in an arrow, not in an edge."""

    def draw(axes: Axes, paper: Paper) -> None:
        for row, level in enumerate(levels):
            colour = LINE if level.muted else MAIN
            axes.barh(row, level.value, height=0.26, color=colour)
            end = level.value
            if level.open_end:
                axes.plot(level.value + paper.margin * 0.08, row, ">", ms=8, color=colour)
                end += paper.margin * 0.1
            axes.text(
                end + paper.margin * 0.1,
                row,
                level.label,
                ha="left",
                va="center",
                weight="bold",
                color=SOFT if level.muted else MAIN,
            )

    names = [level.name for level in levels]
    return on_papers(draw, names, row_height=46, key=key, alt=alt, left=7.0)


def evidence_map(
    counts: Sequence[Sequence[int]],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    key: str,
    alt: str,
) -> Markup:
    """Draw a grid of counts, pillars down and classes of evidence across; zeros are shown.

    One small drawing, the same on every screen.
    """
    height = 40 + 74 * len(rows)
    with mpl.rc_context({**STYLE, "svg.hashsalt": key}):
        canvas = Canvas(figsize=(PHONE / 72, height / 72), dpi=72)
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, len(columns))
        axes.set_ylim(len(rows), -0.55)
        for across, column in enumerate(columns):
            axes.text(across + 0.5, -0.28, column, ha="center", va="center", color=SOFT)
        for down, row in enumerate(rows):
            axes.text(0.03, down + 0.16, row, ha="left", va="center", weight="bold")
            for across, count in enumerate(counts[down]):
                axes.barh(
                    down + 0.62,
                    0.94,
                    left=across + 0.03,
                    height=0.58,
                    color=PALE if count else "none",
                    edgecolor=LINE,
                    lw=1,
                )
                axes.text(
                    across + 0.5,
                    down + 0.62,
                    str(count),
                    ha="center",
                    va="center",
                    weight="bold" if count else "normal",
                )
        for drawn in axes.get_children():
            drawn.set_clip_on(False)
        return slim(canvas, key=key, alt=alt)


def on_papers(
    draw: Callable[[Axes, Paper], None],
    names: Sequence[str],
    *,
    row_height: int,
    key: str,
    alt: str,
    left: float | None = None,
    below: float = 0.0,
) -> tuple[Markup, Markup]:
    """Draw rows under their names on the desk's and on the phone's paper, axis from 0 to 100.

    `below` is room under the last row, in rows, for what is written there.
    """

    def paint(paper: Paper) -> Markup:
        start = -paper.margin if left is None else -left
        wrapped = [textwrap.fill(name, paper.wrap) for name in names]
        lines = max((name.count("\n") + 1 for name in wrapped), default=1)
        height = int((len(names) + below) * (row_height + 15 * (lines - 1))) + 44
        with mpl.rc_context({**STYLE, "svg.hashsalt": f"{key}{paper.width}"}):
            canvas = Canvas(figsize=(paper.width / 72, height / 72), dpi=72)
            axes = canvas.add_axes((0.005, 30 / height, 0.99, 1 - 34 / height))
            axes.set_xlim(start, 100 + paper.margin)
            axes.set_ylim(len(names) - 0.6 + below, -0.9)
            axes.set_yticks([])
            axes.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
            axes.tick_params(length=0)
            axes.grid(axis="x", color=LINE, lw=0.5, alpha=0.5, zorder=0, clip_on=False)
            axes.set_axisbelow(True)
            at = start if left is None else 0.0
            for row, name in enumerate(wrapped):
                axes.text(
                    at,
                    row - 0.22,
                    name,
                    ha="left",
                    va="bottom",
                    linespacing=1.15,
                    weight="bold" if left is None else "normal",
                )
            draw(axes, paper)
            for drawn in axes.get_children():  # nothing leaves the axes: no cutting to be told
                drawn.set_clip_on(False)
            return slim(canvas, key=f"{key}-{paper.width}", alt=alt)

    return paint(_DESK), paint(_PHONE)
