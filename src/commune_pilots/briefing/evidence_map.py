"""The evidence map: every intervention of the press runs once, by province, pillar and class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from commune_pilots.briefing.data_request import merged, place_of
from commune_pilots.briefing.places import alphabetical, plain_name
from commune_pilots.briefing.wording import Writer
from commune_pilots.effects.coverage import unit_names

TABLES = ("interventions", "units")

TABLES = ("interventions", "units")


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One published run: two of its tables, and what its entries link to.

    `request` is empty where the run was published without a form. Links are relative to the page.
    """

    run: str
    data: str
    interventions: pd.DataFrame
    units: pd.DataFrame
    briefing: str
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceMap:
    """The interventions of `runs`, each once, and the names of what could not be settled.

    `entries` has the columns of `interventions` and `run` (the first that has the entry),
    `province` (the code of the province its unit belonged to), `name` (what that was called) and
    `place` (with what it is part of today). `differing` are ids that runs describe otherwise,
    `left_out` runs whose tables could not be read.
    """

    runs: Sequence[Covered]
    entries: pd.DataFrame
    differing: Sequence[str]
    left_out: Sequence[str]


def map_runs(runs: Iterable[Covered], *, left_out: Sequence[str] = ()) -> EvidenceMap:
    """Put the interventions of runs into one table, each id once, as the first run by name has it.

    Raises ValueError for a run on simulated data: it is no evidence.
    """
    runs = sorted(runs, key=lambda covered: covered.run)
    if refused := [covered.run for covered in runs if covered.data != "press"]:
        raise ValueError(
            f"{', '.join(refused)}: not on press figures; the evidence map takes those only, "
            "leave the others out"
        )
    kept: dict[str, dict[str, Any]] = {}
    differing: dict[str, None] = {}
    seen: set[tuple[int, int]] = set()
    for covered in runs:
        # Runs on one register share its tables; what was gone through once says nothing new.
        same = (id(covered.interventions), id(covered.units))
        if same in seen:
            continue
        seen.add(same)
        places = _places(covered.units)
        for row in cast(list[dict[str, Any]], covered.interventions.to_dict("records")):
            entry = {**row, **places[row["unit"]]}
            known = kept.setdefault(row["intervention"], {**entry, "run": covered.run})
            # As text, where one missing value equals another.
            if any(str(known[name]) != str(value) for name, value in entry.items()):
                differing[row["intervention"]] = None
    entries = pd.DataFrame(list(kept.values()))
    return EvidenceMap(runs=runs, entries=entries, differing=sorted(differing), left_out=left_out)


def _places(units: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Say of each unit's province, as it was before the mergers: code, name, and place today."""
    write = Writer("vi", "none")
    former = units.sort_values("valid_from", na_position="first", kind="stable")
    former = former.drop_duplicates("code")
    inside = former["province"].where(former["province"].notna(), former["code"])
    names, today = unit_names(units), merged(units)
    told = {
        code: {
            "province": code,
            "name": names.get(code, code),
            "place": place_of(code, names.get(code, code), today, write),
        }
        for code in inside.unique()
    }
    return {unit: told[code] for unit, code in zip(former["code"], inside, strict=True)}


def by_province(entries: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Part entries by province, in the order of the alphabet: no order of merit."""
    parts = [(str(of["name"].iloc[0]), of) for _, of in entries.groupby("province", sort=True)]
    return sorted(parts, key=lambda part: alphabetical(plain_name(part[0])))
