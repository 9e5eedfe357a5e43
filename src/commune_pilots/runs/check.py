"""Everything that can be refused before a kernel starts: parameters, raw tables, notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from commune_pilots import store
from commune_pilots.errors import ContractError, PilotsError
from commune_pilots.params import Run, load_corrections, load_indicators, load_run
from commune_pilots.runs import plan
from commune_pilots.runs.inventory import Inventory
from commune_pilots.runs.table import Row

Checked = tuple[Row, Run | PilotsError]


def read_row(layout: store.Layout, row: Row) -> Run:
    """Merge base, run file and the row's settings into one checked Run; raises ParameterError."""
    return load_run(
        row.run, layout.params, like=row.like or row.run, settings=row.settings, place=row.place
    )


def check_rows(
    inventory: Inventory, rows: Sequence[Row], *, only_new: bool = False
) -> list[Checked]:
    """Check each row: its parameters, then raw tables, corrections, scope and notebooks.

    Every row is checked whatever becomes of the others; a row's error stands in its place. With
    `only_new` the tables of a run that stands are not read again: it was checked by the same code
    on the same files. Values that break a contract are listed under reports/<run>.failed.
    """
    layout = inventory.layout

    @cache
    def tables(data: str, seed: int) -> Any:
        from commune_pilots.clean import corrections
        from commune_pilots.sources.raw import read_raw

        known = load_corrections(layout.params / "corrections.yml")
        return corrections.correct_all(read_raw(layout, data=data, seed=seed), known)

    found: list[Checked] = []
    for row in rows:
        try:
            run = read_row(layout, row)
            for step in inventory.steps:
                plan.parameters_for(step, run)
            if not only_new or any(step.reasons for step in inventory.plan(run)):
                from commune_pilots.clean import scope

                scope.check_scope(
                    run,
                    tables(run.data, run.seed if run.data == "simulated" else 0),
                    load_indicators(layout.params / "indicators.yml"),
                    overridden=[entry.partition("=")[0] for entry in row.settings],
                    place=row.place,
                )
            found.append((row, run))
        except ContractError as broken:
            from commune_pilots.runs import failures

            broken.report = failures.write_contract(layout.failed(row.run), broken)
            found.append((row, broken))
        except PilotsError as error:
            found.append((row, error))
    return found
