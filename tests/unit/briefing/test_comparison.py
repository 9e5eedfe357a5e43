"""Sentences of designs that compare: as strong as their own grade, with what they assume."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, page_of, table_called, table_rows, text_of
from effected import (
    effect,
    findings_with,
    interrupted,
    months,
    primary,
    refused,
    weekday,
    whole,
)

from commune_pilots import catalogue
from commune_pilots.briefing import comparison, key_tiles, sections
from commune_pilots.briefing.wording import Writer
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.effects.evidence import causal_sentences
from commune_pilots.errors import ClaimError

GRADES = ("none", "low", "medium", "high")
KINDS = {"communes": primary, "series": interrupted, "weekday": weekday}


def _plain(markup):
    return text_of(BeautifulSoup(str(markup), "html.parser"))


def _said(row, language="vi", **told):
    findings = findings_with(row, **told)
    return _plain(comparison.sentence(findings, findings.primary[0], language))


def _parsed(findings):
    return BeautifulSoup(str(sections.results(findings).html), "html.parser")


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_a_run_without_effects_says_nothing_of_designs_that_compare(run):
    findings = findings_of(run)
    assert findings["effects"].empty
    assert comparison.heading(findings, findings.writer()) == ""
    assert comparison.lines(findings, findings.writer()) == ""
    assert comparison.designs_tables(findings, findings.writer()) == []
    assert "Quy tắc quyết định chỉ xét" not in page_of(run)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("grade", GRADES)
def test_a_cause_is_named_at_the_highest_grade_alone(grade, language):
    said = _said(primary(grade=grade), language)
    assert bool(causal_sentences(said, language)) == (grade == "high")
    first = {"vi": "Bước đầu cho thấy", "en": "First indication"}[language]
    assert said.startswith(first) == (grade in ("none", "low"))


def test_the_sentence_of_a_high_grade_is_refused_to_a_lower_one():
    with pytest.raises(ClaimError, match="stronger than its evidence"):
        Writer("vi", "low").say(
            "effects.told_apart.high", label="", whom="", number="", against="", assumes=""
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_sentence_has_estimate_interval_communes_and_the_line_of_the_ladder(kind, language):
    row = KINDS[kind]()
    said = _said(row, language)
    written = {"vi": ("+9,1", "8,1", "10,1"), "en": ("+9.1", "8.1", "10.1")}[language]
    assert all(number in said for number in written)
    assert str(row["n_treated"]) in said
    assert ("100" in said) == (kind == "communes")
    line = catalogue.text(f"effect.assumption.{row['level']}", language)
    assert line[1:].removesuffix(".") in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_data_could_decide_is_never_called_without_meaning(language):
    said = _said(weekday(), language)
    wanted = {
        "vi": "không quyết định được bằng thiết kế này, vì p không thể nhỏ hơn 0,20",
        "en": "not decidable by this design, since p cannot fall below 0.20",
    }[language]
    assert wanted in said
    assert not re.search(r"ý nghĩa|significan", said)


def test_a_smallest_p_just_above_the_level_is_not_rounded_down_to_it():
    said = _said(primary(answer="not_decidable", grade="none", smallest_p=0.0525))
    assert "nhỏ hơn 0,053" in said


def test_without_a_smallest_p_the_sentence_names_none():
    said = _said(primary(answer="not_decidable", grade="none", smallest_p=None))
    assert "bằng thiết kế này; chênh" in said


def test_what_chance_explains_is_told_with_its_interval_and_no_claim():
    said = _said(primary(answer="not_told_apart", grade="none", conf_low=-1.0, estimate=4.0))
    assert "chưa phân biệt được với ngẫu nhiên, chênh +4,0" in said
    assert "−1,0 đến 10,1" in said


def test_a_fall_carries_its_minus_and_no_plus():
    said = _said(primary(estimate=-3.2, conf_low=-5.0, conf_high=-1.0))
    assert "−3,2 điểm phần trăm" in said
    assert "+" not in said


def test_an_estimate_without_an_interval_says_so():
    assert "+9,1 điểm phần trăm A3 A4 (không có khoảng)" in _said(
        primary(conf_low=None, conf_high=None)
    )


def test_a_question_without_any_estimate_gives_its_reason():
    row = refused("permutation", "no_comparison", primary=True)
    said = _said(row)
    assert said.endswith("không ước lượng được bằng thiết kế này, không có xã đối chứng.")
    findings = findings_with(row)
    assert "không quyết định được" in comparison.title(findings, findings.primary[0])


def test_a_gap_at_one_month_says_how_long_after_the_start():
    assert "ở 30 xã thí điểm, 12 tháng sau khi bắt đầu," in _said(interrupted())


def test_one_pilot_is_named():
    findings = findings_of("long_an")
    unit = findings.pilots[0]["unit"]
    said = _said(primary(unit=unit, n_treated=1, level="C3"))
    name = findings.names[unit]
    assert f"ở {name[0].lower()}{name[1:]}" in said


def test_the_number_leads_to_its_row_and_carries_its_red_assumptions():
    findings = findings_with(primary(), interrupted(definition="portal_share"))
    shown = str(comparison.sentence(findings, findings.primary[0]))
    links = [a["href"] for a in BeautifulSoup(shown, "html.parser").find_all("a")]
    assert links == ["#e-e-permutation", "#as-A3", "#as-A4"]  # A15 is not red


def test_several_definitions_are_told_apart_by_name():
    indicator = findings_of("long_an").indicators["online_share"]
    other = next(name for name in indicator.definitions if name != "online_level34_assisted")
    findings = findings_with(primary(), interrupted(definition=other, effect="e-other"))
    for row in findings.primary:
        said = _plain(comparison.sentence(findings, row))
        assert indicator.definitions[row["definition"]].vi in said
    assert indicator.definitions[other].vi not in _said(primary())


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (primary(), "Tỷ lệ hồ sơ nộp trực tuyến: chênh +9,1 điểm phần trăm so với xã đối chứng"),
        (
            interrupted(),
            "Bước đầu: tỷ lệ hồ sơ nộp trực tuyến chênh +9,1 điểm phần trăm so với đà trước đó",
        ),
        (weekday(), "Tỷ lệ hồ sơ nộp trực tuyến: không quyết định được bằng thiết kế này"),
    ],
)
def test_the_headline_is_short_and_no_stronger_than_the_sentence(row, title):
    findings = findings_with(row)
    said = _plain(comparison.title(findings, findings.primary[0]))
    assert said.startswith(title)
    assert len(said) <= sections.MOST_IN_TITLE
    assert not causal_sentences(said, "vi")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_name_too_long_for_the_headline_is_left_to_the_sentence_below(kind, language):
    findings = findings_with(KINDS[kind]())
    row = findings.primary[0]
    short = _plain(comparison.title(findings, row, language, most=20))
    named = findings.indicators[row["indicator"]]
    label = named.label_vi if language == "vi" else named.label_en
    assert label.lower() not in short.lower()
    assert label.lower() in _plain(comparison.title(findings, row, language, most=200)).lower()


def test_the_key_figure_is_a_number_with_its_measure_interval_and_answer():
    tile = [_plain(part) for part in comparison.tile_of(whole(), whole().primary[0])]
    assert tile[0] == "+9,1"
    assert tile[1].startswith("điểm phần trăm; tỷ lệ")
    assert tile[2] == "8,1 đến 10,1 (khoảng 95%); phân biệt được với ngẫu nhiên"


def test_a_key_figure_without_estimate_is_a_dash_with_its_answer():
    findings = findings_with(refused("permutation", "no_comparison", primary=True))
    tile = [_plain(part) for part in comparison.tile_of(findings, findings.primary[0])]
    assert (tile[0], tile[-1]) == ("–", "không ước lượng được")


def test_designs_stand_in_the_order_of_their_strength_weaker_ones_marked():
    rows = table_rows(table_called(_parsed(whole()), "Tỷ lệ hồ sơ nộp trực tuyến: mọi thiết kế"))
    assert [row[0].rpartition(" (")[2] for row in rows[:2]] == ["chính)", "yếu hơn)"]
    assert [row[1] for row in rows] == ["9,1 (8,1 đến 10,1)", "9,1 (8,1 đến 10,1)", "–"]
    assert rows[2][0] == catalogue.text("effect.method.wild_bootstrap", "vi")
    assert rows[2][2] == catalogue.text("effect.refused.few_treated", "vi")
    assert [row[3] for row in rows] == ["cao", "trung bình", "chưa đủ căn cứ"]


def test_single_months_are_no_designs_and_a_month_named_is_one():
    findings = findings_with(interrupted(), *months(-3, 3))
    rows = table_rows(table_called(_parsed(findings), "Tỷ lệ hồ sơ nộp trực tuyến: mọi thiết kế"))
    (row,) = rows
    assert "tháng 12" in row[0]


def test_at_most_eight_designs_stand_beside_the_sentence():
    many = [effect("welch") | {"effect": f"e-{at}"} for at in range(12)]
    rows = table_rows(
        table_called(_parsed(findings_with(primary(), *many)), "Tỷ lệ hồ sơ nộp trực tuyến: mọi")
    )
    assert len(rows) == comparison.MOST_DESIGNS


def test_the_comparison_leads_results_conclusion_headline_and_key_figures():
    findings = whole()
    page = _parsed(findings)
    assert text_of(page.find("h3")) == "So với xã đối chứng"
    head = BeautifulSoup(str(sections.head(findings).html), "html.parser")
    assert text_of(head.h1).startswith("Tỷ lệ hồ sơ nộp trực tuyến: chênh +9,1")
    conclusion = _plain(comparison.sentence(findings, findings.primary[0]))
    assert conclusion in text_of(head.find(id="main"))
    tiles = head.find_all(class_="tile")
    assert text_of(tiles[0].b) == "+9,1"
    assert len(tiles) == key_tiles.MOST_TILES


def test_the_box_says_that_the_rule_looks_at_pairs_alone():
    said = text_of(BeautifulSoup(str(sections.head(whole()).html), "html.parser"))
    assert (
        said.count("Quy tắc quyết định chỉ xét các cặp trước–sau, chưa dùng kết quả so sánh") == 1
    )


def test_whether_it_was_the_pilot_is_answered_by_the_primary_design():
    page = BeautifulSoup(str(sections.certainty(whole()).html), "html.parser")
    row = table_rows(table_called(page, "Ba câu hỏi"))[1]
    assert row[1] == "cao"
    assert row[2].startswith(catalogue.text("effect.method.permutation", "vi"))
    undecided = findings_with(weekday())
    page = BeautifulSoup(str(sections.certainty(undecided).html), "html.parser")
    assert table_rows(table_called(page, "Ba câu hỏi"))[1][1] == "chưa đủ căn cứ"


def test_the_first_limitation_is_what_the_comparison_assumes_with_its_failed_checks():
    items = BeautifulSoup(str(sections.limitations(whole()).html), "html.parser").find_all("li")
    first = text_of(items[0])
    assert first.startswith("Kết quả so với 100 xã đối chứng dựa vào giả định: nếu không thí điểm")
    assert "Kiểm tra không đạt: bỏ lần lượt từng xã thí điểm." in first
    assert not any("Không có xã đối chứng" in text_of(item) for item in items)


def test_a_series_alone_leaves_the_missing_comparison_a_limitation():
    findings = findings_with(interrupted())
    items = BeautifulSoup(str(sections.limitations(findings).html), "html.parser").find_all("li")
    assert any("Không có xã đối chứng" in text_of(item) for item in items)


def test_the_english_summary_begins_with_the_comparison():
    said = text_of(BeautifulSoup(str(sections.english_summary(whole()).html), "html.parser"))
    assert "Estimated effect on share of" in said
    assert "+9.1 percentage points" in said
