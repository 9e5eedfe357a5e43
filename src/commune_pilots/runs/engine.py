"""The papermill engine of this project: nbclient without its fixed waits, over warm kernels.

An entry point of papermill (`--engine commune-pilots`). Nothing of papermill is imported while this
module loads, because papermill loads it while it loads itself.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets import Type
from traitlets.config import Config

from commune_pilots.runs.kernels import WarmProvisioner, socket_folder

NAME = "commune-pilots"
MOST_OUTPUT = 50_000_000
_POLL_SECONDS = 0.005


class OutputLimitError(Exception):
    """A notebook put out more than MOST_OUTPUT bytes."""


class NotebookTimeoutError(Exception):
    """A notebook used up its time."""


class _Client(AsyncKernelClient):
    """Is ready when the kernel has answered on both channels, not after a spell of silence."""

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        deadline = monotonic() + (timeout or float("inf"))
        while not await self._answered(self.kernel_info()):
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if monotonic() > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    async def _answered(self, asked: str) -> bool:
        """Take the reply, and the idle status that ends it: then nothing else is on its way."""
        try:
            reply = await self.shell_channel.get_msg(timeout=1)
            while reply["parent_header"].get("msg_id") != asked:
                reply = await self.shell_channel.get_msg(timeout=1)
            self._handle_kernel_info_reply(reply)
            while True:
                told = await self.iopub_channel.get_msg(timeout=0.2)
                if (
                    told["parent_header"].get("msg_id") == asked
                    and told["content"].get("execution_state") == "idle"
                ):
                    return True
        except Empty:
            return False


class _Manager(AsyncKernelManager):
    """Starts its kernel through the warm provisioner and sees its end at once."""

    client_class = "commune_pilots.runs.engine._Client"
    client_factory = Type(klass=AsyncKernelClient, default_value=_Client, config=True)

    async def _async_pre_start_kernel(self, **given: Any) -> Any:
        if self.provisioner is None:
            self.provisioner = WarmProvisioner(
                kernel_id=self.kernel_id or "", kernel_spec=self.kernel_spec, parent=self
            )
        return await super()._async_pre_start_kernel(**given)

    async def _async_finish_shutdown(
        self,
        waittime: float | None = None,
        pollinterval: float = _POLL_SECONDS,
        restart: bool = False,
    ) -> None:
        await super()._async_finish_shutdown(waittime, pollinterval, restart)


class _Notebook(NotebookClient):
    """Executes one notebook, after its prologue, and stops a flood of output."""

    prologue = ""
    _size = 0

    async def async_start_new_kernel_client(self) -> Any:
        """Start the client and run the prologue, which leaves no trace in the notebook."""
        client = await super().async_start_new_kernel_client()
        if self.prologue:
            reply = await self.async_wait_for_reply(
                client.execute(self.prologue, silent=True, store_history=False)
            )
            if reply is None or reply["content"]["status"] != "ok":
                raise RuntimeError(f"prologue failed: {reply and reply['content']}")
        return client

    def process_message(self, message: Any, cell: Any, cell_index: int) -> Any:
        """Take one message of the kernel into its cell.

        Raises OutputLimitError once the notebook's output passes MOST_OUTPUT bytes.
        """
        self._size += len(message["content"].get("text", ""))
        if self._size > MOST_OUTPUT:
            raise OutputLimitError
        return super().process_message(message, cell, cell_index)


class Engine:
    """Executes a notebook for papermill; one fresh kernel, never shared."""

    @classmethod
    def execute_notebook(
        cls,
        notebook: nbformat.NotebookNode,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,
        **given: Any,
    ) -> nbformat.NotebookNode:
        """Execute the cells in order; what papermill records of them is recorded.

        `given` may hold execution_timeout (seconds a cell), notebook_timeout, start_timeout,
        environment and folder of the kernel, stdout_file, stderr_file, `prologue` (code run before
        the first cell), `started` (called with a function that kills the kernel) and `abandoned`
        (called with the notebook if execution breaks off). A failing cell keeps its error among
        its outputs.
        """
        from papermill.engines import NotebookExecutionManager

        manager = NotebookExecutionManager(
            notebook, output_path, log_output, progress_bar, autosave_cell_every
        )
        manager.notebook_start()
        with ExitStack() as leaving:
            leaving.callback(manager.notebook_complete)
            leaving.callback(manager.cleanup_pbar)
            config = Config()
            if os.name == "posix":  # private sockets: no port to collide on, nothing on the wire
                sockets = leaving.enter_context(socket_folder())
                config.KernelManager.transport = "ipc"
                config.KernelManager.ip = f"{sockets}/s"
                config.KernelManager.connection_file = f"{sockets}/kernel.json"
            running: list[nbformat.NotebookNode] = []

            def begin(cell: nbformat.NotebookNode, cell_index: int) -> None:
                running.append(cell)
                manager.cell_start(cell, cell_index)

            client = _Notebook(
                notebook,
                kernel_name=kernel_name,
                kernel_manager_class=_Manager,
                timeout=given.get("execution_timeout"),
                startup_timeout=given.get("start_timeout") or 120,
                iopub_timeout=60,
                raise_on_iopub_timeout=True,
                record_timing=False,
                coalesce_streams=True,
                resources={"metadata": {"path": str(given.get("folder") or Path.cwd())}},
                config=config,
                on_cell_execute=begin,
                on_cell_executed=lambda cell, cell_index, execute_reply: manager.cell_complete(
                    cell, cell_index
                ),
            )
            client.prologue = given.get("prologue") or ""
            if started := given.get("started"):
                started(lambda: _kill(client))
            try:
                asyncio.run(_execute(client, given))
            except CellExecutionError:
                manager.cell_exception(running[-1])
            except BaseException:
                if running:
                    manager.cell_exception(running[-1])
                if abandoned := given.get("abandoned"):
                    abandoned(notebook)
                raise
        return notebook

    @classmethod
    def nb_kernel_name(cls, notebook: nbformat.NotebookNode, name: str | None = None) -> str:
        """Name the kernel a notebook asks for."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(notebook, name))

    @classmethod
    def nb_language(cls, notebook: nbformat.NotebookNode, language: str | None = None) -> str:
        """Name the language a notebook is written in."""
        from papermill.utils import nb_language

        return str(nb_language(notebook, language))


async def _execute(client: _Notebook, given: Mapping[str, Any]) -> None:
    streams = {
        name: given[f"{name}_file"] for name in ("stdout", "stderr") if given.get(f"{name}_file")
    }
    environment = given.get("environment") or dict(os.environ)
    limit = asyncio.timeout(given.get("notebook_timeout"))
    try:
        async with limit:
            await client.async_execute(env=environment, **streams)
    except Exception as failed:
        # nbclient words a cancelled cell as a dead kernel.
        if limit.expired():
            raise NotebookTimeoutError from failed
        raise


def _kill(client: _Notebook) -> None:
    """End the kernel from another thread; the client notices within a second."""
    process: Any = getattr(getattr(client.km, "provisioner", None), "process", None)
    if process is not None:
        process.kill()
