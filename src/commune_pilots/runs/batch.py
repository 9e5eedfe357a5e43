"""A table of runs, one row a run: all checked before any kernel starts, then run side by side."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from commune_pilots import store
from commune_pilots.briefing.index import Entry, index_page
from commune_pilots.errors import ParameterError, PilotsError
from commune_pilots.params import near
from commune_pilots.runs import manifest
from commune_pilots.runs.run import PAGES, Done, check_run, execute_run

Report = Callable[["Outcome"], None]
Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one run of a batch: done, or the error that stopped it."""

    run: str
    done: Done | None = None
    error: PilotsError | None = None


def read_batch(layout: store.Layout, name: str) -> list[tuple[str, list[str]]]:
    """Read params/batches/<name>.csv: column `run`, and one column for each key that a row sets.

    Raises ParameterError for an unknown batch, a missing column, a ragged or doubled row.
    """
    folder = layout.params / "batches"
    path = folder / f"{name}.csv"
    shown = f"params/batches/{name}.csv"
    if not path.is_file():
        known = sorted(found.stem for found in folder.glob("*.csv"))
        raise ParameterError(
            "unknown_batch", batch=name, known=", ".join(known), hint=near(name, known)
        )
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = list(csv.reader(lines)) or [[]]
    if "run" not in header:
        raise ParameterError("batch_column", file=shown)
    found: list[tuple[str, list[str]]] = []
    for place, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            raise ParameterError(
                "batch_fields", file=shown, row=place, found=len(cells), expected=len(header)
            )
        row = dict(zip(header, cells, strict=True))
        run = row.pop("run")
        if run in [earlier for earlier, _ in found]:
            raise ParameterError("batch_doubled", file=shown, row=place, run=run)
        found.append((run, [f"{key}={value}" for key, value in row.items() if value]))
    return found


def execute_batch(
    layout: store.Layout,
    runs: list[tuple[str, list[str]]],
    *,
    jobs: int | None = None,
    force: bool = False,
    report: Report = lambda _: None,
    progress: Progress = lambda run, step: None,
) -> list[Outcome]:
    """Check every run, then execute them `jobs` at a time; one failure stops no other.

    If any row fails its check nothing is executed and every failure is reported. Outcomes come in
    the order of the table; the index of all published runs is written at the end.
    """
    refused: dict[str, Outcome] = {}
    for run, settings in runs:
        try:
            check_run(layout, run, settings=settings)
        except PilotsError as error:
            refused[run] = Outcome(run=run, error=error)
            report(refused[run])
    if refused:
        return list(refused.values())
    outcomes: dict[str, Outcome] = {}
    with ThreadPoolExecutor(max_workers=jobs or min(len(runs), os.cpu_count() or 1)) as pool:
        waiting = {
            pool.submit(_attempt, layout, run, settings, force, progress): run
            for run, settings in runs
        }
        for finished in as_completed(waiting):
            outcome = finished.result()
            outcomes[outcome.run] = outcome
            report(outcome)
    write_index(layout)
    return [outcomes[run] for run, _ in runs]


def write_index(layout: store.Layout) -> Path:
    """Write reports/index.html over every published run, in the order of their names."""
    folder = layout.root / "reports"
    entries = []
    for path in sorted(folder.glob(f"*/{manifest.NAME}")):
        content = manifest.read(layout, path.parent.name)
        if content is None or path.parent.name.startswith("."):
            continue
        entries.append(
            Entry(
                run=content["run"],
                title=content["title"],
                grade=content["grade"],
                option=content["option"],
                data=content["data"],
                href=f"{content['run']}/{PAGES[content['data']]}",
                notebooks=[f"{content['run']}/{name}.html" for name in content["seconds"]][:-1],
            )
        )
    path = folder / "index.html"
    store.write_bytes(path, index_page(entries).encode())
    return path


def _attempt(
    layout: store.Layout, run: str, settings: list[str], force: bool, progress: Progress
) -> Outcome:
    try:
        done = execute_run(
            layout, run, settings=settings, force=force, progress=lambda step: progress(run, step)
        )
    except PilotsError as error:
        return Outcome(run=run, error=error)
    return Outcome(run=run, done=done)
