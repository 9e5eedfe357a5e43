"""Known errors of a source, mended as data: where, what, the value expected, and why.

A correction that no longer finds the value it expects stops the run, so that none outlives the
error it was written for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from commune_pilots.errors import InputError, ParameterError
from commune_pilots.params import CORRECTIONS, Correction


def correct(frame: pd.DataFrame, corrections: Sequence[Correction], *, table: str) -> pd.DataFrame:
    """Apply the corrections meant for one table; the caller's table stays as it is.

    Raises InputError if a correction's rows are not there or no longer hold the expected value.
    """
    mended = frame
    for correction in corrections:
        if correction.table != table:
            continue
        at = _rows(mended, correction)
        if correction.column is not None:
            _expect(mended, at, correction)
        if correction.action == "drop":
            mended = mended.loc[~at].reset_index(drop=True)
            continue
        column = str(correction.column)
        changed = mended[column].mask(at, correction.value)
        if changed.dtype != mended[column].dtype:
            raise _bad(correction, column, f"{correction.value!r} is not {mended[column].dtype}")
        mended = mended.assign(**{column: changed})
    return mended


def _expect(frame: pd.DataFrame, at: pd.Series, correction: Correction) -> None:
    """Stop if a row no longer holds the value that the correction was written for."""
    column = str(correction.column)
    if column not in frame:
        raise _bad(correction, "column", f"no column {column} of {correction.table}")
    current = frame.loc[at, column]
    wrong = current[current.notna() if correction.expect is None else current != correction.expect]
    if len(wrong):
        raise InputError(
            "correction_expired",
            file=CORRECTIONS,
            table=correction.table,
            where=_shown(correction),
            column=column,
            expect=correction.expect,
            found=wrong.tolist()[0],
        )


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
                file=CORRECTIONS,
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
            raise _bad(correction, column, f"no column of {correction.table}")
        at &= frame[column].isna() if value is None else frame[column] == value
    if not at.any():
        raise InputError(
            "correction_lost", file=CORRECTIONS, table=correction.table, where=_shown(correction)
        )
    return at


def _shown(correction: Correction) -> str:
    return ", ".join(f"{column}={value}" for column, value in correction.where.items())


def _bad(correction: Correction, key: str, reason: str) -> ParameterError:
    return ParameterError(
        "bad_correction", file=CORRECTIONS, entry=_shown(correction), key=key, reason=reason
    )
