"""The reading guide as a page: the same words, one headline, English marked as English."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from built import text_of

from commune_pilots.briefing import reading
from commune_pilots.briefing.export import check_page
from commune_pilots.briefing.reading import reading_guide, reading_page
from commune_pilots.briefing.style import own_style

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "reading-a-briefing.md"
SMALL = "# Cách đọc\n\n## Một\n\n- **a**: b\n\n# How to\n\n## One\n\n1. c\n"


def _page(guide):
    return BeautifulSoup(reading_page(guide, index="index.html"), "html.parser")


@pytest.fixture(scope="module")
def page():
    return _page(reading_guide())


def test_the_page_is_made_from_the_guide_of_the_documentation():
    assert reading_guide() == GUIDE.read_text(encoding="utf-8")


def test_a_guide_shipped_with_the_package_comes_first(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / GUIDE.name).write_text(SMALL, encoding="utf-8")
    monkeypatch.setattr(reading.store, "shipped_project", lambda: tmp_path)
    assert reading_guide.__wrapped__() == SMALL


def test_every_word_of_the_guide_is_on_the_page(page):
    plain = re.sub(r"^(?:#+ |- |\d\. )|\*\*", "", GUIDE.read_text("utf-8"), flags=re.MULTILINE)
    shown = re.sub(r"\s+", "", page.main.text)
    for paragraph in plain.split("\n\n"):
        assert re.sub(r"\s+", "", paragraph) in shown


def test_the_page_has_one_headline_which_is_its_title_and_no_level_is_skipped(page):
    assert [head.text for head in page.find_all("h1")] == [page.title.text]
    assert page.title.text == "Cách đọc một bản tóm tắt"
    levels = [int(head.name[1]) for head in page.find_all(re.compile("^h[1-6]$"))]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_english_stands_in_a_part_marked_as_english_and_is_led_to(page):
    part = page.find(id="en")
    assert page.html["lang"] == "vi"
    assert part["lang"] == "en"
    assert text_of(part.h2) == "How to read a briefing"
    link = page.find("a", href="#en")
    assert (link["lang"], link.text) == ("en", "How to read a briefing")
    assert "Từng phần" not in part.text


def test_it_leads_back_to_the_list(page):
    assert page.main.a["href"] == "index.html"


def test_the_page_keeps_the_rules_of_a_page():
    text = reading_page(reading_guide(), index="index.html")
    check_page(text, page="reading.html", grade="none")
    assert not re.search(r"<script|@import|url\(|https?:", text)


def test_markup_in_a_guide_is_shown_and_not_obeyed():
    shown = _page(SMALL.replace("b", '<script>x</script> <b onclick="x">c</b>'))
    assert not shown.find_all(["script", "b"])
    assert "<script>" in shown.main.text


@pytest.mark.parametrize("guide", ["# Một\n", SMALL + "# Ba\n"])
def test_a_guide_that_is_not_in_two_languages_is_refused(guide):
    with pytest.raises(ValueError, match="a title in Vietnamese and one in English"):
        reading_page(guide, index="index.html")


def test_the_style_of_the_guide_takes_its_colours_from_the_two_palettes():
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", own_style("reading.css"))
