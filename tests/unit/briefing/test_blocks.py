from __future__ import annotations

import dataclasses

import pytest
from bs4 import BeautifulSoup
from markupsafe import Markup

from commune_pilots import catalogue
from commune_pilots.briefing.blocks import Block, section, shown
from commune_pilots.briefing.figures import Figure
from commune_pilots.briefing.wording import Writer
from commune_pilots.errors import ClaimError

WRITE = Writer("vi", "none")
ALT = "Biểu đồ khoảng: Thị trấn A 98,08%, xã tiếp theo từ 14% đến 100%."


def _figure(**changed):
    given = {"title": "t", "subtitle": "s", "source": Markup("Nguồn"), "desk": Markup("<svg/>")}
    return Figure(key="fig-x", alt=ALT, **{**given, **changed})


def test_a_block_shows_its_html_in_a_notebook():
    assert Block(Markup("<p>16,8%</p>"))._repr_html_() == "<p>16,8%</p>"


def test_a_block_cannot_be_changed_once_made():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Block(Markup("")).html = Markup("<p>")


@pytest.mark.parametrize("name", ["done", "results", "certainty", "limits", "recommendations"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_section_stands_under_its_fixed_heading_and_can_be_linked_to(name, language):
    block = section(name, Writer(language, "none"), Markup("<p>16,8%</p>"))
    page = BeautifulSoup(block._repr_html_(), "html.parser")
    assert page.section["id"] == name
    heading = catalogue.entries()[f"briefing.heading.{name}"][language]
    assert [part.name for part in page.section.find_all(recursive=False)] == ["h2", "p"]
    assert page.h2.text == heading


def test_a_body_that_is_no_markup_is_escaped():
    written = section("results", WRITE, "<script>")._repr_html_()
    assert "<script>" not in written
    assert "&lt;script&gt;" in written


def test_an_unknown_section_is_refused():
    with pytest.raises(KeyError):
        section("praise", WRITE, Markup(""))


@pytest.mark.parametrize("grade", ["none", "low"])
def test_a_heading_that_claims_a_cause_is_refused(monkeypatch, grade):
    claim = dict.fromkeys(("vi", "en"), "Thí điểm làm tăng tỷ lệ hồ sơ trực tuyến.")
    entries = {**catalogue.entries(), "briefing.heading.results": claim}
    monkeypatch.setattr(catalogue, "entries", lambda: entries)
    with pytest.raises(ClaimError):
        section("results", Writer("vi", grade), Markup(""))


def test_a_figure_inside_a_block_is_the_figure_itself_not_its_escaped_text():
    figure = _figure()
    assert isinstance(shown(figure), Markup)
    assert str(shown(figure)) == figure._repr_html_()
    assert Markup("<div>{}</div>").format(shown(figure)) == f"<div>{figure._repr_html_()}</div>"


def test_words_of_a_figure_inside_a_block_stay_escaped():
    assert "<i>" not in shown(_figure(title="<i>t</i>"))
