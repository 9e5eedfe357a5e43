"""The same work on a dossier log written by hand: SQL, Polars, pandas; and a bare scan."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from commune_pilots.clean import log_rules
from commune_pilots.clean.unit_validity import validity
from commune_pilots.simulate.dossiers import Truth

TRUTH = Truth(rows=1, seed=7, pilots=("28159", "28237", "27691"))
AS_OF = TRUTH.drawn
IDS = ("online_a_received", "online_b_received", "on_time_a_received", "payment_a_received")
CELL = ["unit", "since", "month"]
SUMS = [f"{one}__{what}" for one in IDS for what in ("part", "whole", "unknown")]
FLAGS = ["file", "rule", "column", "rows"]
REASON = ["file", "sheet", "row", "column", "value", "rule", "message_vi", "message_en"]
PLACE = ["file", "row"]
FACTS = ["unit", "procedure", "channel", "day"]
BARE = "case when dossier like '%-______-%' then dossier else coalesce(unit,'')||'|'||dossier end"
# Rule, column, condition in SQL: what the contract and the project's rules say, by hand.
RULES = [
    ("required", "dossier", "dossier is null"),
    ("pattern", "unit", r"not regexp_matches(unit, '^[0-9A-Za-z_-]{1,40}\z')"),
    ("isin", "channel", "channel not in ('counter','online','post')"),
    ("isin", "level", "level not in ('full_process','partial','information')"),
    ("least", "status", "status < 1"),
    ("most", "status", "status > 10"),
    ("least", "supplements", "supplements < 0"),
    ("least", "fee_due", "fee_due < 0"),
    ("least", "fee_paid", "fee_paid < 0"),
    ("isin", "paid", "paid not in ('national_portal','other_online','not_online')"),
    ("least", "components", "components < 0"),
    ("least", "components_digitised", "components_digitised < 0"),
    ("least", "components_reused", "components_reused < 0"),
    ("least", "result_digitised", "result_digitised < 0"),
    ("most", "result_digitised", "result_digitised > 1"),
    ("isin", "filer", "filer not in ('owner','somebody_else')"),
    ("pattern", "account", r"not regexp_matches(account, '^[0-9a-f]{16}\z')"),
    ("log_no_unit", "unit", "unit is null"),
    ("log_no_received", "received", "received is null"),
    ("log_too_early", "received", "received::date < date '2000-01-01'"),
    ("log_in_future", "received", f"received::date > date '{AS_OF}'"),
    ("log_in_future", "completed", f"completed::date > date '{AS_OF}'"),
    ("log_in_future", "returned", f"returned::date > date '{AS_OF}'"),
    (
        "log_day_month_swapped", "received",
        "dossier like '%-______-%' and "
        "substr(dossier, strpos(dossier,'-')+1, 6) = strftime(received, '%y%d%m') and "
        "substr(dossier, strpos(dossier,'-')+1, 6) <> strftime(received, '%y%m%d')",
    ),
    ("log_due_before_received", "due", "due::date < received::date"),
    ("log_completed_before_received", "completed", "completed::date < received::date"),
    ("log_returned_before_received", "returned", "returned::date < received::date"),
    ("log_part_above_whole", "fee_paid", "fee_paid > fee_due"),
    ("log_part_above_whole", "components_digitised", "components_digitised > components"),
    ("log_part_above_whole", "components_reused", "components_reused > components"),
    (
        "log_unit_unknown", "unit",
        "unit is not null and received is not null and unit_outcome is null",
    ),
    ("log_unit_not_valid", "unit", "unit_outcome in ('not_yet','split')"),
]  # fmt: skip
# Rule and column that flag a row, condition.
FLAGGED = {
    "log_returned_before_completed__returned": "returned::date < completed::date",
    "log_done_undated__completed": "status in (9,10) and completed is null",
    "log_dated_undone__status": "status not in (9,10) and completed is not null",
    "log_paid_nothing__paid": "fee_due = 0 and paid in ('national_portal','other_online')",
    "log_unit_succeeded__unit": "unit_outcome = 'succeeded'",
}
# Definition: whole, part.
WAYS = {
    "online_a_received": ("status not in (1,3)", "channel = 'online'"),
    "online_b_received": (
        "status not in (1,3) and level in ('full_process','partial') "
        "and channel in ('counter','online')",
        "channel = 'online'",
    ),
    "on_time_a_received": (
        "status in (9,10)",
        "status in (9,10) and completed::date <= due::date",
    ),
    "payment_a_received": ("status not in (1,3) and fee_due > 0", "paid = 'national_portal'"),
}
COLUMNS = (
    "dossier, unit, procedure, channel, level, status, received, due, completed, returned, "
    "supplements, fee_due, fee_paid, paid, components, components_digitised, components_reused, "
    "result_digitised, filer, account, file, sheet, row"
)
_FLOATS = ("fee_due", "fee_paid")
_TIMES = ("received", "due", "completed", "returned")


def words() -> pd.DataFrame:
    """Give the words of each rule and column in both languages; every side has them for nothing."""
    known = log_rules.log_rules(as_of=AS_OF, located=True)
    return pd.DataFrame(
        {
            "rule": rule.id,
            "column": rule.columns[0],
            "message_vi": rule.message("vi"),
            "message_en": rule.message("en"),
        }
        for rule in (*known, *log_rules._REPEATED.values())
    )


def by_sql(folder: Path, spill: Path, memory: str, units: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Judge a log in DuckDB by statements written for it."""
    con = _duckdb(spill, memory)
    con.register("spans", validity(units))
    con.execute(f"create view raw as select {COLUMNS} from read_parquet('{folder}/*.parquet')")
    con.execute(
        "create view log as select raw.*, at_unit, at_since, unit_outcome from raw left join spans "
        "on unit = code and received::date between starts and ends"
    )
    con.execute(
        f"create temp table again as select {BARE} as key from raw "
        "where dossier is not null group by 1 having count(*) > 1"
    )
    mask = " + ".join(
        f"case when {rule[2]} then {1 << bit}::bigint else 0 end" for bit, rule in enumerate(RULES)
    )
    con.execute(
        f"create temp table aside as select * from (select log.*, {mask} as broken, {BARE} as key "
        "from log) left join (select key, true as twice from again) using (key) "
        "where broken <> 0 or twice"
    )
    sound = con.execute(
        "select file, row, key, unit, procedure, channel, received::date as day "
        "from aside where broken = 0"
    ).df()
    con.register("settled", _settled(sound))
    con.execute(
        "create temp table judged as select aside.*, case when broken <> 0 then 'rejected' else "
        "settled.verdict end as verdict from aside left join settled using (file, row)"
    )
    cases = " union all ".join(
        f"select file, sheet, row, '{column}' as \"column\", {_written(column)} as value, "
        f"'{rule}' as rule from judged where broken & {1 << bit} <> 0"
        for bit, (rule, column, _) in enumerate(RULES)
    )
    con.register("words", words())
    con.execute(
        f'copy (select file, sheet, row, "column", value, rule, message_vi, message_en from '
        f"({cases} union all select file, sheet, row, 'dossier', dossier, 'log_' || verdict "
        "from judged where verdict in ('duplicate','conflict')) join words using "
        '(rule, "column") order by file, sheet, row, "column", rule) '
        f"to '{spill}/rejected.parquet' (format parquet)"
    )
    sums = ", ".join(
        f"coalesce(sum(case when {condition} then 1 else 0 end), 0)::bigint as {name}__{what}"
        for name, (whole, part) in WAYS.items()
        for what, condition in {
            "part": f"({whole}) and ({part})",
            "whole": f"({whole}) and ({part}) is not null",
            "unknown": f"coalesce({whole}, true) and not coalesce(({whole}) and ({part}) is not "
            "null, false)",
        }.items()
    )
    sums += "".join(
        f", coalesce(sum(case when {condition} then 1 else 0 end), 0)::bigint as {name}"
        for name, condition in FLAGGED.items()
    )
    cell = (
        "at_unit as unit, at_since as since, date_trunc('month', received)::date as month, file, "
        f"count(*) as rows, {sums}"
    )
    everything = con.execute(f"select {cell} from log group by 1, 2, 3, 4").df()
    out = con.execute(
        f"select {cell}, verdict from judged where verdict <> 'accepted' "
        "group by 1, 2, 3, 4, verdict"
    ).df()
    return _gathered(everything, out)


def by_scan(folder: Path, spill: Path, memory: str, units: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Decode every column once and keep nothing: the least that any side must do."""
    largest = ", ".join(f"max({name})" for name in COLUMNS.split(", "))
    con = _duckdb(spill, memory)
    con.execute(f"select {largest} from read_parquet('{folder}/*.parquet')").fetchall()
    return {}


def by_pandas(
    folder: Path, spill: Path, memory: str, units: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Judge a log in pandas, all of it in memory."""
    files = sorted(folder.glob("*.parquet"))
    log = pd.concat([_read(path) for path in files], ignore_index=True)
    return _in_pandas([log], _twice([log]), units, spill)


def by_pandas_files(
    folder: Path, spill: Path, memory: str, units: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Judge a log in pandas file by file; only hashes of keys are held for all of it."""
    files = sorted(folder.glob("*.parquet"))
    keys = _twice(pd.read_parquet(path, columns=["dossier", "unit"]) for path in files)
    return _in_pandas((_read(path) for path in files), keys, units, spill)


def by_polars(
    folder: Path, spill: Path, memory: str, units: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Judge a log in Polars: one lazy query for what is set aside, one for the counts."""
    spans = pl.from_pandas(validity(units)).lazy()
    raw = pl.scan_parquet(f"{folder}/*.parquet").select(COLUMNS.split(", "))
    key = (
        pl.when(pl.col("dossier").str.contains("-.{6}-"))
        .then("dossier")
        .otherwise(pl.col("unit").fill_null("") + "|" + pl.col("dossier"))
    )
    day = pl.col("received").dt.date()
    # An interval lies in one of three; the join on code alone would multiply the rows.
    bounds = spans.group_by("code").agg("starts", "ends", "at_unit", "at_since", "unit_outcome")
    placed = raw.join(bounds, left_on="unit", right_on="code", how="left").with_columns(
        at=pl.sum_horizontal(
            (pl.col("starts").list.get(place, null_on_oob=True) <= day).fill_null(False)
            for place in range(5)
        ) - 1
    )  # fmt: skip
    known = (pl.col("at") >= 0) & day.is_not_null()
    log = placed.with_columns(
        pl.when(known).then(pl.col(name).list.get(pl.col("at"), null_on_oob=True)).alias(name)
        for name in ("at_unit", "at_since", "unit_outcome")
    ).drop("starts", "ends", "at")
    again = raw.filter(pl.col("dossier").is_not_null()).group_by(key.alias("key")).len()
    twice = again.filter(pl.col("len") > 1).select("key", twice=True)
    swap = pl.col("dossier").str.extract(r"-(.{6})-", 1)
    special = {
        "log_day_month_swapped": pl.col("dossier").str.contains("^[^-]*-.{6}-")
        & (swap == pl.col("received").dt.strftime("%y%d%m"))
        & (swap != pl.col("received").dt.strftime("%y%m%d")),
        "pattern.unit": ~pl.col("unit").str.contains(r"^[0-9A-Za-z_-]{1,40}$"),
        "pattern.account": ~pl.col("account").str.contains(r"^[0-9a-f]{16}$"),
    }
    conditions = []
    for rule, column, condition in RULES:
        own = special.get(rule, special.get(f"{rule}.{column}"))
        conditions.append(pl.sql_expr(_polars_sql(condition)) if own is None else own)
    mask = pl.sum_horizontal(
        pl.when(condition).then(pl.lit(1 << bit, pl.Int64)).otherwise(0)
        for bit, condition in enumerate(conditions)
    )
    checked = log.with_columns(broken=mask, key=key).join(twice, on="key", how="left")
    aside = checked.filter((pl.col("broken") != 0) | pl.col("twice"))
    sums = {}
    for name, (whole, part) in WAYS.items():
        inside, counted = pl.sql_expr(_polars_sql(whole)), pl.sql_expr(_polars_sql(part))
        sure = (inside & counted.is_not_null()).fill_null(False)
        sums[f"{name}__part"] = (inside & counted).fill_null(False).sum()
        sums[f"{name}__whole"] = sure.sum()
        sums[f"{name}__unknown"] = (inside.fill_null(True) & ~sure).sum()
    for name, condition in FLAGGED.items():
        sums[name] = pl.sql_expr(_polars_sql(condition)).fill_null(False).sum()
    cell = ["at_unit", "at_since", day.dt.truncate("1mo").alias("month"), "file"]
    names = {"at_unit": "unit", "at_since": "since"}
    everything, held = pl.collect_all(
        [log.group_by(cell).agg(rows=pl.len(), **sums), aside], engine="streaming"
    )
    sound = held.filter(pl.col("broken") == 0).with_columns(day=day).to_pandas()
    settled = pl.from_pandas(_settled(sound)[["file", "row", "verdict"]])
    judged = held.join(settled, on=PLACE, how="left").with_columns(
        verdict=pl.when(pl.col("broken") != 0).then(pl.lit("rejected")).otherwise("verdict")
    )
    out = judged.filter(pl.col("verdict") != "accepted")
    counted = out.group_by([*cell, "verdict"]).agg(rows=pl.len(), **sums)
    _write_reasons(out.to_pandas(), spill)
    return _gathered(everything.rename(names).to_pandas(), counted.rename(names).to_pandas())


def _duckdb(spill: Path, memory: str) -> duckdb.DuckDBPyConnection:
    settings = {"memory_limit": memory, "temp_directory": str(spill)}
    return duckdb.connect(config={**settings, "preserve_insertion_order": False})


def _written(column: str) -> str:
    """Write a value as a person would; an account is never repeated."""
    if column == "account":
        return "null::varchar"
    if column in _TIMES:
        return rf"regexp_replace(strftime({column}, '%Y-%m-%d %H:%M:%S'), ' 00:00:00$', '')"
    text = f"left({column}::varchar, 80)"
    return rf"regexp_replace({text}, '\.0$', '')" if column in _FLOATS else text


def _polars_sql(condition: str) -> str:
    return condition.replace("::date", "::DATE")


def _read(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path, columns=COLUMNS.split(", "), dtype_backend="numpy_nullable")


def _key(log: pd.DataFrame) -> pd.Series:
    national = log["dossier"].str.contains(r"-.{6}-", regex=True).fillna(False).astype(bool)
    bare = log["unit"].fillna("") + "|" + log["dossier"]
    return log["dossier"].where(national, bare)


def _twice(parts: object) -> np.ndarray:
    """Find hashes of keys that occur more than once, from frames that are read one by one."""
    hashes = []
    for part in parts:
        key = _key(part)
        coded = key[part["dossier"].notna()].to_numpy(dtype=object)
        hashes.append(pd.util.hash_array(coded, categorize=False))
    found = np.sort(np.concatenate(hashes))
    return np.unique(found[1:][found[1:] == found[:-1]])


def _in_pandas(
    parts: object, twice: np.ndarray, units: pd.DataFrame, spill: Path
) -> dict[str, pd.DataFrame]:
    spans = validity(units)
    counted, held = [], []
    for part in parts:
        log = _placed(part, spans)
        key = _key(log)
        log["day"] = log["received"].dt.normalize()
        log["broken"] = _mask(log)
        hashed = pd.util.hash_array(key.fillna("").to_numpy(dtype=object), categorize=False)
        again = np.isin(hashed, twice) & log["dossier"].notna().to_numpy()
        _tallied(log)
        held.append(log[(log["broken"] != 0) | again].assign(key=key))
        counted.append(_cells(log, []))
    aside = pd.concat(held, ignore_index=True)
    settled = _settled(aside[aside["broken"] == 0])
    judged = aside.merge(settled[[*PLACE, "verdict"]], on=PLACE, how="left")
    judged["verdict"] = judged["verdict"].where(judged["broken"] == 0, "rejected")
    out = judged[judged["verdict"] != "accepted"]
    _write_reasons(out, spill)
    return _gathered(pd.concat(counted), _cells(out, ["verdict"]))


def _placed(log: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    found = log.reset_index(drop=True)
    day = found["received"].dt.normalize()
    new = {name: pd.Series(pd.NA, index=found.index, dtype="object")
           for name in ("at_unit", "at_since", "unit_outcome")}  # fmt: skip
    for code, own in found.groupby("unit", sort=False).groups.items():
        days = day.loc[own]
        for span in spans[spans["code"] == code].itertuples():
            inside = own[
                ((days >= pd.Timestamp(span.starts)) & (days <= pd.Timestamp(span.ends)))
                .fillna(False)
                .to_numpy(dtype=bool)
            ]
            for name, column in new.items():
                column.loc[inside] = getattr(span, name)
    return found.assign(**new)


def _mask(log: pd.DataFrame) -> pd.Series:
    for name in ("received", "due", "completed", "returned"):
        log[f"{name}_day"] = log[name].dt.normalize()
    mask = np.zeros(len(log), dtype="int64")
    for bit, (rule, name, _) in enumerate(RULES):
        broken = _broken(log, rule, name).fillna(False).to_numpy(dtype=bool)
        mask |= broken.astype("int64") << bit
    return pd.Series(mask, index=log.index)


def _broken(log: pd.DataFrame, rule: str, name: str) -> pd.Series:
    value = log[name]
    if rule in ("required", "log_no_unit", "log_no_received"):
        return value.isna()
    if rule == "isin":
        return value.notna() & ~value.isin(_WORDS[name])
    if rule == "pattern":
        return ~value.str.fullmatch("[0-9A-Za-z_-]{1,40}" if name == "unit" else "[0-9a-f]{16}")
    if rule == "least":
        return value < (1 if name == "status" else 0)
    if rule == "most":
        return value > (10 if name == "status" else 1)
    if rule == "log_part_above_whole":
        return value > log["fee_due" if name == "fee_paid" else "components"]
    if rule == "log_day_month_swapped":
        return _swapped(log)
    if rule == "log_unit_unknown":
        return value.notna() & log["received"].notna() & log["unit_outcome"].isna()
    if rule == "log_unit_not_valid":
        return log["unit_outcome"].isin(["not_yet", "split"])
    day = log[f"{name}_day"]
    limits = {"log_too_early": day < _EARLIEST, "log_in_future": day > pd.Timestamp(AS_OF)}
    return limits.get(rule, day < log["received_day"])


def _swapped(log: pd.DataFrame) -> pd.Series:
    """Compare codes with days only where day and month could have changed places."""
    received = log["received"].dt
    could = ((received.day <= 12) & (received.day != received.month)).fillna(False).astype(bool)
    own = log.loc[could, ["dossier", "received_day"]]
    told = pc.extract_regex(pa.array(own["dossier"], pa.string()), r"^[^-]*-(?P<date>.{6})-")
    days = own["received_day"].drop_duplicates()
    turned = own["received_day"].map(dict(zip(days, days.dt.strftime("%y%d%m"), strict=True)))
    same = pc.struct_field(told, "date").to_numpy(zero_copy_only=False) == turned.to_numpy()
    found = np.zeros(len(log), dtype=bool)
    found[could.to_numpy()] = same
    return pd.Series(found, index=log.index)


_EARLIEST = pd.Timestamp(2000, 1, 1)
_WORDS = {
    "channel": ["counter", "online", "post"],
    "level": ["full_process", "partial", "information"],
    "paid": ["national_portal", "other_online", "not_online"],
    "filer": ["owner", "somebody_else"],
}


def _tallied(log: pd.DataFrame) -> None:
    received, done = ~log["status"].isin([1, 3]), log["status"].isin([9, 10])
    received, done = (
        one.astype("boolean").where(log["status"].notna()) for one in (received, done)
    )
    channel, online = log["channel"], (log["channel"] == "online").astype("boolean")
    met = channel.isin(["counter", "online"]).astype("boolean").where(channel.notna())
    graded = log["level"].isin(["full_process", "partial"]).astype("boolean")
    graded = graded.where(log["level"].notna())
    in_time = log["completed"].dt.normalize() <= log["due"].dt.normalize()
    in_time = in_time.astype("boolean").where(log["completed"].notna() & log["due"].notna())
    portal = (log["paid"] == "national_portal").astype("boolean")
    owes = (log["fee_due"] > 0).astype("boolean")
    for name, (whole, part) in {
        IDS[0]: (received, online),
        IDS[1]: (received & graded & met, online),
        IDS[2]: (done, done & in_time),
        IDS[3]: (received & owes, portal),
    }.items():
        sure = (whole & part.notna()).fillna(False)
        log[f"{name}__part"] = (whole & part).fillna(False).astype("int64")
        log[f"{name}__whole"] = sure.astype("int64")
        log[f"{name}__unknown"] = (whole.fillna(True) & ~sure).astype("int64")
    early = log["returned"].dt.normalize() < log["completed"].dt.normalize()
    free = log["paid"].isin(["national_portal", "other_online"]) & (log["fee_due"] == 0)
    flagged = (
        early,
        done & log["completed"].isna(),
        ~done & log["completed"].notna(),
        free,
        log["unit_outcome"] == "succeeded",
    )
    for name, condition in zip(FLAGGED, flagged, strict=True):
        log[name] = condition.fillna(False).astype("int64")


def _cells(log: pd.DataFrame, more: list[str]) -> pd.DataFrame:
    month = log["received"].dt.to_period("M").dt.start_time.dt.date
    keyed = log.assign(unit=log["at_unit"], since=log["at_since"], month=month, rows=1)
    groups = keyed.groupby([*CELL, "file", *more], dropna=False)
    return groups[["rows", *SUMS, *FLAGGED]].sum().reset_index()


def _settled(sound: pd.DataFrame) -> pd.DataFrame:
    """Decide which row of each repeated key stands: last of the last file, none if facts differ."""
    ordered = sound.sort_values(PLACE, kind="stable")
    groups = ordered.groupby("key")
    differs = (groups[FACTS].nunique() > 1).any(axis=1)
    last = ~ordered.duplicated("key", keep="last")
    verdict = np.where(last, "accepted", "duplicate")
    verdict = np.where(ordered["key"].map(differs).astype(bool), "conflict", verdict)
    return ordered[PLACE].assign(verdict=verdict)


def _write_reasons(out: pd.DataFrame, spill: Path) -> None:
    """Write every rule that a row breaks with its value and its words, in the order of places."""
    told = [
        _line(out[out["broken"] & (1 << bit) != 0], column, rule)
        for bit, (rule, column, _) in enumerate(RULES)
    ]
    again = out[out["verdict"].isin(["duplicate", "conflict"])]
    told.append(_line(again, "dossier", "log_" + again["verdict"]))
    lines = pd.concat(told, ignore_index=True).merge(words(), on=["rule", "column"])
    lines = lines.sort_values(["file", "sheet", "row", "column", "rule"])[REASON]
    pq.write_table(pa.Table.from_pandas(lines, preserve_index=False), spill / "rejected.parquet")


def _line(found: pd.DataFrame, column: str, rule: object) -> pd.DataFrame:
    if column in _TIMES:
        values = found[column].dt.strftime("%Y-%m-%d %H:%M:%S").str.removesuffix(" 00:00:00")
    else:
        values = found[column].astype("str").where(found[column].notna())
    if column in _FLOATS:
        values = values.str.removesuffix(".0")
    value = None if column == "account" else values.str.slice(0, 80)
    return found[["file", "sheet", "row"]].assign(column=column, value=value, rule=rule)


def _gathered(everything: pd.DataFrame, out: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Take what is not accepted off the counts and lay the results out as every side does."""
    sums = ["rows", *SUMS, *FLAGGED]
    less = out.assign(**{name: -out[name].astype("int64") for name in sums})
    both = pd.concat([everything, less])
    both = both.assign(**{name: pd.to_datetime(both[name]).dt.date for name in ("since", "month")})
    cells = both.groupby(CELL, dropna=False)[sums].sum()
    by_file = everything.groupby("file")["rows"].sum()
    rejected = out[out["verdict"] != "duplicate"].groupby("file")["rows"].sum()
    duplicates = out[out["verdict"] == "duplicate"].groupby("file")["rows"].sum()
    account = pd.DataFrame({"read": by_file, "rejected": rejected, "duplicates": duplicates})
    account = account.fillna(0).astype("int64")
    account.insert(1, "accepted", account["read"] - account["rejected"] - account["duplicates"])
    flags = both.groupby("file")[list(FLAGGED)].sum().reset_index()
    flags = flags.melt(id_vars="file", var_name="flag", value_name="rows")
    flags[["rule", "column"]] = flags["flag"].str.split("__", expand=True)
    return {
        "account": account.reset_index(),
        "cells": cells[cells["rows"] > 0][SUMS].reset_index(),
        "flags": flags.loc[flags["rows"] > 0, FLAGS],
    }
