"""Kernels at work: a template folder of the test's own, kernels over it, processes looked at.

Sockets have short paths (107 bytes at most), so the folders are made straight under /tmp.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbformat.v4 import new_code_cell, new_notebook

from commune_pilots.runs.engine import Engine
from commune_pilots.runs.kernels import COLD_VARIABLE, FOLDER_VARIABLE, NAME

PATIENCE = 30.0  # no test fails for being slow before that
COMMAND = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


@contextmanager
def template_folder() -> Iterator[Path]:
    """Give templates a private folder of their own; end them, and take it away, at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pt-", dir="/tmp"))
    before = os.environ.get(FOLDER_VARIABLE)
    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield folder
    finally:
        if before is None:
            del os.environ[FOLDER_VARIABLE]
        else:
            os.environ[FOLDER_VARIABLE] = before
        for pid in templates(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def templates(folder: Path) -> list[int]:
    """Name the processes that answer on the sockets of a folder."""
    found = []
    for path in sorted(folder.glob("*.socket")):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asked:
            try:
                asked.connect(str(path))
            except OSError:
                continue
            told = asked.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            found.append(struct.unpack("3i", told)[0])
    return found


def alive(pid: int) -> bool:
    """Say whether a process runs; one that is dead and not reaped does not."""
    return _state(pid) not in ("", "Z", "X")


def gone(pid: int) -> bool:
    """Say whether nothing is left of a process, not even an entry of the process table."""
    return _state(pid) == ""


def zombies_of(parent: int) -> list[int]:
    """Name the dead, unreaped children of a process."""
    return [pid for pid in children_of(parent) if _state(pid) == "Z"]


def children_of(parent: int) -> list[int]:
    """Name the direct children of a process."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(path.name))
    return found


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def eventually(holds: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Wait until something holds; says whether it came to."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def environment(*, cold: bool = False, **given: str) -> dict[str, str]:
    """Give the environment of a kernel: ours, with or without warm kernels."""
    return {**os.environ, **({COLD_VARIABLE: "1"} if cold else {}), **given}


def execute(*sources: str, cold: bool = False, **given: Any) -> nbformat.NotebookNode:
    """Execute cells through our engine, in one fresh kernel; returns the notebook."""
    notebook = prepared(*sources)
    given.setdefault("environment", environment(cold=cold))
    return Engine.execute_notebook(notebook, "python3", progress_bar=False, **given)


def prepared(*sources: str) -> nbformat.NotebookNode:
    """Make a notebook as papermill hands it to an engine."""
    cells = [new_code_cell(source, id=f"c{place}") for place, source in enumerate(sources)]
    for cell in cells:
        cell.metadata["papermill"] = {}
    return new_notebook(cells=cells, metadata={"papermill": {}})


def printed(notebook: nbformat.NotebookNode) -> str:
    """Join what the cells of a notebook printed."""
    return "".join(
        shown["text"]
        for cell in notebook.cells
        for shown in cell.outputs
        if shown.output_type == "stream" and shown.name == "stdout"
    )


def outputs(notebook: nbformat.NotebookNode) -> list[list[Any]]:
    """Take the outputs of every cell, without what stands for time."""
    return [list(cell.outputs) for cell in notebook.cells]


class Manager(KernelManager):
    """Starts its kernel through the entry point of the provisioner, as Jupyter does."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(
            argv=COMMAND,
            display_name="Warm",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": NAME}},
        )


class Kernel:
    """One running kernel and its client."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)

    @property
    def warm(self) -> bool:
        return type(self.manager.provisioner.process).__name__ == "ForkedProcess"

    def run(self, source: str, *, timeout: float = PATIENCE) -> str:
        """Execute code; gives what it printed, or its error as `Name: message`."""
        said: list[str] = []

        def hear(message: Any) -> None:
            said.append(message["content"].get("text", ""))

        reply = {"status": "aborted"}
        while reply["status"] == "aborted":  # what comes right after an error may be dropped
            reply = self.client.execute_interactive(
                source, output_hook=hear, timeout=timeout, allow_stdin=False
            )["content"]
        if reply["status"] == "error":
            return f"{reply['ename']}: {reply['evalue']}"
        return "".join(said).strip()


@contextmanager
def kernel(*, cold: bool = False, cwd: Path | str = "/", **given: str) -> Iterator[Kernel]:
    """Start one kernel through jupyter_client and end it at the end."""
    manager = Manager()
    manager.start_kernel(env=environment(cold=cold, **given), cwd=str(cwd))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=2 * PATIENCE)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
