"""One notebook through papermill, in a fresh kernel with an environment of its own."""

from __future__ import annotations

import json
import os
import re
import site
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook as run_papermill
from papermill.iorw import write_ipynb

from commune_pilots import errors, store
from commune_pilots.runs import engine, kernels, plan, reads
from commune_pilots.runs.engine import NotebookTimeoutError, OutputLimitError
from commune_pilots.runs.halt import Halt

KERNEL_LOG = "kernel.log"
_LEFT_OUT = ("PILOTS_DEBUG", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONWARNINGS")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FAILING_LINE = re.compile(r"^-+>\s*(\d+)\s?(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and how the notebooks of one run are executed."""

    layout: store.Layout
    staging: Path
    run: str
    cell_timeout: int
    notebook_timeout: int
    cold: bool = False
    halt: Halt = field(default_factory=Halt)


def execute_notebook(
    notebook: Path, output: Path, setting: Setting, *, parameters: Mapping[str, object]
) -> tuple[nbformat.NotebookNode, list[Path]]:
    """Execute one notebook into `output`; returns it, free of times and paths, and what it read.

    Raises the error of our tree that a cell raised, NotebookError for any other, KernelDiedError,
    RunTimeoutError, and StoppedError if execution was halted. The notebook with its error is then
    at `output`.
    """
    layout = setting.layout
    kept = layout.failed(setting.run).relative_to(layout.root) / output.name
    where: dict[str, object] = {
        "run": setting.run,
        "notebook": f"notebooks/{notebook.name}",
        "kept": kept.as_posix(),
    }
    noted = setting.staging / "reads.txt"
    noted.unlink(missing_ok=True)
    try:
        with (setting.staging / KERNEL_LOG).open("ab") as log:
            run_papermill(
                str(notebook),
                str(output),
                parameters=dict(parameters),
                engine_name=engine.NAME,
                request_save_on_cell_execute=False,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                execution_timeout=setting.cell_timeout,
                notebook_timeout=setting.notebook_timeout,
                environment=_environment(setting, noted),
                folder=str(setting.staging),
                stderr_file=log,
                prologue=reads.PROLOGUE,
                started=setting.halt.watch,
                abandoned=lambda node: write_ipynb(node, str(output)),
            )
    except PapermillExecutionError as failed:
        raise _cell_error(failed, output, where) from failed
    except (CellTimeoutError, NotebookTimeoutError) as slow:
        whole = isinstance(slow, NotebookTimeoutError)
        seconds = setting.notebook_timeout if whole else setting.cell_timeout
        key = "notebook_timeout" if whole else "timeout"
        raise errors.RunTimeoutError(key, **where, seconds=seconds) from slow
    except OutputLimitError as flood:
        raise errors.NotebookError(
            "output_limit", **where, limit=engine.MOST_OUTPUT // 1_000_000
        ) from flood
    except (DeadKernelError, RuntimeError) as dead:
        if setting.halt.asked:
            raise errors.StoppedError("stopped", run=setting.run) from dead
        raise errors.KernelDiedError("kernel_died", **where) from dead
    executed = tidy(nbformat.read(output, as_version=4))
    _refuse_unfinished(executed, where)
    store.write_bytes(output, nbformat.writes(executed).encode())
    return executed, _noted(noted)


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out what differs between two equal runs: times, paths, generated ids."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
    return notebook


def _environment(setting: Setting, noted: Path) -> dict[str, str]:
    settings = _settings_folder()
    watched = (setting.layout.params, setting.layout.root / "data", setting.staging)
    return {
        **{name: value for name, value in os.environ.items() if name not in _LEFT_OUT},
        **plan.SWITCHES,
        # Settings of the person at the keyboard are no part of a run.
        "IPYTHONDIR": str(settings / "ipython"),
        "MPLCONFIGDIR": str(settings / "matplotlib"),
        **({} if _in_user_site() else {"PYTHONNOUSERSITE": "1"}),
        store.RUN_VARIABLE: setting.run,
        **({kernels.COLD_VARIABLE: "1"} if setting.cold else {}),
        store.ROOT_VARIABLE: str(setting.layout.root),
        store.STAGING_VARIABLE: str(setting.staging),
        reads.READS_VARIABLE: str(noted),
        reads.ROOTS_VARIABLE: json.dumps([str(root) for root in watched]),
    }


def _settings_folder() -> Path:
    """Name the folder where kernels of runs look for settings: one for all, and empty of ours."""
    try:
        return kernels.runtime_folder() / "settings"
    except kernels.RefusedError:
        return Path(tempfile.gettempdir()) / "pilots-settings"


def _in_user_site() -> bool:
    """Say whether this package was installed for one user only: a kernel must then look there."""
    return site.ENABLE_USER_SITE is True and Path(__file__).is_relative_to(
        site.getusersitepackages()
    )


def _noted(path: Path) -> list[Path]:
    """Read what the kernel noted, and take the note away."""
    found = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    path.unlink(missing_ok=True)
    return [Path(line) for line in dict.fromkeys(found)]


def _refuse_unfinished(notebook: nbformat.NotebookNode, where: Mapping[str, object]) -> None:
    """Refuse a notebook one of whose cells did not run: `sys.exit(0)` ends it without an error."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, cell in enumerate(cells, start=1):
        broken = any(shown.output_type == "error" for shown in cell.outputs)
        if cell.execution_count != number or broken:
            raise errors.NotebookError("cell_skipped", **where, cell=cell.id)


def _cell_error(
    failed: PapermillExecutionError, output: Path, where: Mapping[str, object]
) -> errors.PilotsError:
    """Keep the exit code of an error of our tree that was raised inside the kernel."""
    cell, line, text = "?", "?", ""
    if output.is_file():
        for candidate in nbformat.read(output, as_version=4).cells:
            if any(shown.output_type == "error" for shown in candidate.get("outputs", [])):
                cell = candidate.id
                break
    told = _ANSI.sub("", "\n".join(failed.traceback or []))
    if place := _FAILING_LINE.search(told):
        line, text = place[1], place[2].strip()
    kinds = {kind.__name__: kind for kind in (*errors.KINDS, errors.ContractError)}
    kind = kinds.get(failed.ename, errors.NotebookError)
    if kind is errors.ContractError:
        kind = errors.InputError
    message = str(failed.evalue).splitlines()[0][:300] if failed.evalue else ""
    error: errors.PilotsError = kind(
        "cell_failed",
        **where,
        cell=cell,
        line=line,
        text=text[:200],
        name=failed.ename,
        message=message,
    )
    return error
