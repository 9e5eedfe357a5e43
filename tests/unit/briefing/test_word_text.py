"""Words of a Word paper: looks, languages, links that lead to the row a number comes from."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from docx.oxml.ns import qn
from papers import WHEN

from commune_pilots.briefing.decree import BULLETS, new_paper
from commune_pilots.briefing.word_text import (
    Look,
    Sheet,
    add_run,
    begin,
    child,
    mark,
    read_look,
    write,
)


@pytest.fixture
def sheet():
    paper = new_paper(title="t", author="a", when=WHEN)
    return Sheet(paper, (), {"row-1": 1, "row-2": 2})


def _tag(html):
    return BeautifulSoup(html, "html.parser").find(True)


def _written(sheet, html, look=Look()):  # noqa: B008
    made = begin(sheet, sheet.body, "Body Text")
    write(sheet, made._p, _tag(html), look)
    return made


def _looks(paragraph):
    return [(run.text, bool(run.bold), bool(run.italic)) for run in paragraph.runs]


def test_bold_italic_and_plain_words_stay_apart(sheet):
    made = _written(sheet, "<p>một <strong>hai</strong> <em>ba</em></p>")
    assert _looks(made) == [
        ("một ", False, False),
        ("hai", True, False),
        (" ", False, False),
        ("ba", False, True),
    ]


def test_a_look_holds_for_what_stands_inside(sheet):
    (inner,) = [run for run in _written(sheet, "<p><b>a<i>b</i></b></p>").runs if run.text == "b"]
    assert (inner.bold, inner.italic) == (True, True)


def test_missing_figures_are_italic_and_marks_of_assumptions_raised():
    assert read_look(_tag('<span class="none">x</span>'), Look()) == Look(italic=True)
    assert read_look(_tag('<a class="red">A4</a>'), Look()) == Look(bold=True, raised=True)


def test_raised_words_are_superscript(sheet):
    (run,) = _written(sheet, "<p><sup>2</sup></p>").runs
    assert run.font.superscript


def test_spaces_and_line_ends_of_the_page_are_one_space(sheet):
    assert _written(sheet, "<p>một\n   hai</p>").text == "một hai"


def test_a_break_of_the_page_is_a_break(sheet):
    assert _written(sheet, "<p>một<br/>hai</p>").text == "một\nhai"


def test_another_language_is_told_and_vietnamese_is_not(sheet):
    made = _written(sheet, '<p>một <span lang="en">two</span></p>')
    told = [run._r.find(f"{qn('w:rPr')}/{qn('w:lang')}") for run in made.runs]
    assert told[0] is None
    assert told[1].get(qn("w:val")) == "en-GB"


def test_comments_and_lists_are_not_written_as_words(sheet):
    assert _written(sheet, "<li>một<!-- x --><ul><li>hai</li></ul></li>").text == "một"


def test_a_number_leads_to_the_row_it_comes_from(sheet):
    mark(sheet, _tag('<tr id="row-2"></tr>'))
    row = begin(sheet, sheet.body, "Body Text")
    start = row._p.find(qn("w:bookmarkStart"))
    made = _written(sheet, '<p><a class="n" href="#row-2">81,3</a></p>')
    link = made._p.find(qn("w:hyperlink"))
    assert link.get(qn("w:anchor")) == start.get(qn("w:name")) == "n2"
    assert made.text == "81,3"


def test_links_that_leave_the_paper_are_words(sheet):
    made = _written(sheet, '<p><a href="03.html#cell">03</a><a href="#row-9">9</a></p>')
    assert made._p.find(qn("w:hyperlink")) is None
    assert made.text == "039"


def test_a_place_is_marked_once_and_only_if_something_leads_there(sheet):
    mark(sheet, _tag('<p id="nobody"></p>'))
    mark(sheet, _tag('<p id="row-1"></p>'))
    first, second = (begin(sheet, sheet.body, "Body Text") for _ in range(2))
    assert len(first._p.findall(qn("w:bookmarkStart"))) == 1
    assert second._p.findall(qn("w:bookmarkStart")) == []


def test_figures_are_numbered_in_their_order(sheet):
    heads = [_written(sheet, '<h3><span class="fig"></span>Tăng</h3>').text for _ in range(2)]
    assert heads == ["Hình 1. Tăng", "Hình 2. Tăng"]
    assert sheet.figures == ["Hình 1", "Hình 2"]


def test_a_paragraph_belongs_to_a_list_at_a_depth(sheet):
    made = begin(sheet, sheet.body, "List Bullet", level=(BULLETS, 1))
    numbered = made._p.pPr.numPr
    assert (numbered.numId.val, numbered.ilvl.val) == (BULLETS, 1)


def test_paragraphs_stand_before_the_end_of_the_section(sheet):
    made = begin(sheet, sheet.body, "Body Text")
    assert sheet.body[-1].tag == qn("w:sectPr")
    assert sheet.body[-2] is made._p


def test_a_paragraph_after_a_table_keeps_its_distance(sheet):
    sheet.paper.add_table(rows=1, cols=1)
    after, next_one = (begin(sheet, sheet.body, "Body Text") for _ in range(2))
    assert after.paragraph_format.space_before.pt == 8
    assert next_one.paragraph_format.space_before is None


def test_no_words_make_no_run(sheet):
    made = begin(sheet, sheet.body, "Body Text")
    add_run(made._p, "", Look())
    assert made.runs == []


def test_spaces_at_the_ends_of_a_run_are_kept(sheet):
    made = begin(sheet, sheet.body, "Body Text")
    add_run(made._p, " một ", Look())
    assert 'xml:space="preserve"' in made._p.xml
    assert child(made._p, "w:r").getparent() is made._p
