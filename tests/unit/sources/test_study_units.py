"""Units of a study: level, kind, parent and province follow; the register stays as it is."""

from __future__ import annotations

import pandas as pd
import pytest
import studied

from commune_pilots.contracts import workbook
from commune_pilots.sources.study_sheets import Entry, Filled
from commune_pilots.sources.study_units import Place, first_code, kind_of, read_units

SHEET = workbook.sheet_of("units")


def _entries(drawing):
    entries = []
    for at, row in enumerate(studied.drawn_rows(drawing), start=2):
        values = {
            name: (value,) if name == "parent" else value
            for name, value in row.items()
            if value is not None
        }
        if "valid_from" in values:
            values["valid_from"] = pd.Timestamp(values["valid_from"])
        entries.append(
            Entry(at, values, {name: str(value) for name, value in row.items() if value})
        )
    return Filled(SHEET, "x", tuple(entries))


@pytest.fixture
def reader(press_tables):
    return lambda drawing: read_units(_entries(drawing), press_tables["units"])


def test_level_kind_and_province_follow_from_code_name_and_parent(reader):
    rows, placed, failures = reader("""
        code  | name              | parent
        96    | Tỉnh Cà Mau       |
        964   | Thành phố Cà Mau  | 96
        31999 | Phường 9          | 964
        32001 | Thị trấn Cái Nước | 96
    """)
    assert failures == []
    told = [
        tuple(row[name] for name in ("level", "type", "parent", "parent_level", "province"))
        for _, row in rows
    ]
    assert told == [
        ("province", "tỉnh", "VN", "country", "96"),
        ("district", "thành phố", "96", "province", "96"),
        ("commune", "phường", "964", "district", "96"),
        ("commune", "thị trấn", "96", "province", "96"),
    ]
    assert [number for number, _ in rows] == [2, 3, 4, 5]
    assert placed["31999"] == Place("Phường 9", "96")


def test_a_unit_of_the_register_is_not_added_and_keeps_its_name(reader):
    rows, placed, failures = reader("""
        code  | name                 | parent
        28159 | Thị trấn Cần Giuộc   |
        28160 | Xã mới               | 807
    """)
    assert failures == []
    assert [row["code"] for _, row in rows] == ["28160"]
    assert placed["28159"] == Place("Xã Cần Giuộc", "80")  # what the code means today
    assert placed["28160"].province == "80"


def test_a_code_of_the_register_under_another_name_is_refused_unless_it_has_a_day(reader):
    _, _, failures = reader("code | name | parent\n28159 | Xã Cần Đước | 807")
    assert [one.rule for one in failures] == ["study_unit_named"]
    assert "Thị trấn Cần Giuộc" in failures[0].sentence("vi")
    rows, _, failures = reader(
        "code | name | parent | valid_from\n28159 | Xã Cần Đước | 80 | 2027-01-01"
    )
    assert failures == []
    assert rows[0][1]["valid_from"] == pd.Timestamp("2027-01-01")


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("9601 | Huyện A | 96", "Mã đơn vị", "study_unit_code"),
        ("ca1 | Huyện A | 96", "Mã đơn vị", "study_unit_code"),
        ("963 | Cà Mau | 96", "Tên đơn vị", "study_unit_name"),
        ("963 | Huyện A |", "Thuộc đơn vị", "required"),
        ("963 | Huyện A | 28159", "Thuộc đơn vị", "study_parent"),
        ("963 | Huyện A | 97", "Thuộc đơn vị", "study_parent"),
        ("963 | Huyện A | 964", "Thuộc đơn vị", "study_parent"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_cell(reader, row, column, rule):
    rows, placed, failures = reader(
        f"code | name | parent\n96 | Tỉnh Cà Mau |\n964 | Thành phố B | 96\n{row}"
    )
    assert [(one.row, one.column, one.rule) for one in failures] == [(4, column, rule)]
    assert len(rows) == 2
    assert row.partition(" ")[0] in placed  # a row that names it has no second fault


def test_a_unit_stands_once(reader):
    rows, _, failures = reader("""
        code | name        | parent
        96   | Tỉnh Cà Mau |
        96   | Tỉnh Cà Mau |
    """)
    assert [(one.row, one.rule) for one in failures] == [(3, "study_unit_twice")]
    assert dict(failures[0].rule_values) == {"accepted": 2}
    assert len(rows) == 1


def test_without_a_sheet_the_register_alone_is_known(press_tables):
    rows, placed, failures = read_units(None, press_tables["units"])
    assert (rows, failures) == ([], [])
    assert set(placed) == set(press_tables["units"]["code"])


def test_a_name_that_only_looks_like_a_kind_has_none():
    assert [kind_of(name) for name in ("Xã Mỹ Lộc", "Xãm", "Thành phố Tân An", "Cà Mau")] == [
        "xã", "", "thành phố", "",
    ]  # fmt: skip
    assert [first_code(value) for value in (("28159", "28160"), (), None)] == ["28159", "", ""]
