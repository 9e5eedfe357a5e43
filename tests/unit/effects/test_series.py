from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import in_contract, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.effects.series import longest_run, project_series, summarise

NAMES = {"00001": "Xã A", "00002": "Xã B"}
BEFORE = [12, 15, 9, 14, 11, 16, 10, 13, 15, 12, 11, 14]
AFTER = [13, 40, 12, 2]
OF_THE_SERIES = ["outcome", "season", "dispersion", "autocorrelation"]
PROJECTED = ["expected", "low", "high", "side"]


def _panel(counts, *, unit="00001", first="2021-01", n=50, definition="online_full_process"):
    starts = pd.date_range(f"{first}-01", periods=len(counts), freq="MS")
    totals = n if isinstance(n, list) else [n] * len(counts)
    rows = pd.DataFrame(
        {
            "unit": unit,
            "period_start": starts,
            "period_end": starts + pd.offsets.MonthEnd(0),
            "numerator": counts,
            "denominator": totals,
            "definition": definition,
        }
    )
    return in_contract(
        rows.assign(source="s1", indicator="online_share", file="drawn", row=2), "panel"
    )


def _pilots(opened="2022-01-01", precision="day", *, unit="00001", arm="pilot"):
    return table(
        f"""
        unit    opened    opened_precision  arm
        {unit}  {opened}  {precision}       {arm}
        """,
        of="pilots",
        programme="p",
        source="s1",
    )


def _projected(panel=None, pilots=None, *, alpha=0.05):
    return project_series(
        _panel(BEFORE + AFTER) if panel is None else panel,
        _pilots() if pilots is None else pilots,
        NAMES,
        alpha=alpha,
    )


def _phases(*args, **kwargs):
    return _projected(pilots=_pilots(*args, **kwargs))["phase"].tolist()


def test_each_month_keeps_its_row_and_its_counts_in_order():
    shuffled = _panel(BEFORE + AFTER).sample(frac=1, random_state=1)
    found = _projected(shuffled)
    assert found["period_start"].is_monotonic_increasing
    assert found["numerator"].tolist() == BEFORE + AFTER
    assert found["share"].tolist() == [100 * k / 50 for k in BEFORE + AFTER]
    assert set(found["unit_name"]) == {"Xã A"}
    assert schemas.check(found, "series") is found


def test_months_before_have_what_was_fitted_and_no_band():
    before = _projected().query("phase == 'before'")
    assert len(before) == 12
    assert before["expected"].between(20, 30).all()
    assert before[["low", "high"]].isna().all(axis=None)
    assert before["side"].isna().all()


def test_months_after_are_beside_the_band_they_print_on():
    after = _projected().query("phase == 'after'")
    assert after["side"].tolist() == ["inside", "above", "inside", "below"]
    assert (after["low"] < after["expected"]).all()
    assert (after["expected"] < after["high"]).all()


def test_a_lower_error_level_widens_the_band_and_moves_no_expectation():
    wide, narrow = _projected(alpha=0.001), _projected(alpha=0.2)
    assert wide["expected"].equals(narrow["expected"])
    after = wide["phase"] == "after"
    assert (wide["low"] < narrow["low"])[after].all()
    assert (wide["high"] > narrow["high"])[after].all()


def test_months_after_the_start_move_nothing_that_is_expected():
    other = _projected(_panel([*BEFORE, 1, 2, 3, 4]))
    first = _projected()
    assert_frame_equal(
        other[["expected", "low", "high", *OF_THE_SERIES]],
        first[["expected", "low", "high", *OF_THE_SERIES]],
    )


def test_what_is_told_of_the_whole_series_stands_in_each_row():
    found = _projected()
    assert len(found[OF_THE_SERIES].drop_duplicates()) == 1
    assert (found["outcome"] == "projected").all()
    assert found["dispersion"].iloc[0] > 0


def test_the_callers_tables_are_not_changed():
    panel, pilots = _panel(BEFORE + AFTER), _pilots()
    copies = panel.copy(deep=True), pilots.copy(deep=True)
    project_series(panel, pilots, NAMES, alpha=0.05)
    assert_frame_equal(panel, copies[0])
    assert_frame_equal(pilots, copies[1])


def test_no_counts_give_no_rows_that_keep_the_contract():
    found = _projected(schemas.empty("panel"))
    assert_frame_equal(found, schemas.empty("series"))
    assert summarise(found).empty


# Before, at and after the start


def test_a_start_on_the_first_day_leaves_every_month_before_or_after():
    assert _phases("2022-01-01") == ["before"] * 12 + ["after"] * 4


def test_the_month_that_a_start_falls_into_is_neither_before_nor_after():
    phases = _phases("2022-01-15")
    assert phases == ["before"] * 12 + ["opening"] + ["after"] * 3


def test_a_start_on_the_last_day_of_a_month_has_that_month_neither_way():
    assert _phases("2021-12-31")[11:13] == ["opening", "after"]


@pytest.mark.parametrize("day", ["2022-01-01", "2022-01-31"])
def test_a_start_known_to_the_month_has_that_month_neither_way(day):
    assert _phases(day, "month") == ["before"] * 12 + ["opening"] + ["after"] * 3


def test_a_start_known_to_the_year_has_that_year_neither_way():
    found = _projected(_panel(BEFORE * 4, first="2020-01"), _pilots("2022-01-01", "year"))
    assert found["phase"].tolist() == ["before"] * 24 + ["opening"] * 12 + ["after"] * 12
    opening = found.query("phase == 'opening'")
    assert opening["expected"].notna().all()
    assert opening[["low", "side"]].isna().all(axis=None)


@pytest.mark.parametrize(
    "pilots",
    [
        _pilots("-"),
        _pilots("2022-01-01", "unknown"),
        _pilots(unit="00002"),
        _pilots(arm="comparison"),
    ],
)
def test_without_a_dated_start_nothing_is_projected_and_the_reason_is_kept(pilots):
    found = _projected(pilots=pilots)
    assert set(found["outcome"]) == {"no_start"}
    assert set(found["phase"]) == {"unknown"}
    assert found[[*PROJECTED, "opened", "dispersion"]].isna().all(axis=None)
    assert found["share"].notna().all()


def test_the_first_of_two_starts_counts():
    both = pd.concat([_pilots("2022-03-01"), _pilots("2022-01-01")], ignore_index=True)
    found = _projected(pilots=both)
    assert found["phase"].tolist() == ["before"] * 12 + ["after"] * 4
    assert set(found["opened"]) == {pd.Timestamp(2022, 1, 1)}


# What cannot be projected


@pytest.mark.parametrize(
    ("counts", "n", "outcome"),
    [
        (BEFORE[1:] + AFTER, 50, "too_few_months"),
        ([1] * 12 + AFTER, 50, "too_few_dossiers"),
        ([0] * 12 + AFTER, 50, "too_few_dossiers"),
        ([50] * 16, 50, "too_few_dossiers"),
        (BEFORE, 50, "no_month_after"),
    ],
)
def test_what_cannot_be_projected_keeps_its_reason_and_has_no_band(counts, n, outcome):
    first = "2021-01" if len(counts) in (12, 16) else "2021-02"
    found = _projected(_panel(counts, n=n, first=first))
    assert set(found["outcome"]) == {outcome}
    assert found[[*PROJECTED, "dispersion"]].isna().all(axis=None)
    assert not found["season"].any()
    assert set(found["phase"]) <= {"before", "after"}


def test_months_are_not_projected_further_ahead_than_those_before_reach_back():
    found = _projected(_panel(BEFORE + [12] * 15))
    after = found.query("phase == 'after'")
    assert after["side"].notna().tolist() == [True] * 12 + [False] * 3
    assert after["expected"].notna().equals(after["side"].notna())
    assert after["share"].notna().all()


def test_months_too_far_ahead_are_no_month_after():
    late = _panel([12] * 3, first="2023-02")
    found = _projected(pd.concat([_panel(BEFORE), late], ignore_index=True))
    assert set(found["outcome"]) == {"no_month_after"}


# Missing is missing


def test_a_month_without_dossiers_or_counts_has_no_share_and_no_side():
    panel = _panel([*BEFORE, 0, 40, 5, 3], n=[50] * 12 + [0, 50, 50, 50])
    panel.loc[14, "numerator"] = pd.NA
    panel.loc[15, "denominator"] = pd.NA
    after = _projected(panel).query("phase == 'after'")
    assert after["share"].notna().tolist() == [False, True, False, False]
    assert after["side"].tolist()[1] == "above"
    assert after["side"].notna().tolist() == [False, True, False, False]
    assert after["expected"].notna().all()


def test_an_unknown_month_before_is_left_out_and_not_taken_as_none():
    longer = _panel([14, *BEFORE, *AFTER], first="2020-12")
    longer.loc[0, "numerator"] = pd.NA
    after, known = (found.query("phase == 'after'") for found in (_projected(longer), _projected()))
    assert np.allclose(after["expected"], known["expected"])
    short = _panel(BEFORE + AFTER)
    short.loc[0, "numerator"] = pd.NA
    assert set(_projected(short)["outcome"]) == {"too_few_months"}


def test_series_of_two_units_and_of_two_definitions_are_apart():
    panels = [
        _panel(BEFORE + AFTER),
        _panel(BEFORE + AFTER, definition="online_remote_only"),
        _panel(BEFORE[2:] + AFTER, unit="00002"),
    ]
    found = _projected(pd.concat(panels, ignore_index=True))
    assert summarise(found)["outcome"].tolist() == ["projected", "projected", "no_start"]
    assert found["unit_name"].value_counts().to_dict() == {"Xã A": 32, "Xã B": 14}


# Summary


def test_a_summary_counts_months_and_those_outside_the_band():
    (row,) = summarise(_projected()).to_dict("records")
    counted = {name: row[name] for name in ("months", "before", "judged", "above", "below")}
    assert counted == {"months": 16, "before": 12, "judged": 4, "above": 1, "below": 1}
    assert row["median"] == 2 * 12.5
    assert (row["outcome"], row["opened"]) == ("projected", pd.Timestamp(2022, 1, 1))


def test_the_longest_series_comes_first_and_equals_stand_in_the_order_of_codes():
    panels = [_panel(BEFORE, unit="00002"), _panel(BEFORE + AFTER), _panel(BEFORE, unit="00003")]
    found = project_series(
        pd.concat(panels, ignore_index=True), _pilots(), {**NAMES, "00003": "Xã C"}, alpha=0.05
    )
    assert summarise(found)["unit"].tolist() == ["00001", "00002", "00003"]


def test_a_run_is_taken_about_the_median_of_the_months_before():
    found = _projected(_panel([*BEFORE, 20, 21, 19, 5, 22, 23]))
    assert summarise(found)["longest_run"].tolist() == [3]


@pytest.mark.parametrize(
    ("signs", "longest"),
    [
        ([1, 1, 1, -1, -1], 3),
        ([1, -1, 1, -1], 1),
        ([1, 0, 1, 0, 1], 3),
        ([1, None, 1], 2),
        ([-1, -1, 0, -1, 1], 3),
        ([0, 0], 0),
        ([], 0),
    ],
)
def test_points_on_the_median_and_unknown_ones_neither_add_to_a_run_nor_break_it(signs, longest):
    assert longest_run(pd.Series(signs, dtype=float)) == longest
