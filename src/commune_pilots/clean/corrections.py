"""Known errors of a source, mended as data: where, what, the value expected, and why.

A correction that no longer finds the value it expects stops the run, so that none outlives the
error it was written for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from commune_pilots import strict_yaml
from commune_pilots.errors import InputError, ParameterError

_SHOWN = "params/corrections.yml"
Value = str | int | float | None


class Correction(BaseModel):
    """One known error: the rows it is in, the column, the value expected and the right one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    table: str
    where: dict[str, Value]
    action: Literal["override", "drop"]
    column: str | None = None
    value: Value = None
    expect: Value = None
    reason: str
    reported: str


def read_corrections(path: Path) -> list[Correction]:
    """Read corrections.yml; raises ParameterError naming the entry and the key at fault."""
    raw = strict_yaml.load(path, shown=_SHOWN)
    found = []
    for number, entry in enumerate(raw or [], start=1):
        try:
            correction = Correction.model_validate(entry)
        except ValidationError as invalid:
            problem = invalid.errors()[0]
            key = ".".join(str(part) for part in problem["loc"])
            raise ParameterError(
                "bad_correction", file=_SHOWN, entry=number, key=key, reason=problem["msg"]
            ) from invalid
        if correction.action == "override" and correction.column is None:
            raise ParameterError(
                "bad_correction", file=_SHOWN, entry=number, key="column", reason="missing"
            )
        found.append(correction)
    return found


def correct(frame: pd.DataFrame, corrections: Sequence[Correction], *, table: str) -> pd.DataFrame:
    """Apply the corrections meant for one table; the caller's table stays as it is.

    Raises InputError if a correction's rows are not there or no longer hold the expected value.
    """
    mended = frame
    for correction in corrections:
        if correction.table != table:
            continue
        at = _rows(mended, correction)
        if correction.action == "drop":
            mended = mended.loc[~at].reset_index(drop=True)
            continue
        column = str(correction.column)
        current = mended.loc[at, column]
        expected = current.isna() if correction.expect is None else current == correction.expect
        if not expected.all():
            raise InputError(
                "correction_expired",
                file=_SHOWN,
                table=table,
                where=_shown(correction),
                column=column,
                expect=correction.expect,
                found=current.iloc[0],
            )
        mended = mended.assign(**{column: mended[column].mask(at, correction.value)})
    return mended


def correct_all(
    tables: Mapping[str, pd.DataFrame], corrections: Sequence[Correction]
) -> dict[str, pd.DataFrame]:
    """Apply every correction to its table; the caller's tables stay as they are.

    Raises ParameterError for a correction of a table that does not exist.
    """
    for number, correction in enumerate(corrections, start=1):
        if correction.table not in tables:
            raise ParameterError(
                "bad_correction",
                file=_SHOWN,
                entry=number,
                key="table",
                reason=f"{correction.table}: {', '.join(tables)}",
            )
    return {name: correct(frame, corrections, table=name) for name, frame in tables.items()}


def listed(corrections: Sequence[Correction]) -> pd.DataFrame:
    """Show the corrections as a table: where, what, and why."""
    columns = ["table", "where", "action", "column", "expect", "value", "reason", "reported"]
    rows = [{**entry.model_dump(), "where": _shown(entry)} for entry in corrections]
    return pd.DataFrame(rows, columns=columns)


def _rows(frame: pd.DataFrame, correction: Correction) -> pd.Series:
    at = pd.Series(data=True, index=frame.index)
    for column, value in correction.where.items():
        if column not in frame:
            raise ParameterError(
                "bad_correction",
                file=_SHOWN,
                entry=_shown(correction),
                key=column,
                reason=f"no column of {correction.table}",
            )
        at &= frame[column].isna() if value is None else frame[column] == value
    if not at.any():
        raise InputError(
            "correction_lost", file=_SHOWN, table=correction.table, where=_shown(correction)
        )
    return at


def _shown(correction: Correction) -> str:
    return ", ".join(f"{column}={value}" for column, value in correction.where.items())
