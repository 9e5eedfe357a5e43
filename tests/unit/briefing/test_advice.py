"""What is advised: the decision record first, the stages only where they are advised, then who."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest
from asked import changed
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, page_of, parsed, table_called, text_of

from commune_pilots import catalogue, numerals
from commune_pilots.briefing import advice, options
from commune_pilots.effects.evidence import causal_sentences, mixing_sentences
from commune_pilots.errors import ClaimError
from commune_pilots.scaling.decision import CONDITIONS
from commune_pilots.vocabulary import Option

RUNS = [*PRESS_RUNS, "smoke"]
STAGED = ("long_an", "smoke")
OPTIONS = get_args(Option)


def _page(findings):
    return BeautifulSoup(advice.recommendations(findings)._repr_html_(), "html.parser")


def _with_option(run, option):
    findings = findings_of(run)
    verdicts = findings["verdicts"].assign(option=option, conditions=";".join(CONDITIONS[option]))
    return changed(findings, verdicts=verdicts)


def _captions(page):
    return [text_of(caption) for caption in page.find_all("caption")]


def _to_do(page):
    (listing,) = page.find_all("ol")
    return listing.find_all("li")


# The record, the options, the list


@pytest.mark.parametrize("run", RUNS)
def test_the_section_begins_with_the_record_and_ends_with_who_does_what(run):
    section = _page(findings_of(run)).section
    assert section["id"] == "recommendations"
    assert text_of(section.h2) == "Khuyến nghị"
    parts = section.find_all(recursive=False)
    assert text_of(parts[1].caption).startswith("Phiếu quyết định (dự thảo)")
    assert text_of(parts[2].caption).startswith("Năm phương án")
    assert parts[-1].name == "ol"


@pytest.mark.parametrize("run", RUNS)
def test_only_the_list_of_who_does_what_is_numbered(run):
    """Other lists are conditions and reasons: none of them is a task."""
    page = _page(findings_of(run))
    record = page.find("table")
    assert len(record.find_all("ul")) == 2
    assert record.find_all("ol") == []
    assert len(page.find_all("ol")) == 1


@pytest.mark.parametrize("run", RUNS)
def test_recommendations_name_an_actor_a_time_and_how_we_will_know(run):
    items = _to_do(_page(findings_of(run)))
    assert len(items) >= 4
    for item in items:
        assert re.search(r"^(Sở|UBND) .+, (trước|trong|ngày) .*(\d|xã):$", text_of(item.strong))
        assert "Xong khi" in text_of(item)


def test_blank_units_are_asked_for_only_where_there_are_any():
    assert "6 đơn vị thí điểm còn thiếu" in text_of(_page(findings_of("bac_kan")).ol)
    assert "còn thiếu" not in text_of(_page(findings_of("long_an")).ol)


@pytest.mark.parametrize("run", RUNS)
def test_data_is_asked_for_by_the_deadline_of_the_findings(run):
    findings = findings_of(run)
    first = text_of(_to_do(_page(findings))[0].strong)
    assert first.endswith(f"trước {numerals.day(findings.deadline, 'vi')}:")


@pytest.mark.parametrize(
    ("run", "asked"),
    [
        ("long_an", "tử số và mẫu số của tỷ lệ hồ sơ nộp trực tuyến"),
        ("bac_kan", "tử số và mẫu số của tỷ lệ thanh toán trực tuyến"),
        ("hau_giang", "số hồ sơ theo tháng của mọi xã"),
        ("cao_bang", "số hồ sơ theo tháng của mọi xã"),
    ],
)
def test_monthly_counts_are_asked_for_of_what_was_measured(run, asked):
    assert asked in text_of(_to_do(_page(findings_of(run)))[0])


@pytest.mark.parametrize("run", RUNS)
def test_the_last_task_is_to_look_again_on_the_day_that_the_record_names(run):
    findings = findings_of(run)
    day = numerals.day(options.review_day(findings), "vi")
    last = _to_do(_page(findings))[-1]
    assert text_of(last.strong) == f"{findings.body_today}, ngày {day}:"
    record = table_called(_page(findings), "Phiếu quyết định")
    assert day in text_of(record)


@pytest.mark.parametrize("run", RUNS)
def test_targets_without_a_number_are_counted(run):
    bare = int((findings_of(run)["targets"]["attainment"] == "no_target").sum())
    asked = text_of(_page(findings_of(run)).ol)
    assert (f"hiện {bare} chỉ tiêu không có số" in asked) == bool(bare)
    assert "trong kế hoạch năm 2027:" in asked


@pytest.mark.parametrize("run", RUNS)
def test_every_tag_of_the_section_is_closed(run):
    written = advice.recommendations(findings_of(run))._repr_html_()
    for tag in ("section", "p", "ul", "ol", "li", "table", "figure", "h2", "strong", "a", "div"):
        assert len(re.findall(rf"<{tag}[ >]", written)) == written.count(f"</{tag}>"), tag


# Stages


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("run", STAGED)
def test_stages_stand_only_where_stages_are_advised(run, option):
    """An order drawn for a province that does not scale would be read as a plan."""
    page = _page(_with_option(run, option))
    staged = [caption for caption in _captions(page) if caption.startswith("Các đợt")]
    assert len(staged) == (option == "stages")
    assert ("(số khởi tạo" in text_of(page)) == (option == "stages")
    assert bool(page.find(id="fig-fan")) == (option == "stages" and run == "smoke")


@pytest.mark.parametrize("run", STAGED)
def test_the_trial_draw_says_how_many_communes_it_deals(run):
    findings = findings_of(run)
    drawn = int(findings["projections"]["stage"].notna().sum())
    assert f"chỉ gồm {drawn} xã nằm trong phạm vi" in text_of(_page(findings))


@pytest.mark.parametrize("run", RUNS)
def test_the_comparison_is_drawn_where_stages_are_advised_and_else_chosen(run):
    asked = [text_of(item) for item in _to_do(_page(findings_of(run)))]
    drawn, chosen = ([words in item for item in asked].count(True) for words in (
        "bốc thăm thứ tự", "chọn xã đối chứng"
    ))  # fmt: skip
    assert (drawn, chosen) == ((1, 0) if run in STAGED else (0, 1))


@pytest.mark.parametrize("run", STAGED)
def test_the_communes_of_the_draw_are_counted_before_the_first_stage(run):
    """Without figures from before it, the first stage has nothing to be set against."""
    findings = findings_of(run)
    drawn = int(findings["stages"]["candidates"].sum())
    months = findings.verdict["review_months"]
    (asked,) = (text_of(item) for item in _to_do(_page(findings)) if "trước đợt 1" in text_of(item))
    assert f"cả {drawn} xã trong danh sách bốc thăm" in asked
    assert f"Điều kiện: đủ ít nhất {months} tháng trước khi bắt đầu" in asked
    assert asked.endswith(f"bảng đủ {drawn} xã.")


def test_stages_of_which_nobody_is_drawn_promise_no_draw():
    """Outside the range of the pilots nobody is drawn, so there may be no table to speak of."""
    findings = findings_of("long_an")
    none = changed(findings, stages=findings["stages"].assign(candidates=0, started=0))
    page = _page(none)
    assert "(số khởi tạo" not in text_of(page)
    assert not any(caption.startswith("Các đợt") for caption in _captions(page))
    asked = text_of(page.ol)
    assert "chọn xã đối chứng" in asked
    assert "bốc thăm" not in asked


@pytest.mark.parametrize("run", ["bac_kan", "hau_giang", "cao_bang"])
def test_no_commune_is_drawn_on_a_page_without_stages(run):
    names = findings_of(run)["projections"]
    named = names.loc[names["former_pilots"].isna(), "name"]
    shown = text_of(_page(findings_of(run)))
    assert [name for name in named if f"{name}*" in shown or f"{name}," in shown] == []


@pytest.mark.parametrize("run", STAGED)
def test_the_stages_come_after_the_rule_and_before_the_tasks(run):
    page = _page(findings_of(run))
    order = [part.name for part in page.section.find_all(recursive=False)]
    assert order[-1] == "ol"
    written = advice.recommendations(findings_of(run))._repr_html_()
    places = [
        written.index(words)
        for words in ("Phiếu quyết định", "Năm phương án", 'id="fig-stress"', "Địa bàn nay có",
                      "(số khởi tạo", "Chi phí", "Các đợt theo bốc thăm thử", "<ol>")
    ]  # fmt: skip
    assert places == sorted(places)


@pytest.mark.parametrize("run", STAGED)
def test_the_seed_of_the_drawn_order_is_printed_as_it_is(run):
    seed = findings_of(run)["stages"]["seed"].iloc[0]
    assert f"(số khởi tạo {seed}," in text_of(_page(findings_of(run)))


def test_stages_without_a_register_promise_no_order():
    findings = findings_of("long_an")
    blank = changed(
        findings,
        stages=findings["stages"].iloc[:0],
        projections=findings["projections"].iloc[:0],
    )
    page = _page(blank)
    assert "Chưa có danh sách xã hiện nay" in text_of(page)
    assert "số khởi tạo" not in text_of(page.section).replace(text_of(page.find("table")), "")
    assert not any(caption.startswith("Các đợt") for caption in _captions(page))


# The page


@pytest.mark.parametrize("run", STAGED)
def test_candidates_are_named_nowhere_but_in_their_stage(run):
    """No list, table or drawing of the page puts a candidate before another."""
    projected = findings_of(run)["projections"]
    names = projected.loc[projected["former_pilots"].isna(), "name"]
    page = BeautifulSoup(page_of(run), "html.parser")
    table_called(page, "Các đợt").decompose()
    elsewhere = text_of(page)
    assert [name for name in names if re.search(rf"{re.escape(name)}(?!\w)", elsewhere)] == []


@pytest.mark.parametrize("run", RUNS)
def test_likeness_and_gain_of_a_candidate_are_nowhere_on_the_page(run):
    headers = {text_of(cell) for cell in parsed(run).find_all("th", scope="col")}
    assert not [name for name in headers if re.search("độ gần|giống|hạng|dự kiến ở từng", name)]


@pytest.mark.parametrize("run", RUNS)
def test_every_red_assumption_on_the_page_leads_to_its_row(run):
    page = parsed(run)
    marks = page.find_all("a", class_="red")
    assert bool(marks) == bool(findings_of(run).contrasts)
    for mark in marks:
        row = page.find(id=mark["href"].removeprefix("#"))
        assert row.name == "tr"
        assert text_of(row.th) == text_of(mark)
        assert "đỏ" in text_of(row)
        assert text_of(mark) in mark["href"]
        assert re.search("đỏ|red", page.find("a", class_="red", href=mark["href"])["title"])


@pytest.mark.parametrize("run", RUNS)
def test_no_difference_of_the_section_carries_a_per_cent_sign(run):
    said = text_of(_page(findings_of(run)))
    assert not re.search(r"(?:tăng|chênh|thay đổi)(?: từ| trên| thêm)? [\d,]+%", said)


# Words


@pytest.mark.parametrize("run", RUNS)
def test_nothing_advised_claims_a_cause_or_ranks(run):
    said = text_of(_page(findings_of(run))).replace(findings_of(run).decision["question_vi"], "")
    assert causal_sentences(said, "vi") == []
    assert mixing_sentences(said, "vi") == []


@pytest.mark.parametrize("grade", ["none", "low"])
@pytest.mark.parametrize(
    "key", ["heading.recommendations", "todo.comparison", "rollout.order", "todo.review"]
)
def test_a_causal_sentence_is_refused_wherever_it_stands(monkeypatch, grade, key):
    findings = findings_of("long_an")
    graded = changed(findings, contrasts=findings["contrasts"].assign(grade=grade))
    assert graded.grade == grade
    claim = dict.fromkeys(("vi", "en"), "Thí điểm làm tăng tỷ lệ hồ sơ trực tuyến.")
    entries = {**catalogue.entries(), f"briefing.{key}": claim}
    monkeypatch.setattr(catalogue, "entries", lambda: entries)
    with pytest.raises(ClaimError):
        advice.recommendations(graded)


@pytest.mark.parametrize("grade", ["none", "low", "medium", "high"])
@pytest.mark.parametrize("option", OPTIONS)
def test_no_grade_and_no_option_brings_a_causal_word_into_the_advice(grade, option):
    """Even where the evidence would carry one: the catalogue's words hold none."""
    findings = _with_option("long_an", option)
    graded = changed(findings, contrasts=findings["contrasts"].assign(grade=grade))
    assert causal_sentences(text_of(_page(graded)), "vi") == []


def test_every_table_and_figure_of_a_simulated_run_says_so():
    page = _page(findings_of("smoke"))
    named = [*page.find_all("caption"), *page.find_all("figcaption"), *page.find_all("title")]
    assert len(named) > 6
    assert [text_of(part) for part in named if "MÔ PHỎNG" not in text_of(part)] == []


def test_the_day_of_review_follows_the_briefings_own_date():
    findings = findings_of("long_an")
    later = replace(findings, run=replace(findings.run, briefing_date="2027-01-31"))
    assert later.verdict["review_months"] == 3, "the first stage"
    assert "30/4/2027" in text_of(_to_do(_page(later))[-1])
