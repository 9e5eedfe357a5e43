"""The tutorial as its reader meets it: steps read out of the page, in order.

A page is followed to the letter. A block `sh` is typed, the block `text` behind it must come out,
each line in its order (`…` stands for what differs). A table under «Sheet»: is typed into that
sheet of the workbook, below what stands there; rows that begin with the address of a cell change
that cell, and rows that begin with a key are typed into the form. Quoted lines (`> `) must stand on
the page that was named last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

_FENCE = re.compile(r"```(\w+)$")
_SHEET = re.compile(r"«(.+?)»")
_PAGE = re.compile(r"`(reports/\S+\.html)`")
_PICTURE = re.compile(r"!\[(.+?)\]\((\S+?)\)")
_KEY = ("khóa", "key")
_CELL = re.compile(r"[A-Z]{1,2}\d+")
# A cell shown as 16,8 that Excel has taken for a number.
_NUMBER = re.compile(r"(\d+)[.,](\d+) \((?:số|number)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing the reader does or sees: typed, comes_out, filled, form, seen or picture."""

    kind: str
    line: int
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    place: str = ""


def steps_of(page: Path) -> list[Step]:
    """Read the steps of a page in their order."""
    return list(_steps(page.read_text(encoding="utf-8").splitlines()))


def _steps(lines: Sequence[str]) -> Iterator[Step]:
    sheet = html = ""
    at = 0
    while at < len(lines):
        first = at + 1
        if found := _FENCE.match(lines[at]):
            end = lines.index("```", at + 1)
            kind = {"sh": "typed", "text": "comes_out"}[found[1]]
            yield Step(kind=kind, line=first, lines=tuple(lines[at + 1 : end]))
            at = end + 1
            continue
        if lines[at].startswith("|"):
            end = _while(lines, at, "|")
            rows = tuple(_cells(row) for row in (lines[at], *lines[at + 2 : end]))
            kind = "form" if rows[0][0] in _KEY else "filled" if sheet else ""
            if kind:
                yield Step(kind=kind, line=first, rows=rows, place=sheet)
            sheet, at = "", end
            continue
        if lines[at].startswith("> "):
            end = _while(lines, at, ">")
            quoted = tuple(line.removeprefix("> ") for line in lines[at:end] if line != ">")
            yield Step(kind="seen", line=first, lines=quoted, place=html)
            at = end
            continue
        if found := _PICTURE.search(lines[at]):
            yield Step(kind="picture", line=first, lines=(found[1],), place=found[2])
        if lines[at].endswith(":") and (named := _SHEET.findall(lines[at])):
            sheet = named[-1]
        html = (_PAGE.findall(lines[at]) or [html])[-1]
        at += 1


def _while(lines: Sequence[str], at: int, mark: str) -> int:
    while at < len(lines) and lines[at].startswith(mark):
        at += 1
    return at


def _cells(row: str) -> tuple[str, ...]:
    return tuple(cell.strip().strip("`") for cell in row.strip().strip("|").split("|"))


def fill(workbook: Path, step: Step) -> None:
    """Type a table into its sheet, as Excel would keep it, and save."""
    book = load_workbook(workbook)
    sheet = book[step.place]
    header, *rows = step.rows
    if all(_CELL.fullmatch(row[0]) for row in rows):
        for address, value in rows:
            _type(sheet, address, value)
    else:
        labels = {str(cell.value).splitlines()[0].rstrip(" *"): cell.column for cell in sheet[1]}
        below = 1 + max(cell.row for row in sheet.rows for cell in row if cell.value is not None)
        for at, row in enumerate(rows, start=below):
            for label, value in zip(header, row, strict=True):
                _type(sheet, sheet.cell(at, labels[label]).coordinate, value)
    book.save(workbook)


def _type(sheet: Worksheet, address: str, value: str) -> None:
    if found := _NUMBER.fullmatch(value):
        sheet[address].number_format = "General"
        sheet[address] = float(f"{found[1]}.{found[2]}")
    elif value:
        sheet[address] = value


def missing(expected: Sequence[str], said: str) -> list[str]:
    """Name the expected lines that do not come out in this order; `…` stands for anything."""
    absent, rest = [], [" ".join(line.split()) for line in said.splitlines()]
    for line in expected:
        words = (re.escape(" ".join(part.split())) for part in line.split("…"))
        pattern = re.compile(r"\s?.*?\s?".join(words))
        at = next((place for place, told in enumerate(rest) if pattern.fullmatch(told)), None)
        if at is None:
            absent.append(line)
        else:
            rest = rest[at + 1 :]
    return absent
