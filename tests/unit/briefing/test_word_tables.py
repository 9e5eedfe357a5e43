"""Tables of a Word paper: header rows repeat, rows stay whole, columns fit the paper."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from papers import TABLE, WHEN

from commune_pilots.briefing.decree import WIDTH_MM, new_paper
from commune_pilots.briefing.word_tables import add_table, column_widths
from commune_pilots.briefing.word_text import Look, Sheet

TWIPS = WIDTH_MM * 1440 / 25.4


@pytest.fixture
def sheet():
    return Sheet(new_paper(title="t", author="a", when=WHEN), (), {"s-1": 1})


@pytest.fixture
def table(sheet):
    add_table(sheet, BeautifulSoup(TABLE, "html.parser").find("table"), Look())
    return sheet.paper.tables[0]


def test_every_cell_is_where_it_was(table):
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Đơn vị", "Chênh"],
        ["Xã Một", "81,3"],
        ["Xã Hai", "– một\n– hai"],
    ]


def test_the_caption_stands_above_on_the_same_page(sheet, table):
    caption = sheet.paper.paragraphs[-1]
    assert caption.text == "Bảng B1. Các cặp"
    assert caption._p.getnext() is table._tbl
    assert caption.style.paragraph_format.keep_with_next


def test_the_table_tells_its_caption_to_those_who_hear_it(table):
    told = table._tbl.tblPr.find(qn("w:tblCaption"))
    assert told.get(qn("w:val")) == "Bảng B1. Các cặp"


def test_only_the_header_row_is_repeated_and_bold(table):
    repeated = [
        row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.rows
    ]
    assert repeated == [True, False, False]
    bold = [all(run.bold for run in row.cells[0].paragraphs[0].runs) for row in table.rows]
    assert bold == [True, False, False]


def test_no_row_is_cut_by_the_end_of_a_page(table):
    assert all(
        row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in table.rows
    )


def test_numbers_stand_on_the_right(table):
    for column, side in ((0, None), (1, WD_ALIGN_PARAGRAPH.RIGHT)):
        assert {row.cells[column].paragraphs[0].alignment for row in table.rows} == {side}


def test_a_row_that_numbers_lead_to_is_marked_in_its_first_cell(table):
    first = table.rows[1].cells[0].paragraphs[0]._p
    assert first.find(qn("w:bookmarkStart")).get(qn("w:name")) == "n1"


def test_columns_are_told_twice_and_alike(table):
    grid = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid]
    for row in table.rows:
        assert [int(cell._tc.tcPr.find(qn("w:tcW")).get(qn("w:w"))) for cell in row.cells] == grid


def test_a_column_that_says_more_is_wider():
    short, long = column_widths([["Mã", "Nội dung"], ["A1", "một câu dài hơn nhiều " * 5]])
    assert long > 4 * short


def test_a_long_word_has_room_where_there_is_any():
    word, rest = column_widths([["eng.binhduong.gov.vn", "một hai ba bốn " * 20]])
    assert word > 20 * 1.8 * 1440 / 25.4
    assert rest > word


def test_a_word_may_part_at_its_hyphen():
    parted, _ = column_widths([["ctx-vietnamnet-2308927", "x" * 20]] * 2)
    whole, _ = column_widths([["ctxxvietnamnetx2308927", "x" * 20]] * 2)
    assert parted < whole


@given(
    st.integers(1, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.text("ab -", max_size=60), min_size=columns, max_size=columns),
            min_size=1,
            max_size=5,
        )
    )
)
def test_columns_fill_the_width_of_the_paper_exactly(rows):
    widths = column_widths(rows)
    assert len(widths) == len(rows[0])
    assert min(widths) > 0
    assert abs(sum(widths) - TWIPS) <= len(widths)
