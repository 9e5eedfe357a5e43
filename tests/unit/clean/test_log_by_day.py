"""A log counted by unit and day."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from logs import dossiers, fetched, sent

from commune_pilots.clean.log_by_day import every_day, unit_days
from commune_pilots.clean.log_definitions import from_log

(RECEIVED,) = from_log(["online_a_received"])
(COMPLETED,) = from_log(["online_a_completed"])
FIRST, SECOND = dt.datetime(2024, 3, 6, 22), dt.datetime(2024, 3, 8, 8)


def _log(*counts, **same):
    """Dossiers of (unit, day of reception, number filed online, at the counter, unknown)."""
    rows = []
    for unit, day, *numbers in counts:
        for channel, number in zip(("online", "counter", None), numbers, strict=True):
            rows += [{"unit": unit, "received": day, "channel": channel, "status": 2}] * number
    return dossiers(rows, **same)


def _counted(frame):
    found = fetched(unit_days(sent(frame), RECEIVED))
    return found.sort_values(["unit", "day"], ignore_index=True)


def test_dossiers_are_counted_by_unit_and_day_of_reception():
    found = _counted(
        _log(("00002", FIRST, 3, 1, 0), ("00001", FIRST, 2, 0, 0), ("00001", SECOND, 0, 5, 1))
    )
    assert found["unit"].tolist() == ["00001", "00001", "00002"]
    assert pd.to_datetime(found["day"]).dt.day.tolist() == [6, 8, 6]
    assert found["numerator"].tolist() == [2, 0, 3]
    assert found["denominator"].tolist() == [2, 5, 4]
    assert found["unknown"].tolist() == [0, 1, 0]


def test_rows_without_a_day_or_set_aside_are_not_counted():
    frame = _log(("00001", FIRST, 2, 1, 0), ("00001", None, 4, 0, 0))
    frame = frame.assign(verdict=["accepted", "duplicate", "accepted"] + ["accepted"] * 4)
    found = _counted(frame)
    assert found["denominator"].tolist() == [2]


def test_a_definition_by_another_day_is_an_error():
    with pytest.raises(ValueError, match="online_a_completed"):
        unit_days(sent(_log(("00001", FIRST, 1, 0, 0))), COMPLETED)


def test_a_day_within_the_log_without_a_dossier_is_a_count_of_0():
    found = every_day(_counted(_log(("00001", FIRST, 2, 1, 0), ("00002", SECOND, 1, 0, 0))))
    told = found.set_index(["unit", "day"])
    assert len(told) == 6
    assert told.loc[("00001", pd.Timestamp(2024, 3, 7)), "denominator"] == 0
    assert told.loc[("00001", pd.Timestamp(2024, 3, 6))].tolist() == [2, 3]
    assert found["day"].dt.day.isin([6, 7, 8]).all()


def test_a_day_with_unknown_dossiers_is_unknown():
    found = every_day(_counted(_log(("00001", FIRST, 2, 1, 1), ("00001", SECOND, 1, 0, 0))))
    assert found["denominator"].isna().tolist() == [True, False, False]
    assert found["numerator"].isna().tolist() == [True, False, False]
