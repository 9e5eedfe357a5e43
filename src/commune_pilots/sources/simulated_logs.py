"""Simulated dossier logs on disk: one file a stretch of days, each written whole, all labelled."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from commune_pilots.errors import ParameterError
from commune_pilots.simulate.dossiers import CHUNK, Truth, dossier_tables

_GROUP = 100_000
LogFormat = Literal["parquet", "csv"]


def write_log(
    truth: Truth, units: pd.DataFrame, folder: Path, *, kind: LogFormat = "parquet",
    chunk: int = CHUNK,
) -> list[Path]:  # fmt: skip
    """Write a simulated log and name its files, in the order of days; one table in memory.

    CSV has the same columns as text: ISO times, points in decimals, nothing between separators
    where unknown. Raises ParameterError for a folder that already holds files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ParameterError("folder_taken", folder=folder.as_posix())
    written = []
    for table in dossier_tables(truth, units, chunk=chunk):
        path = folder / Path(table["file"][0].as_py()).with_suffix(f".{kind}")
        unfinished = path.with_name(f".{path.name}.part")
        _write(table, unfinished, kind)
        unfinished.replace(path)
        written.append(path)
    return written


def _write(table: pa.Table, path: Path, kind: LogFormat) -> None:
    if kind not in get_args(LogFormat):
        raise ValueError(kind)
    if kind == "csv":
        pyarrow.csv.write_csv(table, path)
    else:
        # Engines share a file out among threads by its groups of rows.
        pq.write_table(table, path, compression="zstd", row_group_size=_GROUP)
