"""Everything that can be refused before a kernel starts: parameters, raw tables, notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from commune_pilots import store
from commune_pilots.errors import ContractError, ParameterError, PilotsError
from commune_pilots.params import Run, load_corrections, load_indicators, load_run
from commune_pilots.runs import plan, publish, released
from commune_pilots.runs.inventory import Inventory
from commune_pilots.runs.table import Row, batch_names
from commune_pilots.vocabulary import Data, Simulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One row that was checked: its run and whether anything is due, or the error it has."""

    row: Row
    run: Run | None = None
    due: bool = False
    error: PilotsError | None = None

    def ready(self) -> Run:
        """Hand out the run, or raise the row's error."""
        if self.error:
            raise self.error
        assert self.run is not None
        return self.run


def read_row(layout: store.Layout, row: Row) -> Run:
    """Merge base, run file and the row's settings into one checked Run; raises ParameterError."""
    if row.run in batch_names(layout.params):
        own = (layout.params / "runs" / f"{row.run}.yml").is_file() or row.like
        key = "run_named_as_batch" if own else "run_is_batch"
        raise ParameterError(key, file=row.place, run=row.run)
    return load_run(
        row.run, layout.params, like=row.like or row.run, settings=row.settings, place=row.place
    )


def check_rows(
    inventory: Inventory, rows: Sequence[Row], *, force: bool | None = None
) -> list[Checked]:
    """Check each row: its parameters, then raw tables, corrections, scope and notebooks.

    Every row is checked whatever becomes of the others; a row's error stands in its place. Where
    `force` is given, rows are also planned, and the tables of a run that stands are not read again:
    the same code has checked the same files. Values that break a contract are listed under
    reports/<run>.failed.
    """
    layout = inventory.layout

    @cache
    def tables(
        data: Data, simulation: Simulation, seed: int, deliveries: tuple[str, ...], study: str
    ) -> Any:
        from commune_pilots.clean import corrections
        from commune_pilots.sources.raw import read_raw

        known = load_corrections(layout.params / "corrections.yml")
        raw = read_raw(
            layout,
            data=data,
            simulation=simulation,
            seed=seed,
            deliveries=deliveries,
            study=study,
        )
        return corrections.correct_all(raw, known)

    def check(row: Row) -> Checked:
        run = read_row(layout, row)
        for step in inventory.steps:
            plan.parameters_for(step, run)
        file = f"params/runs/{row.like or row.run}.yml"
        overridden = [entry.partition("=")[0] for entry in row.settings]
        place = row.place if "since" in overridden else file
        released.check_since(layout, run.run, run.since, place=place)
        if force is not None and not any(step.reasons for step in inventory.plan(run, force=force)):
            return Checked(row=row, run=run, due=publish.leftovers(layout, run.run))
        from commune_pilots.clean import scope

        scope.check_scope(
            run,
            tables(
                run.data,
                run.simulation,
                run.seed if run.data == "simulated" else 0,
                tuple(run.deliveries),
                run.study,
            ),
            load_indicators(layout.params / "indicators.yml"),
            overridden=overridden,
            place=row.place,
            file=file,
        )
        return Checked(row=row, run=run, due=True)

    found = []
    for row in rows:
        try:
            found.append(check(row))
        except ContractError as broken:
            from commune_pilots.runs import failures

            broken.report = failures.write_contract(layout.failed(row.run), broken)
            found.append(Checked(row=row, error=broken))
        except PilotsError as error:
            found.append(Checked(row=row, error=error))
    return found
