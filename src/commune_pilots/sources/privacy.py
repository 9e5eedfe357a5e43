"""Personal data in text, known by its form, so that it is refused before anybody publishes it.

Written for Vietnamese administrative text. A name or an address alone has no form of its own and is
not found; numbers of the dossier, sums of money, hashes and codes are left alone. What is found is
told by kind and place, never by value: a refusal must not spread what it refuses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pandas as pd

from commune_pilots.sources.personal_names import ALSO_PLACES as _ALSO_PLACES
from commune_pilots.sources.personal_names import COVER
from commune_pilots.sources.personal_names import SURNAMES as _SURNAMES

Kind = Literal["citizen_id", "identity_card", "phone", "email", "birth_date"]

# Citizen ids start with one of the 63 provinces (decision 124 of 2004, circular 59 of 2021).
_PROVINCE = re.compile(
    "0(?:0[12468]|1[0124579]|2[024567]|3[013-8]|4[0245689]|5[12468]|6[024678]|7[024579]|8[0234679]"
    "|9[1-6])"
)
_ID_WORDS = "cccd|cmnd|cmt|căn cước|chứng minh|định danh|giấy tờ|citizen id|identity"
_PHONE_WORDS = r"điện thoại|đt|sđt|sdt|di động|lh|liên hệ|zalo|tel|phone|mobile"
_HOTLINE = re.compile(r"(?:đường dây nóng|tổng đài|hotline)[^\d+(]{0,12}\Z", re.IGNORECASE)
_BEFORE, _AFTER = r"(?<!\w)(?<!\d[.,])", r"(?!\w)(?![.,]\d)"
_GAP = r"(?:[ .-]|\. | - )?"
_MONEY = r"(?! ?(?:đồng|đ|VND|VNĐ|₫|%|triệu|tỷ)(?!\w))"

_DIGITS_12 = re.compile(
    rf"{_BEFORE}(?:\d{{12}}|\d{{3}}(?:[ .-]\d{{3}}){{3}}|\d{{4}}(?:[ .-]\d{{4}}){{2}})"
    rf"{_AFTER}{_MONEY}"
)
_DIGITS_9 = re.compile(rf"{_BEFORE}(\d{{9}}|\d{{3}}(?:[ .-]\d{{3}}){{2}}){_AFTER}{_MONEY}")
_PHONE = re.compile(rf"{_BEFORE}\(?(\+84|0084|84|0)\)?((?:\)?{_GAP}\d){{9,10}}){_AFTER}{_MONEY}")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@(?:\w[\w-]*\.)+[^\W\d_]{2,}")
_ID_BEFORE = re.compile(rf"(?<!\w)(?:{_ID_WORDS})(?!\w)[^\d\n]{{0,25}}\Z", re.IGNORECASE)
_PHONE_BEFORE = re.compile(rf"(?<!\w)(?:{_PHONE_WORDS})(?!\w)[^\d\n]{{0,15}}\Z", re.IGNORECASE)

_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_DATE = (
    rf"(?:{_DAY}[/. -]{_MONTH}[/. -]{{0}}|{_DAY} tháng {_MONTH},? năm {{0}}|{{0}}-{_MONTH}-{_DAY})"
)
_ANY_YEAR, _PAST_YEAR = r"(?:19|20)\d\d", r"(?:19[2-9]\d|200\d|201[0-5])"
_BIRTH_WORDS = r"ngày sinh|sinh ngày|ngày,? tháng,? năm sinh|dob|date of birth|born(?: on)?"
_NAME = (
    rf"(?<!\w)(?:(?:{_SURNAMES}|{_SURNAMES.upper()})(?= [^\W\d_])"
    rf"|(?:{_ALSO_PLACES}|{_ALSO_PLACES.upper()})(?= [^\W\d_]+ [^\W\d_]))"
    r"(?P<given>(?: [^\W\d_]+){1,4})"
)
_BORN = re.compile(  # not "phát sinh ngày" (arose on), not "khai sinh ngày" (registered on)
    rf"(?<!\w)(?<!phát )(?<!khai )(?:{_BIRTH_WORDS})(?!\w)[^\w\n]{{0,6}}"
    rf"{_DATE.format(_ANY_YEAR)}(?!\d)",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"{_NAME}[^\d\n]{{0,30}}(?<!\d){_DATE.format(_PAST_YEAR)}(?!\d)")
_NAMED_YEAR = re.compile(
    rf"{_NAME}[^\d\n]{{0,10}}(?:năm sinh|sinh năm|sn|born in)[: ]{{1,3}}{_ANY_YEAR}(?!\d)"
)
# No break and figure spaces are spaces to a reader; what has no width hides nothing from one.
_HIDDEN = dict.fromkeys([0x00AD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")

# What any pattern above needs at the least, for an engine that neither looks behind nor ahead and
# takes letters beyond ASCII for no part of a word: it lets more through, never less.
_MAYBE = "|".join(
    [
        "@",
        r"(?:^|\W)(?:\d{9}|\d{12}|\d{3}(?:[ .-]\d{3}){2,3}|\d{4}(?:[ .-]\d{4}){2})(?:\W|$)",
        rf"(?:^|\W)(?:\+84|0084|84|0)\)?(?:\)?{_GAP}\d){{9}}",
        r"(?s:\pL.*)\D(?:19|20)\d\d(?:\D|$)",
    ]
)
_ODD = r"[\x{ad}\x{200b}-\x{200f}\x{2060}\x{feff}]", r"[\x{2010}-\x{2015}\x{2212}]"
MOST_HITS = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """One piece of personal data: its kind and its line (from 1); never its value."""

    kind: Kind
    line: int


def scan_text(text: str) -> tuple[Hit, ...]:
    """Find personal data in a text, in the order of its lines.

    Found are: 12-digit citizen ids that start with a province; 9-digit identity cards; mobile and
    landline numbers, also after +84; e-mail addresses; dates of birth named as such or next to a
    Vietnamese personal name. A number in groups that may be a count, and 12 digits without a
    province, are found only after a word such as "CCCD". Not found: short and toll-free numbers,
    and what follows the words for a hotline. Spaces, dots and hyphens between groups, full-width
    digits and characters without width hide nothing.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_HIDDEN | _DASHES)
    kept: list[tuple[int, int, Kind]] = []
    for kind, match in _find(plain):  # the surest kinds first: one piece is told once
        start, end = match.span()
        if all(end <= other or start >= until for other, until, _ in kept):
            kept.append((start, end, kind))
    return tuple(Hit(kind, plain.count("\n", 0, start) + 1) for start, _, kind in sorted(kept))


class TableHit(NamedTuple):
    """One piece of personal data in a table: its column, its row (from 1), its kind; no value."""

    column: str
    row: int
    kind: Kind


def scan_table(table: pd.DataFrame, *, most: int = MOST_HITS) -> list[TableHit]:
    """Find personal data in the text columns of a table, as `scan_text` does, column by column.

    Each value is first asked, in one pass of Arrow, whether it could hold any; the few that could
    are read with care, each once. A column tells its first `most` hits: more say nothing new.
    Columns of numbers and of times are not looked at, for their values are counts and days.
    """
    found: list[TableHit] = []
    for name in table.columns:
        if pd.api.types.is_object_dtype(table[name]) or isinstance(
            table[name].dtype, pd.StringDtype | pd.CategoricalDtype
        ):
            found += _scan_column(str(name), table[name], most=most)
    return found


def cover(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Cover the cells of some text columns that hold personal data; the rest stays as it is."""
    covered = {name: table[name].copy() for name in columns}
    for hit in scan_table(table[list(columns)], most=max(len(table), 1)):
        covered[hit.column].iloc[hit.row - 1] = COVER
    return table.assign(**covered)


def _scan_column(name: str, values: pd.Series, *, most: int) -> list[TableHit]:
    """Scan one column; a value that many rows share is read once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts: Any = pa.array(values.astype("string"), from_pandas=True)
    plain = texts
    if not pc.all(pc.string_is_ascii(texts), min_count=0).as_py():
        plain = pc.utf8_normalize(texts, form="NFKC")
        for odd, instead in zip(_ODD, ("", "-"), strict=True):
            plain = pc.replace_substring_regex(plain, odd, instead)
    maybe = pc.indices_nonzero(pc.match_substring_regex(plain, _MAYBE))
    found: list[TableHit] = []
    seen: dict[str, list[Kind]] = {}
    for row, value in zip(maybe.to_pylist(), texts.take(maybe).to_pylist(), strict=True):
        if value not in seen:
            seen[value] = [hit.kind for hit in scan_text(value)]
        found += [TableHit(name, row + 1, kind) for kind in seen[value]]
        if len(found) >= most:
            return found[:most]
    return found


def _find(plain: str) -> Iterator[tuple[Kind, re.Match[str]]]:
    for match in _EMAIL.finditer(plain):
        yield "email", match
    for match in _BORN.finditer(plain):
        yield "birth_date", match
    for pattern in (_NAMED, _NAMED_YEAR):
        for match in pattern.finditer(plain):
            if _is_name(match):
                yield "birth_date", match
    for match in _PHONE.finditer(plain):
        if _is_phone(match[1], match[2]) and not _HOTLINE.search(_before(plain, match)):
            yield "phone", match
    for match in _DIGITS_12.finditer(plain):
        named = _ID_BEFORE.search(_before(plain, match))
        if named or _PROVINCE.match(re.sub(r"\D", "", match[0])):
            yield "citizen_id", match
    for match in _DIGITS_9.finditer(plain):
        before = _before(plain, match)
        if _PHONE_BEFORE.search(before):  # a spreadsheet has dropped the first 0
            yield "phone", match
        elif _ID_BEFORE.search(before) or (match[0].isdigit() and not match[0].endswith("000")):
            yield "identity_card", match


def _is_name(match: re.Match[str]) -> bool:
    """Say whether capitals follow the surname: two of them where it also begins names of places."""
    surname = match[0].partition(" ")[0].title()
    least = 2 if surname in _ALSO_PLACES.split("|") else 1
    return all(word[0].isupper() for word in match["given"].split()[:least])


def _is_phone(prefix: str, rest: str) -> bool:
    """Say whether digits after a prefix are a Vietnamese number, in groups as people write it."""
    groups = re.findall(r"\d+", rest)
    number = "".join(groups)
    if prefix == "0" and rest[0].isdigit():
        groups[0] = f"0{groups[0]}"
    if min(map(len, groups)) < 2 or (prefix == "84" and len(groups) > 1):
        return False
    return number[0] in "35789" if len(number) == 9 else number[0] == "2"


def _before(plain: str, match: re.Match[str]) -> str:
    return plain[max(0, match.start() - 60) : match.start()]
