from __future__ import annotations

import pandas as pd
import pytest
from drawn import table
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.clean.cumulative import by_month
from commune_pilots.errors import InputError

HEADER = "unit  period_start  period_end  numerator  denominator\n"
SAME = {
    "source": "s1",
    "indicator": "online_share",
    "definition": "online_a_cumulative",
    "file": "reports.csv",
}


def _reports(*rows):
    drawn = table(HEADER + "\n".join(rows), of="panel", **SAME)
    return drawn.assign(row=pd.array(range(2, len(drawn) + 2), dtype="Int64"))


def _row(month, counts, unit="00001", year=2024):
    end = (pd.Timestamp(year, month, 1) + pd.offsets.MonthEnd(0)).date()
    return f"{unit}  {year}-01-01  {end}  {counts}"


def _counts(panel):
    return panel[["numerator", "denominator"]].astype(object).to_numpy().tolist()


def test_a_month_is_the_difference_to_the_report_before():
    panel = by_month(_reports(_row(1, "10  40"), _row(2, "25  70"), _row(3, "25  90")))
    assert _counts(panel) == [[10, 40], [15, 30], [0, 20]]
    assert panel["period_start"].dt.month.tolist() == [1, 2, 3]
    assert panel["period_end"].dt.day.tolist() == [31, 29, 31]
    assert panel["note"].isna().all()


def test_rows_keep_their_order_and_their_place():
    panel = by_month(_reports(_row(2, "25  70"), _row(1, "10  40")))
    assert _counts(panel) == [[15, 30], [10, 40]]
    assert panel["row"].tolist() == [2, 3]


def test_each_year_unit_and_definition_begins_anew():
    panel = by_month(
        _reports(
            _row(12, "90  100", year=2023),
            _row(1, "5  10"),
            _row(1, "7  9", unit="00002"),
            _row(2, "6  12"),
        )
    )
    assert _counts(panel)[1:] == [[5, 10], [7, 9], [1, 2]]


def test_after_a_missing_report_the_month_is_missing_and_the_next_one_is_not():
    panel = by_month(_reports(_row(1, "10  40"), _row(3, "30  90"), _row(4, "31  95")))
    assert panel["numerator"].isna().tolist() == [False, True, False]
    assert panel["denominator"].isna().tolist() == [False, True, False]
    assert panel["note"].tolist()[1] == "no report of the month before"
    assert _counts(panel)[2] == [1, 5]


def test_a_year_that_begins_late_has_no_first_month():
    panel = by_month(_reports(_row(6, "30  90"), _row(7, "31  95")))
    assert panel["denominator"].isna().tolist() == [True, False]


def test_an_unknown_count_leaves_two_months_unknown():
    panel = by_month(_reports(_row(1, "10  40"), _row(2, "-  70"), _row(3, "30  90")))
    assert panel["numerator"].isna().tolist() == [False, True, True]
    assert panel["denominator"].tolist() == [40, 30, 20]


def test_a_count_that_falls_is_refused_with_its_place():
    with pytest.raises(InputError) as caught:
        by_month(_reports(_row(1, "10  40"), _row(2, "9  70")))
    said = caught.value.sentence("en")
    assert all(part in said for part in ("reports.csv", "row 3", "count 9", "before (10)"))


@pytest.mark.parametrize(
    "row",
    ["00001  2024-02-01  2024-02-29  1  2", "00001  2024-01-01  2024-02-15  1  2"],
    ids=["a single month", "ends within a month"],
)
def test_what_is_not_cumulative_since_january_is_refused(row):
    with pytest.raises(ValueError, match="1 January"):
        by_month(_reports(row))


def test_a_period_told_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        by_month(_reports(_row(1, "10  40"), _row(1, "11  40")))


def test_the_callers_table_is_not_changed():
    reports = _reports(_row(1, "10  40"), _row(2, "25  70"))
    before = reports.copy(deep=True)
    by_month(reports)
    pd.testing.assert_frame_equal(reports, before)


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12))
def test_months_added_up_and_taken_apart_are_the_months_again(months):
    online = [a for a, _ in months]
    total = [a + b for a, b in months]
    reports = _reports(
        *(
            _row(at + 1, f"{sum(online[: at + 1])}  {sum(total[: at + 1])}")
            for at in range(len(months))
        )
    )
    assert _counts(by_month(reports)) == [list(pair) for pair in zip(online, total, strict=True)]
