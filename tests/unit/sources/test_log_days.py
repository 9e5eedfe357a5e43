from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_logs import RECEIVED, book, log, refused, row, told, values

from commune_pilots.errors import InputError
from commune_pilots.sources.dates import parse_day
from commune_pilots.sources.log_days import _FORMS, _read

DAY = dt.datetime(2026, 5, 3)


def _received(*cells, reader=log):
    return reader(*(row(at, c2=cell) for at, cell in enumerate(cells)))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("03/05/2026", DAY),
        ("3/5/2026", DAY),
        ("03/05/26", DAY),
        ("03.05.2026", DAY),
        ("ngày 3 tháng 5 năm 2026", DAY),
        ("03/05/2026 16:20", DAY.replace(hour=16, minute=20)),
        ("03/05/2026 16:20:05", DAY.replace(hour=16, minute=20, second=5)),
        ("2026-05-03", DAY),
        ("20260503", DAY),
        ("20260503162005", DAY.replace(hour=16, minute=20, second=5)),
        ("2026-05-02T17:00:00.000+0000", DAY),
        ("2026-05-02T17:00:00Z", DAY),
        ("2026-05-03T00:00:00+07:00", DAY),
    ],
)
def test_a_day_is_read_day_first_and_as_local_time(written, read):
    assert values(_received(written), "received") == [read]


def test_true_days_and_serial_numbers_of_a_workbook_are_the_days_they_show():
    assert values(_received(DAY, reader=book), "received") == [DAY]
    found = _received(46145, reader=book)
    assert values(found, "received") == [DAY]
    assert told(found)["day_serial"] == "Ngày tiếp nhận"


def test_serial_numbers_in_a_text_file_are_days_too():
    assert values(_received("46145", "46145,5"), "received") == [DAY, DAY.replace(hour=12)]


@pytest.mark.parametrize(
    "written",
    ["31/06/2026", "29/02/2025", "00/05/2026", "03/05/2026 24:00", "03/05/1962", "hôm qua"],
)
def test_what_is_no_real_day_keeps_its_row_out(written):
    found = _received("21/09/2025 08:30", written)
    assert refused(found) == [(3, "Ngày tiếp nhận", "day_unreadable")]
    assert values(found, "received") == [RECEIVED]


@pytest.mark.parametrize("blank", ["", "-", "không có số liệu"])
def test_a_day_that_nobody_told_is_missing(blank):
    found = log(row(c3=blank))
    assert (values(found, "due"), found.rejected.empty) == ([None], True)


@pytest.mark.parametrize(
    "cells", [("25/05/2026", DAY), ("03/05/2026", "2026-05-03"), (DAY, 46145, "25/05/2026")]
)
def test_a_column_of_several_forms_refuses_the_file(cells):
    with pytest.raises(InputError, match="in several forms"):
        _received(*cells, reader=book)


def test_a_column_with_the_month_first_refuses_the_file():
    with pytest.raises(InputError, match=r"row 3, .*05/25/2026.*month stands first"):
        _received("05/03/2026", "05/25/2026")


_TWO = st.integers(0, 33).map("{:02d}".format)
_TIMES = ("", " 08:30", " 23:59:59", " 24:00", " 08:61")
_ISO_TIMES = ("", " 08:30:00", "T17:00:00Z", "T17:00:00.000+0000", "T25:00:00", "T00:00:00+07:00")


@settings(max_examples=100, deadline=None)
@given(
    text=st.one_of(
        st.builds("{}/{}/20{}{}".format, *[_TWO] * 3, st.sampled_from(_TIMES)),
        st.builds("20{}-{}-{}{}".format, *[_TWO] * 3, st.sampled_from(_ISO_TIMES)),
    )
)
def test_reading_by_place_agrees_with_reading_one_by_one(text):
    try:
        one = parse_day(text)
    except ValueError:
        one = None
    moments, forms = _read([text])
    assert moments.tolist() == [one]
    assert forms[0] in {form for _, form, _ in _FORMS} | {""}


def test_times_with_and_without_a_zone_are_not_put_together():
    with pytest.raises(InputError, match="several forms"):
        _received("2026-05-02T17:00:00Z", "2026-05-02T17:00:00")
