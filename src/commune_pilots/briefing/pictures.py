"""Drawings of a page as pictures that stand alone, for papers where no style sheet reaches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape

from commune_pilots.errors import ExportError

_DRAWING = re.compile(r'<div class="phone">\s*<svg.*?</svg>\s*</div>|<svg.*?</svg>', re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
_BOX = re.compile(r'viewbox="0 0 ([\d.]+) ([\d.]+)"', re.IGNORECASE)
_SHEET = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_LOOKS = re.compile(r"\*\{stroke[^}]*\}|\.d\d+\{[^}]*\}")
_NAMED = re.compile(r"var\((--[\w-]+)\)")
_COLOUR = re.compile(r"(--[\w-]+):(#\w+)")
_OPENING = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'font-family="DejaVu Sans" width="{width}" height="{height}"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One drawing: its alternative text, the SVG file it would be, its size in CSS pixels."""

    alt: str
    svg: str
    width: float
    height: float


def lift(page: str) -> tuple[str, tuple[Picture, ...]]:
    """Take every drawing out of a page; an `img` with its alternative text marks the place.

    The image numbered 0, 1, ... is called `drawing-0.svg`, ... What is drawn again for the phone
    is left out; colours are those of light and print. Raises ExportError for a drawing that says
    nothing or has no size.
    """
    sheet = (_SHEET.findall(page) or [""])[0]
    colours = dict(_COLOUR.findall(sheet.partition("}")[0]))
    found: list[Picture] = []

    def mark(drawing: re.Match[str]) -> str:
        if drawing[0].startswith("<div"):
            return ""
        picture = _alone(drawing[0], sheet, colours)
        found.append(picture)
        return (
            f'<img src="drawing-{len(found) - 1}.svg" alt="{escape(picture.alt)}" '
            f'width="{picture.width:g}" height="{picture.height:g}"/>'
        )

    return _DRAWING.sub(mark, page), tuple(found)


def _alone(svg: str, sheet: str, colours: dict[str, str]) -> Picture:
    """Give a drawing what the page around it gave: names, size, typeface, colours, looks."""
    title, box = _TITLE.search(svg), _BOX.search(svg)
    if title is None or not title[1].strip() or box is None:
        raise ExportError("export_rule", page="svg", rule="alt-text", found=svg[:80])
    looks = [look for look in _LOOKS.findall(sheet) if look[0] == "*" or _wears(svg, look)]
    body = svg.replace(title[0], f"{title[0]}<style>{''.join(looks)}</style>", 1)
    body = _BOX.sub(f'viewBox="0 0 {box[1]} {box[2]}"', body, count=1)
    body = body.replace("<svg", _OPENING.format(width=box[1], height=box[2]), 1)
    return Picture(
        alt=unescape(title[1]).strip(),
        svg=_NAMED.sub(lambda name: colours[name[1]], body),
        width=float(box[1]),
        height=float(box[2]),
    )


def _wears(svg: str, look: str) -> bool:
    return f'class="{look[1 : look.index("{")]}"' in svg
