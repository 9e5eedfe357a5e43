"""Proof of a run: execute it again in a scratch folder and compare byte by byte."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from commune_pilots import store
from commune_pilots.errors import InputError, PilotsError, ReproductionError, WriteError
from commune_pilots.params import Run, check_name
from commune_pilots.runs import exports, manifest
from commune_pilots.runs.halt import Halt
from commune_pilots.runs.inventory import Inventory
from commune_pilots.runs.plan import Planned
from commune_pilots.runs.resume import Work, hash_of
from commune_pilots.runs.run import Job, Progress, fill, report_failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A published run that came out the same: how many files, and what changed since."""

    run: str
    files: int
    drift: tuple[Planned, ...]


def verify_run(
    inventory: Inventory,
    name: str,
    *,
    cold: bool = False,
    halt: Halt | None = None,
    progress: Progress = lambda _: None,
) -> Verified:
    """Execute a published run afresh, with its own parameters, and compare every file it publishes.

    Commit and state of the checkout are facts about the publication, printed on its pages; they
    are taken from the manifest. Everything else is as it stands today, and `drift` tells what has
    changed since. Raises InputError for a run that is not published or whose outputs were altered,
    and ReproductionError naming the first file that differs; the new files are then kept.
    """
    layout = inventory.layout
    check_name(name)
    published = manifest.read(layout, name)
    if published is None:
        raise InputError("not_published", run=name)
    if altered := manifest.altered_output(layout, published):
        raise InputError("altered", run=name, file=altered)
    try:
        run = Run.model_validate(published["parameters"])
    except ValidationError as old:
        raise InputError("manifest_old", run=name) from old
    drift = tuple(step for step in inventory.plan(run) if step.reasons)
    then = replace(inventory, commit=published["commit"], dirty=published["dirty"])
    scratch = Path(tempfile.mkdtemp(prefix=f"pilots-verify-{name}-"))
    for part in ("data", "reports", "steps"):
        (scratch / part).mkdir()
    work = Work(layout, name, scratch)
    try:
        job = Job(run=run, force=True, cold=cold)
        fill(then, job, work, halt=halt or Halt(), progress=progress)
        compare(layout, name, work, drifted=bool(drift))
    except ReproductionError:
        raise
    except BaseException as broken:
        if isinstance(broken, PilotsError):
            report_failure(layout, name, scratch, broken)
        shutil.rmtree(scratch, ignore_errors=True)
        if isinstance(broken, OSError):
            raise WriteError(
                "cannot_write", file=str(broken.filename or scratch), reason=broken.strerror
            ) from broken
        raise
    shutil.rmtree(scratch, ignore_errors=True)
    return Verified(run=name, files=len(published["outputs"]) + (not drift), drift=drift)


def compare(layout: store.Layout, run: str, work: Work, *, drifted: bool = False) -> None:
    """Compare what is at work with what is published; raises ReproductionError if they differ.

    The manifest names the code it was made by: after a drift it differs, as it should.
    """
    aside = {manifest.VOLATILE, *exports.NAMES, *([manifest.NAME] if drifted else [])}
    made = {name for name in work.states() if Path(name).name not in aside}
    published = {
        path.relative_to(layout.root).as_posix()
        for folder in (layout.processed(run), layout.reports(run))
        for path in folder.rglob("*")
        if path.is_file() and path.name not in aside
    }
    differing = sorted(
        name
        for name in made | published
        if name not in made & published or work.hash_of(name) != hash_of(layout.root / name)
    )
    if differing:
        raise ReproductionError(
            "differs",
            run=run,
            count=len(differing),
            file=differing[0],
            where=first_difference(layout.root / differing[0], work.path(differing[0])),
            kept=work.folder.as_posix(),
        )


def first_difference(one: Path, other: Path) -> str:
    """Say where two files part: the byte, or which of them is missing."""
    if not one.is_file() or not other.is_file():
        return "only published" if one.is_file() else "only made anew"
    left, right = one.read_bytes(), other.read_bytes()
    for place, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return f"byte {place}"
    return f"length {len(left)} / {len(right)}"
