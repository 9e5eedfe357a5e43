"""Places of labels: as wide as their letters, on the paper, off the marks and off each other.

Pure functions on places in points, x to the right and y upwards, as matplotlib counts them at 72
dots an inch. A label stands beside a point: to its right, to its left, or centred on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from commune_pilots.briefing.svg import FONT, SIZE

Side = Literal["right", "left", "centre"]
LINE_HEIGHT = 15.0
_CAPITAL = 0.73  # height of a capital and depth of a descender, in heights of the letters
_DESCENT = 0.24
_START: dict[Side, float] = {"right": 0.0, "left": 1.0, "centre": 0.5}
_paths = TextToPath()


class Box(NamedTuple):
    """Edges of what takes a place."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words beside a point; `y` is the middle of their capitals."""

    text: str
    x: float
    y: float
    side: Side = "right"
    bold: bool = False

    @property
    def baseline(self) -> float:
        """Where the letters stand."""
        return self.y - _CAPITAL * SIZE / 2


@cache
def width_of(text: str, *, bold: bool = False) -> float:
    """Measure words by the metrics of the drawings' typeface."""
    font = FontProperties(family=FONT, weight="bold" if bold else "normal", size=SIZE)
    return float(_paths.get_text_width_height_descent(text, font, ismath=False)[0])


def wrap(text: str, width: float, *, bold: bool = False) -> list[str]:
    """Break words into lines no wider than `width`; a single word is never broken."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def box_of(label: Label) -> Box:
    """Tell the place that a label takes, its descenders included."""
    width = width_of(label.text, bold=label.bold)
    left = label.x - _START[label.side] * width
    base = label.baseline
    return Box(left, base - _DESCENT * SIZE, left + width, base + _CAPITAL * SIZE)


def shared(one: Box, two: Box) -> float:
    """Measure the area that two boxes share; 0 where they only touch."""
    across = min(one.right, two.right) - max(one.left, two.left)
    up = min(one.top, two.top) - max(one.bottom, two.bottom)
    return across * up if across > 0 and up > 0 else 0.0


def settle(choices: Sequence[Sequence[Label]], *, taken: Sequence[Box], paper: Box) -> list[Label]:
    """Choose a place for each label, given its places in the order they are liked.

    Labels are placed in turn: each takes its first place that is on the paper and shares nothing
    with what is `taken` or with labels before it; where no place is free, the one of least cost
    (area shared, and area off the paper). Raises ValueError for a label without a place.
    """
    if not all(choices):
        raise ValueError("every label needs at least one place")
    filled, settled = list(taken), []
    for places in choices:
        best = min(places, key=lambda place: _cost(box_of(place), filled, paper))
        settled.append(best)
        filled.append(box_of(best))
    return settled


def apart(middles: Sequence[float], *, least: float, low: float, high: float) -> list[float]:
    """Move places on one line apart by at least `least`, between `low` and `high`.

    Order is kept and the sum of squared moves is least (pooling of adjacent violators). Where
    there is no room for all, they share it evenly.
    """
    count = len(middles)
    step = min(least, (high - low) / (count - 1)) if count > 1 else 0.0
    order = sorted(range(count), key=lambda at: (middles[at], at))
    pools: list[tuple[float, int]] = []
    for rank, at in enumerate(order):
        mean, size = middles[at] - rank * step, 1
        while pools and pools[-1][0] > mean:
            before, more = pools.pop()
            mean, size = (before * more + mean * size) / (more + size), more + size
        pools.append((mean, size))
    level = [max(low, min(mean, high - (count - 1) * step)) for mean, n in pools for _ in range(n)]
    moved = {at: level[rank] + rank * step for rank, at in enumerate(order)}
    return [moved[at] for at in range(count)]


def _cost(box: Box, filled: Sequence[Box], paper: Box) -> float:
    area = (box.right - box.left) * (box.top - box.bottom)
    hidden = area - shared(box, paper) + sum(shared(box, other) for other in filled)
    return round(hidden, 6)  # nothing hidden is 0, whatever the order of the sums
