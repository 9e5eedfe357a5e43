"""Vietnamese text and numbers, read strictly: what is not certain is refused, never guessed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from commune_pilots.numerals import rounded
from commune_pilots.vocabulary import Qualifier

_SPACES = re.compile(r"[\s\u00a0\u2007\u202f]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_LOOKALIKES = str.maketrans({"Ð": "Đ", "Ɖ": "Đ"})
_SCALES = {"ngàn": 1_000, "nghìn": 1_000, "triệu": 1_000_000, "tỷ": 1_000_000_000}
_NUMBER = re.compile(r"(?P<whole>[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,(?P<part>\d+))?")
_RANK = re.compile(r"(?P<rank>\d+)/(?P<of>\d+)")
_SHARE = re.compile(r"(?P<whole>\d{1,3})(?:[.,](?P<part>\d{1,6}))?\s*%?")
_COUNTS = re.compile(r"(?P<k>\d+)\s*/\s*(?P<n>\d+)")
_NONE_YET = ("chưa có", "không có", "none yet", "none")
_QUALIFIERS: dict[str, Qualifier] = {
    "ít nhất": "at_least", "tối thiểu": "at_least", "at least": "at_least",
    "trên": "over", "quá": "over", "over": "over", "above": "over",
    "hơn": "more_than", "more than": "more_than",
    "gần": "nearly", "dưới": "nearly", "chưa đến": "nearly", "nearly": "nearly",
    "almost": "nearly", "under": "nearly", "below": "nearly",
    "khoảng": "about", "xấp xỉ": "about", "about": "about", "around": "about",
    "đạt": "exact",
}  # fmt: skip
_RANK_WORDS = {"hạng nhất": 1, "hạng nhì": 2, "hạng hai": 2, "hạng ba": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A figure as printed: its exact value and how many decimals were printed."""

    value: Decimal
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedShare:
    """A percentage as somebody writes it, qualified or as counts; no value after "none yet"."""

    value: Decimal | None
    decimals: int = 0
    qualifier: Qualifier = "exact"
    numerator: int | None = None
    denominator: int | None = None


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


def parse_figure_of(text: str, unit: str) -> Printed:
    """Read a figure as `parse_figure` does, in the forms that an indicator's unit has.

    Ranks alone are written `17/63` or "hạng nhất", and counts alone in thousands or millions: of a
    share, `17/63` would be counts. Raises ValueError for anything else.
    """
    plain = normalise(text).lower()
    if unit != "rank" and ("/" in plain or plain in _RANK_WORDS):
        raise ValueError(text)
    if unit != "count" and any(word in _SCALES for word in plain.split()):
        raise ValueError(text)
    return parse_figure(text)


def figure_forms(unit: str) -> str:
    """Show what `parse_figure_of` reads for a unit, by example."""
    return {"rank": "17; 17/63", "count": "1234; 445.365; 59 ngàn"}.get(unit, "16,8; 98,08; 99")


def parse_share(text: str) -> PrintedShare:
    """Read a percentage with either decimal mark: `16,8`, `98.08%`, `trên 99`, `none yet`, `16/95`.

    Trailing zeros count as decimals. Counts give the share exactly. Raises ValueError for anything
    else, more than 100% included.
    """
    plain = normalise(text).lower()
    if plain in _NONE_YET:
        return PrintedShare(value=None, qualifier="none_yet")
    if counts := _COUNTS.fullmatch(plain):
        k, n = int(counts["k"]), int(counts["n"])
        if not 0 <= k <= n or n == 0:
            raise ValueError(text)
        share = 100 * Decimal(k) / Decimal(n)
        return PrintedShare(value=rounded(share, 2), decimals=2, numerator=k, denominator=n)
    qualifier: Qualifier = "exact"
    for word, meaning in _QUALIFIERS.items():
        if plain.startswith(f"{word} "):
            qualifier, plain = meaning, plain.removeprefix(word).strip()
            break
    found = _SHARE.fullmatch(plain)
    if found is None:
        raise ValueError(text)
    part = found["part"] or ""
    value = Decimal(f"{found['whole']}.{part or '0'}")
    if value > 100:
        raise ValueError(text)
    return PrintedShare(value=value, decimals=len(part), qualifier=qualifier)
