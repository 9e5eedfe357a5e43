"""The source modules that a piece of code can reach, each with a hash: what a step depends on."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from commune_pilots.store import SHIPPED

PACKAGE = "commune_pilots"
_PARSING = Lock()
_DATA_SUFFIXES = (".yml", ".css", ".j2", ".json", ".js", ".ipynb")


@dataclass(frozen=True, slots=True)
class Code:
    """Every module of the package: its hash and the modules it imports, wherever in its text."""

    hashes: Mapping[str, str]
    imports: Mapping[str, frozenset[str]]

    def reach(self, source: str) -> tuple[str, ...]:
        """Name the modules that this source text can reach, directly or through others, sorted."""
        found: set[str] = set()
        waiting = set(_imported(source, self.hashes))
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting |= self.imports[name] - found
        return tuple(sorted(found))


def read_code(package: Path | None = None) -> Code:
    """Read the package's modules as they stand on disk (our own, unless one is given)."""
    _, files = _modules(package)
    hashes = read_hashes(package)
    imports = {
        name: frozenset(
            _imported(
                path.read_text(encoding="utf-8"),
                hashes,
                package=name if path.name == "__init__.py" else name.rpartition(".")[0],
            )
        )
        for name, path in files.items()
    }
    return Code(hashes, imports)


def read_hashes(package: Path | None = None) -> dict[str, str]:
    """Hash every module of the package.

    A file beside the modules belongs to the module of the same name, or else to its package, so
    that a changed sentence or style counts for whoever can show it. What a new project is made of
    (store.SHIPPED) is data of that project, and no part of the code.
    """
    folder, files = _modules(package)
    parts = {name: [path.read_bytes()] for name, path in files.items()}
    for path in sorted(folder.rglob("*")):
        if path.suffix in _DATA_SUFFIXES and not path.is_relative_to(folder / SHIPPED):
            parts[_owner(path, folder, parts)] += [path.name.encode(), path.read_bytes()]
    return {name: digest(*contents) for name, contents in parts.items()}


def _modules(package: Path | None) -> tuple[Path, dict[str, Path]]:
    """Find the package's folder and the file of each module."""
    folder = package or Path(__file__).resolve().parents[1]
    return folder, {_module_name(path, folder): path for path in sorted(folder.rglob("*.py"))}


def parse(source: str) -> ast.Module:
    """Parse a text, one at a time: Python 3.11 cannot do it in two threads at once.

    It keeps the depth of the tree for the whole process and ends in a SystemError. Raises
    SyntaxError.
    """
    with _PARSING:
        return ast.parse(source)


def digest(*parts: bytes) -> str:
    """Hash several byte strings so that no two lists of them share a hash."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def _module_name(path: Path, folder: Path) -> str:
    inside = path.relative_to(folder).with_suffix("").parts
    return ".".join((PACKAGE, *(part for part in inside if part != "__init__")))


def _owner(path: Path, folder: Path, modules: Mapping[str, object]) -> str:
    """Name the module a data file belongs to."""
    named = _module_name(path, folder)
    while named not in modules:
        named = named.rpartition(".")[0]
    return named


def _imported(source: str, modules: Mapping[str, object], *, package: str = "") -> Iterator[str]:
    """Name the modules of the package that a text imports, each with the packages around it."""
    for node in _statements(parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                outer = parents[: len(parents) - node.level + 1]
                base = ".".join([*outer, *filter(None, [base])])
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            for length in range(1, len(parts) + 1):
                around = ".".join(parts[:length])
                if around in modules:
                    yield around


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Walk statements alone: an import is one, and expressions are most of a tree."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield child
            yield from _statements(child)
