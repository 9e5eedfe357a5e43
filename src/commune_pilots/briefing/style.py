"""What every page shares: its style sheet and the least an alternative text must say."""

from __future__ import annotations

from functools import cache
from importlib import resources

LEAST_ALT = 40  # characters: shorter cannot name the chart, the comparison and its numbers


@cache
def page_style() -> str:
    """Read the style sheet; it has no import and no address, so a page needs nothing else."""
    folder = resources.files("commune_pilots.briefing") / "template"
    return (folder / "style.css").read_text(encoding="utf-8")
