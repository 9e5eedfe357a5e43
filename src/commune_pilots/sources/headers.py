"""Headers of a table: one name per column from one or several rows, matched exactly or not at all.

A name that several rows spell is a path ("Đã giải quyết > Quá hạn"). Its last part alone may name a
column only where the parts above it say nothing of what is counted: "Quá hạn" under "Đang giải
quyết" is another count than under "Đã giải quyết".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from commune_pilots.keys import unaccented
from commune_pilots.sources.cells import PATH
from commune_pilots.sources.periods import names_period
from commune_pilots.sources.vietnamese import normalise

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_Y_FOR_I = re.compile(r"\b(qu|[bcdđghklmnprstvx]{1,3})y\b")
_ASIDE = re.compile(r"\((?:\d{1,2}|hs|hồ sơ|tthc|đvt:?[^)]*)\)|[*:.,;\"'“”()]")
_SHARE = re.compile(r"%|\bt[ỷỉ] lệ(?: phần trăm)?\b|\bphần trăm\b")
_SHARE_BARE = re.compile(r"^t[yi]le(?:phantram)?|^phantram")
_SIGNS = re.compile(r"\s*[/_\-–]\s*|\s+")
_SAYS_NOTHING = re.compile(
    r"(?:hồ sơ|thủ tục hành chính|tthc|số lượng|số liệu|tổng số|tổng hợp|số|kết quả|tình hình"
    r"|thông tin|trong đó|chi tiết|chỉ tiêu|dữ liệu|báo cáo|về|của|và|theo|các)(?: |$)"
)


def toned(text: str) -> str:
    """Spell text so that where a tone stands does not matter: "hoà" and "hòa" become one."""
    words = []
    for word in unicodedata.normalize("NFD", normalise(text).lower()).split(" "):
        bare = "".join(part for part in word if part not in _TONES)
        words.append(bare + "".join(part for part in word if part in _TONES))
    return " ".join(words)


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """Give the form under which a header is matched.

    Case, spaces, signs between words, "(1)", the place of tones and y for i do not matter; "Tỷ lệ
    đúng hạn (%)", "% đúng hạn" and "Đúng hạn (%)" are one, and another than "Đúng hạn".
    """
    words = toned(_words(header)).split(" ")
    marked = [(word.rstrip(_TONES), word[len(word.rstrip(_TONES)) :]) for word in words]
    key = " ".join(_Y_FOR_I.sub(r"\1i", bare) + tone for bare, tone in marked)
    return f"% {key}".strip() if _SHARE.search(normalise(header).lower()) else key


def bare_key(header: str) -> str:
    """Give the form under which a header without marks is matched.

    "NGAY_TIEP_NHAN" and "NgayTiepNhan" are "Ngày tiếp nhận". Only letters and digits count, and
    whether it is a share. The form starts with a sign that no key of `header_key` has.
    """
    plain = unaccented(normalise(header))
    key = "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
    named = _SHARE_BARE.sub("", key)
    return f"~%{named}" if named != key or "%" in header else f"~{key}"


def written_bare(header: str, aliases: Mapping[str, str]) -> bool:
    """Tell whether a header is known only because it is an alias written without its marks."""
    return _named(header, aliases) is None and meaning(header, aliases) is not None


def meaning(header: str, aliases: Mapping[str, str]) -> str | None:
    """Name the column that a header means; None if it means none. Parts that are periods are left.

    The longest run of parts that ends with the last one decides; the parts above it must say
    nothing of what is counted. Parts that say nothing ("Số lượng") may also stand below. A header
    of plain letters alone also means what an alias means that is the same without its marks.
    """
    named = _named(header, aliases)
    if named is None and header.isascii():
        whole = "".join(part for part in header.split(PATH) if not names_period(part))
        return aliases.get(bare_key(whole))
    return named


def _named(header: str, aliases: Mapping[str, str]) -> str | None:
    parts = [part for part in header.split(PATH) if not names_period(part)]
    telling = [not _neutral(part) for part in parts]
    for start in range(len(parts)):
        named = aliases.get(header_key(" ".join(parts[start:])))
        if named is not None and not any(telling[:start]):
            return named
    return aliases.get(
        header_key(" ".join(part for part, tells in zip(parts, telling, strict=True) if tells))
    )


def _neutral(part: str) -> bool:
    return (
        not _SHARE.search(normalise(part).lower())
        and not _SAYS_NOTHING.sub("", f"{_words(part)} ").strip()
    )


def _words(header: str) -> str:
    plain = _SHARE.sub(" ", normalise(header).lower())
    return _SIGNS.sub(" ", _ASIDE.sub(" ", plain)).strip()


def joined(parts: Sequence[str]) -> str:
    """Write one name from the cells of a header's rows, from the top; repeats count once."""
    kept: list[str] = []
    for part in parts:
        if part and (not kept or kept[-1] != part):
            kept.append(part)
    return PATH.join(kept)
