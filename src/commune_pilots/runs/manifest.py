"""The manifest of a run: what went in, what came out, and whether it still stands.

`manifest.json` holds no times and is written last; a run without one is not published. `run.json`
beside it tells what differs from one execution to the next: start, seconds, host, attempts.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from commune_pilots import store
from commune_pilots.runs.code import digest
from commune_pilots.runs.plan import ABSENT, Record
from commune_pilots.vocabulary import NO_COMMIT

NAME = "manifest.json"
VOLATILE = "run.json"
FORMAT = 2
_FACTS = ("run", "key", "data", "title", "grade", "option", "province_name", "parameters")
_NAMED_PACKAGES = (
    "commune-pilots", "jupyterlab", "matplotlib", "nbconvert", "numpy", "pandas", "pandera",
    "papermill", "pyarrow", "scipy", "statsmodels",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Name the versions of Python and of the packages that make numbers or pages."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in _NAMED_PACKAGES},
    }


def code_state(root: Path) -> tuple[str, bool]:
    """Name the commit checked out and whether anything differs from it; `unknown` outside git."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(root), *words]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:  # git is not installed here
            return ""
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = git("rev-parse", "HEAD")
    return (commit, bool(git("status", "--porcelain"))) if commit else (NO_COMMIT, True)


def compose(facts: Mapping[str, Any], records: Mapping[str, Record]) -> dict[str, Any]:
    """Lay out the manifest of a run from its facts and its steps, every hash told once."""
    made = {path: sha for record in records.values() for path, sha in record.outputs.items()}
    read = {path: sha for record in records.values() for path, sha in record.reads.items()}
    return {
        **facts,
        "format": FORMAT,
        "key": digest(*(record.key.encode() for record in records.values())),
        "environment": dict(next(iter(records.values())).environment),
        "inputs": {path: sha for path, sha in read.items() if sha and path not in made},
        "modules": {
            name: sha for record in records.values() for name, sha in record.modules.items()
        },
        "outputs": made,
        "steps": {
            name: {
                "key": record.key,
                "notebook": record.content,
                "parameters": dict(record.parameters),
                "modules": sorted(record.modules),
                "reads": sorted(record.reads),
                "outputs": dict(record.outputs),
            }
            for name, record in records.items()
        },
    }


def tables_in(paths: Iterable[str]) -> list[str]:
    """Name the tables among files, in order."""
    files = (PurePosixPath(path) for path in paths)
    return sorted(file.stem for file in files if file.suffix == ".parquet")


def records_of(content: Mapping[str, Any]) -> dict[str, Record]:
    """Take the steps of a run out of its manifest, in the order of their names."""
    hashes = {**content["inputs"], **content["outputs"]}
    return {
        name: Record(
            content=step["notebook"],
            parameters=step["parameters"],
            modules={module: content["modules"][module] for module in step["modules"]},
            environment=content["environment"],
            reads={path: hashes.get(path, ABSENT) for path in step["reads"]},
            outputs=step["outputs"],
        )
        for name, step in content["steps"].items()
    }


def read(layout: store.Layout, run: str) -> dict[str, Any] | None:
    """Read a run's manifest; None where there is none of today's format that is whole."""
    path = layout.reports(run) / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None
    try:
        records_of(content)
        whole = all(name in content for name in _FACTS)
    except (KeyError, TypeError, AttributeError):
        return None
    return content if whole else None


def altered_output(layout: store.Layout, manifest: Mapping[str, Any]) -> str | None:
    """Name the first output that is missing or differs from its hash; None if all stand."""
    for file, expected in manifest["outputs"].items():
        path = layout.root / file
        if not path.is_file() or store.sha256(path) != expected:
            return str(file)
    return None


def to_bytes(content: Mapping[str, Any]) -> bytes:
    """Write a manifest: sorted keys, two spaces, UTF-8."""
    return (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
