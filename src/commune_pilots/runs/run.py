"""One run from parameters to a published briefing; nothing starts before everything is checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd

from commune_pilots import schemas, store
from commune_pilots.clean import corrections, scope
from commune_pilots.errors import ContractError, InputError, PilotsError
from commune_pilots.params import Run, load_corrections, load_indicators, load_run
from commune_pilots.runs import failures, manifest, plan, publish
from commune_pilots.sources.raw import read_raw

# Simulated data is labelled in the file name too: it must not travel as a briefing.
PAGES = {"press": "briefing.html", "simulated": "briefing_simulated.html"}
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One run that is published: whether it ran or stood already, and for how long it took."""

    run: str
    ran: bool
    seconds: float
    briefing: Path


def check_run(layout: store.Layout, name: str, *, settings: Sequence[str] = ()) -> Run:
    """Check parameters, raw tables, corrections, scope and notebooks of a run, without a kernel.

    Raises the first error of any of them; for a broken contract the full list of failing values
    is written to reports/<run>.failed for people to read.
    """
    try:
        return _checked(layout, name, settings)
    except ContractError as broken:
        broken.report = failures.write(layout.failed(name), broken)
        raise


def _checked(layout: store.Layout, name: str, settings: Sequence[str]) -> Run:
    run = load_run(name, layout.params, settings=settings)
    tables = read_raw(layout, data=run.data, seed=run.seed)
    known = load_corrections(layout.params / "corrections.yml")
    scope.check_scope(
        run,
        corrections.correct_all(tables, known),
        load_indicators(layout.params / "indicators.yml"),
        overridden=[entry.partition("=")[0] for entry in settings],
    )
    for notebook in plan.notebooks(layout):
        plan.parameters_for(notebook, run)
    return run


def check_published(layout: store.Layout, run: str) -> None:
    """Hold published outputs against their manifest; a run never published passes.

    Raises InputError naming the first output that is missing or altered.
    """
    found = manifest.read(layout, run)
    if found and (altered := manifest.altered_output(layout, found)):
        raise InputError("altered", run=run, file=altered)


def execute_run(
    layout: store.Layout,
    name: str,
    *,
    settings: Sequence[str] = (),
    force: bool = False,
    progress: Progress = lambda _: None,
) -> Done:
    """Check, execute and publish one run; a run whose key and outputs stand is left alone.

    Raises an error of the tree; nothing is published then and what was published stays.
    """
    started = time.monotonic()
    run = check_run(layout, name, settings=settings)
    inputs = manifest.hash_files(layout.root, plan.input_files(layout, run))
    key = plan.run_key(layout, run, inputs)
    briefing = layout.reports(name) / PAGES[run.data]
    found = manifest.read(layout, name)
    standing = found and found["key"] == key and not manifest.altered_output(layout, found)
    if standing and not force:
        return Done(run=name, ran=False, seconds=time.monotonic() - started, briefing=briefing)
    with publish.staging(layout, name) as work:
        try:
            _fill(layout, run, work, key=key, inputs=inputs, progress=progress)
        except PilotsError:
            publish.keep_failed(layout, name, work)
            raise
        publish.publish(layout, name, work)
    return Done(run=name, ran=True, seconds=time.monotonic() - started, briefing=briefing)


def _fill(
    layout: store.Layout,
    run: Run,
    work: Path,
    *,
    key: str,
    inputs: dict[str, str],
    progress: Progress,
) -> None:
    """Execute the notebooks into the work folder, export the pages, write the manifest last."""
    from commune_pilots.briefing import export
    from commune_pilots.runs.execute import execute_notebook

    executed: dict[str, nbformat.NotebookNode] = {}
    seconds: dict[str, float] = {}
    for notebook in plan.notebooks(layout):
        progress(notebook.stem)
        started = time.monotonic()
        executed[notebook.stem] = execute_notebook(
            notebook,
            work / "reports" / notebook.name,
            parameters=plan.parameters_for(notebook, run),
            layout=layout,
            staging=work,
            run=run.run,
            cell_timeout=run.cell_timeout,
        )
        seconds[notebook.stem] = round(time.monotonic() - started, 3)
    commit, dirty = manifest.code_state(layout.root)
    versions = manifest.versions()
    *analysis, last = executed
    provenance = export.Provenance(
        run=run.run,
        commit=commit,
        dirty=dirty,
        parameters=run.model_dump(),
        inputs=inputs,
        versions=versions,
        notebooks=analysis,
    )
    verdicts = schemas.check(pd.read_parquet(work / "data" / "verdicts.parquet"), "verdicts")
    grade = verdicts["grade"].iloc[0]
    page = export.export_briefing(executed[last], provenance, grade=grade)
    store.write_bytes(work / "reports" / PAGES[run.data], page.encode())
    for name in analysis:
        shown = export.export_notebook(executed[name], name=name)
        store.write_bytes(work / "reports" / f"{name}.html", shown.encode())
    outputs = {
        **_hash_tree(work / "data", f"data/processed/{run.run}"),
        **_hash_tree(work / "reports", f"reports/{run.run}"),
    }
    content = {
        "run": run.run,
        "key": key,
        "data": run.data,
        "parameters": run.model_dump(),
        "commit": commit,
        "dirty": dirty,
        "versions": versions,
        "inputs": inputs,
        "outputs": outputs,
        "seconds": seconds,
        "grade": grade,
        "option": verdicts["option"].iloc[0],
        "title": export.headline(executed[last]),
    }
    store.write_bytes(work / "reports" / manifest.NAME, manifest.to_bytes(content))


def _hash_tree(folder: Path, shown: str) -> dict[str, str]:
    return {f"{shown}/{path.name}": store.sha256(path) for path in sorted(folder.iterdir())}
