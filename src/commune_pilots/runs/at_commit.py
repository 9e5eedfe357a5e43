"""The numbers that a run gave at a commit: with that commit's code, notebooks, params and raw data.

The commit is executed in a folder and a process of its own, in today's environment. The record is
kept, so that the same question is answered at once the next time.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commune_pilots import errors, store
from commune_pilots.errors import Bilingual, InputError, ParameterError, StoppedError
from commune_pilots.keys import near
from commune_pilots.params import load_run
from commune_pilots.runs import commits, kernels, manifest, plan
from commune_pilots.runs.code import digest, read_hashes
from commune_pilots.runs.commits import Commit
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.resume import hash_of

_SOURCE = "src/commune_pilots"
_RECORDS = f"{_SOURCE}/runs/released.py"
_KEPT = ".at-commit"  # under data/processed; no run's name starts with a full stop
_ENDING_SECONDS = 20.0
# Runs in the commit's own package: what it publishes is read by the code that wrote it.
_EXECUTE = """
import sys
from pathlib import Path
from commune_pilots.cli import main
try:
    main(["run", sys.argv[1]])
except SystemExit as ended:
    if ended.code:
        raise
from commune_pilots import store
from commune_pilots.runs import manifest, released
found = released.published_record(store.find_root(), sys.argv[1])
Path(sys.argv[2]).write_bytes(manifest.to_bytes(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What a run gave at a commit.

    `borrowed` are the files it read that git does not keep, as they are today; `relocked` says
    that the commit locks other packages than those of today, in which it ran.
    """

    record: Mapping[str, Any]
    borrowed: tuple[str, ...]
    relocked: bool


def refuse_stale(layout: store.Layout, run: str) -> None:
    """Refuse a published run that would not come out the same today; raises InputError."""
    planned = read_inventory(layout).plan(load_run(run, layout.params))
    for step in planned:
        if step.reasons:
            why = Bilingual(*(step.reasons[0].sentence(at) for at in ("vi", "en")))
            raise InputError("stale", run=run, step=step.step, reason=why)


def kept_record(layout: store.Layout, run: str, commit: Commit) -> Then | None:
    """Read what a run gave at a commit, if it was asked before and the answer still holds.

    It holds in the same environment, and as long as every borrowed file is what it was.
    """
    try:
        kept = json.loads(_kept_path(layout, run, commit).read_bytes())
        if kept["surroundings"] != _surroundings(layout, commit):
            return None
        record, borrowed = kept["record"], tuple(kept["borrowed"])
        if any(hash_of(layout.root / file) != record["inputs"][file] for file in borrowed):
            return None
        return _then(layout, record, borrowed)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def record_at(layout: store.Layout, run: str, commit: Commit) -> Then:
    """Execute a run at a commit and keep its record; what it says is shown on standard error.

    Raises ParameterError for a run that the commit does not have or a commit older than records,
    and an error with the exit code of the run where it fails there.
    """
    files = commits.files_at(layout, commit, "params/runs/")
    known = sorted(Path(name).stem for name in files if name.endswith(".yml"))
    if run not in known:
        raise ParameterError(
            "run_not_at_commit",
            run=run,
            commit=commit.short,
            hint=near(run, known),
            known=", ".join(known) or "–",
        )
    if _has_code(layout, commit) and not commits.files_at(layout, commit, _RECORDS):
        raise ParameterError("commit_before_records", run=run, commit=commit.short)
    with commits.unpacked(layout, commit) as folder:
        lent = commits.lend(layout, folder)
        record = _execute(folder, run, commit)
    record |= {"commit": commit.sha, "dirty": False}
    borrowed = tuple(file for file in lent if file in record["inputs"])
    kept = {
        "record": record,
        "borrowed": borrowed,
        "surroundings": _surroundings(layout, commit),
    }
    store.write_bytes(_kept_path(layout, run, commit), manifest.to_bytes(kept))
    return _then(layout, record, borrowed)


def _then(layout: store.Layout, record: dict[str, Any], borrowed: tuple[str, ...]) -> Then:
    """Put today's lock into the record: those are the packages it ran with."""
    now = plan.packages_of(layout)
    then = record["environment"]["lock"]
    environment = {**record["environment"], "lock": now}
    return Then(
        record={**record, "environment": environment}, borrowed=borrowed, relocked=then != now
    )


def _kept_path(layout: store.Layout, run: str, commit: Commit) -> Path:
    return layout.processed(_KEPT) / f"{commit.sha}-{run}.json"


def _surroundings(layout: store.Layout, commit: Commit) -> str:
    """Hash what a commit does not tell of its numbers: interpreter, packages, and code beside it.

    A project without code of its own runs the installed package, then and now.
    """
    code = {} if _has_code(layout, commit) else read_hashes()
    told = [platform.python_version(), plan.installed_packages(), code, store.RELEASE_FORMAT]
    return digest(json.dumps(told, sort_keys=True).encode())


def _has_code(layout: store.Layout, commit: Commit) -> bool:
    return bool(commits.files_at(layout, commit, _SOURCE))


def _execute(folder: Path, run: str, commit: Commit) -> dict[str, Any]:
    """Execute a run in an unpacked commit, by the commit's own package where it has one."""
    told = folder.with_name("record.json")
    ours = (store.STAGING_VARIABLE, store.RUN_VARIABLE)
    around = {name: value for name, value in os.environ.items() if name not in ours}
    around[store.ROOT_VARIABLE] = str(folder)
    if (folder / _SOURCE).is_dir():
        path = [str(folder / "src"), os.environ.get("PYTHONPATH", "")]
        around["PYTHONPATH"] = os.pathsep.join(filter(None, path))
        # A template would stay at work on code that is about to be taken away.
        around[kernels.COLD_VARIABLE] = "1"
    command = [sys.executable, "-c", _EXECUTE, run, str(told)]
    child = subprocess.Popen(command, cwd=folder, env=around, stdout=subprocess.DEVNULL)
    try:
        code = child.wait()
    except BaseException as broken:
        _end(child)
        if isinstance(broken, StoppedError):
            stopped = StoppedError("stopped_at_commit", run=run, commit=commit.short)
            stopped.exit_code = broken.exit_code
            raise stopped from broken
        raise
    if code:
        kinds = {kind.exit_code: kind for kind in errors.KINDS}
        failed = kinds.get(code, errors.NotebookError)
        error = failed("fails_at_commit", run=run, commit=commit.short)
        error.exit_code = code if code > 0 else 128 - code
        raise error
    return store.read_record(told)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a run that nobody waits for: asked first, so that it ends its own kernels."""
    with suppress(OSError):
        child.terminate()
    try:
        child.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
