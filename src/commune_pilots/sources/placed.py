"""What is found in a table, placed by the number of its row and the name of its column."""

from __future__ import annotations

from typing import NoReturn

from commune_pilots.sources.cells import Found, Outcome, RawTable
from commune_pilots.sources.personal_names import cover_names
from commune_pilots.sources.refusals import refusal, shown


def found_at(
    table: RawTable, rule: str, outcome: Outcome, *, row: int | None = None, at: int | None = None,
    value: str | None = None,
) -> Found:  # fmt: skip
    """Tell one thing of a table; `row` and `at` count from 0 in it, `value` is the cell's own."""
    cell = table.rows[row][at] if row is not None and at is not None else None
    return Found(
        file=table.file,
        sheet=table.sheet,
        rule=rule,
        outcome=outcome,
        row=None if row is None else table.numbers[row],
        column="" if at is None else cover_names(table.header[at]),
        value=shown(cell) if value is None else value,
    )


def refuse_at(
    rule: str, table: RawTable, *, row: int | None = None, at: int | None = None, **values: object
) -> NoReturn:
    """Refuse the file of a table for one of its cells, rows or columns; raises InputError."""
    raise refusal(
        rule,
        file=table.file,
        sheet=table.sheet,
        row=None if row is None else table.numbers[row],
        column="" if at is None else table.header[at],
        found=table.rows[row][at] if row is not None and at is not None else None,
        **values,
    )
