"""The runs of one batch as a Provenance Run Crate, for tools that read RO-Crate.

The crate says what the manifests say: files with hashes, parameters, steps in order. A manifest has
no times, so no action has one. Files stay where the project keeps them; the crate refers to them
from its folder, with `../` where they stand above it.
"""

from __future__ import annotations

import functools
import json
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from commune_pilots import store

NAME = "ro-crate-metadata.json"
# No single file lists the steps: this module takes a batch through the numbered notebooks.
WORKFLOW = "src/commune_pilots/runs/batch.py"
# Profiles 0.5 rest on RO-Crate 1.1; for later ones rocrate-validator has no rules yet.
_CRATE = "https://w3id.org/ro/crate/1.1"
_WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    _WORKFLOW_CRATE: "Workflow RO-Crate",
}
_LICENCE = "https://spdx.org/licenses/Apache-2.0"
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"  # sha256 is no term of RO-Crate 1.1
_SOFTWARE = "SoftwareApplication"
_FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python",
    ".yml": "application/yaml",
}

Manifest = Mapping[str, Any]
Reference = dict[str, str]


def write_crate(
    folder: Path,
    *,
    name: str,
    manifests: Sequence[Manifest],
    root: Path,
    published: str,
    workflow: str = WORKFLOW,
) -> Path:
    """Write `folder`/ro-crate-metadata.json over the runs of the batch `name`; returns its path.

    The same runs give the same bytes, in whatever order they come. `folder` is `root` or inside it;
    `published` is an ISO 8601 date or moment, `workflow` the file under `root` that stands for the
    whole: the module that runs batches, or where the package is installed apart, the batch's table.
    Raises ValueError if either is not so, if no run is
    given or one twice, if a file has two hashes or a step names one without; else WriteError.
    """
    datetime.fromisoformat(published)
    runs = sorted(manifests, key=lambda run: str(run["run"]))
    if not runs or len({run["run"] for run in runs}) < len(runs):
        raise ValueError(f"batch {name} has no run, or one run twice")
    place = folder.relative_to(root).as_posix()
    content = _Batch(name, runs, place, workflow).describe(published)
    written = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    store.write_bytes(folder / NAME, written.encode())
    return folder / NAME


class _Batch:
    """Builds the crate of one batch, entity by entity."""

    def __init__(self, name: str, runs: Sequence[Manifest], place: str, workflow: str) -> None:
        # Slow to import, and needed for this one file only.
        from rocrate.model import ContextEntity
        from rocrate.rocrate import ROCrate

        self.name, self.runs, self.place = name, runs, place
        self.crate: Any = ROCrate(version=_CRATE.rpartition("/")[2])
        self.entity: Any = ContextEntity
        self.address = functools.cache(lambda path: quote(posixpath.relpath(path, place)))
        self.files: dict[str, dict[str, Any]] = {}
        self.actions: list[Reference] = []
        for run in runs:
            self._hashed(run, run["inputs"])
            self._hashed(run, run["outputs"], description=_warning(run))
        self.engine = self._engine()
        steps = sorted({step for run in runs for step in run["steps"]})
        self.tools = {step: self._tool(step) for step in steps}
        self.plan = {
            step: self._add(f"#step/{step}", "HowToStep", name=step, position=at, workExample=tool)
            for at, (step, tool) in enumerate(self.tools.items(), start=1)
        }
        self.workflow = self._workflow(workflow)

    def describe(self, published: str) -> dict[str, Any]:
        """Add the runs, the root and the files, and give the crate as JSON-LD."""
        for run in self.runs:
            self._run(run)
        self._root(published)
        for path, said in sorted(self.files.items()):
            self.crate.add_file(dest_path=posixpath.relpath(path, self.place), properties=said)
        # The library takes `../a` and `../../a` for one file and keeps the last.
        if len(self.crate.data_entities) < len(self.files):
            raise ValueError(f"two files of batch {self.name} have one address in a crate")
        content: dict[str, Any] = self.crate.metadata.generate()
        content["@graph"].sort(key=lambda entity: entity["@id"])
        return content

    def _engine(self) -> Reference:
        needs = [
            self._add(f"#software/{name}-{version}", _SOFTWARE, name=name, softwareVersion=version)
            for name, version in sorted({i for run in self.runs for i in run["versions"].items()})
        ]
        return self._add("#engine", _SOFTWARE, name="pilots", softwareRequirements=needs)

    def _tool(self, step: str) -> Reference:
        """Name the notebook of a step; a step without one is done by the package itself."""
        sources = {run["steps"][step]["notebook"] for run in self.runs if step in run["steps"]}
        if not any(sources):
            return self._add(f"#tool/{step}", _SOFTWARE, name=f"pilots: {step}")
        # What a run keeps names a version of the notebook: two runs may have met two versions.
        version = [f"sha256:{source}" for source in sorted(sources)]
        return self._file(f"notebooks/{step}.ipynb", "SoftwareSourceCode", version=version)

    def _workflow(self, path: str) -> Reference:
        python = self._add("#python", "ComputerLanguage", name="Python", url="https://python.org/")
        return self._file(
            path,
            *("SoftwareSourceCode", "ComputationalWorkflow", "HowTo"),
            name=f"pilots batch {self.name}",
            description="Takes every run of a batch through the numbered notebooks, in order.",
            version=sorted({run["commit"] for run in self.runs}),
            programmingLanguage=python,
            hasPart=list(self.tools.values()),
            step=list(self.plan.values()),
        )

    def _run(self, run: Manifest) -> None:
        """Add one action for the run, one for each of its steps, and what ties them together."""
        name = run["run"]
        label = f"{name} (simulated data)" if run["data"] == "simulated" else name
        values = self._values(f"#parameter/{name}", run["parameters"])
        whole = self._action(
            f"#run/{name}",
            name=f"Run {label}",
            description=_account(run),
            instrument=self.workflow,
            object=[*self._found(run["inputs"]), *values.values()],
            result=self._found(run["outputs"]),
        )
        controls = []
        for step, done in sorted(run["steps"].items()):
            given = done["parameters"]
            own = dict(item for item in given.items() if item not in run["parameters"].items())
            used = {**values, **self._values(f"#parameter/{name}/{step}", own)}
            action = self._action(
                f"#run/{name}/{step}",
                name=f"Step {step} of run {label}",
                description=f"{_warning(run)} Key of the step: {done['key']}.".strip(),
                instrument=self.tools[step],
                object=[*self._found(done["reads"]), *(used[key] for key in sorted(given))],
                result=self._found(done["outputs"]),
            )
            said: dict[str, Any] = {"object": action, "instrument": self.plan[step]}
            controls.append(self._add(f"#control/{name}/{step}", "ControlAction", **said))
        said = {"object": controls, "instrument": self.engine, "result": whole}
        self._add(f"#organize/{name}", "OrganizeAction", **said)
        self._file(f"reports/{name}/manifest.json", about=whole, description="Manifest of a run.")

    def _root(self, published: str) -> None:
        simulated = [run["run"] for run in self.runs if run["data"] == "simulated"]
        root = self.crate.root_dataset
        root["name"] = f"Batch {self.name}{' (with simulated runs)' if simulated else ''}"
        said = f"Runs of the batch {self.name} with inputs, parameters, steps and outputs. "
        said += "Files stand where the project keeps them, most of them outside this folder."
        said += f" Simulated data, not evidence: {', '.join(simulated)}." if simulated else ""
        root["description"] = said
        root["author"] = self._add("#authors", "Organization", name="Commune Pilots contributors")
        root["conformsTo"] = [
            self._add(uri, "CreativeWork", name=title, version=uri.rpartition("/")[2])
            for uri, title in _PROFILES.items()
        ]
        root["datePublished"] = published
        root["license"] = self._add(_LICENCE, "CreativeWork", name="Apache License 2.0")
        root["mainEntity"] = self.workflow
        root["mentions"] = _single(self.actions)
        self.crate.metadata["conformsTo"] = [{"@id": _CRATE}, {"@id": _WORKFLOW_CRATE}]
        self.crate.metadata.extra_contexts.append(_TERMS)

    def _values(self, place: str, parameters: Manifest) -> dict[str, Reference]:
        return {
            key: self._add(f"{place}/{key}", "PropertyValue", name=key, value=_text(value))
            for key, value in sorted(parameters.items())
        }

    def _action(self, identifier: str, **said: Any) -> Reference:
        said["actionStatus"] = "http://schema.org/CompletedActionStatus"
        self.actions.append(self._add(identifier, "CreateAction", **said))
        return self.actions[-1]

    def _add(self, identifier: str, kind: str, **said: Any) -> Reference:
        """Add one entity that is no file; an empty list says nothing and is left out."""
        kept = {key: _single(value) for key, value in said.items() if value != []}
        # `add_jsonld` searches all entities at each call: minutes at 1,000 runs, not seconds.
        self.crate.add(self.entity(self.crate, identifier, {"@type": kind, **kept}))
        return {"@id": identifier}

    def _file(self, path: str, *kinds: str, **said: Any) -> Reference:
        """Say more of one file; an entity of it is made once, when all is said."""
        known = self.files.setdefault(path, {"name": path})
        known["@type"] = _single(["File", *kinds])
        said["encodingFormat"] = _FORMATS.get(PurePosixPath(path).suffix)
        known |= {key: _single(value) for key, value in said.items() if value}
        return {"@id": self.address(path)}

    def _hashed(self, run: Manifest, files: Mapping[str, str], **said: str) -> None:
        for path, digest in files.items():
            if self.files.get(path, {}).get("sha256", digest) != digest:
                raise ValueError(f"{path} has another hash in the manifest of run {run['run']}")
            self._file(path, sha256=digest, **said)

    def _found(self, paths: Iterable[str]) -> list[Reference]:
        """Refer to files in order; one without a hash was looked for and not there."""
        there = (path for path in sorted(paths) if "sha256" in self.files.get(path, {}))
        return [{"@id": self.address(path)} for path in there]


def _warning(run: Manifest) -> str:
    return "Simulated data, not evidence." if run["data"] == "simulated" else ""


def _account(run: Manifest) -> str:
    code = f"{run['commit']}{', with uncommitted changes' if run['dirty'] else ''}"
    environment = ", ".join(f"{key} {value}" for key, value in sorted(run["environment"].items()))
    said = f"{run['title']} | grade {run['grade']} | option {run['option']} | key {run['key']}"
    return f"{_warning(run)} {said} | code {code} | environment {environment}".strip()


def _text(value: object) -> object:
    # An empty list vanishes when JSON-LD is read, so what is no scalar is kept as its JSON text.
    if isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _single(values: Any) -> Any:
    # RO-Crate wants the value itself where a list would hold one.
    return values[0] if isinstance(values, list) and len(values) == 1 else values
