"""The list of briefings under the evidence map."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from datetime import date

import pytest
from bs4 import BeautifulSoup
from built import table_rows, text_of
from listed import (
    ENTRY,
    HOSTILE,
    MANY,
    NOTHING,
    OFFICIAL,
    SIMULATED,
    covered,
    index_of,
    press_map,
)

from commune_pilots.briefing.entries import Release
from commune_pilots.briefing.evidence_map import map_runs
from commune_pilots.briefing.export import check_page
from commune_pilots.briefing.index import _STACKED, EVIDENCE, READING, index_page
from commune_pilots.briefing.style import own_style


def _list(*entries):
    """Make the list of these runs without what stands above it."""
    return index_of(*entries).find(id="list")


@pytest.fixture(scope="module")
def mapped():
    """Make the list under the evidence map of all press runs."""
    return index_of(*MANY, found=press_map())


def test_each_run_is_a_row_with_finding_place_status_certainty_and_recommendation():
    rows = table_rows(_list(ENTRY, OFFICIAL).table)
    assert len(rows) == 2
    assert all(row[0].startswith(ENTRY.title) for row in rows)
    assert [row[1] for row in rows] == ["Tỉnh Long An", "Tỉnh Cao Bằng"]
    assert [row[2] for row in rows] == ["dự thảo", "chính thức"]
    assert [row[3] for row in rows] == ["thấp", "chưa đủ căn cứ"]
    assert "Duy trì thí điểm" in rows[0][4]


def test_rows_keep_the_order_they_are_given_in():
    rows = table_rows(_list(*MANY).table)
    assert [row[0].split()[-1].removeprefix("98,08%") for row in rows] == [e.run for e in MANY]


def test_links_go_to_the_briefing_and_its_notebooks():
    links = [link["href"] for link in _list(ENTRY).table.find_all("a")]
    assert links == [ENTRY.href, *ENTRY.notebooks]
    assert [link.text for link in _list(ENTRY).table.find_all("a")][1:] == ["01", "02"]


@pytest.mark.parametrize("status", ["draft", "official"])
def test_simulated_runs_are_marked_in_bold_whatever_their_status_and_others_are_not(status):
    simulated = dataclasses.replace(SIMULATED, status=status)
    assert _list(simulated).table.strong.text == "DỮ LIỆU MÔ PHỎNG"
    choices = _list(simulated).find("select", id="status").find_all("option")
    assert [choice["value"] for choice in choices] == ["", "simulated"]
    assert "MÔ PHỎNG" not in _list(dataclasses.replace(ENTRY, status=status)).table.text


def test_every_row_carries_one_value_of_each_filter():
    rows = _list(ENTRY, SIMULATED).tbody.find_all("tr")
    assert [row["class"] for row in rows] == [
        ["province-80-tinh-long-an", "status-draft", "grade-low"],
        ["province-99-tinh-mo-phong", "status-simulated", "grade-low"],
    ]


def test_an_index_of_no_runs_is_still_a_page_without_a_form():
    page = index_of()
    assert table_rows(page.table) == []
    assert len(page.find_all("h1")) == 1
    assert page.form is None
    assert page.find(class_="shown") is None
    assert "Chưa có bản nào" in page.main.text


@pytest.mark.parametrize("field", ["title", "run", "province", "province_name", "href"])
def test_words_from_a_manifest_are_escaped(field):
    hostile = dataclasses.replace(ENTRY, **{field: HOSTILE})
    text = index_page([hostile], found=NOTHING)
    page = BeautifulSoup(text, "html.parser")
    assert not re.search(r"<script|</style>.*</style>", text, re.DOTALL)
    assert not page.find_all(onclick=True)
    assert len(page.table.find_all("a")) == 1 + len(ENTRY.notebooks)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in page.tbody.tr["class"])


@pytest.mark.parametrize("entries", [(), (ENTRY,), MANY])
def test_the_index_keeps_the_rules_of_a_page_and_has_its_language_and_title(entries):
    flat = [dataclasses.replace(each, href="briefing.html", notebooks=[]) for each in entries]
    text = index_page(flat, found=press_map())
    check_page(text, page="index.html", grade="low")
    page = BeautifulSoup(text, "html.parser")
    assert page.html["lang"] == "vi"
    assert page.title.text == page.h1.text
    assert unicodedata.is_normalized("NFC", text)
    assert not re.search(r"@import|url\(|https?:", text)


def test_the_table_stays_a_table_to_a_screen_reader_when_a_phone_stacks_its_cells():
    table = _list(*MANY).table
    assert table.caption.text
    assert all(cell["scope"] == "col" for cell in table.thead.find_all("th"))
    assert all(re.search(r"\D", cell.text) for cell in table.find_all("th"))
    for row in table.tbody.find_all("tr"):
        cells = [(cell.name, cell["role"]) for cell in row.find_all(["th", "td"])]
        assert cells == [("th", "rowheader"), *[("td", "cell")] * 5]
        assert row.th["scope"] == "row"


def test_stacked_cells_name_their_column_at_the_width_that_stacks_them():
    style = index_of(ENTRY).style.text
    assert f"@media screen and (max-width:{_STACKED}px){{\n:root{{--row:block}}" in own_style(
        "index.css"
    )
    assert f"@media screen and (min-width:{_STACKED + 1}px)" in own_style("index.css")
    header = [cell.text for cell in index_of(ENTRY).thead.find_all("th")]
    for at, name in enumerate(header[1:], start=2):
        assert f'td:nth-child({at})::before{{content:"{name}: "' in style


def test_the_style_of_the_index_takes_its_colours_from_the_two_palettes():
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", own_style("index.css"))


# What stands above the list


@pytest.mark.parametrize("entries", [(), MANY])
def test_the_top_leads_past_the_map_and_to_the_pages_beside_it(entries):
    page = index_of(*entries)
    links = [link["href"] for link in page.find(class_="ways").find_all("a")]
    assert links == ["#list", EVIDENCE, READING] == ["#list", "evidence.html", "reading.html"]
    assert page.find(id="list").h2


def test_the_evidence_map_of_all_provinces_stands_above_the_list(mapped):
    above, below = mapped.find(id="map"), mapped.find(id="list")
    assert above.find_next_sibling("section") is below
    assert "102 hệ thống, biện pháp được nêu ở 4 tỉnh" in text_of(above)
    assert [row[0] for row in table_rows(above.table)] == [
        "Bắc Kạn", "Cao Bằng", "Hậu Giang", "Long An",
    ]  # fmt: skip
    assert above.table.caption.text


def test_without_any_press_run_the_map_says_so_and_draws_nothing():
    above = index_of(SIMULATED).find(id="map")
    assert "Chưa có lượt chạy nào trên số liệu báo chí" in text_of(above)
    assert above.table is None


def test_runs_that_the_map_could_not_read_are_named_above_the_list():
    found = map_runs([covered("a")], left_out=["x"])
    assert text_of(index_of(ENTRY, found=found).find(id="map").find(class_="warn")).endswith("x.")


def test_the_filters_do_not_count_or_hide_rows_of_the_map(mapped):
    style = own_style("index.css")
    assert "#list tbody tr{counter-increment:rows}" in style
    assert mapped.form.find_parent("section") is mapped.find(id="list")
    assert not mapped.find(id="map").find_all(class_=re.compile("^(?:province|status|grade)-"))


# Released briefings


def test_a_released_briefing_says_on_which_day_and_leads_to_it():
    releases = (
        Release(day=date(2026, 11, 22), href="released/a-2/briefing.html"),
        Release(day=date(2026, 5, 3), href="released/a-1/briefing.html"),
    )
    cell = _list(dataclasses.replace(ENTRY, released=releases)).tbody.find_all("td")[1]
    assert [(link.text, link["href"]) for link in cell.find_all("a")] == [
        ("đã phát hành ngày 22/11/2026", "released/a-2/briefing.html"),
        ("đã phát hành ngày 3/5/2026", "released/a-1/briefing.html"),
    ]
    assert text_of(cell).startswith("dự thảo")


def test_a_briefing_that_was_not_released_says_nothing_of_it():
    assert "phát hành" not in _list(*MANY).text


def test_an_address_of_a_release_is_escaped():
    release = Release(day=date(2026, 11, 22), href=HOSTILE)
    page = index_of(dataclasses.replace(ENTRY, released=[release]))
    assert not page.find_all(["script"])
    assert not page.find_all(onclick=True)


def test_the_same_entries_make_the_same_bytes():
    found = press_map()
    assert index_page(MANY, found=found) == index_page(MANY, found=found)
