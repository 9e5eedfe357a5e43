from __future__ import annotations

import pandas as pd
import pytest
from drawn import table

from commune_pilots.catalogue import LANGUAGES
from commune_pilots.sources.panel import day_failures, panel_failures

FILE = "data/raw/press/panel.csv"
JANUARY = "2022-01-01  2022-01-31"
DRAWN = """
    unit   indicator     definition               period_start  period_end  numerator  denominator
"""


def _panel(*rows):
    drawn = table(DRAWN + "\n".join(rows), of="panel", source="s1", file=FILE)
    return drawn.assign(row=range(2, len(drawn) + 2)).astype({"row": "Int64"})


def _found(indicators, *rows):
    return list(panel_failures(_panel(*rows), indicators, file=FILE))


def _places(indicators, *rows):
    return [(one.row, one.column, one.value, one.rule) for one in _found(indicators, *rows)]


def _row(month=JANUARY, counts="3  9", indicator="online_share", definition="online_full_process"):
    return f"00001  {indicator}  {definition}  {month}  {counts}"


@pytest.mark.parametrize("counts", ["0  9", "9  9", "0  0", "-  9", "3  -", "-  -"])
def test_a_whole_month_with_a_part_of_a_whole_is_accepted_and_may_be_unknown(indicators, counts):
    assert _found(indicators, _row(counts=counts)) == []


def test_a_panel_without_rows_has_nothing_to_refuse(indicators):
    assert _found(indicators) == []


def test_more_filed_than_there_were_is_refused_with_the_denominator(indicators):
    (found,) = _found(indicators, _row(counts="10  9"))
    assert (found.row, found.column, found.value, found.rule) == (2, "numerator", "10", "most")
    assert found.sentence("en") == "must be at most 9"


@pytest.mark.parametrize(
    "month",
    [
        "2022-01-02  2022-01-31",
        "2022-01-01  2022-01-30",
        "2022-01-01  2022-02-28",
        "2022-01-01  2022-12-31",
        "2022-02-01  2022-01-31",
    ],
)
def test_what_is_not_one_whole_month_is_refused(indicators, month):
    end = month.split()[1]
    assert _places(indicators, _row(month)) == [(2, "period_end", end, "whole_month")]


def test_february_ends_on_the_29th_of_a_leap_year(indicators):
    assert _found(indicators, _row("2024-02-01  2024-02-29")) == []
    assert len(_found(indicators, _row("2024-02-01  2024-02-28"))) == 1


def test_an_indicator_that_is_no_share_has_no_part_and_whole(indicators):
    row = _row(indicator="digital_models", definition="any")
    assert _places(indicators, row) == [(2, "indicator", "digital_models", "share_only")]


def test_a_definition_of_another_indicator_is_refused_with_those_accepted(indicators):
    (found,) = _found(indicators, _row(definition="on_time_basis_unstated"))
    assert (found.column, found.rule) == ("definition", "unknown_definition")
    assert "online_full_process" in found.sentence("en")


def test_an_unknown_indicator_is_left_to_the_check_of_references(indicators):
    assert _found(indicators, _row(indicator="no_such")) == []


def test_a_month_told_twice_is_refused_at_its_second_row_with_the_first(indicators):
    other = _row("2022-02-01  2022-02-28")
    (found,) = _found(indicators, _row(), other, _row(counts="4  9"))
    assert (found.row, found.column, found.value) == (4, "period_start", "2022-01-01")
    assert found.sentence("en") == "the same figure is entered in row 2 already"


def test_the_same_month_under_another_definition_is_another_cell(indicators):
    assert _found(indicators, _row(), _row(definition="online_remote_only")) == []


def test_every_refusal_is_worded_in_both_languages(indicators):
    found = _found(
        indicators,
        _row("2022-01-02  2022-01-31", "10  9", definition="no_such"),
        _row(indicator="digital_models"),
        _row("2022-01-02  2022-01-31", "1  9", definition="no_such"),
    )
    rules = {"whole_month", "most", "unknown_definition", "share_only", "figure_twice"}
    assert {one.rule for one in found} == rules
    assert all(one.sentence(language) for one in found for language in LANGUAGES)


DAYS = """
    unit   indicator     definition           day         numerator  denominator
    00001  online_share  online_full_process  2022-01-03  3          9
    00001  online_share  online_full_process  2022-01-04  0          0
    00001  online_share  online_remote_only   2022-01-03  -          9
    00002  online_share  online_full_process  2022-01-03  3          -
"""


def _days():
    drawn = table(DAYS, of="days", source="s1", file="drawn")
    return drawn.assign(row=range(2, len(drawn) + 2)).astype({"row": "Int64"})


def _refused(days, indicators):
    found = list(day_failures(days, indicators, file="days.csv"))
    assert all(one.sentence(language) for one in found for language in LANGUAGES)
    assert {one.file for one in found} <= {"days.csv"}
    return [(one.row, one.column, one.value, one.rule) for one in found]


def test_days_of_different_units_and_definitions_stand_beside_each_other(indicators):
    assert _refused(_days(), indicators) == []
    assert _refused(_days().iloc[:0], indicators) == []


def test_a_day_told_twice_is_refused_though_other_tables_could_have_it(indicators):
    twice = _days().iloc[[0, 1, 0]].assign(row=pd.array([2, 3, 4], dtype="Int64"))
    assert _refused(twice, indicators) == [(4, "day", "2022-01-03", "figure_twice")]


def test_a_day_with_a_time_is_refused_and_shown_with_it(indicators):
    noon = _days().assign(day=lambda rows: rows["day"] + pd.Timedelta(hours=12)).iloc[:1]
    assert _refused(noon, indicators) == [(2, "day", "2022-01-03 12:00:00", "kind_date")]


def test_counts_by_day_are_a_part_of_a_whole_of_a_known_definition_of_a_share(indicators):
    broken = _days().assign(
        numerator=pd.array([10, 0, None, 3], dtype="Int64"),
        definition=["online_full_process", "no_such", "online_remote_only", "any"],
        indicator=["online_share"] * 3 + ["digital_models"],
    )
    assert _refused(broken, indicators) == [
        (2, "numerator", "10", "most"),
        (3, "definition", "no_such", "unknown_definition"),
        (5, "indicator", "digital_models", "share_only"),
    ]
