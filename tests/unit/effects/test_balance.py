from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import table

from commune_pilots.effects.balance import COLUMNS, balance, before_treatment


def _panel(text):
    frame = table(text)
    ever = frame["cohort"].notna()
    since = (frame["period"] - frame["cohort"]).fillna(-1)
    return frame.assign(
        treated=ever & (since >= 0),
        opening=ever & (since == -1) & (frame["unit"] == "b"),
        share=100 * frame["numerator"] / frame["denominator"],
    )


PANEL = """
    unit  period  cohort  numerator  denominator
    a          0       3         10          100
    a          1       3         24          200
    a          2       3         14          100
    a          3       3         90          100
    b          0       3          5           50
    b          1       3          5           50
    b          2       3         40           50
    b          3       3         45           50
    c          0       -         20          100
    c          1       -         20          100
    c          2       -         99          100
    d          1       -         30          100
    e          0      99         40          100
    e          1      99         10          100
"""


def test_units_are_described_in_the_months_before_the_first_start_of_any():
    found = before_treatment(_panel(PANEL)).set_index("unit")
    assert found["treated"].to_dict() == {
        "a": True, "b": True, "c": False, "d": False, "e": False
    }  # fmt: skip
    assert found["share_before"].to_dict() == pytest.approx(
        {"a": 100 * 34 / 300, "b": 10.0, "c": 20.0, "d": 30.0, "e": 25.0}
    )
    assert found["dossiers_before"].to_dict() == pytest.approx(
        {"a": 150.0, "b": 50.0, "c": 100.0, "d": 100.0, "e": 100.0}
    )
    assert found["trend_before"].to_dict() == pytest.approx(
        {"a": 24.0, "b": 0.0, "c": 0.0, "d": np.nan, "e": -360.0}, nan_ok=True
    )


def test_without_a_start_or_a_month_before_it_nothing_is_described():
    panel = _panel(PANEL)
    with pytest.raises(ValueError, match="nobody is treated"):
        before_treatment(panel[panel["cohort"].isna()])
    with pytest.raises(ValueError, match="before the first start"):
        before_treatment(panel[panel["period"] >= 2])


def test_differences_are_in_standard_deviations_of_both_sides():
    units = pd.DataFrame(
        {"treated": [True, True, False, False, False], "share": [10.0, 14.0, 1.0, 2.0, 3.0]}
    )
    found = balance(units, covariates=["share"])
    row = found.iloc[0]
    assert list(found.columns) == list(COLUMNS)
    assert row["difference"] == pytest.approx(10.0)
    assert row["standardised"] == pytest.approx(10 / np.sqrt((8 + 1) / 2))
    assert row["variance_ratio"] == pytest.approx(8.0)
    assert (row["n_treated"], row["n_comparison"]) == (2, 3)


def test_what_a_fair_lot_gives_stands_beside_the_difference(rng):
    units = pd.DataFrame({"treated": np.arange(108) < 8, "share": np.zeros(108)})
    drawn = []
    for _ in range(120):
        units["share"] = rng.normal(size=108)
        drawn.append(balance(units, covariates=["share"])["standardised"].iloc[0])
    told = balance(units, covariates=["share"])["by_chance"].iloc[0]
    assert told == pytest.approx(np.sqrt(1 / 8 + 1 / 100))
    assert np.std(drawn) == pytest.approx(told, rel=0.2)


def test_missing_values_are_left_out_of_their_covariate():
    units = pd.DataFrame(
        {
            "treated": [True, True, True, False, False],
            "share": [1.0, 3.0, np.nan, 4.0, 8.0],
            "size": pd.array([1, 2, 3, 4, 5], dtype="Int64"),
        }
    )
    found = balance(units, covariates=["share", "size"]).set_index("covariate")
    assert found["n_treated"].to_dict() == {"share": 2, "size": 3}
    assert found.loc["share", "mean_treated"] == 2.0


def test_one_treated_unit_or_no_spread_has_no_standardised_difference():
    one = pd.DataFrame({"treated": [True, False, False], "share": [1.0, 2.0, 3.0]})
    flat = pd.DataFrame({"treated": [True, True, False, False], "share": [1.0] * 4})
    for units in (one, flat):
        assert balance(units, covariates=["share"])["standardised"].isna().all()
