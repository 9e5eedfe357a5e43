"""One number of every row of a table, as a row of table results: nobody lays one out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import pandas as pd

from commune_pilots import assumptions, schemas
from commune_pilots.vocabulary import Data, IntervalKind, MeasuredIn

_CARRIED = ("unit", "unit_name", "scope", "indicator", "definition", "grade")


def record(
    frame: pd.DataFrame,
    *,
    run: str,
    data: Data,
    quantity: str | pd.Series[str],
    subject: str,
    observations: Sequence[str],
    measured_in: MeasuredIn | pd.Series[str],
    value: str | None = None,
    low: str | None = None,
    high: str | None = None,
    interval: IntervalKind | pd.Series[str] | None = None,
    confidence: float | None = None,
) -> pd.DataFrame:
    """Record one number of every row of a table (table results, one row a row, in the same order).

    `subject`, `value`, `low` and `high` name columns, `observations` those with ids of figures.
    `quantity`, `measured_in` and `interval` are one word for all rows, or a Series of words with
    the index of the frame. Numbers are not converted; `confidence` is in per cent. A row without
    low and high has no interval. Columns unit, unit_name, scope, indicator, definition and grade
    are carried over where the frame has them. A row that names no figure rests on planning values,
    or on a gain recorded beside it. The assumptions are those that the register lists for the
    quantity (docs/assumptions.md).

    Raises KeyError for a column the frame does not have and for a quantity that is not in the
    register, ValueError for a column that holds no numbers, for an interval without ends or ends
    without a word, for low above high and for words of another index, ContractError for a word or
    an id that the contract refuses.
    """
    ends = [name for name in (low, high) if name is not None]
    if value is None and not ends:
        raise ValueError("nothing to record: name a column for value, low or high")
    if (interval is None) == bool(ends) or (confidence is not None and not ends):
        raise ValueError("an interval has low, high or both, and a word for what it is")
    figures = [observations] if isinstance(observations, str) else list(observations)
    named = [subject, *figures, *(name for name in (value, low, high) if name is not None)]
    if unknown := [name for name in named if name not in frame.columns]:
        raise KeyError(f"no column {unknown}; the table has {', '.join(map(str, frame.columns))}")
    rows = frame.reset_index(drop=True)
    lower, upper = _numbers(rows, low), _numbers(rows, high)
    if (crossed := lower > upper).any():
        raise ValueError(f"low is above high: {rows.loc[crossed, subject].tolist()}")
    bounded = lower.notna() | upper.notna()
    quantities = _words(quantity, frame)
    laid = pd.DataFrame(
        {
            **{name: rows[name] for name in _CARRIED if name in rows},
            "run": run,
            "data": data,
            "quantity": quantities,
            "subject": rows[subject],
            "value": _numbers(rows, value),
            "low": lower,
            "high": upper,
            "interval": _words(interval, frame).where(bounded),
            "confidence": pd.Series(confidence, index=rows.index, dtype="float64").where(bounded),
            "measured_in": _words(measured_in, frame),
            "assumptions": [";".join(assumptions.resting(each)) for each in quantities],
            "observations": [
                ";".join(dict.fromkeys(str(one) for one in ids if pd.notna(one))) or None
                for ids in rows[figures].itertuples(index=False)
            ],
        },
        index=rows.index,
    )
    return schemas.build(cast(list[dict[str, Any]], laid.to_dict("records")), "results")


def _numbers(rows: pd.DataFrame, column: str | None) -> pd.Series[float]:
    """Take a column of numbers, or none; raises ValueError for anything else."""
    if column is None:
        return pd.Series(math.nan, index=rows.index, dtype="float64")
    numbers = rows[column]
    if pd.api.types.is_bool_dtype(numbers) or not pd.api.types.is_numeric_dtype(numbers):
        raise ValueError(f"column {column!r} holds {numbers.dtype}, not numbers")
    return numbers.astype("float64")


def _words(words: str | pd.Series[str] | None, frame: pd.DataFrame) -> pd.Series[str]:
    """Lay one word a row; raises ValueError for words of another index."""
    if not isinstance(words, pd.Series):
        return pd.Series(words, index=range(len(frame)), dtype="str")
    if not words.index.equals(frame.index):
        raise ValueError("the words do not have the index of the table")
    return words.reset_index(drop=True).astype("str")
