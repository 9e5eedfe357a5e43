from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.log_nested import read_fees, read_supplements
from commune_pilots.sources.log_texts import Column

DUE = dt.datetime(2025, 9, 28)


def _table(*cells):
    return RawTable(
        file="a.csv", sheet="", header=["a"], rows=[[cell] for cell in cells],
        numbers=range(2, 2 + len(cells)),
    )  # fmt: skip


def test_fees_of_a_row_add_up():
    cells = ['[{"Gia": 8000}, {"Gia": "12000"}]', '{"Gia": 5000}', "[]", None]
    assert read_fees(_table(*cells), 0).values.to_pylist() == [20000.0, 5000.0, 0.0, None]


@pytest.mark.parametrize(
    "cell", ["[", "3", '[{"Gia": -1}]', '[{"Gia": "20.000"}]', "[1]", '[{"LoaiPhiLePhi": 1}]']
)
def test_a_list_that_cannot_be_read_is_a_fault_of_its_row(cell):
    found = read_fees(_table("[]", cell), 0)
    assert found.values.to_pylist() == [0.0, None]
    assert [(one.rule, one.rows.tolist()) for one in found.faults] == [("list_unreadable", [1])]


def test_the_due_date_is_that_of_the_last_supplement():
    first = '{"NgayBoSung": "01/09/2025", "NgayHenTraMoi": "05/10/2025"}'
    second = '{"NgayBoSung": "03/09/2025", "NgayHenTraMoi": "02/10/2025"}'
    due = Column(values=pa.array([DUE] * 3, pa.timestamp("us")))
    found = read_supplements(_table(f"[{second}, {first}]", "[]", None), 0, due=due)
    assert found["supplements"].values.to_pylist() == [2, 0, None]
    assert found["due"].values.to_pylist() == [dt.datetime(2025, 10, 2), DUE, DUE]
    alone = read_supplements(_table(f"[{first}]"), 0, due=None)
    assert alone["due"].values.to_pylist() == [dt.datetime(2025, 10, 5)]


def test_a_supplement_without_a_day_is_a_fault_of_its_row():
    found = read_supplements(_table('[{"NgayHenTraMoi": "05/10/2025"}]'), 0, due=None)
    assert [one.rule for one in found["supplements"].faults] == ["list_unreadable"]
