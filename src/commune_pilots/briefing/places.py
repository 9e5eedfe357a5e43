"""Names of provinces in lists: without their kind, in the order of the Vietnamese alphabet."""

from __future__ import annotations

import re
import unicodedata

_ALPHABET = " aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_KIND_OF_PROVINCE = re.compile(r"^(?:Tỉnh|Thành phố) ")


def plain_name(name: str) -> str:
    """Leave out the kind of unit before a proper name, so that typing its first letter finds it."""
    rest = _KIND_OF_PROVINCE.sub("", name)
    return rest if rest[:1].isupper() else name


def alphabetical(name: str) -> tuple[list[int], str]:
    """Order Vietnamese names as a dictionary does: a, ă, â, ..., d, đ, ...; tones come last."""
    parts = unicodedata.normalize("NFD", name.lower())
    letters = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
    return [_ALPHABET.find(letter) for letter in letters], name
