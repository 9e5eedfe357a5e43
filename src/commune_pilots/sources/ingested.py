"""Tables that deliveries were read into, beside the press or simulated tables of a run."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pandas as pd

from commune_pilots import schemas
from commune_pilots.errors import Bilingual, ContractError, InputError, ParameterError
from commune_pilots.params import Indicator
from commune_pilots.sources.panel import panel_failures
from commune_pilots.sources.press import Tables
from commune_pilots.store import Layout

_KINDS = {
    True: Bilingual("dữ liệu mô phỏng", "simulated"),
    False: Bilingual("dữ liệu thật", "real"),
}
_UNIT = ["code", "level", "valid_from", "successor"]


def add_deliveries(
    tables: Tables,
    names: Sequence[str],
    layout: Layout,
    indicators: Mapping[str, Indicator],
    *,
    data: str,
) -> Tables:
    """Put the panels of deliveries beside raw tables, with their sources and units.

    Units that are listed already stay as they are. Raises InputError for a delivery that was not
    read yet, ParameterError where simulated data would meet real data, and ContractError where two
    deliveries tell one month of one unit under one definition.
    """
    found = dict(tables)
    for name in names:
        added = {table: _read(layout, name, table) for table in ("sources", "units", "panel")}
        simulated = bool((added["sources"]["kind"] == "simulated").all())
        if simulated != (data == "simulated"):
            raise ParameterError(
                "delivery_mixed", file="params", delivery=name, kind=_KINDS[simulated]
            )
        known = pd.MultiIndex.from_frame(found["units"][_UNIT])
        new = ~pd.MultiIndex.from_frame(added["units"][_UNIT]).isin(known)
        added["units"] = added["units"][new]
        for table, rows in added.items():
            if len(rows):
                found[table] = pd.concat([found[table], rows], ignore_index=True)
    if names and (failures := list(panel_failures(found["panel"], indicators))):
        raise ContractError(failures)
    return found


def accounts(layout: Layout, names: Sequence[str]) -> pd.DataFrame:
    """Tell what became of every row of deliveries (table ingested), a sheet of a file a row.

    Raises InputError for a delivery that was not read yet.
    """
    read = [_read(layout, name, "ingested") for name in names]
    return pd.concat([schemas.empty("ingested"), *read], ignore_index=True)


def _read(layout: Layout, name: str, table: str) -> pd.DataFrame:
    path = layout.delivery(name) / f"{table}.parquet"
    try:
        # Bytes, not the path: what Python opens is seen to be read (runs.reads).
        frame = pd.read_parquet(io.BytesIO(path.read_bytes()))
    except (ValueError, OSError) as absent:
        raise InputError("delivery_missing", delivery=name) from absent
    return schemas.check(frame, table, file=path.name)
