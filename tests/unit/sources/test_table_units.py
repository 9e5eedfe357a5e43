from __future__ import annotations

from typing import Any

import pytest
from bad_files import known, layout

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.periods import Span, month_of
from commune_pilots.sources.table_units import read_units

APRIL, OLD = month_of(2026, 4), month_of(2025, 4)
PLACES = {"Mã xã": "unit_code", "Xã": "unit", "Huyện": "district", "Tỉnh": "province"}


def _read(
    header: list[str], *rows: list[Any], span: Span = APRIL, **more: Any
) -> tuple[list[str | None], list[tuple[str, int | None, str]]]:
    table = RawTable(
        file="a",
        sheet="",
        header=header,
        rows=rows,
        numbers=range(2, len(rows) + 2),
        sections=more.pop("sections", ()),
    )
    columns = {PLACES[name]: at for at, name in enumerate(header) if name in PLACES}
    by = layout().model_copy(update=more)
    units, told = read_units(table, by, columns, [span] * len(rows), known())
    return units, [(one.rule, one.row, one.value) for one in told]


def test_a_code_is_taken_as_it_stands():
    assert _read(["Mã xã"], ["27694"], ["00123"]) == (["27694", "00123"], [])


@pytest.mark.parametrize("code", [123.0, "123", "123.0", "0123"])
def test_a_code_gets_back_the_zeros_that_the_register_knows(code):
    units, told = _read(["Mã xã"], [code])
    assert units == ["00123"]
    assert [rule for rule, *_ in told] == ["code_zeros"]


@pytest.mark.parametrize("code", ["99999", "7", "2769", "ABC"])
def test_a_code_that_the_register_does_not_know_is_refused(code):
    with pytest.raises(InputError, match=r"row 2, column “Mã xã”.*not in the register"):
        _read(["Mã xã"], [code])


def test_a_code_and_another_units_name_are_refused():
    with pytest.raises(InputError, match="two different units"):
        _read(["Mã xã", "Xã"], ["27694", "Xã Hòa Bình"])


def test_a_code_of_before_the_merger_is_kept_and_told_with_its_successor():
    units, told = _read(["Mã xã"], ["27691"])
    assert units == ["27691"]
    assert told == [("unit_abolished", 2, "27691 → 27694")]


def test_a_code_of_before_the_merger_is_nothing_to_tell_of_then():
    assert _read(["Mã xã"], ["27691"], span=OLD) == (["27691"], [])


def test_a_code_that_another_unit_has_by_now_is_refused():
    with pytest.raises(InputError, match="given to another unit"):
        _read(["Mã xã", "Xã"], ["28159", "Thị trấn Cần Giuộc"])
    assert _read(["Mã xã", "Xã"], ["28159", "Thị trấn Cần Giuộc"], span=OLD)[0] == ["28159"]


def test_a_code_of_after_the_merger_is_refused_before_it():
    with pytest.raises(InputError, match="did not exist throughout"):
        _read(["Mã xã"], ["27694"], span=OLD)


def test_a_name_leads_to_the_one_unit_that_bears_it_then():
    assert _read(["Xã"], ["Cần Giuộc"])[0] == ["28159"]
    assert _read(["Xã"], ["P. Long An"])[0] == ["27694"]


def test_a_name_of_two_units_is_refused_unless_the_province_tells():
    with pytest.raises(InputError, match=r"row 2, column “Xã”.*several units"):
        _read(["Xã"], ["Xã Tân Tiến"])
    assert _read(["Xã"], ["Xã Tân Tiến"], province="06")[0] == ["01001"]
    assert _read(["Tỉnh", "Xã"], ["Tỉnh Long An", "Xã Tân Tiến"])[0] == ["02002"]


def test_a_district_narrows_names_from_its_column_or_its_section():
    rows = ["Huyện Cần Giuộc", "Thị trấn Cần Giuộc"]
    assert _read(["Huyện", "Xã"], rows, span=OLD)[0] == ["28159"]
    assert _read(["Xã"], rows[1:], span=OLD, sections=["I. Huyện Cần Giuộc"])[0] == ["28159"]
    with pytest.raises(InputError, match="no commune bears"):
        _read(["Xã"], rows[1:], span=OLD, sections=["Thành phố Tân An"])


def test_an_unknown_name_is_refused():
    with pytest.raises(InputError, match="row 2, column “Xã”: found “Xã Hòa Bìn”; no commune"):
        _read(["Xã"], ["Xã Hòa Bìn"])


def test_rows_of_districts_and_departments_are_left_out():
    units, told = _read(["Xã"], ["Huyện Cần Giuộc"], ["Sở Nội vụ"], ["Phường Long An"])
    assert units == [None, None, "27694"]
    assert [rule for rule, *_ in told] == ["not_a_commune", "not_a_commune"]


def test_a_row_without_a_unit_is_refused():
    with pytest.raises(InputError, match="row 3: a row without a unit"):
        _read(["Mã xã", "Xã"], ["27694", None], [None, None])


def test_a_table_of_one_unit_needs_no_column():
    assert _read(["Tiếp nhận"], [1], [2], unit="27694")[0] == ["27694", "27694"]
    with pytest.raises(InputError, match="no column of units"):
        _read(["Tiếp nhận"], [1])
