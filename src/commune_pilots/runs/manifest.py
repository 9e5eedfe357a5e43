"""The manifest of a run: what went in, what came out, and whether it still stands.

It is written last; a run without a matching manifest is not published.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from commune_pilots import store

NAME = "manifest.json"
_NAMED_PACKAGES = (
    "commune-pilots", "jupyterlab", "matplotlib", "nbconvert", "numpy", "pandas", "pandera",
    "papermill", "pyarrow", "scipy", "statsmodels",
)  # fmt: skip


def hash_files(root: Path, files: list[Path]) -> dict[str, str]:
    """Hash files, named by their path from the project's root."""
    return {path.relative_to(root).as_posix(): store.sha256(path) for path in files}


def versions() -> dict[str, str]:
    """Name the versions of Python and of the packages that make numbers or pages."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in _NAMED_PACKAGES},
    }


def code_state(root: Path) -> tuple[str, bool]:
    """Name the commit checked out and whether anything differs from it; `unknown` outside git."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = git("rev-parse", "HEAD")
    return (commit, bool(git("status", "--porcelain"))) if commit else ("unknown", True)


def read(layout: store.Layout, run: str) -> dict[str, Any] | None:
    """Read a run's manifest; None where there is none that can be read."""
    path = layout.reports(run) / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return content if isinstance(content, dict) else None


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
