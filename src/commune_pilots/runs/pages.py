"""The last step of a run: executed notebooks become the briefing and the pages beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from markupsafe import Markup

from commune_pilots import schemas
from commune_pilots.briefing import data_request, export
from commune_pilots.briefing.changes import Changes
from commune_pilots.briefing.changes_annex import changes_annex
from commune_pilots.briefing.findings import Findings, Settings, grade_of_page
from commune_pilots.briefing.origins import cells_of
from commune_pilots.briefing.request_form import request_form
from commune_pilots.briefing.wording import Writer
from commune_pilots.effects.coverage import unit_names
from commune_pilots.errors import InputError
from commune_pilots.params import Indicator, Run, load_indicators
from commune_pilots.vocabulary import Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a page says of where it comes from, beside its notebooks and parameters.

    `written` are the tables that each notebook wrote, `changes` what differs from the earlier
    briefing that the run names, if it names one.
    """

    commit: str
    dirty: bool
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    written: Mapping[str, Collection[str]]
    changes: Changes | None = None


def make_pages(
    run: Run,
    executed: Mapping[str, nbformat.NotebookNode],
    tables: Mapping[str, pd.DataFrame],
    origin: Origin,
    *,
    briefing: str,
    request: str,
    indicators: Mapping[str, Indicator],
) -> dict[str, bytes]:
    """Export the last notebook as the briefing, the others as pages with code; by file name.

    The data request comes with them, as a form called `request` and as a file for Excel beside it.
    Raises ExportError and ClaimError for a page that breaks its rules.
    """
    *analysis, last = executed
    grade = grade_of_page(tables)
    simulated = run.data == "simulated"
    provenance = export.Provenance(
        run=run.run,
        commit=origin.commit,
        dirty=origin.dirty,
        parameters=run.model_dump(),
        inputs=origin.inputs,
        versions=origin.versions,
        notebooks=analysis,
        cells=cells_of({name: executed[name].cells for name in analysis}, origin.written),
        changes=_changes(run, origin, indicators, grade=grade),
        simulated=simulated,
    )
    made = {briefing: export.export_briefing(executed[last], provenance, grade=grade)}
    addresses = {f"{name}.ipynb": f"{name}.html" for name in analysis} | {f"{last}.ipynb": briefing}
    for name in analysis:
        page = export.export_notebook(
            executed[name], name=name, pages=addresses, simulated=simulated
        )
        made[f"{name}.html"] = page
    pages = {name: page.encode() for name, page in made.items()}
    return pages | make_request(run, tables, indicators, name=request)


def make_request(
    run: Run,
    tables: Mapping[str, pd.DataFrame],
    indicators: Mapping[str, Indicator],
    *,
    name: str,
) -> dict[str, bytes]:
    """Make the data request of a run: the form called `name`, and the file beside it.

    Raises ExportError and ClaimError for a form that breaks the rules of a page.
    """
    settings = Settings(**{field.name: getattr(run, field.name) for field in fields(Settings)})
    findings = Findings(settings, tables, indicators)
    sheet = Path(name).with_suffix(".csv").name
    form = request_form(findings, file=sheet)
    export.check_page(form, page=f"{run.run}/{name}", grade="none")
    return {name: form.encode(), sheet: data_request.request_csv(findings)}


def _changes(
    run: Run, origin: Origin, indicators: Mapping[str, Indicator], *, grade: Grade
) -> Markup | None:
    if origin.changes is None:
        return None
    write = Writer("vi", grade, simulated=run.data == "simulated")
    return changes_annex(origin.changes, indicators, write)


@lru_cache(maxsize=1)
def read_indicators(path: Path, sha256: str) -> dict[str, Indicator]:
    """Read the catalogue of indicators, once for all runs of a batch that share this version."""
    return load_indicators(path)


def facts(
    run: Run, last: nbformat.NotebookNode, tables: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    """Name what the index and the batch tell of a run: finding, grade, option, province."""
    verdict = tables["verdicts"].iloc[0]
    return {
        "run": run.run,
        "data": run.data,
        "title": export.headline(last),
        "grade": verdict["grade"],
        "option": verdict["option"],
        "province_name": unit_names(tables["units"])[run.province],
    }


def read_tables(folder: Path, names: Sequence[str], *, run: str) -> dict[str, pd.DataFrame]:
    """Read tables of a run, each held against its contract.

    Raises InputError for one that no notebook has written, ContractError for a broken one.
    """
    for name in names:
        if not (folder / f"{name}.parquet").is_file():
            raise InputError("table_missing", table=name, run=run)
    return {
        name: schemas.check(pd.read_parquet(folder / f"{name}.parquet"), name) for name in names
    }
