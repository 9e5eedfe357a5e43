"""What looks like the name of a person is covered wherever it is shown; units and words are not."""

from __future__ import annotations

import unicodedata

import pytest

from commune_pilots.sources.personal_names import cover_names
from commune_pilots.sources.refusals import shown

NAMES = {
    "Nguyễn Văn An": "Nguyễn •••",
    "NGUYỄN VĂN AN": "NGUYỄN •••",
    "nguyễn văn an": "nguyễn •••",
    "Nguyen Van An": "Nguyen •••",
    "Ma A Sử": "Ma •••",
    "Hà Thị Lan": "Hà •••",
    "Lê Văn Tám đang giữ": "Lê ••• đang giữ",
    "Ông Trần Bình, bà Lê Thị Hoa": "Ông Trần •••, bà Lê •••",
    "Người lập: Vũ Hải": "Người lập: Vũ •••",
    "Võ Văn Kiệt - Cần Giuộc - Long An": "Võ ••• - Cần Giuộc - Long An",
}
OTHERS = (
    "Xã Nguyễn Phích", "UBND xã Dương Xuân Hội", "P. Lê Lợi", "đường Trần Phú", "XÃ LÊ LỢI",
    "Hà Nội", "Cao Bằng", "Lâm Đồng", "Cần Giuộc", "Châu Thành", "Hồ sơ mới", "HỒ SƠ MỚI",
    "hồ sơ chờ bổ sung", "Lý Do Khác", "Đang xử lý", "Lê", "", "Trực tuyến", "1.230", "13/2026",
    "Ho So Moi", "Xa Le Loi", "Danh Sách Xã", "chuyển mai táng",
)  # fmt: skip


@pytest.mark.parametrize(("text", "covered"), NAMES.items())
def test_a_name_is_covered_but_for_its_surname(text: str, covered: str) -> None:
    assert cover_names(text) == covered
    assert shown(text) == covered


@pytest.mark.parametrize("text", OTHERS)
def test_units_places_and_words_of_offices_stay(text: str) -> None:
    assert cover_names(text) == text


def test_letters_with_loose_marks_hide_no_name() -> None:
    assert cover_names(unicodedata.normalize("NFD", "Trần Thị Bưởi")) == "Trần •••"


def test_a_cut_value_does_not_show_the_rest_of_a_name() -> None:
    long = f"{'x ' * 35}Nguyễn Thị Bí Mật"
    assert "Bí" not in shown(long)
    assert shown(long).endswith("Nguyễn •••")
