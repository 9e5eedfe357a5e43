"""Text cells brought to plain Unicode before anything is decided: every kind of repair told once.

Markup, commands and control characters have no place in a table of counts; a cell that holds any
refuses its file, because a page or a spreadsheet made from it would run them.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from commune_pilots.sources.cells import Cell, Found, Sheet, row_number
from commune_pilots.sources.refusals import refusal
from commune_pilots.sources.vietnamese import normalise

LOST = "\ufffd"  # what a program writes for a letter that it cannot
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_AS_TEXT = re.compile(r'="([^"]*)"')  # how a program keeps Excel from reading a code as a number
_HOSTILE = re.compile(
    r"<\s*[A-Za-z/!?]|(?:javascript|vbscript|data)\s*:|\.\.[/\\]|^\s*[=@]|^\s*[+-]\s*[A-Za-z]+[(|!]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]",
    re.IGNORECASE,
)
_MARKS = str.maketrans(
    {"，": ",", "．": ".", "％": "%", "（": "(", "）": ")", "－": "-", "／": "/"}
)
# Text in which nothing can need a repair or be hostile: most cells, told by one look.
_LETTERS = r"0-9A-Za-z\u00c0-\u00cf\u00d1-\u00ef\u00f1-\u0188\u018a-\u0255\u1ea0-\u1ef9 ,.%();-"
_PLAIN_CELL = rf"(?>(?!-)[{_LETTERS}]+(?=\x1f|\Z)|[0-9 /:.-]+)"
_PLAIN = re.compile(_PLAIN_CELL)
_ALL_PLAIN = re.compile(rf"{_PLAIN_CELL}(?:\x1f{_PLAIN_CELL})*+")
# Letters of other alphabets that fonts draw like Vietnamese ones, apart from Ð (see normalise).
_LOOKALIKES = str.maketrans(
    "ðɖАВЕКМНОРСТХУаеосрхуіΑΒΕΗΙΚΜΝΟΡΤΧΥΖο", "đđABEKMHOPCTXYaeocpxyiABEHIKMNOPTXYZo"
)
_UNSEEN = re.compile("[\u00a0\u2007\u202f\u200b-\u200d\u2060\ufeff\u00ad]")
_ERRORS = re.compile(r"#(?:REF!|DIV/0!|N/A|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)")


def is_error(cell: Cell) -> bool:
    """Tell whether a cell holds what a spreadsheet shows for a calculation that failed."""
    return isinstance(cell, str) and _ERRORS.fullmatch(cell.strip()) is not None


def plain_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Bring one text to NFC, plain digits and single spaces; name the repairs that were needed."""
    repairs = []
    if kept := _AS_TEXT.fullmatch(text.strip()):
        text = kept[1]
        repairs.append("kept_as_text")
    for _ in range(3):  # a page exported twice has its entities escaped twice
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
        repairs.append("entity")
    if not unicodedata.is_normalized("NFC", text):
        repairs.append("nfd")
    if _UNSEEN.search(text):
        repairs.append("unseen")
    digits = "".join(_digit(letter) for letter in text).translate(_MARKS)
    if digits != text:
        text = digits
        repairs.append("full_width")
    latin = text.translate(_LOOKALIKES)
    if latin != text or re.search("[ÐƉ]", text):
        repairs.append("lookalike")
    return normalise(latin), tuple(dict.fromkeys(repairs))


def is_hostile(text: str) -> bool:
    """Tell whether plain text holds markup, a command, a path out of a folder, or controls."""
    return _HOSTILE.search(text) is not None


def all_plain(texts: Sequence[str]) -> bool:
    """Tell, by one look at all of them, whether no text needs a repair and none can be hostile."""
    joined = "\x1f".join(texts)
    spaced = not any(mark in joined for mark in ("  ", " \x1f", "\x1f "))
    edges = joined == joined.strip(" ")
    known = _ALL_PLAIN.fullmatch(joined) is not None
    return spaced and edges and known and unicodedata.is_normalized("NFC", joined)


def _is_plain(text: str) -> bool:
    spaced = "  " not in text and text == text.strip()
    return bool(spaced and _PLAIN.fullmatch(text) and unicodedata.is_normalized("NFC", text))


def _digit(letter: str) -> str:
    value = None if letter.isascii() else unicodedata.decimal(letter, None)
    return letter if value is None else str(value)


def plain_sheet(sheet: Sheet) -> Sheet:
    """Bring every text cell of a sheet to plain text; each kind of repair is told once.

    Raises InputError naming the cell that holds markup, a formula, a command or controls.
    """
    repaired: dict[str, Found] = {}
    rows: list[list[Cell]] = []
    for at, row in enumerate(sheet.rows):
        cells: list[Cell] = []
        for column, cell in enumerate(row):
            if not isinstance(cell, str) or _is_plain(cell):
                cells.append(cell)
                continue
            plain, repairs = plain_text(cell)
            place = {"file": sheet.file, "sheet": sheet.name, "row": row_number(sheet, at)}
            if is_hostile(plain) or LOST in plain:
                rule = "letters_lost" if LOST in plain else "hostile"
                raise refusal(rule, **place, column=letters(column), found=plain)  # type: ignore[arg-type]
            for rule in repairs:
                told = Found(
                    file=sheet.file,
                    sheet=sheet.name,
                    rule=rule,
                    outcome="repaired",
                    row=row_number(sheet, at),
                    column=letters(column),
                )  # no value: nobody knows yet which columns are about persons
                repaired.setdefault(rule, told)
            cells.append(plain or None)
        rows.append(cells)
    return replace(sheet, rows=rows, found=(*sheet.found, *repaired.values()))


def letters(column: int) -> str:
    """Write the letters of a column (0: A) as a spreadsheet does."""
    written = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        written = chr(65 + rest) + written
    return written


def text_of(cell: Cell) -> str:
    """Write a cell as the text that a person would have typed; a whole number has no ".0"."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
