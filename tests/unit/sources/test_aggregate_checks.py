from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from bad_files import layout

from commune_pilots.errors import InputError
from commune_pilots.sources.aggregate_checks import check_rows, check_totals, expected_share
from commune_pilots.sources.cells import RawTable

NAMES = ["received", "online", "processed", "on_time", "late"]


def _check(*rows: list[Any], names: list[str] | None = None) -> list[tuple[str, int | None, str]]:
    names = names or NAMES
    table = RawTable(file="a", sheet="", header=names, rows=rows, numbers=range(2, len(rows) + 2))
    read = {
        name: [None if row[at] is None else Decimal(str(row[at])) for row in rows]
        for at, name in enumerate(names)
    }
    columns = {name: at for at, name in enumerate(names)}
    return [(one.rule, one.row, one.value) for one in check_rows(table, layout(), columns, read)]


def test_rows_that_agree_have_nothing_to_tell():
    assert _check([10, 4, 9, 8, 1], [10, None, None, 8, 1], [0, 0, 0, 0, 0]) == []


@pytest.mark.parametrize(
    ("row", "column"), [([10, 11, 9, 8, 1], "online"), ([10, 4, 9, 10, 0], "on_time")]
)
def test_a_part_above_its_total_refuses_the_table(row, column):
    with pytest.raises(InputError, match=rf"row 3, column “{column}”.*above the row's total"):
        _check([10, 4, 9, 8, 1], row)


def test_parts_that_do_not_add_up_are_flagged_with_both_numbers():
    assert _check([10, 4, 9, 8, 2]) == [("sum_differs", 2, "8 + 2 ≠ 9")]


def test_without_handled_dossiers_the_received_ones_are_the_total():
    names = ["received", "on_time", "late"]
    assert [rule for rule, *_ in _check([10, 8, 1], names=names)] == ["sum_differs"]
    with pytest.raises(InputError, match="above the row's total"):
        _check([10, 11, 0], names=names)


def test_a_bound_need_not_add_up():
    assert _check([10, 1, 9, 8, 1]) == []


def test_parts_of_which_one_is_unknown_are_not_added():
    assert _check([10, 4, 9, 5, None]) == []


def test_a_column_split_off_by_a_template_belongs_to_the_sum():
    names = [*NAMES, "early"]
    assert _check([10, 4, 9, 3, 1, 5], names=names) == []
    assert [rule for rule, *_ in _check([10, 4, 9, 3, 1, 4], names=names)] == ["sum_differs"]


@pytest.mark.parametrize(("printed", "told"), [(88.88, []), (89, []), (80.5, ["share_differs"])])
def test_a_printed_share_is_held_against_its_counts(printed, told):
    found = _check([10, 4, 9, 8, 1, printed], names=[*NAMES, "on_time_share"])
    assert [rule for rule, *_ in found] == told


def test_more_late_than_on_time_in_most_rows_is_flagged():
    found = _check([10, 4, 9, 1, 8], [10, 4, 9, 2, 7], [10, 4, 9, 8, 1])
    assert found == [("columns_swapped", None, "2/3")]
    assert _check([10, 4, 9, 1, 8], [10, 4, 9, 8, 1]) == []


def test_a_share_is_known_only_from_known_counts_of_something():
    share = next(one for one in layout().shares if one.indicator == "on_time_share")
    read = {"on_time": [Decimal(8), None, Decimal(0)], "late": [Decimal(2), Decimal(1), Decimal(0)]}
    assert [expected_share(share, read, row) for row in range(3)] == [80, None, None]
    split = read | {"early": [Decimal(10), Decimal(0), Decimal(0)]}
    assert expected_share(share, split, 0) == 90


def _totals(totals: dict[int, list[Any]], *rows: list[Any]) -> list[tuple[int | None, str, str]]:
    numbers = [at for at in range(2, 20) if at not in totals][: len(rows)]
    table = RawTable(
        file="a", sheet="", header=["Xã", "A", "B"], rows=rows, numbers=numbers, totals=totals
    )
    return [(one.row, one.column, one.value) for one in check_totals(table, [1, 2])]


def test_a_total_of_all_rows_agrees_or_is_flagged():
    rows = [["x", 1, 4], ["y", 2, 5]]
    assert _totals({4: ["Tổng", 3, 9]}, *rows) == []
    assert _totals({4: ["Tổng", 3, 8]}, *rows) == [(4, "B", "8 ≠ 9")]
    assert _totals({4: ["Tổng", 3, None]}, *rows) == []


def test_totals_of_sections_stand_above_or_below_their_rows():
    rows = [["x", 1, 4], ["y", 2, 5], ["z", 4, 1]]
    assert _totals({2: ["I", 3, 9], 5: ["II", 4, 1], 7: ["Tổng", 7, 10]}, *rows) == []
    assert _totals({4: ["Cộng", 3, 9], 6: ["Cộng", 4, 1], 7: ["Tổng", 7, 10]}, *rows) == []


def test_a_total_is_read_in_the_style_of_its_column():
    assert _totals({4: ["Tổng", "1.003", 9]}, ["x", "1.001", 4], ["y", 2, 5]) == []


def test_a_total_that_cannot_be_read_is_flagged_not_fatal():
    assert _totals({4: ["Tổng", "#REF!", 9]}, ["x", 1, 4], ["y", 2, 5]) == [(4, "A", "#REF! ≠ ?")]
