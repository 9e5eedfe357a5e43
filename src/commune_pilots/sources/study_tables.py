"""Rows of a study's workbook to raw tables: what a person need not enter follows from the rest.

Ids follow from source and row, a figure's value and decimals from how it is printed, the precision
of a start from how much of it is written, a candidate's name and provinces from the units.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from commune_pilots import schemas
from commune_pilots.contracts import workbook
from commune_pilots.errors import NOTHING, Failure
from commune_pilots.keys import near
from commune_pilots.params import Indicator
from commune_pilots.sources.study_cells import CODE, Start, last_day
from commune_pilots.sources.study_figures import read_figure
from commune_pilots.sources.study_sheets import Entry, Filled
from commune_pilots.sources.study_units import Place, first_code, kind_of, read_units
from commune_pilots.sources.vietnamese import normalise

Tables = dict[str, pd.DataFrame]
_LETTER = {"observations": "s", "events": "e", "interventions": "i"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What stands outside the workbook: units and sources of the raw tables, and the catalogue."""

    units: pd.DataFrame
    sources: frozenset[str]
    indicators: Mapping[str, Indicator]


def build_tables(
    filled: Mapping[str, Filled], known: Known, *, study: str, place: str, sha256: str
) -> tuple[Tables, dict[str, list[int]], list[Failure]]:
    """Make raw tables of the sheets; rows of a sheet without faults of their own only.

    Returns the tables, the row of the sheet behind each of their rows, and every fault of a
    reference, an id, a unit's name or a figure. `place` is the workbook's path, `sha256` the hash
    of its bytes.
    """
    failures: list[Failure] = []
    units, placed, found = read_units(filled.get("units"), known.units)
    failures += found
    sources = _sources(filled, known, failures)
    context = _Context(placed, _unit_names(filled.get("units"), known.units), sources, known, study)
    rows: dict[str, list[dict[str, object]]] = {"units": [row for _, row in units]}
    numbers = {"units": [number for number, _ in units]}
    faulty = {(one.file, one.row) for one in failures}
    for table, sheet in filled.items():
        if table == "units":
            continue
        rows[table], numbers[table] = [], []
        for at, entry in enumerate(sheet.entries, start=1):
            found = list(_unknown(sheet, entry, context))
            row = dict(entry.values)
            if table in _MORE:
                more, also = _MORE[table](sheet, entry, context)
                row |= more
                found += also
            failures += found
            if found or not entry.sound or (sheet.file, entry.row) in faulty:
                continue
            row |= _ids(table, row, entry.row, at)
            if "file" in schemas.columns(table):
                row |= {"file": sheet.file, "row": entry.row}
            rows[table].append(row)
            numbers[table].append(entry.row)
    for row in rows.get("sources", []):
        row |= {"text_file": place, "text_sha256": sha256}
        row["province"] = _province_of(str(row["source"]), rows, placed)
    tables = {table: _frame(table, found) for table, found in rows.items()}
    return tables, numbers, failures


@dataclass(frozen=True, slots=True)
class _Context:
    units: Mapping[str, Place]
    names: Mapping[str, Sequence[str]]
    sources: Sequence[str]
    known: Known
    study: str


def _frame(table: str, rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Lay rows out as the raw table; several references become one text, parted by semicolons."""
    blank = schemas.empty(table)
    flat = [
        {
            name: ";".join(value) if isinstance(value, tuple) else value
            for name, value in row.items()
        }
        for row in rows
    ]
    return pd.DataFrame(flat, columns=list(blank.columns)).astype(dict(blank.dtypes))


def _ids(table: str, row: Mapping[str, object], number: int, at: int) -> dict[str, object]:
    if table == "decisions":
        return {"decision": f"{workbook.FIRST_DECISION[:-1]}{at}"}
    if letter := _LETTER.get(table):
        source = ";".join(row["source"])  # type: ignore[arg-type]
        return {table.removesuffix("s"): f"{source}-{letter}{number}"}
    return {}


def _sources(filled: Mapping[str, Filled], known: Known, failures: list[Failure]) -> list[str]:
    """List the workbook's own source codes; a code that is taken or stands twice is a fault."""
    first: dict[str, int] = {}
    if "sources" not in filled:
        return []
    sheet = filled["sources"]
    for entry in sheet.entries:
        # A code that stands in a struck cell is known, so that no other row has a second fault.
        code = str(entry.values.get("source") or entry.shown.get("source", ""))
        if not CODE.fullmatch(code):
            continue
        if code in known.sources:
            failures.append(sheet.fault(entry.row, "source", code, "study_source_taken"))
        elif code in first:
            failures.append(
                sheet.fault(entry.row, "source", code, "study_source_twice", accepted=first[code])
            )
        first.setdefault(code, entry.row)
    return list(first)


def _unit_names(sheet: Filled | None, register: pd.DataFrame) -> dict[str, list[str]]:
    """List the names that a unit's code had in any period, in the register and on the sheet."""
    names: dict[str, list[str]] = {}
    told = list(zip(register["code"], register["name"], strict=True))
    for entry in sheet.entries if sheet else ():
        told.append((entry.values.get("code", ""), entry.values.get("name", "")))
    for code, name in told:
        if code and name and name not in names.setdefault(str(code), []):
            names[str(code)].append(str(name))
    return names


def _province_of(
    source: str, rows: Mapping[str, Sequence[Mapping[str, object]]], placed: Mapping[str, Place]
) -> str | None:
    """Name the one province of all units that rows of a source name; None where there are more."""
    found = {
        placed[first_code(row["unit"])].province
        for table in rows.values()
        for row in table
        if "unit" in row and first_code(row.get("source")) == source and row["unit"] != ("VN",)
    }
    return next(iter(found)) if len(found) == 1 else None


def _unknown(sheet: Filled, entry: Entry, context: _Context) -> Iterator[Failure]:
    """Find every reference of a row to what nobody listed, with the nearest name."""
    indicator = context.known.indicators.get(first_code(entry.values.get("indicator")))
    if sheet.sheet.table == "candidates":
        indicator = context.known.indicators["online_share"]
    known: dict[str, Sequence[str]] = {
        "source": context.sources,
        "unit": list(context.units),
        "indicator": list(context.known.indicators),
        "definition": list(indicator.definitions) if indicator else [],
    }
    for column in sheet.sheet.columns:
        codes = entry.values.get(column.name)
        if not column.refers or not isinstance(codes, tuple):
            continue
        if column.refers == "definition" and indicator is None:
            continue  # the indicator is the fault, and is told
        accepted = known[column.refers]
        told = entry.names.get(column.name, ())
        unit = column.refers == "unit"
        words = context.names if unit else _words(column.refers, context, indicator)
        for code, name in zip(codes, told, strict=False):
            names = words.get(code, ())
            taken = unit or any(_is_name(name, others) for others in words.values())
            if name and names and taken and not _is_name(name, names):
                yield sheet.fault(
                    entry.row,
                    column.name,
                    entry.shown[column.name],
                    "study_reference_named",
                    code=code,
                    accepted=", ".join(names),
                )
        for code in codes:
            if code not in accepted:
                yield sheet.fault(
                    entry.row,
                    column.name,
                    entry.shown[column.name],
                    f"study_unknown_{column.refers}",
                    hint=near(code, accepted) if accepted else NOTHING,
                    accepted=", ".join(accepted[:40]),
                )


def _words(
    refers: str, context: _Context, indicator: Indicator | None
) -> Mapping[str, Sequence[str]]:
    """Give the words that a list shows for each indicator, or for each definition of one.

    They are reworded now and then, so that only the words of another code are a fault.
    """
    if refers == "indicator":
        return {code: [one.label_vi] for code, one in context.known.indicators.items()}
    if refers == "definition" and indicator:
        return {code: [one.vi] for code, one in indicator.definitions.items()}
    return {}


def _is_name(name: str, names: Sequence[str]) -> bool:
    return normalise(name).casefold() in [normalise(one).casefold() for one in names]


def _pilots(
    sheet: Filled, entry: Entry, context: _Context
) -> tuple[dict[str, object], list[Failure]]:
    opened = entry.values.get("opened")
    start = opened if isinstance(opened, Start) else None
    return {
        "opened": start.day if start else None,
        "opened_precision": start.precision if start else "unknown",
        "programme": entry.values.get("programme", context.study),
    }, []


def _interventions(
    sheet: Filled, entry: Entry, context: _Context
) -> tuple[dict[str, object], list[Failure]]:
    return {"programme": entry.values.get("programme", context.study)}, []


def _panel(
    sheet: Filled, entry: Entry, context: _Context
) -> tuple[dict[str, object], list[Failure]]:
    month = entry.values.get("month")
    if not isinstance(month, dt.datetime):
        return {}, []
    if entry.values.get("denominator") == 0 and entry.values.get("numerator"):
        told = sheet.fault(
            entry.row, "denominator", entry.shown["denominator"], "study_denominator"
        )
        return {}, [told]
    return {"period_start": month, "period_end": last_day(month)}, []


def _observations(
    sheet: Filled, entry: Entry, context: _Context
) -> tuple[dict[str, object], list[Failure]]:
    indicator = first_code(entry.values.get("indicator"))
    return read_figure(sheet, entry, context.known.indicators.get(indicator))


def _candidates(
    sheet: Filled, entry: Entry, context: _Context
) -> tuple[dict[str, object], list[Failure]]:
    """Take name, kind and province of a candidate, and of its former communes, from the units."""
    code = first_code(entry.values.get("candidate"))
    place = context.units.get(code)
    if place is None:
        return {}, []
    formers = entry.values.get("formers")
    formers = formers if isinstance(formers, tuple) else (code,)
    provinces = {context.units[one].province for one in formers if one in context.units}
    told = first_code(entry.values.get("former_province"))
    former = told or (next(iter(provinces)) if len(provinces) == 1 else place.province)
    return {
        "name": place.name,
        "type": kind_of(place.name),
        "province": place.province,
        "formers": formers,
        "former_province": former,
    }, []


_MORE: dict[str, Callable[[Filled, Entry, _Context], tuple[dict[str, object], list[Failure]]]] = {
    "pilots": _pilots,
    "interventions": _interventions,
    "panel": _panel,
    "observations": _observations,
    "candidates": _candidates,
}
