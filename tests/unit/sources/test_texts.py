from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Sheet
from commune_pilots.sources.texts import (
    all_plain,
    is_error,
    is_hostile,
    letters,
    plain_sheet,
    plain_text,
    text_of,
)


@pytest.mark.parametrize(
    ("written", "plain", "repairs"),
    [
        ("Xã Hòa Bình", "Xã Hòa Bình", ()),
        (unicodedata.normalize("NFD", "Xã Hòa"), "Xã Hòa", ("nfd",)),
        ("Xã\u00a0Hòa\u200b ", "Xã Hòa", ("unseen",)),
        ("H&#224; T&#297;nh", "Hà Tĩnh", ("entity",)),
        ("H&amp;#224;", "Hà", ("entity",)),
        ("R&D", "R&D", ()),
        ('="00123"', "00123", ("kept_as_text",)),
        ("４４５，３６５", "445,365", ("full_width",)),
        ("٤٤٥", "445", ("full_width",)),
        ("1234²", "1234²", ()),
        ("Ðông", "Đông", ("lookalike",)),
        ("ðông", "đông", ("lookalike",)),
        ("Хã", "Xã", ("lookalike",)),
        ("Hồ sơ\n tiếp  nhận", "Hồ sơ tiếp nhận", ()),
    ],
)
def test_a_text_is_brought_to_plain_form_and_the_repair_named(written, plain, repairs):
    assert plain_text(written) == (plain, repairs)


@given(st.text(max_size=30))
def test_plain_text_stays_as_it_is(text):
    once, _ = plain_text(text)
    again, repairs = plain_text(once)
    assert again == once or "entity" in repairs or "kept_as_text" in repairs


@pytest.mark.parametrize(
    "cell",
    [
        "<script>alert(1)</script>",
        "< img src=x>",
        "javascript:alert(1)",
        "../../etc/passwd",
        "..\\windows",
        "=1+1",
        "@SUM(A1)",
        "+cmd|' /C calc'!A0",
        "-foo(1)",
        "a\x00b",
        "a\u202eb",
        "&lt;script&gt;",
    ],
)
def test_a_cell_that_would_run_refuses_its_sheet_by_place(cell):
    sheet = Sheet(file="a.xlsx", name="T4", rows=[["x", "y"], ["z", cell]])
    with pytest.raises(InputError, match=r"a\.xlsx, sheet T4, row 2, column “B”"):
        plain_sheet(sheet)


@pytest.mark.parametrize(
    "cell", ["- Xã A", "+ trực tuyến", "-5", "+5", "08:30", "05/04/2026", "< 5", "a=b", "1.2.3"]
)
def test_ordinary_signs_are_no_commands(cell):
    assert plain_sheet(Sheet(file="a", name="", rows=[[cell]])).rows == [[cell]]


def test_each_kind_of_repair_is_told_once_with_its_first_place():
    sheet = Sheet(file="a", name="s", rows=[["x"], ["Ðông"], ["Ðà"], [4.0], [None]], first_row=3)
    clean = plain_sheet(sheet)
    assert clean.rows == [["x"], ["Đông"], ["Đà"], [4.0], [None]]
    assert [(one.rule, one.row, one.column) for one in clean.found] == [("lookalike", 4, "A")]


def test_a_cell_of_blanks_is_blank():
    assert plain_sheet(Sheet(file="a", name="", rows=[["\u00a0 \u200b"]])).rows == [[None]]


def test_columns_have_letters_as_in_a_spreadsheet():
    assert [letters(at) for at in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("cell", "text"), [(4.0, "4"), (4.5, "4.5"), (7, "7"), (None, ""), ("a", "a")]
)
def test_a_number_is_written_as_a_person_typed_it(cell, text):
    assert text_of(cell) == text


def test_errors_of_a_spreadsheet_are_known():
    assert all(map(is_error, ["#REF!", "#DIV/0!", "#N/A", " #VALUE! ", "#GETTING_DATA"]))
    assert not any(map(is_error, ["#1", "REF", 4.0, None, "# N/A"]))


@pytest.mark.parametrize(
    ("texts", "plain"),
    [
        (["Xã Tân An", "000.00.53.H48-250921-0099", "03/05/2026 08:30"], True),
        (["a", "b\u00a0c"], False),
        (["a", " b"], False),
        (["a ", "b"], False),
        (["a", "b  c"], False),
        (["a", "-b"], False),
        (["a", "../b"], False),
        (["a", "xa\u0303"], False),
        (["a", ""], False),
    ],
)
def test_many_texts_are_plain_only_if_each_is(texts, plain):
    assert all_plain(texts) is plain
    assert all(all_plain([text]) for text in texts) is plain


def test_hostile_text_is_known_by_its_form():
    assert [is_hostile(text) for text in ("<b>", "=1+1", "../etc", "Xã A")] == [
        True, True, True, False,
    ]  # fmt: skip
