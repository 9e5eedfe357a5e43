from __future__ import annotations

import dataclasses

from bs4 import BeautifulSoup
from built import table_rows

from commune_pilots.briefing.export import check_page
from commune_pilots.briefing.index import Entry, index_page

ENTRY = Entry(
    run="long_an",
    title="Thị trấn A: từ 16,8% lên 98,08%",
    grade="low",
    option="extend",
    data="press",
    href="long_an/briefing.html",
    notebooks=["long_an/01_clean_data.html", "long_an/02_describe_pilots.html"],
)


def _page(*entries):
    return BeautifulSoup(index_page(entries), "html.parser")


def test_each_run_is_a_row_with_finding_certainty_and_recommendation():
    other = dataclasses.replace(ENTRY, run="b", href="b/briefing.html", grade="none")
    rows = table_rows(_page(ENTRY, other).table)
    assert len(rows) == 2
    assert all(row[0].startswith(ENTRY.title) for row in rows)
    assert [row[1] for row in rows] == ["thấp", "chưa đủ căn cứ"]
    assert "Duy trì thí điểm" in rows[0][2]


def test_links_go_to_the_briefing_and_its_notebooks():
    links = [link["href"] for link in _page(ENTRY).table.find_all("a")]
    assert links == [ENTRY.href, *ENTRY.notebooks]
    assert [link.text for link in _page(ENTRY).table.find_all("a")][1:] == ["01", "02"]


def test_simulated_runs_are_marked_and_others_are_not():
    simulated = dataclasses.replace(ENTRY, data="simulated")
    assert "DỮ LIỆU MÔ PHỎNG" in _page(simulated).table.text
    assert "MÔ PHỎNG" not in _page(ENTRY).table.text


def test_a_title_from_a_manifest_is_escaped():
    hostile = dataclasses.replace(ENTRY, title="<script>x</script>")
    assert "<script" not in index_page([hostile])


def test_the_index_keeps_the_rules_of_a_page_and_has_its_language_and_title():
    text = index_page([dataclasses.replace(ENTRY, href="briefing.html", notebooks=[])])
    check_page(text, page="index.html", grade="low")
    page = BeautifulSoup(text, "html.parser")
    assert page.html["lang"] == "vi"
    assert page.title.text == page.h1.text


def test_an_index_of_no_runs_is_still_a_page():
    assert table_rows(_page().table) == []
    assert len(_page().find_all("h1")) == 1
