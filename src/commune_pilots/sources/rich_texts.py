"""Marks inside the text of a cell, which a reader of values loses: raised notes and struck parts.

A footnote raised behind 1230 makes 12301 of it, and a part that is struck through still counts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_RUN = re.compile(rb"<(?:\w+:)?r>(.*?)</(?:\w+:)?r>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t\b[^>]*>([^<]*)<")
_RAISED = re.compile(rb'<(?:\w+:)?vertAlign\b[^>]*\bval="superscript"')
_STRUCK = re.compile(rb'<(?:\w+:)?strike\b(?![^>]*\bval="(?:0|false)")')
_NOTE = re.compile(r"\d{1,2}|[a-z]|\*{1,3}")
_CELL = rb'<(?:\w+:)?c\b(?=[^>]*\br="([A-Z]{1,3})(\d{1,7})")'
_SHARED = re.compile(_CELL + rb'(?=[^>]*\bt="s")[^>]*>\s*<(?:\w+:)?v>(\d+)<')
_INLINE = re.compile(
    _CELL + rb'(?=[^>]*\bt="inlineStr")[^>]*>\s*<(?:\w+:)?is>(.*?)</(?:\w+:)?is>', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with its raised notes in brackets, and whether a part of it is struck through."""

    text: str
    struck: bool


def marked_texts(shared: bytes) -> dict[int, Marked]:
    """Find the shared texts of a workbook that hold raised notes or struck parts."""
    if not _has_marks(shared):
        return {}
    read = ((at, _marked(item[1] or b"")) for at, item in enumerate(_ITEM.finditer(shared)))
    return {at: one for at, one in read if one is not None}


def rich_texts(xml: bytes, shared: Mapping[int, Marked]) -> dict[tuple[bytes, bytes], Marked]:
    """Find the cells of a sheet whose text is marked: those of its own, and of `shared`.

    Cells are named by the letters of their column and the number of their row, as the file does.
    """
    found: dict[tuple[bytes, bytes], Marked] = {}
    if shared:
        for cell in _SHARED.finditer(xml):
            if int(cell[3]) in shared:
                found[cell[1], cell[2]] = shared[int(cell[3])]
    if _has_marks(xml):
        for cell in _INLINE.finditer(xml):
            if one := _marked(cell[3]):
                found[cell[1], cell[2]] = one
    return found


def _has_marks(xml: bytes) -> bool:
    return _RAISED.search(xml) is not None or _STRUCK.search(xml) is not None


def _marked(item: bytes) -> Marked | None:
    """Read one text of several runs; None where none of them is raised or struck."""
    text, struck, raised = "", False, False
    for run in _RUN.finditer(item):
        part = html.unescape(b"".join(_TEXT.findall(run[1])).decode("utf-8", "replace"))
        struck = struck or (_STRUCK.search(run[1]) is not None and part.strip() != "")
        note = text.strip() and _RAISED.search(run[1]) and _NOTE.fullmatch(part.strip())
        raised = raised or bool(note)
        text += f"({part.strip()})" if note else part
    return Marked(text, struck) if raised or struck else None
