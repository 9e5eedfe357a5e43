from __future__ import annotations

import pandas as pd
import pytest
from drawn import observations, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.errors import ContractError


def _pilots(**same):
    return table(
        """
        unit   programme  opened_precision  arm    source
        00001  p          year              pilot  s1
        00002  p          year              pilot  s1
        """,
        of="pilots",
        **same,
    )


def _failures(frame, name, **settings):
    with pytest.raises(ContractError) as caught:
        schemas.check(frame, name, **settings)
    return caught.value.failures


@pytest.mark.parametrize("name", sorted(schemas.TABLES))
def test_a_table_without_rows_keeps_its_contract(name):
    blank = schemas.empty(name)
    schemas.TABLES[name].validate(blank, lazy=True)
    assert schemas.check(blank, name) is blank
    assert list(blank.columns) == list(schemas.columns(name))


def test_a_table_without_rows_is_refused_where_its_columns_are_not_those_of_the_contract():
    blank = schemas.empty("pilots")
    (failure, *_) = _failures(blank.astype({"unit": "float64"}), "pilots")
    assert (failure.column, failure.rule) == ("unit", "type")
    (failure, *_) = _failures(blank.drop(columns="arm"), "pilots")
    assert failure.rule == "column_missing"
    (failure, *_) = _failures(blank[blank.columns[::-1]], "pilots")
    assert failure.rule == "column_order"


def test_an_empty_table_is_one_of_its_own_each_time():
    changed = schemas.empty("pilots")
    changed["unit"] = 1
    assert schemas.check(schemas.empty("pilots"), "pilots")["unit"].dtype == "str"


@pytest.mark.parametrize("name", sorted(schemas.TABLES))
def test_every_column_is_text_number_count_date_or_flag(name):
    assert set(schemas.columns(name).values()) <= {"text", "number", "count", "date", "flag"}


def test_every_raw_table_has_a_contract():
    assert set(schemas.RAW_TABLES) <= set(schemas.TABLES)


def test_columns_know_the_kind_of_each_column():
    kinds = schemas.columns("observations")
    assert kinds["unit"] == "text"
    assert kinds["paragraph"] == "count"
    assert kinds["value"] == "number"
    assert kinds["period_end"] == "date"
    assert schemas.columns("levels")["saturated"] == "flag"


def test_a_sound_table_is_handed_back_and_is_not_changed():
    pilots = _pilots()
    before = pilots.copy(deep=True)
    assert schemas.check(pilots, "pilots") is pilots
    assert_frame_equal(pilots, before)


@pytest.mark.parametrize(
    ("column", "values", "rule", "row", "value"),
    [
        ("arm", ["pilot", "treated"], "isin", 3, "treated"),
        ("unit", ["00001", "../etc"], "pattern", 3, "../etc"),
        ("programme", [None, "p"], "required", 2, ""),
        ("paragraph", [0, 3], "least", 2, "0"),
    ],
)
def test_a_broken_value_is_placed_by_row_column_and_rule(column, values, rule, row, value):
    frame = _pilots()
    broken = frame.assign(**{column: pd.Series(values, dtype=frame[column].dtype)})
    (failure,) = _failures(broken, "pilots", file="pilots.csv")
    assert (failure.file, failure.row, failure.column) == ("pilots.csv", row, column)
    assert (failure.rule, failure.value) == (rule, value)


def test_a_refused_value_is_told_what_is_accepted():
    (failure, *_) = _failures(_pilots(arm="x"), "pilots")
    assert failure.sentence("en") == "accepted: pilot, comparison"


def test_an_id_that_appears_twice_is_refused_in_both_rows():
    found = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  after   98,08
        """
    ).assign(observation="o1")
    failures = _failures(found, "observations")
    assert [(failure.rule, failure.row) for failure in failures] == [("unique", 2), ("unique", 3)]


def test_a_number_outside_its_limits_is_refused():
    floors = table(
        """
        contrast  side  floor  k_before  n_before  k_after  n_after  worst_p  bound_p  certified
        c         both  1      0         1         9        17       1.0      1.0      yes
        c         both  2      0         2         8        15       0.5      1.5      yes
        c         both  0      0         2         8        15       -0.1     0.5      yes
        """,
        of="floors",
    )
    assert schemas.check(floors.iloc[:1], "floors").equals(floors.iloc[:1])
    found = {(each.row, each.column, each.rule) for each in _failures(floors, "floors")}
    assert found == {(3, "bound_p", "most"), (4, "floor", "least"), (4, "worst_p", "least")}


def test_every_broken_value_is_listed_not_only_the_first():
    assert len(_failures(_pilots(arm="x", opened_precision="week"), "pilots")) == 4


def test_a_missing_column_is_named():
    failures = _failures(_pilots().drop(columns="arm"), "pilots")
    assert ("arm", "column_missing") in {(f.column, f.rule) for f in failures}


def test_an_extra_column_is_named():
    failures = _failures(_pilots().assign(sponser="x"), "pilots")
    assert ("sponser", "column_unknown") in {(f.column, f.rule) for f in failures}


def test_columns_out_of_order_are_refused():
    frame = _pilots()
    failures = _failures(frame[list(reversed(frame.columns))], "pilots")
    assert {failure.rule for failure in failures} == {"column_order"}


@pytest.mark.parametrize(
    ("column", "dtype"), [("paragraph", "float64"), ("paragraph", "str"), ("opened", "object")]
)
def test_nothing_is_coerced_a_column_of_another_type_is_refused(column, dtype):
    failures = _failures(_pilots().astype({column: dtype}), "pilots")
    assert (column, "type") in {(failure.column, failure.rule) for failure in failures}


@pytest.mark.parametrize("codes", [pd.Series([1, 2]), pd.Series(["00001", 2], dtype="object")])
def test_a_code_that_became_a_number_is_refused(codes):
    frame = _pilots().assign(unit=codes)
    assert ("unit", "type") in {(f.column, f.rule) for f in _failures(frame, "pilots")}


def test_a_figure_is_placed_by_the_row_of_the_file_it_came_from():
    found = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  after   98,08
        """
    )
    sent = found.assign(row=pd.Series([40, 41], dtype="Int64"), role=["before", "aftr"])
    assert [failure.row for failure in _failures(sent, "observations")] == [41]


def test_a_filtered_table_is_placed_by_its_own_rows():
    found = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  after   98,08
        """
    ).assign(role=["before", "aftr"])
    assert [failure.row for failure in _failures(found.iloc[1:], "observations")] == [3]


def test_a_table_checked_without_a_file_is_called_by_its_name():
    assert _failures(_pilots(arm="x"), "pilots")[0].file == "pilots (table)"


def test_a_figure_without_a_row_is_refused_by_name():
    found = observations("observation unit role printed\n o1 00001 before 16,8")
    without = found.assign(row=pd.Series([None], dtype="Int64"))
    (failure,) = _failures(without, "observations")
    assert (failure.column, failure.rule, failure.row) == ("row", "required", 2)


def test_rows_are_laid_out_in_the_contract_and_what_is_not_given_is_missing():
    rows = [{"check": "rounding", "contrast": "c", "outcome": "passed"}]
    found = schemas.build(rows, "checks")
    assert list(found.columns) == list(schemas.columns("checks"))
    assert found[["statistic", "decimals", "reference"]].isna().all(axis=None)
    assert_frame_equal(schemas.build([], "checks"), schemas.empty("checks"))


def test_a_row_with_a_column_the_contract_does_not_know_is_a_defect():
    with pytest.raises(KeyError, match="sponser"):
        schemas.build([{"unit": "00001", "sponser": "x"}], "pilots")


def test_rows_that_break_the_contract_are_refused_when_laid_out():
    with pytest.raises(ContractError) as caught:
        schemas.build([{"contrast": "c", "check": "x", "outcome": "maybe"}], "checks", file="c.csv")
    assert [(each.file, each.rule) for each in caught.value.failures] == [("c.csv", "isin")]
