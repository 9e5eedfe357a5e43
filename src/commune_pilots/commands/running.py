"""Commands that execute notebooks, or say what would be executed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commune_pilots import screen
from commune_pilots.commands.shared import Cold, Settings, exit_with_worst

if TYPE_CHECKING:
    from commune_pilots.runs.table import Row

Force = Annotated[bool, typer.Option("--force", help="Run even if nothing changed.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Runs at a time (default: cores + 1).")]
Retries = Annotated[
    int,
    typer.Option(min=0, max=10, help="Times a notebook is run again if its kernel dies or hangs."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Run on a dask cluster (tcp://host:8786; extra \\[cluster])."
    ),
]


def run(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs of params/runs.")],
    settings: Settings = None,
    force: Force = False,
    jobs: Jobs = None,
    retries: Retries = 1,
    cold: Cold = False,
) -> None:
    """Execute the notebooks of one or more runs, where anything changed, and publish them."""
    from commune_pilots.runs.table import Row

    rows = [Row(run=name, settings=tuple(settings or ())) for name in dict.fromkeys(names)]
    _execute(rows, jobs=jobs, options={"force": force, "retries": retries, "cold": cold})


def batch(
    name: Annotated[str, typer.Argument(metavar="BATCH", help="Table of params/batches.")],
    force: Force = False,
    jobs: Jobs = None,
    retries: Retries = 1,
    cold: Cold = False,
    scheduler: Scheduler = None,
) -> None:
    """Execute every run of a table; all rows are checked before any kernel starts."""
    from commune_pilots import store
    from commune_pilots.runs.table import read_batch

    rows = read_batch(store.find_root().params, name)
    if jobs and scheduler:
        raise typer.BadParameter("--jobs has no meaning with --scheduler: the cluster decides")
    options = {"force": force, "retries": retries, "cold": cold}
    _execute(rows, jobs=jobs, options=options, batch=name, scheduler=scheduler)


def plan(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN...]", help="Runs; all if none is named.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(metavar="BATCH", help="Plan a table of params/batches.")
    ] = None,
    settings: Settings = None,
    force: Force = False,
) -> None:
    """Say for every step whether it will run and why; nothing is executed or written."""
    from commune_pilots import store
    from commune_pilots.params import known_runs
    from commune_pilots.runs.check import read_row
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.table import Row, read_batch

    layout = store.find_root()
    if batch and (settings or names):
        raise typer.BadParameter("--batch stands alone: neither RUN nor --set goes with it")
    inventory = read_inventory(layout)
    rows = read_batch(layout.params, batch) if batch else []
    for name in names or ([] if batch else known_runs(layout.params)):
        rows.append(Row(run=name, settings=tuple(settings or ())))
    plans = {row.run: inventory.plan(read_row(layout, row), force=force) for row in rows}
    screen.show_plan(plans)


def _execute(
    rows: Sequence[Row],
    *,
    jobs: int | None,
    options: dict[str, Any],
    batch: str | None = None,
    scheduler: str | None = None,
) -> None:
    """Check all rows, execute what is due, show how it goes, gather the batch, exit."""
    from commune_pilots import store
    from commune_pilots.runs.batch import Outcome, ended_by_signals, execute_batch
    from commune_pilots.runs.check import check_rows
    from commune_pilots.runs.cluster import dask_executor
    from commune_pilots.runs.gather import gather
    from commune_pilots.runs.halt import Halt
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.listing import write_index
    from commune_pilots.runs.run import Job, standing

    layout = store.find_root()
    inventory = read_inventory(layout)
    checked = check_rows(inventory, rows, force=options["force"])
    refused = [found.error for found in checked if found.error]
    for error in refused:
        screen.show_error(error)
    exit_with_worst(refused)
    work = [Job(run=found.ready(), **options) for found in checked if found.due]
    shown, halt = screen.BatchScreen(layout.root, len(work)), Halt()
    at_rest = [standing(layout, found.ready()) for found in checked if not found.due]
    outcomes = [Outcome(run=done.run, done=done) for done in at_rest]
    for outcome in outcomes:
        shown.report(outcome)
    with ExitStack() as around:
        executor = around.enter_context(dask_executor(scheduler)) if scheduler else None
        around.enter_context(ended_by_signals())
        around.enter_context(shown.showing())
        outcomes += execute_batch(
            inventory,
            work,
            workers=jobs,
            executor=executor,
            halt=halt,
            report=shown.report,
            progress=shown.progress,
        )
    write_index(layout)
    shown.summary(outcomes)
    failed = [outcome.error for outcome in outcomes if outcome.error]
    if batch and failed:
        screen.say("batch.not_gathered", batch=batch)
    exit_with_worst(failed)
    if batch:
        keys = {outcome.run: outcome.done.key for outcome in outcomes if outcome.done}
        gather(inventory, batch, {row.run: keys[row.run] for row in rows})
    screen.out.print("reports/index.html")
