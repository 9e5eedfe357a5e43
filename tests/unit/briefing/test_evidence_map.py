"""The register of all press runs: each intervention once, in the province it belonged to."""

from __future__ import annotations

import pandas as pd
import pytest
from asked import units
from listed import REGISTER, covered, press_map

from commune_pilots.briefing.evidence_map import by_province, map_runs


def test_simulated_runs_are_refused_by_name():
    with pytest.raises(ValueError, match="smoke: not on press figures"):
        map_runs([covered("long_an"), covered("smoke", data="simulated")])


def test_each_intervention_stands_once_with_its_run_and_its_province_then_and_now():
    found = map_runs([covered("b"), covered("a")])
    assert found.entries["intervention"].tolist() == ["001-a", "001-b", "001-c", "004-a", "004-b"]
    assert set(found.entries["run"]) == {"a"}
    first = found.entries.iloc[0]
    assert (first["province"], first["name"]) == ("80", "Tỉnh Long An")
    assert first["place"] == "Tỉnh Long An (nay thuộc Tỉnh Tây Ninh)"


def test_runs_stand_by_name_whatever_the_order_they_are_given_in():
    found = map_runs([covered("b"), covered("a")])
    assert [run.run for run in found.runs] == ["a", "b"]


def test_entries_that_differ_between_runs_are_named_and_the_first_run_is_kept():
    other = covered("b", REGISTER.replace("before_after", "after_only"))
    found = map_runs([other, covered("a")])
    assert found.differing == ["001-a"]
    assert found.entries["evidence"].iloc[0] == "before_after"


def test_two_missing_values_are_no_difference():
    runs = [covered(name, "intervention indicators paragraph\n001-a - -") for name in "ab"]
    assert map_runs(runs).differing == []


def test_runs_that_share_their_tables_are_gone_through_once():
    first = covered("a")
    second = covered("b", interventions=first.interventions, units=first.units)
    pd.testing.assert_frame_equal(map_runs([first, second]).entries, map_runs([first]).entries)


def test_without_runs_there_is_a_map_without_entries():
    found = map_runs([], left_out=["x"])
    assert found.entries.empty
    assert found.left_out == ["x"]


def test_the_tables_given_are_not_changed():
    run = covered("a")
    before = (run.interventions.copy(deep=True), run.units.copy(deep=True))
    map_runs([run])
    pd.testing.assert_frame_equal(run.interventions, before[0])
    pd.testing.assert_frame_equal(run.units, before[1])


def test_provinces_are_parted_in_the_order_of_the_alphabet():
    parts = by_province(press_map().entries)
    assert [name for name, _ in parts] == [
        "Tỉnh Bắc Kạn", "Tỉnh Cao Bằng", "Tỉnh Hậu Giang", "Tỉnh Long An",
    ]  # fmt: skip
    assert sum(len(of) for _, of in parts) == 102


def test_a_unit_without_a_province_of_its_own_is_one():
    alone = units().assign(
        province=lambda all_units: all_units["province"].mask(all_units["code"] == "04")
    )
    found = map_runs([covered("a", units=alone)])
    assert set(found.entries["province"]) == {"80", "04"}
