"""Drawings that stand alone: every one once, with its words, colours and alternative text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, page_of
from papers import ALT, FIGURE, PAGE

from commune_pilots.briefing.pictures import lift
from commune_pilots.errors import ExportError

SVG = "{http://www.w3.org/2000/svg}"


def test_a_figure_drawn_twice_is_one_picture_the_one_of_the_desk():
    marked, (picture,) = lift(PAGE)
    assert (picture.width, picture.height) == (640, 100)
    assert "<svg" not in marked
    assert marked.count("<img ") == 1


def test_an_image_with_the_alternative_text_marks_the_place():
    marked, (picture,) = lift(PAGE)
    image = BeautifulSoup(marked, "html.parser").find("img")
    assert picture.alt == image["alt"] == ALT
    assert image["src"] == "drawing-0.svg"
    assert image.find_parent("figure")["id"] == "fig-one"


def test_nothing_else_of_the_page_changes():
    marked, _ = lift(PAGE)
    before, _, after = PAGE.partition('<div class="desk">')
    assert marked.startswith(before)
    assert marked.endswith(after[after.index("<figcaption>") :])


def test_a_picture_is_a_file_of_its_own_with_size_names_and_looks():
    _, (picture,) = lift(PAGE)
    root = ElementTree.fromstring(picture.svg)
    assert root.tag == f"{SVG}svg"
    assert (root.get("width"), root.get("height")) == ("640", "100")
    assert root.get("viewBox") == "0 0 640 100"
    assert root.find(f"{SVG}style").text == "*{stroke-linejoin: round}.d0{stroke:#222222}"
    assert root.find(f"{SVG}text").text == "Xã Một < Xã Hai"


def test_colours_are_those_of_light_not_of_the_dark_page():
    _, (picture,) = lift(PAGE)
    assert "fill:#111111" in picture.svg
    assert "var(" not in picture.svg


@pytest.mark.parametrize(("old", "new"), [(ALT, " "), ('viewbox="0 0 640 100"', "")])
def test_a_drawing_that_says_nothing_or_has_no_size_is_refused(old, new):
    with pytest.raises(ExportError, match="alt-text"):
        lift(f"<style>:root{{--ink:#111111}}</style>{FIGURE}".replace(old, new, 1))


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_every_drawing_of_a_briefing_can_stand_alone(run):
    page = page_of(run)
    _, pictures = lift(page)
    titles = re.findall(r"<title id=[^>]*-t\"?[^>]*>", page)
    phones = page.count('<div class="phone">')
    assert len(pictures) == len(titles) - phones == page.count("<figure")
    for picture in pictures:
        root = ElementTree.fromstring(picture.svg)
        words = "".join(root.itertext())
        assert "var(" not in picture.svg
        assert len(picture.alt) >= 40
        assert picture.alt in words
        worn = set(re.findall(r'class="(d\d+)"', picture.svg))
        assert worn <= set(re.findall(r"\.(d\d+)\{", picture.svg))
