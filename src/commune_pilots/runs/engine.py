"""The papermill engine of this project: nbclient without its fixed waits, over warm kernels.

An entry point of papermill (`--engine commune-pilots`). Nothing of papermill is imported while this
module loads, because papermill loads it while it loads itself.
"""

from __future__ import annotations

import asyncio
import atexit
import io
import logging
import os
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets import Type, default
from traitlets.config import Config

from commune_pilots.runs.groups import end_group
from commune_pilots.runs.kernels import WarmProvisioner, socket_folder

NAME = "commune-pilots"
MOST_OUTPUT = 50_000_000
_POLL_SECONDS = 0.005
_BINARY = (io.RawIOBase, io.BufferedIOBase)
# A kernel that answers before our subscription has reached it says so into the void: ask again.
_IOPUB_SECONDS = 0.02


class OutputLimitError(Exception):
    """A notebook put out more than MOST_OUTPUT bytes."""


class NotebookTimeoutError(Exception):
    """A notebook used up its time."""


class _Client(AsyncKernelClient):
    """Is ready when the kernel has answered on both channels, not after a spell of silence."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
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
                told = await self.iopub_channel.get_msg(timeout=_IOPUB_SECONDS)
                if (
                    told["parent_header"].get("msg_id") == asked
                    and told["content"].get("execution_state") == "idle"
                ):
                    return True
        except Empty:
            return False


class _Manager(AsyncKernelManager):
    """Starts its kernel through the warm provisioner and sees its end at once."""

    client_factory = Type(klass=AsyncKernelClient, default_value=_Client)

    @default("client_factory")
    def _client_factory_default(self) -> type[AsyncKernelClient]:
        return _Client

    async def _async_pre_start_kernel(self, **given: Any) -> Any:
        wanted = self.kernel_spec.metadata if self.kernel_spec else {}
        if self.provisioner is None and "kernel_provisioner" not in wanted:
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

    manager: Any = None
    prologue = ""
    killed = False
    taken: Callable[[Any], None] = staticmethod(lambda output: None)
    _size = 0

    async def async_start_new_kernel(self, **given: Any) -> None:
        """Start the kernel; it is ended at once if that was asked for meanwhile."""
        await super().async_start_new_kernel(**given)
        if self.killed:
            _kill(self)

    async def async_start_new_kernel_client(self) -> Any:
        """Start the client and run the prologue, which leaves no trace in the notebook."""
        try:
            client = await super().async_start_new_kernel_client()
            if self.prologue:
                await self._run_prologue(client)
        except BaseException:
            if self.km is not None:  # nobody else ends a kernel that has not come to its cells
                await self._async_cleanup_kernel()
            raise
        return client

    async def _async_cleanup_kernel(self) -> None:
        """End the kernel, and what its cells started and left running."""
        group = getattr(getattr(self.km, "provisioner", None), "pgid", None)
        await super()._async_cleanup_kernel()
        if group:  # no process is given the number while any of the group is left
            end_group(group)

    async def _run_prologue(self, client: Any) -> None:
        reply = await self.async_wait_for_reply(
            client.execute(self.prologue, silent=True, store_history=False)
        )
        if reply is None or reply["content"]["status"] != "ok":
            raise RuntimeError(f"prologue failed: {reply and reply['content']}")

    async def async_execute_cell(
        self, cell: Any, cell_index: int, *given: Any, **named: Any
    ) -> Any:
        """Execute one cell and let papermill's manager record what became of it, whatever it is."""
        assert self.manager is not None
        self.manager.cell_start(cell, cell_index)
        try:
            return await super().async_execute_cell(cell, cell_index, *given, **named)
        except BaseException:
            self.manager.cell_exception(cell, cell_index)
            raise
        finally:
            self.manager.cell_complete(cell, cell_index)

    def process_message(self, message: Any, cell: Any, cell_index: int) -> Any:
        """Take one message of the kernel into its cell.

        Raises OutputLimitError once the notebook's output passes MOST_OUTPUT bytes.
        """
        content = message["content"]
        shown = content.get("data")
        parts = shown.values() if isinstance(shown, dict) else [content.get("text", "")]
        self._size += sum(len(part) for part in parts if isinstance(part, str))
        if self._size > MOST_OUTPUT:
            raise OutputLimitError
        output = super().process_message(message, cell, cell_index)
        if output:
            self.taken(output)
        return output


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
        environment and folder of the kernel, `prologue` (code run before the first cell), `started`
        (called with a function that kills the kernel) and `abandoned` (called with the notebook if
        execution breaks off). stdout_file and stderr_file are papermill's where they take text; a
        binary one takes what the kernel's process prints itself. A failing cell keeps its error
        among its outputs.
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
            )
            client.manager = manager
            client.prologue = given.get("prologue") or ""
            client.taken = partial(_report, log_output, given)
            if started := given.get("started"):
                started(_killer(client))
            try:
                _run(client, given)
            except CellExecutionError:
                pass  # papermill raises it again, from the notebook
            except BaseException:
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


def _run(client: _Notebook, given: Mapping[str, Any]) -> None:
    """Execute in this thread, or beside it where it has an event loop, as it has in Jupyter."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(_execute(client, given))
        return
    with ThreadPoolExecutor(1) as beside:
        try:
            beside.submit(lambda: asyncio.run(_execute(client, given))).result()
        except BaseException:
            _kill(client)
            raise


async def _execute(client: _Notebook, given: Mapping[str, Any]) -> None:
    streams: dict[str, Any] = {
        name: file
        for name in ("stdout", "stderr")
        if isinstance(file := given.get(f"{name}_file"), _BINARY)
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
    finally:
        # nbclient leaves this behind when a kernel dies before its first cell.
        atexit.unregister(client._cleanup_kernel)


def _report(log_output: bool, given: Mapping[str, Any], output: nbformat.NotebookNode) -> None:
    """Do with one output what papermill does: log it, and copy streams to the files given."""
    from papermill.log import logger

    if output.output_type == "stream":
        if log_output:
            level = logging.INFO if output.name == "stdout" else logging.WARNING
            logger.log(level, "%s", output.text)
        file = given.get(f"{output.name}_file")
        if file and not isinstance(file, _BINARY):
            file.write(output.text)
            file.flush()
    elif log_output and (text := output.get("data", {}).get("text/plain")):
        logger.info("%s", text)


def _killer(client: _Notebook) -> Callable[[], None]:
    """Make what ends a kernel, without keeping its client and notebook in memory."""
    kept = weakref.ref(client)

    def kill() -> None:
        if (found := kept()) is not None:
            _kill(found)

    return kill


def _kill(client: _Notebook) -> None:
    """End the kernel from another thread; the client notices within a second."""
    client.killed = True
    provisioner: Any = getattr(client.km, "provisioner", None)
    process = getattr(provisioner, "process", None)
    if process is None or process.poll() is not None:
        return
    process.kill()
    if provisioner.pgid:  # with what its cells started; the number is the kernel's until reaped
        end_group(provisioner.pgid)
