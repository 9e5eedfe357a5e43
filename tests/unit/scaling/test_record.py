from __future__ import annotations

from typing import get_args

import pandas as pd
import pytest
from drawn import table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas, vocabulary
from commune_pilots.assumptions import resting
from commune_pilots.errors import ContractError
from commune_pilots.scaling.record import record

WORDS = {
    "data": vocabulary.Data,
    "scope": vocabulary.Scope,
    "interval": vocabulary.IntervalKind,
    "measured_in": vocabulary.MeasuredIn,
    "grade": vocabulary.Grade,
}
SETTINGS = {
    "run": "r",
    "data": "press",
    "quantity": "change",
    "subject": "id",
    "observations": ["figure"],
    "measured_in": "points",
    "value": "size",
}


def _sizes(**same):
    return table(
        """
        id  figure  other  size  least  most
        a   o1      o2     1.5   1.0    2.0
        b   o3      -      -     2.0    -
        c   o4      o4     0.5   -      -
        """,
        **same,
    )


def _record(frame=None, **settings):
    return record(_sizes() if frame is None else frame, **{**SETTINGS, **settings})


def _row(found, quantity, subject):
    at = (found["quantity"] == quantity) & (found["subject"] == subject)
    (row,) = found[at].to_dict("records")
    return row


def _numbers(found, quantity, subject):
    """Value, low and high of one row; None for missing."""
    row = _row(found, quantity, subject)
    return [None if pd.isna(row[name]) else row[name] for name in ("value", "low", "high")]


def test_a_row_of_the_table_is_a_row_of_results_in_the_same_order():
    found = _record()
    assert found["subject"].tolist() == ["a", "b", "c"]
    assert found["value"].tolist()[0::2] == [1.5, 0.5]
    assert set(found["run"]) == {"r"}
    assert set(found["quantity"]) == {"change"}
    assert set(found["measured_in"]) == {"points"}
    schemas.check(found, "results")


def test_an_unknown_number_keeps_its_row_without_a_value():
    assert pd.isna(_row(_record(), "change", "b")["value"])


def test_a_row_without_ends_has_no_interval_and_no_confidence():
    found = _record(low="least", high="most", interval="worst_case", confidence=95)
    assert found["interval"].tolist()[:2] == ["worst_case", "worst_case"]
    assert found["interval"].isna().tolist() == [False, False, True]
    assert found["confidence"].isna().tolist() == [False, False, True]
    assert found["confidence"].tolist()[:2] == [95.0, 95.0]


def test_one_end_alone_is_an_interval():
    found = _record(low="least", interval="bound")
    assert _numbers(found, "change", "b") == [None, 2.0, None]
    assert _row(found, "change", "b")["interval"] == "bound"


def test_ends_without_a_value_can_be_recorded():
    found = _record(value=None, low="least", high="most", interval="bound")
    assert _numbers(found, "change", "a") == [None, 1.0, 2.0]


def test_every_figure_behind_a_number_is_named_once():
    found = _record(observations=["figure", "other"])
    assert found["observations"].tolist() == ["o1;o2", "o3", "o4"]
    assert _record(observations="figure")["observations"].tolist() == ["o1", "o3", "o4"]


def test_a_number_without_a_figure_rests_on_its_assumptions_alone():
    found = _record(observations=[], quantity="power")
    assert found["observations"].isna().all()
    assert set(found["assumptions"]) == {"A2;A10"}
    assert _record(observations=["other"])["observations"].isna().tolist() == [False, True, False]


def test_what_the_table_says_of_a_row_is_carried_over():
    frame = _sizes(unit="00001", unit_name="One", scope="unit", indicator="i", definition="d")
    found = _record(frame.assign(grade="low"))
    row = found.iloc[0]
    assert (row["unit"], row["unit_name"], row["scope"]) == ("00001", "One", "unit")
    assert (row["indicator"], row["definition"], row["grade"]) == ("i", "d", "low")
    assert _record()[["unit", "unit_name", "scope", "indicator", "grade"]].isna().all(axis=None)


def test_a_number_carries_the_assumptions_its_quantity_rests_on():
    frame = _sizes()
    quantities = pd.Series(["change", "worst_p", "power"], index=frame.index)
    found = _record(frame, quantity=quantities)
    assert found["assumptions"].tolist() == ["A1;A4;A7;A8", "A1;A2;A7", "A2;A10"]


def test_a_number_whose_assumptions_nobody_listed_is_not_recorded():
    with pytest.raises(KeyError, match="no assumption is listed for 'size'"):
        _record(quantity="size")
    frame = _sizes()
    with pytest.raises(KeyError, match="'size'"):
        _record(frame, quantity=pd.Series(["change", "size", "change"], index=frame.index))


def test_nobody_types_the_assumptions_of_a_number():
    typed = _sizes(assumptions="A5")
    assert set(_record(typed)["assumptions"]) == {";".join(resting("change"))}


def test_a_table_without_assumptions_breaks_the_contract():
    with pytest.raises(ContractError) as caught:
        schemas.check(_record().assign(assumptions=None).astype({"assumptions": "str"}), "results")
    assert {each.column for each in caught.value.failures} == {"assumptions"}


def test_words_may_differ_from_row_to_row():
    frame = _sizes()
    found = _record(frame, measured_in=pd.Series(["points", "count", "rank"], index=frame.index))
    assert found["measured_in"].tolist() == ["points", "count", "rank"]


def test_a_filtered_table_keeps_its_words_beside_its_rows():
    frame = _sizes().iloc[1:]
    words = pd.Series(["points", "count", "rank"]).iloc[1:]
    found = _record(frame, measured_in=words)
    assert found[["subject", "measured_in"]].to_numpy().tolist() == [["b", "count"], ["c", "rank"]]
    with pytest.raises(ValueError, match="index"):
        _record(frame, measured_in=words.reset_index(drop=True))


def test_whole_numbers_become_numbers_and_unknown_ones_stay_unknown():
    counts = pd.Series([1, None, 3], dtype="Int64")
    found = _record(_sizes().assign(size=counts))
    assert str(found["value"].dtype) == "float64"
    assert found["value"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    "settings",
    [
        {"value": "sise"},
        {"subject": "sise"},
        {"observations": ["figure", "sise"]},
        {"low": "sise", "interval": "bound"},
        {"high": "sise", "interval": "bound"},
    ],
)
def test_a_column_that_does_not_exist_is_refused_by_name(settings):
    with pytest.raises(KeyError, match=r"no column \['sise'\].*id, figure, other, size"):
        _record(**settings)


@pytest.mark.parametrize("column", ["id", "flag"])
def test_a_column_without_numbers_is_refused(column):
    frame = _sizes().assign(flag=True)
    with pytest.raises(ValueError, match=rf"'{column}' holds (str|bool), not numbers"):
        _record(frame, value=column)


@pytest.mark.parametrize(
    "settings",
    [
        {"low": "least", "high": "most"},
        {"interval": "rounding"},
        {"confidence": 95.0},
        {"interval": "worst_case", "confidence": 95.0},
    ],
)
def test_an_interval_needs_its_ends_and_a_word(settings):
    with pytest.raises(ValueError, match="an interval has"):
        _record(**settings)


def test_nothing_to_record_is_refused():
    with pytest.raises(ValueError, match="nothing to record"):
        _record(value=None)


def test_ends_that_cross_are_refused_with_their_row():
    with pytest.raises(ValueError, match=r"low is above high: \['a'\]"):
        _record(low="most", high="least", interval="bound")


@pytest.mark.parametrize(
    ("settings", "column", "rule"),
    [
        ({"measured_in": "metres"}, "measured_in", "isin"),
        ({"data": "guess"}, "data", "isin"),
        ({"run": "a/b"}, "run", "pattern"),
        ({"low": "least", "interval": "certain"}, "interval", "isin"),
        ({"low": "least", "interval": "bound", "confidence": 0.0}, "confidence", "above"),
        ({"low": "least", "interval": "bound", "confidence": 101.0}, "confidence", "most"),
    ],
)
def test_a_word_the_contract_does_not_know_is_refused(settings, column, rule):
    with pytest.raises(ContractError) as caught:
        _record(**settings)
    assert {(each.column, each.rule) for each in caught.value.failures} == {(column, rule)}


def test_a_table_without_rows_keeps_the_contract():
    assert_frame_equal(_record(_sizes().iloc[:0]), schemas.empty("results"))
    found = _record(_sizes().iloc[:0], low="least", high="most", interval="bound", confidence=95)
    assert_frame_equal(found, schemas.empty("results"))


def test_the_table_handed_to_record_is_not_changed():
    frame = _sizes(unit="00001").iloc[1:]
    before = frame.copy(deep=True)
    _record(frame, low="least", high="most", interval="bound")
    assert_frame_equal(frame, before)


@pytest.mark.parametrize(("column", "words"), WORDS.items())
def test_a_column_accepts_the_words_of_its_list(column, words):
    (check,) = schemas.TABLES["results"].to_schema().columns[column].checks
    assert set(check.statistics["allowed_values"]) == set(get_args(words))


def test_everything_an_indicator_is_measured_in_can_be_recorded(indicators):
    units = {indicator.unit for indicator in indicators.values()}
    assert units <= set(get_args(vocabulary.MeasuredIn))
