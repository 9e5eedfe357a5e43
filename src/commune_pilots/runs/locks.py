"""Locks that end with the process that holds them, however it ends."""

from __future__ import annotations

from types import ModuleType
from typing import IO, Any

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows has no flock; there the lock file is only held open
    fcntl = None


def take(file: IO[Any], *, wait: bool = False) -> bool:
    """Take the lock on an open file, waiting for it if asked; says whether it is ours now.

    It is free again once the file is closed or the process is gone.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True
