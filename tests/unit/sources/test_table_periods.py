from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bad_files import TODAY, layout

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.periods import Span, month_of
from commune_pilots.sources.table_periods import read_periods

APRIL, MAY = month_of(2026, 4), month_of(2026, 5)


def _read(*cells: Any, **table: Any) -> tuple[list[Any], list[tuple[str, int | None]]]:
    raw = RawTable(
        **{
            "file": "a.xlsx",
            "sheet": "",
            "header": ["Tháng"],
            "rows": [[cell] for cell in cells],
            "numbers": range(2, len(cells) + 2),
        }
        | table
    )
    columns = {"period": 0} if raw.header == ["Tháng"] else {"received": 0}
    columns |= {"year": 1} if len(raw.header) > 1 and raw.header[1] == "Năm" else {}
    columns |= {"reported": 1} if len(raw.header) > 1 and raw.header[1] == "Ngày báo cáo" else {}
    if "Tháng" in raw.header:
        columns["period"] = 0
    spans, told = read_periods(raw, layout(), columns, today=TODAY)
    return spans, [(one.rule, one.row) for one in told]


def test_each_row_has_the_period_of_its_cell():
    assert _read("04/2026", "05/2026") == ([APRIL, MAY], [])


def test_what_a_spreadsheet_made_of_a_month_is_told_once():
    spans, told = _read(dt.datetime(2026, 4, 1), dt.datetime(2026, 5, 1), 4.2026)
    assert spans == [APRIL, MAY, APRIL]
    assert told == [("period_from_day", 2), ("period_from_number", 4)]


@pytest.mark.parametrize("place", [{"titles": ["Số liệu năm 2026"]}, {"sheet": "Năm 2026"}])
def test_the_year_may_stand_beside_the_table(place):
    assert _read("T4", **place)[0] == [APRIL]


def test_two_years_beside_the_table_complete_nothing():
    with pytest.raises(
        InputError, match="row 2, column “Tháng”: found “T4”; the period has no year"
    ):
        _read("T4", titles=["Năm 2025 và năm 2026"])


def test_a_column_of_years_completes_months():
    spans, _ = _read(header=["Tháng", "Năm"], rows=[[4, 2026], ["T5", "2026"]], numbers=[2, 3])
    assert spans == [APRIL, MAY]
    with pytest.raises(InputError, match="year cannot be read"):
        _read(header=["Tháng", "Năm"], rows=[[4, "hai sáu"]], numbers=[2])


@pytest.mark.parametrize(
    "place",
    [
        {"titles": ["BÁO CÁO THÁNG 4 NĂM 2026"]},
        {"sheet": "T4-2026"},
        {"file": "data/raw/bao_cao_thang_4_2026.xlsx"},
        {"file": "BC 04-2026.csv"},
    ],
)
def test_without_a_column_a_name_gives_the_period(place):
    spans, told = _read(header=["Tiếp nhận"], rows=[[1], [2]], numbers=[2, 3], **place)
    assert spans == [APRIL, APRIL]
    assert told == [("period_named", None)]


def test_places_that_disagree_are_told_and_the_title_counts():
    spans, told = _read(
        header=["Tiếp nhận"], rows=[[1]], numbers=[2], titles=["Tháng 4/2026"], sheet="T5-2026"
    )
    assert spans == [APRIL]
    assert ("period_disagrees", None) in told


@pytest.mark.parametrize(
    ("titles", "words"),
    [([], "no period in the table"), (["Tháng 4/2026, tháng 5/2026"], "several periods")],
)
def test_no_period_or_several_are_refused(titles, words):
    with pytest.raises(InputError, match=words):
        _read(header=["Tiếp nhận"], rows=[[1]], numbers=[2], titles=titles)


def test_a_blank_period_is_refused_at_its_row():
    with pytest.raises(InputError, match="row 3, column “Tháng”: no period"):
        _read("04/2026", None)


def test_a_period_after_the_day_of_reading_is_refused_and_an_open_one_told():
    assert ("period_open", 2) in _read("07/2026")[1]
    with pytest.raises(InputError, match="after the file was read"):
        _read("08/2026")


def test_a_report_signed_before_its_period_was_over_is_told():
    header = ["Tháng", "Ngày báo cáo"]
    rows = [["04/2026", "25/04/2026"], ["04/2026", None], ["04/2026", "02/05/2026"]]
    assert _read(header=header, rows=rows, numbers=[2, 3, 4])[1] == [("signed_early", 2)]
    told = _read("04/2026", foot=["Long An, ngày 25 tháng 4 năm 2026"])[1]
    assert told == [("signed_early", None)]
    assert _read("04/2026", foot=["Long An, ngày 5 tháng 5 năm 2026"])[1] == []


@pytest.mark.parametrize(
    ("day", "words"),
    [("31/04/2026", "no real day"), ("01/05/2062", "after the file was read")],
)
def test_a_day_that_cannot_be_is_refused(day, words):
    with pytest.raises(InputError, match=words):
        _read(header=["Tháng", "Ngày báo cáo"], rows=[["04/2026", day]], numbers=[2])


def test_days_under_a_named_quarter_say_what_the_quarter_means():
    titles = ["Kỳ báo cáo: Quý I/2026", "(Từ ngày 15/12/2025 đến ngày 14/3/2026)"]
    table = {"header": ["Tiếp nhận"], "rows": [[1]], "numbers": [5], "titles": titles}
    spans, _ = _read(**table)
    assert spans == [Span(dt.date(2025, 12, 15), dt.date(2026, 3, 14))]


def test_days_that_lie_elsewhere_than_the_period_named_settle_nothing():
    titles = ["Tháng 4/2026", "(Từ ngày 15/12/2025 đến ngày 14/3/2026)"]
    table = {"header": ["Tiếp nhận"], "rows": [[1]], "numbers": [5], "titles": titles}
    with pytest.raises(InputError, match="names several periods"):
        _read(**table)


def test_a_year_beside_another_year_is_refused():
    with pytest.raises(InputError, match=r"row 3.*says 2025"):
        _read(header=["Tháng", "Năm"], rows=[[4, 2026], ["05/2026", 2025]], numbers=[2, 3])
