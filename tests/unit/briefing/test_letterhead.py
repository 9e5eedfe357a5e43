"""The head of an official paper: who, where, when, what; never a number."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, page_of
from papers import PAGE

from commune_pilots.briefing.letterhead import BAR, as_html, read_letterhead
from commune_pilots.errors import ExportError


def _head(body="UBND tỉnh Tây Ninh", rest="Bản tóm tắt đánh giá · ngày 1 tháng 7 năm 2026 · x"):
    return read_letterhead(f'<p class="bar">{body} · Sở Khoa học và Công nghệ<br>{rest}</p>')


def test_the_head_is_read_from_the_bar_in_capitals():
    head = _head()
    assert (head.superior, head.body) == ("UBND TỈNH TÂY NINH", "SỞ KHOA HỌC VÀ CÔNG NGHỆ")
    assert head.kind == "BẢN TÓM TẮT ĐÁNH GIÁ"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("UBND tỉnh Tây Ninh", "Tây Ninh"),
        ("UBND thành phố Cần Thơ", "Cần Thơ"),
        ("UBND thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh"),
        ("UBND TP. Huế", "TP. Huế"),
    ],
)
def test_a_date_is_headed_by_the_name_of_the_place(body, place):
    assert _head(body).dated == f"{place}, ngày 1 tháng 7 năm 2026"


def test_state_and_motto_are_those_of_the_decree():
    assert _head().state == "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    assert _head().motto == "Độc lập - Tự do - Hạnh phúc"


def test_letters_that_html_escapes_are_read_as_letters():
    assert _head("UBND tỉnh A &amp; B").superior == "UBND TỈNH A & B"


@pytest.mark.parametrize("bar", ["", '<p class="bar">một<br>hai</p>', '<p class="bar">một</p>'])
def test_a_page_without_the_bar_of_a_briefing_is_refused(bar):
    with pytest.raises(ExportError, match="letterhead"):
        read_letterhead(f"<main>{bar}</main>")


def test_the_head_of_a_page_is_a_draft_without_a_number():
    shown = BeautifulSoup(as_html(read_letterhead(PAGE)), "html.parser")
    assert shown.find(class_="draft").get_text() == "DỰ THẢO"
    assert [p.get_text(" ") for p in shown.find_all("p")] == [
        "UBND TỈNH TÂY NINH SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
        "DỰ THẢO",
        "Tây Ninh, ngày 22 tháng 11 năm 2026",
        "BẢN TÓM TẮT ĐÁNH GIÁ",
    ]
    assert "Số:" not in shown.get_text()


def test_what_an_office_is_called_cannot_break_a_page():
    head = _head("UBND tỉnh &lt;b&gt;")
    assert "&lt;B&gt;" in as_html(head)


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_every_briefing_has_a_bar_that_makes_a_head(run):
    head = read_letterhead(page_of(run))
    assert head.superior.startswith("UBND ")
    assert head.body == "SỞ KHOA HỌC VÀ CÔNG NGHỆ"
    dated = " ".join(head.dated.split())  # its spaces may not break
    assert ", ngày 22 tháng 11 năm 2026" in dated or run == "smoke"
    assert len(BAR.findall(page_of(run))) == 1
