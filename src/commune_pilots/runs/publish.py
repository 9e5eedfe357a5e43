"""Outputs become visible whole: staged beside their place, swapped in, the manifest last.

The work folder of a run that failed or was killed is kept: what its finished steps made is taken up
again by the next run (`runs.resume`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from commune_pilots import store
from commune_pilots.errors import LockedError, WriteError
from commune_pilots.runs import locks, manifest


@contextmanager
def holding(layout: store.Layout, run: str) -> Iterator[None]:
    """Hold one run against every other process that would write its outputs.

    Raises LockedError if another process holds the run and WriteError if it cannot be held.
    """
    parent = layout.root / "reports"
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
        yield


@contextmanager
def staging(layout: store.Layout, run: str) -> Iterator[Path]:
    """Give one run a locked work folder on the file system of its outputs.

    It may hold what an earlier, unfinished run left. An interrupted swap is mended first. Raises
    LockedError if another process holds the run and WriteError if the folder cannot be made.
    """
    work = _work(layout, run)
    with holding(layout, run):
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
    try:
        (work / "reports" / manifest.NAME).stat()
        _swap(layout, run)
        for spent in (*map(_old, _finals(layout, run)), layout.failed(run), work):
            shutil.rmtree(spent, ignore_errors=True)
    except OSError as refused:
        restore(layout, run, onwards=False)
        raise WriteError(
            "cannot_write", file=layout.reports(run).as_posix(), reason=refused.strerror
        ) from refused


def restore(layout: store.Layout, run: str, *, onwards: bool = True) -> None:
    """Finish a swap that was killed; go back instead if it cannot be, or `onwards` is false.

    Tables without a manifest beside them are left as they are where nothing was moved aside: an
    analyst may have written them by hand.
    """
    finals, work = _finals(layout, run), _work(layout, run)
    published = layout.reports(run) / manifest.NAME
    begun = any(_old(final).exists() for final in finals) or not (work / "data").exists()
    ready = (work / "reports" / manifest.NAME).is_file() and not published.is_file()
    if onwards and begun and ready:
        with suppress(OSError):
            _swap(layout, run)
            shutil.rmtree(work, ignore_errors=True)
    for final in finals:
        old = _old(final)
        if not old.exists():
            continue
        if published.is_file():
            shutil.rmtree(old, ignore_errors=True)
        else:
            shutil.rmtree(final, ignore_errors=True)
            old.replace(final)


def leftovers(layout: store.Layout, run: str) -> bool:
    """Say whether an earlier run that failed or was killed left anything behind."""
    left = (_work(layout, run), layout.failed(run), *map(_old, _finals(layout, run)))
    return any(map(Path.exists, left))


def tidy(layout: store.Layout, run: str) -> None:
    """Clear what an earlier run left of a run that stands; another process at work is let be."""
    with suppress(LockedError), staging(layout, run) as work:
        for spent in (work, layout.failed(run)):
            shutil.rmtree(spent, ignore_errors=True)


def keep_failed(layout: store.Layout, run: str, work: Path) -> None:
    """Copy the notebooks and the kernel's log of a failed run apart from anything published."""
    failed = layout.failed(run)
    shutil.rmtree(failed, ignore_errors=True)
    failed.mkdir(parents=True)
    for path in [*sorted((work / "reports").glob("*.ipynb")), *sorted(work.glob("*.log"))]:
        shutil.copyfile(path, failed / path.name)


def _swap(layout: store.Layout, run: str) -> None:
    """Move aside what is published and move in what is staged, as far as it is not yet done."""
    work = _work(layout, run)
    pairs = list(zip((work / "data", work / "reports"), _finals(layout, run), strict=True))
    for staged, final in reversed(pairs):
        if staged.exists() and final.exists():
            shutil.rmtree(_old(final), ignore_errors=True)
            final.replace(_old(final))
    for staged, final in pairs:
        if staged.exists():
            staged.replace(final)
            _sync(final.parent)


def _finals(layout: store.Layout, run: str) -> tuple[Path, Path]:
    return layout.processed(run), layout.reports(run)


def _work(layout: store.Layout, run: str) -> Path:
    return layout.root / "reports" / f".staging-{run}"


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
