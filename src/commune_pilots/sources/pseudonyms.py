"""What may be kept of the people in a log: whether the owner filed, and a keyed hash of an account.

A hash of a telephone number without a key is undone by trying every number, so the key must stand
outside the project. The hash still is personal data (law 91/2025/QH15): it serves to count the
dossiers of one account and is never shown.
"""

from __future__ import annotations

import hmac
import re

import numpy as np
import pyarrow as pa

from commune_pilots.contracts.logs import FILERS
from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.columns import NOT_KNOWN
from commune_pilots.sources.headers import toned
from commune_pilots.sources.log_texts import cells_of, laid_out, words_of
from commune_pilots.sources.texts import all_plain, plain_text

LEAST_KEY = 16
_DIGITS = 16
_NOBODY = ("", *NOT_KNOWN)
_SPLIT = re.compile(r"[\s.\-()]")
_PHONE = re.compile(r"(?:\+?84|0)?(\d{9,10})")
_ADDRESSED = re.compile(r"^(?:ông|bà|anh|chị)\s*[:.]?\s+", re.IGNORECASE)


def accounts(table: RawTable, at: int, *, key: bytes, phone: bool) -> pa.Array:
    """Hash the accounts of a column: 16 hexadecimal digits of HMAC-SHA256 under `key`, or missing.

    Ways to write one account are brought together before. `phone`: what cannot be a number of a
    telephone says nothing. Raises ValueError for a key shorter than 16 bytes.
    """
    if len(key) < LEAST_KEY:
        raise ValueError("the key of accounts has fewer bytes than 16")
    words = words_of(cells_of(table, at))
    plain = [_phone(text) if phone else _account(text) for text in words.texts]
    hashed = [
        hmac.digest(key, text.encode(), "sha256").hex()[:_DIGITS] if text else None
        for text in plain
    ]
    return laid_out(words, hashed, pa.string())


def filers(table: RawTable, owner: int, filer: int) -> pa.Array:
    """Tell who filed: the owner, or somebody else; missing where one of the names is."""
    count = len(table.rows)
    words = words_of([*cells_of(table, owner), *cells_of(table, filer)])
    blank = [place for place, text in enumerate(words.texts) if text.strip().lower() in _NOBODY]
    first, second = words.at[:count], words.at[count:]
    known = (first >= 0) & (second >= 0) & ~np.isin(first, blank) & ~np.isin(second, blank)
    apart = known & (first != second)
    names = np.arange(len(words.texts))
    numbers: dict[str, int] = {}  # names are brought together only where they are not the same
    for place in np.unique(np.concatenate([first[apart], second[apart]])):
        names[place] = numbers.setdefault(_name(words.texts[place]), int(place))
    other = np.zeros(count, dtype=np.int64)
    other[apart] = names[first[apart]] != names[second[apart]]
    return pa.array(FILERS, pa.string()).take(pa.array(other, mask=~known))


def _name(text: str) -> str:
    return toned(_ADDRESSED.sub("", _plain(text))).strip(" .,")


def _plain(text: str) -> str:
    return text if all_plain([text]) else plain_text(text)[0]


def _phone(text: str) -> str:
    found = _PHONE.fullmatch(_SPLIT.sub("", _plain(text)))
    digits = found[1] if found else ""
    return f"0{digits}" if len(set(digits)) > 1 else ""


def _account(text: str) -> str:
    plain = "".join(_plain(text).lower().split())
    if plain in NOT_KNOWN or not plain.strip("0-."):
        return ""
    bare = _SPLIT.sub("", plain)
    return bare if bare.lstrip("+").isdecimal() else plain
