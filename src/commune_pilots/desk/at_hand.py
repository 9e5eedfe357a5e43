"""The run at hand: the one run that JupyterLab, its launcher and the form are at work on.

It stands in a file of one line under data/processed, which git ignores: what an analyst has open is
nobody else's business.
"""

from __future__ import annotations

from pathlib import Path

from commune_pilots import params
from commune_pilots.store import Layout, write_bytes

_FILE = ".at-hand"  # no run's name starts with a full stop


def at_hand(layout: Layout) -> str | None:
    """Name the run at hand; None before one was taken up, or where its file is gone."""
    try:
        name = _path(layout).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if name in params.known_runs(layout.params) else None


def take_up(layout: Layout, run: str) -> None:
    """Put a run at hand; raises ParameterError for one without a file in params/runs."""
    params.check_known_run(run, layout.params)
    write_bytes(_path(layout), f"{run}\n".encode())


def _path(layout: Layout) -> Path:
    return layout.processed(_FILE)
