"""What a reviewer is asked: the same list in CONTRIBUTING and in every pull request."""

from __future__ import annotations

import re

from paged import ROOT


def _items(name):
    """The items of the last list of a page, wherever their links start from."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.split(r"^- \[ \] ", text, flags=re.MULTILINE)[1:]
    return [" ".join(item.replace("](../", "](").split()) for item in found]


def test_a_pull_request_asks_what_contributing_asks():
    asked = _items(".github/pull_request_template.md")
    assert asked == _items("CONTRIBUTING.md")
    assert len(asked) >= 8


def test_links_of_the_template_lead_somewhere():
    folder = ROOT / ".github"
    text = (folder / "pull_request_template.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)", text)
    assert links
    assert [link for link in links if not (folder / link).is_file()] == []
