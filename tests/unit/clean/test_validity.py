from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from drawn import table
from logs import dossiers, fetched, sent

from commune_pilots.clean import validity

MONDAY = dt.datetime(2024, 3, 4)
NOTHING = pd.DataFrame({"day": [], "filed": []})
EMPTY = table("unit  numerator  denominator\n00001  -  -", of="panel")


def _filed(rows, **given):
    online = {"channel": "online", "status": 2, "received": MONDAY}
    log = sent(dossiers(online | row for row in rows))
    return fetched(validity.filings(log, **given)).iloc[0].to_dict()


def _check(name, *, filed=None, days=NOTHING, panel=EMPTY, **limits):
    counts = dict.fromkeys(
        ("known_filer", "assisted", "with_account", "by_many", "timed", "at_desk"), 0
    )
    table_of_counts = pd.DataFrame([counts | (filed or {})])
    told = validity.check_log(table_of_counts, days, panel, subject="log-1", **limits)
    return told.set_index("check").loc[name]


def test_filings_by_somebody_else_are_counted_among_those_whose_filer_is_known():
    found = _filed(
        [{"filer": "owner"}] * 2
        + [{"filer": "somebody_else"}] * 3
        + [{}, {"filer": "somebody_else", "channel": "counter"}, {"filer": "owner", "status": 3}]
    )
    assert (found["known_filer"], found["assisted"]) == (5, 3)


def test_dossiers_of_accounts_that_file_many_are_counted():
    def account(number):
        return f"{number:016x}"

    rows = [{"account": account(1)}] * 5 + [{"account": account(number)} for number in (2, 3)]
    assert _filed([*rows, {}], many=5)["by_many"] == 5
    assert _filed([*rows, {}], many=6)["by_many"] == 0
    assert _filed([*rows, {}])["with_account"] == 7


@pytest.mark.parametrize(
    ("hour", "minute", "days", "at_desk"),
    [
        (7, 29, 0, 0),
        (7, 30, 0, 1),
        (11, 29, 0, 1),
        (11, 30, 0, 0),
        (13, 30, 4, 1),
        (16, 59, 4, 1),
        (17, 0, 4, 0),
        (9, 0, 5, 0),
    ],
)
def test_the_hours_of_the_counter_are_those_of_a_working_day(hour, minute, days, at_desk):
    received = MONDAY + dt.timedelta(days=days, hours=hour, minutes=minute)
    found = _filed([{"received": received}])
    assert (found["timed"], found["at_desk"]) == (1, at_desk)


def test_a_day_without_a_time_is_no_filing_at_midnight():
    assert _filed([{"received": MONDAY}])["timed"] == 0


def test_a_log_without_online_dossiers_counts_zero():
    assert set(_filed([{"channel": "counter"}]).values()) == {0}


def test_a_log_has_five_checks_and_what_cannot_be_told_is_not_possible():
    blank = pd.DataFrame([dict.fromkeys(
        ("known_filer", "assisted", "with_account", "by_many", "timed", "at_desk"), 0
    )])  # fmt: skip
    told = validity.check_log(blank, NOTHING, EMPTY, subject="log-1")
    assert told["contrast"].eq("log-1").all()
    assert told["outcome"].eq("not_possible").all()
    assert told["check"].tolist() == [
        "assisted_share", "dossiers_per_account", "counter_hours", "period_end_bunching",
        "threshold_heaping",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "part", "whole"),
    [
        ("assisted_share", "assisted", "known_filer"),
        ("dossiers_per_account", "by_many", "with_account"),
        ("counter_hours", "at_desk", "timed"),
    ],
)
def test_a_share_above_its_limit_fails_and_tells_the_limit(check, part, whole):
    limits = dict.fromkeys(("most_assisted", "most_by_many", "most_at_desk"), 30.0)
    at = _check(check, filed={part: 3, whole: 10}, **limits)
    above = _check(check, filed={part: 4, whole: 10}, **limits)
    assert (at["outcome"], above["outcome"]) == ("passed", "failed")
    assert (above["statistic"], above["reference"]) == (40.0, "30")


def _days(last, months=6):
    """Ten dossiers a working day, `last` on each of the last three of a month."""
    every = pd.bdate_range("2024-01-01", f"2024-{months:02d}-28")
    filed = np.full(len(every), 10)
    for month in range(1, months + 1):
        own = np.flatnonzero(every.month == month)
        filed[own[-3:]] = last
    return pd.DataFrame({"day": every.date, "filed": filed})


def test_dossiers_bunched_on_the_last_working_days_fail():
    even, bunched = (_check("period_end_bunching", days=_days(last)) for last in (10, 20))
    assert (even["outcome"], even["statistic"]) == ("passed", pytest.approx(1.0))
    assert (bunched["outcome"], bunched["statistic"]) == ("failed", pytest.approx(2.0))


def test_week_ends_are_no_period_end():
    days = _days(10)
    busy = pd.DataFrame({"day": [dt.date(2024, 3, 30), dt.date(2024, 3, 31)], "filed": [900, 900]})
    told = _check("period_end_bunching", days=pd.concat([days, busy]))
    assert told["statistic"] == pytest.approx(1.0)


def _shares(*numerators, denominator=1000):
    rows = "\n".join(f"00001  {number}  {denominator}" for number in numerators)
    return table("unit  numerator  denominator\n" + rows, of="panel")


def test_months_heaped_just_above_a_threshold_fail():
    even = _check("threshold_heaping", panel=_shares(*range(790, 810)))
    heaped = _check("threshold_heaping", panel=_shares(*[802] * 9, 795))
    assert even["outcome"] == "passed"
    assert (heaped["outcome"], heaped["reference"]) == ("failed", "80")
    # Ten coins, nine heads or more: 11/1024; 80 is the only threshold with months beside it.
    assert heaped["statistic"] == pytest.approx(11 / 1024)


def test_small_months_and_unknown_counts_are_no_heap():
    small = _shares(*[8] * 20, denominator=10)
    assert _check("threshold_heaping", panel=small)["outcome"] == "not_possible"
    unknown = _shares(802).assign(numerator=pd.array([None], dtype="Int64"))
    assert _check("threshold_heaping", panel=unknown)["outcome"] == "not_possible"


def test_several_thresholds_are_paid_for():
    months = _shares(*[802] * 5, *[602] * 2)
    told = _check("threshold_heaping", panel=months)
    assert (told["statistic"], told["outcome"]) == (pytest.approx(2 / 32), "passed")
