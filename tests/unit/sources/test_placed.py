from __future__ import annotations

from dataclasses import replace

import pytest

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Found, RawTable
from commune_pilots.sources.placed import found_at, refuse_at

TABLE = RawTable(
    file="a.csv", sheet="T4", header=["Xã", "Đúng hạn"], rows=[["A", 9.0]], numbers=[7]
)


def test_a_finding_bears_the_row_of_the_file_the_header_and_the_cell():
    assert found_at(TABLE, "blank", "flagged", row=0, at=1) == Found(
        file="a.csv",
        sheet="T4",
        rule="blank",
        outcome="flagged",
        row=7,
        column="Đúng hạn",
        value="9",
    )


def test_a_finding_may_be_of_a_column_or_of_the_table():
    assert found_at(TABLE, "blank", "flagged", at=0).column == "Xã"
    assert found_at(TABLE, "blank", "flagged", value="x").row is None


def test_a_refusal_bears_the_same_place():
    with pytest.raises(InputError, match=r"^a\.csv, sheet T4, row 7, column “Đúng hạn”: found “9”"):
        refuse_at("negative", TABLE, row=0, at=1)


def test_a_person_named_in_a_header_is_covered_in_what_is_told():
    table = replace(TABLE, header=["Nguyễn Văn Bưởi phụ trách", "Đúng hạn"])
    assert found_at(table, "column_unknown", "flagged", at=0).column == "Nguyễn ••• phụ trách"
