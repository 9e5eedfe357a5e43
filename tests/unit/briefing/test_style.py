from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from markupsafe import Markup

from commune_pilots.briefing.style import own_style, page_style, plain_page


def test_the_style_asks_for_nothing_from_outside():
    assert not re.search(r"@import|url\(|https?:", page_style())


def test_the_style_covers_paper_dark_screens_and_phones():
    style = page_style()
    for wanted in ("@page{size:A4", "@media print", "prefers-color-scheme:dark", "max-width:639px"):
        assert wanted in style


def test_every_colour_is_a_variable_outside_the_two_palettes():
    rules = re.sub(r":root\{[^}]*\}", "", page_style())
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", rules)


def _palettes():
    style = page_style()
    light, dark, *_ = re.findall(r":root\{([^}]*)\}", style)
    return [dict(re.findall(r"--(\w+):(#[0-9a-fA-F]{3,6})", block)) for block in (light, dark)]


def _luminance(colour):
    digits = colour.lstrip("#")
    full = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one, two):
    darker, lighter = sorted((_luminance(one), _luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "soft", "main", "warn"])
@pytest.mark.parametrize("ground", ["paper", "wash"])
def test_text_stands_out_from_its_ground(palette, text, ground):
    """4.8 to 1: the 4.5 of WCAG AA with room for rendering."""
    assert _contrast(palette[text], palette[ground]) >= 4.8


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
@pytest.mark.parametrize("mark", ["line", "main"])
def test_marks_and_lines_stand_out_from_paper(palette, mark):
    assert _contrast(palette[mark], palette["paper"]) >= 3


def test_a_plain_page_asks_for_nothing_runs_nothing_and_is_in_vietnamese():
    text = plain_page(title="Một trang", body=Markup("<h1>Một trang</h1>"))
    page = BeautifulSoup(text, "html.parser")
    assert text.startswith("<!DOCTYPE html>")
    assert page.html["lang"] == "vi"
    assert page.title.text == "Một trang"
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert not page.find_all(["script", "link", "img"])


def test_the_first_link_of_a_plain_page_skips_to_its_content():
    page = BeautifulSoup(plain_page(title="t", body=Markup("<h1>t</h1>")), "html.parser")
    assert page.body.a["href"] == f"#{page.main['id']}"


def test_the_style_of_a_plain_page_is_the_common_one_and_its_own():
    page = BeautifulSoup(plain_page(title="t", body=Markup(""), style="b{}"), "html.parser")
    assert page.style.text == page_style() + "b{}"


def test_the_title_of_a_plain_page_is_escaped_and_so_is_a_body_that_is_no_markup():
    text = plain_page(title="</title><script>", body="<script>")
    assert "<script>" not in text


@pytest.mark.parametrize("name", ["index.css", "request.css", "evidence.css"])
def test_the_style_of_one_kind_of_page_asks_for_nothing_from_outside(name):
    assert not re.search(r"@import|url\(|https?:", own_style(name))
