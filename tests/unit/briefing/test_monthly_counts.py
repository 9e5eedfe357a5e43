"""What a page may show of counts by month: small ones are gone before anything is written."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from asked import changed
from bs4 import BeautifulSoup
from built import findings_of, parsed, table_called, table_rows, text_of
from drawn import in_contract

from commune_pilots.briefing import monthly
from commune_pilots.briefing.monthly_counts import MOST_ROWS, printed_counts
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.effects.series import project_series

BEFORE = [12, 15, 9, 14, 11, 16, 10, 13, 15, 12, 11, 14]


def _findings(counts, *, n=50, kind="simulated", **told):
    """Give the simulated run one series of counts, from January 2021, of a source of this kind."""
    findings = findings_of("smoke")
    starts = pd.date_range("2021-01-01", periods=len(counts), freq="MS")
    usual = {
        "unit": "99001", "source": "sim", "indicator": "online_share", "file": "drawn", "row": 2,
        "definition": "online_level34_assisted", "denominator": n,
    }  # fmt: skip
    rows = {"period_start": starts, "period_end": starts + pd.offsets.MonthEnd(0)}
    panel = in_contract(pd.DataFrame(rows).assign(numerator=counts, **usual | told), "panel")
    series = project_series(panel, findings["pilots"], findings.names, alpha=0.05)
    sources = findings["sources"].assign(kind=kind)
    return changed(findings, panel=panel, series=series, sources=sources)


def _table(findings, language="vi"):
    shown = monthly.series_table(findings, findings.writer(language))
    return BeautifulSoup(str(shown), "html.parser")


def _figure(findings, language="vi"):
    (figure,) = monthly.run_figures(findings, findings.writer(language))
    return figure


def _hidden_months(findings):
    drawn = findings.monthly.drawn
    return drawn.loc[drawn["share"].isna(), "period_start"].dt.strftime("%Y-%m").tolist()


def test_the_months_of_a_series_stay_where_none_is_small():
    findings = _findings([*BEFORE, 40, 41, 12])
    assert _hidden_months(findings) == []
    pd.testing.assert_frame_equal(findings.monthly.drawn, findings["series"])
    assert not any(flag for part in findings.monthly.rows for flag in part.hidden.values())


def test_a_small_month_is_not_drawn_nor_one_more_that_would_give_it_away():
    findings = _findings([*BEFORE[:-1], 3, 40, 41, 12])
    assert len(_hidden_months(findings)) == 2
    assert "2021-12" in _hidden_months(findings)
    assert all(month >= "2021-07" for month in _hidden_months(findings))  # of the same row


def test_what_is_left_beside_the_part_is_a_count_as_well():
    assert "2022-02" in _hidden_months(_findings([*BEFORE, 40, 47, 12, 30]))


def test_two_small_months_of_one_row_can_protect_each_other():
    findings = _findings([*BEFORE[:-2], 6, 7, 40, 41, 12])
    assert _hidden_months(findings) == ["2021-11", "2021-12"]


def test_estimates_rest_on_every_count():
    findings = _findings([*BEFORE[:-1], 3, 40, 41, 12])
    pd.testing.assert_series_equal(
        findings.monthly.drawn["expected"], findings["series"]["expected"]
    )
    assert findings["series"]["share"].notna().all()
    first, last = (row[2] for row in table_rows(_table(findings))[:2])
    assert (first, last) == ("77/300", "64/300")


@pytest.mark.parametrize(("language", "words"), [("vi", "ẩn do số nhỏ"), ("en", "small count")])
def test_a_small_row_is_hidden_in_words_and_counted_with_the_threshold(language, words):
    shown = _table(_findings([0] * 12 + [3]), language)
    (row,) = table_rows(shown)
    assert row[2].startswith("–/")
    assert words in row[3]
    caption = text_of(shown.caption)
    assert words in caption
    assert re.search(r"; 1 (dòng|rows)", caption)
    assert "7 " in caption


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figure_says_how_many_months_are_hidden_and_below_which_count(language):
    findings = _findings([*BEFORE[:-1], 3, 40, 41, 12])
    said = text_of(BeautifulSoup(_figure(findings, language).subtitle, "html.parser"))
    assert re.search(
        r"\b2 (tháng ẩn do số nhỏ: từ 1 đến 7|months hidden: a small count, 1 to 7)", said
    )
    whole = _figure(_findings([*BEFORE, 40, 41, 12]), language).subtitle
    assert "số nhỏ" not in whole
    assert "hidden" not in whole


def test_the_last_month_drawn_is_the_one_that_is_told():
    findings = _findings([*BEFORE, 40, 41, 42, 47])
    alt = " ".join(_figure(findings).alt.split())
    assert "2022-04" in _hidden_months(findings)
    assert "tháng cuối trên hình 94%" not in alt


def test_no_share_of_a_hidden_month_is_in_the_drawing():
    findings = [_findings([*BEFORE, 40, last, 30, 31, 32]) for last in (41, 46)]
    dots = [_figure(found).desk.count("stroke-width:7") for found in findings]
    lines = [
        next(part for part in str(_figure(found).desk).split("<path ") if line in part)
        for found in findings
        for line in ('stroke:var(--main);stroke-width:2"',)
    ]
    assert dots == [1, 1]
    assert [len(_hidden_months(found)) for found in findings] == [0, 2]
    assert lines[0].count("M") < lines[1].count("M")


def test_a_series_whose_months_after_are_all_small_is_not_drawn():
    findings = _findings([*BEFORE, 47])
    assert monthly.run_figures(findings, findings.writer()) == []
    assert table_rows(_table(findings))[-1][2:4] == ["–/50", "ẩn do số nhỏ"]


@pytest.mark.parametrize("kind", ["press", "official_portal", "public_context"])
def test_what_public_sources_have_printed_stays(kind):
    findings = _findings([*BEFORE[:-1], 3, 40, 41, 47], kind=kind)
    assert _hidden_months(findings) == []
    assert _findings([*BEFORE[:-1], 3, 40, 41, 47], kind="dossier_log").monthly.hidden


def test_counts_whose_source_is_not_told_are_nobodys_to_print():
    findings = _findings([0] * 12 + [3], kind="press")
    found = printed_counts(findings["series"], findings["panel"].iloc[:0], findings["sources"])
    assert [part.hidden["numerator"] for part in found.rows] == [True]


def test_months_that_nobody_counted_are_neither_small_nor_hidden():
    findings = _findings([0] * 13, n=0)
    assert [part.hidden for part in findings.monthly.rows] == [
        {"numerator": False, "denominator": False}
    ]


def test_no_counts_by_month_leave_nothing_to_show():
    found = findings_of("long_an").monthly
    assert (found.rows, found.total, found.hidden, len(found.drawn)) == ((), 0, 0, 0)


def test_the_simulated_page_shows_what_is_done():
    found = findings_of("smoke").monthly
    assert len(found.rows) <= MOST_ROWS
    assert found.hidden == 8
    figure = parsed("smoke").find(id="fig-run-1")
    assert "8 tháng ẩn do số nhỏ" in text_of(figure)
    assert "ẩn" not in text_of(table_called(parsed("smoke"), "Bảng B10"))


def test_tables_are_not_changed():
    findings = findings_of("smoke")
    before = {name: findings[name].copy() for name in ("series", "panel", "sources")}
    printed_counts(**before)
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, findings[name])
