"""The one style sheet of every page."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def page_style() -> str:
    """Read the style sheet; it has no import and no address, so a page needs nothing else."""
    folder = resources.files("commune_pilots.briefing") / "template"
    return (folder / "style.css").read_text(encoding="utf-8")
