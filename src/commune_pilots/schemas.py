"""Tables held against their contracts: laid out, checked, refused with every failing value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
from pandera.errors import SchemaErrors

from commune_pilots.contracts import TABLES
from commune_pilots.errors import ContractError, Failure

DTYPES = {
    "text": "str", "number": "float64", "count": "Int64", "date": "datetime64[us]", "flag": "bool"
}  # fmt: skip
RAW_TABLES = (
    "sources", "observations", "units", "pilots", "interventions", "events", "decisions",
    "candidates", "panel", "days",
)  # fmt: skip
OPTIONAL = ("panel", "days")
"""Raw tables that may have no file yet: an absent file is a table of no rows."""


def columns(table: str) -> dict[str, str]:
    """Name the columns of a table and their kind: text, number, count, date or flag."""
    schema = TABLES[table].to_schema()
    return {name: _kind(column.dtype) for name, column in schema.columns.items()}


def empty(table: str) -> pd.DataFrame:
    """Make a table of no rows that keeps its contract."""
    return _blank(table).copy()


def build(
    rows: Sequence[Mapping[str, Any]], table: str, *, file: str | None = None
) -> pd.DataFrame:
    """Lay rows out in a table's columns and types and check it; what is not given is missing.

    Raises ContractError as `check` does, and KeyError for a column the contract does not know.
    """
    blank = empty(table)
    if unknown := {name for row in rows for name in row} - set(blank.columns):
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    frame = pd.DataFrame(list(rows), columns=list(blank.columns)).astype(dict(blank.dtypes))
    return check(frame, table, file=file)


def check(frame: pd.DataFrame, table: str, *, file: str | None = None) -> pd.DataFrame:
    """Hold a table against its contract and hand it back unchanged.

    Raises ContractError listing every failing value with file, row (header = row 1) and rule.
    """
    if frame.empty and frame.dtypes.equals(_blank(table).dtypes):
        return frame  # the columns are those of the contract, and no value can break a rule
    try:
        TABLES[table].validate(frame, lazy=True)
    except SchemaErrors as broken:
        raise ContractError(_failures(broken, frame, file or f"{table} (table)")) from None
    return frame


@cache
def _blank(table: str) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series(dtype=DTYPES[kind]) for name, kind in columns(table).items()}
    )


def _kind(dtype: object) -> str:
    name = str(dtype).lower()
    for kind, mark in (("flag", "bool"), ("count", "int"), ("number", "float"), ("date", "date")):
        if mark in name:
            return kind
    return "text"


def _failures(broken: SchemaErrors, frame: pd.DataFrame, file: str) -> list[Failure]:
    cases = broken.failure_cases
    found = []
    for case in cases.itertuples():
        rule, values = _rule(str(case.check))
        whole = case.schema_context == "DataFrameSchema"
        column = str(case.failure_case) if whole else str(case.column)
        row = None if pd.isna(case.index) else int(case.index) + 2
        place = None if row is None or "row" not in frame else frame["row"].loc[case.index]
        found.append(
            Failure(
                file=file,
                row=row if place is None or pd.isna(place) else int(place),
                column=column,
                value="" if pd.isna(case.failure_case) else str(case.failure_case)[:80],
                rule=rule,
                rule_values=values,
            )
        )
    return found


def _rule(check_name: str) -> tuple[str, tuple[tuple[str, object], ...]]:
    """Translate pandera's name of a broken check into the catalogue's."""
    name, _, inside = check_name.partition("(")
    accepted = inside.rstrip(")").strip("[]").replace("'", "")
    known = {
        "isin": "isin",
        "str_matches": "pattern",
        "greater_than": "above",
        "greater_than_or_equal_to": "least",
        "less_than_or_equal_to": "most",
        "not_nullable": "required",
        "field_uniqueness": "unique",
        "column_in_dataframe": "column_missing",
        "column_in_schema": "column_unknown",
        "column_ordered": "column_order",
    }
    rule = known.get(name, "type")
    return rule, (("accepted", accepted),)
