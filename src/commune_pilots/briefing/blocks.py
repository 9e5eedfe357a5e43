"""Parts of the page: what a notebook cell shows and the export keeps."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from commune_pilots.briefing.figures import Figure
from commune_pilots.briefing.wording import Writer


@dataclass(frozen=True, slots=True)
class Block:
    """One part of the page."""

    html: Markup

    def _repr_html_(self) -> str:
        return str(self.html)


def section(name: str, write: Writer, body: Markup) -> Block:
    """Put a section under its fixed heading."""
    heading = write.say(f"heading.{name}")
    return Block(Markup('<section id="{}"><h2>{}</h2>{}</section>').format(name, heading, body))


def shown(figure: Figure) -> Markup:
    """Show a figure inside a block."""
    return Markup(figure._repr_html_())
