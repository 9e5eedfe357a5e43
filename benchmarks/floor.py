"""The floor: the cells of notebooks called as plain Python, without kernel, client or export.

Reads a list of (notebook, parameters) on standard input; prints wall and CPU seconds of the second
pass in this process (`same`), or of one pass with each notebook in a fork of it (`fork`).
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from commune_pilots.runs.kernels import PRELOADED


def main() -> None:
    """Import what a template imports, then time the notebooks."""
    jobs = [(Path(notebook), values) for notebook, values in json.load(sys.stdin)]
    for name in PRELOADED:
        with suppress(ImportError):
            importlib.import_module(name)
    if sys.argv[1] == "same":
        for notebook, values in jobs:
            call(notebook, values)
    started, before = time.monotonic(), cpu_seconds()
    for notebook, values in jobs:
        if sys.argv[1] == "same":
            call(notebook, values)
        elif (child := os.fork()) == 0:
            call(notebook, values)
            os._exit(0)
        else:
            _, status = os.waitpid(child, 0)
            if status:
                raise RuntimeError(f"{notebook.name} failed")
    print(json.dumps([time.monotonic() - started, cpu_seconds() - before]))


def call(notebook: Path, values: dict[str, Any]) -> None:
    """Run the code cells in one fresh namespace and show the last value of each."""
    space: dict[str, Any] = {"__name__": "__main__"}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, notebook.name, "exec"), space)
        if "parameters" in cell["metadata"].get("tags", []):
            space.update(values)
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), notebook.name, "eval"), space)
            repr(shown)
            if hasattr(shown, "_repr_html_"):
                shown._repr_html_()


def cpu_seconds() -> float:
    """Add up the CPU of this process and its reaped children."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


if __name__ == "__main__":
    main()
