"""Every commune before and after 1 July 2025, from the tables of `vietnamadminunits` (extra).

Its tables are read, its code is never run: its conversion picks one successor in silence and may
ask a geocoder. What is written here is table `units`: a commune that was split has a row for each
successor, all of them `part`, and no share of any is known.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from unicodedata import normalize

import pandas as pd

from commune_pilots import schemas
from commune_pilots.errors import ParameterError
from commune_pilots.sources.cells import Found

PACKAGE, VERSION = "vietnamadminunits", "1.0.4"
LAST_THEN, FIRST_NOW = pd.Timestamp("2025-06-30"), pd.Timestamp("2025-07-01")
_ERA = ["level", "code", "valid_from", "valid_to"]
_THEN = """
select provinceKey || '_' || districtKey || '_' || coalesce(wardKey, '') as former,
  wardKey as name_key, coalesce(wardCode, districtCode) as code, coalesce(ward, district) as name,
  wardCode is null as bare, coalesce(wardType, districtType) as type,
  districtCode as district, district as district_name, districtType as district_type,
  provinceCode as province, province as province_name
from admin_units_legacy"""
_NOW = """
select provinceKey as province_key, wardKey as unit_key, wardCode as code, ward as name,
  wardType as type, provinceCode as province, province as province_name
from admin_units"""


def all_units(press: pd.DataFrame) -> tuple[pd.DataFrame, list[Found]]:
    """List every unit before and after 1 July 2025 (table units), those of `press` as they stand.

    Returns the table and each false successor that was taken out. A unit that `press` has in the
    same period, with all its rows, comes from `press`. Composition is that of 30 June 2025: 569
    communes of 2021-22 had ended before and are not in these tables. Raises ParameterError where
    the package, or this version of it, is not installed.
    """
    then, now, links = _tables(_folder())
    false = false_homonyms(links)
    kept = links[~false]
    listed = pd.concat([_provinces(then, now), _districts(then), _communes(now, kept)])
    listed = listed.astype(dict(schemas.empty("units").dtypes))
    own = set(map(tuple, press[_ERA].astype(str).to_numpy()))
    other = [key not in own for key in map(tuple, listed[_ERA].astype(str).to_numpy())]
    both = pd.concat([press, listed[other]], ignore_index=True)
    return schemas.check(both, "units"), [_taken_out(row) for row in links[false].itertuples()]


def false_homonyms(links: pd.DataFrame) -> pd.Series:
    """Mark successors that a commune has only because another commune bears its name.

    `links` has a row for each former commune and successor: code, name_key, district, province,
    successor, part. The sign: two communes of one name share a successor. It is the one's whose
    district, or else province, gave the most other communes to that successor; the other has it by
    mistake if it is said to be split. Without a difference nothing is marked.
    """
    names = links.groupby(["successor", "name_key"])["code"].transform("nunique")
    shared = names > 1
    plain = links[~shared]
    support = [
        links.merge(
            plain.groupby(["successor", area]).size().rename("others").reset_index(),
            on=["successor", area],
            how="left",
        )["others"]
        .fillna(0)
        .to_numpy()
        for area in ("district", "province")
    ]
    own = pd.Series(support[0] * 10_000 + support[1], index=links.index)
    best = own.groupby([links["successor"], links["name_key"]]).transform("max")
    return shared & (own < best) & (links["part"] == "part")


def _folder() -> Path:
    """Find the package's data without running any of its code."""
    found = find_spec(PACKAGE)
    try:
        installed = version(PACKAGE)
    except PackageNotFoundError:
        found, installed = None, ""
    if found is None or not found.submodule_search_locations or installed != VERSION:
        raise ParameterError("units_extra", version=VERSION)
    return Path(found.submodule_search_locations[0]) / "data"


def _tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Read the units of then and of now, and the links between them by code."""
    with closing(sqlite3.connect(f"{(folder / 'dataset.db').as_uri()}?mode=ro", uri=True)) as base:
        then, now = (pd.read_sql(query, base).map(_nfc) for query in (_THEN, _NOW))
    merged = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    pairs = pd.DataFrame(_pairs(merged), columns=["province_key", "unit_key", "former", "part"])
    ends = now[["province_key", "unit_key", "code"]].rename(columns={"code": "successor"})
    links = pairs.merge(then, on="former", validate="many_to_one").merge(
        ends, on=["province_key", "unit_key"], validate="many_to_one"
    )
    return then, now, links


def _pairs(merged: dict[str, dict[str, dict[str, list[object]]]]) -> Iterator[tuple[object, ...]]:
    for province, units in merged["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for unit, formers in units.items():
            yield from ((province, unit, former, "whole") for former in formers)
    for province, split in merged["DICT_PROVINCE_WARD_DIVIDED"].items():
        for former, parts in split.items():
            for part in parts:
                assert isinstance(part, dict)
                yield (province, part["newWardKey"], former, "part")


def _communes(now: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Lay communes out; a district without communes (five islands) keeps its level."""
    alone = links.groupby("former")["successor"].transform("nunique") == 1
    ended = links.assign(
        valid_to=LAST_THEN,
        level=links["bare"].map({0: "commune", 1: "district"}),
        parent=links["district"].where(links["bare"] == 0, links["province"]),
        parent_level=links["bare"].map({0: "district", 1: "province"}),
        successor_part=alone.map({True: "whole", False: "part"}),
    )
    begun = now.assign(
        valid_from=FIRST_NOW, level="commune", parent=now["province"], parent_level="province"
    )
    return _columns(pd.concat([ended, begun]).sort_values(["code", "valid_to", "successor"]))


def _districts(then: pd.DataFrame) -> pd.DataFrame:
    own = then[then["bare"] == 0].drop_duplicates("district")
    told = {"code": own["district"], "name": own["district_name"], "type": own["district_type"]}
    return _columns(
        own.assign(
            **told, valid_to=LAST_THEN, level="district", parent=own["province"],
            parent_level="province",
        )
    )  # fmt: skip


def _provinces(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Lay provinces out; one whose code and name went on has one row without days."""
    names = ["province", "province_name"]
    before, after = (table[names].drop_duplicates() for table in (then, now))
    both = before.merge(after, on=names, how="outer", indicator="of")
    told = both.assign(
        code=both["province"],
        name=both["province_name"],
        type=both["province_name"].str.split().str[0].map({"Tỉnh": "tỉnh", "Thành": "thành phố"}),
        level="province",
        parent="VN",
        parent_level="country",
        valid_to=both["of"].map({"left_only": LAST_THEN}).astype("datetime64[us]"),
        valid_from=both["of"].map({"right_only": FIRST_NOW}).astype("datetime64[us]"),
    )
    return _columns(told)


def _columns(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.reindex(columns=list(schemas.columns("units"))).assign(
        type=rows["type"].str.lower(), note=f"{PACKAGE} {VERSION}; composition of 30 June 2025"
    )


def _taken_out(row: object) -> Found:
    code, successor = (str(getattr(row, name)) for name in ("code", "successor"))
    return Found(
        file=f"{PACKAGE} {VERSION}",
        rule="units_homonym",
        outcome="repaired",
        column="successor",
        value=f"{code} → {successor}",
    )


def _nfc(value: object) -> object:
    return normalize("NFC", value) if isinstance(value, str) else value
