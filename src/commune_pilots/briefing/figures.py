"""Figures of the briefing: each drawn twice, for desk and phone, as slim inline SVG.

Text stays text, an alternative text is required, colours are the page's own variables so that dark
mode and print follow the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.transforms import IdentityTransform

from commune_pilots.briefing.labels import LINE_HEIGHT, Box, Label, Side, apart, width_of, wrap
from commune_pilots.briefing.style import LEAST_ALT
from commune_pilots.briefing.svg import DESK, INK, LINE, PALE, PHONE, SOFT, STYLE, slim

BESIDE = 5.0  # points between a mark and its label
_ANCHOR: dict[Side, str] = {"right": "left", "left": "right", "centre": "center"}


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
class Paper:
    """Width in points, and room on both sides of the axis in hundredths of it."""

    width: int
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Ends of an axis, and its ticks with their words."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]


DESK_PAPER = Paper(width=DESK, margin=15.0)
PHONE_PAPER = Paper(width=PHONE, margin=34.0)
SMALL_PAPER = Paper(width=PHONE, margin=7.0)  # no label stands beside the axis
SHARES = Scale(low=0, high=100, ticks=[(share, f"{share}%") for share in (0, 25, 50, 75, 100)])
_HALF_LINE = 7.0
_NAME_ABOVE = 0.22  # of a row: from the middle of its marks to the foot of its name
ACROSS = (0.18, 0.26)  # of a row: how far a threshold reaches above and below the middle


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
        cells = [
            (across, down + 0.62, count)
            for down, line in enumerate(counts)
            for across, count in enumerate(line)
        ]
        for across, middle, _ in sorted(cells, key=lambda cell: cell[2] > 0):
            filled = PALE if counts[int(middle)][across] else "none"
            axes.barh(middle, 0.94, left=across + 0.03, height=0.58, color=filled, ec=LINE, lw=1)
        for down, row in enumerate(rows):
            axes.text(0.03, down + 0.16, row, ha="left", va="center", weight="bold")
        for across, middle, count in cells:
            weight = "bold" if count else "normal"
            axes.text(across + 0.5, middle, str(count), ha="center", va="center", weight=weight)
        return slim(canvas, key=key, alt=alt)


def on_papers(
    draw: Callable[[Axes, Paper], None], names: Sequence[str], **laid_out: Any
) -> tuple[Markup, Markup]:
    """Draw rows under their names on the desk's paper and on the phone's (see `on_paper`)."""
    desk, phone = (on_paper(paper, draw, names, **laid_out) for paper in (DESK_PAPER, PHONE_PAPER))
    return desk, phone


def on_paper(
    paper: Paper,
    draw: Callable[[Axes, Paper], None],
    names: Sequence[str],
    *,
    row_height: int,
    key: str,
    alt: str,
    scale: Scale = SHARES,
    left: float | None = None,
    below: float = 0.0,
    beside: float = 0.0,
) -> Markup:
    """Draw rows under their names; `scale` is the axis, from 0 to 100 unless told otherwise.

    `left` is room left of the axis for shares that need no label there, in hundredths of the axis;
    `below` is room under the last row, in rows, and `beside` room right of the names, in points,
    for what is written there.
    """
    hundredth = (scale.high - scale.low) / 100
    start = scale.low - (paper.margin if left is None else left) * hundredth
    end = scale.high + paper.margin * hundredth
    at = start if left is None else scale.low
    room = (end - at) / (end - start) * 0.99 * paper.width - beside
    wrapped = [wrap(name, room, bold=left is None) for name in names]
    lines = max(map(len, wrapped), default=1)
    height = int((len(names) + below) * (row_height + LINE_HEIGHT * (lines - 1))) + 44
    with mpl.rc_context({**STYLE, "svg.hashsalt": f"{key}{paper.width}"}):
        canvas = Canvas(figsize=(paper.width / 72, height / 72), dpi=72)
        axes = canvas.add_axes((0.005, 30 / height, 0.99, 1 - 34 / height))
        axes.set_xlim(start, end)
        axes.set_ylim(len(names) - 0.6 + below, -0.9)
        axes.set_yticks([])
        axes.set_xticks([place for place, _ in scale.ticks], [said for _, said in scale.ticks])
        axes.tick_params(length=0)
        grid(axes, [place for place, _ in scale.ticks], axes.get_ylim())
        for row, rows in enumerate(wrapped):
            x, _ = spot(axes, at, row)
            for down, line in enumerate(rows, start=1):
                y = name_line(axes, row) + LINE_HEIGHT * (len(rows) - down)
                put(axes, Label(text=line, x=x, y=y, bold=left is None), INK)
        draw(axes, paper)
        return slim(canvas, key=f"{key}-{paper.width}", alt=alt)


def grid(
    axes: Axes, places: Sequence[float], ends: tuple[float, float], *, upright: bool = True
) -> None:
    """Draw grid lines at these places from end to end, as one faint mark."""
    across = [at for place in places for at in (place, place, float("nan"))]
    along = [*ends, float("nan")] * len(places)
    xs, ys = (across, along) if upright else (along, across)
    axes.plot(xs, ys, color=LINE, lw=0.5, alpha=0.5, zorder=0)


def thresholds(axes: Axes, marks: Sequence[tuple[float, str]], rows: int) -> list[Label]:
    """Draw lines through the marks of each row, not through the names above them.

    Their labels, handed back, stand centred under the last row, apart and on the paper.
    """
    paper, room = paper_of(axes), max((width_of(label) for _, label in marks), default=0.0)
    for at, _ in marks:
        across_marks(axes, at, rows, color=SOFT, lw=1.5, zorder=3)
    xs = apart(
        [spot(axes, at, 0)[0] for at, _ in marks],
        least=room + 2 * BESIDE,
        low=room / 2 + 1,
        high=paper.right - room / 2 - 1,
    )
    y = spot(axes, 0, rows - 0.62)[1] - _HALF_LINE
    named = [
        Label(text=label, x=x, y=y, side="centre") for x, (_, label) in zip(xs, marks, strict=True)
    ]
    for label in named:
        put(axes, label, SOFT)
    return named


def across_marks(axes: Axes, at: float, rows: int, **look: Any) -> None:
    """Draw an upright line in pieces, one through the marks of each row and none through names."""
    ys = [y for row in range(rows) for y in (row - ACROSS[0], row + ACROSS[1], float("nan"))]
    axes.plot([at, at, float("nan")] * rows, ys, **look)


def name_line(axes: Axes, row: int) -> float:
    """Tell the middle of the last line of a row's name, in points from the foot of the paper."""
    return spot(axes, 0, row - _NAME_ABOVE)[1] + _HALF_LINE


def spot(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """Tell where a place of the axes lies on the paper, in points."""
    across, up = axes.transData.transform((x, y))
    return float(across), float(up)


def paper_of(axes: Axes) -> Box:
    """Tell the edges of the paper, in points."""
    whole = axes.get_figure(root=True).bbox  # type: ignore[union-attr]
    return Box(0.0, 0.0, float(whole.width), float(whole.height))


def put(axes: Axes, label: Label, colour: str) -> None:
    """Write a label at its place on the paper."""
    axes.text(
        label.x, label.baseline, label.text, color=colour, ha=_ANCHOR[label.side], va="baseline",
        weight="bold" if label.bold else "normal", transform=IdentityTransform(),
    )  # fmt: skip
