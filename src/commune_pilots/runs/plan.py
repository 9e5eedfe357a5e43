"""What a run depends on, and the key that says whether it must run again."""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from collections.abc import Mapping
from pathlib import Path

import nbformat

from commune_pilots import store
from commune_pilots.errors import InputError, ParameterError
from commune_pilots.params import Run, near
from commune_pilots.schemas import RAW_TABLES

_SOURCE_SUFFIXES = {".py", ".yml", ".css", ".j2", ".json"}


def notebooks(layout: store.Layout) -> list[Path]:
    """List the numbered notebooks in order; raises InputError where there is none."""
    found = sorted(layout.notebooks.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise InputError("no_notebooks", folder=layout.notebooks.as_posix())
    return found


def declared_parameters(notebook: Path) -> list[str]:
    """List the names that a notebook's cell tagged `parameters` assigns."""
    content = nbformat.read(notebook, as_version=4)
    for cell in content.cells:
        if "parameters" in cell.metadata.get("tags", []):
            tree = ast.parse(cell.source)
            return [
                target.id
                for node in tree.body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            ]
    return []


def parameters_for(notebook: Path, run: Run) -> dict[str, object]:
    """Take the parameters one notebook declares out of the run's.

    Raises ParameterError if it declares one the contract does not know.
    """
    values = run.model_dump()
    declared = declared_parameters(notebook)
    for name in declared:
        if name not in values:
            raise ParameterError(
                "undeclared_parameter",
                notebook=notebook.name,
                key=name,
                hint=near(name, list(values)),
            )
    return {name: values[name] for name in declared}


def input_files(layout: store.Layout, run: Run) -> list[Path]:
    """List the data and parameter files that a run reads."""
    files = [layout.params / "indicators.yml", layout.params / "corrections.yml"]
    if run.data == "press":
        files += [layout.raw_press / f"{table}.csv" for table in RAW_TABLES]
    return files


def run_key(layout: store.Layout, run: Run, inputs: Mapping[str, str]) -> str:
    """Hash everything a run's outputs depend on: parameters, inputs, code, notebooks, lock."""
    digest = hashlib.sha256()
    lock = layout.root / "uv.lock"
    parts: list[bytes] = [
        run.model_dump_json().encode(),
        json.dumps(dict(inputs), sort_keys=True).encode(),
        platform.python_version().encode(),
        lock.read_bytes() if lock.is_file() else b"",
    ]
    package = Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*")):
        if path.suffix in _SOURCE_SUFFIXES and path.is_file():
            parts += [path.relative_to(package).as_posix().encode(), path.read_bytes()]
    for path in notebooks(layout):
        cells = nbformat.read(path, as_version=4).cells
        parts += [path.name.encode(), *(cell.source.encode() for cell in cells)]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
