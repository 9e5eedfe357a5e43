"""The page of a delivery: every row accounted for, every value safe, both languages."""

from __future__ import annotations

import dataclasses
from functools import cache

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from built import table_rows
from drawn import table
from logs import ROOT

from commune_pilots import schemas
from commune_pilots.briefing.export import check_page
from commune_pilots.briefing.ingest_page import MOST_LINES, Delivered, ingest_page
from commune_pilots.briefing.validity_figures import validity_figures
from commune_pilots.briefing.wording import Writer
from commune_pilots.clean.validity_counts import SIZES
from commune_pilots.params import load_indicators

WORDS = {"message_vi": "phải từ 0 trở lên", "message_en": "must be 0 or more"}
FILES = """
    file           sheet  read  accepted  rejected  duplicates
    d/simulated-a  -      1200       1150        40          10
    d/simulated-b  tháng1   30         30         0           0
    d/simulated-b  tháng2   70         60        10           0
"""
PANEL = """
    unit   period_start  period_end  definition         numerator  denominator
    00001  2024-01-01    2024-01-31  online_a_received         30          100
    00002  2024-02-01    2024-02-29  online_a_received         30          100
    00003  2024-02-01    2024-02-29  online_a_received          -          100
    00001  2024-01-01    2024-01-31  online_d_received         20          100
"""
HOSTILE = '<script>alert("1")</script>'


@cache
def _indicators():
    return load_indicators(ROOT / "params" / "indicators.yml")


def _lines(of, *rows, **same):
    return schemas.build(
        [WORDS | {"file": "d/a", "rule": "least"} | same | row for row in rows], of
    )


def _delivered(**given):
    checks = schemas.build(
        [{"contrast": "log", "check": "assisted_share", "outcome": "not_possible"}], "checks"
    )
    plain = Delivered(
        label="nhật ký 2024",
        files=table(FILES, of="ingested", sha256="0" * 64),
        rejected=_lines("rejected", {"row": 5, "column": "fee_due", "value": "-3"}),
        findings=_lines("findings", {"row": 7, "value": "1912.0"}, outcome="repaired"),
        panel=table(PANEL, of="panel", source="s1", indicator="online_share", file="d/a", row=2),
        checks=checks,
    )
    return dataclasses.replace(plain, **given)


def _text(language="vi", simulated=False, **given):
    return ingest_page(
        _delivered(**given), indicators=_indicators(), simulated=simulated, language=language
    )


def _page(**given):
    return BeautifulSoup(_text(**given), "html.parser")


def _rows(page, section):
    return table_rows(page.find(id=section).table)


def test_the_account_of_all_files_adds_up_on_the_page():
    page = _page()
    *files, total = _rows(page, "account")
    assert files[0][1:] == ["1.200", "1.150", "40", "10"]
    assert total == ["Tất cả (2 tệp)", "1.300", "1.240", "50", "10"]
    said = page.find(id="account").p.get_text()
    assert "1.300 dòng = nhận 1.240 + loại 50 + trùng 10" in said


def test_an_account_that_does_not_add_up_is_refused():
    files = table(FILES, of="ingested", sha256="0" * 64)
    with pytest.raises(ValueError, match="simulated-b"):
        _text(files=files.assign(read=files["read"] + [0, 1, 0]))


def test_rejected_lines_are_counted_by_rule_and_shown_with_place_and_value():
    rows = [{"row": at, "column": "fee_due", "value": "-3"} for at in range(2, 5)]
    page = _page(rejected=_lines("rejected", *rows, {"file": "d/b", "rule": "required"}))
    by_rule, lines = (table_rows(found) for found in page.find(id="rejected").find_all("table"))
    assert by_rule[0] == ["phải từ 0 trở lên (fee_due, least)", "1", "3"]
    assert by_rule[-1] == ["Tất cả", "2", "4"]
    assert lines[0] == ["a, dòng 2, cột “fee_due”", "-3", "phải từ 0 trở lên"]
    assert lines[-1][:2] == ["b", "–"]


def test_only_the_first_lines_are_shown_and_all_are_counted():
    many = _lines("rejected", *({"row": at} for at in range(2, MOST_LINES + 52)))
    page = _page(rejected=many)
    section = page.find(id="rejected")
    assert len(table_rows(section.details.table)) == MOST_LINES
    assert section.summary.get_text() == "Dòng bị loại: 200 mục đầu trong 250"
    assert _rows(page, "rejected")[-1][-1] == "250"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("0912345678", "••••••••••"),
        ("lan@example.vn", "•@•"),
        ("079190012345", "••••••••••••"),
        ("2024-03-01 10:13:28.000000", "2024-03-01 10:13:28"),
        ("2062-03-05", "2062-03-05"),
        ("31318", "31318"),
        (None, "–"),
    ],
)
def test_a_value_that_could_point_at_somebody_is_covered(value, printed):
    for of in ("rejected", "findings"):
        more = {"outcome": "flagged"} if of == "findings" else {}
        page = _page(**{of: _lines(of, {"value": value}, **more)})
        tables = page.find(id=of).find_all("table")
        assert table_rows(tables[-1])[0][1] == printed


def test_findings_say_what_became_of_them():
    page = _page()
    assert _rows(page, "findings")[0][-1] == "đã sửa : phải từ 0 trở lên"
    assert "sau khi sửa: 1" in page.find(id="findings").p.get_text()


def test_refused_files_and_definitions_left_out_are_listed():
    page = _page(refused=[("a.xlsx", "Trang 1: thiếu cột.")], left_out=["payment_a: thiếu phí"])
    assert _rows(page, "refused") == [["a.xlsx", "Trang 1: thiếu cột."]]
    assert page.find(id="refused").li.get_text() == "payment_a: thiếu phí"


def test_the_panel_is_summed_up_by_definition():
    first, second = _rows(_page(), "panel")
    assert first[0].endswith("(online_a_received) 1/1/2024 – 29/2/2024")
    assert first[1:] == ["3", "3", "1"]
    assert second[1:] == ["1", "1", "0"]


def test_two_definitions_of_one_log_stand_side_by_side_with_their_difference_in_points():
    (row,) = table_rows(_page().find(id="panel").find_all("table")[1])
    assert row[0].endswith("30,0%")
    assert row[1].endswith("20,0%")
    assert row[2].replace("\xa0", " ") == "−10,0 điểm phần trăm 1 tháng–đơn vị"


def test_codes_without_a_unit_of_today_are_listed_with_the_reason():
    gaps = pd.DataFrame({"code": ["99999"], "rows": [3], "gap": ["unlisted"]})
    (row,) = _rows(_page(gaps=gaps), "units")
    assert row[:2] == ["99999", "3"]
    assert "569 xã" in row[2]


@pytest.mark.parametrize("gap", ["unlisted", "not_then", "split", "ended"])
def test_every_gap_is_worded(gap):
    gaps = pd.DataFrame({"code": ["99999"], "rows": [3], "gap": [gap]})
    assert _rows(_page(gaps=gaps, language="en"), "units")[0][2]


def test_a_delivery_without_anything_to_tell_says_so():
    empty = {name: schemas.empty(name) for name in ("rejected", "findings", "panel")}
    page = _page(**empty, checks=None)
    told = [found.get_text() for found in page.find_all(class_="none")]
    assert len(told) == 6
    assert "Không dòng nào bị loại." in told


def test_simulated_data_is_labelled_at_the_top_and_at_every_table():
    page = _page(simulated=True)
    assert "DỮ LIỆU MÔ PHỎNG" in page.find(class_="warn").get_text()
    captions = [found.get_text() for found in page.find_all("caption")]
    assert all("DỮ LIỆU MÔ PHỎNG" in caption for caption in captions)
    assert "MÔ PHỎNG" not in _text()


def test_what_files_call_themselves_is_text_and_never_markup():
    hostile = _lines("rejected", {"file": HOSTILE, "column": HOSTILE, "value": HOSTILE})
    page = _page(rejected=hostile, label=HOSTILE, refused=[(HOSTILE, HOSTILE)])
    assert page.find("script") is None
    assert HOSTILE in page.h1.get_text()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_keeps_the_rules_of_every_page(language):
    slots = pd.DataFrame({"slot": range(48), "filed": pd.array([9] * 48, dtype="Int64")})
    points = pd.DataFrame({"point": range(101), "months": pd.array([1] * 101, dtype="Int64")})
    places = pd.DataFrame({"place": range(1, 11), "filed": pd.array([9] * 10, dtype="Int64")})
    write = Writer(language, "none")
    accounts = pd.DataFrame({"size": SIZES, "filed": pd.array([9] * 5, dtype="Int64")})
    filers = pd.DataFrame({"quarter": pd.to_datetime(["2024-01-01"]), "share": [25.0]})
    figures = validity_figures(
        filers=filers, accounts=accounts, slots=slots, places=places, points=points, write=write
    )
    text = _text(language, figures=figures)
    check_page(text, page="ingest", grade="none")
    assert text.count("<figure") == 5
    marked = BeautifulSoup(text, "html.parser").h1.find_parent(lang=True)
    assert marked["lang"] == language


def test_the_callers_tables_are_not_changed():
    given = _delivered()
    before = {name: getattr(given, name).copy(deep=True) for name in ("files", "rejected", "panel")}
    ingest_page(given, indicators=_indicators(), simulated=False)
    for name, table_before in before.items():
        pd.testing.assert_frame_equal(getattr(given, name), table_before)
