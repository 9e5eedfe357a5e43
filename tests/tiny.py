"""A tiny project that no kernel runs: three notebooks, a package of its own, stand-in kernels.

`make` writes the project. `Kernels` stands in for papermill: it notes what was executed and does
what each notebook would. 01 turns the first line of data/raw/numbers.csv into `units`, 02 turns
`units` and alpha into `levels`, 03 turns `levels` and least_change into `verdicts`. Pages are stood
in for as well.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from built import copy_project
from nbformat.v4 import new_output

from commune_pilots import store
from commune_pilots.params import load_run
from commune_pilots.runs import execute, pages, plan
from commune_pilots.runs import inventory as inventories
from commune_pilots.runs import run as runner
from commune_pilots.runs.code import read_code, read_hashes
from commune_pilots.runs.inventory import Inventory
from commune_pilots.runs.run import Job

STEPS = ("01_clean", "02_measure", "03_write")
NUMBERS = "data/raw/numbers.csv"
RUNNING = ("engine", "execute", "forked", "kernels", "reads", "template")
PACKAGE = {
    "__init__.py": '"""A package."""\n',
    "first.py": "from commune_pilots import shared\n",
    "second.py": "def later():\n    from commune_pilots import shared\n",
    "shared.py": "VALUE = 1\n",
    "unused.py": "VALUE = 2\n",
    "runs/__init__.py": "",
    "runs/run.py": "def export():\n    from commune_pilots.runs import pages\n",
    "runs/pages.py": "import commune_pilots.looks\n",
    "looks.py": "",
    "looks.css": "h1 {}\n",
    **{f"runs/{name}.py": "" for name in RUNNING},
}
_NOTEBOOKS = {
    "01_clean": ('run = "smoke"\ndata = "simulated"\nseed = 1', "from commune_pilots import first"),
    "02_measure": ('run = "smoke"\nalpha = 0.05', "from commune_pilots import second"),
    "03_write": ('run = "smoke"\nleast_change = 10.0', "import json"),
}


def make(folder: Path) -> store.Layout:
    """Write the tiny project: the real parameters and raw tables, notebooks and code of its own."""
    layout = copy_project(folder, notebooks=[])
    (folder / NUMBERS).write_text("98,08\n16,8\n", encoding="utf-8")
    for name, text in PACKAGE.items():
        path = folder / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, (declared, code) in _NOTEBOOKS.items():
        write_notebook(layout, name, declared, code)
    return layout


def write_notebook(layout: store.Layout, name: str, declared: str, *sources: str) -> None:
    """Write a notebook: its parameters cell, then one cell a source."""
    tags = [["parameters"], *([] for _ in sources)]
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{place}",
            "metadata": {"tags": tag} if tag else {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for place, (source, tag) in enumerate(zip([declared, *sources], tags, strict=True))
    ]
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = layout.notebooks / f"{name}.ipynb"
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def edit(path: Path, old: str, new: str) -> None:
    """Replace the one place where a text stands in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def read(layout: store.Layout) -> Inventory:
    """Read the tiny project as it stands, its own package in place of ours."""
    code = read_code(layout.root / "package")
    return Inventory(
        layout=layout,
        package=layout.root / "package",
        code=code,
        steps=plan.read_steps(layout, code),
        environment=plan.environment(layout, code, {}),
        commit="c" * 40,
        dirty=False,
    )


def job(layout: store.Layout, run: str, *settings: str, like: str | None = None, **how: Any) -> Job:
    """Ask for one run as the command line does."""
    return Job(run=load_run(run, layout.params, like=like, settings=settings), **how)


def files(*folders: Path) -> dict[str, bytes]:
    """Read every file of some folders, by its path."""
    return {
        path.as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def published(layout: store.Layout, run: str) -> dict[str, bytes]:
    """Read everything that is published of one run."""
    return files(layout.processed(run), layout.reports(run))


class Kernels:
    """Stands in for `execute_notebook`: a step may fail, do more and read more than it would."""

    def __init__(self) -> None:
        self.executed: list[tuple[str, str]] = []
        self.fails: dict[str, list[Exception]] = defaultdict(list)
        self.also: dict[str, Callable[[execute.Setting], None]] = {}
        self.reads: dict[str, list[Path]] = defaultdict(list)

    @property
    def steps(self) -> list[str]:
        """Name the steps executed, in order, of whatever run; and forget them."""
        steps, self.executed = [step for _, step in self.executed], []
        return steps

    def __call__(
        self,
        notebook: Path,
        output: Path,
        setting: execute.Setting,
        *,
        parameters: dict[str, object],
    ) -> tuple[nbformat.NotebookNode, list[Path]]:
        step = notebook.stem
        self.executed.append((setting.run, step))
        node = nbformat.reads(notebook.read_text(encoding="utf-8"), as_version=4)
        tables, seen = setting.staging / "data", [*self.reads[step]]
        if step in STEPS:
            name, made, found = _make(step, tables, setting.layout.root, parameters)
            seen.append(found)
            (tables / f"{name}.parquet").write_bytes(made)
            node.cells[-1].outputs = [new_output("stream", name="stdout", text=made.decode())]
        if step in self.also:
            self.also[step](setting)
        nbformat.write(node, output)
        if self.fails[step]:
            raise self.fails[step].pop(0)
        return node, seen


def _make(
    step: str, tables: Path, root: Path, parameters: dict[str, object]
) -> tuple[str, bytes, Path]:
    """Make the table of one step; gives its name, its bytes and the file it is made from."""
    if step == "01_clean":
        return "units", (root / NUMBERS).read_bytes().split(b"\n")[0], root / NUMBERS
    name, source, key = {
        "02_measure": ("levels", "units", "alpha"),
        "03_write": ("verdicts", "levels", "least_change"),
    }[step]
    path = tables / f"{source}.parquet"
    return name, path.read_bytes() + f" {parameters[key]}".encode(), path


def install(monkeypatch: pytest.MonkeyPatch, layout: store.Layout) -> Kernels:
    """Let stand-ins execute notebooks and make pages; the project's code is the tiny package's."""

    def make_pages(run, executed, tables, origin, *, briefing, request, indicators):
        *analysis, last = executed
        shown = executed[last].cells[-1].outputs[0]["text"]
        page = {briefing: f"{shown} by {origin.commit} from {dict(origin.inputs)}"}
        notebooks = {f"{name}.html": nbformat.writes(executed[name]) for name in analysis}
        return {name: text.encode() for name, text in {**page, **notebooks}.items()}

    def facts(run, last, tables):
        told = {"run": run.run, "data": run.data, "title": f"Trang {run.run}"}
        return {**told, "grade": "low", "option": "extend", "province_name": "Long An"}

    kernels = Kernels()
    monkeypatch.setattr(execute, "execute_notebook", kernels)
    monkeypatch.setattr(pages, "make_pages", make_pages)
    monkeypatch.setattr(pages, "facts", facts)
    monkeypatch.setattr(pages, "read_tables", lambda folder, names, run: {})
    monkeypatch.setattr(pages, "read_indicators", lambda path, sha256: {})
    monkeypatch.setattr(
        inventories, "read_code", lambda package=None: read_code(layout.root / "package")
    )
    monkeypatch.setattr(
        runner, "read_hashes", lambda package=None: read_hashes(layout.root / "package")
    )
    return kernels
