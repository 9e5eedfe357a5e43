from __future__ import annotations

import pytest
from bad_files import layout

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.pivots import period_columns, unpivot


def _table(header: list[str], *rows: list[object], **marks: object) -> RawTable:
    return RawTable(
        file="a",
        sheet="",
        header=header,
        rows=rows,
        numbers=range(2, len(rows) + 2),
        **marks,  # type: ignore[arg-type]
    )


def test_periods_across_become_rows_with_their_measures_in_columns():
    table = _table(
        ["Mã xã", "T4/2026 > Tiếp nhận", "T4/2026 > Đúng hạn", "T5/2026 > Tiếp nhận"],
        ["27694", 12, 9, 13],
    )
    turned = unpivot(table, layout())
    assert list(turned.header) == ["Mã xã", "Tiếp nhận", "Đúng hạn", "Tháng"]
    assert turned.rows == [["27694", 12, 9, "T4/2026"], ["27694", 13, None, "T5/2026"]]
    assert turned.numbers == [2, 2]
    assert [one.rule for one in turned.found] == ["months_across"]


def test_periods_alone_count_what_the_layout_says():
    turned = unpivot(_table(["Mã xã", "T4", "T5"], ["27694", 12, 13]), layout())
    assert list(turned.header) == ["Mã xã", "Tiếp nhận", "Tháng"]


def test_periods_alone_are_refused_where_nothing_says_what_they_count():
    by = layout()
    assert by.period is not None
    silent = by.model_copy(update={"period": by.period.model_copy(update={"measure": None})})
    with pytest.raises(InputError, match=r"column “T4”.*nothing says what is counted"):
        unpivot(_table(["Mã xã", "T4"], ["27694", 12]), silent)


def test_one_period_twice_is_refused():
    table = _table(["Mã xã", "T4 > Tiếp nhận", "T4 > Tiếp nhận"], ["27694", 12, 13])
    with pytest.raises(InputError, match="two columns of one meaning"):
        unpivot(table, layout())


def test_marks_of_cells_follow_them():
    table = _table(
        ["Mã xã", "T4", "T5"],
        ["27694", 0.5, 13],
        percent=frozenset({(0, 1)}),
        filled=frozenset({(0, 0), (0, 2)}),
        sections=["Khu vực 1"],
    )
    turned = unpivot(table, layout())
    assert turned.percent == {(0, 1)}
    assert turned.filled == {(0, 0), (1, 0), (1, 1)}
    assert turned.sections == ["Khu vực 1", "Khu vực 1"]


def test_a_table_without_periods_across_stays_as_it_is():
    table = _table(["Mã xã", "Tháng", "Tiếp nhận"], ["27694", "T4/2026", 1])
    assert unpivot(table, layout()) is table
    assert period_columns(table.header) == []


def test_a_layout_that_looks_nowhere_across_turns_nothing():
    table = _table(["Mã xã", "T4"], ["27694", 1])
    assert unpivot(table, layout("form_06a")) is table


@pytest.mark.parametrize(
    "title", ["TỶ LỆ HỒ SƠ ĐÚNG HẠN", "Số hồ sơ quá hạn năm 2026", "Tỉ lệ (%)"]
)
def test_months_across_under_a_title_of_another_measure_are_refused(title):
    table = _table(["Mã xã", "T4/2026", "T5/2026"], ["27694", 12, 13], titles=[title])
    with pytest.raises(InputError, match="the title says"):
        unpivot(table, layout())


@pytest.mark.parametrize("title", ["Tình hình tiếp nhận, giải quyết hồ sơ", "BÁO CÁO", "Năm 2026"])
def test_months_across_under_a_title_of_their_own_measure_are_read(title):
    table = _table(["Mã xã", "T4/2026"], ["27694", 12], titles=[title])
    assert list(unpivot(table, layout()).header) == ["Mã xã", "Tiếp nhận", "Tháng"]
