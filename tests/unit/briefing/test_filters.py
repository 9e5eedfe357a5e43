"""Filters of the list: every value is a choice, every choice a rule, and paper shows all."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

import pytest
from built import table_rows
from listed import ENTRY, MANY, NOTHING, index_of

from commune_pilots.briefing.entries import FACETS
from commune_pilots.briefing.index import index_page
from commune_pilots.briefing.style import own_style


def _provinces(*names):
    return [
        dataclasses.replace(ENTRY, province=f"{place:02}", province_name=name)
        for place, name in enumerate(names)
    ]


def _options(page, facet):
    """Read a filter: value -> words and count, `all` left out."""
    read = [
        (option["value"], *re.fullmatch(r"(.+) \(([\d.]+)\)", option.text).groups())
        for option in page.find("select", id=facet).find_all("option")
    ]
    return {value: (words, int(count.replace(".", ""))) for value, words, count in read[1:]}


def _kept(page, facet):
    """List the values of a filter that have a rule in the style sheet, with the class it keeps."""
    rule = (
        rf'form:has\(#{facet} \[value="([^"]+)"\]:checked\)~div \.([\w-]+)\{{--{facet}:initial\}}'
    )
    return re.findall(rule, page.style.text)


def _rules(style):
    """Read each rule of a style sheet with the conditions around it."""
    found, around = [], []
    for part in re.findall(r"@[^{]+\{|\}|[^{}@]+\{[^}]*\}", re.sub(r"/\*.*?\*/", "", style)):
        if part == "}":
            around.pop()
        elif part.startswith(("@media", "@supports")):
            around.append(part.rstrip("{"))
        elif part.startswith("@"):
            around.append("@")
        else:
            found.append((list(around), part.strip()))
    return found


def _classes(page):
    return [row["class"] for row in page.find(id="list").tbody.find_all("tr")]


def test_every_value_that_occurs_is_one_option_with_its_count_and_no_other_value_is():
    page = index_of(*MANY)
    assert _options(page, "province") == {
        "04-tinh-cao-bang": ("Cao Bằng", 2),
        "80-tinh-long-an": ("Long An", 1),
        "99-tinh-mo-phong": ("Tỉnh mô phỏng", 1),
    }
    assert _options(page, "status") == {
        "official": ("Chính thức", 1),
        "draft": ("Dự thảo", 2),
        "simulated": ("DỮ LIỆU MÔ PHỎNG", 1),
    }
    assert _options(page, "grade") == {"low": ("Thấp", 2), "none": ("Chưa đủ căn cứ", 2)}


def test_every_grade_has_an_option_the_strongest_first():
    entries = [dataclasses.replace(ENTRY, grade=grade) for grade in ("low", "high", "none")]
    assert list(_options(index_of(*entries), "grade")) == ["high", "low", "none"]


@pytest.mark.parametrize("facet", FACETS)
def test_each_filter_starts_with_all_rows_and_their_number(facet):
    first = index_of(*MANY).find("select", id=facet).option
    assert (first["value"], first.text) == ("", "Tất cả (4)")
    assert not index_of(*MANY).find_all(selected=True)


def test_large_counts_are_written_as_the_language_writes_them():
    assert "Tất cả (1.200)" in index_page([ENTRY] * 1200, found=NOTHING)


@pytest.mark.parametrize("facet", FACETS)
def test_each_option_has_one_rule_that_keeps_as_many_rows_as_it_counts(facet):
    page = index_of(*MANY)
    carried = Counter(name for classes in _classes(page) for name in classes)
    counted = {value: count for value, (_, count) in _options(page, facet).items()}
    assert {value: carried[name] for value, name in _kept(page, facet)} == counted
    assert len(_kept(page, facet)) == len(counted)


@pytest.mark.parametrize("facet", FACETS)
def test_a_set_filter_hides_every_row_that_no_rule_keeps(facet):
    style = own_style("index.css")
    assert f'form:has(#{facet} option:checked:not([value=""]))~div tr{{--{facet}:none}}' in style
    assert f"var(--{facet}," in re.search(r"#list tbody tr\{display:(.*)\}", style)[1]


def test_filters_work_on_screens_that_know_has_and_nothing_is_hidden_elsewhere():
    style = index_of(*MANY).style.text
    guarded = [
        around
        for around, selector in _rules(style)
        if ":has(" in selector
        or "--province" in selector
        or selector.startswith((".filters{d", ".shown{d"))
    ]
    assert len(guarded) >= 10
    assert all(around == ["@media screen", "@supports selector(:has(*))"] for around in guarded)
    assert ([], ".filters,.shown{display:none}") in _rules(style)


def test_every_filter_has_a_label_and_one_button_takes_all_choices_back():
    page = index_of(*MANY)
    assert [label["for"] for label in page.form.find_all("label")] == list(FACETS)
    assert [select["id"] for select in page.form.find_all("select")] == list(FACETS)
    assert all(label.text.strip() for label in page.form.find_all("label"))
    buttons = page.form.find_all("button")
    assert [(button["type"], bool(button.text)) for button in buttons] == [("reset", True)]


def test_the_form_sends_nothing_anywhere():
    assert index_of(ENTRY).form["method"] == "dialog"
    assert not index_of(ENTRY).form.has_attr("action")


def test_the_number_of_rows_shown_follows_the_table_and_words_are_ready_for_no_hit():
    page = index_of(*MANY)
    assert page.find(class_="shown").find_previous("table") is page.find(id="list").table
    assert page.find(class_="every").text == "Đang hiển thị tất cả: 4 bản."
    reset = page.form.button.text
    none = re.search(r'@counter-style shown\{system:fixed 0;symbols:"([^"]+)"', page.style.text)
    assert none[1].startswith("0. Không có bản nào")
    assert reset in none[1]


def test_one_province_is_one_option():
    assert list(_options(index_of(ENTRY, ENTRY), "province").values()) == [("Long An", 2)]


def test_many_provinces_stand_in_the_order_of_the_vietnamese_alphabet():
    names = ["Tỉnh Đồng Nai", "Tỉnh Yên Bái", "Thành phố Cần Thơ", "Tỉnh Bắc Kạn", "Tỉnh Cao Bằng"]
    names += [
        "Tỉnh Bạc Liêu",
        "Tỉnh An Giang",
        "Tỉnh Hà Nam",
        "Thành phố Hải Phòng",
        "Tỉnh Bến Tre",
    ]
    options = _options(index_of(*_provinces(*names)), "province")
    assert [words for words, _ in options.values()] == [
        "An Giang", "Bạc Liêu", "Bắc Kạn", "Bến Tre", "Cao Bằng", "Cần Thơ", "Đồng Nai",
        "Hà Nam", "Hải Phòng", "Yên Bái",
    ]  # fmt: skip


def test_a_code_that_changed_hands_is_two_provinces():
    later = dataclasses.replace(ENTRY, province_name="Tỉnh Tây Ninh")
    assert list(_options(index_of(ENTRY, later), "province")) == [
        "80-tinh-long-an", "80-tinh-tay-ninh",
    ]  # fmt: skip


def test_a_province_without_name_or_code_is_listed_last_and_can_be_chosen():
    unnamed = dataclasses.replace(ENTRY, province_name="")
    unknown = dataclasses.replace(unnamed, province="")
    page = index_of(unknown, unnamed, ENTRY)
    rows = table_rows(page.find(id="list").table)
    assert [row[1] for row in rows] == ["không ghi tỉnh", "mã 80", "Tỉnh Long An"]
    words = [words for words, _ in _options(page, "province").values()]
    assert words == ["Long An", "Không ghi tỉnh", "Mã 80"]
