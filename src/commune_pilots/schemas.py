"""Contracts of every table that crosses a room border (pandera; strict; nothing is coerced).

Codes and ids are text, shares are percentage points (98.08), dates are timestamps, unknown is
missing and never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors
from pandera.typing.pandas import Series

from commune_pilots.errors import ContractError, Failure

Text = Series[str]
Number = Series[float]
Count = Series[pd.Int64Dtype]
Date = Series["datetime64[us]"]  # type: ignore[name-defined]
Flag = Series[bool]

Role = Literal["before", "after", "level", "target", "deadline", "rank"]
Qualifier = Literal[
    "exact", "over", "more_than", "nearly", "about", "at_least", "none_yet", "no_number"
]
LOWER_BOUNDS = ("over", "more_than", "at_least")
Scope = Literal["unit", "pilot_communes", "office", "country"]
Evidence = Literal["before_after", "after_only", "level", "target", "none"]
Pillar = Literal["government", "economy", "society"]
Grade = Literal["none", "low", "medium", "high"]
Answer = Literal["decided", "decisive", "open"]
Option = Literal["scale", "stages", "extend", "prepare"]

_CODE = r"^[0-9A-Za-z_-]{1,40}$"


def _optional(**checks: Any) -> Any:
    return pa.Field(nullable=True, **checks)


class _Table(pa.DataFrameModel):
    class Config:
        """Columns exactly as declared, in this order, of these types."""

        strict = True
        ordered = True
        coerce = False


class Sources(_Table):
    """One row: one document."""

    source: Text = pa.Field(unique=True, str_matches=_CODE)
    title_short: Text
    publisher: Text = _optional()
    published: Date = _optional()
    province: Text = _optional(str_matches=_CODE)
    kind: Text = pa.Field(
        isin=["press", "official_portal", "public_context", "project_notes", "simulated"]
    )
    url: Text = _optional()
    text_sha256: Text = _optional(str_matches=r"^[0-9a-f]{64}$")
    text_file: Text = _optional()
    note: Text = _optional()


class Observations(_Table):
    """One row: one figure as a source reports it."""

    observation: Text = pa.Field(unique=True, str_matches=_CODE)
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    unit: Text = pa.Field(str_matches=_CODE)
    scope: Text = pa.Field(isin=get_args(Scope))
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    period_start: Date = _optional()
    period_end: Date = _optional()
    role: Text = pa.Field(isin=get_args(Role))
    printed: Text = _optional()
    value: Number = _optional()
    decimals: Count = _optional(ge=0, le=6)
    qualifier: Text = pa.Field(isin=get_args(Qualifier))
    numerator: Count = _optional(ge=0)
    denominator: Count = _optional(ge=1)
    note: Text = _optional()
    file: Text
    row: Count = pa.Field(ge=2)


class Units(_Table):
    """One row: one administrative unit in one validity period."""

    code: Text = pa.Field(str_matches=_CODE)
    valid_from: Date = _optional()
    valid_to: Date = _optional()
    name: Text
    level: Text = pa.Field(isin=["country", "province", "district", "commune"])
    type: Text
    parent: Text = _optional(str_matches=_CODE)
    parent_level: Text = _optional(isin=["country", "province", "district"])
    province: Text = _optional(str_matches=_CODE)
    successor: Text = _optional(str_matches=_CODE)
    successor_part: Text = _optional(isin=["whole", "part"])
    resolution: Text = _optional()
    note: Text = _optional()


class Pilots(_Table):
    """One row: one unit in one pilot."""

    unit: Text = pa.Field(str_matches=_CODE)
    programme: Text = pa.Field(str_matches=_CODE)
    opened: Date = _optional()
    opened_precision: Text = pa.Field(isin=["day", "month", "year", "unknown"])
    arm: Text = pa.Field(isin=["pilot", "comparison"])
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    sponsor: Text = _optional()
    note: Text = _optional()


class Interventions(_Table):
    """One row: one system or intervention a source names."""

    intervention: Text = pa.Field(unique=True, str_matches=_CODE)
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    unit: Text = pa.Field(str_matches=_CODE)
    programme: Text = pa.Field(str_matches=_CODE)
    pillar: Text = pa.Field(isin=get_args(Pillar))
    name_vi: Text
    name_en: Text
    indicators: Text = _optional()
    evidence: Text = pa.Field(isin=get_args(Evidence))
    need_vi: Text
    need_en: Text


class Events(_Table):
    """One row: one dated measure that covers the whole province."""

    event: Text = pa.Field(unique=True, str_matches=_CODE)
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    unit: Text = pa.Field(str_matches=_CODE)
    date_start: Date = _optional()
    date_end: Date = _optional()
    programme: Text = _optional(str_matches=_CODE)
    name_vi: Text
    name_en: Text
    moves: Text = _optional()
    note: Text = _optional()


class Decisions(_Table):
    """One row: one decision at stake or taken."""

    decision: Text = pa.Field(unique=True, str_matches=_CODE)
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    unit: Text = pa.Field(str_matches=_CODE)
    kind: Text = pa.Field(
        isin=["scale", "scale_by_stages", "maintain", "launch", "continue", "pilot"]
    )
    decider_vi: Text
    decider_en: Text
    question_vi: Text
    question_en: Text
    evidence_vi: Text
    evidence_en: Text
    note: Text = _optional()


class Dropped(_Table):
    """One row: rows of one table left out of a run, with the reason."""

    table: Text
    reason: Text
    rows: Count = pa.Field(ge=1)


class Coverage(_Table):
    """One row: one pilot unit and one indicator, with what is printed of it."""

    unit: Text = pa.Field(str_matches=_CODE)
    unit_name: Text
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    before: Text = _optional()
    after: Text = _optional()
    evidence: Text = pa.Field(isin=get_args(Evidence))


class Levels(_Table):
    """One row: a figure that stands alone: it can be reported, never compared."""

    observation: Text = pa.Field(unique=True, str_matches=_CODE)
    unit: Text = pa.Field(str_matches=_CODE)
    unit_name: Text
    scope: Text = pa.Field(isin=get_args(Scope))
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    role: Text = pa.Field(isin=["after", "level", "rank"])
    value: Number
    decimals: Count = pa.Field(ge=0)
    qualifier: Text = pa.Field(isin=get_args(Qualifier))
    low: Number = _optional()
    high: Number = _optional()
    saturated: Flag
    denominator_low: Count = _optional(ge=1)
    denominator_high: Count = _optional(ge=1)


class Contrasts(_Table):
    """One row: one before/after difference, in percentage points; no causal claim."""

    contrast: Text = pa.Field(unique=True, str_matches=_CODE)
    unit: Text = pa.Field(str_matches=_CODE)
    unit_name: Text
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    before_observation: Text
    after_observation: Text
    before: Number = _optional()
    after: Number
    change: Number
    change_decimals: Count = pa.Field(ge=0)
    change_bound: Text = pa.Field(isin=["exact", "at_most", "at_least", "open"])
    change_low: Number = _optional()
    change_high: Number
    gap_closed_low: Number = _optional()
    gap_closed_high: Number = _optional()
    smallest_before: Count = _optional(ge=1)
    smallest_after: Count = _optional(ge=1)
    witness_p: Number = _optional(ge=0, le=1)
    bound_p: Number = _optional(ge=0)
    denominators: Text = pa.Field(isin=get_args(Answer))
    grade: Text = pa.Field(isin=get_args(Grade))
    reason: Text


class Checks(_Table):
    """One row: one rival explanation or missing safeguard of one contrast."""

    contrast: Text = pa.Field(str_matches=_CODE)
    check: Text = pa.Field(str_matches=_CODE)
    outcome: Text = pa.Field(isin=["passed", "failed", "not_possible"])
    statistic: Number = _optional()
    decimals: Count = _optional(ge=0)
    reference: Text = _optional()


class Targets(_Table):
    """One row: one target, and the result that answers it where one is printed."""

    target_observation: Text = pa.Field(str_matches=_CODE)
    result_observation: Text = _optional()
    unit_name: Text
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    target: Number = _optional()
    result: Number = _optional()
    gap: Number = _optional()
    deadline: Date = _optional()
    attainment: Text = pa.Field(isin=["reached", "not_reached", "no_target", "no_result"])


class Verdicts(_Table):
    """One row: one decision, the option the evidence carries and why not a stronger one."""

    decision: Text = pa.Field(unique=True, str_matches=_CODE)
    option: Text = pa.Field(isin=get_args(Option))
    grade: Text = pa.Field(isin=get_args(Grade))
    contrasts: Count = pa.Field(ge=0)
    units_with_contrast: Count = pa.Field(ge=0)
    units_piloted: Count = pa.Field(ge=0)
    grade_for_scaling: Text = pa.Field(isin=get_args(Grade))
    grade_for_stages: Text = pa.Field(isin=get_args(Grade))
    least_change: Number
    reason: Text


TABLES: dict[str, type[_Table]] = {
    "sources": Sources,
    "observations": Observations,
    "units": Units,
    "pilots": Pilots,
    "interventions": Interventions,
    "events": Events,
    "decisions": Decisions,
    "dropped": Dropped,
    "coverage": Coverage,
    "levels": Levels,
    "contrasts": Contrasts,
    "checks": Checks,
    "targets": Targets,
    "verdicts": Verdicts,
}
DTYPES = {
    "text": "str", "number": "float64", "count": "Int64", "date": "datetime64[us]", "flag": "bool"
}  # fmt: skip
RAW_TABLES = ("sources", "observations", "units", "pilots", "interventions", "events", "decisions")


def columns(table: str) -> dict[str, str]:
    """Name the columns of a table and their kind: text, number, count, date or flag."""
    schema = TABLES[table].to_schema()
    return {name: _kind(column.dtype) for name, column in schema.columns.items()}


def empty(table: str) -> pd.DataFrame:
    """Make a table of no rows that keeps its contract."""
    return pd.DataFrame(
        {name: pd.Series(dtype=DTYPES[kind]) for name, kind in columns(table).items()}
    )


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
    try:
        TABLES[table].validate(frame, lazy=True)
    except SchemaErrors as broken:
        raise ContractError(_failures(broken, frame, file or f"{table} (table)")) from None
    return frame


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
                row=row if place is None else int(place),
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
