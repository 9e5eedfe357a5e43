from __future__ import annotations

import dataclasses
from datetime import date

import pandas as pd
import pytest
from built import findings_of
from effected import effect, findings_with, primary

from commune_pilots.briefing.findings import MOST_PAIRS, TABLES, Findings, grade_of_page


@pytest.fixture(scope="module")
def long_an():
    return findings_of("long_an")


def test_the_page_speaks_at_the_best_grade_among_the_contrasts(long_an):
    assert long_an.grade == "low"
    assert long_an.writer("en").language == "en"
    assert long_an.writer().grade == "low"


@pytest.mark.parametrize(
    ("grades", "spoken"),
    [
        (["none", "none", "none"], "none"),
        (["none", "low", "none"], "low"),
        (["low", "medium", "none"], "medium"),
        (["high", "low", "medium"], "high"),
    ],
)
def test_no_order_of_the_contrasts_changes_the_grade_of_the_page(long_an, grades, spoken):
    for order in (grades, grades[::-1]):
        other = dataclasses.replace(
            long_an,
            tables={**long_an.tables, "contrasts": long_an["contrasts"].assign(grade=order)},
        )
        assert other.grade == other.writer().grade == spoken


def test_a_page_without_contrasts_speaks_at_no_grade():
    assert findings_of("cao_bang").grade == "none"


def test_every_table_of_the_page_is_there(long_an):
    assert set(TABLES) <= set(long_an.tables)
    decided = {"candidates", "pooled", "projections", "stages", "outlook", "economics", "stress"}
    assert decided <= set(TABLES)
    assert len(TABLES) == len(set(TABLES))


def test_contrasts_come_best_graded_and_largest_first(long_an):
    assert [row["unit"] for row in long_an.contrasts] == ["28159", "28237", "27691"]
    assert [row["grade"] for row in long_an.contrasts] == ["low", "low", "none"]


def test_a_better_grade_goes_before_a_larger_change(long_an):
    contrasts = long_an["contrasts"]
    smallest = contrasts["unit"] == "28237"
    raised = contrasts.assign(grade=contrasts["grade"].mask(smallest, "medium"))
    other = Findings(long_an.run, {**long_an.tables, "contrasts": raised}, long_an.indicators)
    assert other.contrasts[0]["unit"] == "28237"


def test_only_pairs_that_no_denominator_explains_are_counted_as_decided(long_an):
    assert long_an.decided == 2


def test_own_figures_leave_the_context_out(long_an):
    assert {row["source"] for row in long_an.own} == {"001"}
    assert {row["scope"] for row in long_an.context} == {"country"}
    assert not {row["observation"] for row in long_an.own} & {
        row["observation"] for row in long_an.context
    }


def test_levels_are_the_runs_own_and_never_national(long_an):
    assert {row["scope"] for row in long_an.levels} <= {"unit", "pilot_communes", "office"}
    assert {row["observation"][:4] for row in long_an.levels} == {"001-"}


@pytest.mark.parametrize(
    ("run", "province", "today"),
    [
        ("long_an", "Tỉnh Long An", "UBND tỉnh Tây Ninh"),
        ("bac_kan", "Tỉnh Bắc Kạn", "UBND tỉnh Thái Nguyên"),
        ("hau_giang", "Tỉnh Hậu Giang", "UBND thành phố Cần Thơ"),
        ("cao_bang", "Tỉnh Cao Bằng", "UBND tỉnh Cao Bằng"),
    ],
)
def test_the_committee_named_is_the_one_that_decides_after_the_mergers(run, province, today):
    found = findings_of(run)
    assert (found.province, found.body_today) == (province, today)


def test_pilots_leave_comparison_communes_out(long_an):
    more = pd.concat([long_an["pilots"], long_an["pilots"].iloc[:1].assign(arm="comparison")])
    other = Findings(long_an.run, {**long_an.tables, "pilots": more}, long_an.indicators)
    assert len(other.pilots) == 3


def test_rival_events_are_those_the_checks_name(long_an):
    names = " ".join(row["name_vi"] for row in long_an.rival_events)
    assert all(pd.isna(row["programme"]) for row in long_an.rival_events)
    for measure in ("Chỉ thị 1559", "Giảm 50%", "Quyết định 45"):
        assert measure in names


def test_measures_without_any_figure_are_counted():
    for run in ("long_an", "hau_giang"):
        found = findings_of(run)
        assert found.bare == (found["interventions"]["evidence"] == "none").sum()


def test_background_sources_are_counted_apart(long_an):
    assert long_an.context_sources == len(long_an["sources"]) - len(long_an.run.sources)


def test_a_decision_that_is_not_there_is_refused(long_an):
    lost = dataclasses.replace(long_an.run, decision="001-d9")
    with pytest.raises(ValueError, match="expected one row, found 0"):
        _ = Findings(lost, long_an.tables, long_an.indicators).decision


def test_a_check_is_found_by_contrast_and_name(long_an):
    first = long_an.contrasts[0]["contrast"]
    assert long_an.check(first, "comparison_units")["outcome"] == "failed"
    with pytest.raises(ValueError, match="expected one row"):
        long_an.check(first, "no_such_check")


def test_gathering_leaves_the_tables_as_they_were(long_an):
    before = {name: frame.copy(deep=True) for name, frame in long_an.tables.items()}
    again = Findings(long_an.run, long_an.tables, long_an.indicators)
    _ = (again.contrasts, again.levels, again.figures, again.rival_events, again.body_today)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(long_an[name], frame)


def test_targets_and_deadlines_without_a_number_are_not_counted_as_figures():
    for run, printed in (("hau_giang", 27), ("cao_bang", 11)):
        findings = findings_of(run)
        bare = [row["role"] for row in findings.own if row["value"] != row["value"]]
        assert findings.printed_figures == len(findings.own) - len(bare) == printed
        assert set(bare) <= {"target", "deadline"}


def test_the_size_of_a_rival_is_that_of_its_own_contrast(long_an):
    first, second = (row["contrast"] for row in long_an.contrasts[:2])
    assert long_an.size(first, "assisted_filing", "least") == pytest.approx(82.82, abs=0.01)
    assert long_an.size(second, "assisted_filing", "least") == pytest.approx(78.02, abs=0.02)


def test_data_is_asked_for_sixty_days_after_the_date_of_the_briefing(long_an):
    days = long_an.deadline - date.fromisoformat(long_an.run.briefing_date)
    assert days.days == 60


@pytest.mark.parametrize(
    ("grades", "page"), [((), "low"), (("none",), "low"), (("medium", "high"), "high")]
)
def test_a_page_may_say_what_its_best_pair_or_primary_design_may(grades, page):
    rows = [primary(grade=grade, effect=f"e-{grade}") for grade in grades]
    weaker = [effect("welch", grade="high")] if grades else []
    findings = findings_with(*rows, *weaker)
    assert findings.page_grade == grade_of_page(findings.tables) == page
    assert findings.grade == findings.writer().grade == "low"


def test_primary_designs_come_best_graded_first_and_no_weaker_one_among_them():
    rows = [primary(grade=grade, effect=f"e-{grade}") for grade in ("low", "high", "medium")]
    findings = findings_with(*rows, effect("welch"))
    assert [row["grade"] for row in findings.primary] == ["high", "medium", "low"]
    assert findings_of("long_an").primary == []


def test_at_most_four_pairs_are_told_one_by_one(long_an):
    first = long_an["contrasts"].iloc[:1]
    many = pd.concat([first.assign(contrast=f"c{at}") for at in range(9)], ignore_index=True)
    tables = {**long_an.tables, "contrasts": many}
    other = dataclasses.replace(long_an, tables=tables)
    assert other.pairs == other.contrasts[:MOST_PAIRS]
    assert (len(other.pairs), len(other.contrasts)) == (4, 9)
    assert long_an.pairs == long_an.contrasts


def test_background_of_a_study_that_carries_no_row_is_the_basis_of_no_figure(long_an):
    row = long_an["sources"].iloc[:1].assign(source="list", kind="public_context")
    settings = dataclasses.replace(long_an.run, sources=[*long_an.run.sources, "list"])
    sources = pd.concat([long_an["sources"], row], ignore_index=True)
    listed = dataclasses.replace(
        long_an, run=settings, tables={**long_an.tables, "sources": sources}
    )
    assert listed.sources == long_an.sources
