"""Commands about what is published: check, list, prove, write as papers."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from commune_pilots import screen
from commune_pilots.commands.shared import Cold, Settings, exit_with_worst
from commune_pilots.errors import PilotsError
from commune_pilots.vocabulary import Paper


def verify(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Published runs.")],
    cold: Cold = False,
) -> None:
    """Execute published runs again in a scratch folder and compare every file byte for byte."""
    from commune_pilots import store
    from commune_pilots.runs.batch import ended_by_signals
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.verify import verify_run

    inventory = read_inventory(store.find_root())
    errors: list[PilotsError] = []
    for name in (given.rstrip("/") for given in names):
        progress = partial(screen.BatchScreen(inventory.layout.root, 1).progress, name)
        try:
            with ended_by_signals():
                found = verify_run(inventory, name, cold=cold, progress=progress)
        except PilotsError as error:
            screen.show_error(error)
            errors.append(error)
            continue
        screen.show_verified(found)
    exit_with_worst(errors)


def export(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Published runs.")],
    to: Annotated[list[Paper] | None, typer.Option(help="Kind of file (default: all).")] = None,
) -> None:
    """Write published briefings in the form of official papers, as PDF and for Word."""
    from commune_pilots import store
    from commune_pilots.runs.exports import export_all

    given = [name.rstrip("/") for name in names]
    exit_with_worst(
        export_all(store.find_root(), given, to=to or list(Paper), report=screen.show_export)
    )


def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN...]", help="Runs; all if none is named.")
    ] = None,
    settings: Settings = None,
) -> None:
    """Check parameters, raw tables, notebooks and published outputs, without a kernel."""
    from commune_pilots import store
    from commune_pilots.params import known_runs
    from commune_pilots.runs.check import check_rows
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.run import check_published
    from commune_pilots.runs.table import Row

    layout = store.find_root()
    rows = [
        Row(run=name, settings=tuple(settings or ())) for name in names or known_runs(layout.params)
    ]
    errors: list[PilotsError] = []
    for found in check_rows(read_inventory(layout), rows):
        try:
            found.ready()
            check_published(layout, found.row.run)
            screen.out.print(f"{found.row.run}: ok")
        except PilotsError as error:
            screen.show_error(error)
            errors.append(error)
    exit_with_worst(errors)


def list_runs() -> None:
    """List the runs and whether each is published."""
    from commune_pilots import store
    from commune_pilots.params import known_runs
    from commune_pilots.runs import manifest

    layout = store.find_root()
    screen.show_runs({name: manifest.read(layout, name) for name in known_runs(layout.params)})
