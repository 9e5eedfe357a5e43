from __future__ import annotations

import pytest

from commune_pilots.errors import InputError
from commune_pilots.sources.html_tables import read_html_tables


def _rows(body: str) -> list[list[object]]:
    return [list(row) for row in read_html_tables(f"<table>{body}</table>", file="a.xls")[0].rows]


def test_cells_are_text_in_their_places():
    assert _rows("<tr><th>Xã</th><th>Số</th></tr><tr><td> 12,5 </td><td></td></tr>") == [
        ["Xã", "Số"],
        ["12,5", None],
    ]


def test_tags_that_nobody_closed_end_where_the_next_begins():
    assert _rows("<tr><td>a<td>b<tr><td>c<td>d") == [["a", "b"], ["c", "d"]]


def test_spans_are_kept_as_merged_cells():
    text = (
        "<table><tr><td rowspan=2>Xã<td colspan=2>Hồ sơ"
        "<tr><td>nhận<td>trả<tr><td>A<td>1<td>2</table>"
    )
    sheet = read_html_tables(text, file="a.xls")[0]
    assert sheet.rows == [["Xã", "Hồ sơ", None], [None, "nhận", "trả"], ["A", "1", "2"]]
    assert set(sheet.merged) == {(0, 0, 1, 0), (0, 1, 0, 2)}


def test_entities_and_breaks_are_text_and_scripts_are_not():
    body = "<tr><td>H&agrave;<br>T&#297;nh<script>x()</script><style>y</style></td></tr>"
    assert _rows(body) == [["Hà\nTĩnh"]]


def test_a_table_in_a_cell_is_a_table_of_its_own():
    text = "<table><tr><td>menu<table><tr><td>a</td><td>b</td></tr></table></td></tr></table>"
    assert [sheet.rows for sheet in read_html_tables(text, file="a")] == [[["menu"]], [["a", "b"]]]


def test_hidden_rows_and_struck_text_are_marked():
    text = (
        "<table><tr><td>a</td></tr><tr style='display: none'><td>b</td></tr>"
        "<tr hidden><td>c</td></tr><tr><td><s>d</s></td></tr>"
        "<tr><td style='text-decoration:line-through'>e</td></tr><tr><td>f</td></tr></table>"
    )
    sheet = read_html_tables(text, file="a")[0]
    assert sheet.hidden == {1, 2}
    assert sheet.struck == {(3, 0), (4, 0)}


@pytest.mark.parametrize("span", ["0", "-1", "x", "999999999999", "²", ""])
def test_a_span_that_is_no_number_is_one_cell(span):
    assert _rows(f"<tr><td colspan='{span}'>a</td><td>b</td></tr>") == [["a", "b"]]


def test_a_huge_span_is_bounded():
    assert len(_rows("<tr><td colspan=99999>a</td></tr>")[0]) == 1000


@pytest.mark.parametrize(
    "text",
    [
        "<html>login</html>",
        "<table></table>",
        "<table><tr><td> </td></tr></table>",
        "<?xml version='1.0'?><Workbook><Table><Row><Cell>1</Cell></Row></Table></Workbook>",
    ],
)
def test_a_page_without_a_filled_table_is_refused(text):
    with pytest.raises(InputError, match=r"^a\.xls: the HTML page holds no table"):
        read_html_tables(text, file="a.xls")


def test_reading_a_page_is_told():
    sheets = read_html_tables("<table><tr><td>a</td></tr></table>", file="a.xls")
    assert [one.rule for one in sheets[0].found] == ["html_table"]
