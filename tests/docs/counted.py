"""Counts of a project's folder: what is documented, typed, tested, locked, stripped, logged."""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


def text(root: Path, name: str) -> str:
    """Read one file; "" where it is not there."""
    path = root / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@cache
def _toml(content: str) -> dict[str, Any]:
    return tomllib.loads(content)


def settings(root: Path) -> dict[str, Any]:
    """Read the settings of the project and its tools."""
    return _toml(text(root, "pyproject.toml"))


@dataclass(frozen=True)
class Module:
    """What one source holds: things to document, those documented; functions, those typed."""

    named: int
    told: int
    functions: int
    typed: int


@cache
def _module(source: str) -> Module:
    tree = ast.parse(source)
    public = [one for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    named = [tree, *(one for one in public if not one.name.startswith("_"))]
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    return Module(
        named=len(named),
        told=sum(bool(ast.get_docstring(one)) for one in named),
        functions=len(functions),
        typed=sum(one.returns is not None for one in functions),
    )


def _modules(root: Path) -> list[Module]:
    files = sorted((root / "src").rglob("*.py"))
    return [_module(path.read_text(encoding="utf-8")) for path in files]


def about(count: int) -> str:
    """Tell a count so that it does not change with every commit."""
    if count < 20:
        return str(count)
    step = 10 if count < 100 else 50 if count < 1000 else 1000
    return f"more than {(count - 1) // step * step:,}"


def of_all(held: int, count: int) -> str:
    """Tell how many of all, without the count where it is every one."""
    return "every one" if held == count else f"{held} of {count}"


def has(root: Path, *names: str) -> list[str]:
    """List those of these files and folders that are there."""
    return [name for name in names if (root / name).exists()]


def logged_hashes(root: Path) -> tuple[int, int]:
    """Count raw tables whose hash stands in the data log, and raw tables."""
    files = sorted((root / "data/raw/press").glob("*.csv"))
    log = text(root, "data/raw/README.md")
    held = [path for path in files if hashlib.sha256(path.read_bytes()).hexdigest() in log]
    return len(held), len(files)


def stripped_notebooks(root: Path) -> tuple[int, int]:
    """Count notebooks without any output or count of executions, and notebooks."""
    files = sorted((root / "notebooks").glob("*.ipynb"))
    cells = [json.loads(path.read_text(encoding="utf-8"))["cells"] for path in files]
    clean = [all(not one.get("outputs") and not one.get("execution_count") for one in each)
             for each in cells]  # fmt: skip
    return sum(clean), len(files)


def asking_notebooks(root: Path) -> int:
    """Count notebooks that wait for somebody to type."""
    return sum(bool(re.search(r"\binput\(", path.read_text(encoding="utf-8")))
               for path in (root / "notebooks").glob("*.ipynb"))  # fmt: skip


def locked(root: Path) -> tuple[int, int, int]:
    """Count locked packages, those with a hash, and those from the Python Package Index."""
    packages = _toml(text(root, "uv.lock") or "package = []")["package"]
    others = [one for one in packages if "registry" in one["source"]]
    hashed = [one for one in others if all("hash" in file for file in _files_of(one))]
    index = [one for one in others if one["source"]["registry"] == "https://pypi.org/simple"]
    return len(others), len(hashed), len(index)


def _files_of(package: dict[str, Any]) -> list[dict[str, Any]]:
    return [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]


def documented(root: Path) -> tuple[int, int]:
    """Count modules and public functions and classes with a docstring, and all of them."""
    every = _modules(root)
    return sum(one.told for one in every), sum(one.named for one in every)


def typed(root: Path) -> tuple[int, int]:
    """Count functions that tell the type of what they give, and functions."""
    every = _modules(root)
    return sum(one.typed for one in every), sum(one.functions for one in every)


def mirrored(root: Path) -> tuple[int, int]:
    """Count modules with functions that have a test module at the same place, and such modules."""
    package = root / "src/commune_pilots"
    files = [path for path in package.rglob("*.py") if path.name != "__init__.py"]
    code = [path.relative_to(package) for path in files
            if re.search(r"^(?:def|class) ", path.read_text(encoding="utf-8"), re.M)]  # fmt: skip
    tests = root / "tests/unit"
    held = [name for name in code if (tests / name.parent / f"test_{name.name}").is_file()]
    return len(held), len(code)


def kinds_of_test(root: Path) -> list[str]:
    """Name the folders of tests that hold any."""
    return sorted({path.relative_to(root / "tests").parts[0]
                   for path in (root / "tests").glob("*/**/test_*.py")})  # fmt: skip


def versions_told(root: Path) -> tuple[int, int]:
    """Count versions of the changelog that say whether a published number moves, and versions."""
    versions = re.split(r"^## ", text(root, "CHANGELOG.md"), flags=re.MULTILINE)[1:]
    return sum("Numbers change:" in one for one in versions), len(versions)


def batch_runs(root: Path) -> int:
    """Count the runs of the batch that the first command of the README executes."""
    return len(list(csv.DictReader(text(root, "params/batches/press.csv").splitlines())))


def addresses(root: Path) -> list[str]:
    """List where the project says that its code can be seen."""
    urls = settings(root).get("project", {}).get("urls", {}).values()
    found = re.findall(r"^repository(?:-code)?: (\S+)", text(root, "CITATION.cff"), re.MULTILINE)
    return [*urls, *found]
