"""The head of an official paper, read from the bar of a page: decree 30/2020, annex I."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup

from commune_pilots import catalogue
from commune_pilots.errors import ExportError

BAR = re.compile(r'<p class="bar">(.*?)<br\s*/?>(.*?)</p>', re.DOTALL)
_PARTED = " · "
# Provinces head a date with their bare name; of the cities only this one keeps the word.
_BEFORE_NAME = re.compile(r"^UBND (?:tỉnh |thành phố (?!Hồ Chí Minh))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who issues a paper, where and when, and of what kind it is."""

    superior: str
    body: str
    dated: str
    kind: str

    @property
    def state(self) -> str:
        """The state's full name, in capitals."""
        return catalogue.text("briefing.request.state", "vi").upper()

    @property
    def motto(self) -> str:
        """The national motto: hyphens between spaces, as the decree prints it."""
        return catalogue.text("briefing.request.motto", "vi")

    @property
    def draft(self) -> str:
        """What is written where an office puts its number."""
        return catalogue.text("paper.draft", "vi")


def read_letterhead(page: str) -> Letterhead:
    """Read issuing body, date and kind of paper from the bar of a briefing.

    Raises ExportError for a page without one.
    """
    bar = BAR.search(page)
    bodies, about = (unescape(part).split(_PARTED) for part in bar.groups()) if bar else ([], [])
    if len(bodies) < 2 or len(about) < 2:
        found = bar[0] if bar else ""
        raise ExportError("export_rule", page="briefing", rule="letterhead", found=found)
    place = _BEFORE_NAME.sub("", bodies[0])
    return Letterhead(
        superior=bodies[0].upper(),
        body=bodies[1].upper(),
        dated=f"{place[:1].upper()}{place[1:]}, {about[1]}",
        kind=about[0].upper(),
    )


def as_html(head: Letterhead) -> Markup:
    """Lay the head out for a page: issuing body left, state and motto right, no number."""
    return Markup(
        '<div class="letterhead"><p>{superior}<br><strong>{body}</strong></p>'
        "<p><strong>{state}<br>{motto}</strong></p>"
        '<p><strong class="draft">{draft}</strong></p><p><em>{dated}</em></p></div>'
        '<p class="kind">{kind}</p>'
    ).format(
        superior=head.superior,
        body=head.body,
        state=head.state,
        motto=head.motto,
        draft=head.draft,
        dated=head.dated,
        kind=head.kind,
    )
