"""Locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import time
from types import ModuleType
from typing import IO, Any

fcntl: ModuleType | None
msvcrt: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
try:
    import msvcrt
except ImportError:  # everywhere else
    msvcrt = None
_WAIT_SECONDS = 0.1


def take(file: IO[Any], *, wait: bool = False) -> bool:
    """Take the lock on an open file, waiting for it if asked; says whether it is ours now.

    It is free again once the file is closed or the process is gone. Where a system has no such
    locks the file is only held open.
    """
    if fcntl is None:
        return _take_byte(file, wait=wait) if msvcrt else True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def _take_byte(file: IO[Any], *, wait: bool) -> bool:
    """Lock the first byte, as Windows does it: it need not be there, and none may wait long."""
    while True:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            if not wait:
                return False
            time.sleep(_WAIT_SECONDS)
        else:
            return True
