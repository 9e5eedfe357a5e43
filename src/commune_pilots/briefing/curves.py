"""Curves of the briefing: the worst case by floor, and what each rival leaves of a change."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from commune_pilots.briefing.figures import BESIDE, grid, paper_of, put, spot
from commune_pilots.briefing.labels import Box, Label, settle
from commune_pilots.briefing.svg import DESK, LINE, MAIN, PHONE, SOFT, STYLE, slim

_LEAST_P = 1e-3
_ROW = 20
_PLOT = 250
_WRAP = 45
_OFF_LINE = 11.0  # points from a line to the middle of what is written along it
_THICK = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One rival explanation of a tipping-point figure.

    `size` is how large it must be to leave nothing of the change, on 0..100; `text` says so. A
    `mark` is a size once observed, drawn as a line across and never subtracted.
    """

    text: str
    size: float | None = None
    mark: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorCurve:
    """Worst p-values against floors on the dossiers, the level, and the floor that suffices."""

    floors: Sequence[int]
    worst: Sequence[float]
    alpha: float
    needed: int | None
    ticks: Sequence[tuple[float, str]]
    p_ticks: Sequence[tuple[float, str]]
    alpha_label: str
    needed_label: str
    x_label: str


def floor_figure(curve: FloorCurve, *, key: str, alt: str) -> tuple[Markup, Markup]:
    """Draw the worst p-value as a falling staircase, both axes logarithmic; alpha as a line."""

    def draw(axes: Axes) -> None:
        shown = [max(p, _LEAST_P) for p in curve.worst]
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_ylim(_LEAST_P * 0.8, 1.4)
        axes.set_xlim(curve.floors[0], curve.floors[-1])
        axes.minorticks_off()
        axes.set_xticks([at for at, _ in curve.ticks], [text for _, text in curve.ticks])
        axes.set_yticks([at for at, _ in curve.p_ticks], [text for _, text in curve.p_ticks])
        axes.plot(curve.floors, shown, color=MAIN, lw=2.5, drawstyle="steps-post")
        axes.axhline(curve.alpha, color=SOFT, lw=1.5, ls=(0, (4, 3)))
        stairs = [
            _around(axes, (start, p), (end, p))
            for (start, p), (end, _) in pairwise(zip(curve.floors, shown, strict=True))
        ]
        x, y = spot(axes, curve.floors[0], curve.alpha)
        below, above = (
            Label(text=curve.alpha_label, x=x + BESIDE, y=y + up) for up in (-_OFF_LINE, _OFF_LINE)
        )
        choices = [[below, above]]
        if curve.needed is not None:
            axes.plot([curve.needed, curve.needed], axes.get_ylim(), color=LINE, lw=1)
            axes.plot(curve.needed, curve.alpha, "o", ms=9, mfc=MAIN, mec="white", zorder=4)
            x, y = spot(axes, curve.needed, 1.0)
            right = Label(text=curve.needed_label, x=x + BESIDE, y=y, bold=True)
            choices.insert(0, [right, replace(right, x=x - BESIDE, side="left")])
        for label in settle(choices, taken=stairs, paper=paper_of(axes)):
            put(axes, label, MAIN if label.bold else SOFT)
        axes.set_xlabel(curve.x_label)

    return tuple(  # type: ignore[return-value]
        _paint(draw, width, legend=[], key=key, alt=alt) for width in (DESK, PHONE)
    )


def _around(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> Box:
    """Tell the place of a level piece of a line, as thick as it is drawn."""
    (left, y), (right, _) = spot(axes, *start), spot(axes, *end)
    return Box(left, y - _THICK, right, y + _THICK)


def tipping_figure(
    change: float, rivals: Sequence[Rival], *, x_label: str, key: str, alt: str
) -> Markup:
    """Draw what each rival leaves of the change as it grows; where a line meets 0 nothing is left.

    One small drawing, the same on every screen; the legend stands above the plot.
    """
    dashes = ["solid", (0, (5, 3)), (0, (1, 2))]
    lines = [rival for rival in rivals if rival.size is not None]
    signs = iter("●○◇")
    legend = [f"{next(signs) if rival.size is not None else '│'} {rival.text}" for rival in rivals]

    def draw(axes: Axes) -> None:
        axes.set_xlim(0, 104)
        axes.set_ylim(0, max(10.0, change * 1.12))
        axes.set_xticks([0, 25, 50, 75, 100])
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        low, high = axes.get_ylim()
        grid(axes, [y for y in axes.get_yticks() if low < y <= high], (0, 104), upright=False)
        for rival, dash, face in zip(lines, dashes, (MAIN, "white", "white"), strict=False):
            size = rival.size or 0.0
            axes.plot([0, size], [change, 0], color=MAIN, lw=2.2, ls=dash)
            marker = "o" if dash != dashes[2] else "D"
            axes.plot(size, 0, marker, ms=10, mfc=face, mec=MAIN, mew=2, clip_on=False, zorder=4)
        for rival in rivals:
            if rival.mark is not None:
                axes.axvline(rival.mark, color=SOFT, lw=1.5)
        axes.set_xlabel(x_label)

    return _paint(draw, PHONE, legend=legend, key=key, alt=alt)


def _paint(
    draw: Callable[[Axes], None], width: int, *, legend: Sequence[str], key: str, alt: str
) -> Markup:
    """Paint one drawing, its legend as text above the axes."""
    rows = [line for text in legend for line in textwrap.wrap(text, _WRAP)]
    height = _ROW * len(rows) + 12 + _PLOT
    with mpl.rc_context({**STYLE, "axes.spines.left": True, "svg.hashsalt": f"{key}{width}"}):
        canvas = Canvas(figsize=(width / 72, height / 72), dpi=72)
        left = 62 / width
        axes = canvas.add_axes((left, 56 / height, 0.975 - left, (_PLOT - 66) / height))
        axes.tick_params(length=0, labelcolor=SOFT, pad=8)
        for row, text in enumerate(rows):
            canvas.text(0.005, 1 - (14 + _ROW * row) / height, text, ha="left", va="center")
        draw(axes)
        return slim(canvas, key=f"{key}-{width}", alt=alt)
