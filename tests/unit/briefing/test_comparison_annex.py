"""Tables of designs that compare: every number of the page has its row, with its p-values."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, table_called, table_rows, text_of, write_page
from effected import checked, effect, findings_with, interrupted, primary, whole

from commune_pilots import catalogue
from commune_pilots.briefing.comparison_annex import checks_tables, effects_tables
from commune_pilots.catalogue import LANGUAGES


def _parsed(tables):
    return BeautifulSoup("".join(map(str, tables)), "html.parser")


def _annex(findings, language="vi"):
    return _parsed(effects_tables(findings, findings.writer(language)))


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_a_run_without_effects_has_no_such_table(run):
    findings = findings_of(run)
    write = findings.writer()
    assert effects_tables(findings, write) == []
    assert checks_tables(findings, write) == []


def test_each_design_has_its_anchor_ids_errors_and_both_p_values():
    page = _annex(whole())
    row = page.find(id="e-e-permutation")
    cells = [text_of(cell) for cell in row.find_all(["th", "td"])]
    assert cells[0] == f"{catalogue.text('effect.method.permutation', 'vi')} e-permutation"
    assert cells[1:5] == ["9,12 (8,10 đến 10,10)", "0,50", "p = 0,001", "p < 0,001"]
    assert cells[5] == "C1; 8 / 100; A3 A4 A15"
    assert [a["href"] for a in row.find_all("a")] == ["#as-A3", "#as-A4", "#as-A15"]


def test_what_is_not_known_is_a_dash_and_never_0():
    cells = [text_of(cell) for cell in _annex(whole()).find(id="e-e-wild_bootstrap").find_all("td")]
    assert cells[:4] == ["–"] * 4


def test_the_months_that_the_figure_draws_stand_in_a_table_of_their_own():
    table = _annex(whole()).find(id="t-effects-months")
    rows = table_rows(table)
    assert [row[0] for row in rows] == ["−6", "−5", "−4", "−3", "−2", "−1", *"012345"]
    assert rows[-1] == ["5", "9,00 (7,50 đến 10,50)", "0,50", "p = 0,001", "8 / 100"]
    assert _annex(findings_with(interrupted())).find(id="t-effects-months") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_say_simulated(language):
    findings = whole()
    write = findings.writer(language)
    tables = [*effects_tables(findings, write), *checks_tables(findings, write)]
    captions = _parsed(tables).find_all("caption")
    assert len(captions) == 3
    assert all(write.term("status", "simulated") in text_of(caption) for caption in captions)


def test_checks_of_the_primary_design_are_told_with_their_size():
    rows = table_rows(_parsed(checks_tables(whole(), whole().writer())))
    assert [row[1:] for row in rows] == [
        ["đạt", "0,6 điểm phần trăm mỗi năm"],
        ["không đạt", "ít nhất 3,0 điểm phần trăm"],
        ["không kiểm tra được", "–"],
    ]


def test_checks_of_pairs_and_of_weaker_designs_stay_out():
    findings = findings_with(
        primary(), effect("welch"), checks=checked(("mde", "passed", 3.0), of="e-welch")
    )
    assert checks_tables(findings, findings.writer()) == []


@pytest.mark.slow
def test_the_page_links_each_table_to_its_cell_and_keeps_its_rules():
    page = BeautifulSoup(write_page(whole()), "html.parser")
    for start in ("Bảng B11 ", "Bảng B11b ", "Tỷ lệ hồ sơ nộp trực tuyến: mọi thiết kế"):
        caption = table_called(page, start).caption
        assert caption.a["href"].startswith("03_estimate_effects.html#")
    caption = table_called(page, "Kiểm tra thiết kế chính").caption
    assert caption.a["href"].startswith("04_check_robustness.html#")
    rows = [row[0] for row in table_rows(table_called(page, "Các giả định"))]
    assert {"A3", "A4", "A15"} <= set(rows)
