from __future__ import annotations

import pytest
from drawn import table

from commune_pilots.clean.panel_units import YEAR, placed

UNITS = """
    code name level type parent parent_level valid_from valid_to successor successor_part
    00001 Một commune xã 001 district - 2025-06-30 00009 whole
    00002 Hai commune xã 001 district - 2025-06-30 00009 part
    00003 Ba commune xã 002 district - 2025-06-30 00003 whole
    00004 Bốn commune xã 002 district - 2025-06-30 - -
    00005 Năm commune xã 002 district - - - -
    00003 BaMới commune xã 99 province 2025-07-01 - - -
    00009 ChínMới commune xã 99 province 2025-07-01 - - -
"""
PILOTS = "unit  programme  opened  opened_precision  arm  source\n"


def _panel(*cells):
    rows = [f"{unit}  {month}-01  {month}-28" for unit, month in cells]
    header = "unit  period_start  period_end"
    return table(
        "\n".join([header, *rows]), of="panel", source="s1", indicator="online_share",
        definition="online_a", file="drawn", row=2,
    )  # fmt: skip


def _pilots(*rows):
    return table(PILOTS + "\n".join(rows), of="pilots")


def _units():
    return table(UNITS, of="units", province="99")


def _months(year, month):
    return YEAR * year + month - 1


@pytest.mark.parametrize(
    ("opened", "precision", "first_touched", "cohort"),
    [
        ("2023-03-01", "day", (2023, 3), (2023, 3)),
        ("2023-03-02", "day", (2023, 3), (2023, 4)),
        ("2023-12-15", "day", (2023, 12), (2024, 1)),
        ("2023-03-01", "month", (2023, 3), (2023, 4)),
        ("2023-01-01", "year", (2023, 1), (2024, 1)),
    ],
)
def test_the_cohort_is_the_first_full_month(opened, precision, first_touched, cohort):
    pilots = _pilots(f"00005  p1  {opened}  {precision}  pilot  s1")
    found = placed(_panel(("00005", "2023-02")), _units(), pilots).iloc[0]
    assert found["opening_from"] == _months(*first_touched)
    assert found["cohort"] == _months(*cohort)
    assert found[["unit_name", "district"]].tolist() == ["Năm", "002"]


def test_the_first_of_two_programmes_counts():
    pilots = _pilots(
        "00005  p1  2023-06-01  day  pilot  s1", "00005  p2  2023-03-01  day  pilot  s1"
    )
    found = placed(_panel(("00005", "2023-02")), _units(), pilots)
    assert found["cohort"].tolist() == [_months(2023, 3)]


@pytest.mark.parametrize(
    "rows",
    [
        ["00005  p1  -  unknown  pilot  s1"],
        ["00005  p1  2023-03-01  unknown  pilot  s1"],
        ["00005  p1  2023-06-01  day  pilot  s1", "00005  p2  -  unknown  pilot  s1"],
    ],
)
def test_a_pilot_without_a_known_start_is_neither_pilot_nor_comparison(rows):
    found = placed(_panel(("00005", "2023-02")), _units(), _pilots(*rows))
    assert found["reason"].tolist() == ["start_unknown"]


def test_comparison_communes_of_a_programme_are_never_treated():
    pilots = _pilots("00005  p1  2023-03-01  day  comparison  s1")
    found = placed(_panel(("00005", "2023-02")), _units(), pilots)
    assert found["cohort"].isna().all()
    assert found["reason"].isna().all()


def test_a_series_ends_where_its_commune_was_merged():
    panel = _panel(("00001", "2025-06"), ("00001", "2025-07"), ("00004", "2025-08"))
    found = placed(panel, _units(), _pilots())
    assert found["reason"].iloc[0] != found["reason"].iloc[0]  # missing: it stays
    assert found["reason"].tolist()[1:] == ["unit_ended", "unit_ended"]
    assert found["unit_name"].iloc[0] == "Một"


@pytest.mark.parametrize("former", ["00001", "00002"])
def test_a_unit_that_holds_a_former_pilot_is_left_out_even_if_only_a_part(former):
    pilots = _pilots(f"{former}  p1  2023-03-01  day  pilot  s1")
    found = placed(_panel(("00009", "2025-08")), _units(), pilots)
    assert found["reason"].tolist() == ["contains_former_pilot"]


def test_a_code_given_again_is_another_unit():
    panel = _panel(("00003", "2025-06"), ("00003", "2025-07"), ("00005", "2025-07"))
    pilots = _pilots("00003  p1  2023-03-01  day  pilot  s1")
    found = placed(panel, _units(), pilots)
    assert found["unit_name"].tolist() == ["Ba", "BaMới", "Năm"]
    assert found["cohort"].isna().tolist() == [False, True, True]
    assert found["reason"].isna().tolist() == [True, False, True]
    assert found["reason"].iloc[1] == "contains_former_pilot"


def test_a_unit_that_began_within_the_panel_is_left_out():
    panel = _panel(("00005", "2025-06"), ("00009", "2025-07"))
    found = placed(panel, _units(), _pilots())
    assert found["reason"].iloc[1] == "unit_began_later"
    later = placed(_panel(("00005", "2025-07"), ("00009", "2025-07")), _units(), _pilots())
    assert later["reason"].isna().all()
    assert later["district"].isna().tolist() == [False, True]  # no districts since July 2025


def test_codes_that_mean_no_unit_are_left_out():
    panel = _panel(("00009", "2025-06"), ("77777", "2025-06"))
    found = placed(panel, _units(), _pilots())
    assert found["reason"].tolist() == ["unit_not_valid", "unit_unknown"]


def test_pilots_outside_the_register_are_passed_over():
    pilots = _pilots("77777  p1  2023-03-01  day  pilot  s1")
    found = placed(_panel(("00005", "2023-02")), _units(), pilots)
    assert found["reason"].isna().all()
