"""Delimited text to one sheet of text cells: which separator, and no field out of its column.

Excel writes the list separator of the machine, so comma, semicolon, tab and bar all come; the one
that gives lines of one width is taken. A line of another width would move figures into other
columns: it is refused, never padded.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Found, Sheet
from commune_pilots.sources.rows import is_below

_SEPARATORS = ("\t", "|", ";", ",")  # the rarer in text the sooner believed
_SAMPLE = 400  # lines: enough to see which separator gives lines of one width
LONGEST_CELL = 32_767  # characters: what Excel itself lets one cell hold
_HINT = "sep="


def read_delimited(text: str, *, file: str) -> Sheet:
    """Read delimited text as rows of text cells, all of one width; empty lines are left out.

    Lines before the first full one (titles) and signatures below may be shorter. A separator at
    the end of every data row, but not of the header, is taken off and told. Raises InputError for
    an unclosed quote, a field that swallowed lines, and a line with too few or too many fields.
    """
    _refuse_long_lines(text, file)
    found: list[Found] = []
    first, _, rest = text.partition("\n")
    hint = first.strip().strip('"').lower()
    if hint.startswith(_HINT) and len(hint) == len(_HINT) + 1:
        found.append(Found(file=file, rule="separator_hint", outcome="skipped", row=1))
        separator, body, start = first.strip().strip('"')[-1], rest, 2
    else:
        body, start = text, 1
        separator = _separator(text)
    numbered = _lines(body, separator, file=file, start=start)
    if not numbered:
        raise InputError("file_empty", file=file)
    rows, numbers = _one_width(numbered, file, found)
    if not text.endswith(("\n", "\r")):
        found.append(Found(file=file, rule="no_line_end", outcome="flagged", row=numbers[-1]))
    return Sheet(
        file=file, name="", rows=rows, first_row=numbers[0], numbers=numbers, found=tuple(found)
    )


def _refuse_long_lines(text: str, file: str) -> None:
    """Refuse a field longer than the csv module reads before it is asked to."""
    if len(text) <= csv.field_size_limit():
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > csv.field_size_limit():
            longest = max(map(len, re.split("[;,\t|]", line)))
            if longest > LONGEST_CELL:
                raise InputError("cell_too_long", file=file, row=number, length=longest)


def _separator(text: str) -> str:
    """Choose the separator under which most lines have the same number, above one, of fields."""
    lines = text[:200_000].splitlines()[:_SAMPLE]

    def agreement(separator: str) -> float:
        widths = Counter(
            len(row) for row in csv.reader(lines, delimiter=separator) if any(map(str.strip, row))
        )
        widths.pop(1, None)
        if not widths:
            return 0.0
        return max(widths.values()) / max(1, len(lines))

    return max(_SEPARATORS, key=agreement)


def _lines(text: str, separator: str, *, file: str, start: int) -> list[tuple[int, list[str]]]:
    """Read the lines with their numbers; raises InputError where a quote is not closed.

    A quote that is never closed ends at the next stray one: its field then holds a line end and as
    many separators as a whole line, and the row looks complete.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    numbered: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for row in reader:
            line, before = before + start, reader.line_num
            if any(field.strip() for field in row):
                numbered.append((line, row))
    except csv.Error as broken:
        raise InputError("csv_quote", file=file, row=before + start) from broken
    width = Counter(len(row) for _, row in numbered).most_common(1)[0][0] if numbered else 1
    for line, row in numbered:
        for field in row:
            broken_off = "\n" in field or "\r" in field
            if broken_off and field.count(separator) >= max(1, width - 1):
                raise InputError("csv_quote", file=file, row=line)
    return numbered


def _one_width(
    numbered: list[tuple[int, list[str]]], file: str, found: list[Found]
) -> tuple[list[list[str | None]], list[int]]:
    """Bring the lines to one width, or refuse the first that has another."""
    widths = Counter(len(row) for _, row in numbered)
    width = max(widths, key=lambda one: (widths[one], one))
    header = next(at for at, (_, row) in enumerate(numbered) if len(row) in (width, width - 1))
    if len(numbered[header][1]) == width - 1:
        data = numbered[header + 1 :]
        if len(data) == widths[width] and all(row[-1].strip() == "" for _, row in data):
            found.append(Found(file=file, rule="trailing_separator", outcome="repaired"))
            numbered = [(line, row[: width - 1]) for line, row in numbered]
            width -= 1
    rows: list[list[str | None]] = []
    for at, (line, row) in enumerate(numbered):
        below = at > header and len(row) == 1 and is_below(list(row), width=width)
        if (at < header or below) and len(row) < width:
            row = [*row, *[""] * (width - len(row))]
        if len(row) != width:
            raise InputError("csv_width", file=file, row=line, fields=len(row), expected=width)
        rows.append([field if field.strip() else None for field in row])
    return rows, [line for line, _ in numbered]
