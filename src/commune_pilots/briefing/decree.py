"""The form of official papers in Word: page, typeface, styles, head (decree 30/2020, annex I)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt
from docx.text.paragraph import Paragraph

from commune_pilots.briefing.letterhead import Letterhead
from commune_pilots.briefing.timeless import timeless

TYPEFACE = "Times New Roman"
MARGINS_MM = {"top": 20, "bottom": 20, "left": 30, "right": 16}  # 15 would be 14.99 in Word
WIDTH_MM = 210 - MARGINS_MM["left"] - MARGINS_MM["right"]
TABLE_TEXT, SMALL, FRAMED = "Table Text", "Small Text", "Framed Text"
BULLETS = 1  # the one list without numbers
_BOTH, _LEFT, _CENTRE = (
    WD_ALIGN_PARAGRAPH.JUSTIFY,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
)
_LEFT_COLUMN_MM = 66
_UNUSED = ("/stylesWithEffects", "/customXml", "/thumbnail")
_W = nsdecls("w")


@dataclass(frozen=True, slots=True)
class _Form:
    """One style: size and space in points, indents in millimetres."""

    size: float = 13
    bold: bool = False
    italic: bool = False
    aligned: WD_ALIGN_PARAGRAPH = _BOTH
    before: float = 0
    after: float = 6
    first_line: float = 0
    left: float = 0
    kept: bool = False


_FORMS = {
    "Normal": _Form(),
    "Body Text": _Form(first_line=10),
    "Subtitle": _Form(size=14, bold=True, aligned=_CENTRE, before=6, after=0, kept=True),
    "Title": _Form(size=14, bold=True, aligned=_CENTRE, after=2, kept=True),
    "Heading 1": _Form(size=14, bold=True, aligned=_LEFT, before=8, after=4, kept=True),
    "Heading 2": _Form(bold=True, aligned=_LEFT, before=6, after=2, kept=True),
    "Caption": _Form(size=12, bold=True, aligned=_LEFT, before=10, after=3, kept=True),
    "List Bullet": _Form(after=4),
    "List Number": _Form(after=4),
    "List Continue": _Form(left=8),
    "Header": _Form(aligned=_CENTRE, after=0),
    TABLE_TEXT: _Form(size=11, aligned=_LEFT, before=1, after=1),
    SMALL: _Form(size=11, italic=True, aligned=_LEFT, after=4),
    FRAMED: _Form(bold=True, aligned=_CENTRE, before=6),
}
_KEPT = ("Default Paragraph Font", "Normal Table", "Table Grid", "No List", *_FORMS)


def new_paper(*, title: str, author: str, when: date) -> Document:
    """Open an empty A4 paper: margins, styles, Vietnamese, black, page number from page 2 on."""
    paper = docx.Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side, size in MARGINS_MM.items():
        setattr(section, f"{side}_margin", Mm(size))
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    _add_styles(paper)
    _trim(paper)
    _add_lists(paper)
    number = section.header.paragraphs[0]
    number.style = paper.styles["Header"]
    number._p.append(
        parse_xml(f'<w:fldSimple {_W} w:instr=" PAGE "><w:r><w:t>2</w:t></w:r></w:fldSimple>')
    )
    about = paper.core_properties
    about.title, about.author, about.last_modified_by = title, author, author
    about.comments, about.language = "", "vi-VN"
    about.created = about.modified = datetime(when.year, when.month, when.day)
    return paper


def add_head(paper: Document, head: Letterhead) -> None:
    """Write the head: issuing body left, state and motto right, draft and date below them."""
    table = paper.add_table(rows=2, cols=2)
    table.autofit = False
    margins = f'<w:tblCellMar {_W}><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/>'
    about: Any = table._tbl.tblPr
    about.insert_element_before(parse_xml(f"{margins}</w:tblCellMar>"), "w:tblLook")
    for column, width in enumerate((_LEFT_COLUMN_MM, WIDTH_MM - _LEFT_COLUMN_MM)):
        for cell in table.columns[column].cells:
            cell.width = Mm(width)
        table.columns[column].width = Mm(width)
    (body, state), (draft, dated) = (table.rows[row].cells for row in (0, 1))
    _centre(body.paragraphs[0], head.superior, size=12)
    _centre(body.add_paragraph(), head.body, size=12, bold=True)
    rule(body.add_paragraph(), indent=Mm(20))
    _centre(state.paragraphs[0], head.state, size=12, bold=True)
    _centre(state.add_paragraph(), head.motto, size=13, bold=True)
    rule(state.add_paragraph(), indent=Mm(22))
    run = _centre(draft.paragraphs[0], head.draft, size=13, bold=True)
    run.get_or_add_rPr().append(_border("w:bdr"))
    _centre(dated.paragraphs[0], head.dated, size=13, italic=True)
    paper.add_paragraph(head.kind, style="Subtitle")


def rule(paragraph: Paragraph, *, indent: Length) -> None:
    """Turn a paragraph without words into a line, so much shorter on either side."""
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = indent
    form.space_before, form.space_after = Pt(4), Pt(3)
    form.line_spacing = Pt(2)
    element: Any = paragraph._p.get_or_add_pPr()
    borders: Any = OxmlElement("w:pBdr")
    borders.append(_border("w:top"))
    element.insert_element_before(borders, "w:spacing", "w:ind", "w:jc", "w:rPr")


def number_list(paper: Document) -> int:
    """Open a numbered list that begins at 1; returns its number."""
    numbering: Any = paper.part.numbering_part.element
    number = len(numbering.findall(qn("w:num"))) + 1
    numbering.append(
        parse_xml(
            f'<w:num {_W} w:numId="{number}"><w:abstractNumId w:val="1"/>'
            '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        )
    )
    return number


def end(paper: Document) -> None:
    """Let no table be the last of the paper: Word wants words after it."""
    body: Any = paper.element.body
    if body[-2].tag == qn("w:tbl"):
        paper.add_paragraph(style=paper.styles[TABLE_TEXT])


def to_bytes(paper: Document) -> bytes:
    """Write a paper as a file without the moment it was written: the same paper, the same bytes."""
    written = io.BytesIO()
    paper.save(written)
    return timeless(written.getvalue())


def _centre(
    paragraph: Paragraph, text: str, *, size: float, bold: bool = False, italic: bool = False
) -> Any:
    paragraph.alignment = _CENTRE
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    return run._r


def _add_styles(paper: Document) -> None:
    """Give every style its form; what the library's template said of it is forgotten."""
    for name in (TABLE_TEXT, SMALL, FRAMED):
        made: Any = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = paper.styles["Normal"]
    for name, form in _FORMS.items():
        style: Any = paper.styles[name]
        for old in style.element.findall(qn("w:rPr")) + style.element.findall(qn("w:pPr")):
            style.element.remove(old)
        font, shape = style.font, style.paragraph_format
        font.name, font.size = TYPEFACE, Pt(form.size)
        font.bold, font.italic = form.bold, form.italic
        shape.alignment, shape.keep_with_next, shape.line_spacing = form.aligned, form.kept, 1
        shape.space_before, shape.space_after = Pt(form.before), Pt(form.after)
        shape.left_indent, shape.first_line_indent = Mm(form.left), Mm(form.first_line)
        if name.startswith("Heading"):
            level = f'<w:outlineLvl {_W} w:val="{int(name[-1]) - 1}"/>'
            style.element.get_or_add_pPr().append(parse_xml(level))
    box: Any = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        box.append(_border(f"w:{side}"))
    framed: Any = paper.styles[FRAMED].element
    framed.get_or_add_pPr().insert_element_before(box, "w:spacing", "w:ind", "w:jc")


def _trim(paper: Document) -> None:
    """Keep what is used of the library's template: one typeface, black, Vietnamese, of today."""
    sheet: Any = paper.styles.element
    kept = {paper.styles[name].style_id for name in _KEPT}
    for style in sheet.findall(qn("w:style")):
        if style.get(qn("w:styleId")) not in kept:
            sheet.remove(style)
        for tie in ("w:link", "w:next"):
            for tied in style.findall(qn(tie)):
                style.remove(tied)
    for fonts in sheet.iter(qn("w:rFonts")):
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), TYPEFACE)
    for colour in list(sheet.iter(qn("w:color"))):
        colour.getparent().remove(colour)
    for language in sheet.iter(qn("w:lang")):
        language.set(qn("w:val"), "vi-VN")
    for rels in (paper.part.rels, paper.part.package.rels):
        for name in [name for name, rel in rels.items() if rel.reltype.endswith(_UNUSED)]:
            del rels[name]
    settings: Any = paper.settings.element
    # Without the mode, Word opens the file as one of 2007.
    mode = parse_xml(
        f'<w:compat {_W}><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    )
    settings.replace(settings.find(qn("w:compat")), mode)
    settings.find(qn("w:themeFontLang")).set(qn("w:val"), "vi-VN")


def _add_lists(paper: Document) -> None:
    """Have two kinds of lists, three levels deep: dashes, and numbers."""
    numbering: Any = paper.part.numbering_part.element
    for old in list(numbering):
        numbering.remove(old)
    for kind, (form, texts) in enumerate(
        (("bullet", ("–", "+", "–")), ("decimal", ("%1.", "%2.", "%3.")))
    ):
        levels = "".join(
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
            f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/><w:pPr><w:ind '
            f'w:left="{400 * (level + 1)}" w:hanging="400"/></w:pPr><w:rPr><w:rFonts '
            f'w:ascii="{TYPEFACE}" w:hAnsi="{TYPEFACE}" w:cs="{TYPEFACE}"/></w:rPr></w:lvl>'
            for level, text in enumerate(texts)
        )
        numbering.append(
            parse_xml(
                f'<w:abstractNum {_W} w:abstractNumId="{kind}">'
                f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
            )
        )
    numbering.append(
        parse_xml(f'<w:num {_W} w:numId="{BULLETS}"><w:abstractNumId w:val="0"/></w:num>')
    )


def _border(tag: str) -> Any:
    border: Any = OxmlElement(tag)
    for key, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "auto")):
        border.set(qn(f"w:{key}"), value)
    return border
