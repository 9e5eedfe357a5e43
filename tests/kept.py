"""What takes seconds to make from sources that stand still: made once for all workers and sessions.

Kept below `.pytest_cache` under a hash of everything it is made from, so an edited source, table,
parameter, notebook or dependency makes it anew. A source edited since this process began may have
been loaded before: then what is made is not kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pickle
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import psutil

import commune_pilots

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".pytest_cache" / "kept"
_PARTS = ("params", "data/raw", "notebooks", "tests/built.py", "tests/kept.py", "uv.lock")
_CLOCK = 2.0  # seconds by which the time a process began may be wrong
_Made = TypeVar("_Made")


def kept(name: str, make: Callable[[], _Made]) -> _Made:
    """Give what is kept under this name for the sources as they stand, or make and keep it."""
    path = FOLDER / f"{name}-{_state()}.pickle"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker that wants it waits, and reads it
        if path.is_file():
            found: _Made = pickle.loads(path.read_bytes())
            return found
        made = make()
        if _unchanged():
            for old in FOLDER.glob(f"{name}-*.pickle"):
                old.unlink()
            beside = path.with_suffix(f".{os.getpid()}")
            beside.write_bytes(pickle.dumps(made))
            beside.replace(path)
    return made


def _sources() -> list[Path]:
    """List everything that findings and pages are made from."""
    places = [Path(commune_pilots.__file__).parent, *(ROOT / part for part in _PARTS)]
    inside = [path for place in places for path in (place, *place.rglob("*"))]
    return sorted(path for path in inside if path.is_file() and path.suffix != ".pyc")


@cache
def _state() -> str:
    """Hash the sources, by path and content, and the interpreter."""
    told = hashlib.sha256(sys.version.encode())
    for path in _sources():
        told.update(f"{path}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return told.hexdigest()[:16]


def _unchanged() -> bool:
    """Say whether every source is older than this process."""
    began = psutil.Process().create_time() - _CLOCK
    return all(path.stat().st_mtime < began for path in _sources())
