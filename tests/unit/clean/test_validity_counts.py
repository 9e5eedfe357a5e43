from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from drawn import table
from logs import dossiers, fetched, sent

from commune_pilots.clean import validity, validity_counts

MONDAY = dt.datetime(2024, 3, 4)


def _days(counts, *, first="2024-03-01"):
    every = pd.bdate_range(first, periods=len(counts))
    return pd.DataFrame({"day": every.date, "filed": counts})


def test_working_days_count_from_the_end_of_their_month():
    found = validity_counts.working_days(_days(range(1, 22)))  # the 21 working days of March 2024
    assert found["place"].tolist() == list(range(21, 0, -1))
    assert found.loc[found["place"] == 1, "filed"].tolist() == [21.0]


def test_week_ends_and_short_months_are_left_out():
    week_end = pd.DataFrame({"day": [dt.date(2024, 3, 30)], "filed": [900]})
    short = _days([5] * 9, first="2024-04-01")
    found = validity_counts.working_days(pd.concat([_days([9] * 21), week_end, short]))
    assert len(found) == 21
    assert found["filed"].max() == 9


def test_the_last_ten_working_days_of_all_months_are_added_up():
    two = pd.concat([_days([10] * 21), _days([30] * 22, first="2024-04-01")])
    found = validity_counts.by_place(two)
    assert found["place"].tolist() == list(range(1, 11))
    assert found["filed"].tolist() == [40] * 10


def test_small_counts_and_one_that_would_tell_them_are_missing():
    counts = [50] * 11 + [3, 40, 50, 50, 50, 50, 50, 50, 50, 0]
    found = validity_counts.by_place(_days(counts)).set_index("place")["filed"]
    assert found[found.isna()].index.tolist() == [9, 10]
    assert found[1] == 0


def test_a_log_without_dossiers_has_no_places():
    assert validity_counts.by_place(pd.DataFrame({"day": [], "filed": []})).empty


def _slots(rows):
    online = {"channel": "online", "status": 2}
    log = sent(dossiers(online | row for row in rows))
    return validity_counts.by_half_hour(log).set_index("slot")["filed"], log


def test_half_hours_are_counted_on_working_days_only():
    at = MONDAY.replace(hour=9, minute=29)
    found, _ = _slots(
        [{"received": at}] * 8
        + [{"received": at.replace(minute=30)}] * 9
        + [{"received": at + dt.timedelta(days=5)}] * 20  # a Saturday
        + [{"received": MONDAY}] * 20  # a day without a time
        + [{"received": at, "channel": "counter"}] * 20
        + [{"received": at, "status": 3}] * 20
    )
    assert found[18] == 8
    assert found[19] == 9
    assert found.sum() == 17
    assert found.index.tolist() == list(range(48))


def test_half_hours_of_the_desk_are_those_of_the_check():
    desk = [MONDAY + dt.timedelta(minutes=30 * slot + 1) for slot in sorted(validity_counts.DESK)]
    other = [
        MONDAY + dt.timedelta(minutes=30 * slot + 1)
        for slot in range(48)
        if slot not in validity_counts.DESK
    ]
    _, log = _slots([{"received": at} for at in (*desk, *other)])
    filed = fetched(validity.filings(log)).iloc[0]
    assert filed["timed"] == 48
    assert filed["at_desk"] == len(desk) == 15


def test_small_half_hours_are_missing_and_none_is_zero():
    at = MONDAY.replace(hour=9, minute=10)
    late = MONDAY.replace(hour=22, minute=10)
    found, _ = _slots([{"received": at}] * 30 + [{"received": late}] * 2)
    assert pd.isna(found[44])
    assert found[0] == 0


def _panel(*rows):
    drawing = "unit numerator denominator\n" + "\n".join(rows)
    return table(drawing, of="panel")


def test_unit_months_are_counted_by_whole_points():
    found = validity_counts.by_point(
        _panel("00001 799 1000", "00001 800 1000", "00001 809 1000", "00001 1000 1000")
    )
    by = found.set_index("point")["months"]
    assert by[by > 0].to_dict() == {79: 1, 80: 2, 100: 1}
    assert by.index.tolist() == list(range(101))


@pytest.mark.parametrize("row", ["00001 8 10", "00001 - 1000", "00001 80 -"])
def test_small_months_and_unknown_counts_have_no_point(row):
    assert validity_counts.by_point(_panel(row))["months"].sum() == 0


def test_dossiers_are_counted_by_how_many_their_account_filed():
    many = [{"account": "a" * 16} for _ in range(25)]
    twice = [{"account": f"{at:016x}"} for at in range(10) for _ in range(2)]
    online = {"channel": "online", "status": 2, "received": MONDAY}
    log = sent(dossiers(online | row for row in [*many, *twice, {"account": None}]))
    found = validity_counts.by_account(log).set_index("size")["filed"]
    assert found.to_dict() == {1: 0, 2: 20, 5: 0, 10: 0, 20: 25}


def test_the_share_of_other_filers_is_by_quarter_and_missing_where_a_count_is_small():
    def rows(day, own, other):
        both = [("owner", own), ("somebody_else", other)]
        return [{"received": day, "filer": name} for name, count in both for _ in range(count)]

    online = {"channel": "online", "status": 2}
    april = MONDAY + dt.timedelta(days=40)
    told = [*rows(MONDAY, 30, 10), *rows(april, 30, 3)]
    found = validity_counts.by_filer(sent(dossiers(online | row for row in told)))
    assert found["quarter"].dt.month.tolist() == [1, 4]
    assert found["share"].tolist()[0] == 25.0
    assert found["share"].isna().tolist() == [False, True]
