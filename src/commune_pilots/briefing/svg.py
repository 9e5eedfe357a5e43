"""Matplotlib drawings as slim inline SVG: text stays text, colours are the page's own variables.

What a page does not need is taken out: metadata, comments, ids nothing points to, empty and bare
groups, the font said again at every label, digits of coordinates that no screen shows, and cuts: a
chart sets limits that hold all it draws. Dots are circles and not curves defined apart.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure as Canvas

DESK, PHONE = 640, 340
INK, SOFT, LINE, MAIN, PALE = "#1b1f24", "#555c66", "#9aa3ad", "#14456f", "#b9cfe3"
_VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line", MAIN: "--main", PALE: "--pale"}
GAP = "\u00a0"  # parts a label from its line: blanks at its ends would not be drawn
FONT, SIZE = "DejaVu Sans", 13
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": FONT,
    "font.size": SIZE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": LINE,
    "text.color": INK,
    "xtick.color": SOFT,
    "axes.labelcolor": SOFT,
}
_SAID_ONCE = (
    f"font-size: {SIZE}px; font-family: '{FONT}'; ",
    f"; font-size: {SIZE}px; font-family: '{FONT}'",
    "text-anchor: start; ",
    "; stroke-linejoin: miter",
    "; stroke-dashoffset: 0",
    "; stroke-linecap: square",
    f"fill: var({_VARIABLES[INK]})",
)
_TAG = re.compile(r"<[^>]*>")  # labels hold numbers too, and keep them
_DIGITS = re.compile(r"(?<![#\w])-?\d+\.\d{2,}")
_QUOTED = re.compile(r'( (?:d|style)=")([^"]*)(")')
_DRAWN = re.compile(r'(<(?:path|use|circle|text)\b[^>]*?)style="([^"]*)"')
_CUT = re.compile(r' clip-path="[^"]*"|<clipPath\b.*?</clipPath>', re.DOTALL)
_DOT = re.compile(r'<path id="([^"]+)" d="M 0 ([\d.]+) (\sC [-\d. ]+){8}\sz\s" style="([^"]*)"/>')
_PLACED = re.compile(r'<use xlink:href="#([^"]+)" x="([^"]+)" y="([^"]+)" style="([^"]*)"/>')
_MOVED = re.compile(r'(<text\b[^>]*?)transform="translate\(([-\d.]+) ([-\d.]+)\)"')
_PLAIN = re.compile(r'<path d="([^"]*)" style="([^"]*)"/>')
_EMPTY = re.compile(r"<defs>\s*</defs>")
_CLOSED = re.compile(r"(<(?:path|use|circle|rect)\b[^>]*[^/])></(?:path|use|circle|rect)>")
_PARTING = re.compile(r"\s*([;:,]|\b[MLCQz]\b)\s*")
_GENERAL = re.compile(r'<defs>\s*<style type="text/css">([^<]*)</style>\s*</defs>\s*')
# A page knows the names of its drawings without them; a file of their own would not.
_NAMESPACES = ' xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
_GROUP = re.compile(r"(<g\b[^>]*>|</g>)")


def slim(canvas: Canvas, *, key: str, alt: str) -> Markup:
    """Write a drawing as SVG with its title; ids are kept only where something points."""
    stream = io.StringIO()
    canvas.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = _EMPTY.sub("", _round(_CUT.sub("", svg)))
    wanted = set(re.findall(r"#([\w-]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: m[0] if m[1] in wanted else "", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    svg = svg.replace("#ffffff", "var(--paper)")
    for repeated in _SAID_ONCE:
        svg = svg.replace(repeated, "")
    svg = re.sub(r'<path d="[^"]*" style="fill: var\(--paper\)"/>', "", svg)
    svg = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", svg)
    box = re.search(r'viewBox="([^"]+)"', svg)
    body = _ungrouped(svg[svg.index(">") + 1 :])
    body = _TAG.sub(lambda tag: _DIGITS.sub(_shorter, tag[0]), body)
    body = re.sub(r"\s*\n\s*", "\n", body)
    body = _TAG.sub(_close, body).replace("<g>\n</g>\n", "").replace(' style=""', "")
    body = _joined(_MOVED.sub(r'\1x="\2" y="\3"', body))
    opening = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'viewBox="{box}" font-size="{size}" style="fill:var({ink})" role="img" '
        'aria-labelledby="{key}-t"><title id="{key}-t">{alt}</title>'
    ).format(box=box[1] if box else "", size=SIZE, ink=_VARIABLES[INK], key=key, alt=alt)
    return opening + Markup(body)


def share_styles(page: str) -> str:
    """Say once, in the page's style sheet, how shapes and words look that look alike.

    A shape that holds nothing is closed where it is opened.
    """
    page = _CLOSED.sub(r"\1/>", page.replace(_NAMESPACES, ""))
    general = dict.fromkeys(_GENERAL.findall(page))
    page = _GENERAL.sub("", page)
    looks = Counter(found[2] for found in _DRAWN.finditer(page))
    names = {look: f"d{at}" for at, look in enumerate(look for look in looks if looks[look] > 1)}
    page = _DRAWN.sub(
        lambda found: f'{found[1]}class="{names[found[2]]}"' if found[2] in names else found[0],
        page,
    )
    sheet = "".join([*general, *(f".{name}{{{look}}}" for look, name in names.items())])
    return page.replace("</style>", f"{sheet}</style>", 1)


def _round(svg: str) -> str:
    """Draw dots as circles: what is defined as eight curves around 0 and placed is one of them."""
    dots = {found[1]: (found[2], found[4]) for found in _DOT.finditer(svg)}

    def place(used: re.Match[str]) -> str:
        if used[1] not in dots:
            return used[0]
        radius, own = dots[used[1]]
        look = "; ".join(dict.fromkeys([*used[4].split("; "), *own.split("; ")]))
        return f'<circle cx="{used[2]}" cy="{used[3]}" r="{radius}" style="{look}"/>'

    return _PLACED.sub(place, _DOT.sub(lambda dot: "", svg))


def _joined(svg: str) -> str:
    """Write paths that follow each other and look alike as one; what shines through stays apart."""
    kept: list[str] = []
    for line in svg.split("\n"):
        last = _PLAIN.fullmatch(kept[-1]) if kept else None
        found = _PLAIN.fullmatch(line)
        whole = found and ("opacity" not in found[2] or "fill:none" in found[2])
        if last and found and whole and last[2] == found[2]:
            kept[-1] = f'<path d="{last[1]}{found[1]}" style="{found[2]}"/>'
        else:
            kept.append(line)
    return "\n".join(kept)


def _close(tag: re.Match[str]) -> str:
    """Write paths and styles without the spaces that only part what is parted already."""
    return _QUOTED.sub(
        lambda found: f"{found[1]}{_PARTING.sub(_parted, found[2].strip().rstrip('; '))}{found[3]}",
        tag[0],
    )


def _parted(found: re.Match[str]) -> str:
    return found[1]


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
