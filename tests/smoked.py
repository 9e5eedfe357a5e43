"""The run `smoke` through the production runner, executed once for a whole session of tests."""

from __future__ import annotations

import fcntl
import os
import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest
from built import copy_project

from commune_pilots import store
from commune_pilots.errors import PilotsError
from commune_pilots.params import load_run
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.plan import PAGES
from commune_pilots.runs.run import Done, Job, execute_run

RUN = "smoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoked:
    """What became of the run in a copy of the project: steps begun, and how it ended."""

    root: Path
    steps: tuple[str, ...]
    done: Done | None = None
    error: PilotsError | None = None

    @property
    def layout(self) -> store.Layout:
        """Folders of that copy: to be read, never written."""
        return store.Layout(self.root)

    @property
    def stopped_at(self) -> str | None:
        """Name the notebook that the run stopped at; None where it stopped before any.

        What comes after the last notebook is made of it, and stops there.
        """
        if self.error and "notebook" in self.error.values:
            return Path(str(self.error.values["notebook"])).stem
        notebooks = [step for step in self.steps if step != PAGES]
        return notebooks[-1] if notebooks else None


def smoked(factory: pytest.TempPathFactory) -> Smoked:
    """Give what became of the run, executed by whichever worker asks first; the others wait."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = shared / "smoked.pickle"
    with (shared / "smoked.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_file():
            beside = kept.with_suffix(".new")
            beside.write_bytes(pickle.dumps(_execute(shared / "smoked")))
            beside.replace(kept)
    found: Smoked = pickle.loads(kept.read_bytes())
    return found


def _execute(folder: Path) -> Smoked:
    folder.mkdir()
    layout = copy_project(folder)
    steps: list[str] = []
    try:
        job = Job(run=load_run(RUN, layout.params))
        done = execute_run(read_inventory(layout), job, progress=steps.append)
    except PilotsError as error:
        return Smoked(root=folder, steps=tuple(steps), error=error)
    return Smoked(root=folder, steps=tuple(steps), done=done)
