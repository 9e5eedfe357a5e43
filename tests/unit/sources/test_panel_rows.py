from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from bad_files import layout, read, written, xlsx_bytes

from commune_pilots.sources.panel_rows import COLUMNS, panel_rows


def _counts(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Draw counts: unit, first and last day, received, online, on time, late."""
    names = ["unit", "period_start", "period_end", "received", "online", "on_time", "late"]
    table = pd.DataFrame(rows, columns=names).assign(
        file="a.xlsx", sheet="T4", row=pd.Series(range(2, len(rows) + 2), dtype="Int64")
    )
    for name in names[1:3]:
        table[name] = pd.to_datetime(table[name]).astype("datetime64[us]")
    return table.astype(dict.fromkeys(names[3:], "Int64"))


def test_each_share_of_each_month_is_a_row_of_the_panel():
    panel, told = panel_rows(
        _counts(("A", "2026-04-01", "2026-04-30", 10, 4, 8, 1)), layout(), source="s"
    )
    assert tuple(panel.columns) == COLUMNS
    assert panel[["indicator", "numerator", "denominator"]].values.tolist() == [
        ["on_time_share", 8, 9],
        ["online_share", 4, 10],
    ]
    assert panel["row"].tolist() == [2, 2]
    assert set(panel["source"]) == {"s"}
    assert told == ()


def test_what_is_not_known_is_missing_and_not_zero():
    panel, _ = panel_rows(
        _counts(("A", "2026-04-01", "2026-04-30", 10, None, 8, None)), layout(), source="s"
    )
    shares = panel.set_index("indicator")
    assert shares.loc["online_share", "denominator"] == 10
    assert pd.isna(shares.loc["online_share", "numerator"])
    assert pd.isna(shares.loc["on_time_share", "denominator"])


def test_a_share_of_which_nothing_is_known_has_no_row():
    panel, _ = panel_rows(
        _counts(("A", "2026-04-01", "2026-04-30", 10, 4, None, None)), layout(), source="s"
    )
    assert panel["indicator"].tolist() == ["online_share"]


def test_a_column_the_table_does_not_have_is_not_known():
    counts = _counts(("A", "2026-04-01", "2026-04-30", 10, 4, 8, 1)).drop(columns="online")
    panel, _ = panel_rows(counts, layout(), source="s")
    assert pd.isna(panel.set_index("indicator").loc["online_share", "numerator"])


def test_a_column_that_a_template_splits_off_counts_on_both_sides():
    counts = _counts(("A", "2026-04-01", "2026-04-30", 10, 4, 3, 1)).assign(
        early=pd.array([5], dtype="Int64")
    )
    panel, _ = panel_rows(counts, layout(), source="s")
    row = panel.set_index("indicator").loc["on_time_share"]
    assert (row["numerator"], row["denominator"]) == (8, 9)


def test_periods_other_than_a_month_are_left_out_and_told():
    counts = _counts(
        ("A", "2026-04-01", "2026-06-30", 10, 4, 8, 1),
        ("A", "2026-04-02", "2026-04-30", 1, 1, 1, 0),
    )
    panel, told = panel_rows(counts, layout(), source="s")
    assert panel.empty
    assert tuple(panel.columns) == COLUMNS
    assert [(one.rule, one.row, one.value) for one in told] == [
        ("period_not_month", 2, "01/04/2026–30/06/2026"),
        ("period_not_month", 3, "02/04/2026–30/04/2026"),
    ]


def test_the_counts_of_a_file_become_a_panel():
    panel, told = panel_rows(read(xlsx_bytes(written()), "a.xlsx").counts, layout(), source="bc")
    first = panel[(panel["unit"] == "27694") & (panel["indicator"] == "on_time_share")].iloc[0]
    assert (first["numerator"], first["denominator"]) == (270600, 440000)
    assert told == ()


@pytest.mark.parametrize("start", ["2026-01-01", "2026-04-01"])
def test_counts_from_january_on_start_there_whatever_their_period_is_called(start):
    by = layout()
    assert by.period is not None
    period = by.period.model_copy(update={"basis": "cumulative"})
    counts = _counts(("A", start, "2026-04-30", 10, 4, 8, 1))
    panel, told = panel_rows(counts, by.model_copy(update={"period": period}), source="s")
    assert set(panel["period_start"]) == {pd.Timestamp(2026, 1, 1)}
    assert set(panel["period_end"]) == {pd.Timestamp(2026, 4, 30)}
    assert told == ()


def test_counts_of_several_months_have_no_place_even_from_february_on():
    by = layout()
    assert by.period is not None
    period = by.period.model_copy(update={"basis": "cumulative"})
    counts = _counts(("A", "2026-02-01", "2026-04-30", 10, 4, 8, 1))
    panel, told = panel_rows(counts, by.model_copy(update={"period": period}), source="s")
    assert panel.empty
    assert [one.rule for one in told] == ["period_not_month"]


def test_counts_are_not_changed():
    counts = _counts(("A", "2026-01-01", "2026-01-31", 10, 4, 8, 1))
    before = counts.copy()
    panel_rows(counts, layout(), source="s")
    pd.testing.assert_frame_equal(counts, before)
