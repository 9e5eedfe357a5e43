from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from bad_files import known, units

from commune_pilots.sources.unit_names import (
    name_key,
    named,
    register,
    same_name,
    valid,
    within,
)


@pytest.mark.parametrize(
    "name",
    [
        "Phường 4",
        "PHƯỜNG 4",
        "P.4",
        "P. 4",
        "P4",
        "phường 04",
        "UBND phường 4",
        "Phường  4",
        "Ủy ban nhân dân phường 4",
        "- Phường 4",
        "Phường 4.",
    ],
)
def test_every_spelling_of_a_ward_has_one_key(name):
    assert name_key(name) == ("phường", "4")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Phường 4", "Phường 14"),
        ("Phường 4", "Xã 4"),
        ("Xã Hòa Bình", "Xã Hóa Bình"),
        ("Phường I", "Phường 1"),
        ("Xã Tân Hòa", "Xã Tân Hòa A"),
    ],
)
def test_names_that_only_resemble_each_other_stay_apart(one, other):
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("TT. Cần Giuộc", "thị trấn"),
        ("TT Cần Giuộc", "thị trấn"),
        ("TP. Tân An", "thành phố"),
        ("Thị xã Ngã Bảy", "thị xã"),
        ("H. Cần Giuộc", "huyện"),
        ("Cần Giuộc", ""),
        ("Xuân Hội", ""),
    ],
)
def test_the_type_of_a_unit_is_read_from_its_name(name, key):
    assert name_key(name)[0] == key


def test_the_place_of_a_tone_does_not_matter():
    assert name_key("Xã Hoà Bình") == name_key("Xã Hòa Bình")
    assert name_key("Xã Thuỷ Tây") == name_key("Xã Thủy Tây")


def test_the_register_holds_the_communes_by_code_and_by_name():
    assert [unit.name for unit in known().by_code["28159"]] == [
        "Xã Cần Giuộc",
        "Thị trấn Cần Giuộc",
    ]
    assert {unit.code for unit in named(known(), "Tân Tiến")} == {"01001", "02002"}
    assert [unit.name for unit in named(known(), "Thị trấn Cần Giuộc")] == ["Thị trấn Cần Giuộc"]
    assert named(known(), "Huyện Cần Giuộc") == []


def test_the_rows_of_a_split_are_one_unit_with_several_successors():
    table = units()
    split = table[table["code"] == "27691"].assign(successor="27697", successor_part="part")
    found = register(pd.concat([table, split])).by_code["27691"]
    assert [unit.successors for unit in found] == [("27694", "27697")]


def test_a_unit_is_valid_only_through_the_whole_of_a_period():
    old = next(unit for unit in known().by_code["27691"])
    assert valid(old, dt.date(2025, 6, 1), dt.date(2025, 6, 30))
    assert not valid(old, dt.date(2025, 6, 1), dt.date(2025, 7, 31))
    new = known().by_code["27694"][0]
    assert not valid(new, dt.date(2025, 6, 1), dt.date(2025, 6, 30))


@pytest.mark.parametrize("province", ["80", "Long An", "tỉnh Long An"])
def test_a_name_counts_inside_its_province(province):
    kept = within(named(known(), "Xã Tân Tiến"), known(), province=province, district=None)
    assert [unit.code for unit in kept] == ["02002"]


def test_a_name_counts_inside_its_district():
    everywhere = named(known(), "Cần Giuộc")
    assert len(within(everywhere, known(), province=None, district=None)) == 2
    kept = within(everywhere, known(), province="80", district="H. Cần Giuộc")
    assert [unit.name for unit in kept] == ["Thị trấn Cần Giuộc"]


@pytest.mark.parametrize(
    ("name", "same"),
    [("Cần Giuộc", True), ("xã cần giuộc", True), ("Thị trấn Cần Giuộc", False), ("Xã Cần", False)],
)
def test_a_name_beside_a_code_must_be_its_own(name, same):
    assert same_name(known().by_code["28159"][0], name) is same
