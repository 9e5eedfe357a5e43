"""The unit of each row of a table: by its code where one is written, else by its exact name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from commune_pilots.sources.cells import Found, RawTable
from commune_pilots.sources.columns import read_codes, read_texts
from commune_pilots.sources.layouts import Layout
from commune_pilots.sources.periods import Span
from commune_pilots.sources.placed import found_at, refuse_at
from commune_pilots.sources.table_columns import column_of
from commune_pilots.sources.unit_names import (
    CODE_WIDTH,
    Register,
    Unit,
    name_key,
    named,
    same_name,
    valid,
    within,
)  # fmt: skip

_ABOVE = ("huyện", "quận", "thị xã", "thành phố", "tỉnh")
_BODY = re.compile(r"^(?:sở|ban|cục|chi cục|văn phòng|công an|kho bạc|bảo hiểm|các)\b", re.I)
_FLOAT_CODE = re.compile(r"(\d+)[.,]0")


def read_units(
    table: RawTable,
    layout: Layout,
    columns: Mapping[str, int],
    spans: Sequence[Span],
    known: Register,
) -> tuple[list[str | None], list[Found]]:
    """Give the code of every row's commune; None for a row of a district or a department.

    A code wins, and must not contradict the name beside it. A name counts inside the province and
    district that the table or the layout gives. Raises InputError for what is unknown, ambiguous,
    or a code that now means another commune; a commune that was merged before the period is
    flagged with what it went into.
    """
    told: list[Found] = []
    read = {
        kind: (at, read_texts(table, at))
        for kind in ("unit", "district", "province")
        if (at := column_of(layout, columns, kind)) is not None
    }
    codes_at = column_of(layout, columns, "unit_code")
    codes, lost = read_codes(table, codes_at) if codes_at is not None else (None, ())
    if layout.rows == "fields" or (codes_at is None and "unit" not in read):
        if layout.unit is None:
            refuse_at("unit_missing", table)
        return [layout.unit] * len(spans), told
    units: list[str | None] = []
    for row, span in enumerate(spans):
        name = read["unit"][1][row] if "unit" in read else ""
        code = codes[row] if codes is not None else ""
        at = codes_at if code else read["unit"][0] if "unit" in read else codes_at
        if not code and not name:
            refuse_at("unit_blank", table, row=row, at=None)
        if not code and names_no_commune(name):
            told.append(found_at(table, "not_a_commune", "rejected", row=row, at=at))
            units.append(None)
            continue
        if code:
            code, rules = full_code(code, known)
            rule, unit = unit_by_code(code, name, span, known)
        else:
            rules = []
            district = read["district"][1][row] if "district" in read else _section(table, row)
            province = read["province"][1][row] if "province" in read else layout.province
            rule, unit = unit_by_name(name, span, known, province=province, district=district)
        if unit is None:
            refuse_at(rule, table, row=row, at=at)
        told += [found_at(table, one, "repaired", row=row, at=at) for one in rules]
        if rule:
            gone = f"{unit.code} → {', '.join(unit.successors) or '?'}"
            told.append(found_at(table, rule, "flagged", row=row, at=at, value=gone))
        units.append(unit.code)
    return units, [*(lost if not any(one.rule == "code_zeros" for one in told) else ()), *told]


def names_no_commune(name: str) -> bool:
    """Tell whether a name is that of a district, a province or a department."""
    return name_key(name)[0] in _ABOVE or _BODY.match(name) is not None


def _section(table: RawTable, row: int) -> str | None:
    """Give the district that heads the rows, where the section names one."""
    label = re.sub(r"^[IVXA-Z]+[.)]\s+", "", table.sections[row]) if table.sections else ""
    return label if name_key(label)[0] in _ABOVE else None


def full_code(code: str, known: Register) -> tuple[str, list[str]]:
    """Give back the zeros that a number cell dropped, where the register has such a code."""
    plain = _FLOAT_CODE.sub(r"\1", code) if _FLOAT_CODE.fullmatch(code) else code
    full = plain.zfill(CODE_WIDTH) if plain.isdecimal() else plain
    return full, ["code_zeros"] if full != code and full in known.by_code else []


def unit_by_code(code: str, name: str, span: Span, known: Register) -> tuple[str, Unit | None]:
    """Find a unit by its code: the rule it breaks or "", and the unit where it may be used."""
    units = known.by_code.get(code, ())
    if not units:
        return "code_unknown", None
    called = [unit for unit in units if not name or same_name(unit, name)]
    if not called:
        return "code_name_differ", None
    now = [unit for unit in units if valid(unit, span.start, span.end)]
    if now:
        return ("", now[0]) if now[0] in called else ("code_reused", None)
    ended = [unit for unit in called if unit.end is not None and unit.end < span.start]
    if ended:
        return "unit_abolished", max(ended, key=lambda unit: str(unit.end))
    return "unit_not_then", None


def unit_by_name(
    name: str, span: Span, known: Register, *, province: str | None, district: str | None
) -> tuple[str, Unit | None]:
    """Find a unit by its exact name inside its province and district, as unit_by_code does."""
    units = within(named(known, name), known, province=province, district=district)
    now = [unit for unit in units if valid(unit, span.start, span.end)]
    if len(now) == 1:
        return "", now[0]
    if len({unit.code for unit in now or units}) > 1:
        return "unit_ambiguous", None
    ended = [unit for unit in units if unit.end is not None and unit.end < span.start]
    if ended:
        return "unit_abolished", ended[-1]
    return ("unit_not_then" if units else "unit_unknown"), None
