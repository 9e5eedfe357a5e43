"""Which files a kernel reads: noted by an audit hook, so that no reader has to declare them.

The runner asks every kernel to watch before its first cell. What is opened through Python is seen;
a library that opens files on its own is not, which is why `store` hands bytes to pyarrow.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

READS_VARIABLE = "PILOTS_READS"
ROOTS_VARIABLE = "PILOTS_READ_ROOTS"
PROLOGUE = f"__import__('{__name__}', fromlist=['watch']).watch()"


def watch() -> None:
    """Note every file and folder under the watched roots that this process opens to read.

    Each path is one line of the file named by PILOTS_READS, written when it is first seen.
    """
    watched = json.loads(os.environ[ROOTS_VARIABLE])
    roots = tuple(os.path.normcase(f"{root}{os.sep}") for root in watched)
    noted = os.open(os.environ[READS_VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    seen: set[str] = set()

    def note(event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = given
            if isinstance(mode, str):
                reading = "r" in mode or "+" in mode
            else:
                reading = flags & (os.O_WRONLY | os.O_RDWR) != os.O_WRONLY
        elif event in ("os.listdir", "os.scandir"):
            path, reading = given[0], True
        else:
            return
        if not reading or not isinstance(path, str | bytes | os.PathLike):
            return
        # Text, not Path.resolve: that would open what it looks at and be heard here again.
        found = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
        if found not in seen and os.path.normcase(f"{found}{os.sep}").startswith(roots):
            seen.add(found)
            os.write(noted, f"{found}\n".encode())

    sys.addaudithook(note)
