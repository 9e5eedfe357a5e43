"""Words of a Word paper: paragraphs, how letters look, links to the rows numbers come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bs4.element import NavigableString, PreformattedString, Tag
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from commune_pilots import catalogue
from commune_pilots.briefing.pictures import Picture

_SPACES = re.compile(r"[ \t\r\n]+")
_PARTS = {"dd", "div", "dl", "dt", "figure", "img", "li", "ol", "p", "section", "table", "ul"}
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TAGS = {"vi": "vi-VN", "en": "en-GB"}
_AFTER_TABLE = Pt(8)


@dataclass(frozen=True, slots=True)
class Look:
    """How letters look, and what language they are."""

    bold: bool = False
    italic: bool = False
    raised: bool = False
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper being written: its pictures, where links lead, what is yet to be marked."""

    paper: Document
    pictures: tuple[Picture, ...]
    bookmarks: Mapping[str, int]
    waiting: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)

    @property
    def body(self) -> Any:
        """What paragraphs and tables stand in."""
        return self.paper.element.body


def read_look(tag: Tag, look: Look) -> Look:
    """Tell how the words of a tag look, given those around it."""
    classes = tag.get_attribute_list("class")
    return replace(
        look,
        bold=look.bold or tag.name in ("b", "dt", "strong") or "red" in classes,
        italic=look.italic or tag.name in ("em", "i") or "none" in classes,
        raised=look.raised or tag.name == "sup" or "red" in classes,
        language=str(tag.get("lang") or look.language),
    )


def begin(
    sheet: Sheet, into: Any, style: str, *, level: tuple[int, int] | None = None
) -> Paragraph:
    """Begin a paragraph; `level` is the list it belongs to and its depth there.

    What waits to be found by links is found here.
    """
    element: Any = OxmlElement("w:p")
    made = Paragraph(element, sheet.paper)
    if into is sheet.body:
        into.insert_element_before(element, "w:sectPr")
    else:
        into.append(element)
    made.style = sheet.paper.styles[style]
    before = element.getprevious()
    if into is sheet.body and before is not None and before.tag == qn("w:tbl"):
        made.paragraph_format.space_before = _AFTER_TABLE
    if level:
        numbered = element.get_or_add_pPr().get_or_add_numPr()
        numbered.get_or_add_ilvl().val, numbered.get_or_add_numId().val = level[1], level[0]
    for name in sheet.waiting:
        number = sheet.bookmarks[name]
        child(element, "w:bookmarkStart", id=str(number), name=f"n{number}")
        child(element, "w:bookmarkEnd", id=str(number))
    sheet.waiting.clear()
    return made


def mark(sheet: Sheet, tag: Tag) -> None:
    """Remember that links to a block lead to the next paragraph."""
    if (name := str(tag.get("id", ""))) in sheet.bookmarks:
        sheet.waiting.append(name)


def write(sheet: Sheet, into: Any, around: Tag, look: Look) -> None:
    """Write the words of a block into a paragraph; blocks inside it are left to the caller."""
    for node in around.children:
        if isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            add_run(into, _SPACES.sub(" ", str(node)), look)
        elif isinstance(node, Tag) and node.name == "br":
            child(child(into, "w:r"), "w:br")
        elif isinstance(node, Tag) and node.name not in _PARTS:
            _span(sheet, into, node, look)


def add_run(into: Any, text: str, look: Look) -> None:
    """Add words that look alike."""
    if not text:
        return
    run = child(into, "w:r")
    about = child(run, "w:rPr")
    if look.bold:
        child(about, "w:b")
    if look.italic:
        child(about, "w:i")
    if look.raised:
        child(about, "w:vertAlign", val="superscript")
    if look.language != "vi":
        child(about, "w:lang", val=_TAGS.get(look.language, look.language))
    words = child(run, "w:t")
    words.text = text
    words.set(_SPACE, "preserve")


def child(parent: Any, tag: str, **attributes: str) -> Any:
    """Add an element of WordprocessingML as the last of another."""
    made = OxmlElement(tag)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    parent.append(made)
    return made


def _span(sheet: Sheet, into: Any, tag: Tag, look: Look) -> None:
    """Write words that look or lead somewhere else than those around them."""
    if "fig" in tag.get_attribute_list("class"):
        sheet.figures.append(catalogue.text("paper.figure", "vi", number=len(sheet.figures) + 1))
        add_run(into, f"{sheet.figures[-1]}. ", look)
        return
    target = sheet.bookmarks.get(str(tag.get("href", "")).removeprefix("#"))
    if target is not None:
        into = child(into, "w:hyperlink", anchor=f"n{target}", history="1")
    write(sheet, into, tag, read_look(tag, look))
