"""Names and codes of administrative units to the register's code, exactly or not at all.

The key of a unit is its code in a period; a name leads to a code only inside its province (and
district), and only if one unit bears it then. "Phường 4" and "Phường 14" differ by one sign, so
nothing that merely resembles a name is ever taken.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from commune_pilots.sources.headers import toned

CODE_WIDTH = 5
_SHORT = {
    "p": "phường", "x": "xã", "tt": "thị trấn", "h": "huyện", "q": "quận", "tx": "thị xã",
    "tp": "thành phố", "t": "tỉnh",
}  # fmt: skip
_OFFICE = re.compile(
    r"^(?:[-+•]\s*)?(?:(?:ubnd|ủy ban nhân dân|uỷ ban nhân dân|hđnd và ubnd|bộ phận một cửa|"
    r"trung tâm phục vụ hành chính công)\s+)+"
)
_TYPE = re.compile(
    r"^(?:(thị trấn|đặc khu|thị xã|thành phố|phường|xã|huyện|quận|tỉnh)\s+"
    r"|(tt|tx|tp|p|x|h|q|t)\.\s*|(tt|tx|tp|p)\s+|(p)(?=\d))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit of the register in one validity period."""

    code: str
    name: str
    province: str
    parent: str
    start: dt.date | None
    end: dt.date | None
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Communes and what they belong to, by code and by the key of their name."""

    by_code: Mapping[str, Sequence[Unit]]
    by_name: Mapping[str, Sequence[Unit]]
    places: Mapping[tuple[str, str], Sequence[str]]


def name_key(name: str) -> tuple[str, str]:
    """Split a name into its type ("" where none is written) and the exact key of the rest.

    "P.4", "phường 04" and "UBND Phường 4" are one; case, spaces and the place of tones do not
    matter, every other sign does.
    """
    plain = re.sub(r"^[-+•]\s*", "", re.sub(r"\s+", " ", name.strip().lower()))
    plain = _OFFICE.sub("", plain)
    kind = ""
    if found := _TYPE.match(plain):
        written = next(part for part in found.groups() if part)
        kind = _SHORT.get(written, written)
        plain = plain[found.end() :]
    plain = re.sub(r"\b0+(?=\d)", "", plain.strip(" ."))
    return kind, toned(re.sub(r"\s*[-–]\s*", "-", plain))


def register(units: pd.DataFrame) -> Register:
    """Index the communes of table `units`; several rows of one unit are its several successors."""
    found: dict[tuple[str, dt.date | None], Unit] = {}
    places: dict[tuple[str, str], list[str]] = {}
    for row in units.to_dict("records"):
        if row["level"] != "commune":
            places.setdefault((str(row["level"]), str(row["code"])), []).append(str(row["name"]))
            continue
        successors = filter(None, [_text(row["successor"])])
        unit = Unit(
            code=row["code"],
            name=row["name"],
            province=_text(row["province"]),
            parent=_text(row["parent"]),
            start=_day(row["valid_from"]),
            end=_day(row["valid_to"]),
            successors=tuple(successors),
        )
        key = (unit.code, unit.start)
        before = found.get(key)
        found[key] = (
            unit if before is None
            else replace(before, successors=(*before.successors, *unit.successors))
        )  # fmt: skip
    by_code: dict[str, list[Unit]] = {}
    by_name: dict[str, list[Unit]] = {}
    for unit in found.values():
        by_code.setdefault(unit.code, []).append(unit)
        by_name.setdefault(name_key(unit.name)[1], []).append(unit)
    return Register(by_code=by_code, by_name=by_name, places=places)


def valid(unit: Unit, first: dt.date, last: dt.date) -> bool:
    """Tell whether a unit existed on every day of a period."""
    starts, ends = unit.start or first, unit.end or last
    return starts <= first and last <= ends


def named(known: Register, name: str) -> list[Unit]:
    """List the communes that bear a name; where a type is written, only those of that type."""
    kind, key = name_key(name)
    return [
        unit for unit in known.by_name.get(key, []) if not kind or name_key(unit.name)[0] == kind
    ]


def within(
    units: Iterable[Unit], known: Register, *, province: str | None, district: str | None
) -> list[Unit]:
    """Keep the units that lie in a province and a district, each given by code or by name."""
    kept = list(units)
    if province:
        kept = [unit for unit in kept if _is(known, "province", unit.province, province)]
    if district:
        kept = [unit for unit in kept if _is(known, "district", unit.parent, district)]
    return kept


def same_name(unit: Unit, name: str) -> bool:
    """Tell whether a name is the unit's own, its type left out or not."""
    kind, key = name_key(name)
    own_kind, own_key = name_key(unit.name)
    return key == own_key and kind in ("", own_kind)


def _is(known: Register, level: str, code: str, given: str) -> bool:
    names = known.places.get((level, code), ())  # codes were given again, so a code has names
    return code == given or name_key(given)[1] in {name_key(name)[1] for name in names}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _day(value: object) -> dt.date | None:
    return value.date() if isinstance(value, pd.Timestamp) and not pd.isna(value) else None
