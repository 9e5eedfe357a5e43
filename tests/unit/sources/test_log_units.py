from __future__ import annotations

import pytest
from office_logs import HEADER, book, log, refused, row, told, values

from commune_pilots.errors import InputError
from commune_pilots.sources.log_units import Place

NAMED = ["Số hồ sơ", "Xã/phường", *HEADER[2:]]
AGENCY = ["Số hồ sơ", "Cơ quan/đơn vị", *HEADER[2:]]
HERE = Place(province="80")


def test_a_code_that_lost_its_zeros_is_restored_and_told():
    found = book(row(c1=123))
    assert values(found, "unit") == ["00123"]
    assert told(found)["code_zeros"] == "Mã xã"


@pytest.mark.parametrize("code", ["99999", "xã"])
def test_an_unknown_code_keeps_its_row_out(code):
    assert refused(log(row(c1=code))) == [(2, "Mã xã", "code_unknown")]


def test_a_merged_commune_keeps_its_code_which_is_judged_by_the_day_later():
    assert values(log(row(c1="27691")), "unit") == ["27691"]


@pytest.mark.parametrize("name", ["Xã Cần Giuộc", "UBND xã Cần Giuộc", "X. Cần Giuộc"])
def test_a_name_is_exact_inside_the_province(name):
    assert values(log(row(c1=name), header=NAMED, place=HERE), "unit") == ["28159"]


@pytest.mark.parametrize(
    ("name", "place", "rule"),
    [
        ("Xã Cần Giuộk", HERE, "unit_unknown"),
        ("Xã Tân Tiến", Place(), "unit_ambiguous"),
        ("Xã Cần Giuộc", Place(province="06"), "unit_unknown"),
        ("Sở Y tế", HERE, "not_a_commune"),
        ("Huyện Cần Giuộc", HERE, "not_a_commune"),
        ("", HERE, "unit_blank"),
    ],
)
def test_an_unknown_or_ambiguous_name_keeps_its_row_out(name, place, rule):
    found = log(row(c1=name), header=NAMED, place=place)
    assert [one for *_, one in refused(found)] == [rule]


def test_a_name_means_the_commune_of_its_day():
    days = {"21/05/2025 08:30": "Thị trấn Cần Giuộc", "21/09/2025 08:30": "Xã Cần Giuộc"}
    found = log(
        *(row(at, c1=name, c2=day) for at, (day, name) in enumerate(days.items())),
        row(3, c1="Thị trấn Cần Giuộc", c2="21/09/2025 08:30"),
        header=NAMED, place=HERE,
    )  # fmt: skip
    assert values(found, "unit") == ["28159", "28159", "28159"]


@pytest.mark.parametrize("agency", ["000.00.53.H48", "Bộ phận 1 cửa số 3"])
def test_an_agency_is_the_commune_that_the_delivery_says(agency):
    found = log(row(c1=agency), header=AGENCY, place=Place(agencies={agency: "28159"}))
    assert values(found, "unit") == ["28159"]
    assert values(found, "agency") == [agency]


def test_the_agency_in_a_code_serves_where_no_other_is_told():
    place = Place(agencies={"000.00.53.H48": "28159"})
    rows = [[one[0], *one[2:]] for one in (row(), row(c0="000.00.54.H48-250921-0001"))]
    found = log(*rows, header=[HEADER[0], *HEADER[2:]], place=place)
    assert values(found, "unit") == ["28159"]
    assert refused(found) == [(3, "Số hồ sơ", "agency_unknown")]


def test_the_one_commune_of_a_delivery_serves_where_rows_name_none():
    found = log([row()[0], *row()[2:]], header=[HEADER[0], *HEADER[2:]], place=Place(unit="27694"))
    assert values(found, "unit") == ["27694"]


def test_a_log_that_names_no_unit_at_all_is_refused():
    with pytest.raises(InputError, match="no column of units"):
        log([row()[0], *row()[2:]], header=[HEADER[0], *HEADER[2:]])


def test_a_row_without_a_readable_day_is_told_once():
    found = log(row(c1="Xã Tân Tiến", c2="31/06/2025"), header=NAMED)
    assert refused(found) == [(2, "Ngày tiếp nhận", "day_unreadable")]
