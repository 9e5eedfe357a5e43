"""One notebook through papermill, in a fresh kernel with an environment of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook as run_papermill
from traitlets.config import Config

from commune_pilots import errors, store

KERNEL_LOG = "kernel.log"
_ENGINE = "commune-pilots"
# Everything that could change a byte from one machine or run to the next.
_STEADY = {
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "svg",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


class _IsolatedEngine(Engine):
    """Hands the kernel its own environment and folder; papermill's own would change the process."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **given: Any) -> Any:
        with tempfile.TemporaryDirectory(prefix="pilots-") as sockets:
            config = Config()
            if os.name == "posix":  # private sockets: no port to collide on, nothing on the wire
                config.KernelManager.transport = "ipc"
                config.KernelManager.ip = f"{sockets}/kernel"
            client = PapermillNotebookClient(
                nb_man,
                kernel_name=kernel_name,
                timeout=given["cell_timeout"],
                startup_timeout=120,
                iopub_timeout=60,
                record_timing=False,
                coalesce_streams=True,
                resources={"metadata": {"path": given["folder"]}},
                config=config,
            )
            with Path(given["folder"], KERNEL_LOG).open("ab") as log:
                return client.execute(env=given["environment"], stderr=log)


papermill_engines.register(_ENGINE, _IsolatedEngine)


def execute_notebook(
    notebook: Path,
    output: Path,
    *,
    parameters: Mapping[str, object],
    layout: store.Layout,
    staging: Path,
    run: str,
    cell_timeout: int,
) -> nbformat.NotebookNode:
    """Execute one notebook into `output` and return it, free of times and paths.

    Raises the error of our tree that a cell raised, NotebookError for any other, KernelDiedError
    and RunTimeoutError. The notebook with its error is then at `output`.
    """
    kept = layout.failed(run).relative_to(layout.root) / output.name
    environment = {
        **os.environ,
        **_STEADY,
        store.ROOT_VARIABLE: str(layout.root),
        store.STAGING_VARIABLE: str(staging),
    }
    where: dict[str, object] = {
        "run": run,
        "notebook": f"notebooks/{notebook.name}",
        "kept": kept.as_posix(),
    }
    try:
        run_papermill(
            str(notebook),
            str(output),
            parameters=dict(parameters),
            engine_name=_ENGINE,
            kernel_name="python3",
            progress_bar=False,
            environment=environment,
            folder=str(staging),
            cell_timeout=cell_timeout,
        )
    except PapermillExecutionError as failed:
        raise _cell_error(failed, output, where) from failed
    except CellTimeoutError as slow:
        raise errors.RunTimeoutError("timeout", **where, seconds=cell_timeout) from slow
    except DeadKernelError as dead:
        raise errors.KernelDiedError("kernel_died", **where) from dead
    executed = tidy(nbformat.read(output, as_version=4))
    store.write_bytes(output, nbformat.writes(executed).encode())
    return executed


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out what differs between two equal runs: times, paths, generated ids."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
    return notebook


def _cell_error(
    failed: PapermillExecutionError, output: Path, where: Mapping[str, object]
) -> errors.PilotsError:
    """Keep the exit code of an error of our tree that was raised inside the kernel."""
    cell = "?"
    if output.is_file():
        for candidate in nbformat.read(output, as_version=4).cells:
            if any(shown.output_type == "error" for shown in candidate.get("outputs", [])):
                cell = candidate.id
                break
    kinds = {kind.__name__: kind for kind in (*errors.KINDS, errors.ContractError)}
    kind = kinds.get(failed.ename, errors.NotebookError)
    if kind is errors.ContractError:
        kind = errors.InputError
    message = str(failed.evalue).splitlines()[0][:300] if failed.evalue else ""
    error: errors.PilotsError = kind(
        "cell_failed", **where, cell=cell, name=failed.ename, message=message
    )
    return error
