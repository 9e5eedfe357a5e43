"""Vietnamese text and numbers, read strictly: what is not certain is refused, never guessed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_SPACES = re.compile(r"[\s\u00a0\u2007\u202f]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_LOOKALIKES = str.maketrans({"Ð": "Đ", "Ɖ": "Đ"})
_SCALES = {"ngàn": 1_000, "nghìn": 1_000, "triệu": 1_000_000, "tỷ": 1_000_000_000}
_NUMBER = re.compile(r"(?P<whole>[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,(?P<part>\d+))?")
_RANK = re.compile(r"(?P<rank>\d+)/(?P<of>\d+)")
_RANK_WORDS = {"hạng nhất": 1, "hạng nhì": 2, "hạng hai": 2, "hạng ba": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A figure as printed: its exact value and how many decimals were printed."""

    value: Decimal
    decimals: int


def normalise(text: str) -> str:
    """Bring text to NFC with plain single spaces, Đ for its look-alikes, nothing invisible."""
    composed = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return _SPACES.sub(" ", composed.translate(_LOOKALIKES)).strip()


def parse_figure(text: str) -> Printed:
    """Read a figure the Vietnamese way: `98,08` is 98.08, `445.365` is 445365, `59 ngàn` 59000.

    `17/63` is a rank, read as 17. Raises ValueError for anything else, `16.8` included: a dot
    followed by fewer than three digits is neither a Vietnamese decimal nor a thousands mark.
    """
    plain = normalise(text).removesuffix("%").strip()
    if plain.lower() in _RANK_WORDS:
        return Printed(value=Decimal(_RANK_WORDS[plain.lower()]), decimals=0)
    if rank := _RANK.fullmatch(plain):
        return Printed(value=Decimal(rank["rank"]), decimals=0)
    digits, _, word = plain.partition(" ")
    scale = _SCALES.get(word.lower()) if word else 1
    found = _NUMBER.fullmatch(digits)
    if scale is None or found is None:
        raise ValueError(text)
    part = found["part"] or ""
    exact = Decimal(found["whole"].replace(".", "") + (f".{part}" if part else ""))
    return Printed(value=exact * scale, decimals=0 if scale > 1 else len(part))
