from __future__ import annotations

import math
import re
from functools import cache

import pandas as pd
import pytest
from asked import changed
from built import PRESS_RUNS, findings_of, parsed, text_of
from drawn import table

from commune_pilots.briefing.charts import (
    CHANGE_KEY,
    change_figure,
    interval_of,
    level_of,
    levels_figure,
    map_figure,
    results_figures,
    shown_of,
)

ALL = [*PRESS_RUNS, "smoke"]


@cache
def _figures(run):
    findings = findings_of(run)
    return results_figures(findings, findings.writer())


def _change(run, indicator):
    findings = findings_of(run)
    return change_figure(findings, indicator, findings.writer())


@pytest.mark.parametrize(
    ("run", "keys"),
    [
        ("long_an", ["fig-change-online_share", "fig-levels"]),
        ("bac_kan", ["fig-change-payment_share", "fig-levels"]),
        ("hau_giang", ["fig-levels"]),
        ("cao_bang", ["fig-levels"]),
        ("smoke", ["fig-change-online_share"]),
    ],
)
def test_each_run_gets_the_figures_its_data_can_fill(run, keys):
    assert [figure.key for figure in _figures(run)] == keys


@pytest.mark.parametrize("run", ALL)
def test_every_figure_names_its_sources_and_its_table(run):
    for figure in _figures(run):
        assert "Nguồn:" in figure.source
        assert re.search(r'href="#t-(contrasts|levels|evidence)"', figure.source)
        for source in findings_of(run).run.sources:
            assert f'href="#s-{source}"' in figure.source


def test_the_alternative_text_of_a_change_holds_every_headline_number():
    alt = _change("long_an", "online_share").alt
    for number in ("16,8%", "98,08%", "81,3", "18,98%", "86,41%", "67,43", "53,53%", "chưa có"):
        assert number in alt


def test_differences_in_alternative_texts_are_points_never_per_cent():
    for run in ALL:
        for figure in _figures(run):
            assert not re.search(r"chênh (?:không quá )?[\d.,\u2212]+%", figure.alt)


def test_units_are_sorted_by_the_later_figure():
    alt = _change("long_an", "online_share").alt
    order = [alt.index(name) for name in ("Cần Giuộc", "Dương Xuân Hội", "Phường 4")]
    assert order == sorted(order)


def test_none_yet_is_drawn_without_a_starting_ring():
    rings = [_change(run, f"{kind}_share").desk.count("fill:var(--paper)") for run, kind in
             (("long_an", "online"), ("bac_kan", "payment"))]  # fmt: skip
    assert rings[0] == 2
    assert rings[1] == 2


def test_an_interval_is_drawn_where_counts_are_printed_and_said_where_they_are_not():
    known, silent = _change("smoke", "online_share"), _change("long_an", "online_share")
    (brackets,) = re.findall(r'd="([^"]*)" style="[^"]*stroke-width:1.5"', known.desk)
    assert brackets.count("M") == 2 * 3, "of each of two intervals the line and its two ends"
    assert "stroke-width:1.5" not in silent.desk
    assert "20,72% (16,2 đến 26,2)" in known.alt
    assert "63,92% (57,9 đến 69,6)" in known.alt
    assert "khoảng tin cậy 95% nơi nguồn nêu số hồ sơ" in known.subtitle
    assert "Nguồn không nêu số hồ sơ" in silent.subtitle
    assert "khoảng tin cậy" not in silent.subtitle


def test_a_run_whose_counts_are_all_printed_says_so():
    findings = findings_of("smoke")
    counted = findings["contrasts"].query("design == 'before_after_with_n'")
    only = changed(findings, contrasts=counted)
    subtitle = change_figure(only, "online_share", only.writer()).subtitle
    assert "Vạch: khoảng tin cậy 95%." in subtitle
    assert "B1b" not in subtitle


@pytest.mark.parametrize(
    ("numerator", "denominator"), [(None, 251), (52, None), (None, None), (pd.NA, pd.NA)]
)
def test_without_both_counts_there_is_no_interval(numerator, denominator):
    figure = {"numerator": numerator, "denominator": denominator}
    assert interval_of(figure, 0.05) is None


def test_the_interval_of_a_share_is_wilsons():
    """Wilson 1927 for 52 of 251: (p + z²/2n ± z√(p(1-p)/n + z²/4n²)) / (1 + z²/n)."""
    low, high = interval_of({"numerator": 52, "denominator": 251}, 0.05)
    p, n, z = 52 / 251, 251, 1.959963985
    middle, half = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    ends = [100 * (middle + sign * half) / (1 + z**2 / n) for sign in (-1, 1)]
    assert [low, high] == pytest.approx(ends)


def test_the_level_of_intervals_is_that_of_the_run():
    findings = findings_of("long_an")
    assert level_of(findings, findings.writer()) == "95%"


def test_a_target_of_the_same_definition_is_a_labelled_line_and_another_is_not():
    findings = findings_of("smoke")
    target = table(
        """
        target_observation  unit_name  indicator     target  attainment
        sim-02              Xã         online_share  80.0    not_reached
        sim-02              Xã         online_share  80.0    not_reached
        """,
        of="targets",
        definition="online_level34_assisted",
    )
    with_target = changed(findings, targets=target)
    figure = change_figure(with_target, "online_share", with_target.writer())
    assert figure.alt.count("mục tiêu 67,71%") == 1  # the words of the figure it is printed as
    assert figure.desk.count("mục tiêu") == figure.phone.count("mục tiêu") == 2, "alt and label"
    other = changed(findings, targets=target.assign(definition="online_full_process"))
    assert "mục tiêu" not in change_figure(other, "online_share", other.writer()).desk


def test_levels_say_their_own_unit_and_bound():
    alt = next(figure.alt for figure in _figures("long_an") if figure.key == "fig-levels")
    assert "các xã thí điểm chung: trên 90%" in alt
    assert "Thị trấn Cần Giuộc: 99,9%" in alt


def test_levels_are_not_drawn_as_changes():
    findings = findings_of("cao_bang")
    shares = [
        row for row in findings.levels if findings.indicators[row["indicator"]].unit == "percent"
    ]
    figure = levels_figure(findings, shares, findings.writer())
    assert "không phải thay đổi" in figure.title
    assert "không so với nhau" in figure.subtitle
    assert not figure.key.startswith(CHANGE_KEY)


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_the_evidence_map_counts_every_measure_once(run):
    findings = findings_of(run)
    alt = map_figure(findings, findings.writer()).alt
    assert sum(int(count) for count in re.findall(r" (\d+)[,;.]", alt)) == len(
        findings.interventions
    )


@pytest.mark.parametrize("run", ALL)
def test_subtitles_source_lines_and_captions_of_a_page_begin_with_a_capital(run):
    page = parsed(run)
    said = [text_of(part) for part in page.select(".sub, figcaption, caption")]
    assert len(said) > 10
    assert [words for words in said if not words[0].isupper() and not words[0].isdigit()] == []


def test_titles_and_alternative_texts_hold_no_markup():
    for run in ALL:
        for figure in _figures(run):
            assert not re.search(r"[<>]|&\w+;", figure.title + figure.subtitle + figure.alt)


def test_a_figure_of_some_pairs_says_of_how_many():
    findings = findings_of("long_an")
    first = findings["contrasts"]
    many = pd.concat([first, first.assign(contrast=first["contrast"] + "x")], ignore_index=True)
    other = changed(findings, contrasts=many)
    write = other.writer()
    assert shown_of(findings, write) == ""
    assert shown_of(other, write).strip() == f"(4 trong {len(many)} cặp, chênh lớn trước)"
    (figure,) = [
        figure for figure in results_figures(other, write) if figure.key.startswith(CHANGE_KEY)
    ]
    assert figure.title.startswith(f"{len(many)} đơn vị")
    assert f"(4 trong {len(many)} cặp" in figure.subtitle
