from __future__ import annotations

import pytest

from commune_pilots.sources.cells import Sheet, row_number


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (Sheet(file="a", name="", rows=[[1], [2]]), 2),
        (Sheet(file="a", name="", rows=[[1], [2]], first_row=5), 6),
        (Sheet(file="a", name="", rows=[[1], [2]], numbers=[3, 9]), 9),
    ],
)
def test_a_row_is_told_by_its_number_in_the_file(sheet, expected):
    assert row_number(sheet, 1) == expected
