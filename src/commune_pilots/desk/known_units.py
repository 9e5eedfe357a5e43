"""What is known of a province before its study begins, as rows of the study's workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from commune_pilots.catalogue import text
from commune_pilots.contracts import workbook
from commune_pilots.desk.workbook_template import Cells
from commune_pilots.errors import ParameterError
from commune_pilots.sources.study_units import TYPES
from commune_pilots.sources.unit_tables import FIRST_NOW, PACKAGE, VERSION, all_units

REGISTER = workbook.REGISTER
_LEVELS = ("province", "district", "commune")


def units_known(press: pd.DataFrame) -> pd.DataFrame:
    """List the units of the country (table units); those of `press` alone without the extra.

    The kind that a name begins with is written as in the workbook: "Thị trấn", not "Thị Trấn".
    """
    try:
        return all_units(press)[0].assign(name=lambda units: units["name"].map(_kind_as_read))
    except ParameterError as absent:
        if absent.key != "units_extra":
            raise
        return press


def known_rows(
    units: pd.DataFrame, candidates: pd.DataFrame, *, province: str
) -> dict[str, list[Cells]]:
    """Write units, candidates and the register behind them as cells, by raw table.

    Candidates only where table `candidates` has none of the province yet.
    """
    found = {"units": shown_units(units, province=province)}
    if (candidates["former_province"] == province).any():
        return found
    if rows := shown_candidates(units, province=province):
        found |= {"candidates": rows, "sources": [_register()]}
    return found


def shown_units(units: pd.DataFrame, *, province: str) -> list[Cells]:
    """Write the units of a province as cells, with the units of today that its communes became.

    Provinces first, then districts, then communes by their names; what ended before what stands.
    """
    own = units["province"] == province
    communes = units["level"] == "commune"
    merged = set(units.loc[own & communes, "successor"].dropna())
    stands = units["valid_to"].isna()
    became = units["code"].isin(merged) & communes & stands
    held = set(units.loc[became, "province"])
    above = (units["level"] == "province") & stands & units["code"].isin(held)
    order = units[own | became | above].assign(
        rank=lambda kept: kept["level"].map(_LEVELS.index),
        stands=lambda kept: kept["valid_to"].isna(),
    )
    order = order.sort_values(["rank", "stands", "name", "code", "successor"], kind="stable")
    names = _names_above(units)
    return [_unit_cells(row, names) for row in order.to_dict("records")]


def shown_candidates(units: pd.DataFrame, *, province: str) -> list[Cells]:
    """Write the communes of today that are made of communes of a province, and of no other one."""
    communes = units[units["level"] == "commune"]
    today = communes[communes["valid_to"].isna() & (communes["valid_from"] == FIRST_NOW)]
    names = dict(zip(today["code"], today["name"], strict=True))
    above = _names_above(units)
    ended_first = above.get((province, True)) or above.get((province, False), "")
    former = workbook.shown_reference(province, ended_first)
    rows: list[Cells] = []
    for code, formers in communes.dropna(subset=["successor"]).groupby("successor", sort=True):
        if code not in names or set(formers["province"]) != {province}:
            continue
        pairs = dict(zip(formers["code"], formers["name"], strict=True))
        shown = [workbook.shown_reference(former, name) for former, name in pairs.items()]
        rows.append(
            {
                "source": REGISTER,
                "candidate": workbook.shown_reference(str(code), names[code]),
                "formers": workbook.AND.join(sorted(shown)),
                "former_province": former,
            }
        )
    return rows


def _kind_as_read(name: str) -> str:
    kind = next((kind for kind in TYPES if name.lower().startswith(f"{kind.lower()} ")), "")
    return kind + name[len(kind) :]


def _register() -> Cells:
    sheet = workbook.sheet_of("sources")
    kind = next(column for column in sheet.columns if column.name == "kind")
    return {
        "source": REGISTER,
        "title_short": text("new_study.register", "vi"),
        "publisher": f"{PACKAGE} {VERSION}",
        "kind": workbook.shown_choice(kind, "public_context"),
    }


def _unit_cells(row: Mapping[Any, Any], names: Mapping[tuple[str, bool], str]) -> Cells:
    kinds = {column.name: column for column in workbook.sheet_of("units").columns}
    cells: dict[str, Any] = {name: row[name] for name in ("code", "name", "successor")}
    if row["parent_level"] in ("district", "province"):
        ended = pd.notna(row["valid_to"])
        name = names.get((row["parent"], ended)) or names.get((row["parent"], not ended), "")
        cells["parent"] = workbook.shown_reference(row["parent"], name)
    for day in ("valid_from", "valid_to"):
        cells[day] = row[day].date() if pd.notna(row[day]) else None
    if pd.notna(row["successor_part"]):
        part = str(row["successor_part"])
        cells["successor_part"] = workbook.shown_choice(kinds["successor_part"], part)
    return {name: value for name, value in cells.items() if pd.notna(value)}


def _names_above(units: pd.DataFrame) -> dict[tuple[str, bool], str]:
    """Name districts and provinces by code, those that ended apart: codes were given again."""
    above = units[units["level"].isin(["province", "district"])]
    keys = zip(above["code"], above["valid_to"].notna(), strict=True)
    return dict(zip(keys, above["name"], strict=True))
