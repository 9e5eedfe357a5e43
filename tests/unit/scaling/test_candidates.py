"""Candidates beside the units that hold a pilot: what is compared, what is outside, what is told.

SAME: sums of a few doubles.
"""

from __future__ import annotations

import pandas as pd
import pytest
from drawn import in_contract, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas, simulate
from commune_pilots.scaling.candidates import COVARIATES, common_support, project

SAME = 1e-12
SHARE = "online_level34_assisted"
PILOTS = """
    unit   programme  opened_precision  arm         source
    00001  p          year              pilot       s1
    00002  p          year              pilot       s1
    00007  p          year              comparison  s1
"""
CANDIDATES = """
    candidate  name  type    formers      area_km2  population  online_share  definition
    90001      A     xã      00001;00003  30        10000       20            LONG
    90002      B     phường  00002        60        30000       40            LONG
    90003      C     xã      00004        45        20000       30            LONG
    90004      D     xã      00005        90        20000       30            LONG
    90005      E     xã      00006        -         -           30            online_full_process
    90006      F     xã      00007        45        -           -             -
""".replace("LONG", SHARE)


def _pilots(drawing=PILOTS):
    return table(drawing, of="pilots")


def _candidates(drawing=CANDIDATES):
    return table(drawing, of="candidates", source="s1", province="80", former_province="80")


def _many(rng, count=200):
    """Draw candidates around the two that hold a pilot, which keep their place."""
    drawn = pd.DataFrame(
        {
            "candidate": [f"8{at:04d}" for at in range(count)],
            "name": "N",
            "type": rng.choice(["xã", "phường", "thị trấn"], count, p=[0.6, 0.3, 0.1]),
            "formers": [f"7{at:04d}" for at in range(count)],
            "area_km2": rng.uniform(25, 65, count),
            "population": rng.integers(9_000, 31_000, count),
            "online_share": rng.uniform(18, 42, count),
            "definition": SHARE,
            "source": "s1",
            "province": "80",
            "former_province": "80",
        }
    )
    return pd.concat([_candidates().iloc[:2], in_contract(drawn, "candidates")], ignore_index=True)


def _project(candidates=None, pilots=None, **settings):
    settings = {"definition": SHARE, "gain": (10.0, 50.0), **settings}
    found = project(
        _candidates() if candidates is None else candidates,
        _pilots() if pilots is None else pilots,
        **settings,
    )
    return found.set_index("candidate")


# ---- inside, outside, unknown -------------------------------------------------------------------


def test_every_candidate_gets_one_row_that_keeps_the_contract():
    found = project(_candidates(), _pilots(), definition=SHARE)
    assert schemas.check(found, "projections") is found
    assert found["candidate"].tolist() == _candidates()["candidate"].tolist()


def test_a_candidate_within_the_pilots_units_on_all_that_is_known_is_inside():
    found = _project()
    assert found["support"].to_dict() == {
        "90001": "inside",
        "90002": "inside",
        "90003": "inside",
        "90004": "outside",
        "90005": "unknown",
        "90006": "inside",
    }


def test_what_was_compared_is_named_and_what_is_outside():
    found = _project()
    assert found["compared"].to_dict() == {
        "90001": "area_km2;population;online_share;type",
        "90002": "area_km2;population;online_share;type",
        "90003": "area_km2;population;online_share;type",
        "90004": "area_km2;population;online_share;type",
        "90005": "type",
        "90006": "area_km2;type",
    }
    assert found["outside_on"].dropna().to_dict() == {"90004": "area_km2"}


def test_the_ends_of_the_pilots_units_are_inside_and_the_least_step_beyond_is_not():
    for area, support in ((30, "inside"), (60, "inside"), (29.99, "outside"), (60.01, "outside")):
        moved = _candidates().assign(
            area_km2=lambda rows, area=area: rows["area_km2"].where(
                rows["candidate"] != "90003", area
            )
        )
        assert _project(moved).loc["90003", "support"] == support


def test_a_type_that_no_pilots_unit_has_is_outside_even_if_all_else_is_alike():
    town = _candidates().assign(type=["xã", "xã", "phường", "xã", "phường", "xã"])
    found = _project(town)
    assert found.loc["90003", ["support", "outside_on"]].tolist() == ["outside", "type"]
    assert found.loc["90005", ["support", "outside_on"]].tolist() == ["outside", "type"]


def test_the_type_alone_makes_no_candidate_alike():
    assert _project().loc["90005", ["support", "compared"]].tolist() == ["unknown", "type"]


def test_a_share_under_another_definition_is_not_compared():
    other = _candidates().assign(area_km2=pd.Series([None] * 6, dtype="float64"), population=None)
    other = schemas.build(other.to_dict("records"), "candidates")
    found = _project(other)
    assert found.loc["90003", "compared"] == "online_share;type"
    assert found.loc["90005", "compared"] == "type"
    assert _project(other, definition="online_full_process")["support"].eq("unknown").all()
    assert _project(other, definition=None)["support"].eq("unknown").all()


def test_without_a_pilot_nothing_can_be_compared():
    found = _project(pilots=_pilots().iloc[:0])
    assert found["support"].eq("unknown").all()
    assert found[["compared", "nearest", "gain_low"]].isna().all(axis=None)


def test_a_pilot_commune_in_no_candidate_adds_nothing():
    assert_frame_equal(_project(), _project(pilots=_pilots(PILOTS + "    00099 p year pilot s1\n")))


def test_only_the_covariates_asked_for_are_compared():
    found = _project(covariates=["population"])
    assert found.loc["90004", ["support", "compared"]].tolist() == ["inside", "population;type"]
    assert found.loc["90006", "support"] == "unknown"


def test_a_candidate_that_contains_a_pilot_commune_names_it_and_is_not_called_one():
    found = _project()["former_pilots"]
    assert found.dropna().to_dict() == {"90001": "00001", "90002": "00002"}
    both = _candidates().assign(
        formers=["00001;00002", "00010", "00011", "00012", "00013", "00014"]
    )
    assert _project(both)["former_pilots"].dropna().to_dict() == {"90001": "00001;00002"}


# ---- distance -----------------------------------------------------------------------------------


def test_the_distance_is_the_mean_of_differences_over_ranges_and_of_the_type():
    """By hand: area 15/60, population 10/20, share 10/20 and the type, over four."""
    found = _project()
    to_a = (15 / 60 + 10 / 20 + 10 / 20 + 0) / 4
    assert found.loc["90003", "nearest"] == "90001"
    assert found.loc["90003", "distance"] == pytest.approx(to_a, abs=SAME)
    assert found.loc["90006", "distance"] == pytest.approx((15 / 60 + 0) / 2, abs=SAME)


def test_a_unit_that_holds_a_pilot_is_nearest_to_itself():
    found = _project().loc[["90001", "90002"]]
    assert found["nearest"].tolist() == ["90001", "90002"]
    assert found["distance"].tolist() == [0, 0]


def test_a_candidate_outside_still_has_a_nearest_unit_and_an_unknown_one_has_none():
    found = _project()
    assert found.loc["90004", "nearest"] in ("90001", "90002")
    assert found.loc["90005", ["nearest", "distance"]].isna().all()


def test_a_covariate_that_does_not_vary_sets_nobody_apart():
    same = _candidates().assign(area_km2=45.0)
    assert _project(same, covariates=["area_km2"]).loc["90003", "distance"] == 0


@pytest.mark.parametrize("scale", [0.01, 7.3, 100.0])
def test_another_unit_of_measurement_moves_no_distance_and_no_support(rng, scale):
    area = rng.uniform(1, 500, 6)
    drawn = _candidates()
    first, second = (_project(drawn.assign(area_km2=area * by)) for by in (1.0, scale))
    alike = ["support", "compared", "nearest", "former_pilots"]
    assert_frame_equal(first[alike], second[alike])
    assert (first["distance"] - second["distance"]).abs().max() < 1e-9
    assert first["distance"].dropna().between(0, 1).all()


def test_no_distance_is_above_1(rng):
    found = project(_many(rng), _pilots(), definition=SHARE)
    assert found["distance"].dropna().between(0, 1).all()
    assert found["distance"].nunique() > 100


# ---- gain ---------------------------------------------------------------------------------------


def test_only_a_candidate_inside_gets_a_number():
    found = _project()
    assert found["gain_low"].notna().tolist() == found["support"].eq("inside").tolist()
    assert found["gain_high"].notna().tolist() == found["support"].eq("inside").tolist()


def test_a_gain_is_cut_to_what_a_candidates_own_share_leaves():
    found = _project(gain=(-35.0, 75.0))
    ends = found[["gain_low", "gain_high"]]
    assert ends.loc["90003"].tolist() == [-30, 70]
    assert ends.loc["90002"].tolist() == [-35, 60]
    assert ends.loc["90006"].tolist() == [-35, 75]


def test_a_share_under_another_definition_cuts_no_gain():
    other = _candidates().assign(definition="online_full_process")
    assert _project(other, gain=(0.0, 90.0)).loc["90003", "gain_high"] == 90


def test_without_an_estimate_there_is_no_gain():
    assert _project(gain=None)[["gain_low", "gain_high"]].isna().all(axis=None)


@pytest.mark.parametrize("gain", [(50.0, 10.0), (-101.0, 0.0), (0.0, 100.1)])
def test_a_gain_that_is_no_range_of_points_is_refused(gain):
    with pytest.raises(ValueError, match="low and high end in points"):
        _project(gain=gain)


@pytest.mark.parametrize("gain", [(-100.0, 100.0), (-60.0, -50.0), (10.0, 50.0), (95.0, 95.0)])
def test_a_gain_never_leads_out_of_0_to_100_and_keeps_its_ends_in_order(rng, gain):
    many = _many(rng)
    found = project(many, _pilots(), definition=SHARE, gain=gain)
    told = found[found["support"] == "inside"]
    shares = many.set_index("candidate")["online_share"][told["candidate"]].to_numpy()
    assert (told["gain_low"] <= told["gain_high"]).all()
    assert (shares + told["gain_low"] >= -1e-9).all()
    assert (shares + told["gain_high"] <= 100 + 1e-9).all()
    assert 20 < len(told) < len(many)
    assert found.loc[found["support"] != "inside", ["gain_low", "gain_high"]].isna().all(axis=None)


# ---- what the table is not ----------------------------------------------------------------------


def test_the_table_is_no_league_table():
    """It stands in the order of the codes, whatever comes out and however it came in."""
    shuffled = _candidates().iloc[[4, 0, 5, 2, 1, 3]]
    found = project(shuffled, _pilots(), definition=SHARE, gain=(10.0, 50.0))
    assert_frame_equal(
        found, project(_candidates(), _pilots(), definition=SHARE, gain=(10.0, 50.0))
    )
    assert found["candidate"].is_monotonic_increasing
    assert not found["distance"].dropna().is_monotonic_increasing
    assert not {name for name in found if "rank" in name or "place" in name or "score" in name}


def test_no_candidate_has_a_stage_before_the_draw():
    assert _project()["stage"].isna().all()


def test_the_tables_handed_over_are_not_changed():
    candidates, pilots = _candidates(), _pilots()
    before = candidates.copy(deep=True), pilots.copy(deep=True)
    project(candidates, pilots, definition=SHARE)
    common_support(candidates, pilots, definition=SHARE)
    assert_frame_equal(candidates, before[0])
    assert_frame_equal(pilots, before[1])


# ---- common support -----------------------------------------------------------------------------


def test_common_support_counts_what_is_known_and_what_lies_between_the_ends():
    found = common_support(_candidates(), _pilots(), definition=SHARE).set_index("covariate")
    assert list(found.index) == [*COVARIATES, "type"]
    assert found.loc["area_km2"].tolist() == [30, 60, 2, 5, 80]
    assert found.loc["population"].tolist() == [10000, 30000, 2, 4, 100]
    assert found.loc["online_share"].tolist() == [20, 40, 2, 4, 100]
    assert found.loc["type", ["pilots_known", "candidates_known", "inside_share"]].tolist() == [
        2, 6, 100,
    ]  # fmt: skip
    assert found.loc["type", ["low", "high"]].isna().all()


def test_common_support_of_what_nobody_knows_is_missing_and_never_0():
    found = common_support(_candidates(), _pilots(), definition=SHARE).set_index("covariate")
    assert found.loc["dossiers", ["low", "high", "inside_share"]].isna().all()
    without = common_support(_candidates(), _pilots().iloc[:0]).set_index("covariate")
    assert without["inside_share"].isna().all()
    assert without.loc["area_km2", "candidates_known"] == 5


def test_no_candidates_give_no_rows():
    none = schemas.empty("candidates")
    assert_frame_equal(project(none, _pilots()), schemas.empty("projections"))
    found = common_support(none, _pilots())
    assert found["candidates_known"].tolist() == [0] * 6
    assert found[["low", "high", "inside_share"]].isna().all(axis=None)


# ---- the press, and simulated data --------------------------------------------------------------


def _of(tables, province):
    candidates = tables["candidates"]
    return candidates[candidates["former_province"] == province].reset_index(drop=True)


@pytest.mark.parametrize(
    ("province", "held", "support"),
    [
        ("80", 3, {"inside": 18, "outside": 29, "unknown": 13}),
        ("06", 8, {"inside": 30, "outside": 2, "unknown": 5}),
        ("93", 0, {"unknown": 28}),
        ("04", 0, {"unknown": 56}),
    ],
)
def test_the_press_knows_the_area_and_the_type_of_a_candidate_and_nothing_else(
    press_tables, province, held, support
):
    found = project(_of(press_tables, province), press_tables["pilots"], definition=SHARE)
    assert found["former_pilots"].notna().sum() == held
    assert found["support"].value_counts().to_dict() == support
    assert set(found["compared"].dropna()) <= {"type", "area_km2;type"}
    assert found[["gain_low", "gain_high"]].isna().all(axis=None)


def test_simulated_candidates_are_compared_on_every_covariate(rng):
    tables = simulate.press_tables(rng=rng)
    found = project(
        tables["candidates"], tables["pilots"], definition=SHARE, gain=(20.0, 60.0)
    ).set_index("candidate")
    assert set(found["compared"]) == {";".join([*COVARIATES, "type"])}
    assert found["support"].isin(["inside", "outside"]).all()
    room = 100 - tables["candidates"].set_index("candidate")["online_share"]
    told = found["gain_high"].dropna()
    assert (told <= room[told.index] + 1e-9).all()
    assert len(told) == found["support"].eq("inside").sum() > 4
