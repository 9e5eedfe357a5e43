"""Where dossier logs are computed: DuckDB inside this process, or Spark where there is one.

Only opens and reads; what is computed is Ibis (`clean.log_rules`, `clean.log_panel`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from commune_pilots import schemas
from commune_pilots.errors import InputError, ParameterError

LABEL = "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A dossier log as an engine sees it: its table, its rows, and whether it is simulated."""

    table: ir.Table
    rows: int
    simulated: bool


def connect(*, memory: str = "4GB", threads: int | None = None, spill: Path | None = None) -> Any:
    """Open DuckDB inside this process with a bound on memory; what is more goes to `spill`.

    Times are taken as they stand, without a zone: they were made local when the files were read.
    Without `spill` nothing is written to disk and a computation beyond `memory` fails.
    """
    settings: dict[str, Any] = {
        "memory_limit": memory,
        "temp_directory": str(spill) if spill else "",
        "preserve_insertion_order": False,
    }
    if threads:
        settings["threads"] = threads
    return ibis.duckdb.connect(":memory:", **settings)


def connect_spark(*, master: str | None = None, **settings: str) -> Any:
    """Use Spark: the session there is, or a new one at `master` (extra `[spark]`, Java 17).

    `settings` are Spark's own, dots written as `__`: `spark__driver__memory="2g"`. Raises
    ParameterError where pyspark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ParameterError("spark_missing") from None
    builder = SparkSession.builder.appName("commune-pilots")
    if master:
        builder = builder.master(master)
    for name, value in {"spark__sql__session__timeZone": "UTC", **settings}.items():
        builder = builder.config(name.replace("__", "."), value)
    return ibis.pyspark.connect(builder.getOrCreate())


def read_log(engine: Any, folder: Path, *, shown: str) -> Log:
    """Read every Parquet file of a folder as one log of dossiers (columns of the contract).

    Files that `pilots simulate` wrote carry a column `simulated`; simulated and real dossiers never
    meet. Raises InputError for a folder without files, one with both kinds, and a file that lacks
    a column of the contract; `shown` is the folder's name in messages.
    """
    wanted = list(schemas.columns("dossiers"))
    rows, simulated = 0, set()
    for path in sorted(folder.glob("*.parquet")):
        described = pq.read_metadata(path)
        names = described.schema.to_arrow_schema().names
        if absent := [name for name in wanted if name not in names]:
            raise InputError(
                "log_not_dossiers", file=f"{shown}/{path.name}", columns=", ".join(absent)
            )
        rows += described.num_rows
        simulated.add(LABEL in names)
    if not simulated:
        raise InputError("logs_none", folder=shown)
    if len(simulated) > 1:
        raise InputError("logs_mixed", folder=shown)
    table = engine.read_parquet(str(folder / "*.parquet")).select(wanted)
    return Log(table=table, rows=rows, simulated=simulated.pop())


def send(engine: Any, name: str, table: pa.Table) -> ir.Table:
    """Hand a small table to the engine; an earlier one of that name goes."""
    if engine.name == "duckdb":
        return engine.create_table(name, table, temp=True, overwrite=True)
    from pyspark.sql import SparkSession

    SparkSession.active().createDataFrame(table).createOrReplaceTempView(name)
    return engine.table(name)


def gather(engine: Any, name: str, parts: Sequence[ir.Table]) -> ir.Table:
    """Compute parts of one table one after another, and keep them together in the engine."""
    if engine.name != "duckdb":
        return ibis.union(*parts, distinct=False).cache() if len(parts) > 1 else parts[0].cache()
    engine.create_table(name, parts[0], temp=True, overwrite=True)
    for part in parts[1:]:
        engine.insert(name, part)
    return engine.table(name)


def batches(engine: Any, rows: ir.Table, *, size: int) -> Iterator[pa.RecordBatch]:
    """Hand rows out in batches of about `size`, so that they need not fit in memory."""
    if engine.name != "duckdb":
        yield from rows.to_pyarrow_batches(chunk_size=size)
        return
    # Ibis 12 asks DuckDB by a name that DuckDB 1.5 deprecates.
    yield from engine.raw_sql(engine.compile(rows)).to_arrow_reader(size)
