"""Small repositories: a project kept by git, and a package of its own that runs in no time."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
# As much of the package as an unpacked commit is asked for: its numbers are one parameter.
_PACKAGE = {
    "__init__.py": "",
    "runs/__init__.py": "",
    "cli.py": """
import os, sys
from pathlib import Path
from commune_pilots import store

def main(words):
    root = store.find_root()
    text = (root / "params" / "runs" / f"{words[1]}.yml").read_text()
    if text.startswith("fails"):
        print("Error: its own error", file=sys.stderr)
        raise SystemExit(int(text.split()[1]))
    if text.startswith("waits"):
        import time
        Path(text.split()[1]).write_text(str(os.getpid()))
        time.sleep(600)
    raise SystemExit(0)
""",
    "store.py": """
import os
from pathlib import Path

def find_root():
    return Path(os.environ["PILOTS_ROOT"])
""",
    "runs/manifest.py": """
import json

def to_bytes(content):
    return json.dumps(content).encode()
""",
    "runs/released.py": """
import hashlib

def published_record(root, run):
    lent = root / "data" / "processed" / "delivery-so" / "panel.parquet"
    files = [lent] if lent.is_file() else []
    return {
        "format": 1,
        "run": run,
        "value": (root / "params" / "runs" / f"{run}.yml").read_text(),
        "inputs": {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
        },
        "environment": {"lock": "of that commit"},
        "commit": "unknown",
        "dirty": True,
    }
""",
}


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, apart from the settings of whoever tests; gives what it printed."""
    around = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *_WHO, *words], cwd=folder, env=around, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def repository(folder: Path) -> str:
    """Keep a folder by git, all of it in one commit; gives its hash."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    return commit(folder)


def commit(folder: Path) -> str:
    """Commit everything that git does not ignore; gives the hash."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=x")
    return git(folder, "rev-parse", "HEAD")


def project(folder: Path, **runs: str) -> str:
    """Make a project with code of its own and these files of runs, in one commit."""
    for name, source in _PACKAGE.items():
        path = folder / "src" / "commune_pilots" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    write_runs(folder, **runs)
    (folder / ".gitignore").write_text("data/processed/*\n", encoding="utf-8")
    return repository(folder)


def write_runs(folder: Path, **runs: str) -> None:
    """Write files of runs."""
    (folder / "params" / "runs").mkdir(parents=True, exist_ok=True)
    for run, text in runs.items():
        (folder / "params" / "runs" / f"{run}.yml").write_text(text, encoding="utf-8")
