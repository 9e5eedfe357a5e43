"""Who imports whom, read from the sources: rooms of the package and packages of others."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import there
from paged import ROOT

ARCHITECTURE = ROOT / "docs" / "architecture.md"
_ROOM = re.compile(r"commune_pilots\.(\w+)")


@cache
def _imports(path: Path) -> frozenset[str]:
    """List the dotted names that one module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def _files(room: str) -> list[Path]:
    folder = there.PACKAGE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def rooms() -> list[str]:
    """Name the rooms, without the package itself."""
    return sorted(there.rooms() - {"__init__"})


def graph() -> dict[str, set[str]]:
    """Tell for each room the other rooms that it imports."""
    told = {}
    for room in rooms():
        names = {name for path in _files(room) for name in _imports(path)}
        inside = {found[1] for name in names if (found := _ROOM.match(name))}
        told[room] = (inside & set(rooms())) - {room}
    return told


def outside(room: str) -> set[str]:
    """Name the packages of others that a room imports."""
    names = {name for path in _files(room) for name in _imports(path)}
    return {name.partition(".")[0] for name in names} - {"commune_pilots"}


def layers() -> list[list[str]]:
    """Give the order of the rooms that import-linter holds, from above to below."""
    contracts = there.project()["tool"]["importlinter"]["contracts"]
    (found,) = (one["layers"] for one in contracts if one["type"] == "layers")
    return [_ROOM.findall(layer) for layer in found]


def contract(name: str) -> tuple[set[str], set[str]]:
    """Give the rooms of one contract of import-linter, and what they must not import."""
    contracts = there.project()["tool"]["importlinter"]["contracts"]
    (found,) = (one for one in contracts if one["name"] == name)
    rooms_held = {_ROOM.match(room)[1] for room in found["source_modules"]}
    return rooms_held, {name.rpartition(".")[2] for name in found["forbidden_modules"]}


def room_table() -> str:
    """Lay out in Markdown which rooms each room imports, in the order of the layers."""
    order = [room for layer in layers() for room in layer]
    lines = ["| room | imports from |", "| --- | --- |"]
    told = graph()
    for room in order:
        below = [f"`{other}`" for other in order if other in told[room]]
        lines.append(f"| `{room}` | {', '.join(below) or 'no room'} |")
    return "\n".join(lines) + "\n"


def write() -> None:
    """Write the table of rooms into the page of the architecture."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    before, inside, after = re.split(
        r"(?<=<!-- rooms -->\n)(.*)(?=<!-- /rooms -->)", text, flags=re.S
    )
    if inside != room_table():
        ARCHITECTURE.write_text(before + room_table() + after, encoding="utf-8")
