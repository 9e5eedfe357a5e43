"""The page that tells how to read a briefing: docs/reading-a-briefing.md beside the list."""

from __future__ import annotations

import re
from functools import cache

import mistune
from markupsafe import Markup

from commune_pilots import store
from commune_pilots.briefing.style import own_style, plain_page
from commune_pilots.briefing.wording import Writer

_GUIDE = "reading-a-briefing.md"
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


@cache
def reading_guide() -> str:
    """Read the guide: shipped with the package, or in docs/ where the package runs from a clone."""
    return (store.shipped_project() / "docs" / _GUIDE).read_text(encoding="utf-8")


def reading_page(guide: str, *, index: str) -> str:
    """Set a guide in Markdown as a page: Vietnamese, then English under a heading of its own.

    `guide` has one title of the first level for each of the two languages, Vietnamese first;
    `index` is the page to go back to. Raises ValueError where the titles are not two.
    """
    titles = list(_TITLE.finditer(guide))
    if len(titles) != 2:
        raise ValueError(f"a guide has a title in Vietnamese and one in English, not {len(titles)}")
    vietnamese, english = guide[: titles[1].start()], guide[titles[1].start() :]
    write = Writer("vi", "none")
    body = [
        Markup('<p><a href="{}">{}</a></p>').format(index, write.say("index.back")),
        Markup('<p><a href="#en" lang="en">{}</a></p>').format(titles[1][1]),
        _rendered(vietnamese),
        # One level down: a page has one headline.
        Markup('<section id="en" lang="en">{}</section>').format(
            _rendered(re.sub(r"^#", "##", english, flags=re.MULTILINE))
        ),
    ]
    return plain_page(
        title=titles[0][1], body=Markup("\n").join(body), style=own_style("reading.css")
    )


def _rendered(text: str) -> Markup:
    """Render Markdown; a line broken in the file is one line on the page, as claims are read."""
    html = str(mistune.create_markdown()(text))
    return Markup(re.sub(r"(?<!>)\n(?!<)", " ", html))
