"""The text that a file can hand to a reader: what is seen, and what a copy of it carries along."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any

_BREAK = "\x1f"  # parts a reader sees apart; no digit, no space, no end of a line
_DRAWN = frozenset({"d", "points", "transform", "viewbox", "style"})
_MARKUP = frozenset({"text/html", "image/svg+xml", "text/markdown"})


def texts_of(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Take the texts out of a file, each with its place inside: a cell, a column and row, or none.

    HTML pages (lines keep their numbers), Jupyter notebooks and JSON (every text, no number),
    Parquet tables (text columns, each value once) and text files in UTF-8. Raises ValueError for a
    file that is not what its name says.
    """
    kind = PurePosixPath(name).suffix
    if kind == ".parquet":
        yield from _of_table(content)
        return
    text = content.decode("utf-8-sig")
    if kind == ".html":
        yield "", text_of_html(text)
    elif kind == ".ipynb":
        for number, cell in enumerate(json.loads(text).get("cells", []), start=1):
            for written in _of_json(cell):
                yield f"cell {number}", written
    elif kind == ".json":
        for written in _of_json(json.loads(text)):
            yield "", written
    else:
        yield "", text


def text_of_html(page: str) -> str:
    """Take the text out of a page with comments and attributes, drawing aside; lines as there."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return "".join(reader.parts)


class _Reader(HTMLParser):
    """Collects what a page says anywhere, each piece on its own line of the page."""

    _INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "mark", "small", "span", "strong"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._line = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = [value for name, value in attrs if value and name not in _DRAWN]
        if tag not in self._INLINE or said:
            self._add(_BREAK.join(["", *said, ""]) or _BREAK)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._INLINE:
            self._add(_BREAK)

    def handle_data(self, data: str) -> None:
        self._add(data)

    def handle_comment(self, data: str) -> None:
        self._add(f"{_BREAK}{data}{_BREAK}")

    def _add(self, text: str) -> None:
        missing = self.getpos()[0] - self._line
        self.parts.append("\n" * missing + text)
        self._line += max(missing, 0) + text.count("\n")


def _of_json(value: Any, key: str = "") -> Iterator[str]:
    """Take every text out of JSON; lines a notebook keeps as a list are put together."""
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        lines = key in _MARKUP or key in ("source", "text", "text/plain")
        value = "".join(value) if lines else _BREAK.join(value)
    if isinstance(value, str):
        yield text_of_html(value) if key in _MARKUP else value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _of_json(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _of_json(inner, key)


def _of_table(content: bytes) -> Iterator[tuple[str, str]]:
    import pandas as pd

    try:
        table = pd.read_parquet(io.BytesIO(content))
    except OSError as broken:
        raise ValueError(str(broken)) from broken
    for column in table.select_dtypes(include=["object", "string"]):
        for row, value in table[column].dropna().astype(str).drop_duplicates().items():
            yield f"{column}, row {int(str(row)) + 1}", value
