"""Sheets of a dossier log to table `dossiers`: typed rows, and every row kept out with its reason.

What spoils a whole column refuses the file; what spoils a row keeps that row out. What a file does
not tell is missing. Nobody's name, number or address goes beyond this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from commune_pilots import catalogue, schemas
from commune_pilots.sources.cells import Found, RawTable, Sheet
from commune_pilots.sources.headers import meaning
from commune_pilots.sources.layouts import PERSONAL_CELLS, Layout, aliases
from commune_pilots.sources.log_columns import (
    read_choices,
    read_codes_of_dossiers,
    read_numbers,
    read_words,
)
from commune_pilots.sources.log_days import read_days
from commune_pilots.sources.log_nested import read_fees, read_supplements
from commune_pilots.sources.log_rows import LogSheet, dossier_rows, find_log
from commune_pilots.sources.log_texts import Column, Fault, Words, laid_out, renamed, words_of
from commune_pilots.sources.log_units import Place, read_units
from commune_pilots.sources.personal_names import cover_names
from commune_pilots.sources.placed import found_at
from commune_pilots.sources.pseudonyms import accounts, filers
from commune_pilots.sources.refusals import refusal, shown
from commune_pilots.sources.table_columns import locate_columns, missing
from commune_pilots.sources.unit_names import Register

KINDS = {
    "text": pa.string(), "count": pa.int64(), "number": pa.float64(), "date": pa.timestamp("us"),
}  # fmt: skip
SCHEMA = pa.schema([(name, KINDS[kind]) for name, kind in schemas.columns("dossiers").items()])
_NAMED = ("unit_code", "unit", "place", "district", "province")
_PREFIX = re.compile(r"([0-9A-Za-z.]+)-\d{6}-\d+")
_TELLING = ("channel", "level", "status", "due", "completed", "fee_due", "paid")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsRead:
    """One sheet of a log: rows below its header that are dossiers; read = kept + rejected."""

    sheet: str
    read: int
    kept: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierTable:
    """A log read: rows of table `dossiers`, lines of table `rejected`, the account by sheet.

    `found` tells what was repaired, flagged or passed over; columns of persons by header alone.
    """

    dossiers: pa.Table
    rejected: pd.DataFrame
    rows_read: tuple[RowsRead, ...]
    found: tuple[Found, ...]


def read_dossiers(
    sheets: Sequence[Sheet], layout: Layout, *, known: Register, key: bytes | None, place: Place
) -> DossierTable:
    """Read every sheet of a file that holds a log of the layout.

    `known` is the register of units, `place` what the export says of where it comes from. `key`, at
    least 16 bytes that stand outside the project, hashes accounts; without one no account is kept.
    Raises InputError, with one sentence that names the place, for what spoils a file as a whole.
    """
    logs, told = _logs(sheets, layout)
    parts = [_read_log(log, layout, known=known, key=key, place=place) for log in logs]
    return DossierTable(
        dossiers=pa.concat_tables([part.dossiers for part in parts]),
        rejected=pd.concat([part.rejected for part in parts], ignore_index=True),
        rows_read=tuple(one for part in parts for one in part.rows_read),
        found=(*told, *(one for part in parts for one in part.found)),
    )


def _logs(sheets: Sequence[Sheet], layout: Layout) -> tuple[list[LogSheet], list[Found]]:
    """Find the logs of a file; raises InputError where there is none, or none with a row."""
    named = aliases(layout)
    told: list[Found] = []
    found: list[LogSheet] = []
    for sheet in sheets:
        log = find_log(sheet, named)
        if log is None:
            rule = Found(
                file=sheet.file, sheet=sheet.name, rule="sheet_no_table", outcome="skipped"
            )
            told += [*sheet.found, rule]
        else:
            found.append(log)
    if not found:
        names = ", ".join(sheet.name for sheet in sheets if sheet.name) or "—"
        raise refusal("no_table", file=sheets[0].file, sheets=names)
    ready = [
        log for log in found if any(cell is not None for row in log.table.rows for cell in row)
    ]
    if not ready:
        raise refusal("no_rows", file=found[0].table.file, sheet=found[0].table.sheet)
    fitting = [log for log in ready if _fits(log.table, layout, named)]
    for log in found:
        if log not in ready:
            told += [*log.table.found, found_at(log.table, "no_rows", "flagged")]
        elif fitting and log not in fitting:
            told += [*log.table.found, found_at(log.table, "sheet_no_table", "skipped")]
    return fitting or ready, told


def _fits(table: RawTable, layout: Layout, named: Mapping[str, str]) -> bool:
    columns = {name: 0 for header in table.header if (name := meaning(header, named))}
    wanted = [name for name, one in layout.columns.items() if one.required]
    return 2 * len(missing(layout, columns)) <= len(wanted)


def _read_log(
    log: LogSheet, layout: Layout, *, known: Register, key: bytes | None, place: Place
) -> DossierTable:
    """Read one sheet: its columns, the unit of each row, then which rows stand."""
    columns, told = locate_columns(log.table, layout, aliases(layout))
    log = dossier_rows(log, code=columns["dossier"], day=columns.get("received"))
    table = log.table
    if not table.rows:
        raise refusal("no_rows", file=table.file, sheet=table.sheet)
    texts, read = _columns(table, layout, columns)
    read |= _people(table, layout, columns, key=key)
    read["unit"] = _units(table, texts, read, columns=columns, known=known, place=place)
    faults = [*(fault for one in read.values() for fault in one.faults), *_marked(log, columns)]
    whole = _table(table, {name: one.values for name, one in read.items() if name in SCHEMA.names})
    broken = np.zeros(len(table.rows), dtype=bool)
    for fault in faults:
        broken[fault.rows] = True
    found = [*table.found, *told, *_personal(table, layout, columns, key=key)]
    found += [*(one for part in read.values() for one in part.found), *_untold(table, whole)]
    if log.hidden:
        row = min(log.hidden)
        found.append(found_at(table, "row_hidden", "flagged", row=row, value=str(len(log.hidden))))
    kept = int((~broken).sum())
    return DossierTable(
        dossiers=whole if kept == len(broken) else whole.filter(pa.array(~broken)),
        rejected=_rejected(table, faults),
        rows_read=(
            RowsRead(sheet=table.sheet, read=len(broken), kept=kept, rejected=len(broken) - kept),
        ),
        found=tuple(found),
    )


def _columns(
    table: RawTable, layout: Layout, columns: Mapping[str, int]
) -> tuple[dict[str, Words], dict[str, Column]]:
    """Read the columns that say nothing of persons: texts of codes and names, and typed values."""
    texts: dict[str, Words] = {}
    read: dict[str, Column] = {}
    for name, at in columns.items():
        one = layout.columns[name]
        if one.cells in ("text", "code", *_NAMED):
            role = one.cells if one.cells in _NAMED else name
            texts[role], faults, found = read_words(table, at)
            if name == "dossier":
                texts[role], others = read_codes_of_dossiers(texts[role], at)
                faults = (*faults, *others)
            elif name == "procedure_name":
                texts[role] = renamed(texts[role], map(cover_names, texts[role].texts))
            values = laid_out(texts[role], texts[role].texts, pa.string())
            read[role if role in _NAMED else name] = Column(
                values=values, faults=faults, found=found
            )
        elif one.cells in ("date", "moment"):
            read[name] = read_days(table, at)
        elif one.cells in ("count", "number"):
            read[name] = read_numbers(table, at, one.values, whole=one.cells == "count")
        elif one.cells == "choice":
            read[name] = read_choices(table, at, one.values, SCHEMA.field(name).type)
    for name, at in columns.items():
        cells = layout.columns[name].cells
        if cells == "fees" and "fee_due" not in read:
            read["fee_due"] = read_fees(table, at)
        elif cells == "supplements":
            read |= read_supplements(table, at, due=read.get("due"))
    if "procedure_name" in read and "procedure" not in read:
        read["procedure"] = read["procedure_name"]
    blank = np.flatnonzero(texts["dossier"].at < 0)
    taken = np.concatenate(
        [np.array([], dtype=np.int64), *(f.rows for f in read["dossier"].faults)]
    )
    blank = np.setdiff1d(blank, taken)
    if len(blank):
        fault = Fault(rule="dossier_blank", rows=blank, column=columns["dossier"])
        read["dossier"] = replace(read["dossier"], faults=(*read["dossier"].faults, fault))
    return texts, read


def _people(
    table: RawTable, layout: Layout, columns: Mapping[str, int], *, key: bytes | None
) -> dict[str, Column]:
    """Take from columns of persons what may be kept: who filed, and a keyed hash of the account."""
    read: dict[str, Column] = {}
    if {"owner", "filed_by"} <= set(columns) and "filer" not in columns:
        read["filer"] = Column(values=filers(table, columns["owner"], columns["filed_by"]))
    at, phone = _account_column(layout, columns)
    if at is not None and key is not None:
        read["account"] = Column(values=accounts(table, at, key=key, phone=phone))
    return read


def _account_column(layout: Layout, columns: Mapping[str, int]) -> tuple[int | None, bool]:
    """Choose the one column of accounts that is hashed: the first of the layout that is there."""
    for name, one in layout.columns.items():
        if one.cells in ("account", "phone") and name in columns:
            return columns[name], one.cells == "phone"
    return None, False


def _units(
    table: RawTable,
    texts: dict[str, Words],
    read: dict[str, Column],
    *,
    columns: Mapping[str, int],
    known: Register,
    place: Place,
) -> Column:
    """Find the commune of every row; where no agency is told it is that of the code."""
    said = {name: words for name, words in texts.items() if name in (*_NAMED, "agency")}
    dossiers = texts["dossier"]
    prefixes = [one[1] if (one := _PREFIX.fullmatch(text)) else None for text in dossiers.texts]
    prefix = laid_out(dossiers, prefixes, pa.string())
    if "agency" not in read and prefix.null_count < len(prefix):
        read["agency"] = Column(values=prefix)
    if place.agencies:
        said["prefix"] = words_of(prefix.to_pylist())
    if "received" in read:
        days = read["received"].values.to_numpy(zero_copy_only=False).astype("datetime64[us]")
    else:
        days = np.full(len(table.rows), "NaT", dtype="datetime64[us]")
    at = {**columns, "prefix": columns["dossier"]}
    told = read_units(table, said, days, columns=at, known=known, place=place)
    earlier = [f.rows for name in (*_NAMED, "received") if name in read for f in read[name].faults]
    taken = np.concatenate([np.array([], dtype=np.int64), *earlier])
    # A row whose day or name could not be read has no unit for that reason, which is told already.
    faults = (replace(one, rows=np.setdiff1d(one.rows, taken)) for one in told.faults)
    return replace(told, faults=tuple(one for one in faults if len(one.rows)))


def _marked(log: LogSheet, columns: Mapping[str, int]) -> list[Fault]:
    """Keep out rows that are struck through, whole or in a cell that is read."""
    if not log.struck:
        return []
    used = set(columns.values())
    found: dict[tuple[str, int | None], list[int]] = {}
    for row in sorted({row for row, _ in log.struck}):
        cells = log.table.rows[row]
        held = [at for at, cell in enumerate(cells) if cell not in (None, "")]
        struck = [at for at in held if (row, at) in log.struck]
        if held and len(struck) == len(held):
            found.setdefault(("row_struck", None), []).append(row)
        elif inside := sorted(used & set(struck)):
            found.setdefault(("cell_struck", inside[0]), []).append(row)
    return [Fault(rule=rule, rows=np.array(rows), column=at) for (rule, at), rows in found.items()]


def _personal(
    table: RawTable, layout: Layout, columns: Mapping[str, int], *, key: bytes | None
) -> list[Found]:
    """Tell the columns of persons that the layout names, and what was kept of them."""
    own = {name: at for name, at in columns.items() if layout.columns[name].cells in PERSONAL_CELLS}
    told = [found_at(table, "column_personal", "skipped", at=at) for at in own.values()]
    if {"owner", "filed_by"} <= set(own) and "filer" not in columns:
        told.append(found_at(table, "filer_compared", "flagged", at=own["filed_by"]))
    at, _ = _account_column(layout, columns)
    if at is not None:
        rule = "account_hashed" if key is not None else "account_no_key"
        told.append(found_at(table, rule, "flagged" if key is not None else "skipped", at=at))
    return told


def _untold(table: RawTable, whole: pa.Table) -> Iterable[Found]:
    """Tell the facts that no dossier of the sheet tells: what rests on them is refused later."""
    absent = [name for name in _TELLING if whole[name].null_count == whole.num_rows]
    words = ", ".join(catalogue.text(f"ingest.fact.{name}", "vi") for name in absent)
    return [found_at(table, "log_untold", "flagged", value=words)] if absent else []


def _table(table: RawTable, values: Mapping[str, pa.Array]) -> pa.Table:
    count = len(table.rows)
    placed = {
        "file": pa.repeat(pa.scalar(table.file), count),
        "sheet": pa.repeat(pa.scalar(table.sheet or None, pa.string()), count),
        "row": pa.array(np.asarray(table.numbers, dtype=np.int64)),
    }
    columns = [
        ({**values, **placed}.get(field.name, pa.nulls(count, field.type))) for field in SCHEMA
    ]
    return pa.table(
        [pc.cast(one, field.type) for one, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )


def _rejected(table: RawTable, faults: Sequence[Fault]) -> pd.DataFrame:
    """Lay faults out as table `rejected`, in the order of rows: a line for each broken rule."""
    blank = schemas.empty("rejected")
    parts = [_lines(table, fault) for fault in faults if len(fault.rows)]
    if not parts:
        return blank
    whole = pd.concat(parts).sort_values(["row", "column", "rule"], kind="stable")
    ordered = whole[list(blank.columns)].astype(dict(blank.dtypes)).reset_index(drop=True)
    return schemas.check(ordered, "rejected", file=table.file)


def _lines(table: RawTable, fault: Fault) -> pd.DataFrame:
    at = fault.column
    values = dict(fault.values)
    return pd.DataFrame(
        {
            "file": table.file,
            "sheet": table.sheet or None,
            "row": [table.numbers[row] for row in fault.rows],
            "column": None if at is None else table.header[at],
            "value": [None if at is None else shown(table.rows[row][at]) for row in fault.rows],
            "rule": fault.rule,
            "message_vi": catalogue.text(f"ingest.rule.{fault.rule}", "vi", **values),
            "message_en": catalogue.text(f"ingest.rule.{fault.rule}", "en", **values),
        }
    )
