from __future__ import annotations

import unicodedata

import pytest

from commune_pilots.sources.syllables import accented, is_syllable, reads_as_vietnamese


@pytest.mark.parametrize(
    "word",
    [
        "Phường",
        "xã",
        "nghiêng",
        "quyết",
        "Đặng",
        "khuya",
        "thuở",
        "hoà",
        "hòa",
        "gì",
        "ươi",
        "Ủy",
        "Giuộc",
        "ngoằn",
        "yêu",
        "uống",
        "PHƯỜNG",
        unicodedata.normalize("NFD", "quyết"),
    ],
)
def test_vietnamese_words_are_syllables(word):
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word",
    [
        "Phöôøng",
        "xaõ",
        "x·",
        "café",
        "naïve",
        "Ä\u0090á»\u009bn",
        "hocj",
        "mỳnk",
        "quyềt",
        "bbà",
        "wá",
        "à́",
        "",
    ],
)
def test_words_decoded_wrongly_are_none(word):
    assert not is_syllable(word)


def test_only_words_with_accents_decide():
    assert accented(["Phường 4 abc", "xyz"]) == ["Phường"]
    assert reads_as_vietnamese(["abc 123", ""]) == 1.0
    assert reads_as_vietnamese(["Phường xaõ"]) == 0.5
