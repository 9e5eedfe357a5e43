"""A briefing as a Word file that an office can edit: the checked page, block by block.

Headings, paragraphs, lists, tables and pictures with their alternative texts, in the form of an
official paper; numbers keep their links to the row of the annex they come from.
"""

from __future__ import annotations

import io
import re
from datetime import date
from functools import cache
from pathlib import Path

import matplotlib as mpl
import resvg_py
from bs4 import BeautifulSoup, Tag
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm

from commune_pilots.briefing import decree
from commune_pilots.briefing.letterhead import read_letterhead
from commune_pilots.briefing.pictures import Picture, lift
from commune_pilots.briefing.word_tables import add_table
from commune_pilots.briefing.word_text import Look, Sheet, begin, mark, read_look, write

DPI = 200
_MM_A_PIXEL = 0.22  # 640 px are 141 mm; a label of 13 px is 8 pt high
_MM_AN_INCH = 25.4
_STYLES = {
    "h1": "Title", "h2": "Heading 1", "h3": "Heading 2", "p": "Body Text", "dt": "Normal",
    "dd": "List Continue", "figcaption": decree.SMALL, "pre": decree.TABLE_TEXT,
}  # fmt: skip
_CLASSES = {"sub": decree.SMALL, "warn": decree.FRAMED}
_FOLLOWED = ("dt", "sub")  # kept on the page of what they are about


def to_word(page: str, *, when: date) -> bytes:
    """Write a briefing's page as a Word file (its bytes); `when` is the date the file tells.

    The same page gives the same bytes. Raises ExportError for a page that is no briefing's.
    """
    head = read_letterhead(page)
    marked, pictures = lift(page)
    soup = BeautifulSoup(marked, "html.parser")
    title = soup.title.get_text() if soup.title else head.kind
    paper = decree.new_paper(title=title, author=head.body, when=when)
    decree.add_head(paper, head)
    for bar in soup.select("p.bar, .skip"):
        bar.decompose()
    wanted = {str(link["href"])[1:] for link in soup.select('a[href^="#"]')}
    found = [str(tag["id"]) for tag in soup.find_all(id=True) if tag["id"] in wanted]
    bookmarks = {name: at for at, name in enumerate(found, start=1)}
    sheet = Sheet(paper, pictures, bookmarks)
    for main in soup.find_all("main"):
        _blocks(sheet, main, Look())
    decree.end(paper)
    return decree.to_bytes(paper)


def to_png(picture: Picture, *, dpi: int = DPI) -> bytes:
    """Draw a picture in dots, in the typeface it was laid out in, whatever machine draws it."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=picture.svg,
            width=round(picture.width * _MM_A_PIXEL / _MM_AN_INCH * dpi),
            background="#ffffff",
            skip_system_fonts=True,
            font_family="DejaVu Sans",
            font_files=list(_fonts()),
        )
    )


@cache
def _fonts() -> tuple[str, ...]:
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return tuple(str(folder / f"DejaVuSans{weight}.ttf") for weight in ("", "-Bold", "-Oblique"))


def _blocks(sheet: Sheet, around: Tag, look: Look) -> None:
    """Write what stands in a section, one after the other."""
    for tag in around.find_all(True, recursive=False):
        here = read_look(tag, look)
        mark(sheet, tag)
        if tag.name in ("ul", "ol"):
            _list(sheet, tag, here)
        elif tag.name == "table":
            add_table(sheet, tag, here)
        elif tag.name == "img":
            _picture(sheet, sheet.pictures[int(re.sub(r"\D", "", str(tag["src"])))])
        elif "tile" in tag.get_attribute_list("class"):
            _tile(sheet, tag, here)
        elif tag.name in _STYLES:
            _paragraph(sheet, tag, here)
        else:
            _blocks(sheet, tag, here)


def _paragraph(sheet: Sheet, tag: Tag, look: Look) -> None:
    classes = [name for name in tag.get_attribute_list("class") if name]
    style = next((_CLASSES[name] for name in classes if name in _CLASSES), _STYLES[tag.name])
    made = begin(sheet, sheet.body, style)
    if any(name in _FOLLOWED for name in (tag.name, *classes)):
        made.paragraph_format.keep_with_next = True
    if tag.name == "h2" and tag.find_parent(class_="annex"):
        made.paragraph_format.page_break_before = True
    write(sheet, made._p, tag, look)
    if tag.name == "h1":
        decree.rule(begin(sheet, sheet.body, decree.TABLE_TEXT), indent=Mm(60))


def _tile(sheet: Sheet, tag: Tag, look: Look) -> None:
    """Write a key figure as one line of a list: the number, what it is, what it was before."""
    for at, line in enumerate(tag.find_all("br")):
        line.replace_with(": " if at == 0 else "; ")
    made = begin(sheet, sheet.body, "List Bullet", level=(decree.BULLETS, 0))
    write(sheet, made._p, tag, look)


def _list(sheet: Sheet, tag: Tag, look: Look, *, depth: int = 0) -> None:
    ordered = tag.name == "ol"
    number = decree.number_list(sheet.paper) if ordered else decree.BULLETS
    for item in tag.find_all("li", recursive=False):
        mark(sheet, item)
        style = "List Number" if ordered else "List Bullet"
        made = begin(sheet, sheet.body, style, level=(number, depth))
        write(sheet, made._p, item, look)
        for inner in item.find_all(["ul", "ol"], recursive=False):
            _list(sheet, inner, look, depth=depth + 1)


def _picture(sheet: Sheet, picture: Picture) -> None:
    """Place a picture with its alternative text, on the page of its source line."""
    made = begin(sheet, sheet.body, "Normal")
    made.alignment = WD_ALIGN_PARAGRAPH.LEFT
    made.paragraph_format.keep_with_next = True
    made.paragraph_format.space_after = Mm(0)
    width = Mm(round(picture.width * _MM_A_PIXEL))
    shape = made.add_run().add_picture(io.BytesIO(to_png(picture)), width=width)
    about = shape._inline.docPr
    about.set("descr", picture.alt)
    about.set("name", sheet.figures[-1] if sheet.figures else picture.alt[:40])
