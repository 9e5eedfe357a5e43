"""The decision record and what stands beside it: the options, the rule moved, the day of review."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import get_args

import pandas as pd
import pytest
from asked import changed
from boxes import boxes_of, outside, overlapping
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, table_rows, text_of
from effected import findings_with, primary

from commune_pilots import catalogue
from commune_pilots.briefing import options
from commune_pilots.effects.evidence import causal_sentences, mixing_sentences
from commune_pilots.errors import ClaimError
from commune_pilots.scaling.decision import CONDITIONS
from commune_pilots.vocabulary import Option

RUNS = [*PRESS_RUNS, "smoke"]
WITH_PAIRS = ("long_an", "bac_kan", "smoke")
MOVED = ("long_an", "smoke")  # the runs of which a move of an assumption shows something
CARRIED = ("long_an", "smoke")  # pairs that are large enough to rest an option on
OPTIONS = get_args(Option)
CHOSEN = {
    "long_an": "stages",
    "bac_kan": "extend",
    "hau_giang": "prepare",
    "cao_bang": "prepare",
    "smoke": "stages",
}
FIELDS = {
    "vi": [
        "Câu hỏi", "Phương án theo quy tắc", "Mức tin cậy của căn cứ", "Căn cứ",
        "Điều kiện kèm theo", "Điều gì sẽ đổi phương án", "Ngày xem lại", "Người soạn",
        "Người duyệt",
    ],
    "en": [
        "Question", "Option by the rule", "Certainty of the basis", "Basis", "Conditions",
        "What would change it", "Review on", "Drafted by", "Approved by",
    ],
}  # fmt: skip
# What each option that is chosen leaves to say of the five, in their order.
CHOICES = {
    "scale": ["chọn", "đã vượt", "đã vượt", "đã vượt", "chưa xét được"],
    "stages": ["chưa đạt", "chọn", "đã vượt", "đã vượt", "chưa xét được"],
    "extend": ["chưa đạt", "chưa đạt", "chọn", "đã vượt", "chưa xét được"],
    "prepare": ["chưa đạt", "chưa đạt", "chưa đạt", "chọn", "chưa xét được"],
}


def _parsed(written):
    return BeautifulSoup(str(written), "html.parser")


def _verdict(run, **columns):
    """Give a run another verdict."""
    findings = findings_of(run)
    verdicts = findings["verdicts"]
    other = verdicts.assign(**columns).astype(dict(verdicts.dtypes))
    return changed(findings, verdicts=other)


def _record(findings, language="vi"):
    """Read the record: its cells, parsed, by the name of their row."""
    page = _parsed(options.record_table(findings, findings.writer(language)))
    return {text_of(row.th): row.td for row in page.tbody.find_all("tr")}


def _options(findings, language="vi"):
    return table_rows(_parsed(options.options_table(findings, findings.writer(language))))


def _drawn(findings, language="vi"):
    (figure,) = options.stress_figure(findings, findings.writer(language))
    return figure


def _plain(text):
    return " ".join(str(text).split())


def _joined(text):
    """Read a cell as a browser joins it: links in running text break no number."""
    return " ".join(text.get_text().split())


# The decision record


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_record_has_every_field_in_order_and_none_is_empty(run, language):
    record = _record(findings_of(run), language)
    assert list(record) == FIELDS[language]
    assert all(text_of(cell) for cell in record.values())


@pytest.mark.parametrize("run", RUNS)
def test_the_record_asks_what_the_sources_ask_and_gives_the_verdicts_option_and_grade(run):
    findings = findings_of(run)
    record = _record(findings)
    write = findings.writer()
    assert text_of(record["Câu hỏi"]) == findings.decision["question_vi"]
    assert findings.verdict["option"] == CHOSEN[run]
    option, grade = record["Phương án theo quy tắc"], record["Mức tin cậy của căn cứ"]
    assert text_of(option.strong) == text_of(option) == write.term("option", CHOSEN[run])
    assert text_of(grade) == write.term("grade", findings.verdict["grade"])


def test_long_an_is_by_stages_and_not_province_wide():
    option = text_of(_record(findings_of("long_an"))["Phương án theo quy tắc"])
    assert "theo đợt" in option
    assert "xã đối chứng" in option
    assert "bốc thăm" in option
    assert "toàn tỉnh" not in option


@pytest.mark.parametrize("run", CARRIED)
def test_the_basis_names_each_pair_it_rests_on_with_its_change_linked_to_its_row(run):
    findings = findings_of(run)
    basis = _record(findings)["Căn cứ"]
    resting = findings.verdict["rests_on"].split(";")
    links = basis.find_all("a", class_="n")
    assert [link["href"] for link in links] == [f"#{name}" for name in resting]
    by_id = {row["contrast"]: row for row in findings.contrasts}
    for name, link in zip(resting, links, strict=True):
        change = findings.writer().change(by_id[name], link=False)
        assert f"{by_id[name]['unit_name']}: {_plain(change)}" in _joined(basis)
        assert text_of(link) == _plain(change)
        assert link.find_next("a")["href"] == "#as-A4", "the red assumption of a change"


@pytest.mark.parametrize("run", CARRIED)
def test_the_basis_says_how_many_pilot_communes_count_and_how_many_do_not(run):
    verdict = findings_of(run).verdict
    basis = _joined(_record(findings_of(run))["Căn cứ"])
    counted, piloted = verdict["units_counted"], verdict["units_piloted"]
    assert f"{counted}/{piloted} xã thí điểm; {piloted - counted} xã còn lại" in basis


def test_a_commune_that_the_option_does_not_rest_on_is_not_named_as_its_basis():
    assert "Phường 4" not in _joined(_record(findings_of("long_an"))["Căn cứ"])
    assert "Xã mô phỏng 1" not in _joined(_record(findings_of("smoke"))["Căn cứ"])


@pytest.mark.parametrize(("run", "figures"), [("hau_giang", 27), ("cao_bang", 11)])
def test_without_a_pair_the_basis_says_that_there_is_none_and_gives_no_change(run, figures):
    basis = _joined(_record(findings_of(run))["Căn cứ"])
    assert basis == f"Không có cặp số liệu trước–sau nào trong {figures} con số đã công bố."


def test_pairs_that_are_all_too_small_are_told_from_no_pair_at_all():
    """A rise is taken at its lowest: of the pairs of Bắc Kạn none counts."""
    small = findings_of("bac_kan")
    assert len(small.contrasts) == 2
    basis = _record(small)["Căn cứ"]
    assert _joined(basis) == (
        "Tính ở cận thấp nhất và trừ mức tăng chung giả định (phụ lục A), "
        "không cặp số liệu nào đạt ngưỡng 10 điểm phần trăm ở mức thấp."
    )
    assert not basis.find("a")
    assert text_of(_record(small)["Mức tin cậy của căn cứ"]) == "chưa đủ căn cứ"
    assert _options(small)[1][2] == "0/8 xã"


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_option_can_be_recorded_with_its_conditions_in_order(option, language):
    findings = _verdict("long_an", option=option, conditions=";".join(CONDITIONS[option]))
    items = _record(findings, language)[FIELDS[language][4]].ul.find_all("li")
    entries = catalogue.entries()
    least = {"vi": "10 điểm phần trăm", "en": "10 percentage points"}[language]
    assert [text_of(item) for item in items] == [
        entries[f"briefing.condition.{name}"][language].replace("{least}", least)
        for name in CONDITIONS[option]
    ]


def test_a_stage_opens_only_on_a_gain_as_large_as_the_rule_asks():
    gate = text_of(_record(_verdict("long_an", least_change=5.0))["Điều kiện kèm theo"])
    assert "tăng hơn xã chờ ít nhất 5 điểm phần trăm" in gate
    assert "Chỉ quyết định đợt 1." in gate
    assert "dừng mở thêm" in gate


def test_stages_are_tied_to_comparison_communes_a_drawn_order_and_monthly_counts():
    said = _joined(_record(findings_of("long_an"))["Điều kiện kèm theo"])
    for words in (
        "xã đối chứng",
        "bốc thăm công khai thứ tự",
        "Mỗi tháng có số hồ sơ",
        "đợt trước",
    ):
        assert words in said


@pytest.mark.parametrize("run", RUNS)
def test_what_would_change_the_option_is_every_move_that_can_and_no_other(run):
    findings = findings_of(run)
    stress = findings["stress"]
    turning = stress["flips_at"].notna() | stress["changes"]
    items = _record(findings)["Điều gì sẽ đổi phương án"].find_all("li")
    assert len(items) == int(turning.sum()) + 1, "and one line for the next option"
    linked = [link["href"] for item in items for link in item.find_all("a")]
    named = stress.loc[stress["flips_at"].notna(), "setting"]
    assert linked == [f"#stress-{name}" for name in named]


@pytest.mark.parametrize("run", WITH_PAIRS)
def test_every_size_that_would_change_the_option_leads_to_its_row_of_table_b6(run):
    findings = findings_of(run)
    table = _parsed(options.stress_table(findings, findings.writer()))
    for link in _record(findings)["Điều gì sẽ đổi phương án"].find_all("a"):
        row = table.find(id=link["href"].removeprefix("#"))
        assert row.name == "tr"
        assert text_of(row.find_all("td")[-1]) == text_of(link)


def test_long_an_says_what_trend_what_clustering_and_what_other_counting_would_turn_it():
    said = _joined(_record(findings_of("long_an"))["Điều gì sẽ đổi phương án"])
    for words in (
        "Xã không thí điểm cũng tăng trên 46,6 điểm phần trăm",
        "hệ số thiết kế trên 13,6 (phụ lục D)",
        "Trên 36,6% con số sau là hồ sơ mà cách đếm trước không tính",
        "Yêu cầu trên 66,7% xã thí điểm đạt ngưỡng",
        "Để nhân rộng toàn tỉnh: mức tin cậy cao",
    ):
        assert words in said


def test_no_share_above_all_communes_is_said_to_change_the_option():
    """Where every pilot commune counts, to ask for more than all of them is no move."""
    findings = findings_of("smoke")
    stress = findings["stress"]
    every = stress["setting"] == "every_pilot"
    still = stress.assign(
        flips_at=stress["flips_at"].mask(every), changes=stress["changes"] & ~every
    )
    for table, said in ((stress, True), (still, False)):
        cell = _record(changed(findings, stress=table))["Điều gì sẽ đổi phương án"]
        assert ("xã thí điểm đạt ngưỡng" in _joined(cell)) == said
        assert "100%" not in _joined(cell)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("prepare", "Có ít nhất một cặp số liệu trước–sau"),
        (
            "extend",
            "Để nhân rộng theo đợt: ít nhất 50% xã thí điểm có mức tăng từ 10 điểm phần trăm",
        ),
        ("stages", "Để nhân rộng toàn tỉnh: mức tin cậy cao"),
        ("scale", None),
        ("stop", None),
    ],
)
def test_the_last_line_says_what_the_next_stronger_option_needs(option, words):
    said = _record(_verdict("long_an", option=option))["Điều gì sẽ đổi phương án"]
    last = _joined(said.find_all("li")[-1])
    if words:
        assert last.startswith(words)
    else:
        assert not last.startswith("Để ")


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_who_drafts_and_who_approves_is_left_blank(run, language):
    """A page that no official has read must not look signed."""
    record = _record(findings_of(run), language)
    blank = {"vi": "(họ tên, chức vụ, ngày)", "en": "(name, position, date)"}[language]
    drafter, approver = (text_of(record[name]) for name in FIELDS[language][-2:])
    assert drafter == blank
    assert approver == f"{findings_of(run).body_today} {blank}"


# The day of review


@pytest.mark.parametrize(
    ("written", "months", "review"),
    [
        ("2026-11-22", 12, date(2027, 11, 22)),
        ("2026-11-22", 3, date(2027, 2, 22)),
        ("2024-02-29", 12, date(2025, 2, 28)),
        ("2026-01-31", 1, date(2026, 2, 28)),
        ("2026-08-31", 6, date(2027, 2, 28)),
    ],
)
def test_the_day_of_review_is_that_of_the_briefing_plus_its_months(written, months, review):
    findings = _verdict("long_an", review_months=months)
    dated = replace(findings, run=replace(findings.run, briefing_date=written))
    assert options.review_day(dated) == review
    shown = text_of(_record(dated)["Ngày xem lại"])
    assert shown == f"{review.day}/{review.month}/{review.year}"


# The five options


@pytest.mark.parametrize("run", RUNS)
def test_five_options_stand_beside_each_other_and_exactly_the_verdicts_is_chosen(run):
    findings = findings_of(run)
    rows = _options(findings)
    write = findings.writer()
    assert [row[0] for row in rows] == [write.term("option", name) for name in OPTIONS]
    chosen = [row[0] for row in rows if row[3] == "chọn"]
    assert chosen == [write.term("option", CHOSEN[run])]


@pytest.mark.parametrize("option", CHOICES)
def test_options_are_chosen_passed_or_not_reached(option):
    assert [row[3] for row in _options(_verdict("long_an", option=option))] == CHOICES[option]


def test_an_option_judged_by_a_chance_is_not_reached_where_the_chance_is_known():
    known = _verdict("long_an", chance_low=0.55, chance_high=0.9)
    rows = _options(known)
    assert [row[3] for row in rows] == ["chưa đạt", "chọn", "đã vượt", "đã vượt", "chưa đạt"]
    assert rows[0][2] == "0/3 xã; xác suất: 55% đến 90%"
    assert rows[4][2] == "xác suất: 55% đến 90%"


def test_to_stop_can_be_chosen_and_then_nothing_else_is():
    stopped = _verdict("long_an", option="stop", chance_low=0.05, chance_high=0.1)
    assert [row[3] for row in _options(stopped)].count("chọn") == 1
    assert _options(stopped)[4][3] == "chọn"


@pytest.mark.parametrize("run", RUNS)
def test_each_option_says_what_there_is_of_what_it_needs(run):
    verdict = findings_of(run).verdict
    rows = _options(findings_of(run))
    piloted, pairs = verdict["units_piloted"], f"{verdict['contrasts']} cặp"
    assert rows[0][2].startswith(f"{verdict['units_strong']}/{piloted} xã; xác suất: ")
    assert rows[1][2] == f"{verdict['units_counted']}/{piloted} xã"
    assert (rows[2][2], rows[3][2]) == (pairs, pairs)
    assert rows[4][2] == "xác suất: chưa ước lượng được"


def test_the_thresholds_are_those_of_the_rule():
    other = _verdict(
        "long_an", least_share=40.0, least_change=5.0, least_chance=0.9,
        grade_for_scaling="medium", grade_for_stages="none",
    )  # fmt: skip
    rows = _options(other)
    assert rows[0][1] == (
        "ít nhất 40% số xã thí điểm có mức tăng từ 5 điểm phần trăm trở lên, "
        "mức tin cậy trung bình; xác suất xã tiếp theo cũng đạt mức đó: ít nhất 90%"
    )
    assert "mức tin cậy chưa đủ căn cứ" in rows[1][1]
    assert "(và ít nhất 2 xã)" in rows[1][1]
    assert rows[1][1].endswith("không xã nào giảm như vậy")
    assert rows[4][1].endswith("không quá 10%")


def test_a_change_is_asked_for_in_points_never_in_per_cent():
    for run in RUNS:
        for row in _options(findings_of(run)):
            assert not re.search(r"(?:tăng|giảm)(?: từ)? [\d,]+%", row[1])


# The rule moved


@pytest.mark.parametrize("run", WITH_PAIRS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_table_b6_has_one_row_a_move_with_its_assumption_and_what_comes_out(run, language):
    findings = findings_of(run)
    write = findings.writer(language)
    page = _parsed(options.stress_table(findings, write))
    rows = table_rows(page.find(id="t-stress").table)
    for row, moved in zip(rows, findings["stress"].to_dict("records"), strict=True):
        assert f"( {moved['assumption']} )" in row[0]
        assert row[2] == f"{moved['units_counted']}/{moved['units_piloted']}"
        assert row[3] == write.term("option", moved["option"])
        assert (row[4] == "–") == pd.isna(moved["flips_at"])
        assert (row[1] == "–") == pd.isna(moved["at"])
    links = page.find_all("a")
    assert [link["href"] for link in links] == [
        f"#as-{a}" for a in findings["stress"]["assumption"]
    ]


def test_sizes_of_table_b6_carry_their_own_measure():
    rows = {
        row["id"].removeprefix("stress-"): [text_of(cell) for cell in row.find_all("td")]
        for row in _parsed(
            options.stress_table(findings_of("long_an"), findings_of("long_an").writer())
        ).tbody.find_all("tr")
    }
    assert (rows["common_trend"][0], rows["common_trend"][3]) == (
        "30,0 điểm phần trăm", "46,6 điểm phần trăm",
    )  # fmt: skip
    assert (rows["counted_otherwise"][0], rows["counted_otherwise"][3]) == ("50%", "36,6%")
    assert (rows["clustering"][0], rows["clustering"][3]) == ("5", "13,6")
    assert rows["grade_higher"][0] == "–"


@pytest.mark.parametrize("run", ["hau_giang", "cao_bang"])
def test_without_a_pair_nothing_is_moved_and_nothing_drawn(run):
    findings = findings_of(run)
    assert options.stress_table(findings, findings.writer()) == ""
    assert options.stress_figure(findings, findings.writer()) == []


def test_without_a_pilot_commune_no_share_is_drawn():
    without = _verdict("long_an", units_piloted=0)
    assert options.stress_figure(without, without.writer()) == []


def test_where_no_move_shows_anything_a_sentence_stands_for_the_chart():
    """Bắc Kạn: no pilot commune counts under any move, and the option stays."""
    findings = findings_of("bac_kan")
    assert options.stress_figure(findings, findings.writer()) == []
    said = _parsed(options.options_table(findings, findings.writer())).find_all("p")
    (sentence,) = (part.get_text() for part in said)
    assert f"({len(findings['stress'])} lần, bảng B6)" in sentence
    assert "phương án không đổi" in sentence
    assert said[0].a["href"] == "#t-stress"


@pytest.mark.parametrize("column", ["changes", "units_counted"])
def test_a_move_that_shows_something_is_drawn(column):
    findings = findings_of("bac_kan")
    stress = findings["stress"].copy()
    stress.loc[0, column] = True if column == "changes" else 1
    moved = changed(findings, stress=stress)
    assert len(options.stress_figure(moved, moved.writer())) == 1
    assert not _parsed(options.options_table(moved, moved.writer())).find_all("p")


@pytest.mark.parametrize("run", [*MOVED, "hau_giang", "cao_bang"])
def test_no_sentence_stands_where_there_is_a_chart_or_nothing_to_move(run):
    findings = findings_of(run)
    assert not _parsed(options.options_table(findings, findings.writer())).find_all("p")


@pytest.mark.parametrize("run", MOVED)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_chart_of_moves_names_every_number_in_its_alternative_text(run, language):
    findings = findings_of(run)
    figure = _drawn(findings, language)
    stress = findings["stress"]
    turning = int(stress["changes"].sum())
    assert re.findall(r"\d+%?", figure.alt)[:3] == [str(len(stress)), str(turning), "50%"]
    names = " ".join(box.text for box in boxes_of(str(figure.desk)))
    for row in stress.to_dict("records"):
        moved = catalogue.entries()[f"briefing.stress.{row['setting']}"][language]
        assert f"{moved}: {row['units_counted']}/{row['units_piloted']}" in figure.alt
        assert f"{moved}: {row['units_counted']}/{row['units_piloted']}" in names
    assert figure.alt.count("→") == names.count("→") == turning


@pytest.mark.parametrize("run", MOVED)
def test_the_chart_of_moves_says_how_often_the_option_turns(run):
    findings = findings_of(run)
    figure = _drawn(findings)
    turning = int(findings["stress"]["changes"].sum())
    assert f"đổi ở {turning} trong {len(findings['stress'])} lần thử" in figure.title
    assert findings.writer().term("option_short", CHOSEN[run]) in figure.title
    assert "10 điểm phần trăm" in figure.subtitle
    assert 'href="#t-stress"' in figure.source
    assert not re.search(r"[<>]|&\w+;", figure.title + figure.subtitle + figure.alt)


@pytest.mark.parametrize("run", MOVED)
@pytest.mark.parametrize("share", [1.0, 50.0, 100.0])
def test_no_label_of_the_chart_leaves_the_paper_whatever_share_the_rule_needs(run, share):
    figure = _drawn(_verdict(run, least_share=share))
    assert figure.phone is None
    assert outside(str(figure.desk)) == []
    assert overlapping(str(figure.desk)) == []
    assert min(box.size for box in boxes_of(str(figure.desk))) >= 12


# Words


def _said(findings, language):
    write = findings.writer(language)
    parts = [
        options.record_table(findings, write),
        options.options_table(findings, write),
        options.stress_table(findings, write),
        *(f"{figure.title}. {figure.alt}" for figure in options.stress_figure(findings, write)),
    ]
    return [text_of(_parsed(part)) for part in parts if part]


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_that_is_recorded_claims_a_cause_or_ranks(run, language):
    findings = findings_of(run)
    asked = findings.decision[f"question_{language}"]
    for said in _said(findings, language):
        assert causal_sentences(said.replace(asked, ""), language) == []
        assert mixing_sentences(said, language) == []


@pytest.mark.parametrize("grade", ["none", "low", "medium", "high"])
@pytest.mark.parametrize("option", OPTIONS)
def test_no_grade_and_no_option_lets_a_causal_word_into_the_record(grade, option):
    """The words of the catalogue themselves are held, not only what the writer refuses."""
    contrasts = findings_of("long_an")["contrasts"].assign(grade=grade)
    findings = changed(
        _verdict("long_an", option=option, grade=grade, conditions=";".join(CONDITIONS[option])),
        contrasts=contrasts,
    )
    assert findings.grade == grade
    for language in ("vi", "en"):
        for said in _said(findings, language):
            assert causal_sentences(said, language) == []


@pytest.mark.parametrize("grade", ["none", "low"])
@pytest.mark.parametrize(
    "key", ["condition.drawn_order", "option_needs.stages", "turns.common_trend", "caption.options"]
)
def test_a_causal_sentence_is_refused_wherever_it_stands(monkeypatch, grade, key):
    findings = changed(
        findings_of("long_an"), contrasts=findings_of("long_an")["contrasts"].assign(grade=grade)
    )
    claim = dict.fromkeys(("vi", "en"), "Thí điểm làm tăng tỷ lệ hồ sơ trực tuyến.")
    entries = {**catalogue.entries(), f"briefing.{key}": claim}
    monkeypatch.setattr(catalogue, "entries", lambda: entries)
    with pytest.raises(ClaimError):
        _said(findings, "vi")


def test_captions_and_the_chart_of_a_simulated_run_say_so():
    findings = findings_of("smoke")
    write = findings.writer()
    for table in (options.record_table, options.options_table, options.stress_table):
        assert "MÔ PHỎNG" in text_of(_parsed(table(findings, write)).caption)
    figure = _drawn(findings)
    for words in (figure.subtitle, figure.alt, figure.source):
        assert "MÔ PHỎNG" in words


def test_hostile_words_of_a_table_stay_words():
    findings = findings_of("long_an")
    decisions = findings["decisions"].assign(question_vi="<script>x</script>")
    other = changed(findings, decisions=decisions)
    assert "<script>" not in options.record_table(other, other.writer())


def test_a_comparison_without_a_pair_is_named_as_basis_and_not_asked_for():
    conditions = ";".join(CONDITIONS["prepare"])
    run = _verdict("long_an", option="prepare", conditions=conditions, rests_on=None)
    found = findings_with(
        primary(),
        contrasts=run["contrasts"].iloc[:0],
        verdicts=run["verdicts"],
        stress=run["stress"].iloc[:0],
    )
    record = _record(found)
    assert "kết quả so sánh ở mục Kết quả, mức tin cậy cao" in text_of(record["Căn cứ"])
    assert len(record["Điều kiện kèm theo"].find_all("li")) == 1
    (chosen,) = [row for row in _options(found) if row[-1] == "chọn"]
    assert chosen[0].startswith("Quy tắc chưa chọn được phương án")
    assert chosen[2] == "0 cặp; có kết quả so sánh, mức tin cậy cao"
