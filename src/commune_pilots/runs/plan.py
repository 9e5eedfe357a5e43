"""What each step of a run depends on, and why it must run again.

A step is a notebook, or the making of the pages after the last one. It stands as long as its
notebook, the parameters it declares, the files it read, the modules it can reach and the
environment are what they were, and each of its outputs has the bytes it had.
"""

from __future__ import annotations

import ast
import json
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from commune_pilots import catalogue, store
from commune_pilots.catalogue import Language
from commune_pilots.errors import InputError, ParameterError
from commune_pilots.keys import near
from commune_pilots.params import Run
from commune_pilots.runs.code import PACKAGE, Code, digest, parse

PAGES = "pages"
_PAGES_MODULE = "commune_pilots.runs.run"  # it chooses what pages are made of, and calls them
ABSENT = ""  # instead of the hash of a file that was looked for and not there
_RUNNING = ("engine", "execute", "forked", "kernels", "reads", "template")
# Everything that could change a byte from one machine or run to the next.
SWITCHES = {
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "svg",
    "IPYKERNEL_CELL_NAME": "cell",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
HashOf = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as it would run now, whatever the run: its text and what that text can reach."""

    name: str
    notebook: Path | None
    content: str
    declared: tuple[str, ...]
    modules: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One step as it ran: what it depended on and what it made, every file with its hash."""

    content: str
    parameters: Mapping[str, Any]
    modules: Mapping[str, str]
    environment: Mapping[str, str]
    reads: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def key(self) -> str:
        """Hash everything the outputs depend on."""
        about = [self.content, self.parameters, self.modules, self.environment, self.reads]
        return digest(*(json.dumps(part, sort_keys=True).encode() for part in about))


def outputs_of(records: Iterable[Record]) -> set[str]:
    """Name every file that some steps have made."""
    return {name for record in records for name in record.outputs}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to run a step again; `kind` is its wording under `plan.` in the catalogue."""

    kind: str
    values: tuple[tuple[str, object], ...] = ()

    def sentence(self, language: Language) -> str:
        """Word the reason."""
        return catalogue.text(f"plan.{self.kind}", language, **dict(self.values))


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of one run: the reasons to run it; none if it stands.

    Where `waits` is true the only reason is that an earlier step runs, which may leave this one's
    inputs as they were.
    """

    step: str
    reasons: tuple[Reason, ...]
    waits: bool = False


def notebooks(layout: store.Layout) -> list[Path]:
    """List the numbered notebooks in order; raises InputError where there is none."""
    found = sorted(layout.notebooks.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise InputError("no_notebooks", folder=layout.notebooks.as_posix())
    return found


def read_steps(layout: store.Layout, code: Code) -> tuple[Step, ...]:
    """Read the steps of every run: the numbered notebooks, then the pages.

    Raises InputError for a folder without notebooks or a notebook that is not Python.
    """
    steps = [_notebook_step(path, code) for path in notebooks(layout)]
    pages = Step(
        name=PAGES,
        notebook=None,
        content="",
        declared=tuple(Run.model_fields),
        modules=_hashes(code, f"import {_PAGES_MODULE}"),
    )
    return (*steps, pages)


def parameters_for(step: Step, run: Run) -> dict[str, Any]:
    """Take the parameters one step declares out of the run's.

    Raises ParameterError if it declares one the contract does not know.
    """
    values = run.model_dump()
    for name in step.declared:
        if name not in values:
            raise ParameterError(
                "undeclared_parameter",
                notebook=f"{step.name}.ipynb",
                key=name,
                hint=near(name, list(values)),
            )
    return {name: values[name] for name in step.declared}


def environment(layout: store.Layout, code: Code, versions: Mapping[str, str]) -> dict[str, str]:
    """Name what surrounds a step: interpreter, packages locked or installed, kernels."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "lock": packages_of(layout),
        "packages": digest(json.dumps(dict(versions), sort_keys=True).encode()),
        "kernels": digest(
            json.dumps(SWITCHES, sort_keys=True).encode(),
            *(code.hashes[f"{PACKAGE}.runs.{name}"].encode() for name in _RUNNING),
        ),
    }


def packages_of(layout: store.Layout) -> str:
    """Hash the packages that a project runs with: its lock, or what is installed without one."""
    lock = layout.root / "uv.lock"
    return store.sha256(lock) if lock.is_file() else installed_packages()


@cache
def installed_packages() -> str:
    """Hash names and versions of all that is installed: a project without a lock rests on it."""
    found = {f"{package.name}=={package.version}" for package in distributions()}
    return digest("\n".join(sorted(found)).encode())


def plan_run(
    run: Run,
    steps: Sequence[Step],
    records: Mapping[str, Record],
    *,
    environment: Mapping[str, str],
    hash_of: HashOf,
    force: bool = False,
) -> list[Planned]:
    """Say for each step whether it must run, and every reason; nothing is executed or written.

    `records` are the steps as they ran last, `hash_of` hashes a file named by its path from the
    root and gives None where there is none.
    """
    planned: list[Planned] = []
    gone = records.keys() - {step.name for step in steps}
    rewritten: dict[str, str] = {}
    unknown: list[str] = []  # steps that never ran: nobody can say what they will write
    for step in steps:
        record = records.get(step.name)
        if force:
            reasons: list[Reason] = [Reason("forced")]
        else:
            reasons = why(step, record, run, environment=environment, hash_of=hash_of)
        waits = False
        if record and not reasons:
            earlier = sorted({rewritten[path] for path in record.reads if path in rewritten})
            earlier = [*unknown, *earlier]
            if step.name == PAGES:  # made anew whenever anything runs
                earlier = [before.step for before in planned if before.reasons]
                reasons = [Reason("removed", (("step", name),)) for name in sorted(gone)]
            waits = bool(earlier) and not reasons
            if waits:
                reasons = [Reason("waits", (("steps", ", ".join(earlier)),))]
        if record is None:
            unknown.append(step.name)
        elif reasons:
            rewritten |= dict.fromkeys(record.outputs, step.name)
        planned.append(Planned(step.name, tuple(reasons), waits))
    return planned


def why(
    step: Step,
    record: Record | None,
    run: Run,
    *,
    environment: Mapping[str, str],
    hash_of: HashOf,
) -> list[Reason]:
    """List what differs between a step as it ran and as it would run now; nothing: it stands."""
    parameters = parameters_for(step, run)
    if record is None:
        return [Reason("new")]
    reasons = []
    if record.content != step.content:
        reasons.append(Reason("notebook", (("notebook", f"{step.name}.ipynb"),)))
    for name in sorted({*record.parameters, *parameters}):
        before, now = record.parameters.get(name), parameters.get(name)
        if before != now:
            shown = (("key", name), ("before", json.dumps(before)), ("now", json.dumps(now)))
            reasons.append(Reason("parameter", shown))
    for kind, then, today in (
        ("module", record.modules, step.modules),
        ("environment", record.environment, environment),
    ):
        for name in sorted({*then, *today}):
            if then.get(name) != today.get(name):
                reasons.append(Reason(kind, (("name", name),)))
    for path, expected in sorted(record.reads.items()):
        if ((found := hash_of(path)) or ABSENT) != expected:
            reasons.append(Reason("input" if found else "input_missing", (("file", path),)))
    for path, expected in sorted(record.outputs.items()):
        if (found := hash_of(path)) != expected:
            reasons.append(Reason("output" if found else "output_missing", (("file", path),)))
    return reasons


def declared_parameters(cells: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """List the names that a notebook's cell tagged `parameters` assigns."""
    for cell in cells:
        if "parameters" in cell["metadata"].get("tags", []):
            return tuple(
                target.id
                for node in parse("".join(cell["source"])).body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            )
    return ()


def notebook_content(path: Path) -> str:
    """Hash a notebook: all of it but outputs, counts and what the editor and papermill leave.

    Raises InputError for a file that is not a notebook, FileNotFoundError for none.
    """
    return _read_notebook(path)[0]


def _notebook_step(path: Path, code: Code) -> Step:
    content, cells = _read_notebook(path)
    texts = {
        str(cell.get("id")): "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code"
    }
    for cell, text in texts.items():
        try:
            parse(text)
        except SyntaxError as broken:
            raise InputError(
                "notebook_syntax",
                notebook=path.name,
                cell=cell,
                line=broken.lineno,
                reason=broken.msg,
            ) from broken
    return Step(
        name=path.stem,
        notebook=path,
        content=content,
        declared=declared_parameters(cells),
        modules=_hashes(code, "\n".join(texts.values())),
    )


def _read_notebook(path: Path) -> tuple[str, list[dict[str, Any]]]:
    """Read a notebook as what it is, JSON (nothing heavy imported): its content, hashed; cells."""
    try:
        notebook = json.loads(path.read_bytes())
        cells = notebook["cells"]
        about = {**notebook["metadata"], "papermill": None, "language_info": None}
        told = [about, *(_cell_content(cell) for cell in cells)]
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise InputError("notebook_broken", notebook=path.name, reason=str(broken)) from broken
    return digest(json.dumps(told, sort_keys=True).encode()), cells


def _cell_content(cell: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in cell.items() if key not in ("outputs", "execution_count")}
    return {
        **kept,
        "source": "".join(cell["source"]),
        "metadata": {**cell["metadata"], "papermill": None, "execution": None},
    }


def _hashes(code: Code, source: str) -> dict[str, str]:
    return {name: code.hashes[name] for name in code.reach(source)}
