"""The gate of a release: a published run is checked whole, then put down once and for all.

What is released is copied, with what was checked and who approves it; nothing of the run changes.
The approver stands in release.json alone: a page is hashed, and made by anybody who runs it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from commune_pilots import store
from commune_pilots.catalogue import LANGUAGES, text
from commune_pilots.errors import Bilingual, InputError, ReleaseError, WriteError
from commune_pilots.params import check_name
from commune_pilots.runs import manifest, publish, release_checks
from commune_pilots.runs.inventory import Inventory
from commune_pilots.runs.listing import RELEASE
from commune_pilots.runs.release_checks import Finding
from commune_pilots.runs.release_look import look, read_contents
from commune_pilots.runs.released import briefing_record, record_path

_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A briefing that is released: where, on which day, its record, and what was checked."""

    run: str
    folder: Path
    record: Path
    day: str
    findings: tuple[Finding, ...]
    anew: bool


def release_run(inventory: Inventory, name: str, *, approver: str, today: date) -> Released:
    """Check a published run and write its release and its record; once released it stands.

    Writes reports/released/<run>-<briefing_date> whole, then the record that later briefings are
    compared with. The same again changes nothing and keeps the first day. Raises InputError for a
    run that is not published, LockedError while it is being published, ReleaseError with a
    sentence for each check that failed or if another release has this date, WriteError if it
    cannot be written.
    """
    layout = inventory.layout
    check_name(name)
    if manifest.read(layout, name) is None:  # asked before anything is locked: a name mistyped
        raise InputError("not_published", run=name)
    with publish.holding(layout, name):
        published = manifest.read(layout, name)
        assert published is not None
        approver = release_checks.approver_name(approver)
        contents = read_contents(layout, published)
        findings, tables = look(inventory, published, contents, approver=approver)
        if failed := [found for found in findings if not found.passed]:
            refused = ReleaseError(
                "release_refused", run=name, failed=len(failed), checks=len(findings)
            )
            refused.reasons = tuple(map(_reason, failed))
            raise refused
        day = published["parameters"]["briefing_date"]
        folder, record = layout.releases / f"{name}-{day}", record_path(layout, name, day)
        since = _since(folder)
        told = _told(published, findings, contents, approver=approver)
        told["date"] = since or today.isoformat()
        files = {**_released_files(name, contents), RELEASE: manifest.to_bytes(told)}
        kept = manifest.to_bytes(briefing_record(published, tables["results"]))
        _refuse_other(layout, name, folder, files, {record: kept})
        if since is None:
            _write(folder, files)
        if not record.is_file():
            store.write_bytes(record, kept)
    return Released(
        run=name,
        folder=folder,
        record=record,
        day=told["date"],
        findings=findings,
        anew=since is None,
    )


def _reason(found: Finding) -> Bilingual:
    return Bilingual(
        *(
            text(
                "release.reason",
                name,
                check=text(f"release.check.{found.check}", name),
                found=getattr(found.found, name),
            )
            for name in LANGUAGES
        )
    )


def _released_files(run: str, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Take what is released: pages, the data request, the manifest; no table, no notebook."""
    return {
        Path(file).name: content
        for file, content in contents.items()
        if file.startswith(f"reports/{run}/") and not file.endswith(".ipynb")
    }


def _told(
    published: Mapping[str, Any],
    findings: Sequence[Finding],
    contents: Mapping[str, bytes],
    *,
    approver: str,
) -> dict[str, Any]:
    """Lay out release.json, but for its day: who approves what, what was checked, every file."""
    files = _released_files(published["run"], contents)
    return {
        "format": _FORMAT,
        "run": published["run"],
        "briefing_date": published["parameters"]["briefing_date"],
        "approver": approver,
        "commit": published["commit"],
        "key": published["key"],
        "checks": [
            {
                "check": found.check,
                "passed": found.passed,
                "looked_at": found.looked_at._asdict(),
                "found": found.found._asdict(),
            }
            for found in findings
        ],
        "files": {name: store.sha256_bytes(content) for name, content in files.items()},
    }


def _since(folder: Path) -> str | None:
    """Tell the day of an earlier release; None where there is none, empty if it is damaged."""
    if not folder.exists():
        return None
    try:
        return str(json.loads((folder / RELEASE).read_bytes())["date"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _refuse_other(
    layout: store.Layout,
    run: str,
    folder: Path,
    files: Mapping[str, bytes],
    record: Mapping[Path, bytes],
) -> None:
    """Refuse to release anything else than what is released already; raises ReleaseError."""
    for path, content in {**{folder / name: files[name] for name in files}, **record}.items():
        there = path.read_bytes() if path.is_file() else None
        lost = there is None and path.parent == folder and folder.exists()
        if lost or there not in (None, content):
            raise ReleaseError(
                "released_before", run=run, file=path.relative_to(layout.root).as_posix()
            )


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder whole: beside its place first, then renamed; raises WriteError."""
    beside = folder.with_name(f".{folder.name}")
    shutil.rmtree(beside, ignore_errors=True)
    for name, content in files.items():
        store.write_bytes(beside / name, content)
    try:
        beside.replace(folder)
    except OSError as refused:
        raise WriteError(
            "cannot_write", file=folder.as_posix(), reason=refused.strerror
        ) from refused
