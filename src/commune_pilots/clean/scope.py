"""What one run looks at: the tables of its sources, and a count of what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from commune_pilots import schemas
from commune_pilots.errors import ParameterError
from commune_pilots.params import Indicator, Run, check_known
from commune_pilots.sources.study import study_sources

Tables = dict[str, pd.DataFrame]
BACKGROUND_KINDS = ("public_context", "project_notes")


def check_scope(
    run: Run,
    tables: Tables,
    indicators: Mapping[str, Indicator],
    *,
    overridden: Sequence[str] = (),
    place: str = "--set",
    file: str | None = None,
) -> None:
    """Refuse a run that names a source, unit, indicator or decision the tables do not hold.

    `overridden` names the keys set apart from the run's `file` and `place` says where, so that the
    message points there.
    Raises ParameterError with the place, the key, the value and the nearest known name.
    """
    file = file or f"params/runs/{run.run}.yml"
    pilots = tables["pilots"]
    own = own_sources(tables["sources"], run.sources)
    for key, kind, asked, known in (
        ("sources", "source", run.sources, tables["sources"]["source"]),
        ("province", "unit", [run.province], _provinces(tables["units"])),
        ("units", "unit", run.units, pilots.loc[pilots["source"].isin(own), "unit"]),
        ("indicators", "indicator", run.indicators, indicators),
        ("decision", "decision", [run.decision], tables["decisions"]["decision"]),
    ):
        for value in asked:
            check_known(
                value, list(known), place if key in overridden else file, key=key, kind=kind
            )
    at_stake = tables["decisions"].set_index("decision")["source"][run.decision]
    if at_stake not in own:
        raise ParameterError(
            "decision_elsewhere",
            file=place if "decision" in overridden else file,
            value=run.decision,
            source=at_stake,
            known=", ".join(own),
        )


def own_sources(sources: pd.DataFrame, named: Sequence[str]) -> list[str]:
    """Name the sources of a run: those it names, and all of its study's workbook."""
    return [*named, *(name for name in study_sources(sources) if name not in named)]


def keep_scope(
    tables: Tables, *, sources: Sequence[str], units: Sequence[str], province: str
) -> tuple[Tables, pd.DataFrame]:
    """Keep the rows of the run's sources plus public context; count what is left out and why.

    Sources of a study's workbook belong to the run without being named.
    `units` narrows the pilot communes; empty keeps all. Events count only inside the province, and
    candidates only if they are made of communes of the province as it was.
    Units themselves are kept whole: they are the map, not evidence. Returns the kept tables and
    the table `dropped`.
    """
    background = tables["sources"].loc[tables["sources"]["kind"].isin(BACKGROUND_KINDS), "source"]
    wanted = {*own_sources(tables["sources"], sources), *background}
    pilots = tables["pilots"]["unit"]
    unwanted = pilots[~pilots.isin(units)] if units else pilots.iloc[:0]
    units_table = tables["units"]
    national = units_table["level"] == "country"
    inside = set(units_table.loc[national | (units_table["province"] == province), "code"])
    elsewhere = set(units_table["code"]) - inside
    kept: Tables = {"units": units_table}
    dropped: list[dict[str, object]] = []
    for name in schemas.RAW_TABLES:
        if name == "units":
            continue
        frame = tables[name]
        reasons = {"source_outside_run": ~frame["source"].isin(wanted)}
        if name in ("pilots", "observations", "panel", "days"):
            reasons["unit_outside_run"] = frame["unit"].isin(unwanted)
        if name == "events":
            reasons["unit_outside_run"] = frame["unit"].isin(elsewhere)
        if name == "candidates":
            reasons["unit_outside_run"] = frame["former_province"] != province
        left = pd.Series(data=False, index=frame.index)
        for reason, outside in reasons.items():
            if rows := int((outside & ~left).sum()):
                dropped.append({"table": name, "reason": reason, "rows": rows})
            left |= outside
        kept[name] = frame[~left].reset_index(drop=True)
    return kept, schemas.build(dropped, "dropped")


def _provinces(units: pd.DataFrame) -> pd.Series:
    return units.loc[units["level"] == "province", "code"].drop_duplicates()
