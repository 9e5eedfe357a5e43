"""What git keeps of the project: commits by any name, what they hold, and what git leaves out.

Git's own folder is only read: a commit is unpacked as an archive, never checked out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commune_pilots import store
from commune_pilots.errors import InputError, ParameterError

# What git is told to leave out and a run may read: a commit cannot have it.
_NOT_KEPT = (store.DELIVERIES, store.STUDIES, ":(glob)data/processed/delivery-*/**")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit: its full hash and the day it was made, as YYYY-MM-DD."""

    sha: str
    day: str

    @property
    def short(self) -> str:
        """The hash as people quote it."""
        return self.sha[:9]


def find_commit(layout: store.Layout, word: str) -> Commit | None:
    """Find the commit that a revision names (hash, tag, branch, HEAD~1); None where it names none.

    Raises ParameterError where the project is not kept by git, or git is not installed.
    """
    inside = _git(layout, "rev-parse", "--is-inside-work-tree")
    if inside.returncode:
        raise ParameterError("no_repository", value=word, reason=_last_line(inside.stderr))
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}")
    found = _git(layout, *asked)
    if found.returncode:
        return None
    sha = found.stdout.decode().strip()
    day = _git(layout, "show", "--no-patch", "--format=%cs", sha).stdout.decode().strip()
    return Commit(sha=sha, day=day)


def files_at(layout: store.Layout, commit: Commit, place: str) -> list[str]:
    """Name what a commit has at a place, by its path from the root: a folder, or what is in it.

    A place that ends in a slash is looked into.
    """
    found = _git(layout, "ls-tree", "-z", "--name-only", commit.sha, place)
    return [name for name in found.stdout.decode().split("\0") if name]


@contextmanager
def unpacked(layout: store.Layout, commit: Commit) -> Iterator[Path]:
    """Unpack the project as a commit has it, and take it away again whatever happens.

    The folder around it is taken away too. Raises InputError where git cannot read the commit.
    """
    scratch = Path(tempfile.mkdtemp(prefix=f"pilots-{commit.short}-"))
    try:
        packed, folder = scratch / "commit.zip", scratch / "project"
        made = _git(layout, "archive", "--format=zip", f"--output={packed}", commit.sha)
        if made.returncode:
            reason = _last_line(made.stderr)
            raise InputError("commit_unreadable", commit=commit.short, reason=reason)
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(folder)
        packed.unlink()
        yield folder
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def lend(layout: store.Layout, folder: Path) -> list[str]:
    """Put deliveries and studies that git ignores beside an unpacked commit; names the files."""
    ignored = ("ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", *_NOT_KEPT)
    names = [name for name in _git(layout, *ignored).stdout.decode().split("\0") if name]
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(layout.root / name, target)  # raw files may be large, and are only read
        except OSError:
            shutil.copyfile(layout.root / name, target)
    return names


def _git(layout: store.Layout, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", *words]
    around = {**os.environ, "LC_ALL": "C.UTF-8"}  # what git says is quoted: in one language
    try:
        return subprocess.run(
            command, cwd=layout.root, env=around, capture_output=True, check=False
        )
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, b"", b"git is not installed")


def _last_line(said: bytes) -> str:
    return (said.decode(errors="replace").strip().splitlines() or ["?"])[-1]
