"""The gates of the briefing in a real browser, on every press briefing and the simulated one.

Held by cheaper tests elsewhere and not again here: G6 size with every input of a run, G11 letters
and decimals, G12 tables (`unit/briefing/test_press_pages.py`, `test_tables.py`), the rules of an
alternative text and G17 refusals (`unit/briefing/test_export.py`), G15 same bytes
(`unit/briefing/test_export.py`, `test_svg.py`), text of the palette on its two grounds
(`unit/briefing/test_style.py`).
"""

from __future__ import annotations

import re
import unicodedata
from itertools import combinations, product

import pytest
from chromium import Opened, find_chromium
from colours import SIGHTS, contrast, distance
from measured import (
    PAPER_WIDTH,
    colour_of,
    drawn,
    image_names,
    labels_of,
    overlapping,
    paint_with_requests_held,
    paints_of,
    printed,
    show,
    small_words,
    sticking_out,
    tagged_images,
    text_without_scripts,
    violations,
)
from playwright.sync_api import Browser
from pypdf import PdfReader

pytestmark = pytest.mark.slow  # a browser shows every page
WIDTHS = (320, 360, 768, 1280)
SCHEMES = ("light", "dark")
LEAST_LETTERS = 12.0  # px
LEAST_CONTRAST, LEAST_MARK_CONTRAST = 4.8, 3.0
LEAST_DISTANCE = 10.0  # CIE 1976: told apart at a glance, side by side or not
MOST_BYTES = 150_000
A4 = (595, 842)  # points
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
LETTERS = "".join(
    unicodedata.normalize("NFC", vowel + tone)
    for vowel, tone in product("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY", TONES)
) + ("đĐ")


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


# G1, G8, G9: one file, no request, no script


def test_g1_a_briefing_asks_for_nothing_but_itself_and_runs_nothing(opened: Opened):
    for media, scheme in product(("screen", "print"), SCHEMES):
        show(opened.page, width=1280, scheme=scheme, media=media)
    assert opened.asked == [opened.file.as_uri()]
    assert opened.page.evaluate("document.scripts.length") == 0


def test_g1_a_request_is_seen(faulty: Opened):
    assert "http://held.invalid/style.css" in faulty.asked
    assert faulty.page.evaluate("document.scripts.length") == 1


def test_g8_text_is_on_the_screen_while_requests_hang(browser: Browser, opened: Opened):
    """How soon it is there stands in benchmarks/pages.py: a second is long on a busy machine."""
    assert paint_with_requests_held(browser, opened.file, within=5000) is not None


def test_g8_a_page_that_waits_for_a_request_stays_blank(browser: Browser, faulty: Opened):
    assert paint_with_requests_held(browser, faulty.file, within=1000) is None


def test_g9_a_briefing_says_the_same_without_scripts(browser: Browser, opened: Opened):
    show(opened.page, width=1280)
    said = opened.page.inner_text("body")
    assert len(said) > 2000
    assert text_without_scripts(browser, opened.file) == said


def test_g9_words_that_a_script_writes_are_missed(browser: Browser, faulty: Opened):
    assert "Viết bằng mã." in faulty.page.inner_text("body")
    assert "Viết bằng mã." not in text_without_scripts(browser, faulty.file)


# G2, G3, G7: for every reader


def test_g2_axe_finds_no_violation_in_the_light(opened: Opened):
    """On the narrowest screen asked for, where every wide table scrolls in a region of its own."""
    show(opened.page, width=320)
    assert violations(opened.page) == []


def test_g2_axe_finds_every_contrast_kept_in_the_dark(opened: Opened):
    show(opened.page, width=1280, scheme="dark")
    assert violations(opened.page, "color-contrast") == []


def test_g2_axe_sees_a_bad_page(faulty: Opened):
    show(faulty.page, width=1280)
    found = " ".join(violations(faulty.page))
    for rule in ("color-contrast", "document-title", "html-has-lang", "svg-img-alt"):
        assert rule in found
    show(faulty.page, width=1280, scheme="dark")
    assert "color-contrast" in violations(faulty.page, "color-contrast")[0]


@pytest.mark.parametrize("width", [360, 1280])
def test_g3_every_drawing_on_show_is_told_to_a_screen_reader_once(opened: Opened, width: int):
    show(opened.page, width=width)
    names = image_names(opened.page)
    assert len(names) == opened.page.locator("svg:visible").count() > 0
    assert len(set(names)) == len(names)
    for name in names:
        assert len(name) >= 40
        assert re.search(r"\d", name)


def test_g3_a_drawing_without_words_is_seen(faulty: Opened):
    assert image_names(faulty.page) == [""]


def test_g6_a_briefing_weighs_at_most_150_kb(opened: Opened):
    assert opened.file.stat().st_size <= MOST_BYTES


def test_g7_a_briefing_is_vietnamese_and_named_by_its_one_headline(opened: Opened):
    page = opened.page
    show(page, width=1280)
    assert page.evaluate("document.documentElement.lang") == "vi"
    headlines = [text.replace("\xa0", " ") for text in page.locator("h1").all_inner_texts()]
    named = page.title().replace("\xa0", " ")
    assert headlines == [named.removesuffix(" (DỮ LIỆU MÔ PHỎNG)")]
    assert 20 <= len(headlines[0]) <= 90
    assert page.locator("[lang=en] h2").all_inner_texts() == ["Summary in English"]


# G4, G5: on every screen


@pytest.mark.parametrize("width", WIDTHS)
def test_g4_nothing_is_wider_than_the_screen(opened: Opened, width: int):
    show(opened.page, width=width)
    assert sticking_out(opened.page) == []


def test_g4_a_wide_block_is_seen(faulty: Opened):
    show(faulty.page, width=360)
    assert sticking_out(faulty.page)[1].endswith("Khối quá rộng.")


@pytest.mark.parametrize("width", (*WIDTHS, 640, PAPER_WIDTH))
def test_g5_no_label_is_cut_lies_on_another_or_is_crossed(opened: Opened, width: int):
    show(opened.page, width=width, media="print" if width == PAPER_WIDTH else "screen")
    labels = labels_of(opened.page)
    assert labels
    assert overlapping(labels) == []
    assert [(label.figure, label.text) for label in labels if label.clipped] == []
    assert [(label.figure, label.text) for label in labels if label.crossed] == []


@pytest.mark.parametrize("width", [360, 640, 1280])
def test_g5_no_letter_is_lower_than_12_px(opened: Opened, width: int):
    show(opened.page, width=width)
    labels = labels_of(opened.page)
    assert [label for label in labels if label.size < LEAST_LETTERS] == []
    assert small_words(opened.page, least=LEAST_LETTERS) == []


def test_g5_labels_that_are_cut_overlap_small_or_crossed_are_seen(faulty: Opened):
    show(faulty.page, width=1280)
    labels = labels_of(faulty.page)
    assert overlapping(labels) == [("", "một", "hai")]
    assert [label.text for label in labels if label.clipped] == ["ra ngoài"]
    assert [label.text for label in labels if label.crossed] == ["bị gạch"]
    assert {label.size for label in labels} == {10}
    assert "Chữ quá nhạt." in small_words(faulty.page, least=LEAST_LETTERS)


# G10: on paper


@pytest.fixture(scope="module")
def paper(opened: Opened) -> PdfReader:
    return printed(opened.page)


@pytest.fixture(scope="module")
def sheets(paper: PdfReader) -> list[str]:
    return [_squeezed(sheet.extract_text()) for sheet in paper.pages]


def test_g10_the_first_sheet_stands_alone(opened: Opened, sheets: list[str]):
    show(opened.page, width=1280)
    headline = opened.page.inner_text("h1")
    figure = opened.page.locator("figure").first
    labels = figure.locator(".desk text, .small text").all_text_contents()
    for words in (headline, "Kết luận", "Khuyến nghị", "Hình 1", *labels, "Nguồn:"):
        assert _squeezed(words) in sheets[0]
    assert f"1/{len(sheets)}" in sheets[0]


def test_g10_title_drawing_and_source_of_a_figure_stand_on_one_sheet(
    opened: Opened, sheets: list[str]
):
    titles = [len(re.findall(r"Hình\d+\.", sheet)) for sheet in sheets]
    assert sum(titles) == opened.page.locator("figure").count()
    assert [sheet.count("Nguồn:") for sheet in sheets] == titles


def test_g10_a_printed_briefing_is_tagged_a4_in_vietnamese_with_every_alternative_text(
    opened: Opened, paper: PdfReader
):
    show(opened.page, width=PAPER_WIDTH, media="print")
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "vi"
    assert tagged_images(paper) == image_names(opened.page)
    corners = {tuple(round(float(edge)) for edge in sheet.mediabox[2:]) for sheet in paper.pages}
    assert corners == {A4}


def test_g10_nothing_is_wider_than_the_paper_and_table_heads_repeat(opened: Opened):
    show(opened.page, width=PAPER_WIDTH, media="print")
    assert sticking_out(opened.page) == []
    heads = "(all) => all.map((head) => getComputedStyle(head).display)"
    displays = opened.page.locator("thead").evaluate_all(heads)
    assert set(displays) == {"table-header-group"}


def test_g10_paper_is_light_for_who_reads_in_the_dark(opened: Opened):
    show(opened.page, width=1280)
    light = [colour_of(opened.page, name) for name in ("paper", "ink")]
    show(opened.page, width=PAPER_WIDTH, scheme="dark", media="print")
    assert [colour_of(opened.page, name) for name in ("paper", "ink")] == light


# G13, G14: colours and letters


@pytest.mark.parametrize("scheme", SCHEMES)
def test_g13_every_label_stands_out_from_what_is_behind_it(opened: Opened, scheme: str):
    show(opened.page, width=1280, scheme=scheme)
    assert _pale_labels(opened) == []


def test_g13_a_label_on_a_dark_ground_is_seen(faulty: Opened):
    show(faulty.page, width=1280)
    assert _pale_labels(faulty) == [("", "tối trên tối")]


def _pale_labels(opened: Opened) -> list[tuple[str, str]]:
    return [
        (label.figure, label.text)
        for label in labels_of(opened.page)
        if contrast(label.colour, label.ground) < LEAST_CONTRAST
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_g13_marks_are_painted_in_the_page_s_own_colours_and_tell_apart_for_any_sight(
    opened: Opened, scheme: str
):
    page = opened.page
    show(page, width=1280, scheme=scheme)
    names = ("ink", "soft", "line", "main", "pale", "paper")
    palette = {colour_of(page, name): name for name in names}
    paints = paints_of(page)
    assert [paint for paint in paints if paint not in palette] == []
    marks = [paint for paint in paints if palette[paint] != "paper"]
    assert len(marks) <= 4
    close = [
        (palette[one], palette[two], sight)
        for (one, two), sight in product(combinations(paints, 2), SIGHTS)
        if distance(one, two, sight=sight) < LEAST_DISTANCE
    ]
    assert close == []
    paper = colour_of(page, "paper")
    faint = {palette[mark] for mark in marks if contrast(mark, paper) < LEAST_MARK_CONTRAST}
    assert faint <= {"pale"}, "an area, always with an outline or marks of another colour"


def test_g13_distance_knows_what_each_sight_confuses():
    red, green = "rgb(160, 80, 0)", "rgb(95, 110, 0)"
    assert distance(red, green, sight="common") > 40
    assert distance(red, green, sight="deuteranopia") < 15
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)


@pytest.mark.parametrize("part", ["body", "svg text"])
def test_g14_every_vietnamese_letter_has_a_shape_of_its_own(opened: Opened, part: str):
    assert len(LETTERS) == len(set(LETTERS)) == 146
    used = "".join(sorted(set(opened.page.inner_text("body")) - set(LETTERS)))
    assert drawn(opened.page, LETTERS, of=part) == {"missing": [], "alike": []}
    assert drawn(opened.page, used, of=part)["missing"] == []


def test_g14_a_letter_without_a_shape_is_seen(faulty: Opened):
    assert drawn(faulty.page, "aa\U0010fffe", of="body")["alike"] == ["a"]
    assert drawn(faulty.page, "a\U0010fffe", of="body")["missing"] == ["\U0010fffe"]


# The browser itself


def test_a_missing_browser_fails_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PILOTS_CHROMIUM", "no-such-browser")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        find_chromium()
