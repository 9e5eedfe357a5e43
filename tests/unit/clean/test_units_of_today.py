from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from drawn import table
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import ROOT, units

from commune_pilots import schemas
from commune_pilots.clean.units_of_today import complete_units, gaps, of_today

REGISTER = """
    code   valid_from  valid_to    level    successor  successor_part
    00001  -           2025-06-30  commune  00001      whole
    00002  -           2025-06-30  commune  00001      whole
    00001  2025-07-01  -           commune  -          -
    00003  -           2025-06-30  commune  00005      part
    00003  -           2025-06-30  commune  00006      part
    00004  -           2025-06-30  commune  00005      whole
    00005  2025-07-01  -           commune  -          -
    00006  2025-07-01  -           commune  -          -
    00007  -           -           commune  -          -
    900    -           2025-06-30  district -          -
"""
MONTHS = {
    "may": ("2025-05-01", "2025-05-31"),
    "june": ("2025-06-01", "2025-06-30"),
    "july": ("2025-07-01", "2025-07-31"),
}


def _register():
    return table(REGISTER, of="units", name="Xã", type="xã")


def _panel(drawing):
    """Draw months of counts; a note is written with + for each space."""
    drawn = table("unit month numerator denominator definition note\n" + drawing.strip())
    rows = [
        {
            **{name: None if pd.isna(value) else value for name, value in row.items()},
            **dict(zip(("period_start", "period_end"), MONTHS[row["month"]], strict=True)),
            "note": None if pd.isna(row["note"]) else row["note"].replace("+", " "),
            "source": "s1",
            "indicator": "online_share",
            "file": "a.csv",
            "row": 2,
        }
        for row in drawn.to_dict("records")
    ]
    return schemas.build([{n: v for n, v in row.items() if n != "month"} for row in rows], "panel")


def _summed(drawing, *, complete=None):
    panel, found = of_today(_panel(drawing), _register(), complete=complete)
    return panel, [(one.rule, one.value) for one in found]


def test_former_communes_add_up_to_the_commune_they_became():
    panel, found = _summed(
        """
        00001  june  10  100  d1  -
        00002  june  20   50  d1  -
        """
    )
    assert panel[["unit", "numerator", "denominator"]].to_numpy().tolist() == [["00001", 30, 150]]
    assert panel["note"].tolist() == ["sum over former communes of today's unit: 00001, 00002"]
    assert found == []


def test_months_from_the_day_of_the_mergers_stay_as_they_are():
    panel, _ = _summed(
        """
        00001  june  10  100  d1  -
        00002  june  20   50  d1  -
        00001  july   7    9  d1  x
        """
    )
    assert panel["denominator"].tolist() == [150, 9]
    assert panel["note"].iloc[1] == "x"
    assert panel["row"].tolist() == [2, 3]


def test_a_commune_that_was_split_leaves_both_successors_without_a_count():
    panel, found = _summed(
        """
        00003  june  10  100  d1  -
        00004  june  20   50  d1  -
        """
    )
    assert panel["unit"].tolist() == ["00005", "00006"]
    assert panel[["numerator", "denominator"]].isna().all(axis=None)
    assert panel["note"].str.contains("00003 was split and the share is unknown").all()
    assert found == [("former_split", "00003 → 00005"), ("former_split", "00003 → 00006")]


def test_a_month_that_one_former_commune_did_not_report_has_no_count_and_says_so():
    panel, found = _summed(
        """
        00001  may   10  100  d1  -
        00001  june  10  100  d1  -
        00002  june  20   50  d1  -
        """
    )
    assert panel["denominator"].isna().tolist() == [True, False]
    assert panel["note"].iloc[0].endswith("no count: former commune 00002 reported nothing")
    assert found == [("former_silent", "00002 → 00001")]


def test_an_unknown_count_of_one_former_commune_is_an_unknown_sum():
    panel, found = _summed(
        """
        00001  june  -   100  d1  -
        00002  june  20   50  d1  -
        """
    )
    assert panel[["numerator", "denominator"]].isna().all(axis=None)
    assert found == [("former_unknown", "00001")]


def test_one_former_commune_told_twice_is_not_added_twice():
    panel, found = _summed(
        """
        00001  june  10  100  d1  -
        00001  june  10  100  d1  -
        00002  june  20   50  d1  -
        """
    )
    assert panel["denominator"].isna().tolist() == [True]
    assert found == [("former_twice", "00001")]


def test_two_definitions_never_meet_in_one_sum():
    panel, _ = _summed(
        """
        00001  june  10  100  d1  -
        00002  june  20   50  d2  -
        """
    )
    assert panel["definition"].tolist() == ["d1", "d2"]
    assert panel["numerator"].isna().all()


def test_a_unit_whose_former_communes_are_not_all_listed_has_no_count():
    drawing = """
        00001  june  10  100  d1  -
        00002  june  20   50  d1  -
        """
    panel, found = _summed(drawing, complete={"00005"})
    assert panel["numerator"].isna().all()
    assert found == [("former_unlisted", "00001")]
    panel, found = _summed(drawing, complete={"00001"})
    assert panel["numerator"].tolist() == [30]
    assert found == []


def test_a_commune_that_no_merger_touched_goes_on():
    panel, found = _summed("00007  june  10  100  d1  -\n00007  july  11  100  d1  -")
    assert panel["numerator"].tolist() == [10, 11]
    assert found == []


def test_rows_that_no_commune_of_today_can_take_are_left_out_and_told():
    panel, found = _summed("900  june  10  100  d1  -\n99999  june  1  2  d1  -")
    assert panel.empty
    assert found == [("not_of_today", "900"), ("not_of_today", "99999")]


def test_simulated_months_stay_labelled_and_unknown_dossiers_add_up():
    panel, _ = _summed(
        """
        00001  june  10  100  d1  simulated;+3+unknown
        00002  june  20   50  d1  simulated;+4+unknown
        """
    )
    assert panel["note"].iloc[0].startswith("simulated; 7 unknown; sum over")


def test_the_callers_tables_are_not_changed():
    panel, register = _panel("00001  june  10  100  d1  -"), _register()
    before = panel.copy(deep=True), register.copy(deep=True)
    of_today(panel, register, complete=None)
    pd.testing.assert_frame_equal(panel, before[0])
    pd.testing.assert_frame_equal(register, before[1])


def test_a_panel_without_rows_stays_without_rows():
    assert of_today(_panel(""), _register(), complete=None)[0].empty


@pytest.mark.slow
@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.sampled_from(["00001", "00002", "00007"]), st.sampled_from(list(MONTHS))),
        unique=True,
    ),
    st.integers(1, 900),
)
def test_a_whole_sum_is_never_more_or_less_than_its_parts(cells, size):
    drawing = "\n".join(
        f"{unit} {month} {at} {at + size} d1 -" for at, (unit, month) in enumerate(cells)
    )
    given_panel = _panel(drawing)
    panel, _ = of_today(given_panel, _register(), complete=None)
    for row in panel[panel["denominator"].notna()].to_dict("records"):
        month = given_panel[given_panel["period_start"] == row["period_start"]]
        merged = row["unit"] == "00001" and row["period_end"] < pd.Timestamp("2025-07-01")
        own = month[month["unit"].isin(["00001", "00002"] if merged else [row["unit"]])]
        assert len(own) == (2 if merged else 1)
        assert row["denominator"] == own["denominator"].sum()


def test_units_of_the_press_register_are_complete_only_where_every_former_commune_is_listed():
    candidates = pd.read_csv(ROOT / "data" / "raw" / "press" / "candidates.csv", dtype="str")
    found = complete_units(units(), candidates)
    # Vị Thanh is made of three wards, all listed; of Cần Giuộc's three communes one is listed.
    assert "31321" in found
    assert "28159" not in found


@pytest.mark.parametrize(
    ("code", "day", "gap"),
    [
        ("00001", dt.date(2025, 6, 30), None),
        ("00007", dt.date(2025, 6, 30), None),
        ("00003", dt.date(2025, 6, 30), "split"),
        ("00005", dt.date(2025, 6, 30), "not_then"),
        ("00002", dt.date(2025, 7, 1), "not_then"),
        ("900", dt.date(2025, 6, 30), "ended"),
        ("99999", dt.date(2025, 6, 30), "unlisted"),
    ],
)
def test_a_code_that_leads_to_no_unit_of_today_is_told_with_its_rows(code, day, gap):
    found = gaps(_register(), pd.Series({code: 2}), on=day)
    assert found.to_numpy().tolist() == ([[code, 2, gap]] if gap else [])
