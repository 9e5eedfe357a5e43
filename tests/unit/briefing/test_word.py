"""A briefing in Word: everything of the page, in its order, in the form of an official paper."""

from __future__ import annotations

import re
import struct
from collections import Counter

import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, page_of, parsed
from docx.oxml.ns import qn
from papers import (
    ALT,
    PAGE,
    SVG,
    WHEN,
    alts,
    header_rows,
    opened,
    part,
    section_of,
    texts,
    word_of,
)

from commune_pilots.briefing.pictures import Picture
from commune_pilots.briefing.word import DPI, to_png, to_word
from commune_pilots.errors import ExportError

RUNS = [*PRESS_RUNS, "smoke"]


@pytest.fixture(scope="module")
def small():
    return to_word(PAGE, when=WHEN)


def _words(text):
    return Counter(re.findall(r"[\w%,./→−<>=]+", text))


def _styles(content):
    return [(p.style.name, p.text) for p in opened(content).paragraphs if p.text]


def test_blocks_come_in_the_order_of_the_page(small):
    told = [
        (style, text) for style, text in _styles(small) if style not in ("Table Text", "Small Text")
    ]
    assert told == [
        ("Subtitle", "BẢN TÓM TẮT ĐÁNH GIÁ"),
        ("Title", "Xã Một tăng từ 16,8% lên 98,08%"),
        ("Body Text", "Kết luận. Bước đầu cho thấy."),
        ("Body Text", "Khuyến nghị. Duy trì."),
        ("List Bullet", "98,08%: Xã Một; trước: 16,8%"),
        ("Heading 1", "Kết quả"),
        ("Heading 2", "Hình 1. Tỷ lệ tăng"),
        ("List Bullet", "Xã Một: 81,3 điểm phần trăm A4"),
        ("List Number", "việc một"),
        ("List Number", "việc hai"),
        ("List Number", "lại từ đầu"),
        ("Heading 1", "Summary in English"),
        ("Body Text", "It rose."),
        ("Heading 1", "Phụ lục B"),
        ("Caption", "Bảng B1. Các cặp"),
        ("Normal", "Giả định"),
        ("List Continue", "một nghĩa"),
        ("Body Text", "03"),
    ]


def test_a_picture_stands_between_its_title_and_its_source(small):
    paragraphs = opened(small).paragraphs
    (at,) = [n for n, p in enumerate(paragraphs) if p._p.findall(f".//{qn('w:drawing')}")]
    assert [p.text for p in paragraphs[at - 2 : at + 2]] == [
        "Hình 1. Tỷ lệ tăng",
        "Phần trăm",
        "",
        "Nguồn: 001",
    ]
    assert all(p.paragraph_format.keep_with_next for p in paragraphs[at - 1 : at + 1])


def test_a_picture_is_named_and_described(small):
    (about,) = opened(small).element.body.iter(qn("wp:docPr"))
    assert (about.get("name"), about.get("descr")) == ("Hình 1", ALT)


def test_a_picture_fits_the_paper_and_keeps_its_shape(small):
    (shape,) = opened(small).inline_shapes
    assert shape.width.mm <= 165
    assert shape.width / shape.height == pytest.approx(6.4, rel=0.01)


def test_numbered_lists_begin_anew(small):
    numbers = [
        p._p.pPr.numPr.numId.val for p in opened(small).paragraphs if p.style.name == "List Number"
    ]
    assert numbers[0] == numbers[1] != numbers[2]


def test_an_annex_begins_a_page_and_nothing_else_does(small):
    breaking = [p.text for p in opened(small).paragraphs if p.paragraph_format.page_break_before]
    assert breaking == ["Phụ lục B"]


def test_english_is_told_to_be_english(small):
    paragraphs = {p.text: p for p in opened(small).paragraphs}
    for text in ("Summary in English", "It rose."):
        for run in paragraphs[text].runs:
            assert run._r.find(f"{qn('w:rPr')}/{qn('w:lang')}").get(qn("w:val")) == "en-GB"


def test_the_title_of_the_page_is_the_title_of_the_file(small):
    assert opened(small).core_properties.title == "Xã Một tăng"


def test_the_same_page_is_the_same_bytes(small):
    assert to_word(PAGE, when=WHEN) == small


def test_a_page_that_is_no_briefing_is_refused():
    with pytest.raises(ExportError, match="letterhead"):
        to_word("<main><h1>x</h1></main>", when=WHEN)


def test_a_warning_of_simulated_data_is_framed():
    warned = PAGE.replace("<h1>", '<p class="warn">Mô phỏng</p><h1>')
    framed = [p for p in opened(to_word(warned, when=WHEN)).paragraphs if p.text == "Mô phỏng"]
    assert [p.style.name for p in framed] == ["Framed Text"]
    assert framed[0].style.element.pPr.find(qn("w:pBdr")) is not None


def test_a_picture_is_drawn_at_200_dots_an_inch_with_its_own_typeface():
    picture = Picture(alt=ALT, svg=_alone("đ ơ ư ạ ễ ỹ"), width=640, height=100)
    png = to_png(picture)
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert width == round(640 * 0.22 / 25.4 * DPI)
    assert abs(height - width / 6.4) <= 1
    blank = to_png(Picture(alt=ALT, svg=_alone(""), width=640, height=100))
    assert len(png) > len(blank) + 500


def _alone(words):
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="100" viewBox="0 0 640 100">'
        f'<text x="3" y="30">{words}</text></svg>'
    )


def test_drawings_of_more_figures_stay_with_their_own():
    other = SVG.format(key="two", width=340).replace("Xã Một:", "Xã Hai:")
    both = PAGE.replace("</figure>", f'</figure><figure><div class="small">{other}</div></figure>')
    assert alts(to_word(both, when=WHEN)) == [ALT, ALT.replace("Xã Một:", "Xã Hai:")]


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS)
def test_g16_as_many_alternative_texts_as_figures(run):
    shown = [title.get_text() for title in parsed(run).select(".desk title, .small title")]
    assert len(shown) == len(parsed(run).find_all("figure"))
    assert alts(word_of(run)) == shown


@pytest.mark.parametrize("run", RUNS)
def test_g16_header_rows_of_all_tables_are_repeated(run):
    rows = header_rows(word_of(run))
    assert len(rows) == len(parsed(run).find_all("table"))
    assert all(rows)


@pytest.mark.parametrize("run", RUNS)
def test_g16_a4_margins_typeface_and_no_number_on_page_1(run):
    section = section_of(word_of(run))
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert 30 <= section.left_margin.mm <= 35
    assert 15 <= section.right_margin.mm <= 20
    assert min(section.top_margin.mm, section.bottom_margin.mm) >= 20
    assert section.different_first_page_header_footer
    faces = {
        value
        for name in ("word/document.xml", "word/styles.xml", "word/numbering.xml")
        for fonts in part(word_of(run), name).iter(qn("w:rFonts"))
        for value in fonts.attrib.values()
    }
    assert faces == {"Times New Roman"}


@pytest.mark.parametrize("run", RUNS)
def test_no_word_of_the_page_is_lost_and_none_is_added(run):
    page = BeautifulSoup(page_of(run), "html.parser").find("main")
    figures = len(page.find_all("figure"))
    for gone in page.select("svg, p.bar"):
        gone.decompose()
    for parting in page.find_all(["br", "p", "li", "td", "th", "h1", "h2", "h3", "dt", "dd"]):
        parting.append("\n") if parting.name != "br" else parting.replace_with("\n")
    for parting in page.find_all(["caption", "figcaption"]):
        parting.append("\n")
    on_page = _words(page.get_text())
    body = opened(word_of(run)).element.body
    head = body.find(qn("w:tbl"))
    body.remove(head)
    in_paper = _words(
        "\n".join(
            "".join("\n" if t.tag == qn("w:br") else t.text or "" for t in _spoken(p))
            for p in body.iter(qn("w:p"))
        )
    )
    added = in_paper - on_page
    assert not on_page - in_paper
    assert set(added) <= {"BẢN", "TÓM", "TẮT", "ĐÁNH", "GIÁ", "Hình"} | {
        f"{n}." for n in range(1, figures + 1)
    }


def _spoken(paragraph):
    return [t for t in paragraph.iter() if t.tag in (qn("w:t"), qn("w:br"))]


@pytest.mark.parametrize("run", RUNS)
def test_every_link_leads_to_a_place_and_every_place_has_one_name(run):
    body = opened(word_of(run)).element.body
    names = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]
    links = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
    assert len(set(names)) == len(names)
    assert links <= set(names)
    assert len(links) > 5


@pytest.mark.parametrize("run", RUNS)
def test_simulated_data_is_named_as_such_on_the_paper(run):
    framed = [p.text for p in opened(word_of(run)).paragraphs if p.style.name == "Framed Text"]
    assert bool(framed) == (run == "smoke")
    assert all("mô phỏng" in text for text in framed)


@pytest.mark.parametrize("run", RUNS)
def test_the_first_words_are_head_finding_conclusion_and_advice(run):
    first = [text for text in texts(word_of(run)) if text]
    assert first[4] == "DỰ THẢO"
    finding, conclusion, advice = first[8:11] if run == "smoke" else first[7:10]
    assert finding == parsed(run).h1.get_text()
    assert conclusion.startswith("Kết luận.")
    assert advice.startswith("Khuyến nghị.")


@pytest.mark.slow
def test_two_exports_of_a_real_briefing_are_the_same_bytes():
    assert to_word(page_of("bac_kan"), when=WHEN) == word_of("bac_kan")
