"""Outputs become visible whole: staged beside their place, swapped in, the manifest last.

The work folder of a run that failed or was killed is kept: what its finished steps made is taken up
again by the next run (`runs.resume`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commune_pilots import store
from commune_pilots.errors import LockedError, WriteError
from commune_pilots.runs import locks, manifest


@contextmanager
def staging(layout: store.Layout, run: str) -> Iterator[Path]:
    """Give one run a locked work folder on the file system of its outputs.

    It may hold what an earlier, unfinished run left. An interrupted swap is mended first. Raises
    LockedError if another process holds the run and WriteError if the folder cannot be made.
    """
    parent = layout.root / "reports"
    work = parent / f".staging-{run}"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        (layout.root / "data" / "processed").mkdir(parents=True, exist_ok=True)
        lock = (parent / f".lock-{run}").open("w")
    except OSError as refused:
        raise WriteError(
            "cannot_write", file=parent.as_posix(), reason=refused.strerror
        ) from refused
    with lock:
        if not locks.take(lock):
            raise LockedError("locked", run=run)
        restore(layout, run)
        try:
            for part in ("data", "reports", "steps"):
                (work / part).mkdir(parents=True, exist_ok=True)
        except OSError as refused:
            raise WriteError(
                "cannot_write", file=work.as_posix(), reason=refused.strerror
            ) from refused
        yield work


def publish(layout: store.Layout, run: str, work: Path) -> None:
    """Swap staged tables and pages in; the reports folder, with its manifest, comes last.

    Raises WriteError; whatever was published before is then still there or is put back.
    """
    targets = [(work / "data", layout.processed(run)), (work / "reports", layout.reports(run))]
    try:
        for _, final in reversed(targets):
            if final.exists():
                final.replace(_old(final))
        for staged, final in targets:
            staged.replace(final)
            _sync(final.parent)
        for spent in (*(_old(final) for _, final in targets), layout.failed(run), work):
            shutil.rmtree(spent, ignore_errors=True)
    except OSError as refused:
        restore(layout, run)
        raise WriteError(
            "cannot_write", file=layout.reports(run).as_posix(), reason=refused.strerror
        ) from refused


def restore(layout: store.Layout, run: str) -> None:
    """Put back what an interrupted swap moved aside, unless the new outputs are complete.

    Tables without a manifest beside them are left as they are where nothing was moved aside: an
    analyst may have written them by hand.
    """
    finals = (layout.processed(run), layout.reports(run))
    complete = (layout.reports(run) / manifest.NAME).is_file()
    for final in finals:
        old = _old(final)
        if not old.exists():
            continue
        if complete:
            shutil.rmtree(old, ignore_errors=True)
        else:
            shutil.rmtree(final, ignore_errors=True)
            old.replace(final)


def keep_failed(layout: store.Layout, run: str, work: Path) -> None:
    """Copy the notebooks and the kernel's log of a failed run apart from anything published."""
    failed = layout.failed(run)
    shutil.rmtree(failed, ignore_errors=True)
    failed.mkdir(parents=True)
    for path in [*sorted((work / "reports").glob("*.ipynb")), *sorted(work.glob("*.log"))]:
        shutil.copyfile(path, failed / path.name)


def _sync(folder: Path) -> None:
    """Have the system write down what a folder now holds, where it can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _old(final: Path) -> Path:
    return final.with_name(f".old-{final.name}")
