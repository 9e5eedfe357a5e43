"""Matplotlib drawings as slim inline SVG: text stays text, colours are the page's own variables.

What a page does not need is taken out: metadata, comments, ids nothing points to, empty and bare
groups, the font said again at every label, digits of coordinates that no screen shows.
"""

from __future__ import annotations

import io
import re
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure as Canvas

DESK, PHONE = 640, 340
INK, SOFT, LINE, MAIN, PALE = "#1b1f24", "#555c66", "#9aa3ad", "#14456f", "#b9cfe3"
_VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line", MAIN: "--main", PALE: "--pale"}
_FONT, _SIZE = "DejaVu Sans", 13
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": _FONT,
    "font.size": _SIZE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": LINE,
    "text.color": INK,
    "xtick.color": SOFT,
    "axes.labelcolor": SOFT,
}
_SAID_ONCE = (
    f"font-size: {_SIZE}px; font-family: '{_FONT}'; ",
    f"; font-size: {_SIZE}px; font-family: '{_FONT}'",
    "text-anchor: start; ",
    "; stroke-linejoin: miter",
    "; stroke-dashoffset: 0",
)
_TAG = re.compile(r"<[^>]*>")  # labels hold numbers too, and keep them
_DIGITS = re.compile(r"(?<![#\w])-?\d+\.\d{2,}")
_GROUP = re.compile(r"(<g\b[^>]*>|</g>)")


def slim(canvas: Canvas, *, key: str, alt: str) -> Markup:
    """Write a drawing as SVG with its title; ids are kept only where something points."""
    stream = io.StringIO()
    canvas.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    wanted = set(re.findall(r"#([\w-]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: m[0] if m[1] in wanted else "", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    svg = svg.replace("fill: #ffffff", "fill: var(--paper)")
    for repeated in _SAID_ONCE:
        svg = svg.replace(repeated, "")
    svg = re.sub(r'<path d="[^"]*" style="fill: var\(--paper\)"/>', "", svg)
    svg = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", svg)
    box = re.search(r'viewBox="([^"]+)"', svg)
    body = _ungrouped(svg[svg.index(">") + 1 :])
    body = _TAG.sub(lambda tag: _DIGITS.sub(_shorter, tag[0]), body)
    body = re.sub(r"\s*\n\s*", "\n", body)
    opening = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'viewBox="{box}" font-size="{size}" role="img" aria-labelledby="{key}-t">'
        '<title id="{key}-t">{alt}</title>'
    ).format(box=box[1] if box else "", size=_SIZE, key=key, alt=alt)
    return opening + Markup(body)


def _ungrouped(svg: str) -> str:
    """Take out groups that carry nothing, with what closes them."""
    kept: list[str] = []
    open_groups: list[bool] = []
    for part in _GROUP.split(svg):
        if part.startswith("<g") and part.endswith("/>"):
            continue
        if part == "</g>":
            kept.append(part if open_groups.pop() else "")
        elif part.startswith("<g"):
            open_groups.append(part != "<g>")
            kept.append(part if open_groups[-1] else "")
        else:
            kept.append(part)
    return "".join(kept)


def _shorter(number: re.Match[str]) -> str:
    """Round to a tenth of a point, without a trailing zero or a minus before 0."""
    text = f"{float(number[0]):.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
