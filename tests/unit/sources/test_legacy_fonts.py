from __future__ import annotations

import pytest
from bad_files import HEADER, UNITS
from bad_inputs import TCVN3, TO_VNI

from commune_pilots.sources.legacy_fonts import (
    from_tcvn3,
    from_vni,
    has_unicode_letters,
    legacy_font,
)

WORDS = [*UNITS.values(), *HEADER, "Nguyễn Thị Ẩn, ơ ư ă â ê ô đ Đ", "thuở ngoằn ngoèo khuỷu"]


@pytest.mark.parametrize("text", [word for word in WORDS if "Ẩ" not in word])
def test_tcvn3_text_is_converted_letter_by_letter(text):
    assert from_tcvn3("".join(TCVN3.get(letter, letter) for letter in text)) == text


@pytest.mark.parametrize(("text", "typed"), TO_VNI.items())
def test_vni_text_is_converted_with_its_marks(text, typed):
    assert from_vni(typed) == text


def test_vni_capitals_keep_their_case():
    assert from_vni("PHÖÔØNG ÑOÂNG HAØ") == "PHƯỜNG ĐÔNG HÀ"


@pytest.mark.parametrize(
    ("text", "unicode"),
    [
        ("Phường", True),
        ("Xã Hòa", False),
        ("Xaõ “Hoøa” – 5€", False),
        ("\u0090Ä", False),
        ("", False),
    ],
)
def test_letters_that_no_old_font_had_are_known(text, unicode):
    assert has_unicode_letters(text) is unicode


def test_the_font_of_a_sheet_is_told_by_what_reads_as_vietnamese():
    assert legacy_font(list(TO_VNI.values())) == "vni"
    assert legacy_font(["".join(TCVN3.get(c, c) for c in word) for word in HEADER]) == "tcvn3"


@pytest.mark.parametrize(
    "texts",
    [
        HEADER,
        ["abc", "12"],
        ["café déjà vu naïve", "Ürümqi"],
        ["Xaõ"],
        [*HEADER, "Xaõ Hoøa Bình"],
        [],
    ],
)
def test_text_that_is_unicode_or_too_little_stays(texts):
    assert legacy_font(texts) is None
