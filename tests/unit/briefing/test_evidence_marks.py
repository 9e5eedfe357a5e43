"""The small map: one mark an intervention, the same in words for who cannot see it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import get_args

import pytest
from bs4 import BeautifulSoup
from built import text_of
from listed import NOTHING, covered, press_map

from commune_pilots import catalogue
from commune_pilots.briefing.evidence_map import map_runs
from commune_pilots.briefing.evidence_marks import (
    MARKS,
    anchor_of_province,
    few,
    finding,
    legend,
    marks_of,
    picture,
    warnings,
)
from commune_pilots.briefing.evidence_page import evidence_page
from commune_pilots.briefing.wording import Writer
from commune_pilots.effects.coverage import map_evidence
from commune_pilots.vocabulary import Evidence, Pillar

WRITE = Writer("vi", "none")


def _parsed(markup):
    return BeautifulSoup(markup, "html.parser")


@pytest.fixture(scope="module")
def drawn():
    return _parsed(picture(press_map(), WRITE, page="evidence.html"))


def test_classes_differ_in_shape_and_hollow_ones_have_no_figure():
    assert len(set(MARKS.values())) == len(get_args(Evidence))
    filled = {name for name, mark in MARKS.items() if "BLACK" in unicodedata.name(mark)}
    assert filled == {"before_after", "after_only", "level"}


def test_the_picture_has_one_mark_for_each_intervention_of_the_register(drawn):
    marks = Counter(mark for span in drawn.find_all(class_="marks") for mark in span.text)
    counts = map_evidence(press_map().entries).sum()
    assert marks == {MARKS[name]: count for name, count in counts.items()}
    assert sum(marks.values()) == 102


def test_each_cell_counts_what_the_register_has_there(drawn):
    entries = press_map().entries
    rows = {row.th.text: row.find_all("td") for row in drawn.tbody.find_all("tr")}
    assert list(rows) == ["Bắc Kạn", "Cao Bằng", "Hậu Giang", "Long An"]
    for name, of in entries.groupby("name"):
        cells = rows[str(name).removeprefix("Tỉnh ")]
        for pillar, cell in zip(get_args(Pillar), cells, strict=True):
            counts = map_evidence(of).loc[pillar]
            marks = "".join(MARKS[each] * count for each, count in counts.items())
            assert (cell.find(class_="marks").text if marks else "") == marks


def test_marks_are_hidden_from_screen_readers_and_words_are_there_instead(drawn):
    first = drawn.tbody.tr.td
    assert first.find(class_="marks")["aria-hidden"] == "true"
    assert first.find(class_="told").text == (
        "Trước–sau: 2, Chỉ sau: 1, Mức: 1, Chỉ tiêu: 1, Không có: 8"
    )


def test_a_cell_without_any_intervention_says_0():
    drawing = "intervention pillar\n001-a society"
    cells = _parsed(picture(map_runs([covered("a", drawing)]), WRITE, page="e")).find_all("td")
    assert [text_of(cell) for cell in cells[:2]] == ["0", "0"]


def test_the_picture_can_be_read_aloud(drawn):
    assert text_of(drawn.caption)
    heads = drawn.thead.find_all("th")
    assert [text_of(head) for head in heads] == [
        "Tỉnh",
        *(catalogue.text(f"label.pillar.{pillar}", "vi") for pillar in get_args(Pillar)),
    ]
    assert all(row.th["scope"] == "row" for row in drawn.tbody.find_all("tr"))


def test_each_province_leads_to_its_part_of_the_page(drawn):
    page = _parsed(evidence_page(press_map(), index="index.html"))
    for link in drawn.find_all("a"):
        file, _, anchor = link["href"].partition("#")
        assert file == "evidence.html"
        assert link.text in text_of(page.find(id=anchor).h2)
    assert anchor_of_province("80") == "p-80"


def test_the_legend_names_every_class_with_its_mark_and_its_number():
    items = [text_of(item) for item in _parsed(legend(press_map(), WRITE)).find_all("li")]
    assert items == [
        "◆ Trước–sau: 3", "▲ Chỉ sau: 8", "■ Mức: 26", "◇ Chỉ tiêu: 8", "○ Không có: 57",
    ]  # fmt: skip
    assert len(items) == len(get_args(Evidence))


@pytest.mark.parametrize(("count", "shown"), [(0, ""), (12, "○" * 12), (40, "○" * 12 + "…")])
def test_marks_stop_where_a_cell_is_full(count, shown):
    assert _parsed(marks_of({"none": count})).span.text == shown


def test_the_number_goes_on_in_words_where_marks_stop():
    drawing = "intervention\n" + "\n".join(f"001-{number}" for number in range(40))
    drawn = _parsed(picture(map_runs([covered("a", drawing)]), WRITE, page="e"))
    assert drawn.td.find(class_="told").text == "Không có: 40"


def test_the_finding_is_computed_and_an_empty_map_says_so():
    assert "57 chưa có con số nào" in finding(press_map(), WRITE)
    assert finding(NOTHING, WRITE) == catalogue.text("briefing.evidence_page.empty", "vi")


def test_what_is_left_out_or_differs_is_named_and_nothing_else():
    found = map_runs([covered("a")], left_out=["x", "y"])
    [told] = [_parsed(warning).p.text for warning in warnings(found, WRITE)]
    assert re.search(r"2 lượt chạy.*x, y\.$", told)
    assert warnings(map_runs([covered("a")]), WRITE) == []


def test_many_names_are_shortened_and_the_rest_counted():
    told = few([f"run_{number:02}" for number in range(20)], WRITE)
    assert told.endswith("run_11, và 8 lượt khác")
    assert few(["a", "b"], WRITE) == "a, b"
