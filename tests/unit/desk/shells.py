"""A shell as IPython's, with its events and names, without the rest of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from IPython.core.events import EventManager, available_events


def shell(*, kernel: bool = True) -> Any:
    """Make a shell: of a notebook, or of a terminal where there is no kernel."""
    made = SimpleNamespace(user_ns={}, showtraceback=lambda: None)
    made.events = EventManager(made, available_events, print_on_error=False)
    if kernel:
        made.kernel = object()
    return made


def run_cell(made: Any, cell: str, *, success: bool = True) -> None:
    """Run a cell of plain assignments by hand, then what waits for the end of a cell."""
    if success:
        exec(cell, made.user_ns)
    result = SimpleNamespace(info=SimpleNamespace(raw_cell=cell), success=success)
    made.events.trigger("post_run_cell", result)
