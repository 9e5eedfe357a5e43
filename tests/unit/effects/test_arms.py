from __future__ import annotations

import numpy as np
import pandas as pd
import provinces

from commune_pilots.effects.arms import common_changes, keep
from commune_pilots.effects.assignment import count


def test_one_pilot_in_each_district_is_read_as_a_choice_within_districts():
    found = provinces.arms(provinces.province())
    assert found.by_district
    assert count(found.assignment) == 4**8
    assert (found.months_before, found.months_after) == (18, 12)


def test_without_districts_or_with_two_pilots_in_one_any_commune_could_have_been_chosen():
    plain = provinces.arms(provinces.undistricted(provinces.province()))
    assert not plain.by_district
    assert plain.assignment.picks == (8,)
    tables = provinces.province()
    first = provinces.pilots_of(tables)[0]
    district = provinces.arms(tables).wide.districts[0]
    units = tables["units"].copy()
    second = provinces.pilots_of(tables)[1]
    units.loc[units["code"].isin([first, second]), "parent"] = district
    assert not provinces.arms({**tables, "units": units}).by_district


def test_a_district_that_is_nothing_but_its_pilot_leaves_no_choice_within():
    tables = provinces.province()
    pilots = set(provinces.pilots_of(tables))
    alone = tables["units"].query("parent == '9901' and level == 'commune'")["code"]
    found = provinces.arms(provinces.without(tables, set(alone) - pilots))
    assert not found.by_district
    assert found.assignment is not None


def test_nobody_or_everybody_treated_has_no_mechanism():
    tables = provinces.province()
    nobody = provinces.arms({**tables, "pilots": tables["pilots"].iloc[:0]})
    assert nobody.assignment is None
    assert nobody.months_before == nobody.months_after == 0
    others = set(tables["panel"]["unit"]) - set(provinces.pilots_of(tables))
    assert provinces.arms(provinces.without(tables, others)).assignment is None


def test_a_panel_without_a_usable_row_has_no_arms():
    tables = provinces.province()
    unknown = tables["panel"].assign(unit="00000")
    assert provinces.arms({**tables, "panel": unknown}) is None


def test_a_unit_without_months_on_one_side_is_not_compared():
    tables = provinces.province()
    panel = tables["panel"]
    other = sorted(set(panel["unit"]) - set(provinces.pilots_of(tables)))[0]
    cut = panel[(panel["unit"] != other) | (panel["period_start"] < pd.Timestamp(2022, 1, 1))]
    found = provinces.arms({**tables, "panel": cut})
    assert other not in set(found.wide.units)
    assert not np.isnan(common_changes(found)).any()
    assert found.moments.sizes.sum() == 31


def test_gaps_leave_moments_to_the_units_that_are_whole():
    tables = provinces.province()
    gaps = provinces.arms({**tables, "panel": tables["panel"].drop(tables["panel"].index[::7])})
    assert gaps.moments is None
    assert len(gaps.wide.units) == 32


def test_months_that_a_start_falls_into_count_to_neither_side():
    tables = provinces.province()
    inside = tables["pilots"].assign(opened=pd.Timestamp(2022, 7, 15))
    found = provinces.arms({**tables, "pilots": inside})
    assert found.panel.anticipation == 1
    assert (found.months_before, found.months_after) == (18, 11)
    assert np.isnan(found.wide.outcome[found.treated, 18]).all()


def test_keeping_units_tells_the_mechanism_anew():
    whole = provinces.arms(provinces.province())
    kept = keep(whole, whole.wide.districts != whole.wide.districts[0])
    assert (len(kept.wide.units), int(kept.treated.sum())) == (28, 7)
    assert count(kept.assignment) == 4**7
    assert len(whole.wide.units) == 32
