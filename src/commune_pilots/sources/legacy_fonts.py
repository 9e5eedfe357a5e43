"""Text typed in the fonts of before Unicode: TCVN3 (.VnTime) and VNI (VNI-Times).

TCVN3 (TCVN 5712:1993, VN3) gives each letter with its mark one byte; its capitals with tones come
from a second font of the same bytes (.VnTimeH), so only the font can tell them from small letters.
VNI writes a letter and then its mark. Both look like Latin text, so what they are is decided for a
whole sheet or font, never for one cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from commune_pilots.sources.syllables import accented, reads_as_vietnamese

Font = Literal["tcvn3", "vni"]

_TCVN3 = str.maketrans(
    "¨©ª«¬\u00ad®¡¢£¤¥¦§µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ăâêôơưđĂÂÊÔƠƯĐàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)
_VNI_MARKS = {
    "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "à": "\u0302\u0300", "á": "\u0302\u0301", "å": "\u0302\u0309",
    "ã": "\u0302\u0303", "ä": "\u0302\u0323",
    "ê": "\u0306", "è": "\u0306\u0300", "é": "\u0306\u0301", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI = re.compile(
    f"(?P<letter>[aeiouyôö])(?P<mark>[{''.join(_VNI_MARKS)}])|(?P<alone>[{''.join(_VNI_LETTERS)}])",
    re.IGNORECASE,
)
_LAST_BYTE = 0xFF
_WINDOWS = frozenset(bytes(range(0x80, 0xA0)).decode("cp1252", "ignore"))
_LEAST_WORDS, _CLEAR = 3, 0.9
# The most that text of a font reads as Vietnamese by chance: TCVN3 turns many words into others.
_POOR: dict[Font, float] = {"tcvn3": 0.6, "vni": 0.45}


def from_tcvn3(text: str) -> str:
    """Convert text of a TCVN3 font, read as cp1252 or Latin-1, to Unicode."""
    return text.translate(_TCVN3)


def from_vni(text: str) -> str:
    """Convert text of a VNI font, read as cp1252 or Latin-1, to Unicode in NFC."""
    return unicodedata.normalize("NFC", _VNI.sub(_letter, text))


def has_unicode_letters(text: str) -> bool:
    """Tell whether a text holds a letter that no font of before Unicode had a byte for."""
    return any(ord(letter) > _LAST_BYTE and letter not in _WINDOWS for letter in text)


def legacy_font(texts: Sequence[str]) -> Font | None:
    """Name the font that a whole sheet or font run was typed in; None if it is Unicode already.

    Decides only where the text as it stands hardly reads as Vietnamese and one conversion clearly
    does; needs at least three accented words. Both thresholds are far from what either kind of text
    gives (tests), so a doubtful sheet stays as it is and its names are matched, or refused, later.
    """
    if any(map(has_unicode_letters, texts)):
        return None
    if len(accented(texts)) < _LEAST_WORDS:
        return None
    fonts: tuple[tuple[Font, list[str]], ...] = (
        ("tcvn3", [from_tcvn3(text) for text in texts]),
        ("vni", [from_vni(text) for text in texts]),
    )
    font, read = max(fonts, key=lambda one: reads_as_vietnamese(one[1]))
    clear = reads_as_vietnamese(read) >= _CLEAR and reads_as_vietnamese(texts) <= _POOR[font]
    return font if clear else None


def _letter(found: re.Match[str]) -> str:
    if alone := found["alone"]:
        letter = _VNI_LETTERS[alone.lower()]
        return letter.upper() if alone.isupper() else letter
    letter = _VNI_LETTERS.get(found["letter"].lower(), found["letter"].lower())
    marked = letter + _VNI_MARKS[found["mark"].lower()]
    return marked.upper() if found["letter"].isupper() else marked
