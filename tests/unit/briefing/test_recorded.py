"""The numbers of a run as plain values and words."""

from __future__ import annotations

import json

import pytest
from built import PRESS_RUNS, findings_of
from recorded import CHANGE, LEVEL, POWER

from commune_pilots.briefing.recorded import recorded_numbers, written

RUNS = (*PRESS_RUNS, "smoke")


def _number(measured_in, quantity="level", **values):
    return {"quantity": quantity, "measured_in": measured_in, **values}


@pytest.mark.parametrize("run", RUNS)
def test_every_row_of_the_results_is_recorded_once(run):
    results = findings_of(run)["results"]
    numbers = recorded_numbers(results)
    assert [number["subject"] for number in numbers] == results["subject"].tolist()
    assert len({number["id"] for number in numbers}) == len(results)


@pytest.mark.parametrize("run", RUNS)
def test_numbers_come_back_from_json_as_they_were(run):
    numbers = recorded_numbers(findings_of(run)["results"])
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers


def test_what_is_missing_is_left_out_and_never_zero():
    (number,) = [
        each
        for each in recorded_numbers(findings_of("long_an")["results"])
        if each["id"].startswith("gap_closed/c-001-08")
    ]
    assert not {"value", "low", "high", "interval"} & set(number)
    assert number["printed"] == {"vi": "không có số liệu", "en": "no figure"}


def test_the_table_is_not_changed():
    results = findings_of("long_an")["results"]
    kept = results.copy(deep=True)
    recorded_numbers(results)
    assert results.equals(kept)


def test_digits_beyond_the_twelfth_are_noise():
    results = findings_of("long_an")["results"]
    noisy = results.assign(value=results["value"] * (1 + 1e-15))
    assert recorded_numbers(noisy) == recorded_numbers(results)
    moved = results.assign(value=results["value"] * (1 + 1e-9))
    assert recorded_numbers(moved) != recorded_numbers(results)


def test_two_numbers_of_one_id_are_refused():
    results = findings_of("long_an")["results"]
    with pytest.raises(ValueError, match="two numbers of one id: change/"):
        recorded_numbers(results.iloc[[0, 0]])


@pytest.mark.parametrize(
    ("number", "vi", "en"),
    [
        (LEVEL, "99,9% (99,85% đến 99,95%)", "99.9% (99.85% to 99.95%)"),
        (
            CHANGE,
            "81,3 (81,23 đến 81,34) điểm phần trăm",
            "81.3 (81.23 to 81.34) percentage points",
        ),
        (POWER, "0,33", "0.33"),
        (_number("percent", low=99.0, high=100.0), "99% đến 100%", "99% to 100%"),
        (_number("points", high=53.535), "không quá 53,54 điểm phần trăm",
         "at most 53.54 percentage points"),
        (_number("percent", low=90.0), "ít nhất 90%", "at least 90%"),
        (_number("probability", "worst_p", value=8.7e-24), "p < 0,001", "p < 0.001"),
        (_number("dossiers", value=1234.0), "1.234 hồ sơ", "1,234 dossiers"),
        (_number("ratio", value=13.5620), "13,56 lần", "13.56 times"),
        (_number("dong", value=250000.0), "250.000 đồng", "250,000 VND"),
        (_number("count", value=0.0), "0", "0"),
        (_number("points", value=-3.0), "−3 điểm phần trăm", "−3 percentage points"),
        (_number("percent"), "không có số liệu", "no figure"),
    ],
)  # fmt: skip
def test_a_number_is_written_with_its_range_and_its_unit_once(number, vi, en):
    assert (written(number, "vi"), written(number, "en")) == (vi, en)


@pytest.mark.parametrize("run", RUNS)
def test_a_difference_is_never_written_with_a_per_cent_sign(run):
    for number in recorded_numbers(findings_of(run)["results"]):
        assert number["printed"] == {name: written(number, name) for name in ("vi", "en")}
        if number["measured_in"] == "points":
            assert "%" not in "".join(number["printed"].values())
