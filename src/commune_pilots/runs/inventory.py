"""What the project holds right now, read once for a whole batch."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from commune_pilots import store
from commune_pilots.params import Run
from commune_pilots.runs import manifest, plan
from commune_pilots.runs.code import Code, digest, read_code
from commune_pilots.runs.resume import hash_of, published_records


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Folders, steps, environment and commit that every run of a batch shares."""

    layout: store.Layout
    package: Path | None = None
    code: Code
    steps: tuple[plan.Step, ...]
    environment: dict[str, str]
    commit: str
    dirty: bool
    _hashes: dict[str, str | None] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Hash code, notebooks, environment, commit: machines that agree make the same bytes."""
        told = [[(step.name, step.content) for step in self.steps], dict(self.code.hashes)]
        around = [self.environment, self.commit, self.dirty]
        return digest(json.dumps([told, around], sort_keys=True).encode())

    def hash_of(self, path: str) -> str | None:
        """Hash a file named by its path from the root; what no run writes is hashed once."""
        if path.startswith(("data/processed/", "reports/")):
            return hash_of(self.layout.root / path)
        if path not in self._hashes:
            self._hashes[path] = hash_of(self.layout.root / path)
        return self._hashes[path]

    def plan(self, run: Run, *, force: bool = False) -> list[plan.Planned]:
        """Say for each step of a run whether it must run, and why."""
        return plan.plan_run(
            run,
            self.steps,
            published_records(self.layout, run.run),
            environment=self.environment,
            hash_of=self.hash_of,
            force=force,
        )


def read_inventory(layout: store.Layout, *, package: Path | None = None) -> Inventory:
    """Read code (of our own package, unless another folder is given), notebooks, lock and commit.

    Raises InputError for a folder without notebooks or a notebook that is not Python.
    """
    code = read_code(package)
    commit, dirty = manifest.code_state(layout.root)
    return Inventory(
        layout=layout,
        package=package,
        code=code,
        steps=plan.read_steps(layout, code),
        environment=plan.environment(layout, code, manifest.versions()),
        commit=commit,
        dirty=dirty,
    )
