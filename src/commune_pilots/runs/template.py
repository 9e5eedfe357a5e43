"""The template process: heavy imports done once, one forked Jupyter kernel a request.

Started by `runs.kernels` as `python -m commune_pilots.runs.template`. It keeps one thread, no event
loop and no ZeroMQ context, so that forking is safe, and runs neither project nor notebook code
itself. One connection is one kernel: when it closes, for whatever reason, the process group of the
kernel is killed and its process reaped; when the template dies, so do its kernels.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commune_pilots.runs import forked

MESSAGE_SIZE = 200_000
STALE = "stale"
_STREAMS = 3
_HARMLESS = ("jemalloc_bg_thd",)  # stopped before and started again after a fork by its library
State = tuple[tuple[str, int, int, int], ...]


@dataclass(slots=True)
class _Kernel:
    """One forked kernel: its process, the descriptor that tells of its end, and its client."""

    pid: int
    pidfd: int
    client: socket.socket
    ended: bool = False


class Template:
    """Serves one socket: forks a kernel for each connection and keeps account of it."""

    def __init__(self, path: Path, *, idle: float) -> None:
        self._path = path
        self._idle = idle
        self._kernels: dict[int, _Kernel] = {}
        self._waiting: dict[int, socket.socket] = {}
        self._state = installed_state()
        self._selector = selectors.DefaultSelector()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        self._listener.bind(str(beside))
        self._listener.listen(64)
        beside.rename(path)
        self._inode = path.stat().st_ino
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._open = True

    def serve(self) -> None:
        """Answer requests until nobody has asked for `idle` seconds and no kernel is left."""
        while True:
            busy = self._kernels or self._waiting
            if not self._open and not busy:
                return
            ready = self._selector.select(None if busy else self._idle)
            if not ready and not busy:
                self._close()
            for key, _ in ready:
                # An earlier answer may have closed it, and its number may be another's already.
                if self._selector.get_map().get(key.fileobj) is key:
                    self._answer(int(key.fd))

    def _answer(self, descriptor: int) -> None:
        if descriptor == self._listener.fileno():
            with suppress(OSError):  # gone already, or no descriptor left for it now
                client, _ = self._listener.accept()
                self._waiting[client.fileno()] = client
                self._selector.register(client, selectors.EVENT_READ)
        elif descriptor in self._waiting:
            self._start(self._waiting.pop(descriptor))
        else:
            for kernel in list(self._kernels.values()):
                if descriptor == kernel.pidfd:
                    self._tell_end(kernel)
                elif descriptor == kernel.client.fileno():
                    self._end(kernel)

    def _start(self, client: socket.socket) -> None:
        """Fork one kernel for a client, or say why not."""
        request, streams = _read_request(client)
        refusal = self._refusal(client) if request else "no request"
        if request and not refusal:
            try:
                self._fork(client, request, streams)
            except OSError as failed:
                refusal = f"fork: {failed.strerror}"
        if refusal:
            with suppress(OSError):
                client.send(json.dumps({"refused": refusal}).encode())
            self._selector.unregister(client)
            client.close()
        for stream in streams:
            os.close(stream)

    def _fork(self, client: socket.socket, request: dict[str, Any], streams: list[int]) -> None:
        """Fork one kernel and tell its client; raises OSError where the system forbids it."""
        template = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._leave()
            client.close()
            forked.become_kernel(request, streams, template)
        try:
            kernel = _Kernel(pid, os.pidfd_open(pid), client)
        except OSError:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise
        self._kernels[pid] = kernel
        self._selector.register(kernel.pidfd, selectors.EVENT_READ)
        with suppress(OSError):
            client.send(json.dumps({"pid": pid}).encode())

    def _refusal(self, client: socket.socket) -> str:
        """Say what forbids a fork now; empty if nothing does."""
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        if struct.unpack("3i", credentials)[1] != os.getuid():
            return "another user"
        if not self._open or installed_state() != self._state:
            self._close()
            return STALE
        if names := [name for name in thread_names()[1:] if name not in _HARMLESS]:
            return f"threads: {', '.join(names)}"
        return ""

    def _leave(self) -> None:
        """Close, in a child, everything that belongs to the template and its other kernels."""
        self._selector.close()
        self._listener.close()
        for kernel in self._kernels.values():
            kernel.client.close()
            os.close(kernel.pidfd)
        for client in self._waiting.values():
            client.close()

    def _tell_end(self, kernel: _Kernel) -> None:
        """Tell the client how its kernel ended; the process stays unreaped until it hangs up.

        So the process id cannot be given to another process while the client may still signal it.
        """
        self._selector.unregister(kernel.pidfd)
        found = os.waitid(os.P_PIDFD, kernel.pidfd, os.WEXITED | os.WNOWAIT)
        assert found is not None
        exited = found.si_code == os.CLD_EXITED
        kernel.ended = True
        with suppress(OSError):
            kernel.client.send(
                json.dumps({"exit": found.si_status if exited else -found.si_status}).encode()
            )

    def _end(self, kernel: _Kernel) -> None:
        """The client hung up: kill what is left of the kernel and its children, and reap it."""
        self._selector.unregister(kernel.client)
        if not kernel.ended:
            self._selector.unregister(kernel.pidfd)
        for kill in (os.killpg, os.kill):  # it may not have come to make its group yet
            with suppress(ProcessLookupError, PermissionError):
                kill(kernel.pid, signal.SIGKILL)
        os.waitpid(kernel.pid, 0)
        os.close(kernel.pidfd)
        kernel.client.close()
        del self._kernels[kernel.pid]

    def _close(self) -> None:
        """Take no more requests; another template may have taken the place already."""
        if not self._open:
            return
        self._open = False
        self._selector.unregister(self._listener)
        with suppress(OSError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()
        self._listener.close()


def _read_request(client: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Take a request and the streams that come with it; None where that is not one."""
    streams: list[int] = []
    try:
        text, streams, _, _ = socket.recv_fds(client, MESSAGE_SIZE, _STREAMS)
        request = json.loads(text)
    except (OSError, ValueError):
        return None, streams
    whole = isinstance(request, dict) and len(streams) == _STREAMS
    return (request if whole else None), streams


def installed_state() -> State:
    """Describe the installed packages and the loaded modules that can be edited in place.

    A change of either makes a template stale: it would hand out kernels of yesterday's code.
    """
    packages = [Path(part) for part in sys.path if part.endswith(("site-packages", "-packages"))]
    watched = {Path(sys.prefix) / "pyvenv.cfg", *packages}
    fixed = (*(f"{part}{os.sep}" for part in packages), os.path.dirname(os.__file__))  # noqa: PTH120
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and not file.startswith(tuple(map(str, fixed))):
            watched.add(Path(file))
    found = []
    for path in sorted(watched):
        with suppress(OSError):
            about = path.stat()
            found.append((str(path), about.st_mtime_ns, about.st_size, about.st_ino))
    return tuple(found)


def inherited() -> list[Any]:
    """List what a process takes over from the one that starts it, and a kernel must have from us.

    Limits, processors, priority, groups, file mode mask and control group.
    """
    import resource  # not on Windows, which imports this module for its constants

    limits = [
        (name, resource.getrlimit(getattr(resource, name)))
        for name in sorted(dir(resource))
        if name.startswith("RLIMIT_")
    ]
    told = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return [
        limits,
        sorted(os.sched_getaffinity(0)),
        os.getpriority(os.PRIO_PROCESS, 0),
        [os.getgid(), *sorted(os.getgroups())],
        [line for line in told if line.startswith("Umask")],
        Path("/proc/self/cgroup").read_text(encoding="utf-8"),
    ]


def thread_names() -> list[str]:
    """Name the threads of this process, the main one first; forking beside others is unsafe."""
    tasks = sorted(Path("/proc/self/task").iterdir(), key=lambda task: int(task.name))
    names = []
    for task in tasks:
        with suppress(OSError):
            names.append((task / "comm").read_text("utf-8").strip())
    return names


def prepare(modules: list[str]) -> None:
    """Import the modules named, then those that a rehearsed kernel was seen to load."""
    with forked.as_in_a_kernel():
        for name in modules:
            with suppress(ImportError):
                importlib.import_module(name)
        for name in forked.rehearse():
            if name not in sys.modules:
                # A module that a kernel loads lazily may refuse to load outside one.
                with suppress(Exception):
                    importlib.import_module(name)
    if pandas := sys.modules.get("pandas"):
        # Pandera loads dask where it is installed, which switches this off for everybody.
        pandas.reset_option("compute.use_numexpr")
        # Taken from standard output when pandas was imported; a kernel's has this one.
        pandas.set_option("display.encoding", "UTF-8")
    gc.collect()
    gc.freeze()  # the collector of a child would otherwise copy every page it looks at


def main(arguments: list[str]) -> None:
    """Leave whoever started this, prepare, say `ready` on standard output, then serve."""
    if os.fork():
        os._exit(0)  # so that nobody has to reap the template
    settings: dict[str, Any] = json.loads(arguments[0])
    prepare(settings["modules"])
    template = Template(Path(settings["socket"]), idle=settings["idle"])
    os.write(1, b"ready\n")
    silent = os.open(os.devnull, os.O_RDWR)
    os.dup2(silent, 1)
    os.close(silent)
    template.serve()


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # `-m` puts the working folder there; a kernel decides for itself
    main(sys.argv[1:])
