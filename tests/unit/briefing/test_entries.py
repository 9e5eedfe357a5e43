"""What a row of the list says, and its value in each filter."""

from __future__ import annotations

import dataclasses
import re

import pytest
from listed import ENTRY, HOSTILE, MANY, SIMULATED

from commune_pilots.briefing.entries import FACETS, is_simulated, label_of, values_of
from commune_pilots.briefing.wording import Writer

WRITE = Writer("vi", "none")


def test_a_run_has_one_value_in_every_filter():
    assert values_of(ENTRY) == {
        "province": "80-tinh-long-an", "status": "draft", "grade": "low",
    }  # fmt: skip
    assert all(list(values_of(entry)) == list(FACETS) for entry in MANY)


@pytest.mark.parametrize("status", ["draft", "official"])
def test_simulated_data_outweighs_the_status_of_the_parameters(status):
    entry = dataclasses.replace(SIMULATED, status=status)
    assert is_simulated(entry)
    assert values_of(entry)["status"] == "simulated"
    assert label_of("status", entry, WRITE) == "DỮ LIỆU MÔ PHỎNG"
    assert not is_simulated(dataclasses.replace(ENTRY, status=status))


def test_values_are_fit_for_an_attribute_and_a_selector():
    for field in ("province", "province_name"):
        value = values_of(dataclasses.replace(ENTRY, **{field: HOSTILE}))["province"]
        assert re.fullmatch(r"[a-z0-9-]+", value)


def test_a_province_without_name_is_told_by_its_code_and_without_both_as_not_recorded():
    unnamed = dataclasses.replace(ENTRY, province_name="")
    assert label_of("province", ENTRY, WRITE) == "Tỉnh Long An"
    assert label_of("province", unnamed, WRITE) == "mã 80"
    nowhere = dataclasses.replace(unnamed, province="")
    assert label_of("province", nowhere, WRITE) == "không ghi tỉnh"
    assert values_of(nowhere)["province"] == "none"


def test_a_grade_is_told_in_words():
    assert label_of("grade", ENTRY, WRITE) == "thấp"
