"""Columns of a log as their different texts and where each stands, so that each is read once.

A log of a million rows has few words and many codes; both are judged text by text and laid out
again by number. What cannot be read keeps its row out, never the file: see Fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commune_pilots.sources.cells import Cell, Found, RawTable
from commune_pilots.sources.columns import NOT_KNOWN
from commune_pilots.sources.placed import found_at, refuse_at
from commune_pilots.sources.refusals import shown
from commune_pilots.sources.texts import LOST, all_plain, is_hostile, plain_text, text_of

Places = NDArray[np.int64]
_TOGETHER = 4_000


@dataclass(frozen=True, slots=True)
class Words:
    """A column of text: its different texts, and which one each row holds (-1: none)."""

    texts: tuple[str, ...]
    at: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule that rows of one column break; `rows` and `column` count from 0 in the table.

    `values` fill the places of the rule's wording in. A fault of a `column` of None is told of the
    row alone.
    """

    rule: str
    rows: Places
    column: int | None
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One typed column of a log: values in the order of rows, faults, and what was found."""

    values: pa.Array
    faults: tuple[Fault, ...] = ()
    found: tuple[Found, ...] = ()


def cells_of(table: RawTable, at: int) -> list[Cell]:
    """Take the cells of one column."""
    return [row[at] for row in table.rows]


def words_of(cells: Sequence[Cell]) -> Words:
    """Code a column as text; a whole number has no ".0", a blank cell holds nothing."""
    if set(map(type, cells)) - {str, NoneType}:
        cells = [None if cell is None else text_of(cell) for cell in cells]
    coded = pa.array(cells, pa.string()).dictionary_encode()
    at = coded.indices.cast(pa.int64()).fill_null(-1).to_numpy()
    return Words(tuple(coded.dictionary.to_pylist()), at)


def plain_words(
    table: RawTable, at: int, *, cells: Sequence[Cell] | None = None, told: bool = True
) -> tuple[Words, tuple[Found, ...]]:
    """Read a column as plain text, each repair told once; `told`: with the text it is shown by.

    `cells` stand for those of the table where only some of them are text. Raises InputError for a
    cell that holds markup, a command, a path or control characters.
    """
    words = words_of(cells_of(table, at) if cells is None else cells)
    texts = list(words.texts)
    found: dict[str, Found] = {}
    for start in range(0, len(texts), _TOGETHER):
        part = texts[start : start + _TOGETHER]
        if all_plain(part):
            continue
        for place, text in enumerate(part, start):
            plain, repairs = (text, ()) if all_plain([text]) else plain_text(text)
            if is_hostile(plain) or LOST in plain:
                rule = "letters_lost" if LOST in plain else "hostile"
                refuse_at(rule, table, row=first_row(words, place), at=at)
            for rule in set(repairs) - set(found):
                row = first_row(words, place)
                value = shown(plain) if told else ""
                found[rule] = found_at(table, rule, "repaired", row=row, at=at, value=value)
            texts[place] = plain
    return renamed(words, texts), tuple(found.values())


def renamed(words: Words, texts: Iterable[str]) -> Words:
    """Put other texts in the place of those of a column; what becomes blank is none."""
    spelled = tuple(texts)
    kept = np.array([place if text else -1 for place, text in enumerate(spelled)] + [-1])
    at = kept[words.at]
    return Words(spelled, at.astype(np.int64))


def known_only(words: Words) -> Words:
    """Take "-", "không có số liệu" and the like for nothing."""
    return renamed(words, ["" if text.lower() in NOT_KNOWN else text for text in words.texts])


def first_row(words: Words, place: int) -> int:
    """Name the first row that holds one of the texts."""
    return int(np.argmax(words.at == place))


def rows_with(words: Words, places: Iterable[int]) -> Places:
    """Name the rows that hold any of some texts."""
    chosen = np.zeros(len(words.texts) + 1, dtype=bool)
    chosen[list(places)] = True
    return np.flatnonzero(chosen[words.at])


def laid_out(words: Words, values: Sequence[object], kind: pa.DataType) -> pa.Array:
    """Give every row the value of its text; missing where it holds none."""
    return pa.array(values, kind).take(pa.array(words.at, mask=words.at < 0))


def faults_of(words: Words, broken: Mapping[int, str], column: int) -> tuple[Fault, ...]:
    """Gather texts that break a rule, by place, into one fault a rule."""
    return tuple(
        Fault(
            rule=rule,
            rows=rows_with(words, [at for at, one in broken.items() if one == rule]),
            column=column,
        )
        for rule in dict.fromkeys(broken.values())
    )
