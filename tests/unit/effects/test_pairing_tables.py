"""What stands beside contrasts: other tests and intervals, other roundings, floors."""

from __future__ import annotations

from typing import get_args

import pytest
from drawn import observations
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.pairing import alternatives_all, contrast_all, floors_all
from commune_pilots.vocabulary import DifferenceMethod, Method

NAMES = {"00001": "One", "00002": "Two", "00003": "Three"}
TERMS = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)
CONVENTIONS = ["nearest", "half_up", "half_even", "truncate", "any"]
INTERVALS = list(get_args(DifferenceMethod))
# One pair a kind: left to chance by the dossiers before, by those of both, settled by its counts.
THREE = """
    observation  unit   role    printed  qualifier  denominator
    o1           00001  before  chua_co  none_yet   -
    o2           00001  after   53,53    exact      -
    o3           00002  before  20       exact      -
    o4           00002  after   60       exact      -
    o5           00003  before  20       exact      20
    o6           00003  after   80       exact      20
    """


def _all(figures, *, terms=TERMS):
    return contrast_all(figures, NAMES, terms, indicators=[])


@pytest.fixture(scope="module")
def figures():
    return observations(THREE)


@pytest.fixture(scope="module")
def contrasts(figures):
    return _all(figures)


@pytest.fixture(scope="module")
def compared(contrasts):
    return contrasts[contrasts["unit"] != "00001"]


@pytest.fixture(scope="module")
def alternatives(compared, figures):
    return alternatives_all(compared, figures, TERMS)


@pytest.fixture(scope="module")
def floors(contrasts, figures):
    return floors_all(contrasts, figures, TERMS)


def test_every_method_stands_once_beside_every_contrast(alternatives, compared):
    assert schemas.check(alternatives, "alternatives") is alternatives
    others = [method for method in get_args(Method) if method != "fisher_central"]
    expected = [
        *((method, "nearest") for method in others),
        *(("fisher_central", rounding) for rounding in CONVENTIONS),
    ]
    assert set(alternatives["contrast"]) == set(compared["contrast"])
    for _, own in alternatives.groupby("contrast"):
        found = list(own[["method", "rounding"]].itertuples(index=False, name=None))
        assert sorted(found) == sorted(expected)


def test_the_convention_of_the_run_is_not_measured_twice(contrasts, figures):
    counted = contrasts[contrasts["unit"] == "00003"]
    for rounding in ("nearest", "any", "ceil"):
        terms = Terms(rounding=rounding, least_dossiers=1, alpha=0.05)
        found = alternatives_all(counted, figures, terms)
        central = found.loc[found["method"] == "fisher_central", "rounding"].tolist()
        assert central[0] == rounding
        assert len(central) == len(set(central))
        assert set(central) == {rounding, "half_up", "half_even", "truncate", "any"}


def test_a_test_has_a_p_value_and_a_pair_and_an_interval_has_limits(alternatives):
    interval = alternatives["method"].isin(INTERVALS)
    assert alternatives.loc[interval, ["conf_low", "conf_high"]].notna().all(axis=None)
    assert alternatives.loc[interval, ["p_value", "k_before", "n_after"]].isna().all(axis=None)
    tests = alternatives[~interval]
    assert tests[["p_value", "k_before", "n_before", "k_after", "n_after"]].notna().all(axis=None)
    assert tests[["conf_low", "conf_high"]].isna().all(axis=None)
    assert (alternatives["conf_low"] <= alternatives["conf_high"])[interval].all()


def test_only_the_test_that_decides_is_given_an_answer(alternatives):
    central = alternatives["method"] == "fisher_central"
    assert alternatives["denominators"].notna().equals(central)


def test_the_alternatives_hold_the_contrast_itself_under_its_own_rounding(alternatives, compared):
    own = alternatives[alternatives["rounding"] == "nearest"].set_index(["contrast", "method"])
    for row in compared.to_dict("records"):
        central = own.loc[(row["contrast"], "fisher_central")]
        assert central["p_value"] == row["worst_p"]
        assert central["denominators"] == row["denominators"]
        assert (central["k_before"], central["n_before"]) == (
            row["worst_k_before"],
            row["worst_n_before"],
        )
        newcombe = own.loc[(row["contrast"], "newcombe")]
        assert (newcombe["conf_low"], newcombe["conf_high"]) == (row["conf_low"], row["conf_high"])


def test_no_convention_assumed_is_never_less_cautious(alternatives):
    central = alternatives[alternatives["method"] == "fisher_central"]
    for _, own in central.groupby("contrast"):
        p = own.set_index("rounding")["p_value"]
        assert (p["any"] >= p * (1 - 1e-9)).all()


def test_the_worst_case_never_rises_with_the_floor(floors, contrasts):
    assert schemas.check(floors, "floors") is floors
    assert set(floors["contrast"]) == set(contrasts["contrast"])
    for _, own in floors.groupby("contrast"):
        assert own["floor"].is_monotonic_increasing
        assert own["floor"].is_unique
        assert own["worst_p"].is_monotonic_decreasing


def test_the_step_where_a_pair_turns_decided_is_in_the_table(floors, contrasts):
    needed = contrasts.set_index("unit")["floor_needed"]
    assert (needed["00001"], needed["00002"]) == (5, 16)
    for row in contrasts[contrasts["floor_needed"].notna()].to_dict("records"):
        own = floors[floors["contrast"] == row["contrast"]].set_index("floor")["worst_p"]
        assert own[row["floor_needed"]] < TERMS.alpha
        if row["floor_short"]:
            assert row["floor_short"] == row["floor_needed"] - 1
            assert own[row["floor_short"]] >= TERMS.alpha


def test_a_curve_starts_at_what_is_known_and_ends_well_beyond_the_step(floors, contrasts):
    ends = floors.groupby("contrast")["floor"].agg(["min", "max"])
    assert ends["min"].tolist() == [1, 1, 1]
    for row in contrasts[contrasts["floor_needed"].notna()].to_dict("records"):
        assert ends.loc[row["contrast"], "max"] >= 4 * row["floor_needed"]


def test_a_floor_known_beforehand_is_where_the_curve_starts(figures):
    terms = Terms(rounding="nearest", least_dossiers=10, alpha=0.05)
    some = figures[figures["unit"] == "00002"]
    contrasts = _all(some, terms=terms)
    found = floors_all(contrasts, some, terms)
    assert found["floor"].iloc[0] == 10
    assert found["worst_p"].iloc[0] == contrasts["worst_p"].iloc[0]
    assert {15, 16} <= set(found["floor"])


def test_the_curve_moves_the_side_that_is_named(floors):
    sides = floors.groupby("contrast")["side"].unique()
    assert sides["c-o1-o2"].tolist() == ["before"]
    assert sides["c-o3-o4"].tolist() == ["both"]
    none_yet = floors[floors["contrast"] == "c-o1-o2"]
    assert none_yet["n_before"].tolist() == none_yet["floor"].tolist()
    assert none_yet["n_after"].nunique() == 1


def test_known_dossiers_do_not_move_with_the_floor(floors):
    counted = floors[floors["contrast"] == "c-o5-o6"]
    assert counted[["n_before", "n_after"]].drop_duplicates().values.tolist() == [[20, 20]]
    assert counted["worst_p"].nunique() == 1


@pytest.mark.parametrize(
    ("measure", "name"), [(alternatives_all, "alternatives"), (floors_all, "floors")]
)
def test_without_contrasts_there_are_tables_without_rows(measure, name, figures):
    found = measure(schemas.empty("contrasts"), figures, TERMS)
    assert_frame_equal(found, schemas.empty(name))
