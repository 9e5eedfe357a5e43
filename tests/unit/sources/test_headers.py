from __future__ import annotations

import pytest

from commune_pilots.sources.headers import (
    bare_key,
    header_key,
    joined,
    meaning,
    toned,
    written_bare,
)

KNOWN = {
    header_key(header): name
    for header, name in {
        "Tiếp nhận": "received",
        "Đúng hạn": "on_time",
        "Tỷ lệ đúng hạn (%)": "share",
        "Đã giải quyết": "processed",
        "Đang giải quyết quá hạn": "pending_late",
        "STT": "",
    }.items()
}


@pytest.mark.parametrize(
    "written",
    ["Tiếp nhận", "TIẾP NHẬN", " tiếp\n nhận ", "Tiếp nhận (1)", "Tiếp  nhận*", "Tiếp nhận:"],
)
def test_headers_are_one_whatever_their_case_spaces_and_marks(written):
    assert header_key(written) == header_key("Tiếp nhận")


def test_the_place_of_a_tone_and_y_for_i_do_not_matter():
    assert toned("hoà thuỷ") == toned("hòa thủy")
    assert header_key("Tỉ lệ kì") == header_key("Tỷ lệ kỳ")


def test_tones_themselves_matter():
    assert toned("hòa") != toned("hóa")
    assert header_key("Trước hạn") != header_key("Trược hạn")


@pytest.mark.parametrize("written", ["% đúng hạn", "Tỷ lệ đúng hạn", "Đúng hạn (%)"])
def test_a_share_is_another_column_than_its_count(written):
    assert meaning(written, KNOWN) == "share"
    assert meaning("Đúng hạn", KNOWN) == "on_time"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Hồ sơ > tiếp nhận", "received"),
        ("Kết quả > Đúng hạn", "on_time"),
        ("Tiếp nhận > Tổng số", "received"),
        ("Đúng hạn > Số lượng", "on_time"),
        ("Đúng hạn > Tỷ lệ (%)", "share"),
        ("T4/2026 > Tiếp nhận", "received"),
        ("Đang giải quyết > Đúng hạn", None),
        ("Đang giải quyết > Quá hạn", "pending_late"),
        ("Tiếp nhận > Trong kỳ", None),
        ("Tiếp nhận > Trực tuyến", None),
        ("STT", ""),
        ("Cột lạ", None),
        ("", None),
    ],
)
def test_a_path_means_a_column_only_if_the_parts_above_say_nothing_else(header, name):
    assert meaning(header, KNOWN) == name


def test_parts_of_a_header_are_joined_once_each():
    assert joined(["Hồ sơ", "Hồ sơ", "", "đúng hạn"]) == "Hồ sơ > đúng hạn"
    assert joined(["", ""]) == ""


@pytest.mark.parametrize("written", ["NGAY_TIEP_NHAN", "NgayTiepNhan", "Ngay tiep nhan"])
def test_headers_without_marks_are_one_whatever_their_spaces(written):
    assert bare_key(written) == bare_key("Ngày tiếp nhận")


@pytest.mark.parametrize("written", ["% dung han", "Dung han (%)", "Ty le dung han", "TyLeDungHan"])
def test_a_share_without_marks_is_no_count(written):
    known = {bare_key("Đúng hạn"): "on_time", bare_key("Tỷ lệ đúng hạn (%)"): "share"}
    assert meaning(written, known) == "share"


def test_only_a_header_of_plain_letters_is_matched_without_marks():
    known = {header_key("Đúng hạn"): "on_time", bare_key("Đúng hạn"): "on_time"}
    assert (meaning("Dung han", known), written_bare("Dung han", known)) == ("on_time", True)
    assert (meaning("Đung han", known), written_bare("Đúng hạn", known)) == (None, False)
