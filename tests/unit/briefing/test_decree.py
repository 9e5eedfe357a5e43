"""The form of an official paper, as decree 30/2020 asks for it, in the file itself."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from papers import PAGE, WHEN, opened, part

from commune_pilots.briefing import decree
from commune_pilots.briefing.decree import TYPEFACE, WIDTH_MM, new_paper, number_list, to_bytes
from commune_pilots.briefing.letterhead import read_letterhead


@pytest.fixture
def paper():
    return new_paper(title="Xã Một tăng", author="SỞ", when=WHEN)


@pytest.fixture
def headed(paper):
    decree.add_head(paper, read_letterhead(PAGE))
    return paper


def test_the_page_is_a4_with_the_margins_of_the_decree(paper):
    section = opened(to_bytes(paper)).sections[0]
    assert abs(section.page_width - Mm(210)) + abs(section.page_height - Mm(297)) < 1000
    assert 20 <= section.top_margin.mm <= 25
    assert 20 <= section.bottom_margin.mm <= 25
    assert 30 <= section.left_margin.mm <= 35
    assert 15 <= section.right_margin.mm <= 20
    inside = section.page_width.mm - section.left_margin.mm - section.right_margin.mm
    assert inside == pytest.approx(WIDTH_MM, abs=0.1)


def test_pages_are_numbered_at_the_top_in_the_middle_but_not_the_first(paper):
    section = paper.sections[0]
    assert section.different_first_page_header_footer
    assert section.first_page_header.is_linked_to_previous  # nothing stands there
    assert not any(p.text for p in section.first_page_header.paragraphs)
    (number,) = section.header.paragraphs
    assert number._p.find(qn("w:fldSimple")).get(qn("w:instr")).strip() == "PAGE"
    assert number.style.paragraph_format.alignment == 1
    assert not any(p.text for p in section.footer.paragraphs)


def test_one_typeface_in_every_script_and_no_colour(headed):
    content = to_bytes(headed)
    faces = set()
    for name in ("word/styles.xml", "word/numbering.xml", "word/document.xml"):
        for fonts in part(content, name).iter(qn("w:rFonts")):
            faces |= {value for key, value in fonts.attrib.items() if "hint" not in key}
    assert faces == {TYPEFACE} == {"Times New Roman"}
    assert b"<w:color " not in zipfile.ZipFile(BytesIO(content)).read("word/styles.xml")
    assert b"<w:color " not in zipfile.ZipFile(BytesIO(content)).read("word/document.xml")


def test_sizes_of_words_are_those_of_the_decree(paper):
    sizes = {name: paper.styles[name].font.size.pt for name in ("Body Text", "Header", "Title")}
    assert all(13 <= size <= 14 for size in sizes.values())


def test_paragraphs_are_at_least_six_points_apart_and_begin_indented(paper):
    form = paper.styles["Body Text"].paragraph_format
    assert form.space_after.pt >= 6
    assert form.line_spacing >= 1
    assert 10 <= form.first_line_indent.mm <= 12.7


def test_the_paper_is_vietnamese_for_readers_and_spelling(paper):
    content = to_bytes(paper)
    languages = {
        lang.get(qn("w:val")) for lang in part(content, "word/styles.xml").iter(qn("w:lang"))
    }
    assert languages == {"vi-VN"}
    assert opened(content).core_properties.language == "vi-VN"


def test_the_file_tells_title_office_and_the_day_of_the_briefing(paper):
    about = opened(to_bytes(paper)).core_properties
    assert (about.title, about.author, about.last_modified_by) == ("Xã Một tăng", "SỞ", "SỞ")
    assert {about.created.date(), about.modified.date()} == {WHEN}
    assert about.comments == ""


def test_the_head_has_the_body_left_and_the_motto_right(headed):
    rows = [[cell.text.strip() for cell in row.cells] for row in headed.tables[0].rows]
    assert rows == [
        [
            "UBND TỈNH TÂY NINH\nSỞ KHOA HỌC VÀ CÔNG NGHỆ",
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc",
        ],
        ["DỰ THẢO", "Tây Ninh, ngày 22 tháng 11 năm 2026"],
    ]


def test_the_paper_has_no_number(headed):
    words = "".join(headed.element.body.itertext())
    assert not re.search(r"Số\s*:", words)


def test_only_the_superior_body_and_the_date_are_not_bold(headed):
    plain = [
        run.text
        for row in headed.tables[0].rows
        for cell in row.cells
        for line in cell.paragraphs
        for run in line.runs
        if not run.bold
    ]
    assert plain == ["UBND TỈNH TÂY NINH", "Tây Ninh, ngày 22 tháng 11 năm 2026"]


def test_lines_stand_under_the_body_the_motto_and_nowhere_else(headed):
    ruled = [
        cell.paragraphs[-1]._p.pPr.find(qn("w:pBdr")) is not None
        for row in headed.tables[0].rows
        for cell in row.cells
    ]
    assert ruled == [True, True, False, False]


def test_every_numbered_list_begins_at_one(paper):
    first, second = number_list(paper), number_list(paper)
    assert len({first, second, decree.BULLETS}) == 3
    numbering = paper.part.numbering_part.element
    for number in (first, second):
        (made,) = [n for n in numbering.findall(qn("w:num")) if n.numId == number]
        assert made.find(f"{qn('w:lvlOverride')}/{qn('w:startOverride')}").get(qn("w:val")) == "1"


def test_dashes_mark_lists_without_numbers(paper):
    first = paper.part.numbering_part.element.find(qn("w:abstractNum"))
    marks = [text.get(qn("w:val")) for text in first.iter(qn("w:lvlText"))]
    assert marks == ["–", "+", "–"]


def test_headings_can_be_walked_in_their_order(paper):
    levels = {
        name: paper.styles[name].element.pPr.find(qn("w:outlineLvl")).get(qn("w:val"))
        for name in ("Heading 1", "Heading 2")
    }
    assert levels == {"Heading 1": "0", "Heading 2": "1"}


def test_nothing_of_the_librarys_template_is_left_that_nobody_uses(paper):
    content = to_bytes(paper)
    names = zipfile.ZipFile(BytesIO(content)).namelist()
    assert not [name for name in names if "thumbnail" in name or "Effects" in name]
    ids = {
        style.get(qn("w:styleId")) for style in part(content, "word/styles.xml").iter(qn("w:style"))
    }
    for style in part(content, "word/styles.xml").iter(qn("w:basedOn")):
        assert style.get(qn("w:val")) in ids


def test_word_opens_the_file_as_one_of_today(paper):
    modes = [
        setting.get(qn("w:val"))
        for setting in part(to_bytes(paper), "word/settings.xml").iter(qn("w:compatSetting"))
        if setting.get(qn("w:name")) == "compatibilityMode"
    ]
    assert modes == ["15"]


def test_the_same_paper_is_the_same_bytes_at_any_time(monkeypatch, paper):
    first = to_bytes(paper)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert to_bytes(paper) == first
    assert {info.date_time[0] for info in zipfile.ZipFile(BytesIO(first)).infolist()} == {1980}


def test_a_table_is_never_the_last_of_a_paper(paper):
    paper.add_table(rows=1, cols=1)
    for _ in range(2):
        decree.end(paper)
    assert [child.tag for child in paper.element.body][-3:] == [
        qn("w:tbl"),
        qn("w:p"),
        qn("w:sectPr"),
    ]
