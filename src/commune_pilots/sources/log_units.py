"""The commune of each dossier: by code, by exact name, by the agency that the export says it is.

Rows that write the same in the same period are judged once. Nothing that merely resembles a name
is taken: such a row is kept out and told.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from commune_pilots.sources.cells import Found, RawTable
from commune_pilots.sources.headers import toned
from commune_pilots.sources.log_texts import Column, Fault, Places, Words
from commune_pilots.sources.periods import Span
from commune_pilots.sources.placed import found_at, refuse_at
from commune_pilots.sources.table_units import (
    full_code,
    names_no_commune,
    unit_by_code,
    unit_by_name,
)
from commune_pilots.sources.unit_names import Register, Unit, named, valid, within

_PARTS = re.compile(r"\s+[-–]\s+|\s*[,;]\s*")
_AGENCY = re.compile(r"[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)+")
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a log comes from, as the parameters of its export say.

    `province` bounds names; `agencies` maps codes or names of agencies to codes of communes; `unit`
    is the one commune of a log whose rows name none.
    """

    province: str | None = None
    unit: str | None = None
    agencies: Mapping[str, str] = field(default_factory=dict)


def read_units(
    table: RawTable,
    texts: Mapping[str, Words],
    days: NDArray[np.datetime64],
    *,
    columns: Mapping[str, int],
    known: Register,
    place: Place,
) -> Column:
    """Give the code of every row's commune on its day of reception; faults where there is none.

    `texts` are the columns unit_code, unit, place ("xã - huyện - tỉnh"), district, province, agency
    and prefix (the agency in the dossier's code) that the table has; `columns` their places in it.
    A code wins over a name and a name over the agency. A code must not contradict the name beside
    it. A code that was merged stays: what it means on that day is found where the log is judged.
    Raises InputError where nothing in the table or in `place` names a unit.
    """
    if not {"unit_code", "unit", "place"} & set(texts) and not place.agencies and not place.unit:
        refuse_at("unit_missing", table)
    names = list(texts)
    inverse, firsts = _combined([texts[name].at for name in names] + [_eras(days, known)])
    codes: list[str | None] = []
    broken: dict[tuple[str, int | None], list[int]] = {}
    found: dict[str, Found] = {}
    agencies = {_key(name): code for name, code in place.agencies.items()}
    for number, row in enumerate(firsts):
        said = {name: _at(texts[name], row) for name in names}
        day = None if np.isnat(days[row]) else days[row].astype("datetime64[D]").item()
        code, rule, by = _unit(said, day, known, place, agencies)
        codes.append(code)
        if code is None:
            broken.setdefault((rule, columns.get(by)), []).append(number)
        elif rule and rule not in found:
            found[rule] = found_at(table, rule, "repaired", row=int(row), at=columns.get(by))
    faults = tuple(
        Fault(rule=rule, rows=np.flatnonzero(np.isin(inverse, numbers)), column=at)
        for (rule, at), numbers in broken.items()
    )
    values = pa.array(codes, pa.string()).take(pa.array(inverse))
    return Column(values=values, faults=faults, found=tuple(found.values()))


def _unit(
    said: Mapping[str, str],
    day: dt.date | None,
    known: Register,
    place: Place,
    agencies: Mapping[str, str],
) -> tuple[str | None, str, str]:
    """Find one commune: its code or None, the rule broken or repaired ("": none), and by what."""
    code, name, written = said.get("unit_code", ""), said.get("unit", ""), said.get("place", "")
    province = said.get("province") or place.province
    if code:
        code, repairs = full_code(code, known)
        rule, unit = _by_code(code, name, day, known)
        return (unit.code, "".join(repairs[:1]), "unit_code") if unit else (None, rule, "unit_code")
    if name and not _PARTS.search(name):
        rule, unit = _by_name(name, day, known, province=province, district=said.get("district"))
        return (unit.code, "", "unit") if unit else (None, rule, "unit")
    if written := written or name:
        by = "place" if said.get("place") else "unit"
        rule, unit = _by_place(written, day, known, province=province)
        return (unit.code, "", by) if unit else (None, rule, by)
    agency = said.get("agency", "")
    for by, one in (("agency", agency), ("prefix", said.get("prefix", ""))):
        if one and _key(one) in agencies:
            return agencies[_key(one)], "", by
    if agency and not _AGENCY.fullmatch(agency) and province:
        rule, unit = _by_name(agency, day, known, province=province, district=None)
        if unit or not place.unit:
            return (unit.code, "", "agency") if unit else (None, rule, "agency")
    if place.unit:
        return place.unit, "", ""
    told = "agency_unknown" if agency or said.get("prefix") else "unit_blank"
    return None, told, "agency" if agency else "prefix"


def _by_code(code: str, name: str, day: dt.date | None, known: Register) -> tuple[str, Unit | None]:
    if day is None:  # without a day the row is kept out later; here the code only has to exist
        units = known.by_code.get(code, ())
        return ("", units[0]) if units else ("code_unknown", None)
    return unit_by_code(code, name, Span(day, day), known)


def _by_name(
    name: str, day: dt.date | None, known: Register, *, province: str | None, district: str | None
) -> tuple[str, Unit | None]:
    if names_no_commune(name):
        return "not_a_commune", None
    if day is not None:
        return unit_by_name(name, Span(day, day), known, province=province, district=district)
    return _only(within(named(known, name), known, province=province, district=district))


def _by_place(
    written: str, day: dt.date | None, known: Register, *, province: str | None
) -> tuple[str, Unit | None]:
    """Find the commune of "xã - huyện - tỉnh": every further part must name what it lies in."""
    name, *above = _PARTS.split(written)
    if not above:
        return _by_name(name, day, known, province=province, district=None)
    units = named(known, name)
    for part in above:
        inside = within(units, known, province=part, district=None)
        inside += within(units, known, province=None, district=part)
        units = list({(unit.code, unit.start): unit for unit in inside}.values())
    now = [unit for unit in units if day is None or valid(unit, day, day)]
    ended = [unit for unit in units if day and unit.end is not None and unit.end < day]
    return _only(now or ended) if units else ("unit_unknown", None)


def _only(units: Sequence[Unit]) -> tuple[str, Unit | None]:
    """Take the one commune there is; several codes are ambiguous."""
    if len({unit.code for unit in units}) == 1:
        return "", units[-1]
    return ("unit_ambiguous" if units else "unit_not_then"), None


def _eras(days: NDArray[np.datetime64], known: Register) -> Places:
    """Number the stretches of days between which units change; -1 without a day."""
    changes: set[dt.date] = set()
    for units in known.by_code.values():
        changes |= {unit.start for unit in units if unit.start}
        changes |= {unit.end + _DAY for unit in units if unit.end}
    edges = np.array(sorted(changes), dtype="datetime64[us]")
    return np.where(np.isnat(days), -1, np.searchsorted(edges, days, side="right"))


def _combined(parts: Sequence[Places]) -> tuple[Places, Places]:
    """Number the different combinations of values, and give the first row of each."""
    key = np.zeros(len(parts[0]), dtype=np.int64)
    for part in parts:
        key = pd.factorize(key * (int(part.max(initial=0)) + 2) + part + 1)[0].astype(np.int64)
    return key, np.unique(key, return_index=True)[1].astype(np.int64)


def _at(words: Words, row: int) -> str:
    return words.texts[words.at[row]] if words.at[row] >= 0 else ""


def _key(agency: str) -> str:
    return toned(agency)
