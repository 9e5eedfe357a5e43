from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.log_texts import (
    faults_of,
    first_row,
    known_only,
    laid_out,
    plain_words,
    renamed,
    rows_with,
    words_of,
)


def _table(*cells):
    return RawTable(
        file="a.csv", sheet="", header=["Tên"], rows=[[cell] for cell in cells],
        numbers=range(2, 2 + len(cells)),
    )  # fmt: skip


def test_a_column_is_its_different_texts_and_where_each_stands():
    words = words_of(["a", None, "b", 3.0, "a"])
    assert words.texts == ("a", "b", "3")
    assert words.at.tolist() == [0, -1, 1, 2, 0]
    assert (first_row(words, 1), rows_with(words, [0, 2]).tolist()) == (2, [0, 3, 4])


def test_an_empty_column_holds_nothing():
    words = words_of([None, None])
    assert (words.texts, words.at.tolist()) == ((), [-1, -1])
    assert laid_out(words, [], pa.string()).to_pylist() == [None, None]


def test_texts_that_become_blank_are_nowhere():
    words = renamed(words_of(["a", "-", None]), ["A", ""])
    assert words.at.tolist() == [0, -1, -1]
    assert known_only(words_of(["-", "KHÔNG CÓ SỐ LIỆU", "a"])).at.tolist() == [-1, -1, 2]


def test_values_follow_their_texts():
    assert laid_out(words_of(["a", None, "b"]), [1, None], pa.int64()).to_pylist() == [
        1,
        None,
        None,
    ]


def test_each_kind_of_repair_is_told_once_with_the_first_row_that_needs_it():
    words, found = plain_words(_table("xã", "xa\u0303\u00a0A", "xa\u0303\u00a0B"), 0)
    assert [words.texts[at] for at in words.at] == ["xã", "xã A", "xã B"]
    assert [(one.rule, one.row, one.value) for one in sorted(found, key=lambda one: one.rule)] == [
        ("nfd", 3, "xã A"), ("unseen", 3, "xã A"),
    ]  # fmt: skip
    assert {one.value for one in plain_words(_table("a\u00a0b"), 0, told=False)[1]} == {""}


@pytest.mark.parametrize("cell", ["<b>", "&lt;script&gt;", "../x", "\x01"])
def test_a_hostile_text_among_thousands_refuses_the_file(cell):
    with pytest.raises(InputError, match="row 5003"):
        plain_words(_table(*map(str, range(5_001)), cell), 0)


def test_texts_that_break_rules_become_a_fault_a_rule():
    faults = faults_of(words_of(["a", "b", "a", "c"]), {0: "x", 1: "y", 2: "x"}, 4)
    assert [(one.rule, one.rows.tolist(), one.column) for one in faults] == [
        ("x", [0, 2, 3], 4), ("y", [1], 4),
    ]  # fmt: skip
    assert faults[0].rows.dtype == np.int64
