"""Figures of designs that compare: what is drawn, and that its words say every number."""

from __future__ import annotations

from functools import cache

import pytest
from boxes import boxes_of, outside, overlapping
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of
from effected import effect, findings_with, interrupted, months, primary, refused, weekday, whole

from commune_pilots.briefing.comparison_figures import by_month, comparison_figures
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.effects.evidence import causal_sentences


def _figures(findings, language="vi"):
    return {
        figure.key: figure for figure in comparison_figures(findings, findings.writer(language))
    }


@cache
def _drawn(language="vi"):
    return _figures(whole(), language)


def _drawings():
    return [
        drawing
        for figure in _drawn().values()
        for drawing in (figure.desk, figure.phone)
        if drawing is not None
    ]


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_a_run_without_effects_has_no_figure(run):
    assert _figures(findings_of(run)) == {}


def test_the_event_study_comes_before_the_forest_of_designs():
    assert list(_drawn()) == ["fig-event", "fig-designs"]
    assert _drawn()["fig-event"].phone is not None


def test_the_title_counts_the_months_whose_interval_leaves_0_out_on_both_sides():
    title = _drawn()["fig-event"].title
    assert title == "Khoảng không chứa 0 ở 0/6 tháng trước và 6/6 tháng từ khi bắt đầu"
    drifting = findings_with(primary(), *months(-3, 2, rise=1.0))
    assert "0/3 tháng trước và 0/3" in _figures(drifting)["fig-event"].title


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_of_a_figure_says_simulated_and_claims_no_cause(language):
    label = whole().writer(language).term("status", "simulated")
    for figure in _drawn(language).values():
        for part in (figure.subtitle, figure.alt, str(figure.source)):
            assert label in part
        for said in (figure.title, figure.subtitle, figure.alt):
            assert not causal_sentences(said, language)


def test_the_alternative_text_of_the_months_has_their_numbers():
    alt = _drawn()["fig-event"].alt
    assert "6 tháng trước từ 0,0 đến 0,2" in alt
    assert "tháng 5: 9,0 (7,5–10,5)" in alt


def test_the_alternative_text_of_the_designs_has_each_with_its_interval():
    alt = _drawn()["fig-designs"].alt
    assert alt.count("9,1 (8,1–10,1)") == 2


def test_no_label_leaves_the_paper_or_lies_on_another():
    for drawing in _drawings():
        assert boxes_of(drawing)
        assert outside(drawing) == []
        assert overlapping(drawing) == []


def test_a_design_without_an_estimate_is_not_drawn_and_one_alone_makes_no_forest():
    names = [box.text for box in boxes_of(_drawn()["fig-designs"].desk)]
    assert not any("Bootstrap" in name for name in names)
    alone = findings_with(primary(), refused("welch", "few_treated"), *months(-3, 3))
    assert list(_figures(alone)) == ["fig-event"]


def test_the_primary_design_alone_is_filled():
    dots = BeautifulSoup(str(_drawn()["fig-designs"].desk), "html.parser").find_all("circle")
    looks = ["var(--paper)" in dot["style"] or "white" in dot["style"] for dot in dots]
    assert looks == [False, True]


@pytest.mark.parametrize(
    "rows", [months(0, 5), months(-6, -1), months(-1, 0)], ids=["no lead", "no lag", "too few"]
)
def test_an_event_study_needs_months_on_both_sides(rows):
    findings = findings_with(primary(), *rows)
    assert by_month(findings, findings.primary[0]) == []


def test_months_stand_in_order_and_those_of_another_definition_are_left_out():
    indicator = findings_of("long_an").indicators["online_share"]
    other = next(name for name in indicator.definitions if name != "online_level34_assisted")
    mixed = [
        *reversed(months(-2, 2)),
        effect("event_time", at=1, definition=other) | {"effect": "e-else"},
    ]
    findings = findings_with(primary(), *mixed)
    assert [row["at"] for row in by_month(findings, findings.primary[0])] == [-2, -1, 0, 1, 2]


def test_a_month_without_an_interval_is_drawn_as_a_dot_alone():
    bare = [row | {"conf_low": None, "conf_high": None} for row in months(-3, 3)]
    figure = _figures(findings_with(primary(), *bare))["fig-event"]
    assert "ở 0/3 tháng trước và 0/4" in figure.title
    assert "tháng 3: 9,0" in figure.alt


def test_series_and_weekday_have_no_event_study():
    assert _figures(findings_with(weekday())) == {}
    beside = effect("forecast", level="C4", n_comparison=0)
    figures = _figures(findings_with(interrupted(), beside))
    assert list(figures) == ["fig-designs"]
    assert "đà của các tháng trước" in figures["fig-designs"].subtitle
