"""What every page shares: its style sheet, the frame of a page made without a notebook, a limit."""

from __future__ import annotations

from functools import cache
from importlib import resources

from markupsafe import Markup

from commune_pilots import catalogue

LEAST_ALT = 40  # characters: shorter cannot name the chart, the comparison and its numbers


@cache
def page_style() -> str:
    """Read the style sheet; it has no import and no address, so a page needs nothing else."""
    return own_style("style.css")


@cache
def own_style(name: str) -> str:
    """Read one style sheet of the template's folder: what only one kind of page needs."""
    folder = resources.files("commune_pilots.briefing") / "template"
    return (folder / name).read_text(encoding="utf-8")


def plain_page(
    *, title: str, body: Markup, style: str = "", language: catalogue.Language = "vi"
) -> str:
    """Frame a page that no notebook makes: no script, no request, works from a folder.

    `style` is added to the style sheet of every page.
    """
    return Markup(
        '<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\"><title>{title}</title><style>{style}</style></head>"
        '<body><a class="skip" href="#main">{skip}</a><main id="main">{body}</main></body></html>\n'
    ).format(
        language=language,
        title=title,
        style=Markup(page_style() + style),
        skip=catalogue.text("briefing.skip", language),
        body=body,
    )
