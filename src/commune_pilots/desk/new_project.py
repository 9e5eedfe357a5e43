"""A new project folder from what is shipped with the package: notebooks, parameters, press data."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from commune_pilots import catalogue, store
from commune_pilots.errors import ParameterError, WriteError

# As pyproject.toml puts them into the wheel.
PARTS = (
    ".gitattributes",
    ".gitignore",
    "CONTRIBUTING.md",
    "data/raw/*.md",
    "data/raw/*/README.md",
    "data/raw/press/*",
    "docs/**/*",
    "notebooks/[0-9][0-9]_*.ipynb",
    "params/**/*",
)
_MADE = ("data/processed", "reports")  # filled by runs


def make_project(folder: Path, *, source: Path | None = None) -> Path:
    """Write a new project into a folder that is empty or not there yet; gives its full path.

    `source` is what it is made of: what is shipped with the package, or the clone the package
    runs from. The folder is whole or as it was before: `params`, by which a project is known, comes
    last. Raises ParameterError for a folder that holds anything, WriteError if it cannot be
    written.
    """
    folder = folder.resolve()
    try:
        return _make(folder, source or store.shipped_project())
    except OSError as refused:
        raise WriteError(
            "cannot_write", file=folder.as_posix(), reason=refused.strerror
        ) from refused


def parts_of(source: Path) -> Iterator[Path]:
    """Name the files a new project is made of, by their paths from the root, in order.

    An editor's hidden folders are left out.
    """
    found = {
        path.relative_to(source) for part in PARTS for path in source.glob(part) if path.is_file()
    }
    yield from sorted(path for path in found if not any(n.startswith(".") for n in path.parts[:-1]))


def _make(folder: Path, source: Path) -> Path:
    anew = not folder.exists()
    if not anew and (not folder.is_dir() or any(folder.iterdir())):
        raise ParameterError("folder_taken", folder=folder.as_posix())
    folder.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(dir=folder, prefix=".new-"))
    moved: list[Path] = []
    try:
        _fill(staged, source)
        for entry in sorted(staged.iterdir(), key=lambda entry: (entry.name == "params", entry)):
            moved.append(folder / entry.name)
            entry.replace(folder / entry.name)
        staged.rmdir()
    except BaseException:
        for path in (*moved, staged):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if anew:
            folder.rmdir()
        raise
    return folder


def _fill(staged: Path, source: Path) -> None:
    for part in parts_of(source):
        (staged / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / part, staged / part)
    for made in _MADE:
        (staged / made).mkdir(parents=True)
        (staged / made / ".gitkeep").touch()
    words = [catalogue.text("project.readme", language) for language in catalogue.LANGUAGES]
    (staged / "README.md").write_bytes("\n\n".join([*words, ""]).rstrip("\n").encode() + b"\n")
