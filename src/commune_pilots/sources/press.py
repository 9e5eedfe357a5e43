"""Press figures: the transcribed tables of data/raw/press, typed once and cross-checked.

Every printed figure is entered twice, as printed and as a number; both must agree.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from commune_pilots import schemas
from commune_pilots.errors import ContractError, Failure, InputError
from commune_pilots.params import Indicator
from commune_pilots.sources import vietnamese
from commune_pilots.sources.panel import day_failures, panel_failures

Tables = dict[str, pd.DataFrame]


def read_press(folder: Path, indicators: Mapping[str, Indicator], *, shown: str) -> Tables:
    """Read and check all raw tables of one folder; `shown` is the folder's name in messages.

    A table of `schemas.OPTIONAL` without a file is empty.
    Raises InputError for a missing or unreadable file and ContractError listing every value, in
    file order, that breaks a type, a rule, a bound or a reference.
    """
    tables: Tables = {}
    failures: list[Failure] = []
    for table in schemas.RAW_TABLES:
        file = f"{shown}/{table}.csv"
        try:
            lines = _read_text(folder / f"{table}.csv", file)
        except InputError as unread:
            if unread.key != "raw_missing" or table not in schemas.OPTIONAL:
                raise
            tables[table] = schemas.empty(table)
            continue
        frame, broken = _typed(lines, table, file)
        failures.extend(broken)
        if not broken:
            try:
                schemas.check(frame, table, file=file)
            except ContractError as invalid:
                failures.extend(invalid.failures)
        if not broken and table in ("observations", "units") and frame.empty:
            raise InputError("raw_no_rows", file=file)
        tables[table] = frame
    if not failures:
        failures.extend(check_press(tables, indicators, shown=shown))
    if failures:
        raise ContractError(failures)
    return tables


def check_press(
    tables: Tables, indicators: Mapping[str, Indicator], *, shown: str
) -> list[Failure]:
    """Check what one table says of another, and each figure against its indicator's bounds."""
    known = {
        "unit": set(tables["units"]["code"]),
        "source": set(tables["sources"]["source"]),
        "indicator": set(indicators),
    }
    found: list[Failure] = []
    for table in schemas.RAW_TABLES[1:]:
        frame = tables[table]
        for column in ("unit", "source", "indicator"):
            if column not in frame:
                continue
            for row, value in _with_rows(frame, frame[column]):
                if value not in known[column]:
                    found.append(_failure(shown, table, row, column, value, f"unknown_{column}"))
    for table, column in (("interventions", "indicators"), ("events", "moves")):
        frame = tables[table]
        for row, named in _with_rows(frame, frame[column].fillna("")):
            for value in filter(None, str(named).split(";")):
                if value not in indicators:
                    found.append(_failure(shown, table, row, column, value, "unknown_indicator"))
    found.extend(_candidate_failures(tables, indicators, shown))
    found.extend(panel_failures(tables["panel"], indicators, file=f"{shown}/panel.csv"))
    found.extend(day_failures(tables["days"], indicators, file=f"{shown}/days.csv"))
    observations = tables["observations"]
    found.extend(_entered_twice(observations, shown))
    for position, (row, indicator) in enumerate(
        _with_rows(observations, observations["indicator"])
    ):
        if indicator in indicators:
            found.extend(
                _figure_failures(
                    observations.iloc[position], row, indicators[str(indicator)], shown
                )
            )
    return found


def _candidate_failures(
    tables: Tables, indicators: Mapping[str, Indicator], shown: str
) -> Iterator[Failure]:
    """Hold the candidates against the units listed and the definitions of a share filed online."""
    units = tables["units"]
    provinces = set(units.loc[units["level"] == "province", "code"])
    communes = units[units["level"] == "commune"]
    today = communes[communes["valid_to"].isna()]
    names = dict(zip(today["code"], today["name"], strict=True))
    merged: defaultdict[str, list[Any]] = defaultdict(list)
    for unit in communes[communes["successor"].notna()].itertuples():
        merged[str(unit.code)].append(unit)
    definitions = indicators["online_share"].definitions
    for row, candidate in enumerate(tables["candidates"].to_dict("records"), start=2):
        name = names.get(candidate["candidate"], candidate["name"])
        named = set(candidate["formers"].split(";")) & merged.keys()
        formers = sorted((unit for code in named for unit in merged[code]), key=attrgetter("Index"))
        yield from _unlike_units(candidate, row, provinces, name, formers, shown)
        if pd.isna(candidate["definition"]):
            if pd.notna(candidate["online_share"]):
                yield _failure(shown, "candidates", row, "definition", None, "required")
        elif (value := candidate["definition"]) not in definitions:
            yield _failure(
                shown,
                "candidates",
                row,
                "definition",
                value,
                "unknown_definition",
                accepted=", ".join(definitions),
            )


def _unlike_units(
    candidate: Mapping[Hashable, object],
    row: int,
    provinces: Collection[str],
    name: str,
    formers: Sequence[Any],
    shown: str,
) -> Iterator[Failure]:
    """Find what units.csv says otherwise: provinces, the name, and where its communes went."""

    def fail(column: str, rule: str, **values: object) -> Failure:
        return _failure(shown, "candidates", row, column, candidate[column], rule, **values)

    for column in ("province", "former_province"):
        if candidate[column] not in provinces:
            yield fail(column, "unknown_unit")
    if candidate["name"] != name:
        yield fail("name", "isin", accepted=name)
    for former in formers:
        if former.province != candidate["former_province"]:
            yield fail("former_province", "isin", accepted=former.province)
        if former.successor_part == "whole" and former.successor != candidate["candidate"]:
            yield fail("candidate", "isin", accepted=former.successor)


def _entered_twice(observations: pd.DataFrame, shown: str) -> Iterator[Failure]:
    """Find figures that stand in two rows: everything equal but the id, the note and the place."""
    same = [name for name in observations if name not in ("observation", "note", "file", "row")]
    first = observations.groupby(same, dropna=False)["row"].transform("min")
    for row, earlier, name in zip(
        observations["row"], first, observations["observation"], strict=True
    ):
        if row != earlier:
            yield _failure(
                shown,
                "observations",
                int(row),
                "observation",
                name,
                "figure_twice",
                accepted=int(earlier),
            )


def _figure_failures(
    figure: pd.Series, row: int, indicator: Indicator, shown: str
) -> Iterator[Failure]:
    def fail(column: str, rule: str, **values: object) -> Failure:
        return _failure(shown, "observations", row, column, figure[column], rule, **values)

    if figure["role"] == "before" and indicator.unit != "percent":
        yield fail("role", "share_needed")
    if figure["definition"] not in indicator.definitions:
        yield fail("definition", "unknown_definition", accepted=", ".join(indicator.definitions))
    unquantified = figure["qualifier"] in ("none_yet", "no_number") or figure["role"] == "deadline"
    if pd.isna(figure["value"]):
        if not unquantified:
            yield fail("value", "required")
        return
    if unquantified:
        yield fail("value", "must_be_empty")
        return
    value = float(figure["value"])
    if indicator.minimum is not None and value < indicator.minimum:
        yield fail("value", "least", accepted=f"{indicator.minimum:g}")
    if indicator.maximum is not None and value > indicator.maximum:
        yield fail("value", "most", accepted=f"{indicator.maximum:g}")
    try:
        printed = vietnamese.parse_figure_of(str(figure["printed"]), indicator.unit)
    except ValueError:
        yield fail("printed", "figure", accepted=vietnamese.figure_forms(indicator.unit))
        return
    if float(printed.value) != value:
        yield fail("value", "agree_with_printed", accepted=str(figure["printed"]))
    if pd.isna(figure["decimals"]) or printed.decimals != int(figure["decimals"]):
        yield fail("decimals", "agree_with_printed", accepted=str(figure["printed"]))


def _read_text(path: Path, file: str) -> list[list[str]]:
    try:
        raw = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as missing:
        raise InputError("raw_missing", file=file) from missing
    except UnicodeDecodeError as broken:
        raise InputError("raw_encoding", file=file, position=broken.start) from broken
    except OSError as broken:
        raise InputError("raw_unreadable", file=file, reason=broken.strerror) from broken
    try:
        lines = list(csv.reader(raw.splitlines(keepends=True), strict=True))
    except csv.Error as broken:
        raise InputError("raw_csv", file=file, reason=str(broken)) from broken
    if not lines:
        raise InputError("raw_empty", file=file)
    return lines


def _typed(lines: list[list[str]], table: str, file: str) -> tuple[pd.DataFrame, list[Failure]]:
    """Turn text into the contract's types, noting every value that is not of its kind."""
    header, *rows = lines
    expected = {k: v for k, v in schemas.columns(table).items() if k not in ("file", "row")}
    failures = (
        [
            Failure(file=file, row=1, column=name, value=name, rule="column_missing")
            for name in expected
            if name not in header
        ]
        + [
            Failure(file=file, row=1, column=name, value=name, rule="column_unknown")
            for name in header
            if name not in expected
        ]
        + [
            Failure(file=file, row=1, column=name, value=name, rule="column_twice")
            for name in expected
            if header.count(name) > 1
        ]
    )
    for place, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            failures.append(
                Failure(
                    file=file,
                    row=place,
                    column="-",
                    value=str(len(cells)),
                    rule="fields",
                    rule_values=(("accepted", len(header)),),
                )
            )
    if failures:
        return schemas.empty(table), failures
    typed: dict[str, pd.Series] = {}
    for name, kind in expected.items():
        at = header.index(name)
        values: list[object] = []
        for place, cells in enumerate(rows, start=2):
            text = vietnamese.normalise(cells[at])
            try:
                values.append(_READ[kind](text) if text else None)
            except ValueError:
                values.append(None)
                failures.append(
                    Failure(file=file, row=place, column=name, value=text[:80], rule=f"kind_{kind}")
                )
        typed[name] = pd.Series(values, dtype=schemas.DTYPES[kind])
    frame = pd.DataFrame(typed)
    if "row" in schemas.columns(table):
        frame = frame.assign(file=file, row=pd.Series(range(2, len(frame) + 2), dtype="Int64"))
    return frame, failures


def _date(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d")  # a calendar day has no zone


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError(text)
    return int(text)


_READ: dict[str, Callable[[str], object]] = {
    "text": str,
    "number": float,
    "count": _count,
    "date": _date,
}


def _with_rows(frame: pd.DataFrame, column: pd.Series) -> Iterator[tuple[int, object]]:
    rows = frame["row"] if "row" in frame else range(2, len(frame) + 2)
    return ((int(row), value) for row, value in zip(rows, column, strict=True))


def _failure(
    shown: str, table: str, row: int, column: str, value: object, rule: str, **values: object
) -> Failure:
    written = "" if pd.isna(value) else str(value)[:80]  # type: ignore[call-overload]
    return Failure(
        file=f"{shown}/{table}.csv",
        row=row,
        column=column,
        value=written,
        rule=rule,
        rule_values=tuple(values.items()),
    )
