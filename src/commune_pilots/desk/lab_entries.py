"""What the launcher of JupyterLab offers: words, runs, briefings, commands to type."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from commune_pilots import params
from commune_pilots.catalogue import LANGUAGES, Language, text
from commune_pilots.desk.at_hand import at_hand
from commune_pilots.store import Layout

ENTRIES = ("new_study", "run_study", "briefings", "new_notebook")
_WORDS = (
    "category", "choose", "run", "name_study", "create", "cancel", "no_terminal",
    "nothing_published",
)  # fmt: skip


def lab_language() -> Language:
    """Choose the language of menus and entries: PILOTS_LANG, Vietnamese where it says both."""
    return "en" if os.environ.get("PILOTS_LANG") == "en" else "vi"


def offered(layout: Layout, language: Language) -> dict[str, Any]:
    """Say what the entries are called, and what there is to choose from and to open."""
    index = layout.reports("index.html")
    return {
        "words": words(language),
        "runs": params.known_runs(layout.params),
        "at_hand": at_hand(layout),
        "index": index.relative_to(layout.root).as_posix() if index.is_file() else None,
    }


def words(language: Language) -> dict[str, str]:
    """Word the entries in one language, their captions in the other."""
    other = next(name for name in LANGUAGES if name != language)
    found = {name: text(f"lab.{name}", language) for name in (*ENTRIES, *_WORDS)}
    return found | {f"{name}_caption": text(f"lab.{name}", other) for name in ENTRIES}


def typed(layout: Layout, *arguments: str) -> str:
    """Word a command of `pilots` as it is typed into a terminal that starts at the root.

    With the path of the program: a login shell may have forgotten where it is.
    """
    program = Path(sys.executable).with_name("pilots.exe" if os.name == "nt" else "pilots")
    if program.is_relative_to(layout.root):
        program = program.relative_to(layout.root)
    named = str(program) if program.exists() or (layout.root / program).exists() else "pilots"
    if os.name == "nt":  # PowerShell takes a quoted path for text unless it is called
        call = "& " if " " in named else ""
        return call + subprocess.list2cmdline([named, *arguments])
    return shlex.join([named, *arguments])
