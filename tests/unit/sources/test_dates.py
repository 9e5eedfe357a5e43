from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.dates import check_form, form_of, parse_day

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
MAY_3 = dt.datetime(2026, 5, 3)


@given(DAYS, st.sampled_from(["/", "-", "."]), st.booleans())
def test_a_day_written_day_first_is_read_back(day, mark, padded):
    written = (
        f"{day:%d{mark}%m{mark}%Y}" if padded else f"{day.day}{mark}{day.month}{mark}{day.year}"
    )
    assert parse_day(written).date() == day


@given(DAYS)
def test_a_day_is_read_back_from_iso_serial_and_cell(day):
    serial = (day - dt.date(1899, 12, 30)).days
    assert {parse_day(one).date() for one in (day.isoformat(), day, serial, float(serial))} == {day}


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("03/05/2026", MAY_3),
        ("3/5/26", MAY_3),
        ("03/05/2026 17:05", MAY_3.replace(hour=17, minute=5)),
        ("03/05/2026 07:05:09", MAY_3.replace(hour=7, minute=5, second=9)),
        ("2026-05-03 07:05", MAY_3.replace(hour=7, minute=5)),
        ("ngày 3 tháng 5 năm 2026", MAY_3),
        ("Long An, ngày 03 tháng 05 năm 2026", MAY_3),
        ("2026-05-02T17:00:00.000+0000", MAY_3),
        ("2026-05-02T17:00:00Z", MAY_3),
        ("2026-05-03T00:00:00+07:00", MAY_3),
        ("2026-05-02T12:00:00-05:00", MAY_3),
        (46145.5, MAY_3.replace(hour=12)),
    ],
)
def test_every_form_of_a_day_is_local_time(written, moment):
    assert parse_day(written) == moment


def test_serials_of_a_1904_workbook_start_later():
    assert parse_day(46145 - 1462, date1904=True) == MAY_3


@pytest.mark.parametrize(
    "written",
    [
        "31/06/2026",
        "29/02/2025",
        "13/13/2026",
        "05/25/2026",
        "03/05",
        "2026/05/03",
        "03-05/2026",
        "03/05/1926",
        "03/05/2126",
        "3.5",
        "",
        "KPS",
        None,
        True,
        12,
        99999,
        "2026-5-3",
        "03/05/2026 25:00",
        dt.date(1999, 12, 31),
        dt.time(3, 4),
    ],
)
def test_what_is_no_day_is_never_made_one(written):
    with pytest.raises(ValueError, match=r".*"):
        parse_day(written)


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("03/05/2026", "day_first"),
        ("2026-05-03", "iso"),
        (MAY_3, "cell"),
        (46145.0, "serial"),
        ("ngày 3 tháng 5 năm 2026", "day_first"),
        ("x", None),
        (True, None),
        (7, None),
        (None, None),
    ],
)
def test_the_form_of_a_day_is_named(cell, form):
    assert form_of(cell) == form


def _table(*cells: object) -> RawTable:
    rows = [[cell] for cell in cells]
    return RawTable(
        file="a", sheet="", header=["Ngày"], rows=rows, numbers=list(range(2, len(rows) + 2))
    )  # type: ignore[arg-type]


def test_a_column_in_one_form_is_let_through():
    cells = ["03/05/2026", None, "25/05/2026"]
    assert check_form(cells, table=_table(*cells), column="Ngày") == "day_first"
    assert check_form([None], table=_table(None), column="Ngày") is None


@pytest.mark.parametrize("other", [dt.datetime(2026, 3, 5), "2026-03-05", 46145.0])
def test_a_column_in_two_forms_is_refused_at_the_rarer_one(other):
    cells = ["25/05/2026", other, "26/05/2026"]
    with pytest.raises(InputError, match=r"row 3, column “Ngày”.*row 2 is 25/05/2026"):
        check_form(cells, table=_table(*cells), column="Ngày")
