"""What a release publishes and rests on is read once, and every check is asked of it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from commune_pilots import schemas, store
from commune_pilots.briefing.export import visible_text
from commune_pilots.briefing.findings import grade_of_page
from commune_pilots.clean import printed, readable
from commune_pilots.clean.small_counts import small_counts
from commune_pilots.errors import InputError
from commune_pilots.params import Run, load_indicators
from commune_pilots.runs import manifest, release_checks
from commune_pilots.runs.inventory import Inventory
from commune_pilots.runs.release_checks import Code, Finding, Leak
from commune_pilots.runs.run import BRIEFINGS, REQUESTS
from commune_pilots.sources import privacy

if TYPE_CHECKING:
    import pandas as pd

_TABLES = ("sources", "observations", "candidates", "contrasts", "results")
_OPTIONAL = ("panel", "effects")  # what a run was published without is none


def look(
    inventory: Inventory,
    published: Mapping[str, Any],
    contents: Mapping[str, bytes],
    *,
    approver: str,
) -> tuple[tuple[Finding, ...], dict[str, pd.DataFrame]]:
    """Ask every check of everything that a run publishes; the tables that were read come along.

    `contents` are the files as read_contents gives them. Raises InputError for a run that was
    published with other parameters than today's.
    """
    layout, data = inventory.layout, published["data"]
    tables, unread = _read_tables(published["run"], contents)
    leaks, unscanned = _leaks(contents)
    altered = {
        file
        for file, expected in published["outputs"].items()
        if store.sha256_bytes(contents[file]) != expected
    }
    pages = {
        Path(file).name: content.decode("utf-8", errors="replace")
        for file, content in contents.items()
        if file.endswith(".html")
    }
    graded = {name: schemas.empty(name) for name in ("contrasts", "effects")} | tables
    counts = small_counts(
        tables,
        {name: "\n".join(visible_text(page).values()) for name, page in pages.items()},
        load_indicators(layout.params / "indicators.yml"),
        shown=_printed(published["run"], contents),
    )
    findings = (
        release_checks.check_simulated(published, tables),
        release_checks.check_status(published),
        release_checks.check_small_counts(counts),
        release_checks.check_personal_data(leaks, files=len(contents)),
        release_checks.check_code(published, _code(layout.root, published["commit"])),
        release_checks.check_outputs(
            published,
            pages,
            inventory.plan(_parameters(published)),
            altered=sorted({*altered, *unread, *unscanned}),
            grades={BRIEFINGS[data]: grade_of_page(graded), REQUESTS[data]: "none"},
            indexed=_indexed(layout, published),
        ),
        release_checks.check_figures(pages),
        release_checks.check_approver(approver),
    )
    return findings, tables


def read_contents(layout: store.Layout, published: Mapping[str, Any]) -> dict[str, bytes]:
    """Read every file that a run publishes, by its path from the root; a missing one is empty."""
    names = [*published["outputs"], f"reports/{published['run']}/{manifest.NAME}"]
    paths = {name: layout.root / name for name in sorted(names)}
    return {name: path.read_bytes() if path.is_file() else b"" for name, path in paths.items()}


def _read_tables(
    run: str, contents: Mapping[str, bytes]
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Read the tables that checks look into, and name those that cannot be read."""
    import pandas as pd

    tables, unread = {}, []
    for table in (*_TABLES, *_OPTIONAL):
        file = f"data/processed/{run}/{table}.parquet"
        if table in _OPTIONAL and file not in contents:
            continue
        try:
            tables[table] = pd.read_parquet(io.BytesIO(contents.get(file, b"")))
        except (ValueError, OSError):
            unread.append(file)
    return tables, unread


def _printed(run: str, contents: Mapping[str, bytes]) -> dict[str, list[printed.Printed]]:
    """Read the counts out of every table that is released: those of pages, and CSV files."""
    return {
        Path(file).name: list(read(content.decode("utf-8-sig", errors="replace")))
        for kind, read in ((".html", printed.of_page), (".csv", printed.of_csv))
        for file, content in contents.items()
        if file.startswith(f"reports/{run}/") and file.endswith(kind)
    }


def _leaks(contents: Mapping[str, bytes]) -> tuple[list[Leak], list[str]]:
    """Search every file for personal data; names the files that cannot be read."""
    leaks, unread = [], []
    for file, content in contents.items():
        try:
            leaks += [
                Leak(kind=hit.kind, file=file, place=place, line=hit.line)
                for place, words in readable.texts_of(file, content)
                for hit in privacy.scan_text(words)
            ]
        except ValueError:
            unread.append(file)
    return leaks, unread


def _code(root: Path, commit: str) -> Code:
    """Ask git what the project's files have become since a commit; records of releases apart."""

    def git(*words: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-C", str(root), "-c", "core.quotePath=false", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    known = shutil.which("git") and re.fullmatch(r"[0-9a-f]{40,64}", commit)
    if not known or git("merge-base", "--is-ancestor", commit, "HEAD").returncode:
        return Code(known=False)
    changed = git("diff", "--name-only", "--relative", commit, "--").stdout
    added = git("ls-files", "--others", "--exclude-standard").stdout
    names = sorted({*changed.splitlines(), *added.splitlines()})
    return Code(
        known=True,
        changed=tuple(name for name in names if not name.startswith(f"{store.RELEASED}/")),
    )


def _parameters(published: Mapping[str, Any]) -> Run:
    try:
        return Run.model_validate(published["parameters"])
    except ValidationError as old:
        raise InputError("manifest_old", run=published["run"]) from old


def _indexed(layout: store.Layout, published: Mapping[str, Any]) -> bool:
    index = layout.root / "reports" / "index.html"
    page = index.read_text(encoding="utf-8") if index.is_file() else ""
    return f'href="{published["run"]}/{BRIEFINGS[published["data"]]}"' in page
