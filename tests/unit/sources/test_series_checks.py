from __future__ import annotations

import pytest

from commune_pilots.sources.periods import month_of
from commune_pilots.sources.series_checks import Reported, suspicions


def _series(
    *values: int | None, unit: str = "A", first: int = 1, **others: list[int]
) -> list[Reported]:
    return [
        Reported(
            unit=unit,
            span=month_of(2026, first + at),
            place=at,
            counts={"received": value} | {name: own[at] for name, own in others.items()},
        )
        for at, value in enumerate(values)
    ]


def _rules(*reported: Reported) -> list[tuple[int, str, str]]:
    return [(one.place, one.rule, one.column) for one in suspicions(reported)]


@pytest.mark.parametrize(
    "values",
    [
        (120, 131, 118, 140),
        (120, 131, 118, 180),
        (12, 14, 9, 30),
        (120, None, 118, 131),
        (0, 0, 0, 0),
        (5,),
        (),
        (120, 60, 125, 118, 240),
    ],
)
def test_ordinary_months_are_not_suspected(values):
    assert _rules(*_series(*values)) == []


@pytest.mark.parametrize(
    ("values", "place"),
    [((12310, 11790, 12, 12880), 2), ((12, 11, 12880, 13), 2), ((12310, 12), 0)],
)
def test_a_thousandfold_change_of_measure_is_suspected(values, place):
    assert (place, "thousandfold", "received") in _rules(*_series(*values))


def test_a_month_that_sums_up_all_before_it_is_suspected():
    assert _rules(*_series(120, 131, 118, 495, 610)) == [(3, "cumulative", "received")]


def test_a_year_that_only_rises_is_suspected():
    assert "cumulative" in {rule for _, rule, _ in _rules(*_series(120, 200, 290, 380, 470))}


def test_a_peak_that_falls_back_is_not_cumulative():
    assert _rules(*_series(120, 131, 118, 400, 125)) == []


def test_months_that_rise_in_every_unit_at_once_are_suspected():
    units = [one for name in "ABCDE" for one in _series(100, 140, 170, unit=name, first=4)]
    assert {rule for _, rule, _ in _rules(*units)} == {"cumulative"}
    units[4] = Reported(unit="B", span=month_of(2026, 5), place=4, counts={"received": 90})
    assert _rules(*units) == []


def test_a_month_equal_to_the_one_before_is_suspected():
    assert _rules(*_series(120, 131, 131, 118)) == [(2, "copied_month", "")]
    assert _rules(*_series(3, 4, 4, 5)) == []
    small = _series(3, 4, 4, 5, late=[1, 2, 2, 1])
    assert _rules(*small) == [(2, "copied_month", "")]
    assert _rules(*_series(3, 4, 4, 5, late=[1, 2, 1, 1])) == []


def test_a_share_that_turns_over_in_one_month_is_suspected():
    series = [
        Reported(unit="A", span=month_of(2026, at), place=at, counts={"on_time": good, "late": bad})
        for at, (good, bad) in enumerate([(110, 12), (115, 9), (10, 108), (112, 11)], start=1)
    ]
    assert [(place, rule) for place, rule, _ in _rules(*series)] == [(3, "columns_swapped")]


def test_a_share_about_a_half_cannot_turn_over():
    series = [
        Reported(unit="A", span=month_of(2026, at), place=at, counts={"on_time": good, "late": bad})
        for at, (good, bad) in enumerate([(60, 50), (61, 48), (49, 62)], start=1)
    ]
    assert _rules(*series) == []
