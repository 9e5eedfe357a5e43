"""A kernel and all that its cells started: one process group, where the system has those."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

HAVE_GROUPS = hasattr(os, "killpg")  # Windows has none: what a cell started there is left running


def end_group(group: int) -> None:
    """Kill every process of a group, if there is any left."""
    if HAVE_GROUPS:
        with suppress(OSError):
            os.killpg(group, signal.SIGKILL)
