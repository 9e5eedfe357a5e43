"""The evidence map: counts of the register, shapes beside colours, and no dead end."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from typing import get_args

import pandas as pd
import pytest
from asked import asked_of, interventions, units
from bs4 import BeautifulSoup
from built import PRESS_RUNS, table_called, table_rows, text_of
from listed import HOSTILE, REGISTER, covered, press_map

from commune_pilots import catalogue
from commune_pilots.briefing.evidence_map import map_runs
from commune_pilots.briefing.evidence_marks import MARKS
from commune_pilots.briefing.evidence_page import evidence_page
from commune_pilots.briefing.export import check_page
from commune_pilots.briefing.request_form import request_form
from commune_pilots.briefing.style import own_style
from commune_pilots.effects.coverage import map_evidence
from commune_pilots.vocabulary import Evidence, Pillar


def _page(*runs, **given):
    text = evidence_page(map_runs(runs, **given), index="index.html")
    return BeautifulSoup(text, "html.parser")


def _grid(page):
    """Read the grid: place -> counts by class, in the order of the classes."""
    return {
        row[0]: tuple(int(cell.split()[0]) for cell in row[1:])
        for row in table_rows(page.find(id="grid").table)
    }


@pytest.fixture(scope="module")
def all_provinces():
    text = evidence_page(press_map(), index="index.html")
    return BeautifulSoup(text, "html.parser")


# What is counted


def test_the_grid_counts_the_whole_press_register_by_province_pillar_and_class(all_provinces):
    expected = {}
    for run, name in zip(PRESS_RUNS, ("Long An", "Bắc Kạn", "Hậu Giang", "Cao Bằng"), strict=True):
        for pillar, counts in map_evidence(asked_of(run)["interventions"]).iterrows():
            shown = catalogue.text(f"label.pillar.{pillar}", "vi")
            expected[f"{name}: {shown}"] = tuple(counts)
    grid = _grid(all_provinces)
    total = grid.pop("Tất cả")
    assert grid == expected
    assert total == (3, 8, 26, 8, 57)
    assert sum(total) == 102


def test_the_finding_is_computed_from_the_register(all_provinces):
    assert text_of(all_provinces.find(class_="finding")) == (
        "102 hệ thống, biện pháp được nêu ở 4 tỉnh; 57 chưa có con số nào, 3 có cặp trước–sau."
    )


def test_the_page_says_which_runs_it_covers(all_provinces):
    told = text_of(all_provinces.find(class_="sub"))
    assert "4 lượt chạy" in told
    assert "bac_kan, cao_bang, hau_giang, long_an" in told
    assert "mô phỏng không được tính" in told


def test_every_class_and_pillar_has_its_place_even_where_nothing_is():
    grid = _grid(_page(covered("a", "intervention\n001-a")))
    assert len(grid) == len(get_args(Pillar)) + 1
    assert {len(counts) for counts in grid.values()} == {len(get_args(Evidence))}
    assert sum(map(sum, grid.values())) == 2


def test_an_intervention_of_two_runs_counts_once_and_both_runs_are_named():
    page = _page(covered("long_an"), covered("long_an_again"))
    assert _grid(page)["Tất cả"] == (1, 0, 1, 1, 2)
    assert "2 lượt chạy" in text_of(page.find(class_="sub"))
    assert page.find(class_="warn") is None


def test_a_unit_counts_in_the_province_it_belonged_to():
    grid = _grid(_page(covered("a")))
    assert grid["Long An: Chính quyền số"] == (1, 0, 0, 0, 1)
    assert grid["Cao Bằng: Kinh tế số"] == (0, 0, 0, 1, 1)


def test_entries_that_differ_between_runs_are_named_and_the_first_run_is_kept():
    other = covered("b", REGISTER.replace("before_after", "after_only"))
    page = _page(other, covered("a"))
    assert _grid(page)["Tất cả"] == (1, 0, 1, 1, 2)
    told = text_of(page.find(class_="warn"))
    assert told.startswith("1 mục")
    assert told.endswith("001-a.")


def test_runs_left_out_are_named(all_provinces):
    told = text_of(_page(covered("a"), left_out=["x", "y"]).find(class_="warn"))
    assert "2 lượt chạy" in told
    assert told.endswith("x, y.")
    assert all_provinces.find(class_="warn") is None


def test_many_names_are_shortened_and_the_rest_counted():
    names = [f"run_{number:02}" for number in range(20)]
    told = text_of(_page(covered("a"), left_out=names).find(class_="warn"))
    assert "run_11, và 8 lượt khác" in told
    assert "run_12" not in told


def test_without_any_press_run_the_page_stands_and_says_so():
    page = _page()
    assert "Chưa có lượt chạy nào" in page.main.text
    assert page.find("table") is None
    assert len(page.find_all("h1")) == 1


def test_the_order_of_the_runs_changes_nothing():
    runs = [covered("b"), covered("a", "intervention\n009-x")]
    forward, backward = (
        evidence_page(map_runs(given), index="i.html") for given in (runs, runs[::-1])
    )
    assert forward == backward


def test_the_tables_given_are_not_changed():
    run = covered("a")
    before = (run.interventions.copy(deep=True), run.units.copy(deep=True))
    _page(run)
    pd.testing.assert_frame_equal(run.interventions, before[0])
    pd.testing.assert_frame_equal(run.units, before[1])


# How it is shown


def test_each_count_has_as_many_marks_of_its_class(all_provinces):
    grid = all_provinces.find(id="grid").table
    for row in grid.tbody.find_all("tr")[:-1]:
        for name, cell in zip(get_args(Evidence), row.find_all("td"), strict=True):
            marks = cell.find(class_="marks")
            assert marks.text == MARKS[name] * int(cell.span.text)
            assert marks["aria-hidden"] == "true"


def test_marks_stop_where_a_cell_is_full_and_the_number_goes_on():
    drawn = "intervention\n" + "\n".join(f"001-{number}" for number in range(40))
    cell = _page(covered("a", drawn)).find(id="grid").tbody.tr.find_all("td")[-1]
    assert text_of(cell) == f"40 {'○' * 12}…"


def test_every_class_says_what_it_means_and_what_to_collect_next(all_provinces):
    rows = table_rows(table_called(all_provinces, "Loại bằng chứng"))
    assert [int(row[1]) for row in rows] == [3, 8, 26, 8, 57]
    assert len({row[2] for row in rows}) == len({row[3] for row in rows}) == len(rows)
    assert all(row[2] and row[3] for row in rows)


def test_provinces_stand_in_the_order_of_the_alphabet_not_of_merit(all_provinces):
    heads = [text_of(part.h2) for part in all_provinces.find_all(class_="province")]
    assert heads == [
        "Tỉnh Bắc Kạn (nay thuộc Tỉnh Thái Nguyên)",
        "Tỉnh Cao Bằng",
        "Tỉnh Hậu Giang (nay thuộc Thành phố Cần Thơ)",
        "Tỉnh Long An (nay thuộc Tỉnh Tây Ninh)",
    ]


def test_each_intervention_is_listed_once_with_its_class_in_words_and_its_need(all_provinces):
    tables = [
        table for part in all_provinces.find_all(class_="province") for table in part("table")
    ]
    listed = [row for table in tables for row in table_rows(table)]
    register = [row for run in PRESS_RUNS for row in asked_of(run).interventions]
    assert Counter((row[0], row[1].split(maxsplit=1)[1], row[2]) for row in listed) == Counter(
        (
            row["name_vi"],
            catalogue.text(f"label.evidence.{row['evidence']}", "vi"),
            row["need_vi"],
        )
        for row in register
    )


def test_a_list_holds_one_province_and_pillar_and_says_which(all_provinces):
    captions = [
        text_of(table.caption)
        for part in all_provinces.find_all(class_="province")
        for table in part.find_all("table")
    ]
    assert captions[0] == "Bắc Kạn, Chính quyền số: từng hệ thống, biện pháp"
    assert len(captions) == len(set(captions)) == 12


# Where it leads


def test_each_entry_leads_to_its_place_in_the_request_and_to_the_briefing(all_provinces):
    rows = all_provinces.find_all("a", href=re.compile("data_request"))
    assert len(rows) == 102
    for run in PRESS_RUNS:
        form = BeautifulSoup(request_form(asked_of(run), file="f"), "html.parser")
        anchors = {part["id"] for part in form.find_all(id=True)}
        wanted = {
            link["href"].partition("#")[2] for link in rows if link["href"].startswith(f"{run}/")
        }
        assert wanted
        assert wanted <= anchors
    assert len(all_provinces.find_all("a", href=re.compile(r"/briefing\.html$"))) == 102


def test_a_run_published_without_a_form_leads_to_its_briefing_alone():
    page = _page(covered("a", request=""))
    links = {link["href"] for part in page.find_all(class_="province") for link in part("a")}
    assert links == {"a/briefing.html"}


def test_it_leads_back_to_the_list(all_provinces):
    assert all_provinces.main.a["href"] == "index.html"


# The page


def test_the_map_keeps_the_rules_of_a_page():
    flat = covered("a", briefing="briefing.html", request="")
    text = evidence_page(map_runs([flat]), index="index.html")
    check_page(text, page="evidence.html", grade="none")
    page = BeautifulSoup(text, "html.parser")
    assert page.html["lang"] == "vi"
    assert page.title.text == page.h1.text
    assert not page.find_all(["script", "img", "link"])
    assert not re.search(r"@import|url\(|https?:", text)


def test_every_table_can_be_read_aloud(all_provinces):
    for table in all_provinces.find_all("table"):
        heads = table.thead.find_all("th")
        assert text_of(table.caption)
        assert len(heads) <= 6
        assert all(text_of(cell) and cell["scope"] == "col" for cell in heads)
        assert all(row.th["scope"] == "row" for row in table.tbody.find_all("tr"))


def test_no_two_parts_have_one_anchor(all_provinces):
    anchors = Counter(part["id"] for part in all_provinces.find_all(id=True))
    assert max(anchors.values()) == 1


@pytest.mark.parametrize("column", ["name_vi", "need_vi"])
def test_words_of_the_register_are_escaped(column):
    run = covered("a")
    hostile = dataclasses.replace(run, interventions=run.interventions.assign(**{column: HOSTILE}))
    text = evidence_page(map_runs([hostile]), index="index.html")
    assert not re.search(r"<script|</style>.*</style>", text, re.DOTALL)
    assert not BeautifulSoup(text, "html.parser").find_all(onclick=True)


def test_the_same_runs_make_the_same_bytes():
    runs = [covered("a"), covered("b")]
    pages = {evidence_page(map_runs(runs), index="i.html") for _ in range(2)}
    assert len(pages) == 1


def test_the_style_of_the_map_takes_its_colours_from_the_two_palettes():
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", own_style("evidence.css").replace("#grid", ""))


def test_a_province_that_the_units_do_not_name_is_shown_by_its_code():
    city = units().query("code == '04'").assign(code="040")
    register = interventions("intervention unit\n004-a 040")
    page = _page(covered("a", units=city, interventions=register))
    assert text_of(page.find(id="p-04").h2) == "04"
