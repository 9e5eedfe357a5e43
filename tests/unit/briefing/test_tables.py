from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from markupsafe import Markup

from commune_pilots.briefing.style import page_style
from commune_pilots.briefing.tables import MOST_COLUMNS, Row, html_table

HEADER = ["Đơn vị", "Giá trị"]


def _parsed(*rows, caption="Bảng", header=HEADER, **given):
    return BeautifulSoup(html_table(caption, header, rows, **given), "html.parser")


def test_a_table_has_a_caption_and_a_labelled_region_that_scrolls():
    page = _parsed(Row(cells=["Xã A", "1"]), caption="Bảng một")
    assert page.caption.text == "Bảng một"
    region = page.find("div", role="region")
    assert (region["aria-labelledby"], region["tabindex"]) == (page.caption["id"], "0")


def test_every_column_header_and_row_header_has_its_scope():
    page = _parsed(Row(cells=["Xã A", "1"]), Row(cells=["Xã B", "2"]))
    assert [cell["scope"] for cell in page.thead.find_all("th")] == ["col", "col"]
    rows = page.tbody.find_all("tr")
    assert [row.find("th")["scope"] for row in rows] == ["row", "row"]
    assert [len(row.find_all("td")) for row in rows] == [1, 1]


def test_the_region_says_once_which_columns_are_set_flush_right():
    page = _parsed(Row(cells=["Xã A", "1"]), numeric=(1,))
    assert page.find("div", role="region")["class"] == ["scroll", "r1"]
    assert not any(cell.has_attr("class") for cell in page.find_all(["th", "td"]))
    assert _parsed(Row(cells=["Xã A", "1"])).find("div", role="region")["class"] == ["scroll"]


@pytest.mark.parametrize("column", range(MOST_COLUMNS))
def test_the_style_sheet_knows_every_column_that_may_be_set_flush_right(column):
    assert f".r{column} tr>:nth-child({column + 1})" in page_style()


def test_a_row_carries_the_anchor_that_numbers_link_to():
    page = _parsed(Row(cells=["Xã A", "1"], anchor="o-001-03"), Row(cells=["Xã B", "2"]))
    assert page.find(id="o-001-03").th.text == "Xã A"


@pytest.mark.parametrize("empty", ["", "   "])
def test_an_empty_header_cell_is_refused(empty):
    with pytest.raises(ValueError, match="named columns"):
        _parsed(Row(cells=["Xã A", "1"]), header=["Đơn vị", empty])


def test_six_columns_are_taken_and_seven_refused():
    names = [f"c{number}" for number in range(MOST_COLUMNS)]
    assert len(_parsed(Row(cells=names), header=names).thead.find_all("th")) == 6
    with pytest.raises(ValueError, match="1 to 6 named columns"):
        _parsed(Row(cells=[*names, "x"]), header=[*names, "c6"])


@pytest.mark.parametrize("cells", [["Xã A"], ["Xã A", "1", "2"], []])
def test_a_ragged_row_is_refused(cells):
    with pytest.raises(ValueError, match="one cell for each column"):
        _parsed(Row(cells=["Xã B", "2"]), Row(cells=cells))


def test_html_in_data_is_escaped_everywhere():
    hostile = '<script>alert("1")</script>'
    row = Row(cells=[hostile, hostile], anchor='x" onclick="y')
    written = html_table(hostile, [hostile, "Giá trị"], [row])
    assert "<script" not in written
    assert 'onclick="y"' not in written
    assert written.count("&lt;script&gt;") == 4  # caption, header, row header, cell


def test_markup_in_a_cell_is_kept():
    written = html_table("Bảng", HEADER, [Row(cells=["Xã A", Markup("<b>1</b>")])])
    assert "<td><b>1</b></td>" in written


def test_captions_that_differ_give_regions_that_differ():
    names = [_parsed(caption=f"Bảng {at}").caption["id"] for at in range(50)]
    assert len(set(names)) == 50


def test_a_caption_with_markup_names_its_region_by_its_words():
    plain, bold = (
        _parsed(caption=c).caption["id"] for c in ("Bảng một", Markup("Bảng <b>một</b>"))
    )
    assert plain == bold
    assert re.fullmatch(r"c[0-9a-f]{7}", plain), "a name that may start an id"


def test_the_same_table_is_the_same_bytes_twice():
    assert html_table("Bảng", HEADER, []) == html_table("Bảng", HEADER, [])
