"""The parts of a delivery counted together: panel, rejected rows, findings, account of all rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from commune_pilots import schemas
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.clean import validity, validity_counts
from commune_pilots.clean.cumulative import by_month
from commune_pilots.clean.unit_validity import FIRST_DAY, LAST_DAY
from commune_pilots.clean.units_of_today import MERGED, gaps, of_today
from commune_pilots.errors import Bilingual, ContractError, DefectError, InputError
from commune_pilots.params import Indicator
from commune_pilots.runs.dossier_logs import Judged, judge_log, panel_of
from commune_pilots.runs.parts import FOLDER, Part, worded
from commune_pilots.runs.raw_files import TYPED, Recipe
from commune_pilots.sources.cells import Found
from commune_pilots.sources.deliveries import Delivery
from commune_pilots.sources.log_engine import connect, read_log
from commune_pilots.sources.panel import panel_failures
from commune_pilots.sources.privacy import cover
from commune_pilots.store import DELIVERIES, delivery_place, sha256_bytes

USUAL = (
    "online_a_received", "online_b_received", "online_d_received", "on_time_a_completed",
    "payment_a_received", "payment_b_received", "digitised_a_received",
)  # fmt: skip
"""Definitions a log is counted under where its delivery names none."""
ACCOUNT = ("read", "accepted", "rejected", "duplicates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """What counts are held against: units, indicators, and whose former communes are all listed.

    `complete` is missing where the register of units is the whole country's.
    """

    units: pd.DataFrame
    complete: frozenset[str] | None
    indicators: Mapping[str, Indicator]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a delivery came to: its tables, its rows by what became of them, what it cannot tell.

    `gaps` are codes that lead to no unit of today (`units_of_today.gaps`); `looks` has the tables
    of `clean.validity_counts` by name, where the delivery is a log.
    """

    tables: Mapping[str, pd.DataFrame]
    rows: Mapping[str, int]
    gaps: pd.DataFrame
    left_out: Sequence[Bilingual] = ()
    looks: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def count_panels(
    parts: Sequence[Part],
    recipe: Recipe,
    registers: Registers,
    *,
    passed: Sequence[Found],
    work: Path,
) -> Counted:
    """Put panel rows of several files together; one unit, definition and month stands in one file.

    Raises ContractError for a month that two files tell, naming both rows, and InputError for a
    cumulative count that falls.
    """
    panel = _read([part.tables["panel"] for part in parts], "panel").to_pandas()
    panel = panel.astype(dict(schemas.empty("panel").dtypes))
    layout = recipe.layout
    if layout is not None and layout.period is not None and layout.period.basis == "cumulative":
        panel = by_month(panel)
    delivery = recipe.delivery
    since, until = delivery.day("since", FIRST_DAY), delivery.day("until", LAST_DAY)
    months = panel["period_start"].dt.date
    panel = panel[(months >= since) & (months <= until)].reset_index(drop=True)
    if failures := list(panel_failures(panel, registers.indicators)):
        raise ContractError(failures)
    account = account_of(parts)
    codes = panel["unit"][panel["period_end"] < MERGED].value_counts()
    return _counted(parts, recipe, registers, panel, account, codes=codes, passed=passed)


def account_of(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Say what became of the rows of each sheet while it was read (table ingested)."""
    return [
        {
            "file": part.file,
            "sha256": part.sha256,
            "sheet": one.sheet or None,
            "read": one.read,
            "accepted": one.read - one.rejected,
            "rejected": one.rejected,
            "duplicates": 0,
        }
        for part in parts
        for one in part.accounts
    ]


def count_log(
    parts: Sequence[Part],
    recipe: Recipe,
    registers: Registers,
    *,
    passed: Sequence[Found],
    work: Path,
) -> Counted:
    """Judge and count the dossiers of several files as one log.

    Where the delivery names no definition, those that the columns of the log cannot carry are left
    out and told. Raises InputError for a definition asked for that the log cannot carry, a code
    that stands for two units in the months counted, and simulated dossiers among real ones.
    """
    delivery, name = recipe.delivery, recipe.name
    engine = connect(spill=work / "spill")
    log = read_log(engine, work / "data" / FOLDER / TYPED, shown=f"{DELIVERIES}/{name}")
    if log.simulated and not delivery.simulated:
        raise InputError("logs_mixed", folder=f"{DELIVERIES}/{name}")
    asked = delivery.definitions or USUAL
    reasons = work / "reasons.parquet"
    judged = judge_log(
        engine,
        log,
        units=registers.units,
        definitions=asked,
        as_of=delivery.day("as_of"),
        rejected=reasons,
    )
    panel, left_out = _panel(judged, asked, recipe)
    read = {(part.file, one.sheet): one for part in parts for one in part.accounts}
    sha = _hashes(engine, parts)
    account: list[dict[str, Any]] = []
    for row in judged.account.fillna({"sheet": ""}).to_dict("records"):
        before = read.pop((row["file"], row["sheet"]), None)
        lost = before.rejected if before else 0
        account.append(
            {
                "file": row["file"],
                "sha256": sha[row["file"]],
                "sheet": row["sheet"] or None,
                "read": row["read"] + lost,
                "accepted": row["accepted"],
                "rejected": row["rejected"] + lost,
                "duplicates": row["duplicates"],
            }
        )
    account += [row for row in account_of(parts) if _key(row) in read and row["rejected"]]
    flagged = [
        Found(
            file=one["file"],
            rule=one["rule"],
            outcome="flagged",
            column=one["column"],
            value=str(one["rows"]),
        )
        for one in judged.flags.to_dict("records")
    ]
    codes = log.table.filter(log.table.received < MERGED).unit.value_counts(name="rows")
    found = _counted(
        parts,
        recipe,
        registers,
        panel,
        account,
        codes=codes.to_pyarrow().to_pandas().dropna().set_index("unit")["rows"],
        passed=[*passed, *flagged],
        reasons=[reasons],
    )
    checks, looks = _validity(judged.accepted, panel, asked, subject=name)
    tables = {**found.tables, "checks": checks}
    return replace(found, tables=tables, left_out=left_out, looks=looks)


def _validity(
    accepted: Any, panel: pd.DataFrame, asked: Sequence[str], *, subject: str
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Check whether a log counts what people did, on its first definition of filing online."""
    online = [one for one in asked if one in set(panel["definition"]) and one.startswith("online")]
    own = panel[panel["definition"].isin(online[:1])]
    filed = validity.filings(accepted).to_pyarrow().to_pandas()
    days = validity.by_day(accepted).to_pyarrow().to_pandas()
    looks = {
        "filers": validity_counts.by_filer(accepted),
        "accounts": validity_counts.by_account(accepted),
        "places": validity_counts.by_place(days),
        "slots": validity_counts.by_half_hour(accepted),
        "points": validity_counts.by_point(own),
    }
    return validity.check_log(filed, days, own, subject=subject), looks


def _panel(
    judged: Judged, asked: Sequence[str], recipe: Recipe
) -> tuple[pd.DataFrame, list[Bilingual]]:
    """Lay the counts out under each definition; what a log cannot carry is told, if not asked."""
    delivery = recipe.delivery
    kept: list[pd.DataFrame] = []
    left_out = []
    for one in asked:
        try:
            kept += [
                panel_of(
                    judged,
                    [one],
                    source=recipe.name,
                    file=_file(recipe),
                    simulated=delivery.simulated,
                    since=since,
                    until=until,
                )
                for since, until in _spans(delivery)
            ]
        except InputError as refused:
            if delivery.definitions or refused.key != "log_column_missing":
                raise
            left_out.append(Bilingual(*map(refused.sentence, LANGUAGES)))
    whole = pd.concat([one for one in kept if len(one)] or [schemas.empty("panel")])
    numbers = pd.array(range(2, len(whole) + 2), dtype="Int64")
    return whole.assign(row=numbers).reset_index(drop=True), left_out


def _spans(delivery: Delivery) -> list[tuple[dt.date, dt.date]]:
    """Split the months counted where units of today are asked for: each side has its own units."""
    since, until = delivery.day("since", FIRST_DAY), delivery.day("until", LAST_DAY)
    if delivery.units_of == "then":
        return [(since, until)]
    merged = MERGED.date()
    spans = [(since, min(until, merged - dt.timedelta(days=1))), (max(since, merged), until)]
    return [(first, last) for first, last in spans if first <= last]


def _file(recipe: Recipe) -> str:
    return f"data/processed/{delivery_place(recipe.name)}/panel.parquet"


def _hashes(engine: Any, parts: Sequence[Part]) -> dict[str, str]:
    """Tell the hash of the file that holds each name of a file in a log.

    A file of typed dossiers names the files that it was made of.
    """
    found: dict[str, str] = {}
    for part in parts:
        names = engine.read_parquet(str(part.tables[TYPED])).select("file").distinct()
        for name in names.to_pyarrow()["file"].to_pylist():
            found[name] = part.sha256
    return found


def _counted(
    parts: Sequence[Part],
    recipe: Recipe,
    registers: Registers,
    panel: pd.DataFrame,
    account: Sequence[Mapping[str, Any]],
    *,
    codes: pd.Series,
    passed: Sequence[Found],
    reasons: Sequence[Path] = (),
) -> Counted:
    """Lay out what every delivery publishes, whatever its files were.

    `codes` has the rows of each code before the mergers of July 2025.
    """
    units = registers.units
    if recipe.delivery.units_of == "today":
        panel, summed = of_today(panel, units, complete=registers.complete)
        panel = panel.assign(file=_file(recipe))
        passed = [*passed, *summed]
    findings = _read([part.tables["findings"] for part in parts], "findings")
    ingested = schemas.build(sorted(account, key=_key), "ingested")
    rejected = _read([*(part.tables["rejected"] for part in parts), *reasons], "rejected")
    tables = {
        "panel": schemas.check(panel, "panel"),
        "findings": _told(pa.concat_tables([worded(passed)["findings"], findings]), "findings"),
        "rejected": _told(rejected, "rejected"),
        "ingested": ingested,
        "sources": _source(parts, recipe),
        "units": units_of(panel, units),
    }
    rows = {name: int(ingested[name].sum()) for name in ACCOUNT}
    read = sum(one.read for part in parts for one in part.accounts)
    if rows["read"] != read or rows["read"] != sum(rows[name] for name in ACCOUNT[1:]):
        kept = rows["accepted"] + rows["rejected"] + rows["duplicates"]
        raise DefectError("rows_lost", file=f"{DELIVERIES}/{recipe.name}", read=read, kept=kept)
    return Counted(
        tables=tables,
        rows={"files": len(parts), **rows, "panel": len(panel)},
        gaps=gaps(units, codes, on=(MERGED - pd.Timedelta(days=1)).date()),
    )


def units_of(panel: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Keep the units of a panel with those above them and those they went into."""
    wanted = set(panel["unit"])
    while True:
        rows = units[units["code"].isin(wanted)]
        more = {*rows["parent"].dropna(), *rows["province"].dropna(), *rows["successor"].dropna()}
        if more <= wanted:
            return rows.reset_index(drop=True)
        wanted |= more


def _source(parts: Sequence[Part], recipe: Recipe) -> pd.DataFrame:
    """Describe the delivery as one row of table sources; its hash is that of its files."""
    delivery = recipe.delivery
    text = "\n".join(f"{part.sha256}  {part.file}" for part in parts)
    return schemas.build(
        [
            {
                "source": recipe.name,
                "title_short": delivery.label_en,
                "publisher": delivery.publisher,
                "published": pd.Timestamp(delivery.as_of),
                "province": delivery.province,
                "kind": "simulated" if delivery.simulated else "office_files",
                "text_sha256": sha256_bytes(text.encode()),
                "text_file": f"{DELIVERIES}/{recipe.name}",
            }
        ],
        "sources",
    )


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["file"]), str(row["sheet"] or "")


def _read(paths: Sequence[Path], table: str) -> pa.Table:
    schema = pa.Schema.from_pandas(schemas.empty(table), preserve_index=False).remove_metadata()
    read = [pq.read_table(path).select(schema.names).cast(schema) for path in paths]
    return pa.concat_tables(read or [schema.empty_table()])


def _told(table: pa.Table, name: str) -> pd.DataFrame:
    """Hold lines of places and values against their contract; personal data in them is covered."""
    lines = table.to_pandas().astype(dict(schemas.empty(name).dtypes))
    return schemas.check(cover(lines, ("value", "column")), name)
