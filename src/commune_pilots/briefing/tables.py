"""HTML tables that a screen reader can walk: caption, scopes, a row header, no empty header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from markupsafe import Markup, escape

MOST_COLUMNS = 6
RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # first letters, in a spreadsheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its cells, the first being the row header, and the anchor numbers link to."""

    cells: Sequence[object]
    anchor: str | None = None


def html_table(
    caption: object, header: Sequence[str], rows: Sequence[Row], *, numeric: Sequence[int] = ()
) -> Markup:
    """Render a table; `numeric` are the columns set flush right, counted from 0.

    Its region says once which these are (class `r2`: the third), not each of their cells.

    Raises ValueError for an empty header cell, more than six columns or a ragged row: such a table
    cannot be read aloud or printed.
    """
    if not all(str(name).strip() for name in header) or len(header) > MOST_COLUMNS:
        raise ValueError(f"a table needs 1 to {MOST_COLUMNS} named columns, got {list(header)}")
    if any(len(row.cells) != len(header) for row in rows):
        raise ValueError("every row needs one cell for each column")
    right = "".join(f" r{at}" for at in numeric)
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in header)
    body = Markup("").join(map(_row, rows))
    name = f"c{sha256(str(escape(caption).striptags()).encode()).hexdigest()[:7]}"
    return Markup(
        '<div class="scroll{right}" role="region" tabindex="0" aria-labelledby="{name}"><table>'
        '<caption id="{name}">{caption}</caption><thead><tr>{head}</tr></thead>'
        "<tbody>{body}</tbody></table></div>"
    ).format(name=name, right=right, caption=caption, head=head, body=body)


def _row(row: Row) -> Markup:
    anchor = Markup(' id="{}"').format(row.anchor) if row.anchor else Markup("")
    first = Markup('<th scope="row">{}</th>').format(row.cells[0])
    rest = Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row.cells[1:])
    return Markup("<tr{}>{}{}</tr>\n").format(anchor, first, rest)
