from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, table_rows, text_of

from commune_pilots.briefing.scorecards import (
    counts_table,
    coverage_table,
    header_of,
    targets_table,
)
from commune_pilots.briefing.tables import MOST_COLUMNS


def _rows(table, run):
    findings = findings_of(run)
    return table_rows(BeautifulSoup(table(findings, findings.writer()), "html.parser"))


def test_columns_are_named_in_the_writers_language():
    findings = findings_of("long_an")
    assert header_of(findings.writer("en"), "indicator", "value") == ["Indicator", "Value"]


def test_a_target_without_a_number_is_never_called_reached_or_missed():
    for run in PRESS_RUNS:
        for row in _rows(targets_table, run):
            if row[2] == "nguồn không nêu số":
                assert row[5] == "Nguồn không nêu số chỉ tiêu"


def test_a_target_shows_the_result_of_the_same_definition_and_its_deadline():
    digitised = next(row for row in _rows(targets_table, "long_an") if "số hóa" in row[0])
    assert digitised[3:5] == ["trên 60%", "31/12/2022"]


def test_a_target_without_result_or_date_says_both():
    plan = next(row for row in _rows(targets_table, "bac_kan") if "kế hoạch" in row[0])
    assert plan[3:5] == ["không có số liệu", "nguồn không nêu ngày"]


def test_targets_can_be_led_to_and_where_none_is_printed_there_is_no_table():
    findings = findings_of("long_an")
    page = BeautifulSoup(targets_table(findings, findings.writer()), "html.parser")
    assert page.find(id="t-targets").table
    none = findings_of("smoke")
    assert targets_table(none, none.writer()) == ""


def test_every_pilot_commune_has_a_row_even_if_nothing_is_printed_of_it():
    rows = _rows(coverage_table, "bac_kan")
    assert len(rows) == 8
    assert sum(set(row[1:]) == {"không có số liệu"} for row in rows) == 5


def test_before_and_after_stand_side_by_side_with_an_arrow():
    rows = {row[0]: row for row in _rows(coverage_table, "long_an")}
    assert "16,8% → 98,08%" in rows["Thị trấn Cần Giuộc"]
    assert "chưa có → 53,53%" in rows["Phường 4"]


@pytest.mark.parametrize("run", ["long_an", "bac_kan", "smoke"])
def test_no_table_of_coverage_is_wider_than_a_page(run):
    assert all(len(row) <= MOST_COLUMNS for row in _rows(coverage_table, run))


def test_counts_and_ranks_carry_their_definition():
    rows = _rows(counts_table, "hau_giang")
    ranks = [row for row in rows if row[2] in ("17/63", "6/63")]
    assert len(ranks) == 2
    assert all(row[3] for row in rows)
    assert not any("%" in row[2] for row in rows)


def test_no_table_of_counts_is_shown_where_there_is_nothing_to_count():
    findings = findings_of("smoke")
    assert counts_table(findings, findings.writer()) == ""


def test_every_number_of_the_tables_links_to_annex_f():
    findings = findings_of("hau_giang")
    page = BeautifulSoup(counts_table(findings, findings.writer()), "html.parser")
    for row in page.tbody.find_all("tr"):
        cell = row.find_all("td")[1]
        assert cell.a["href"].removeprefix("#o-") in findings.figures
        assert text_of(cell) == text_of(cell.a)
