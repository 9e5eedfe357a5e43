"""Warm kernels: a kernel provisioner that forks kernels from a template process.

An entry point of jupyter_client (`commune-pilots`): papermill, nbclient, nbconvert and JupyterLab
can use it. A forked kernel is a process of its own that shares nothing but memory it reads.
Where forking is not possible or not safe the ordinary provisioner does what it always does.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from commune_pilots.runs import locks
from commune_pilots.runs.groups import end_group
from commune_pilots.runs.template import MESSAGE_SIZE, STALE, inherited

NAME = "commune-pilots"
COLD_VARIABLE = "PILOTS_COLD"
FOLDER_VARIABLE = "PILOTS_RUNTIME_DIR"
IDLE_SECONDS = 300
_START_SECONDS = 120
_ATTEMPTS = 3
_LONGEST_FOLDER = 74  # a socket's path may have 107 bytes in all
_ANSWER_SECONDS = 30
PRELOADED = (
    "ipykernel.kernelapp",
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "pydantic",
    "pandera.pandas",
    "scipy.special",
    "scipy.stats",
    "scipy.optimize",
    "statsmodels.api",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "babel.dates",
    "babel.numbers",
    "jinja2",
    "markupsafe",
    "yaml",
)
# Read when the interpreter starts or a library loads: a child would not heed a value of its own.
_LOAD_TIME = (
    "PYTHON", "LC_", "LANG", "TZ", "MPL", "OMP_", "OPENBLAS_", "MKL_", "BLIS_", "NUMEXPR_", "LD_",
    "MALLOC_", "ARROW_", "PYDEVD_", "VIRTUAL_ENV", "HOME", "XDG_", "PYARROW_", "PANDAS_", "NPY_",
    "NUMPY_", "SCIPY_", "MATPLOTLIB", "PANDERA_", "PYDANTIC_", "SM_", "PATSY_", "PILLOW_",
    "JUPYTER_PLATFORM_DIRS", "SSL_CERT_", "TORNADO_", "WRAPT_", "GLIBC_TUNABLES",
    "DASK_", "FSSPEC_", "HYPOTHESIS_",
)  # fmt: skip
# A thread pool cannot be carried over a fork, and one thread gives the same bits on any machine.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_LAUNCHED = ("-m", "ipykernel_launcher")
_ENDED = "the template ended"
_ABANDONED_SECONDS = 3600
_log = logging.getLogger(__name__)


class RefusedError(Exception):
    """The template does not fork, or cannot be started; the reason is the message."""


class WarmProvisioner(LocalProvisioner):
    """Forks the kernel from a template process, or launches it as LocalProvisioner does."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel if command, streams and system allow it, else launch it."""
        process = None
        if can_fork(cmd, kwargs):
            try:
                process = await asyncio.to_thread(fork_kernel, cmd, kwargs)
            except RefusedError as refused:
                _warn_once(str(refused))
        if process is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = process  # type: ignore[assignment]  # as much of Popen as is asked for
        self.pid = self.pgid = process.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of the kernel: the template kills and reaps what is left of it."""
        if isinstance(self.process, ForkedProcess):
            self.process.close()
            self.process = None
        await super().cleanup(restart=restart)


@cache
def _warn_once(reason: str) -> None:
    """Say once a process why kernels start cold: each notebook would say the same."""
    _log.warning("nhân khởi động nguội / kernels start cold: %s", reason)


class ForkedProcess:
    """A forked kernel as its client sees it; the part of subprocess.Popen that is asked for."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection

    def poll(self) -> int | None:
        """Say how the kernel ended; None while it runs."""
        return self._read(socket.MSG_DONTWAIT)

    def wait(self) -> int | None:
        """Wait for the end of the kernel and let go of it."""
        code = self._read(0)
        self.close()
        return code

    def send_signal(self, number: int) -> None:
        """Signal the kernel; its process id stays its own until the connection is closed."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Hang up; the template then kills the kernel's process group and reaps it."""
        if self.returncode is None:
            self.returncode = -signal.SIGKILL
        self._connection.close()

    def _read(self, flags: int) -> int | None:
        if self.returncode is None:
            try:
                told = self._connection.recv(MESSAGE_SIZE, flags)
            except BlockingIOError:
                return None
            except OSError:
                told = b""
            if told:
                self.returncode = json.loads(told)["exit"]
            else:
                # No word at the end of the line: the template is gone, and with it its kernels,
                # but not what they had started.
                self.returncode = -signal.SIGKILL
                end_group(self.pid)
        return self.returncode


def can_fork(cmd: list[str], kwargs: Mapping[str, Any]) -> bool:
    """Say whether a kernel of this command can be forked here at all."""
    environment = kwargs.get("env") or os.environ
    known = {
        "env",
        "cwd",
        "stdin",
        "stdout",
        "stderr",
        "independent",
        "kernel_id",
        "extra_arguments",
    }
    return (
        _forks_here(environment)
        and cmd[0] == sys.executable
        and tuple(cmd[1:3]) == _LAUNCHED
        and set(kwargs) <= known
        and not kwargs.get("independent")
        and subprocess.PIPE not in (kwargs.get("stdout"), kwargs.get("stderr"))
        # Read from the working folder when matplotlib is imported, which happened elsewhere.
        and not Path(kwargs.get("cwd") or Path.cwd(), "matplotlibrc").exists()
    )


def _forks_here(environment: Mapping[str, str]) -> bool:
    allowed = not environment.get(COLD_VARIABLE)
    return allowed and sys.platform == "linux" and hasattr(os, "pidfd_open")


def warm_up() -> None:
    """Start the template of kernels to come, where kernels can be forked, before one is asked for.

    Silent where it cannot be started: the first kernel says why.
    """
    if _forks_here(os.environ):
        with suppress(RefusedError):
            _connect({**os.environ, **_ONE_THREAD}).close()


def fork_kernel(cmd: list[str], kwargs: Mapping[str, Any]) -> ForkedProcess:
    """Ask the template of this environment for a kernel, starting the template if there is none.

    Raises RefusedError with the reason if none can be had.
    """
    environment = {**(kwargs.get("env") or os.environ), **_ONE_THREAD}
    request = {
        "arguments": cmd[3:],
        "folder": str(Path(kwargs.get("cwd") or Path.cwd()).resolve()),
        "environment": environment,
    }
    text = json.dumps(request).encode()
    if len(text) > MESSAGE_SIZE:
        raise RefusedError("environment too large")
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123
        streams = [nothing.fileno(), *(_descriptor(kwargs, name) for name in ("stdout", "stderr"))]
        streams = [nothing.fileno() if stream < 0 else stream for stream in streams]
        reason = _ENDED
        for _ in range(_ATTEMPTS):
            connection = _connect(environment)
            answer = _ask(connection, text, streams)
            if "pid" in answer:
                return ForkedProcess(connection, answer["pid"])
            connection.close()
            reason = answer["refused"]
            if reason not in (STALE, _ENDED):  # another template will do
                break
    raise RefusedError(reason)


def _ask(connection: socket.socket, text: bytes, streams: list[int]) -> dict[str, Any]:
    """Hand the template a request and take its answer: the kernel's pid, or why there is none."""
    connection.settimeout(_ANSWER_SECONDS)
    try:
        socket.send_fds(connection, [text], streams)
        told = connection.recv(MESSAGE_SIZE)
        connection.settimeout(None)
    except TimeoutError:
        return {"refused": "the template does not answer"}
    except OSError:  # a template that is just ending hangs up on those who wait
        told = b""
    answer: dict[str, Any] = json.loads(told) if told else {"refused": _ENDED}
    return answer


def _descriptor(kwargs: Mapping[str, Any], name: str) -> int:
    """Find the descriptor a stream of the kernel goes to; -1: nowhere."""
    given = kwargs.get(name)
    if given is None:
        return {"stdout": 1, "stderr": 2}[name]
    if given == subprocess.DEVNULL:
        return -1
    return given if isinstance(given, int) else int(given.fileno())


def runtime_folder() -> Path:
    """Find or make the private folder of sockets; its path is short, as socket paths must be.

    Raises RefusedError if it cannot be made, belongs to somebody else or is open to others, and
    where files have no owners of this kind (Windows).
    """
    if not hasattr(os, "getuid"):
        raise RefusedError("no private folder on this system")
    given = os.environ.get(FOLDER_VARIABLE)
    folder = Path(given) if given else Path(tempfile.gettempdir()) / f"pilots-{os.getuid()}"
    folder = Path(os.path.abspath(folder))  # noqa: PTH100  # not resolved: a link is refused
    if len(str(folder)) > _LONGEST_FOLDER:
        folder = Path("/tmp") / f"pilots-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.lstat()  # a link is open to others
    except OSError as refused:
        raise RefusedError(str(refused)) from refused
    if about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise RefusedError(f"{folder} is not private")
    return folder


@contextmanager
def socket_folder() -> Iterator[Path]:
    """Give one kernel a private folder for its sockets, and sweep those of killed clients."""
    try:
        parent = runtime_folder()
    except RefusedError:
        with tempfile.TemporaryDirectory(prefix="k-") as alone:
            yield Path(alone)
        return
    for stale in [*parent.glob("k-*"), *_abandoned(parent)]:
        with suppress(OSError), (stale / "lock").open() as lock:
            if locks.take(lock):
                shutil.rmtree(stale, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix="new-", dir=parent))
    folder = parent / f"k-{made.name.removeprefix('new-')}"
    try:
        with (made / "lock").open("w") as lock:
            locks.take(lock)
            made.rename(folder)  # swept from now on, once the lock is free
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _abandoned(parent: Path) -> Iterator[Path]:
    """Find the folders of clients that were killed before they took their lock."""
    for made in parent.glob("new-*"):
        with suppress(OSError):
            if made.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                if not (made / "lock").exists():
                    made.rmdir()
                else:
                    yield made


def _connect(environment: Mapping[str, str]) -> socket.socket:
    """Connect to the template of this environment; start it where none answers."""
    loading = {key: value for key, value in environment.items() if key.startswith(_LOAD_TIME)}
    about = json.dumps(
        [sys.executable, sys.prefix, sys.version, PRELOADED, loading, inherited()],
        sort_keys=True,
    )
    path = runtime_folder() / f"{hashlib.sha256(about.encode()).hexdigest()[:16]}.socket"
    if connection := _try(path):
        return connection
    try:
        with path.with_suffix(".lock").open("w") as lock:
            locks.take(lock, wait=True)
            if connection := _try(path):
                return connection
            _start_template(path, environment)
    except OSError as failed:
        raise RefusedError(str(failed)) from failed
    if connection := _try(path):
        return connection
    raise RefusedError("the template does not answer")


def _try(path: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        return None
    return connection


def _start_template(path: Path, environment: Mapping[str, str]) -> None:
    settings = {"socket": str(path), "modules": PRELOADED, "idle": IDLE_SECONDS}
    given = {key: value for key, value in environment.items() if not key.startswith("PILOTS_")}
    given.pop("JPY_PARENT_PID", None)
    given["JE_ARROW_MALLOC_CONF"] = "background_thread:false"  # pyarrow's allocator starts one
    with path.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "commune_pilots.runs.template", json.dumps(settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=given,
            cwd="/",
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        _await_ready(process.stdout, path)
    except RefusedError:
        end_group(process.pid)
        raise
    finally:
        process.stdout.close()
        process.wait()  # what was started here has left a child of its own behind: the template


def _await_ready(pipe: IO[bytes], path: Path) -> None:
    ready, _, _ = select.select([pipe], [], [], _START_SECONDS)
    if not ready or pipe.readline() != b"ready\n":
        said = ""
        with suppress(OSError):
            said = path.with_suffix(".log").read_text("utf-8", "replace").strip()[-300:]
        raise RefusedError(f"the template did not start: {said}")
