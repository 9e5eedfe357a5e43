"""JupyterLab as `pilots lab` starts it, on a copy of the project, with a home of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from built import ROOT, copy_project

from commune_pilots.store import Layout

_START_SECONDS = 120
_END_SECONDS = 30
_COPIED = ("pyproject.toml", ".gitattributes", ".gitignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A JupyterLab that serves: its address, its token, its process, what it says."""

    address: str
    token: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Where a browser opens it, as the command would."""
        return f"{self.address}?token={self.token}"

    def at(self, place: str) -> str:
        """Where a browser opens a file of the project in it: at("notebooks/x.ipynb")."""
        return f"{self.address}lab/tree/{place}?token={self.token}"


def desk_project(folder: Path) -> Layout:
    """Copy the project with its files for git and ruff, committed: the start of a day's work."""
    layout = copy_project(folder)
    for name in _COPIED:
        (folder / name).write_bytes((ROOT / name).read_bytes())
    for place in ("data/processed", "reports"):
        (folder / place).mkdir(parents=True, exist_ok=True)
        (folder / place / ".gitkeep").touch()
    git(layout, "init", "--quiet", "--initial-branch=main")
    commit_all(layout)
    return layout


def git(layout: Layout, *words: str) -> str:
    """Run git in the project and give what it says."""
    name = ("-c", "user.name=Analyst", "-c", "user.email=analyst@example.org")
    done = subprocess.run(
        ["git", *name, *words], cwd=layout.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit_all(layout: Layout) -> None:
    """Commit whatever git does not ignore."""
    git(layout, "add", "--all")
    git(layout, "commit", "--quiet", "--no-verify", "--message", "As it stands")


@contextmanager
def lab(layout: Layout, *arguments: str, **variables: str) -> Iterator[Lab]:
    """Run `pilots lab --no-browser` until the block ends; then nothing of it is left.

    `arguments`: further words of the command, as in lab(layout, "smoke", "--warm");
    `variables`: environment, as in PILOTS_LANG="en".
    """
    home = layout.root.with_name(f"{layout.root.name}-home")
    home.mkdir(exist_ok=True)
    own = {name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    runtime, log = home / f"runtime-{time.monotonic_ns()}", home / "lab.log"
    unwanted = ("JUPYTER", "PILOTS_ROOT", "PILOTS_LANG", "PILOTS_STAGING", "PILOTS_RUN")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(unwanted)},
        **own,
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "IPYTHONDIR": str(home / "ipython"),
        **variables,
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("pilots"), "lab", "--no-browser", *arguments],
            cwd=layout.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield _await_lab(process, runtime, log)
    finally:
        _end(process)


def descendants(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """List what the server has started: kernels, terminals and what these have started."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _await_lab(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> Lab:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            with suppress(OSError, ValueError):  # being written, or not answering yet
                about = json.loads(path.read_text(encoding="utf-8"))
                address, token = about["url"], about["token"]
                with urllib.request.urlopen(f"{address}api/status?token={token}", timeout=5):
                    return Lab(address=address, token=token, process=process, log=log)
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server as a closed terminal would; kill what does not go."""
    started = descendants(process)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _, left = psutil.wait_procs(started, timeout=5)
    for one in left:
        with suppress(psutil.NoSuchProcess):
            one.kill()
