"""One sentence for whatever refuses a file: where, what was found, what to do.

The rule is worded in the catalogue under `ingest.rule`. A value is shown so that a person can find
the cell, but digits and names that could identify somebody are covered: a refusal must not spread
them.
"""

from __future__ import annotations

import datetime as dt
import re

from commune_pilots import catalogue
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.errors import Bilingual, InputError
from commune_pilots.sources.cells import Cell
from commune_pilots.sources.personal_names import cover_names

_LONGEST = 80
_IDENTIFYING = re.compile(r"(?:\d[ .\-]?){8,}\d")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


def refusal(
    rule: str,
    *,
    file: str,
    sheet: str = "",
    row: int | None = None,
    column: str = "",
    found: Cell = None,
    **values: object,
) -> InputError:
    """Word why a file is refused: `rule` names the sentence, `values` fill its places in."""
    place = Bilingual(*(_place(at, file, sheet, row, column) for at in LANGUAGES))
    worded = Bilingual(*(catalogue.text(f"ingest.rule.{rule}", at, **values) for at in LANGUAGES))
    if found is None:
        return InputError("refused", place=place, rule=worded)
    return InputError("refused_cell", place=place, found=shown(found), rule=worded)


def shown(cell: Cell) -> str:
    """Write a cell for a person: numbers and dates as typed; digits, addresses, names covered."""
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    elif isinstance(cell, dt.date | dt.time):
        text = cell.isoformat()
    else:
        text = "" if cell is None else str(cell)
    text = _IDENTIFYING.sub(lambda digits: re.sub(r"\d", "•", digits[0]), text)
    text = cover_names(" ".join(_EMAIL.sub("•@•", text).split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _place(
    language: catalogue.Language, file: str, sheet: str, row: int | None, column: str
) -> str:
    parts = {"sheet": sheet, "row": row, "column": column}
    named = [
        catalogue.text(f"ingest.place.{name}", language, value=value)
        for name, value in parts.items()
        if value not in ("", None)
    ]
    return ", ".join([file, *named])
