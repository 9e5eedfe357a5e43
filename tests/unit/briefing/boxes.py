"""Where the words of a drawing lie, as wide as the page's first font makes them.

Read from the SVG alone: place, anchor, weight and size; the widths are those of DejaVu Sans.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bs4 import BeautifulSoup
from bs4.element import Tag
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

FONT = "DejaVu Sans"
ASCENT, DESCENT = 0.76, 0.2
_paths = TextToPath()


class Box(NamedTuple):
    """One label: its words, its edges in the drawing's units, the size of its letters."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float


def boxes_of(drawing: Tag | str) -> list[Box]:
    """List the labels of a drawing. Raises ValueError for one that is turned."""
    svg = drawing if isinstance(drawing, Tag) else _parsed(drawing)
    return [_box(text, _size_of(svg)) for text in svg.find_all("text") if text.get_text().strip()]


def paper_of(drawing: Tag | str) -> tuple[float, float]:
    """Read width and height of the paper. Raises ValueError for one that does not start at 0."""
    svg = drawing if isinstance(drawing, Tag) else _parsed(drawing)
    left, top, width, height = map(float, str(svg["viewbox"]).split())
    if (left, top) != (0, 0):
        raise ValueError(svg["viewbox"])
    return width, height


def outside(drawing: Tag | str) -> list[Box]:
    """List the labels that leave the paper."""
    width, height = paper_of(drawing)
    return [
        box
        for box in boxes_of(drawing)
        if box.left < 0 or box.right > width or box.top < 0 or box.bottom > height
    ]


def overlapping(drawing: Tag | str) -> list[tuple[str, str]]:
    """List the pairs of labels that lie on each other."""
    found = boxes_of(drawing)
    return [
        (one.text, two.text)
        for at, one in enumerate(found)
        for two in found[at + 1 :]
        if one.left < two.right
        and two.left < one.right
        and one.top < two.bottom
        and two.top < one.bottom
    ]


def look_of(mark: Tag) -> str:
    """Read how a mark looks: its own style, or that of its class in the sheet of its page."""
    if not mark.has_attr("class"):
        return str(mark.get("style", ""))
    *_, page = mark.parents
    looks = re.findall(rf"\.{mark['class'][0]}\{{([^}}]*)\}}", str(page.find("style")))
    return str(looks[0])


def _box(text: Tag, inherited: float) -> Box:
    style = look_of(text)
    size = re.search(r"font(?:-size)?: ?(?:[a-z0-9]+ )*([\d.]+)px", style)
    letters = float(size[1]) if size else inherited
    words = text.get_text()
    weight = "bold" if re.search(r"font(?:-weight)?: ?700", style) else "normal"
    font = FontProperties(family=FONT, weight=weight, size=letters)
    width = _paths.get_text_width_height_descent(words, font, ismath=False)[0]
    anchor = re.search(r"text-anchor: ?(\w+)", style)
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor[1] if anchor else "start"]
    x, base = _place_of(text)
    left = x - shift * width
    return Box(
        text=words.strip(),
        left=left,
        top=base - ASCENT * letters,
        right=left + width,
        bottom=base + DESCENT * letters,
        size=letters,
    )


def _place_of(text: Tag) -> tuple[float, float]:
    if text.has_attr("x") and not text.has_attr("transform"):
        return float(str(text["x"])), float(str(text["y"]))
    moved = re.fullmatch(r"translate\((-?[\d.]+) (-?[\d.]+)\)", str(text.get("transform")))
    if moved is None:
        raise ValueError(f"{text} is turned")
    return float(moved[1]), float(moved[2])


def _size_of(svg: Tag) -> float:
    return float(str(svg["font-size"]))


def _parsed(drawing: str) -> Tag:
    svg = BeautifulSoup(drawing, "html.parser").svg
    if svg is None:
        raise ValueError("no drawing")
    return svg
