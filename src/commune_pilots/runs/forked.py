"""What a child of the template does: become an ordinary IPython kernel, or rehearse being one."""

from __future__ import annotations

import atexit
import builtins
import ctypes
import gc
import io
import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

_PR_SET_PDEATHSIG = 1
_INLINE = "module://matplotlib_inline.backend_inline"
# What any analysis does once, so that the template learns which modules load lazily.
_REHEARSED = """
import io
import pandas as pd
table = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
table._repr_html_(), repr(table)
pd.read_parquet(io.BytesIO(table.to_parquet(index=False)))
table.groupby("b")["a"].mean()
import pandera.pandas as pa
from pandera.typing import Series
class Rehearsed(pa.DataFrameModel):
    a: Series[float] = pa.Field(ge=0)
    b: Series[str]
Rehearsed.validate(table, lazy=True)
from matplotlib.figure import Figure
drawn = Figure()
drawn.subplots().plot([0, 1], [0, 1])
drawn.savefig(io.BytesIO(), format="svg")
"""


def become_kernel(request: dict[str, Any], streams: list[int], template: int) -> NoReturn:
    """Turn this freshly forked process into the kernel that was asked for; never returns."""
    code = 1
    try:
        _be_a_process_of_its_own(request, streams, template)
        code = _run_kernel(request["arguments"])
    except BaseException:
        traceback.print_exc()
    finally:
        _leave(code)


def _be_a_process_of_its_own(request: dict[str, Any], streams: list[int], template: int) -> None:
    """Take on session, streams, folder, environment and signals as a started process has them."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != template:
        os._exit(1)  # it ended before its end could be heard of
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, default)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    _reseed()
    _choose_backend()


def _reseed() -> None:
    """Seed numpy's legacy generator anew; Python's own reseeds itself in a child."""
    if random := sys.modules.get("numpy.random"):
        random.seed()


def _choose_backend() -> None:
    """Name the backend that matplotlib would have found in the environment when imported here.

    The kernel sets MPLBACKEND before matplotlib is imported; here it was imported before.
    """
    backend = os.environ.setdefault("MPLBACKEND", _INLINE)
    if matplotlib := sys.modules.get("matplotlib"):
        matplotlib.rcParams["backend"] = backend


def _run_kernel(arguments: list[str]) -> int:
    from ipykernel import kernelapp

    sys.argv = [str(Path(kernelapp.__file__).parents[1] / "ipykernel_launcher.py"), *arguments]
    sys.orig_argv = [sys.executable, "-m", "ipykernel_launcher", *arguments]
    try:
        # An ordinary kernel finds its parent in the environment; here the parent is the template.
        kernelapp.launch_new_instance(parent_handle=os.getppid())
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
    return 0


def _leave(code: int) -> NoReturn:
    """End as an interpreter does, without tearing down what belongs to the template."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        _let_go()
    finally:
        os._exit(code)


def _let_go() -> None:
    """Delete what the notebook made, as an interpreter does, and write out open files."""
    if main := sys.modules.get("__main__"):
        vars(main).clear()
    gc.collect()
    buffered = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
    for thing in gc.get_objects():
        if issubclass(type(thing), buffered):
            with suppress(Exception):
                thing.flush()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    ctypes.CDLL(None).fflush(None)


class _Shell:
    """All that a library may ask, while it loads, of the shell it will run in: is it a kernel's?"""

    kernel = None


@contextmanager
def as_in_a_kernel() -> Iterator[None]:
    """Let libraries find a kernel's shell while they load.

    Pandas asks once, when it is imported, whether it will print to a terminal, and then shortens
    tables to that terminal's width.
    """
    builtins.get_ipython = _Shell  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]


def rehearse() -> list[str]:
    """Run one throw-away kernel and name the modules it loaded that a template may load too.

    Left out is every module during whose import somebody asked for the running shell: loaded
    without one it would stay silently unconfigured, and figures would be missing.
    """
    receiving, sending = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(receiving)
        silent = os.open(os.devnull, os.O_RDWR)
        os.dup2(silent, 1)
        try:
            os.write(sending, json.dumps(_rehearsal()).encode())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(told) if told else []


def _rehearsal() -> list[str]:
    before = set(sys.modules)
    hooked: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        os.environ.setdefault("MPLBACKEND", _INLINE)
        import IPython
        from ipykernel.kernelapp import IPKernelApp

        app: Any = IPKernelApp.instance()
        app.connection_file = f"{folder}/kernel.json"
        app.transport, app.ip = "ipc", f"{folder}/socket"
        watch = _watch_shell(hooked)
        app.initialize(["--HistoryManager.hist_file=:memory:"])
        watch()
        app.shell.builtin_trap.auto_builtins["get_ipython"] = IPython.get_ipython
        app.shell.run_cell(_REHEARSED, silent=True)
    return sorted(set(sys.modules) - before - hooked)


def _watch_shell(hooked: set[str]) -> Any:
    """Note each module being imported while somebody asks for the running shell."""
    import IPython
    from IPython.core import getipython

    asked = getipython.get_ipython

    def asking() -> Any:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_name == "<module>":
                hooked.add(str(frame.f_globals.get("__name__")))
            frame = frame.f_back
        return asked()

    def watch() -> None:
        getipython.get_ipython = asking
        IPython.get_ipython = asking
        IPython.core.getipython.get_ipython = asking

    watch()
    return watch
