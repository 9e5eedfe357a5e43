"""Lists that a national record holds in one cell as JSON: fees, and supplements asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.dates import parse_day
from commune_pilots.sources.log_texts import (
    Column,
    Words,
    cells_of,
    faults_of,
    known_only,
    laid_out,
    words_of,
)

_FEE, _ASKED, _NEW_DUE = "Gia", "NgayBoSung", "NgayHenTraMoi"


def read_fees(table: RawTable, at: int) -> Column:
    """Add up the fees of each row, in đồng; a row whose list cannot be read is at fault."""
    words, lists, broken = _lists(table, at)
    sums: list[float | None] = []
    for place, entries in enumerate(lists):
        try:
            amounts = [_amount(one.get(_FEE)) for one in entries or ()]
            sums.append(None if entries is None else float(sum(amounts)))
        except (TypeError, ValueError):
            broken[place] = "list_unreadable"
            sums.append(None)
    return Column(values=laid_out(words, sums, pa.float64()), faults=faults_of(words, broken, at))


def read_supplements(table: RawTable, at: int, *, due: Column | None) -> dict[str, Column]:
    """Count the supplements of each row; where one moved the due date, the last date stands.

    `due` is the column of due dates as first told. A row whose list cannot be read is at fault.
    """
    words, lists, broken = _lists(table, at)
    counts: list[int | None] = []
    moved = np.full(len(lists) + 1, "NaT", dtype="datetime64[us]")
    for place, entries in enumerate(lists):
        counts.append(None if entries is None else len(entries))
        try:
            asked = [
                (parse_day(one[_ASKED]), parse_day(one[_NEW_DUE]))
                for one in entries or ()
                if one.get(_NEW_DUE)
            ]
        except (KeyError, TypeError, ValueError):
            broken[place] = "list_unreadable"
            continue
        if asked:
            moved[place] = max(asked)[1]
    faults = faults_of(words, broken, at)
    found = {"supplements": Column(values=laid_out(words, counts, pa.int64()), faults=faults)}
    last = moved[words.at]
    if due is None:
        return found | {"due": Column(values=pa.array(last))}
    first = due.values.to_numpy(zero_copy_only=False).astype("datetime64[us]")
    values = pa.array(np.where(np.isnat(last), first, last))
    return found | {"due": Column(values=values, faults=due.faults, found=due.found)}


def _amount(value: object) -> float:
    """Read a fee: a number from 0 on, or digits; anything else raises ValueError."""
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(value)
    return value


def _lists(
    table: RawTable, at: int
) -> tuple[Words, list[list[Mapping[str, Any]] | None], dict[int, str]]:
    """Read the cells of a column as lists of entries; None where there is none or it is broken."""
    words = known_only(words_of(cells_of(table, at)))
    lists: list[list[Mapping[str, Any]] | None] = []
    broken: dict[int, str] = {}
    for place, text in enumerate(words.texts):
        try:
            read = json.loads(text) if text else None
        except ValueError:
            read, broken[place] = None, "list_unreadable"
        read = [read] if isinstance(read, dict) else read
        if read is not None and not (
            isinstance(read, list) and all(isinstance(one, dict) for one in read)
        ):
            read, broken[place] = None, "list_unreadable"
        lists.append(read)
    return words, lists, broken
