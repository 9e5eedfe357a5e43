"""Wires git to notebooks: stripped when committed, shown as cells, merged by cells.

Settings of one repository, in its own configuration: a clone without them works as git does.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from commune_pilots.store import Layout

# What papermill and JupyterLab leave in a notebook and nobody wrote; `make check`, `make format`
# and the pre-commit hook name the same keys.
EXTRA_KEYS = (
    "metadata.papermill",
    "metadata.language_info.codemirror_mode",
    "metadata.language_info.file_extension",
    "metadata.language_info.mimetype",
    "metadata.language_info.nbconvert_exporter",
    "metadata.language_info.pygments_lexer",
    "metadata.language_info.version",
    "cell.metadata.editable",
    "cell.metadata.execution",
    "cell.metadata.jp-MarkdownHeadingCollapsed",
    "cell.metadata.papermill",
    "cell.metadata.slideshow",
)
STRIP = ("--keep-id", "--extra-keys", " ".join(EXTRA_KEYS))
_SPECTACLES = (
    "--to", "py:percent", "--opt", "notebook_metadata_filter=-all", "--quiet", "--output", "-",
)  # fmt: skip
_TOOL = "commune_pilots.desk.notebook_tool"
_CONFIG = ("config", "--local")
_TIMEOUT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What git was told: every setting of ours, and which of them were new or other before."""

    settings: Mapping[str, str]
    changed: tuple[str, ...]


def settings(python: Path) -> dict[str, str]:
    """Name git's settings for notebooks, run by this interpreter, for what is installed.

    Git hands a command to a POSIX shell, nbdime hands the filter to the system's own: slashes, and
    double quotes around spaces, are right for both.
    """

    def command(module: str, *words: str) -> str:
        return " ".join(map(_quoted, (python.as_posix(), "-m", _TOOL, module, *words)))

    needs = {
        # Filtered: what Jupyter leaves in the file at work is no change.
        "diff.notebook.command": (
            "nbdime",
            command("nbdime.vcs.git.diffdriver", "diff", "--use-filter"),
        ),
        "diff.notebook.textconv": ("jupytext", command("jupytext", *_SPECTACLES)),
        "merge.jupyternotebook.name": ("nbdime", "nbdime"),
        "merge.jupyternotebook.driver": (
            "nbdime",
            f"{command('nbdime.vcs.git.mergedriver', 'merge')} %O %A %B %L %P",
        ),
        "filter.nbstripout.clean": ("nbstripout", command("nbstripout", *STRIP)),
        "filter.nbstripout.smudge": ("nbstripout", "cat"),
    }
    return {key: value for key, (module, value) in needs.items() if find_spec(module)}


def wire(layout: Layout) -> Wiring | None:
    """Set what is not set yet in the repository's own configuration.

    None where there is no git, or no repository that it may write to. Idempotent.
    """
    if shutil.which("git") is None or _git(layout, *_CONFIG, "--list").returncode:
        return None
    wanted = settings(Path(sys.executable))
    changed = []
    for key, value in wanted.items():
        if _git(layout, *_CONFIG, "--get", key).stdout.removesuffix("\n") != value:
            if _git(layout, *_CONFIG, "--replace-all", key, value).returncode:
                return None
            changed.append(key)
    return Wiring(settings=wanted, changed=tuple(changed))


def settle(path: Path) -> bool:
    """Let git see that a notebook which was run and saved is, once stripped, the one it has.

    Git takes a file of another size for changed and never looks into it; here nothing but the size
    that it remembers is forgotten, and only where the content is the same. True if it was.
    """
    root = Layout(path.parent)
    told = _git(root, "ls-files", "--stage", "--full-name", "-z", "--", path.name).stdout
    about, _, place = told.removesuffix("\0").partition("\t")
    if not place or "\0" in place:  # git does not have it, or it is being merged
        return False
    mode, blob, _ = about.split()
    stripped = _git(root, "hash-object", f"--path={path.name}", "--", path.name).stdout.strip()
    if stripped != blob:
        return False
    return not _git(root, "update-index", "--cacheinfo", f"{mode},{blob},{place}").returncode


def _quoted(word: str) -> str:
    plain = re.fullmatch(r"[\w@%+=:,./~-]+", word, re.ASCII)
    return word if plain else '"' + re.sub(r'([$`"\\])', r"\\\1", word) + '"'


def _git(layout: Layout, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "--literal-pathspecs", *words],
        cwd=layout.root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=_TIMEOUT,
    )
