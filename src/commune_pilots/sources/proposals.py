"""A layout proposed for a sheet that nobody has described: what fits, and what only resembles it.

Only a person makes a proposal a layout. What resembles a header is listed with its likeness beside
the header and never used for reading: "Quá hạn" and "Đúng hạn" are alike and opposite.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from commune_pilots import catalogue
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.sources.cells import PATH, RawTable, Sheet
from commune_pilots.sources.headers import bare_key, header_key, meaning
from commune_pilots.sources.layouts import Layout, aliases
from commune_pilots.sources.sheet_tables import find_table

LEAST_LIKENESS = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """One header: the column it means exactly, or the one it resembles most, 0 to 1."""

    header: str
    column: str | None
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The known layout that fits a table best, and what it makes of each header."""

    layout: str
    base: Layout
    headers: tuple[Proposed, ...]
    missing: tuple[str, ...]


def propose(sheet: Sheet, layouts: Mapping[str, Layout]) -> Proposal | None:
    """Propose the layout under which most headers of a sheet are known exactly.

    None where no layout knows two headers of the sheet. Raises InputError for a hostile cell.
    """
    found: list[tuple[int, str, RawTable]] = []
    for name, layout in layouts.items():
        named = aliases(layout)
        table = find_table(sheet, named)
        if table is not None:
            known = sum(meaning(header, named) is not None for header in table.header)
            found.append((known, name, table))
    if not found:
        return None
    _, name, table = max(found, key=lambda one: (one[0], one[1]))
    layout = layouts[name]
    names = map(_unnumbered, table.header)
    headers = tuple(
        replace(_proposed(header, layout), header=header.replace(PATH, " "))
        for header in names
        if header
    )
    sure = {one.column for one in headers if one.likeness == 1}
    missing = [key for key, one in layout.columns.items() if one.required and key not in sure]
    return Proposal(layout=name, base=layout, headers=headers, missing=tuple(missing))


def as_yaml(proposal: Proposal) -> str:
    """Write a proposal as a whole layout, for the hand of a person.

    What is sure counts: columns with what their cells hold and what words in them mean, headers
    that are not read, sums, shares and the period of the layout it is like as far as their columns
    are there. What only resembles a header, and what is missing, are comments to confirm: without
    its "#" such a line counts too.
    """
    like = proposal.base
    sure: dict[str, list[str]] = {}
    passed: list[str] = []
    asked: list[str] = []
    found = {one.column for one in proposal.headers if one.likeness == 1}
    for one in proposal.headers:
        written = _flow([one.header])
        if one.likeness == 1 and one.column:
            sure.setdefault(one.column, []).append(one.header)
        elif one.likeness == 1:
            passed.append(one.header)
        elif one.column:
            likeness = f"{one.likeness:.2f}"
            if one.column not in found:
                asked.append(f"  # {_column(like, one.column, [one.header])}  # {likeness}?")
            else:
                asked.append(f"  # {one.column}?: {written}  # {likeness}?")
        else:
            asked.append(f"  # ?: {written}")
    lines = [
        f"# {catalogue.text('ingest.proposed', at, layout=proposal.layout)}" for at in LANGUAGES
    ]
    lines.append(f"kind: {_flow(like.kind)}")
    lines += [f"label_vi: {_flow(like.label_vi)}", f"label_en: {_flow(like.label_en)}", "columns:"]
    for name, headers in sure.items():
        lines.append(f"  {_column(like, name, headers)}")
    lines += [*asked, *(f"  # missing: {name}" for name in proposal.missing)]
    keys = {key(header) for header in like.personal for key in (header_key, bare_key)}
    personal = [one for one in passed if {header_key(one), bare_key(one)} & keys]
    ignored = [one for one in passed if one not in personal]
    for key, value in {"ignored": ignored, "personal": personal, **_rest(like, set(sure))}.items():
        if value:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _column(like: Layout, name: str, headers: list[str]) -> str:
    """Write a column with what its cells hold, in the words of the layout."""
    told = like.columns[name].model_dump(exclude_defaults=True, exclude={"headers"})
    return f"{name}: {_flow({'headers': headers} | told)}"


def _rest(like: Layout, sure: set[str]) -> dict[str, Any]:
    """Take the sums, shares and period of a layout as far as their columns are there."""
    shares = [
        one.model_copy(
            update={
                "split_off": [name for name in one.split_off if name in sure],
                "printed": one.printed if one.printed in sure else None,
            }
        )
        for one in like.shares
        if {*one.numerator, *one.denominator} <= sure
    ]
    sums = [one for one in like.sums if {one.total, *one.parts} <= sure]
    sums = [one if one.unless in sure else one.model_copy(update={"unless": None}) for one in sums]
    period = like.period
    if period is not None and period.measure not in sure:
        period = period.model_copy(update={"measure": None})
    return {
        "sums": [one.model_dump(exclude_defaults=True) for one in sums],
        "shares": [one.model_dump(exclude_defaults=True) for one in shares],
        "period": None if period is None else period.model_dump(exclude_defaults=True),
        "rows": "" if like.rows == "units" else like.rows,
    }


def _flow(value: object) -> str:
    """Write a value on one line; JSON is YAML."""
    return json.dumps(value, ensure_ascii=False)


def _unnumbered(header: str) -> str:
    """Take the row that numbers the columns, "(3)" or "(3)=(4)+(5)", out of a name in rows."""
    parts = [part for part in header.split(PATH) if re.search(r"[^\W\d_]", part)]
    return PATH.join(parts)


def _proposed(header: str, layout: Layout) -> Proposed:
    named = aliases(layout)
    exact = meaning(header, named)
    if exact is not None:
        return Proposed(header=header, column=exact or None, likeness=1.0)
    key = header_key(header)
    scored = [
        (SequenceMatcher(None, key, alias).ratio(), column)
        for alias, column in named.items()
        if column and not alias.startswith("~")
    ]
    likeness, column = max(scored, default=(0.0, ""))
    if likeness < LEAST_LIKENESS:
        return Proposed(header=header, column=None, likeness=0.0)
    return Proposed(header=header, column=column, likeness=min(likeness, 0.99))
