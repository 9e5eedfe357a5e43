from __future__ import annotations

import datetime as dt

import pytest
from drawn import table

from commune_pilots import schemas
from commune_pilots.contracts import workbook
from commune_pilots.desk import known_units
from commune_pilots.desk.known_units import known_rows, shown_candidates, shown_units, units_known
from commune_pilots.errors import ParameterError

UNITS = """
    code   valid_from  valid_to    name         level     parent  parent_level  province  successor  successor_part
    VN     -           -           Việt_Nam     country   -       -             -         -          -
    11     -           2025-06-30  Tỉnh_Cũ      province  VN      country       11        12         whole
    12     -           2025-06-30  Tỉnh_Bên     province  VN      country       12        12         whole
    12     2025-07-01  -           Tỉnh_Mới     province  VN      country       12        -          -
    111    -           2025-06-30  Huyện_Một    district  11      province      11        -          -
    00001  -           2025-06-30  Xã_Một       commune   111     district      11        00001      whole
    00002  -           2025-06-30  Thị_trấn_Hai commune   111     district      11        00001      part
    00002  -           2025-06-30  Thị_trấn_Hai commune   111     district      11        00009      part
    00008  -           2025-06-30  Xã_Tám       commune   -       -             12        00009      whole
    00001  2025-07-01  -           Xã_Một       commune   12      province      12        -          -
    00009  2025-07-01  -           Xã_Chín      commune   12      province      12        -          -
"""  # noqa: E501


@pytest.fixture
def units():
    drawn = table(UNITS)
    spaced = drawn.assign(name=drawn["name"].str.replace("_", " "))
    blank = schemas.empty("units")
    return spaced.reindex(columns=list(blank.columns)).astype(dict(blank.dtypes))


def test_units_of_a_province_come_with_those_its_communes_became(units):
    shown = shown_units(units, province="11")
    assert [(row["code"], row["name"]) for row in shown] == [
        ("11", "Tỉnh Cũ"),
        ("12", "Tỉnh Mới"),
        ("111", "Huyện Một"),
        ("00002", "Thị trấn Hai"),
        ("00002", "Thị trấn Hai"),
        ("00001", "Xã Một"),
        ("00009", "Xã Chín"),
        ("00001", "Xã Một"),
    ]


def test_a_unit_is_written_as_the_workbook_shows_it(units):
    row = next(row for row in shown_units(units, province="11") if row["code"] == "00002")
    assert row == {
        "code": "00002",
        "name": "Thị trấn Hai",
        "parent": "111 · Huyện Một",
        "valid_to": dt.date(2025, 6, 30),
        "successor": "00001",
        "successor_part": "một phần",
    }


def test_candidates_are_made_of_communes_of_the_province_and_of_no_other(units):
    assert shown_candidates(units, province="11") == [
        {
            "source": known_units.REGISTER,
            "candidate": "00001 · Xã Một",
            "formers": "00001 · Xã Một; 00002 · Thị trấn Hai",
            "former_province": "11 · Tỉnh Cũ",
        }
    ]


def test_candidates_that_the_project_has_already_are_not_listed_again(units):
    fresh = known_rows(units, schemas.empty("candidates"), province="11")
    assert [row["source"] for row in fresh["sources"]] == [known_units.REGISTER]
    known = schemas.empty("candidates").reindex([0]).assign(former_province="11")
    assert set(known_rows(units, known, province="11")) == {"units"}


def test_without_the_register_of_the_country_the_units_of_the_press_stand(monkeypatch, units):
    def absent(press):
        raise ParameterError("units_extra", version="1")

    monkeypatch.setattr(known_units, "all_units", absent)
    assert units_known(units) is units


def test_the_kind_of_a_unit_is_written_as_it_is_read_back(monkeypatch, units):
    loud = units.assign(name=units["name"].str.replace("Thị trấn", "Thị Trấn"))
    monkeypatch.setattr(known_units, "all_units", lambda press: (loud, []))
    assert "Thị trấn Hai" in set(units_known(units)["name"])


def test_every_row_names_columns_of_the_contract(units):
    for name, rows in known_rows(units, schemas.empty("candidates"), province="11").items():
        known = {column.name for column in workbook.sheet_of(name).columns}
        assert all(set(row) <= known for row in rows)
