from __future__ import annotations

import re
from functools import cache

import pytest
from built import PRESS_RUNS, findings_of

from commune_pilots.briefing.charts import (
    CHANGE_KEY,
    change_figure,
    levels_figure,
    map_figure,
    results_figures,
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
        ("long_an", ["fig-change-online_share", "fig-levels", "fig-map"]),
        ("bac_kan", ["fig-change-payment_share", "fig-levels", "fig-map"]),
        ("hau_giang", ["fig-levels", "fig-map"]),
        ("cao_bang", ["fig-levels", "fig-map"]),
        ("smoke", ["fig-change-online_share", "fig-map"]),
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


def test_titles_and_alternative_texts_hold_no_markup():
    for run in ALL:
        for figure in _figures(run):
            assert not re.search(r"[<>]|&\w+;", figure.title + figure.subtitle + figure.alt)
