from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from drawn import table
from hypothesis import given
from hypothesis import strategies as st
from logs import dossiers, fetched, sent, units

from commune_pilots.clean.unit_validity import (
    COLUMNS,
    FIRST_DAY,
    LAST_DAY,
    locate,
    unit_on,
    validity,
)
from commune_pilots.errors import InputError

DAY = dt.timedelta(days=1)
HEADER = "code  valid_from  valid_to  level  successor  successor_part\n"


def _units(*rows):
    return table(HEADER + "\n".join(rows), of="units", name="Xã", type="xã")


def _means(intervals, code, day):
    own = intervals[(intervals["code"] == code) & (intervals["starts"] <= day)]
    (found,) = own[own["ends"] >= day].itertuples()
    unit = None if pd.isna(found.at_unit) else found.at_unit
    return unit, found.at_since, found.unit_outcome


def test_a_code_given_again_means_the_unit_of_the_day():
    found = validity(units())
    before, after = dt.date(2025, 6, 30), dt.date(2025, 7, 1)
    assert _means(found, "01912", before) == ("01912", FIRST_DAY, "valid")  # Thượng Giáo
    assert _means(found, "01912", after) == ("01912", after, "valid")  # Chợ Rã
    assert _means(found, "02173", before) == ("02173", FIRST_DAY, "valid")  # Côn Minh as it was
    assert _means(found, "02173", after) == ("02185", after, "succeeded")  # Côn Minh of today
    assert _means(found, "02185", before) == (None, None, "not_yet")


def test_a_unit_that_was_split_leaves_no_unit_behind():
    found = validity(_units("00001  -  2025-06-30  commune  00002  part"))
    assert _means(found, "00001", dt.date(2025, 7, 1)) == (None, None, "split")


def test_a_successor_that_is_not_listed_begins_the_day_after():
    found = validity(_units("00001  -  2025-06-30  commune  00002  whole"))
    day = dt.date(2025, 7, 1)
    assert _means(found, "00001", day) == ("00002", day, "succeeded")


def test_the_days_between_two_units_of_a_code_follow_the_first():
    found = validity(
        _units(
            "00001  -           2020-12-31  commune  00002  whole",
            "00001  2025-07-01  -           commune  -      -",
            "00002  2015-01-01  -           commune  -      -",
        )
    )
    assert _means(found, "00001", dt.date(2023, 1, 1)) == (
        "00002",
        dt.date(2015, 1, 1),
        "succeeded",
    )
    assert _means(found, "00001", dt.date(2025, 7, 1))[2] == "valid"


def test_only_communes_have_intervals():
    found = validity(_units("00001  -  -  district  -  -", "00002  -  -  commune  -  -"))
    assert found["code"].tolist() == ["00002"]
    assert list(found.columns) == list(COLUMNS)
    assert validity(_units("00001  -  -  district  -  -")).empty


def test_two_units_of_one_code_on_one_day_are_refused_with_code_and_day():
    overlap = _units(
        "00001  -           2025-07-01  commune  -  -", "00001  2025-07-01  -  commune  -  -"
    )
    with pytest.raises(InputError) as caught:
        validity(overlap)
    assert "00001" in caught.value.sentence("en")
    assert "2025-07-01" in caught.value.sentence("vi")


def test_the_callers_table_is_not_changed():
    given_units = units().copy(deep=True)
    validity(given_units)
    pd.testing.assert_frame_equal(given_units, units())


@given(
    st.lists(st.integers(0, 40_000), min_size=2, max_size=8, unique=True).map(sorted),
    st.booleans(),
    st.booleans(),
)
def test_a_listed_code_means_one_thing_on_every_day(days, opens, closes):
    spans = [(days[at], days[at + 1] - 1) for at in range(0, len(days) - 1, 2)]
    rows = []
    for place, (start, end) in enumerate(spans):
        first = "-" if opens and place == 0 else (FIRST_DAY + start * DAY).isoformat()
        last = "-" if closes and place == len(spans) - 1 else (FIRST_DAY + end * DAY).isoformat()
        rows.append(f"00001  {first}  {last}  commune  00002  {'whole' if place % 2 else 'part'}")
    found = validity(_units(*rows)).sort_values("starts")
    assert found["starts"].iloc[0] == FIRST_DAY
    assert found["ends"].iloc[-1] == LAST_DAY
    assert [end + DAY for end in found["ends"].iloc[:-1]] == found["starts"].iloc[1:].tolist()


def test_a_dossier_is_placed_by_its_code_on_the_day_of_reception():
    evening, morning = dt.datetime(2025, 6, 30, 23, 59), dt.datetime(2025, 7, 1, 0, 0)
    log = dossiers(
        [
            {"unit": "01912", "received": evening},
            {"unit": "01912", "received": morning},
            {"unit": "02173", "received": morning},
            {"unit": "99999", "received": morning},
            {"unit": "01912"},
            {"received": morning},
        ]
    )
    found = fetched(locate(sent(log), sent(validity(units())))).sort_values("row")
    unknown = found["at_unit"].isna()
    assert found["at_unit"].dropna().tolist() == ["01912", "01912", "02185"]
    assert unknown.tolist() == [False] * 3 + [True] * 3
    assert found["unit_outcome"].dropna().tolist() == ["valid", "valid", "succeeded"]
    began = [str(day)[:10] for day in found["at_since"].dropna()]
    assert began == ["1900-01-01", "2025-07-01", "2025-07-01"]
    assert found["row"].tolist() == list(range(2, 8))


def test_a_dossier_done_after_the_merger_is_held_by_the_unit_of_that_day():
    june, july = dt.datetime(2025, 6, 20), dt.datetime(2025, 7, 20)
    log = dossiers(
        [
            {"unit": "02173", "received": june, "completed": june},
            {"unit": "02173", "received": june, "completed": july},
            {"unit": "01912", "received": june, "completed": july},
            {"unit": "01912", "received": july, "completed": july},
        ]
    )
    placed = locate(sent(log), sent(validity(units())))
    unit, since = unit_on(placed.completed.date(), placed)
    found = fetched(placed.select(placed.row, unit=unit, since=since)).sort_values("row")
    assert found["unit"].tolist() == ["02173", "02185", "01912", "01912"]
    assert [str(day)[:4] for day in found["since"]] == ["1900", "2025", "2025", "2025"]


def test_a_dossier_stays_with_a_unit_that_was_split():
    whole = "00003  -  2025-06-30  commune  00002  whole"
    intervals = validity(_units("00001  -  2025-06-30  commune  00002  part", whole))
    day = dt.datetime(2025, 6, 20)
    log = dossiers([{"unit": "00001", "received": day, "completed": dt.datetime(2025, 7, 20)}])
    placed = locate(sent(log), sent(intervals))
    unit, _ = unit_on(placed.completed.date(), placed)
    assert fetched(placed.select(unit=unit))["unit"].tolist() == ["00001"]
