"""A dossier log judged: each row accepted, rejected with its reasons, or a duplicate; then counted.

The engine reads the log three times: keys, rules, counts. What cannot be accepted is set aside as a
table of the engine, which may lie on disk; Python holds counts and one batch of rows at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from commune_pilots import schemas
from commune_pilots.clean import log_panel, log_repeats, log_rules
from commune_pilots.clean.log_definitions import Basis, from_log
from commune_pilots.clean.unit_validity import (
    COLUMNS,
    DAYS,
    FIRST_DAY,
    LAST_DAY,
    locate,
    validity,
)
from commune_pilots.sources.log_engine import Log, batches, gather, send

_BATCH = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a log: counts by basis, the account of each file, flags, lines of reasons.

    `counted` has what `log_panel.take_off` gives, by basis; `account` reconciles exactly; `flags`
    counts accepted rows by file, rule and column; `reasons` is the number of lines of table
    `rejected` that were written; `accepted` is the log itself without what is not accepted, an
    expression that the engine computes when it is asked.
    """

    counted: Mapping[Basis, pd.DataFrame]
    account: pd.DataFrame
    flags: pd.DataFrame
    reasons: int
    accepted: ir.Table


def judge_log(
    engine: Any,
    log: Log,
    *,
    units: pd.DataFrame | None,
    definitions: Sequence[str],
    as_of: dt.date,
    rejected: Path,
) -> Judged:
    """Hold a log against every rule, find its duplicates and count it under each definition.

    `units` is table units, None to leave codes as they are. Lines of table `rejected` are written
    to the Parquet file `rejected`, whole or not at all. Raises ParameterError for a definition that
    a log cannot give, InputError for units whose validity overlaps.
    """
    chosen = from_log(definitions)
    rules = log_rules.log_rules(as_of=as_of, located=units is not None)
    placed = log.table if units is None else locate(log.table, _intervals(engine, units))
    keys = _keys(engine, log)
    refusing = log_rules.of_outcome(rules, "rejected")
    suspect = log_repeats.set_aside(placed, keys, broken=log_rules.breaks_any(refusing))
    aside = log_rules.check_rows(suspect, refusing).cache()
    judged = log_repeats.judge(aside).cache()
    reasons = _write_reasons(engine, judged, refusing, rejected)
    told = log_rules.flags(rules)
    counted: dict[Basis, pd.DataFrame] = {}
    for basis in dict.fromkeys(["received", *(one.basis for one in chosen)]):
        both = [
            log_panel.unit_months(rows, chosen, basis=basis, flags=told).to_pyarrow().to_pandas()
            for rows in (placed, judged)
        ]
        counted[basis] = log_panel.take_off(*both)
    first = counted["received"]
    return Judged(
        counted=counted,
        account=log_panel.account(first),
        flags=_flags(first, list(told)),
        reasons=reasons,
        accepted=log_repeats.accepted_rows(log.table, judged),
    )


def panel_of(
    judged: Judged,
    definitions: Sequence[str],
    *,
    source: str,
    file: str,
    simulated: bool,
    since: dt.date = FIRST_DAY,
    until: dt.date = LAST_DAY,
) -> pd.DataFrame:
    """Lay a judged log out as table `panel`, under every definition asked.

    Months begin from `since` to `until`, both included. Raises InputError as `log_panel.as_panel`
    does, for one when a code stands for two units in these months.
    """
    chosen = from_log(definitions)
    parts = []
    for basis, found in judged.counted.items():
        if ways := [one for one in chosen if one.basis == basis]:
            months = found[found["month"].between(since, until)]
            parts.append(
                log_panel.as_panel(months, ways, source=source, file=file, simulated=simulated)
            )
    whole = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    numbered = whole.assign(row=pd.RangeIndex(2, len(whole) + 2)).astype({"row": "Int64"})
    return schemas.check(numbered, "panel", file=file)


def _intervals(engine: Any, units: pd.DataFrame) -> ir.Table:
    kinds = [(name, pa.date32() if name in DAYS else pa.string()) for name in COLUMNS]
    schema = pa.schema(kinds)
    found = pa.Table.from_pandas(validity(units), schema=schema, preserve_index=False)
    return send(engine, "unit_intervals", found)


def _keys(engine: Any, log: Log) -> ir.Table:
    """Find the keys that repeat, part by part, so that memory stays bounded."""
    parts = log_repeats.parts_for(log.rows)
    found = [log_repeats.repeated_keys(log.table, part=part, parts=parts) for part in range(parts)]
    return gather(engine, "repeated_keys", found)


def _write_reasons(
    engine: Any, judged: ir.Table, rules: Sequence[log_rules.Rule], path: Path
) -> int:
    """Write table `rejected`, batch by batch; the file appears when it is whole."""
    rows = judged.filter(judged.verdict != "accepted").order_by(["file", "sheet", "row"])
    unfinished = path.with_name(f".{path.name}.part")
    schema = pa.Schema.from_pandas(schemas.empty("rejected"), preserve_index=False)
    count = 0
    with pq.ParquetWriter(unfinished, schema) as writer:
        for batch in batches(engine, rows, size=_BATCH):
            lines = log_rules.explain(batch.to_pandas(), rules)
            writer.write_table(pa.Table.from_pandas(lines, schema=schema, preserve_index=False))
            count += len(lines)
    unfinished.replace(path)
    return count


def _flags(counted: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Lay flags out long: file, rule, column and the number of accepted rows."""
    accepted = counted[counted["verdict"] == "accepted"]
    long = accepted.groupby("file")[list(names)].sum().reset_index()
    told = long.melt(id_vars="file", var_name="flag", value_name="rows")
    parts = told["flag"].str.split("__", expand=True)
    named = told.assign(rule=parts[0], column=parts[1]) if len(told) else told
    return named[named["rows"] > 0].reindex(columns=["file", "rule", "column", "rows"])
