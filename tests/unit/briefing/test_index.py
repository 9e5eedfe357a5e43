from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections import Counter

import pytest
from bs4 import BeautifulSoup
from built import table_rows

from commune_pilots.briefing.export import check_page
from commune_pilots.briefing.index import _STACKED, EVIDENCE, Entry, index_page
from commune_pilots.briefing.style import own_style

ENTRY = Entry(
    run="long_an",
    title="Thị trấn A: từ 16,8% lên 98,08%",
    grade="low",
    option="extend",
    data="press",
    status="draft",
    province="80",
    province_name="Tỉnh Long An",
    href="long_an/briefing.html",
    notebooks=["long_an/01_clean_data.html", "long_an/02_describe_pilots.html"],
)
CAO_BANG = dataclasses.replace(
    ENTRY, run="cao_bang", grade="none", province="04", province_name="Tỉnh Cao Bằng"
)
SIMULATED = dataclasses.replace(
    ENTRY, run="smoke", data="simulated", province="99", province_name="Tỉnh mô phỏng"
)
OFFICIAL = dataclasses.replace(CAO_BANG, run="cao_bang_2", status="official")
MANY = (ENTRY, CAO_BANG, SIMULATED, OFFICIAL)
FACETS = ("province", "status", "grade")
HOSTILE = '"]{}</style><script>alert(1)</script><a href="http://x" onclick="x'


def _page(*entries):
    return BeautifulSoup(index_page(entries), "html.parser")


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
    return [row["class"] for row in page.tbody.find_all("tr")]


def test_each_run_is_a_row_with_finding_place_status_certainty_and_recommendation():
    rows = table_rows(_page(ENTRY, OFFICIAL).table)
    assert len(rows) == 2
    assert all(row[0].startswith(ENTRY.title) for row in rows)
    assert [row[1] for row in rows] == ["Tỉnh Long An", "Tỉnh Cao Bằng"]
    assert [row[2] for row in rows] == ["dự thảo", "chính thức"]
    assert [row[3] for row in rows] == ["thấp", "chưa đủ căn cứ"]
    assert "Duy trì thí điểm" in rows[0][4]


def test_rows_keep_the_order_they_are_given_in():
    rows = table_rows(_page(*MANY).table)
    assert [row[0].split()[-1].removeprefix("98,08%") for row in rows] == [e.run for e in MANY]


def test_links_go_to_the_briefing_and_its_notebooks():
    links = [link["href"] for link in _page(ENTRY).table.find_all("a")]
    assert links == [ENTRY.href, *ENTRY.notebooks]
    assert [link.text for link in _page(ENTRY).table.find_all("a")][1:] == ["01", "02"]


@pytest.mark.parametrize("status", ["draft", "official"])
def test_simulated_runs_are_marked_in_bold_whatever_their_status_and_others_are_not(status):
    simulated = dataclasses.replace(SIMULATED, status=status)
    assert _page(simulated).table.strong.text == "DỮ LIỆU MÔ PHỎNG"
    assert list(_options(_page(simulated), "status")) == ["simulated"]
    assert "MÔ PHỎNG" not in _page(dataclasses.replace(ENTRY, status=status)).table.text


def test_every_value_that_occurs_is_one_option_with_its_count_and_no_other_value_is():
    page = _page(*MANY)
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
    assert list(_options(_page(*entries), "grade")) == ["high", "low", "none"]


@pytest.mark.parametrize("facet", FACETS)
def test_each_filter_starts_with_all_rows_and_their_number(facet):
    first = _page(*MANY).find("select", id=facet).option
    assert (first["value"], first.text) == ("", "Tất cả (4)")
    assert not _page(*MANY).find_all(selected=True)


def test_large_counts_are_written_as_the_language_writes_them():
    assert "Tất cả (1.200)" in index_page([ENTRY] * 1200)


@pytest.mark.parametrize("facet", FACETS)
def test_each_option_has_one_rule_that_keeps_as_many_rows_as_it_counts(facet):
    page = _page(*MANY)
    carried = Counter(name for classes in _classes(page) for name in classes)
    counted = {value: count for value, (_, count) in _options(page, facet).items()}
    assert {value: carried[name] for value, name in _kept(page, facet)} == counted
    assert len(_kept(page, facet)) == len(counted)


@pytest.mark.parametrize("facet", FACETS)
def test_a_set_filter_hides_every_row_that_no_rule_keeps(facet):
    style = own_style("index.css")
    assert f'form:has(#{facet} option:checked:not([value=""]))~div tr{{--{facet}:none}}' in style
    assert f"var(--{facet}," in re.search(r"tbody tr\{display:(.*)\}", style)[1]


def test_every_row_carries_one_value_of_each_filter():
    assert _classes(_page(ENTRY, SIMULATED)) == [
        ["province-80-tinh-long-an", "status-draft", "grade-low"],
        ["province-99-tinh-mo-phong", "status-simulated", "grade-low"],
    ]


def test_filters_work_on_screens_that_know_has_and_nothing_is_hidden_elsewhere():
    style = _page(*MANY).style.text
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
    page = _page(*MANY)
    assert [label["for"] for label in page.form.find_all("label")] == list(FACETS)
    assert [select["id"] for select in page.form.find_all("select")] == list(FACETS)
    assert all(label.text.strip() for label in page.form.find_all("label"))
    buttons = page.form.find_all("button")
    assert [(button["type"], bool(button.text)) for button in buttons] == [("reset", True)]


def test_the_form_sends_nothing_anywhere():
    assert _page(ENTRY).form["method"] == "dialog"
    assert not _page(ENTRY).form.has_attr("action")


def test_the_number_of_rows_shown_follows_the_table_and_words_are_ready_for_no_hit():
    page = _page(*MANY)
    assert page.find(class_="shown").find_previous("table") is page.table
    assert page.find(class_="every").text == "Đang hiển thị tất cả: 4 bản."
    reset = page.form.button.text
    none = re.search(r'@counter-style shown\{system:fixed 0;symbols:"([^"]+)"', page.style.text)
    assert none[1].startswith("0. Không có bản nào")
    assert reset in none[1]


def test_an_index_of_no_runs_is_still_a_page_without_a_form():
    page = _page()
    assert table_rows(page.table) == []
    assert len(page.find_all("h1")) == 1
    assert page.form is None
    assert page.find(class_="shown") is None
    assert "Chưa có bản nào" in page.main.text


def test_one_province_is_one_option():
    assert list(_options(_page(ENTRY, ENTRY), "province").values()) == [("Long An", 2)]


def test_many_provinces_stand_in_the_order_of_the_vietnamese_alphabet():
    names = ["Tỉnh Đồng Nai", "Tỉnh Yên Bái", "Thành phố Cần Thơ", "Tỉnh Bắc Kạn", "Tỉnh Cao Bằng"]
    names += [
        "Tỉnh Bạc Liêu",
        "Tỉnh An Giang",
        "Tỉnh Hà Nam",
        "Thành phố Hải Phòng",
        "Tỉnh Bến Tre",
    ]
    options = _options(_page(*_provinces(*names)), "province")
    assert [words for words, _ in options.values()] == [
        "An Giang", "Bạc Liêu", "Bắc Kạn", "Bến Tre", "Cao Bằng", "Cần Thơ", "Đồng Nai",
        "Hà Nam", "Hải Phòng", "Yên Bái",
    ]  # fmt: skip


def test_a_code_that_changed_hands_is_two_provinces():
    later = dataclasses.replace(ENTRY, province_name="Tỉnh Tây Ninh")
    assert list(_options(_page(ENTRY, later), "province")) == [
        "80-tinh-long-an", "80-tinh-tay-ninh",
    ]  # fmt: skip


def test_a_province_without_name_or_code_is_listed_last_and_can_be_chosen():
    unnamed = dataclasses.replace(ENTRY, province_name="")
    unknown = dataclasses.replace(unnamed, province="")
    page = _page(unknown, unnamed, ENTRY)
    assert [row[1] for row in table_rows(page.table)] == ["không ghi tỉnh", "mã 80", "Tỉnh Long An"]
    words = [words for words, _ in _options(page, "province").values()]
    assert words == ["Long An", "Không ghi tỉnh", "Mã 80"]


@pytest.mark.parametrize("field", ["title", "run", "province", "province_name", "href"])
def test_words_from_a_manifest_are_escaped(field):
    hostile = dataclasses.replace(ENTRY, **{field: HOSTILE})
    text = index_page([hostile])
    page = BeautifulSoup(text, "html.parser")
    assert not re.search(r"<script|</style>.*</style>", text, re.DOTALL)
    assert not page.find_all(onclick=True)
    assert len(page.table.find_all("a")) == 1 + len(ENTRY.notebooks)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in _classes(page)[0])


@pytest.mark.parametrize("entries", [(), (ENTRY,), MANY])
def test_the_index_keeps_the_rules_of_a_page_and_has_its_language_and_title(entries):
    flat = [dataclasses.replace(each, href="briefing.html", notebooks=[]) for each in entries]
    text = index_page(flat)
    check_page(text, page="index.html", grade="low")
    page = BeautifulSoup(text, "html.parser")
    assert page.html["lang"] == "vi"
    assert page.title.text == page.h1.text
    assert unicodedata.is_normalized("NFC", text)
    assert not re.search(r"@import|url\(|https?:", text)


def test_the_table_stays_a_table_to_a_screen_reader_when_a_phone_stacks_its_cells():
    table = _page(*MANY).table
    assert table.caption.text
    assert all(cell["scope"] == "col" for cell in table.thead.find_all("th"))
    assert all(re.search(r"\D", cell.text) for cell in table.find_all("th"))
    for row in table.tbody.find_all("tr"):
        cells = [(cell.name, cell["role"]) for cell in row.find_all(["th", "td"])]
        assert cells == [("th", "rowheader"), *[("td", "cell")] * 5]
        assert row.th["scope"] == "row"


def test_stacked_cells_name_their_column_at_the_width_that_stacks_them():
    style = _page(ENTRY).style.text
    assert f"@media screen and (max-width:{_STACKED}px){{\n:root{{--row:block}}" in own_style(
        "index.css"
    )
    assert f"@media screen and (min-width:{_STACKED + 1}px)" in own_style("index.css")
    header = [cell.text for cell in _page(ENTRY).thead.find_all("th")]
    for at, name in enumerate(header[1:], start=2):
        assert f'td:nth-child({at})::before{{content:"{name}: "' in style


def test_the_style_of_the_index_takes_its_colours_from_the_two_palettes():
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", own_style("index.css"))


@pytest.mark.parametrize("entries", [(), MANY])
def test_the_list_leads_to_the_evidence_map(entries):
    links = [link["href"] for link in _page(*entries).main.find_all("a", recursive=True)]
    assert links[0] == EVIDENCE == "evidence.html"


def test_the_same_entries_make_the_same_bytes():
    assert index_page(MANY) == index_page(MANY)
