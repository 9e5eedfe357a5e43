"""Rows of a study beside each other: one figure a side, one row a unit, periods in their order."""

from __future__ import annotations

import pytest
import studied

from commune_pilots.effects.pairing import pair_figures
from commune_pilots.sources.study_across import across_failures
from commune_pilots.sources.study_sheets import read_study_sheets
from commune_pilots.sources.study_tables import Known, build_tables


@pytest.fixture
def across(press_tables, indicators):
    """Build a study of tables; tell its faults across rows and give its raw tables."""
    known = Known(units=press_tables["units"], sources=frozenset(), indicators=indicators)

    def make(**tables):
        book = studied.filled_book({**studied.LONG_AN, **tables})
        filled, failures = read_study_sheets(studied.bytes_of(book), file="x")
        own, numbers, found = build_tables(filled, known, study="s", place="x", sha256="a" * 64)
        assert [*failures, *found] == []
        told = list(across_failures(own, numbers, filled))
        return [
            (one.row, one.column, one.rule, dict(one.rule_values)["accepted"]) for one in told
        ], own

    return make


def _rows(*changes):
    first = studied.drawn_rows(studied.LONG_AN["observations"])
    return [*first, *(first[at] | of for at, of in changes)]


def test_the_figures_of_long_an_stand_beside_each_other(across):
    assert across()[0] == []


@pytest.mark.parametrize(
    ("at", "change", "first"),
    [
        (1, {"printed": "44,7"}, 3),
        (1, {"printed": None, "qualifier": "chưa có"}, 3),
        (5, {"printed": "5,0", "qualifier": None}, 7),
        (0, {"printed": "99,1", "period_start": "01/01/2023", "period_end": "31/12/2023"}, 2),
    ],
)
def test_a_second_figure_of_one_side_is_refused_as_pairing_cannot_take_it(
    across, at, change, first
):
    told, own = across(observations=_rows((at, change)))
    assert told == [(8, "Con số như in", "study_pair_twice", first)]
    with pytest.raises(ValueError, match="not a one-to-one merge"):
        pair_figures(own["observations"])


@pytest.mark.parametrize(
    "change",
    [
        {"role": "mức", "printed": "97,0"},
        {"definition": "online_remote_only"},
        {"scope": "một cơ quan"},
        {"printed": None, "qualifier": "không nêu số"},
    ],
)
def test_what_pairing_takes_is_not_refused(across, change):
    told, own = across(observations=_rows((0, change)))
    assert told == []
    pair_figures(own["observations"])


def test_a_unit_takes_part_once_whether_pilot_or_comparison(across):
    pilots = [
        {"unit": unit, "arm": arm, "source": "bc1", "programme": programme}
        for unit, arm, programme in (
            ("28159", "thí điểm", None),
            ("28159", "đối chứng", None),
            ("28159", "thí điểm", "khac"),
        )
    ]
    assert [(row, *told) for row, _, *told in across(pilots=pilots)[0]] == [
        (3, "study_pilot_twice", 2)
    ]


def test_a_period_that_ends_before_it_begins_is_refused(across):
    rows = _rows()
    rows[1] |= {"period_start": "31/12/2021", "period_end": "01/01/2021"}
    event = {
        "source": "bc1", "unit": "80", "name_vi": "Giảm phí", "date_start": "02/01/2024",
        "date_end": "01/01/2024",
    }  # fmt: skip
    told, _ = across(observations=rows, events=[event])
    assert {(row, rule, accepted) for row, _, rule, accepted in told} == {
        (3, "study_period_reversed", "31/12/2021"),
        (2, "study_period_reversed", "02/01/2024"),
    }


def test_an_after_that_ends_before_its_before_begins_is_refused(across):
    rows = _rows()
    rows[0] |= {"period_start": "01/01/2020", "period_end": "31/12/2020"}
    assert [one[2:] for one in across(observations=rows)[0]] == [("study_pair_reversed", 3)]
    rows[0] |= {"period_end": "01/01/2021"}
    assert across(observations=rows)[0] == []
