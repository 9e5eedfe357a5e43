from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, text_of
from effected import findings_with, primary

from commune_pilots.briefing import key_tiles, sections
from commune_pilots.briefing.findings import Findings

BLOCKS = (
    sections.head,
    sections.what_was_done,
    sections.results,
    sections.certainty,
    sections.limitations,
    sections.english_summary,
)


def _with(findings, **tables):
    return Findings(findings.run, {**findings.tables, **tables}, findings.indicators)


def _parsed(block):
    return BeautifulSoup(block._repr_html_(), "html.parser")


def _sentences(text):
    return [part for part in re.split(r"(?<=[.?])\s+", text.strip()) if part]


@pytest.mark.parametrize("run", PRESS_RUNS)
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
def test_every_block_is_html_whose_tags_are_closed(run, block):
    written = block(findings_of(run))._repr_html_()
    for tag in ("section", "p", "ul", "ol", "li", "table", "figure", "h2", "strong", "a"):
        assert len(re.findall(rf"<{tag}[ >]", written)) == written.count(f"</{tag}>"), tag


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_the_head_holds_bar_headline_conclusion_recommendation_and_tiles(run):
    page = _parsed(sections.head(findings_of(run)))
    box = page.find(id="main")
    assert page.find(class_="bar")
    assert text_of(box).startswith("Kết luận")
    assert "Khuyến nghị" in text_of(box)
    assert re.search(r"Đề nghị UBND .+ xem xét, quyết định: có .+\?$", text_of(box))
    assert 3 <= len(page.find_all(class_="tile")) <= 4


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_the_headline_is_one_sentence_of_at_most_ninety_characters_with_two_numbers(run):
    findings = findings_of(run)
    title = sections.title(findings, findings.writer()).unescape()
    assert len(title) <= sections.MOST_IN_TITLE
    numbers = 1 if findings.primary else 2  # a comparison is one number, its interval stands below
    assert len(re.findall(r"\d+(?:,\d+)?", title)) >= numbers or "chưa có" in title


@pytest.mark.parametrize("run", PRESS_RUNS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_conclusion_is_at_most_two_sentences(run, language):
    findings = findings_of(run)
    written = sections.conclusion(findings, findings.writer(language))
    assert len(_sentences(written.striptags())) <= 2


def test_a_headline_that_would_not_fit_leaves_the_indicators_name_out():
    findings = findings_of("long_an")
    share = findings.indicators["online_share"].model_copy(update={"label_vi": "Tỷ lệ " * 20})
    wordy = Findings(findings.run, findings.tables, {**findings.indicators, "online_share": share})
    title = sections.title(wordy, wordy.writer()).unescape()
    assert len(title) <= sections.MOST_IN_TITLE
    assert "16,8%" in title
    assert "98,08%" in title


def test_a_simulated_run_says_so_in_the_bar_and_in_a_warning():
    page = _parsed(sections.head(findings_of("smoke")))
    assert "DỮ LIỆU MÔ PHỎNG" in text_of(page.find(class_="bar"))
    assert "mô phỏng" in text_of(page.find(class_="warn"))


@pytest.mark.parametrize("status", ["draft", "official"])
def test_a_press_run_shows_its_status_and_no_warning(status):
    findings = findings_of("long_an")
    settings = dataclasses.replace(findings.run, status=status)
    page = _parsed(sections.head(Findings(settings, findings.tables, findings.indicators)))
    shown = text_of(page.find(class_="bar"))
    assert ("chính thức" in shown) == (status == "official")
    assert not page.find(class_="warn")


def test_the_date_is_in_words():
    assert "ngày 22 tháng 11 năm 2026" in text_of(_parsed(sections.head(findings_of("long_an"))))


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_what_was_done_names_measures_and_neither_the_pilot_itself_nor_a_mere_aim(run):
    findings = findings_of(run)
    shown = text_of(_parsed(sections.what_was_done(findings)).p)
    left_out = [
        row for row in findings.interventions if row["evidence"] in ("before_after", "target")
    ]
    assert not [row["name_vi"] for row in left_out if row["name_vi"] in shown]
    assert [row["name_vi"] for row in findings.interventions if row["name_vi"] in shown]


def test_fewer_measures_are_named_where_many_communes_are():
    """Names of communes differ in length between provinces; the paragraph keeps its size."""
    named = {}
    for run in ("long_an", "bac_kan"):
        shown = text_of(_parsed(sections.what_was_done(findings_of(run))).p)
        named[run] = shown.split("trong đó có: ")[1].split(". Căn cứ")[0].count(";") + 1
    assert named == {"long_an": 4, "bac_kan": 2}


def test_sources_that_name_no_measure_leave_no_blank_and_no_empty_map():
    found = findings_of("long_an")
    tables = {**found.tables, "interventions": found.tables["interventions"].iloc[:0]}
    bare = Findings(found.run, tables, found.indicators)
    shown = text_of(_parsed(sections.what_was_done(bare)).p)
    assert "Nguồn không nêu hệ thống, biện pháp nào." in shown
    assert "trong đó có" not in shown
    assert not _parsed(sections.limitations(bare)).find(id="fig-map")


def test_a_simulated_run_claims_no_published_text():
    shown = text_of(_parsed(sections.what_was_done(findings_of("smoke"))).p)
    assert "không lấy từ văn bản nào" in shown
    assert not re.search(r"\d văn bản", shown)


def test_a_pair_with_counts_shows_them_in_its_tile():
    findings = findings_of("smoke")
    _, *tiles = map(text_of, _parsed(sections.head(findings)).find_all(class_="tile"))
    assert len(tiles) == key_tiles.MOST_TILES - 1
    for contrast, tile in zip(findings.contrasts, tiles, strict=False):
        counted = contrast["design"] == "before_after_with_n"
        assert ("hồ sơ: " in tile) == counted
        assert ("nguồn không nêu số hồ sơ" in tile) == (not counted)


def test_pairs_of_which_none_is_told_from_chance_are_no_first_indication():
    findings = findings_of("bac_kan")
    contrasts = findings["contrasts"].assign(denominators="decisive", grade="none")
    none = _with(findings, contrasts=contrasts)
    for language, words in (("vi", "chưa cặp nào"), ("en", "none of them told from chance")):
        said = sections.conclusion(none, none.writer(language)).striptags()
        assert words in said
        assert not re.search("Bước đầu|First indication", said)


@pytest.mark.parametrize(
    ("run", "named"),
    [
        ("long_an", "UBND tỉnh Tây Ninh (nguồn nêu UBND tỉnh Long An)"),
        ("hau_giang", "UBND thành phố Cần Thơ (nguồn nêu UBND tỉnh Hậu Giang)"),
        ("cao_bang", "UBND tỉnh Cao Bằng"),
        ("smoke", "UBND tỉnh mô phỏng"),
    ],
)
def test_the_body_of_today_is_asked_and_one_that_is_gone_is_named(run, named):
    box = text_of(_parsed(sections.head(findings_of(run))).find(id="main"))
    assert re.search(f"Đề nghị {re.escape(named)} .*xem xét, quyết định: có ", box)


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_where_nothing_carries_a_decision_figures_are_asked_for_first(run):
    findings = findings_of(run)
    box = text_of(_parsed(sections.head(findings)).find(id="main"))
    first = "thu thập số liệu trước, rồi mới xem xét, quyết định" in box
    assert first == (findings.verdict["option"] == "prepare")


@pytest.mark.parametrize(
    ("run", "asked"),
    [
        ("hau_giang", "phát động tiếp .+, sau đợt đến hết tháng 12-2023, hay không"),
        ("cao_bang", "tiếp tục thi đua .+ sau giai đoạn 2021-2025 hay không"),
        ("bac_kan", "trên địa bàn 8 xã, phường thí điểm cũ hay không"),
    ],
)
def test_what_is_asked_can_still_be_decided_on_the_date_of_the_page(run, asked):
    """A campaign of 2023, a programme to 2025 and merged communes are things of the past."""
    assert re.search(asked, text_of(_parsed(sections.head(findings_of(run))).find(id="main")))


def test_a_start_known_by_year_only_is_given_as_a_year():
    assert "từ năm 2023" in text_of(_parsed(sections.what_was_done(findings_of("bac_kan"))))


def test_a_start_known_by_day_is_given_as_a_day():
    assert "1/1/2022" in text_of(_parsed(sections.what_was_done(findings_of("smoke"))))


def test_an_unknown_start_is_said_to_be_unknown():
    shown = text_of(_parsed(sections.what_was_done(findings_of("long_an"))))
    assert "không nêu ngày bắt đầu" in shown


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        ([None] * 11, "không nêu ngày bắt đầu của từng xã"),
        (["2024-03-01"] * 11, "Bắt đầu: 1/3/2024."),
        (["2024-05-02", *["2024-03-01"] * 10], "Bắt đầu: từ 1/3/2024 đến 2/5/2024."),
        (["2024-03-01", *[None] * 10], "Bắt đầu: 1/3/2024 (nguồn nêu của 1/11 xã)."),
    ],
)
def test_the_start_is_that_of_the_pilots_as_far_as_it_is_known(opened, said):
    pilots = findings_of("long_an")["pilots"]
    several = pd.concat([pilots.iloc[:1]] * 11, ignore_index=True)
    beside = several.iloc[:1].assign(arm="comparison", opened=pd.NaT)
    several["opened"], several["opened_precision"] = pd.to_datetime(opened), "day"
    other = _with(findings_of("long_an"), pilots=pd.concat([several, beside]))
    assert said in text_of(_parsed(sections.what_was_done(other)))


def _compared(grade):
    """Give a run with a comparison of this grade and no pair, so that the rule prepares."""
    run = findings_of("long_an")
    return findings_with(
        primary(grade=grade),
        contrasts=run["contrasts"].iloc[:0],
        verdicts=run["verdicts"].assign(option="prepare"),
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_comparison_without_a_pair_is_a_basis_to_consider_and_not_asked_for(language):
    findings = _compared("high")
    block = sections.head if language == "vi" else sections.english_summary
    said = text_of(_parsed(block(findings)))
    basis = {"vi": "là căn cứ để xem xét", "en": "is the basis to consider"}
    assert basis[language] in said
    assert not re.search("Chưa có căn cứ|No basis|thu thập số liệu trước", said)
    needed = text_of(_parsed(sections.certainty(findings)))
    assert findings.decision["evidence_vi"] not in needed
    assert "cặp số liệu trước–sau đã công bố, cùng cách đếm" in needed


def test_a_comparison_of_low_grade_is_no_basis():
    said = text_of(_parsed(sections.head(_compared("low"))))
    assert "Chưa có căn cứ" in said
    assert "là căn cứ để xem xét" not in said


def test_a_run_without_pilots_says_that_no_commune_is_named():
    shown = text_of(_parsed(sections.what_was_done(findings_of("cao_bang"))))
    assert "không nêu xã nào làm thí điểm" in shown


def test_a_change_line_says_both_ends_the_points_and_the_gap():
    findings = findings_of("long_an")
    line = sections.change_line(findings, findings.contrasts[1], findings.writer()).striptags()
    for part in ("18,98%", "86,41%", "67,43 điểm phần trăm", "thu hẹp 83,2%"):
        assert part in line


def test_no_gap_is_computed_from_none_yet():
    findings = findings_of("long_an")
    late = next(row for row in findings.contrasts if row["change_bound"] == "at_most")
    said = sections.gap_sentence(late, findings.writer())
    assert "không tính được" in said
    assert not re.search(r"\d", said)


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_three_questions_are_answered_apart(run):
    page = _parsed(sections.certainty(findings_of(run)))
    rows = page.find("tbody").find_all("tr")
    assert [text_of(row.th)[-1] for row in rows] == ["?", "?", "?"]
    for row in rows[1:]:
        assert text_of(row.find_all("td")[0]) == "chưa đủ căn cứ"


def test_comparison_communes_without_a_series_are_told_from_none():
    findings = findings_of("long_an")
    extra = findings["pilots"].iloc[:1].assign(unit="28160", arm="comparison")
    compared = _with(findings, pilots=pd.concat([findings["pilots"], extra], ignore_index=True))
    shown = text_of(_parsed(sections.certainty(compared)))
    assert "1 xã đối chứng" in shown
    assert "Không có xã đối chứng" not in shown


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("scale", "nhân rộng toàn tỉnh"),
        ("stages", "theo đợt"),
        ("extend", "Duy trì thí điểm"),
        ("prepare", "Chưa có căn cứ"),
        ("stop", "Dừng thí điểm"),
    ],
)
def test_the_recommendation_is_the_verdicts_option(option, words):
    findings = findings_of("long_an")
    other = _with(findings, verdicts=findings["verdicts"].assign(option=option))
    assert words in text_of(_parsed(sections.head(other)))


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_the_english_summary_is_marked_as_english_and_says_who_is_asked_and_what(run):
    findings = findings_of(run)
    section = _parsed(sections.english_summary(findings)).section
    assert section["lang"] == "en"
    shown = text_of(section.p)
    assert shown.startswith(f"Question to the {findings.decision['decider_en']}")
    assert "Recommendation: " in shown
    assert not re.search("UBND|Tỉnh ", shown)


def test_the_english_summary_counts_no_level_where_there_is_none():
    assert findings_of("smoke").levels == []
    assert "one time only" not in sections.english_summary(findings_of("smoke"))._repr_html_()


def test_every_tile_of_a_pair_says_that_the_number_of_dossiers_is_missing():
    tiles = _parsed(sections.head(findings_of("long_an"))).find_all(class_="tile")
    assert all("nguồn không nêu số hồ sơ" in text_of(tile) for tile in tiles)


@pytest.mark.parametrize(
    ("run", "keys"),
    [
        ("long_an", ["change-online_share", "gap-online_share", "levels", "targets"]),
        ("bac_kan", ["change-payment_share", "gap-payment_share", "levels", "targets"]),
        ("cao_bang", ["levels", "targets"]),
    ],
)
def test_results_come_with_the_pairs_before_the_levels_and_the_targets(run, keys):
    page = _parsed(sections.results(findings_of(run)))
    found = [figure["id"].removeprefix("fig-") for figure in page.find_all("figure")]
    assert found == keys


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_what_may_be_said_of_the_next_commune_follows_the_three_questions(run):
    findings = findings_of(run)
    block = sections.certainty(findings)._repr_html_()
    captions = [
        text_of(caption) for caption in _parsed(sections.certainty(findings)).find_all("caption")
    ]
    several = bool((findings["pooled"]["pilots"] > 1).any())
    captions = [caption for caption in captions if not caption.startswith("Kiểm tra thiết kế")]
    assert [caption.startswith("Xã tiếp theo") for caption in captions] == [
        False,
        *[True] * several,
    ]
    drawn = findings["pooled"].query("outcome == 'pooled'")
    assert block.count('figure id="fig-next-') == len(
        drawn[["quantity", "definition"]].drop_duplicates()
    )


@pytest.mark.parametrize("run", ["long_an", "bac_kan", "smoke"])
def test_a_change_of_the_head_and_of_the_results_carries_its_red_assumption(run):
    findings = findings_of(run)
    for block in (sections.head, sections.results):
        page = _parsed(block(findings))
        for contrast in findings.contrasts:
            for link in page.find_all("a", class_="n", href=f"#{contrast['contrast']}"):
                if "điểm phần trăm" in link.text:
                    assert link.find_next("a")["href"] == "#as-A4", link.text


def test_a_floor_curve_says_how_many_dossiers_would_make_a_rise_certain():
    page = _parsed(sections.certainty(findings_of("bac_kan")))
    assert "103 hồ sơ" in text_of(page.find(id="fig-floor-c-002-07-002-08").h3)


def test_limitations_show_what_is_measured_at_all():
    assert _parsed(sections.limitations(findings_of("cao_bang"))).find(id="fig-map")
