"""Tiles that say of each target whether it is reached: a word and a sign of its own, not a colour.

A filled dot is reached, a ring with a core nearly, a ring not; where nothing can be said there is a
dash, and the tile has a dashed outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from commune_pilots.briefing.figures import put
from commune_pilots.briefing.labels import LINE_HEIGHT, Label, wrap
from commune_pilots.briefing.svg import INK, LINE, MAIN, PALE, PHONE, SOFT, STYLE, slim

Standing = Literal["reached", "near", "missed", "unknown"]
_EDGE, _PAD, _APART = 2.0, 8.0, 8.0
_SIGN, _WORDS = 18.0, 34.0  # where the sign and the words stand, from the left edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One target: how it stands, the word for it, what is measured, target and result."""

    standing: Standing
    word: str
    name: str
    detail: str


def target_tiles(tiles: Sequence[Tile], *, key: str, alt: str) -> Markup:
    """Draw one tile under the other, as high as its words need.

    One small drawing, the same on every screen.
    """
    room = PHONE - _WORDS - _EDGE - _PAD
    lines = [(wrap(tile.name, room), wrap(tile.detail, room)) for tile in tiles]
    heights = [2 * _PAD + LINE_HEIGHT * (1 + len(name) + len(detail)) for name, detail in lines]
    height = sum(heights) + _APART * (len(tiles) - 1) + 2 * _EDGE
    with mpl.rc_context({**STYLE, "svg.hashsalt": key}):
        canvas = Canvas(figsize=(PHONE / 72, height / 72), dpi=72)
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, PHONE)
        axes.set_ylim(0, height)
        top = height - _EDGE
        for tile, (name, detail), high in zip(tiles, lines, heights, strict=True):
            _outline(axes, tile.standing, top, top - high)
            middle = top - _PAD - LINE_HEIGHT / 2
            _sign(axes, tile.standing, middle)
            put(axes, Label(text=tile.word, x=_WORDS, y=middle, bold=True), INK)
            for down, (line, colour) in enumerate(
                [*((line, INK) for line in name), *((line, SOFT) for line in detail)], start=1
            ):
                put(axes, Label(text=line, x=_WORDS, y=middle - down * LINE_HEIGHT), colour)
            top -= high + _APART
        return slim(canvas, key=key, alt=alt)


def _outline(axes: Axes, standing: Standing, top: float, bottom: float) -> None:
    axes.fill(
        [_EDGE, PHONE - _EDGE, PHONE - _EDGE, _EDGE],
        [bottom, bottom, top, top],
        fc=PALE if standing == "reached" else "none",
        ec=LINE,
        lw=1,
        ls=(0, (3, 3)) if standing == "unknown" else "solid",
    )


def _sign(axes: Axes, standing: Standing, y: float) -> None:
    if standing == "unknown":
        axes.plot([_SIGN - 5, _SIGN + 5], [y, y], color=MAIN, lw=2)
        return
    face = MAIN if standing == "reached" else "white"
    axes.plot(_SIGN, y, "o", ms=11, mfc=face, mec=MAIN, mew=2)
    if standing == "near":
        axes.plot(_SIGN, y, "o", ms=5, mfc=MAIN, mec=MAIN, mew=1)
