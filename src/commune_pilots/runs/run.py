"""One run from parameters to a published briefing: only what changed is executed."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commune_pilots import store
from commune_pilots.errors import (
    InputError,
    KernelDiedError,
    NotebookError,
    PilotsError,
    RunTimeoutError,
    StoppedError,
    WriteError,
)
from commune_pilots.params import Run
from commune_pilots.runs import manifest, plan, publish
from commune_pilots.runs.code import read_hashes
from commune_pilots.runs.halt import Halt
from commune_pilots.runs.inventory import Inventory
from commune_pilots.runs.resume import Work, input_states, published_records

# Simulated data is labelled in the file name too: it must not travel as a briefing.
BRIEFINGS = {"press": "briefing.html", "simulated": "briefing_simulated.html"}
REQUESTS = {"press": "data_request.html", "simulated": "data_request_simulated.html"}
_INDICATORS = "params/indicators.yml"
# The tables that pages and index quote.
QUOTED = (
    "verdicts", "contrasts", "effects", "units", "sources", "observations", "pilots",
    "interventions", "coverage",
)  # fmt: skip
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run as asked for: its parameters, and how to execute it."""

    run: Run
    force: bool = False
    cold: bool = False
    retries: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One run that is published: the steps it took, and for how long."""

    run: str
    steps: tuple[str, ...]
    seconds: float
    briefing: Path
    key: str = ""

    @property
    def ran(self) -> bool:
        """Say whether anything had to run."""
        return bool(self.steps)


def check_published(layout: store.Layout, run: str) -> None:
    """Hold published outputs against their manifest; a run never published passes.

    Raises InputError naming the first output that is missing or altered.
    """
    found = manifest.read(layout, run)
    if found and (altered := manifest.altered_output(layout, found)):
        raise InputError("altered", run=run, file=altered)


def standing(layout: store.Layout, run: Run) -> Done:
    """Tell of a published run that stands: nothing ran."""
    found = manifest.read(layout, run.run)
    return Done(
        run=run.run,
        key=found["key"] if found else "",
        steps=(),
        seconds=0.0,
        briefing=layout.reports(run.run) / BRIEFINGS[run.data],
    )


def execute_run(
    inventory: Inventory,
    job: Job,
    *,
    halt: Halt | None = None,
    progress: Progress = lambda _: None,
) -> Done:
    """Execute and publish one run whose parameters are checked; what stands is left alone.

    Raises an error of the tree; nothing is published then and what was published stays. Steps that
    finished before a failure are kept beside the outputs and are not run again.
    """
    started = time.monotonic()
    layout, name = inventory.layout, job.run.run
    if not any(step.reasons for step in inventory.plan(job.run, force=job.force)):
        if publish.leftovers(layout, name):
            publish.tidy(layout, name)
        return standing(layout, job.run)
    with publish.staging(layout, name) as folder:
        work = Work(layout, name, folder)
        try:
            ran = fill(inventory, job, work, halt=halt or Halt(), progress=progress)
        except OSError as refused:
            raise WriteError(
                "cannot_write", file=str(refused.filename or folder), reason=refused.strerror
            ) from refused
        except StoppedError:
            raise
        except PilotsError as error:
            report_failure(layout, name, folder, error)
            raise
        publish.publish(layout, name, folder)
    done = standing(layout, job.run)
    return replace(done, steps=ran, seconds=time.monotonic() - started)


def report_failure(layout: store.Layout, run: str, folder: Path, error: PilotsError) -> None:
    """Keep the notebooks of a run that stopped and tell what stopped it, where the disk allows."""
    from commune_pilots.runs import failures

    with suppress(OSError, WriteError):  # the error itself is the news, not that it has no page
        publish.keep_failed(layout, run, folder)
        failures.write_failure(layout.failed(run), error)


def fill(
    inventory: Inventory, job: Job, work: Work, *, halt: Halt, progress: Progress
) -> tuple[str, ...]:
    """Make everything a run publishes in its work folder, the manifest last; names what ran."""
    begun, run = datetime.now(UTC), job.run
    left = work.take_up([step.name for step in inventory.steps])
    published = published_records(inventory.layout, run.run)
    if job.force:
        for name, unfinished in left.items():
            work.forget(name, unfinished)
        left, published = {}, {}
    *steps, last = inventory.steps
    records: dict[str, plan.Record] = {}
    usage: dict[str, Any] = {}
    for step in steps:
        record = _take_over(inventory, run, step, work, records, left, published)
        if record is None:
            progress(step.name)
            work.clear(plan.outputs_of([*records.values(), *left.values()]))
            record, usage[step.name] = _execute(inventory, job, step, work, records, halt)
            work.keep(step.name, record)
        records[step.name] = record
    _refuse_changed(inventory, records, work)
    progress(last.name)
    facts = _export(inventory, run, work, records)
    told = {
        "started": begun.isoformat(timespec="seconds"),
        "host": platform.node(),
        "steps": usage,
        "kernels": "cold" if job.cold else "warm where possible",
    }
    content = manifest.compose(facts, records)
    if unclaimed := work.unclaimed(content["outputs"]):
        raise NotebookError("unclaimed", run=run.run, file=unclaimed[0])
    store.write_bytes(work.reports / manifest.VOLATILE, manifest.to_bytes(told))
    store.write_bytes(work.reports / manifest.NAME, manifest.to_bytes(content))
    return (*usage, last.name)


def _take_over(
    inventory: Inventory,
    run: Run,
    step: plan.Step,
    work: Work,
    finished: Mapping[str, plan.Record],
    *known: Mapping[str, plan.Record],
) -> plan.Record | None:
    """Take a step over as it ran before, if nothing it depends on has changed since."""
    made = plan.outputs_of(finished.values())
    for records in known:
        if record := records.get(step.name):
            work.lend(record)
            if not plan.why(
                step, record, run, environment=inventory.environment, hash_of=work.hash_of
            ):
                return record
            work.forget(step.name, record, kept=made)
    return None


def _export(
    inventory: Inventory, run: Run, work: Work, records: dict[str, plan.Record]
) -> dict[str, Any]:
    """Make the pages of executed notebooks, record that step too, and name the run's facts."""
    import nbformat

    from commune_pilots.runs import pages, released

    *steps, last = inventory.steps
    notebooks = {
        step.name: nbformat.read(work.reports / f"{step.name}.ipynb", as_version=4)
        for step in steps
    }
    quoted = (*QUOTED, "results") if run.since else QUOTED
    tables = pages.read_tables(work.data, quoted, run=run.run)
    facts = {
        **pages.facts(run, notebooks[steps[-1].name], tables),
        "parameters": run.model_dump(),
        "commit": inventory.commit,
        "dirty": inventory.dirty,
        "versions": manifest.versions(),
    }
    content = manifest.compose(facts, records)
    origin = pages.Origin(
        commit=inventory.commit,
        dirty=inventory.dirty,
        inputs=content["inputs"],
        versions=facts["versions"],
        written={name: manifest.tables_in(record.outputs) for name, record in records.items()},
        changes=released.changes_since(inventory.layout, run, content, tables),
    )
    read = {
        path: sha
        for path, sha in {**content["inputs"], **content["outputs"]}.items()
        if _read_by_pages(path, quoted)
    }
    made = pages.make_pages(
        run,
        notebooks,
        tables,
        origin,
        briefing=BRIEFINGS[run.data],
        request=REQUESTS[run.data],
        indicators=pages.read_indicators(
            inventory.layout.root / _INDICATORS, read.get(_INDICATORS, plan.ABSENT)
        ),
    )
    for name, page in made.items():
        store.write_bytes(work.reports / name, page)
    records[last.name] = plan.Record(
        content=last.content,
        parameters=plan.parameters_for(last, run),
        modules=dict(last.modules),
        environment=inventory.environment,
        reads=read,
        outputs={
            f"reports/{run.run}/{name}": store.sha256_bytes(made[name]) for name in sorted(made)
        },
    )
    return facts


def _execute(
    inventory: Inventory,
    job: Job,
    step: plan.Step,
    work: Work,
    finished: Mapping[str, plan.Record],
    halt: Halt,
) -> tuple[plan.Record, dict[str, Any]]:
    """Execute one notebook, again if its kernel dies or is late, and record what it did."""
    from commune_pilots.runs.execute import Setting, execute_notebook

    assert step.notebook is not None
    started = time.monotonic()
    parameters = plan.parameters_for(step, job.run)
    setting = Setting(
        layout=inventory.layout,
        staging=work.folder,
        run=job.run.run,
        cell_timeout=job.run.cell_timeout,
        notebook_timeout=job.run.notebook_timeout,
        cold=job.cold,
        halt=halt,
    )
    before, inputs = work.states(), input_states(inventory.layout)
    attempts = 0
    while True:
        if halt.asked:
            raise StoppedError("stopped", run=job.run.run)
        attempts += 1
        try:
            _, read = execute_notebook(
                step.notebook, work.reports / step.notebook.name, setting, parameters=parameters
            )
            break
        except (KernelDiedError, RunTimeoutError):
            if attempts > job.retries:
                raise
            work.clear(before)
    outputs = {
        name: store.sha256(work.path(name))
        for name, state in work.states().items()
        if before.get(name) != state
    }
    for name, record in finished.items():
        if twice := outputs.keys() & record.outputs.keys():
            raise NotebookError(
                "written_twice", run=job.run.run, file=min(twice), first=name, second=step.name
            )
    seen = {work.name(path) for path in read} - {None, *outputs, *work.own}
    names = sorted(str(name) for name in seen)
    after = input_states(inventory.layout)
    for name in names:
        if inputs.get(name) != after.get(name):
            raise InputError("changed_meanwhile", file=name)
    record = plan.Record(
        content=step.content,
        parameters=parameters,
        modules=dict(step.modules),
        environment=inventory.environment,
        # What was looked for in vain counts, but not a passing file of the step's own writing.
        reads={
            name: sha or plan.ABSENT
            for name in names
            if (sha := work.hash_of(name)) or not name.startswith(tuple(work.own))
        },
        outputs=outputs,
    )
    seconds = round(time.monotonic() - started, 3)
    return record, {"seconds": seconds, "attempts": attempts}


def _refuse_changed(inventory: Inventory, records: Mapping[str, plan.Record], work: Work) -> None:
    """Refuse a run whose inputs, notebooks or modules were changed while it was going on."""
    for record in records.values():
        for path, expected in record.reads.items():
            if (work.hash_of(path) or plan.ABSENT) != expected:
                raise InputError("changed_meanwhile", file=path)
    hashes = read_hashes(inventory.package)
    for step in inventory.steps:
        for name, expected in step.modules.items():
            if hashes.get(name) != expected:
                raise InputError("changed_meanwhile", file=name)
        if step.notebook and (
            not step.notebook.exists() or plan.notebook_content(step.notebook) != step.content
        ):
            raise InputError("changed_meanwhile", file=step.notebook.name)


def _read_by_pages(path: str, quoted: Collection[str] = QUOTED) -> bool:
    """Say whether pages are made of a file; notebooks before them read all but notebooks too."""
    kept = path == _INDICATORS or path.startswith(f"{store.RELEASED}/")
    return kept or path.endswith(".ipynb") or not set(quoted).isdisjoint(manifest.tables_in([path]))
