"""Dossier logs for tests: drawn rows, an engine, and a simulated log that is drawn once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from commune_pilots import schemas
from commune_pilots.simulate.dossiers import Truth, dossier_tables
from commune_pilots.sources.log_engine import connect
from commune_pilots.sources.press import _read_text, _typed

ROOT = Path(__file__).resolve().parents[1]
AS_OF = dt.date(2026, 1, 14)
_NAMES = count()


@cache
def engine():
    """One DuckDB for all tests of a process; tables have names of their own."""
    return connect(memory="1GB", threads=2)


@cache
def units() -> pd.DataFrame:
    """The project's register of units, read without the other raw tables."""
    path = ROOT / "data" / "raw" / "press" / "units.csv"
    return _typed(_read_text(path, path.name), "units", path.name)[0]


def dossiers(rows: Iterable[Mapping[str, Any]], **same: Any) -> pd.DataFrame:
    """Lay rows out as table dossiers; what is not given is missing, rows are numbered from 2."""
    given = [{"file": "a.csv", "row": number, **same, **row} for number, row in enumerate(rows, 2)]
    blank = schemas.empty("dossiers")
    return pd.DataFrame(given, columns=list(blank.columns)).astype(dict(blank.dtypes))


def sent(frame: pd.DataFrame):
    """Send a table to the engine; gives an expression."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    return engine().create_table(f"t{next(_NAMES)}", table)


def fetched(expression) -> pd.DataFrame:
    """Take rows back from the engine."""
    return expression.to_pyarrow().to_pandas()


@cache
def truth(rows: int = 4_000, **given: Any) -> Truth:
    """What is true of a simulated log of the tests."""
    return Truth(rows=rows, seed=11, **given)


@cache
def simulated(known: Truth, chunk: int = 1_500) -> tuple[pa.Table, ...]:
    """A simulated log, file by file."""
    return tuple(dossier_tables(known, units(), chunk=chunk))


def typed(tables: Iterable[pa.Table]) -> pd.DataFrame:
    """Simulated tables as one table dossiers, with what was planted as its index."""
    whole = pa.concat_tables(tables).to_pandas()
    blank = schemas.empty("dossiers")
    frame = whole[list(blank.columns)].astype(dict(blank.dtypes))
    return frame.set_axis(pd.Index(whole["planted"], name="planted"))
