"""Persons named after a form of address are found; places and offices are not taken for them."""

from __future__ import annotations

import pytest

from commune_pilots.sources.study_persons import names_person


@pytest.mark.parametrize(
    "text",
    [
        "ông Nguyễn Văn Bảy",
        "Bà Trần Thị Đào trả lời",
        "theo đồng chí Lê Hòa",
        "Ông/Bà Phạm Thị Út ký",
        "ông (bà) Đặng Út Em",
        "Đ/c Võ Văn Ơn",
        "chị: Ngô Thị Ánh Tuyết",
        "ÔNG NGUYỄN VĂN BẢY",
        "said Mr. Nguyen Van Bay",
        "phường 3, anh Đỗ Ân",
    ],
)
def test_a_name_after_a_form_of_address_is_found(text):
    assert names_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "Chủ tịch UBND tỉnh Long An",
        "đồng chí Phó Chủ tịch UBND tỉnh",
        "đồng chí Bí thư Tỉnh ủy",
        "ông Giám đốc Sở Nội vụ",
        "Xã Cô Ba Sao",
        "huyện Anh Sơn Đông",
        "đường Ông Ích Khiêm",
        "thị xã Bà Rịa Vũng Tàu",
        "tỉnh cũ Bà Rịa Vũng Tàu",
        "bằng tiếng Anh Việt Nam",
        "Hỏi anh chị em cán bộ xã",
        "Thanh Bà Đen",
        "Nguyễn Văn Bảy",
    ],
)
def test_places_offices_and_bare_names_are_not_judged(text):
    assert not names_person(text)
