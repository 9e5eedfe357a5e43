"""Counts of people or dossiers that stand in the tables of what is released: pages, CSV files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

COUNTED = ("numerator", "denominator")  # as tables of notebooks and downloads head their columns
SERIES = "t-series"  # the one table of a briefing that prints a part of its whole
_PART_OF = re.compile(r"(\d[\d.,\u00a0 ]*)/(\d[\d.,\u00a0 ]*)")
_NUMBER = re.compile(r"\d[\d.,\u00a0 ]*")


@dataclass(frozen=True, slots=True)
class Printed:
    """One count: where it stands, and whose it is where the table tells."""

    place: str
    count: int
    source: str | None = None


def of_page(page: str) -> Iterator[Printed]:
    """Read counts out of the tables of an HTML page: part, whole, and what is left beside the part.

    Looks at columns headed numerator and denominator, as notebooks show them, and at cells "12/90"
    of the table of monthly counts. Elsewhere such cells count communes, ranks or months.
    """
    reader = _Tables()
    reader.feed(page)
    reader.close()
    for number, (within, rows) in enumerate(reader.tables, start=1):
        header, *body = rows or [[]]
        for row, cells in enumerate(body, start=1):
            place = f"table {number}, row {row}"
            yield from _of_row(dict(zip(header, cells, strict=False)), place)
            for cell in cells if SERIES in within else ():
                if found := _PART_OF.fullmatch(cell):
                    yield from _counts(*map(_number, found.groups()), place=place)


def of_csv(content: str) -> Iterator[Printed]:
    """Read counts out of a CSV file, with semicolons or commas between its columns."""
    first = content.partition("\n")[0]
    lines = csv.DictReader(content.splitlines(), delimiter=";" if ";" in first else ",")
    for row, cells in enumerate(lines, start=2):
        yield from _of_row({k: v for k, v in cells.items() if isinstance(v, str)}, f"row {row}")


def _of_row(cells: Mapping[str, str], place: str) -> Iterator[Printed]:
    known = [
        _number(cells[name]) if _NUMBER.fullmatch(cells.get(name, "")) else None for name in COUNTED
    ]
    yield from _counts(*known, place=place, source=cells.get("source"))


def _counts(
    part: int | None, whole: int | None, *, place: str, source: str | None = None
) -> Iterator[Printed]:
    rest = None if part is None or whole is None else whole - part
    for count in (part, whole, rest):
        if count is not None:
            yield Printed(place, count, source)


def _number(written: str) -> int:
    """Read a whole number; what pandas writes with decimals (12.0) is one, 1.116 is a thousand."""
    return int(re.sub(r"\D", "", re.sub(r"\.0$", "", written)))


class _Tables(HTMLParser):
    """Collects the tables of a page as texts, each with the ids of what it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[tuple[Sequence[str], list[list[str]]]] = []
        self._ids: list[tuple[str, str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("div", "section", "table", "figure"):
            self._ids.append((tag, dict(attrs).get("id") or ""))
        if tag == "table":
            self.tables.append(([name for _, name in self._ids], []))
        elif self.tables and tag == "tr":
            self.tables[-1][1].append([])
        elif self.tables and tag in ("td", "th"):
            self._open = bool(self.tables[-1][1])
            if self._open:
                self.tables[-1][1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._open = False
        for at in range(len(self._ids) - 1, -1, -1):
            if self._ids[at][0] == tag:
                del self._ids[at:]
                break

    def handle_data(self, data: str) -> None:
        if self._open:
            self.tables[-1][1][-1][-1] += data.strip()
