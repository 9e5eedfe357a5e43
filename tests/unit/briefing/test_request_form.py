"""The form: an official letter that can be printed, read aloud, filled in and sent back."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections import Counter
from functools import cache

import pytest
from asked import EVERY_RUN, asked_of, changed, interventions
from bs4 import BeautifulSoup
from built import PRESS_RUNS, table_called, table_rows, text_of

from commune_pilots import catalogue
from commune_pilots.briefing import data_request
from commune_pilots.briefing.export import check_page, visible_text
from commune_pilots.briefing.request_form import request_form
from commune_pilots.briefing.style import own_style
from commune_pilots.errors import ClaimError

FILE = "data_request.csv"
HOSTILE = '</style><script>alert(1)</script><a href="http://x" onclick="x">'
PERSONAL = ("họ tên", "số định danh", "số điện thoại", "chủ hồ sơ", "ngày sinh")


@pytest.fixture(params=EVERY_RUN)
def asked(request):
    return asked_of(request.param)


def _form(findings):
    return request_form(findings, file=FILE)


@cache
def _page_of(run):
    return BeautifulSoup(_form(asked_of(run)), "html.parser")


def _parsed(findings):
    """Parse a form; those of whole runs once for all tests, which only read them."""
    for run in EVERY_RUN:
        if findings is asked_of(run):
            return _page_of(run)
    return BeautifulSoup(_form(findings), "html.parser")


def _items(page):
    return page.find_all("section", class_="item")


# Head and end of the letter


@pytest.mark.parametrize(
    ("run", "body"),
    [
        ("long_an", "UBND tỉnh Tây Ninh"),
        ("bac_kan", "UBND tỉnh Thái Nguyên"),
        ("hau_giang", "UBND thành phố Cần Thơ"),
        ("cao_bang", "UBND tỉnh Cao Bằng"),
    ],
)
def test_the_department_of_todays_province_asks_and_the_state_heads_the_letter(run, body):
    head = text_of(_parsed(asked_of(run)).find(class_="letterhead"))
    assert head.startswith(f"{body} Sở Khoa học và Công nghệ")
    assert "Cộng hòa xã hội chủ nghĩa Việt Nam Độc lập - Tự do - Hạnh phúc" in head


def test_the_form_is_a_dated_draft_without_a_number(asked):
    page = _parsed(asked)
    assert text_of(page.find(class_="draft")) == "Dự thảo 22/11/2026"
    assert "Số: ……… (dự thảo, chưa có số)" in text_of(page.find(class_="letterhead"))


def test_the_deadline_is_the_one_of_the_briefing(asked):
    assert "Thời hạn: trước 21/1/2027." in text_of(_parsed(asked).find(id="how").strong)


def test_the_deadline_follows_the_date_of_the_briefing():
    findings = asked_of("long_an")
    run = dataclasses.replace(findings.run, briefing_date="2027-01-01")
    page = _parsed(dataclasses.replace(findings, run=run))
    assert "trước 2/3/2027" in text_of(page.find(id="how"))


def test_communes_of_today_are_addressed_by_name_where_there_are_pilots():
    told = text_of(_parsed(asked_of("long_an")).find(class_="to"))
    assert "UBND các xã, phường: xã Cần Giuộc, xã An Lục Long, phường Long An;" in told


def test_without_pilots_the_communes_of_todays_province_are_addressed():
    told = text_of(_parsed(asked_of("hau_giang")).find(class_="to"))
    assert "UBND các xã, phường trên địa bàn thành phố Cần Thơ;" in told


def test_it_says_how_to_return_it_and_asks_for_no_personal_data(asked):
    told = text_of(_parsed(asked).find(id="how"))
    assert FILE in told
    assert "hệ thống quản lý văn bản" in told
    assert "Không gửi dữ liệu cá nhân" in told
    assert "không ghi tỷ lệ phần trăm" in told
    assert "không ghi 0" in told


def test_no_heading_column_or_indicator_asks_for_personal_data(asked):
    asked_for = " ".join(text_of(cell).lower() for cell in _parsed(asked).find_all("th"))
    assert not [word for word in PERSONAL if word in asked_for]


def test_it_ends_with_a_place_to_sign(asked):
    assert "chức vụ, ký tên, đóng dấu" in text_of(_parsed(asked).find(class_="signature"))


# Part A


def test_pilot_communes_stand_with_their_names_then_and_now():
    rows = table_rows(table_called(_parsed(asked_of("long_an")), "Bảng A1"))
    assert [row[:3] for row in rows] == [
        ["Thị trấn Cần Giuộc", "Xã Cần Giuộc", "28159"],
        ["Xã Dương Xuân Hội", "Xã An Lục Long", "28237"],
        ["Phường 4", "Phường Long An", "27691"],
    ]


@pytest.mark.parametrize(
    ("run", "start"), [("long_an", ""), ("bac_kan", "…… / …… / 2023"), ("smoke", "1/1/2022")]
)
def test_a_start_is_filled_in_as_far_as_it_is_known(run, start):
    rows = table_rows(table_called(_parsed(asked_of(run)), "Bảng A1"))
    assert {row[3] for row in rows} == {start}


def test_counts_stand_beside_what_is_printed_one_line_a_commune_and_period():
    table = table_called(_parsed(asked_of("long_an")), "Bảng A2")
    header = [text_of(cell) for cell in table.thead.find_all("th")]
    assert header[3:5] == ["Số hồ sơ nộp trực tuyến", "Tổng số hồ sơ tiếp nhận"]
    assert table_rows(table) == [
        ["Thị trấn Cần Giuộc", "Trước: 2021", "16,8%", "", "", ""],
        ["Thị trấn Cần Giuộc", "Sau: từ …… đến ……", "98,08%", "", "", ""],
        ["Xã Dương Xuân Hội", "Trước: 2021", "18,98%", "", "", ""],
        ["Xã Dương Xuân Hội", "Sau: từ …… đến ……", "86,41%", "", "", ""],
        ["Phường 4", "Trước: 2021", "chưa có", "", "", ""],
        ["Phường 4", "Sau: từ …… đến ……", "53,53%", "", "", ""],
    ]


def test_a_commune_of_which_nothing_is_printed_is_told_so_and_asked_the_same():
    rows = table_rows(table_called(_parsed(asked_of("bac_kan")), "Bảng A2"))
    bare = [row for row in rows if row[0] == "Xã Giáo Hiệu"]
    assert [row[2] for row in bare] == ["không có số liệu"] * 2
    assert len(rows) == 16


@pytest.mark.parametrize("run", ["hau_giang", "cao_bang"])
def test_without_pilots_there_is_no_part_for_them(run):
    assert _parsed(asked_of(run)).find(id="part-pilots") is None


# Part B


def test_each_intervention_has_one_section_in_the_order_of_the_register(asked):
    page = _parsed(asked)
    anchors = [item["id"] for item in _items(page)]
    assert anchors == [data_request.anchor_of(row["intervention"]) for row in asked.interventions]
    titles = [text_of(item.h3) for item in _items(page)]
    assert titles == [
        f"{number}. {row['name_vi']}" for number, row in enumerate(asked.interventions, start=1)
    ]


def test_each_section_says_what_is_there_and_what_is_needed(asked):
    for item, row in zip(_items(_parsed(asked)), asked.interventions, strict=True):
        told = text_of(item.p)
        shown = catalogue.text(f"label.evidence.{row['evidence']}", "vi")
        assert f"Bằng chứng hiện có: {shown} (nguồn {row['source']}" in told
        assert f"Số liệu tối thiểu: {row['need_vi'].rstrip('.')}." in told
        assert "Ngày bắt đầu: …… / …… / ………" in told


def test_source_and_paragraph_of_the_evidence_are_named():
    item = _parsed(asked_of("long_an")).find(id="i-001-i30")
    assert "(nguồn 001, đoạn 8)" in text_of(item.p)


def test_an_entry_without_a_paragraph_names_its_source_alone():
    register = interventions("intervention paragraph\n001-x -")
    item = _items(_parsed(changed(asked_of("long_an"), interventions=register)))[0]
    assert "(nguồn 001)." in text_of(item.p)


def test_each_line_asked_has_a_row_with_room_to_write(asked):
    pilots = data_request.pilot_lines(asked)
    for item, row in zip(_items(_parsed(asked)), asked.interventions, strict=True):
        lines = data_request.intervention_lines(asked, row, elsewhere=pilots)
        rows = table_rows(item.table) if item.table else []
        assert len(rows) == len(lines)
        assert all(row[3] == "" and row[4] in ("", "–") and row[5] == "" for row in rows)


def test_an_indicator_asked_of_the_pilots_is_answered_in_their_table():
    item = _parsed(asked_of("long_an")).find(id="i-001-i03")
    assert "Số hồ sơ của “Tỷ lệ hồ sơ nộp trực tuyến”: điền ở bảng A2." in text_of(item.p)
    assert item.table is None


def test_the_definition_is_said_once_for_its_two_periods():
    item = _parsed(asked_of("long_an")).find(id="i-001-i02")
    first, second = table_rows(item.table)
    assert first[0].startswith(second[0])
    assert len(first[0]) > len(second[0])
    assert [row[2].split(":")[0] for row in (first, second)] == ["Trước", "Sau"]


def test_an_entry_without_an_indicator_asks_for_one():
    item = _parsed(asked_of("long_an")).find(id="i-001-i30")
    assert {row[0] for row in table_rows(item.table)} == {"Chỉ số do đơn vị đề xuất: ………………"}


def test_the_place_of_an_entry_is_named_then_and_now():
    page = _parsed(asked_of("hau_giang"))
    assert "Thị trấn Cái Tắc (nay thuộc Xã Đông Phước)" in text_of(page.find(id="i-000-i13"))
    assert "Thành phố Vị Thanh (cấp huyện, kết thúc" in text_of(page.find(id="i-000-i08"))


# Part C


def test_every_source_cited_is_listed_once_and_background_is_not(asked):
    rows = table_rows(table_called(_parsed(asked), "Bảng C1"))
    assert sorted(row[0] for row in rows) == sorted({row["source"] for row in asked.interventions})


# The page


def test_the_form_keeps_the_rules_of_a_page(asked):
    check_page(_form(asked), page="data_request.html", grade="none")
    page = _parsed(asked)
    assert page.html["lang"] == "vi"
    assert page.title.text.startswith(page.h1.text)
    assert unicodedata.is_normalized("NFC", _form(asked))
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")
    assert not page.find_all(["script", "img", "link", "input"])


def test_every_table_can_be_read_aloud_and_no_two_have_one_name(asked):
    tables = _parsed(asked).find_all("table")
    captions = Counter(text_of(table.caption) for table in tables)
    assert max(captions.values()) == 1
    for table in tables:
        assert len(table.thead.find_all("th")) <= 6
        assert all(text_of(cell) for cell in table.find_all("th"))


def test_no_two_parts_have_one_anchor(asked):
    anchors = Counter(part["id"] for part in _parsed(asked).find_all(id=True))
    assert max(anchors.values()) == 1


def test_simulated_data_is_named_as_such_above_the_title_and_in_every_caption():
    page = _parsed(asked_of("smoke"))
    assert "DỮ LIỆU MÔ PHỎNG" in text_of(page.find(class_="warn"))
    assert all("DỮ LIỆU MÔ PHỎNG" in text_of(caption) for caption in page.find_all("caption"))


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_press_data_is_never_called_simulated(run):
    page = _parsed(asked_of(run))
    assert page.find(class_="warn") is None
    assert "mô phỏng" not in text_of(page).lower()


def test_words_of_the_register_are_escaped():
    register = interventions("intervention\n001-x").assign(name_vi=HOSTILE, need_vi=HOSTILE)
    form = _form(changed(asked_of("long_an"), interventions=register))
    page = BeautifulSoup(form, "html.parser")
    assert not re.search(r"<script|</style>.*</style>", form, re.DOTALL)
    assert not page.find_all(onclick=True)
    assert HOSTILE in page.find(id="i-001-x").h3.text


def test_a_claim_in_the_register_is_refused_whatever_the_grade_of_the_run():
    claim = "Thí điểm đã làm tăng tỷ lệ nộp trực tuyến"
    register = interventions("intervention\n001-x").assign(name_vi=claim)
    with pytest.raises(ClaimError, match=claim):
        check_page(
            _form(changed(asked_of("long_an"), interventions=register)), page="p", grade="none"
        )


def test_decimals_are_written_as_vietnamese_does(asked):
    told = re.sub(r"iOffice 4\.0|4\.0", "", visible_text(_form(asked))["vi"])
    assert not re.search(r"(?<![\d.])\d+\.(?!\d{3}(?!\d))\d", told)


def test_the_same_findings_make_the_same_bytes(asked):
    assert _form(asked) == _form(asked)


def test_the_style_of_the_form_takes_its_colours_from_the_two_palettes():
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", own_style("request.css"))


def test_a_study_that_names_no_measure_is_not_told_that_it_names_none():
    asked = asked_of("long_an")
    form = _form(changed(asked, interventions=asked["interventions"].iloc[:0]))
    assert "0 hệ thống, biện pháp" not in form
    assert 'id="part-measures"' not in form
