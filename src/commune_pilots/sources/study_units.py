"""Units that a study lists: what is not entered follows from the code, the name and the parent.

The level follows from the length of a code, the kind from how the name begins, the province from
what a unit is part of. Units of the common register stay as they stand there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from commune_pilots.errors import Failure
from commune_pilots.sources.study_sheets import Entry, Filled

LEVELS = {2: "province", 3: "district", 5: "commune"}
TYPES = (
    "Thị trấn", "Thị xã", "Thành phố", "Đặc khu", "Phường", "Quận", "Huyện", "Tỉnh", "Xã",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """What the register and the workbook say of a unit: its name and its province."""

    name: str
    province: str | None


def kind_of(name: str) -> str:
    """Tell the kind of a unit by how its name begins; "" where it begins with none."""
    return next((kind.lower() for kind in TYPES if name.startswith(f"{kind} ")), "")


def first_code(value: object) -> str:
    """Take the first code of a reference; "" where there is none."""
    return str(value[0]) if isinstance(value, tuple) and value else ""


def read_units(
    sheet: Filled | None, register: pd.DataFrame
) -> tuple[list[tuple[int, dict[str, object]]], dict[str, Place], list[Failure]]:
    """Make rows of table units with their rows on the sheet; tell name and province of every unit.

    Units that the register has stay as they stand there; of a code that meant two units, the one
    of today is told. A row with a fault gives no row, but its
    code is known, so that a row that names it has no second fault.
    """
    failures: list[Failure] = []
    placed = {
        str(row.code): Place(str(row.name), row.province if isinstance(row.province, str) else None)
        for row in register.sort_values("valid_to", na_position="last").itertuples()
    }
    if sheet is None:
        return [], placed, failures
    own = {str(one.values["code"]): one for one in sheet.entries if "code" in one.values}
    rows: list[tuple[int, dict[str, object]]] = []
    seen: dict[tuple[object, ...], int] = {}
    for entry in sheet.entries:
        faults = list(_unit_faults(sheet, entry, own, register))
        key = tuple(entry.values.get(name) for name in ("code", "valid_from", "successor"))
        if not faults and key in seen:
            code = str(entry.values["code"])
            faults.append(
                sheet.fault(entry.row, "code", code, "study_unit_twice", accepted=seen[key])
            )
        seen.setdefault(key, entry.row)
        failures += faults
        code = str(entry.values.get("code", ""))
        # The row's own parent first: a code may stand for a former unit and for one of today.
        above = first_code(entry.values.get("parent")) or code
        province = _province(above, own, register)
        if code and (code not in placed or "valid_from" in entry.values):
            placed[code] = Place(str(entry.values.get("name", code)), province)
        if (
            faults
            or not entry.sound
            or not {"code", "name"} <= set(entry.values)
            or _listed(entry, register)
        ):
            continue
        name = str(entry.values["name"])
        parent = first_code(entry.values.get("parent")) or "VN"
        row = dict(entry.values) | {
            "level": LEVELS[len(code)],
            "type": kind_of(name),
            "parent": parent,
            "parent_level": "country" if parent == "VN" else LEVELS[len(parent)],
            "province": province,
        }
        rows.append((entry.row, row))
    return rows, placed, failures


def _unit_faults(
    sheet: Filled, entry: Entry, own: Mapping[str, Entry], register: pd.DataFrame
) -> Iterator[Failure]:
    code, name = str(entry.values.get("code", "")), str(entry.values.get("name", ""))

    def fail(column: str, rule: str, **values: object) -> Failure:
        return sheet.fault(entry.row, column, entry.shown.get(column, ""), rule, **values)

    if code and not (code.isdecimal() and len(code) in LEVELS):
        yield fail("code", "study_unit_code")
        return
    if name and not kind_of(name):
        yield fail("name", "study_unit_name", accepted=", ".join(TYPES))
    parent = first_code(entry.values.get("parent"))
    listed = _listed(entry, register)
    if code and len(code) > 2 and not listed:
        if not parent and "parent" not in entry.shown:
            yield fail("parent", "required")
        elif parent and not (
            LEVELS.get(len(parent)) in ("province", "district")
            and len(parent) < len(code)
            and (parent in own or parent in set(register["code"]))
        ):
            yield fail("parent", "study_parent")
    if code and name and listed and not (listed & {name}):
        yield fail("name", "study_unit_named", accepted=", ".join(sorted(listed)))


def _listed(entry: Entry, register: pd.DataFrame) -> set[str]:
    """Name what the register has under the code of a row, in its period where it gives one."""
    same = register[register["code"] == entry.values.get("code")]
    if "valid_from" in entry.values:
        same = same[same["valid_from"] == entry.values["valid_from"]]
    elif "valid_to" in entry.values:
        same = same[same["valid_to"] == entry.values["valid_to"]]
    return set(same["name"])


def _province(code: str, own: Mapping[str, Entry], register: pd.DataFrame) -> str | None:
    """Follow a unit up to its province, in the workbook first."""
    for _ in LEVELS:
        if len(code) == 2:
            return code
        parent = first_code(own[code].values.get("parent")) if code in own else ""
        if not parent:
            same = register.loc[register["code"] == code, "province"].dropna()
            return None if same.empty else str(same.iloc[0])
        code = parent
    return None
