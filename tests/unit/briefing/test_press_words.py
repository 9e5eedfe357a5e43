"""How many words and sentences each part of a page takes, on every page that is published.

Readers have two minutes: the counts are those of the page's specification.
"""

from __future__ import annotations

import re

import pytest
from built import PRESS_RUNS, parsed, text_of

RUNS = [*PRESS_RUNS, "smoke"]


@pytest.fixture(params=RUNS)
def page(request):
    return parsed(request.param)


def _sentences(text):
    return [part for part in re.split(r"(?<=[.?!])\s+(?=\S)", text.strip()) if part]


def _words(part):
    return len(text_of(part).split())


def _box(page):
    return page.find(id="main").find_all("p")


def test_the_box_holds_a_conclusion_and_a_recommendation_of_at_most_two_sentences_each(page):
    conclusion, advice = (text_of(part) for part in _box(page))
    for part, name in ((conclusion, "Kết luận."), (advice, "Khuyến nghị.")):
        assert part.startswith(name)
        assert 1 <= len(_sentences(part.removeprefix(name))) <= 2


def test_the_recommendation_ends_with_the_question_and_names_who_decides(page):
    advice = _sentences(text_of(_box(page)[1]))
    assert re.fullmatch(r"Đề nghị UBND .+ xem xét, quyết định: có .+\?", advice[-1])


def test_three_or_four_key_figures_follow_the_box(page):
    assert 3 <= len(page.find_all(class_="tile")) <= 4


def test_what_was_done_takes_sixty_to_ninety_words(page):
    assert 60 <= _words(page.find(id="done").p) <= 90


def test_the_english_summary_takes_eighty_to_a_hundred_and_twenty_words(page):
    assert 80 <= _words(page.find(id="english").p) <= 120


def test_three_to_five_limitations_are_listed(page):
    limits = page.find(id="limits").find_all("li")
    assert 3 <= len(limits) <= 5
    assert len({text_of(item) for item in limits}) == len(limits)


def test_recommendations_are_numbered_with_actor_deadline_condition_and_how_we_will_know(page):
    items = page.find(id="recommendations").find("ol").find_all("li", recursive=False)
    assert len(items) >= 4
    for item in items:
        who = r"(Sở|UBND) [^,]+, (trước|trong|ngày) [^:]+:"
        assert re.fullmatch(who, text_of(item.strong))
        assert re.fullmatch(who + r" .+\. Điều kiện: .+\. Xong khi .+\.", text_of(item))


def test_every_caption_and_every_column_starts_with_a_capital(page):
    for caption in page.find_all("caption"):
        assert text_of(caption)[0].isupper()


def test_no_line_of_running_text_parts_a_number_from_its_measure(page):
    """Drawings and their titles break their own lines; what is said in a block stays whole."""
    for block in page.find_all(["p", "li", "td"]):
        if block.find_parent("figure") or block.find_parent(class_="annex"):
            continue
        parted = re.findall(r"\d(?:</a>)? điểm phần trăm|p (?:&lt;|=) \d", block.decode())
        assert parted == []


def test_each_source_line_says_what_its_sources_are(page):
    lines = [text_of(line) for line in page.find_all("figcaption") if "Nguồn:" in text_of(line)]
    assert lines
    kinds = "bài báo|cổng thông tin điện tử|Báo Cao Bằng|số liệu mô phỏng"
    assert [line for line in lines if not re.search(rf"Nguồn: (?:{kinds})", line)] == []


@pytest.mark.parametrize(
    ("run", "line"),
    [
        ("long_an", "Nguồn: bài báo 001; tính toán"),
        ("bac_kan", "Nguồn: cổng thông tin điện tử 002, 25/5/2024; tính toán"),
        ("cao_bang", "Nguồn: Báo Cao Bằng (baocaobang.vn) 004; tính toán"),
        ("hau_giang", "Nguồn: bài báo 000, 29/8/2023; bài báo 003; tính toán"),
    ],
)
def test_a_source_goes_by_its_publisher_or_kind_its_id_and_its_day(run, line):
    said = [" ".join(each.get_text().split()) for each in parsed(run).find_all("figcaption")]
    assert any(line in caption for caption in said)


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_a_commune_to_compare_with_goes_by_one_name(run):
    """The glossary of the page explains "xã đối chứng"; no second word stands for it."""
    assert "xã so sánh" not in text_of(parsed(run)).lower()
