from __future__ import annotations

import pytest
from bad_files import csv_bytes
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.errors import InputError
from commune_pilots.sources.delimited import read_delimited

FIELD = st.text(alphabet="abĐ 12,;|\t\"'\n.", max_size=6)


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(
            st.lists(FIELD, min_size=width, max_size=width), min_size=2, max_size=6
        )
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_a_csv_writer_wrote_is_read_back_or_refused(rows, separator):
    header = [f"h{at}" for at in range(len(rows[0]))]
    rows = [header, *([f"x{cell}" for cell in row] for row in rows)]
    text = csv_bytes(rows, separator=separator).decode()
    try:
        sheet = read_delimited(text, file="a.csv")
    except InputError:
        return
    assert sheet.rows == rows


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_the_separator_that_gives_one_width_is_taken(separator, ends):
    text = csv_bytes([["a", "b, c; d"], ["1,5", ""]], separator=separator, ends=ends).decode()
    sheet = read_delimited(text, file="a.csv")
    assert sheet.rows == [["a", "b, c; d"], ["1,5", None]]
    assert sheet.found == ()


def test_decimal_commas_between_semicolons_are_no_separators():
    sheet = read_delimited("Xã;Tỷ lệ;Số\nA;61,5;1,0\nB;72,25;2,0\n", file="a.csv")
    assert sheet.rows[1] == ["A", "61,5", "1,0"]


def test_a_hint_names_the_separator_and_is_no_row():
    sheet = read_delimited("sep=|\na,b|c\n1|2\n", file="a.csv")
    assert (sheet.rows, list(sheet.numbers)) == ([["a,b", "c"], ["1", "2"]], [2, 3])
    assert [one.rule for one in sheet.found] == ["separator_hint"]


def test_empty_lines_are_left_out_and_rows_keep_their_numbers():
    sheet = read_delimited('a,b\n\n"x\ny",2\n,\n3,4\n', file="a.csv")
    assert list(sheet.numbers) == [1, 3, 6]


def test_titles_may_be_short():
    sheet = read_delimited("BÁO CÁO\nTháng 4\na,b,c\n1,2,3\n", file="a.csv")
    assert sheet.rows[0] == ["BÁO CÁO", None, None]


def test_a_separator_too_many_in_every_row_moves_no_field():
    sheet = read_delimited("a,b\n1,2,\n3,4,\n", file="a.csv")
    assert sheet.rows == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert [one.rule for one in sheet.found] == ["trailing_separator"]


@pytest.mark.parametrize(
    ("text", "key", "row"),
    [
        ("a,b,c\n1,2,3\n4,5\n", "csv_width", 3),
        ("a,b,c\n1,2,3\n4,5,6,7\n", "csv_width", 3),
        ("a,b\n1,2,\n3,4,5\n", "csv_width", 1),
        ("a,b,c\n1,2,3\n4\n", "csv_width", 3),
        ('a,b,c\n1,"2,3\n4,5,6\n7,8,9\n', "csv_quote", 2),
        ('a,b,c\n1,"2,3\n4,5",6\n', "csv_quote", 2),
        ('a,b\n1,"2"x\n', "csv_quote", 2),
        ("", "file_empty", None),
    ],
)
def test_a_line_that_is_not_whole_is_refused_by_its_number(text, key, row):
    with pytest.raises(InputError) as refused:
        read_delimited(text, file="a.csv")
    assert (refused.value.key, refused.value.values.get("row")) == (key, row)


def test_an_address_in_two_lines_is_a_field():
    sheet = read_delimited('a,b,c,d\n1,"Số 1, ấp 2\nxã 3",4,5\n', file="a.csv")
    assert sheet.rows[1][1] == "Số 1, ấp 2\nxã 3"


def test_a_signature_below_may_be_short():
    sheet = read_delimited("a,b,c\n1,2,3\nNGƯỜI LẬP BIỂU\n", file="a.csv")
    assert sheet.rows[2] == ["NGƯỜI LẬP BIỂU", None, None]


def test_a_file_without_a_last_line_end_is_told():
    assert [one.rule for one in read_delimited("a,b\n1,2", file="a").found] == ["no_line_end"]


def test_a_field_longer_than_any_cell_is_refused():
    with pytest.raises(InputError, match="row 2: one cell is 140000 characters"):
        read_delimited(f"a,b\n{'x' * 140_000},2\n", file="a.csv")
