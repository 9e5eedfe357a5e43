"""Writes keys of one run into its file, line by line: nothing but the changed keys moves.

Comments, order, quoting and every other line stay byte for byte, so that a diff shows what was
changed and nothing else. The file holds only what differs from params/base.yml: a key set back to
its default is taken out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from commune_pilots import params, strict_yaml
from commune_pilots.errors import ParameterError
from commune_pilots.keys import read_mapping
from commune_pilots.store import Layout, write_bytes

_BOM = "\ufeff"
# Text that every reader of YAML takes for text; anything else is quoted.
_PLAIN = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z0-9_]*")
_BREAKS = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class _Edit:
    """What stands from `start` to `end` of a text gives way to `new`."""

    start: int
    end: int
    new: str


def write_run(layout: Layout, run: str, values: Mapping[str, Any]) -> list[str]:
    """Write the values of keys into params/runs/<run>.yml; returns the keys that changed.

    A key that has its value already is left as it stands. Raises ParameterError for a run without
    a file, for values that the contract refuses, and for a file whose lines cannot be told apart;
    then nothing is written.
    """
    params.check_known_run(run, layout.params)
    path, shown = layout.params / "runs" / f"{run}.yml", f"params/runs/{run}.yml"
    base = read_mapping(layout.params / "base.yml", "params/base.yml")
    held = read_mapping(path, shown)
    changed = [key for key, value in values.items() if not _same(value, (base | held).get(key))]
    if not changed:
        return []
    meant = {key: value for key, value in held.items() if key not in changed} | {
        key: values[key] for key in changed if not _same(values[key], base.get(key))
    }
    origin = dict.fromkeys(base, "params/base.yml") | dict.fromkeys([*held, *changed], shown)
    params.checked({**base, **meant, "run": run}, origin=origin | {"run": shown})
    before = path.read_bytes().decode("utf-8")
    after = _edited(before, {key: meant.get(key) for key in changed}, shown=shown)
    if not _same(strict_yaml.parse(after.removeprefix(_BOM), shown=shown) or {}, meant):
        raise ParameterError("run_file_form", file=shown, keys=", ".join(changed))
    write_bytes(path, after.encode("utf-8"))
    return changed


def _edited(content: str, changes: Mapping[str, Any], *, shown: str) -> str:
    """Change keys of a text of `key: value` lines; None takes a key out."""
    start = _BOM if content.startswith(_BOM) else ""
    text = content.removeprefix(_BOM)
    root = strict_yaml.compose(text)
    if isinstance(root, yaml.MappingNode) and root.flow_style:
        raise ParameterError("run_file_form", file=shown, keys=", ".join(changes))
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    found = {key.value: (key, value) for key, value in pairs}
    broken = _BREAKS.search(text)
    line_break = broken[0] if broken else "\n"
    indent = " " * next((key.start_mark.column for key, _ in found.values()), 0)
    edits, added = [], []
    for key, value in changes.items():
        if key in found:
            edits.append(_edit(text, *found[key], value, line_break=line_break))
        elif value is not None:
            added.append(f"{indent}{key}: {written(value)}{line_break}")
    for edit in sorted(edits, key=lambda edit: -edit.start):
        text = text[: edit.start] + edit.new + text[edit.end :]
    if added and text and not text.endswith(("\n", "\r")):
        text += line_break
    return start + text + "".join(added)


def _edit(text: str, key: yaml.Node, node: yaml.Node, value: Any, *, line_break: str) -> _Edit:
    """Change or take out one key; a comment beside a changed value stays."""
    first, last = _line_start(text, key.start_mark.index), _end(text, node)
    if value is None:
        return _Edit(first, _line_end(text, last), "")
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        if value:
            return _items(text, node, value, line_break=line_break)
        colon = text.index(":", key.end_mark.index) + 1
        return _Edit(colon, last, " []")
    begin = node.start_mark.index
    gap = "" if text[begin - 1 : begin].isspace() else " "
    style = getattr(node, "style", None)
    return _Edit(begin, last, gap + written(value, quote=style if style in ("'", '"') else None))


def _items(text: str, node: yaml.SequenceNode, value: Sequence[str], *, line_break: str) -> _Edit:
    """Change a list that has a line for each item: items that stay keep their lines."""
    starts = [_line_start(text, item.start_mark.index) for item in node.value]
    last = _line_end(text, _end(text, node))
    chunks = [text[at:end] for at, end in zip(starts, [*starts[1:], last], strict=True)]
    if not chunks[-1].endswith(("\n", "\r")):
        chunks[-1] += line_break
    left = [(item.value, chunk) for item, chunk in zip(node.value, chunks, strict=True)]
    dash = re.match(r"[^-]*-\s+", chunks[0])
    lines = []
    for item in value:
        kept = next((entry for entry in left if entry[0] == item), None)
        if kept:
            left.remove(kept)
        lines.append(kept[1] if kept else f"{dash[0] if dash else '- '}{written(item)}{line_break}")
    return _Edit(starts[0], last, "".join(lines))


def _end(text: str, node: yaml.Node) -> int:
    """Tell where a value ends; YAML lets lists and blocks of lines reach to the next key."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return _end(text, node.value[-1])
    end: int = node.end_mark.index
    return len(text[:end].rstrip()) if getattr(node, "style", None) in ("|", ">") else end


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _line_end(text: str, at: int) -> int:
    found = _BREAKS.search(text, at)
    return found.end() if found else len(text)


def written(value: Any, *, quote: str | None = None) -> str:
    """Write a value as the strict reader takes it: codes and dates in quotes, lists in one line."""
    if isinstance(value, str):
        if quote == "'" and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        plain = quote is None and _PLAIN.fullmatch(value)
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(json.dumps(item, ensure_ascii=False) for item in value) + "]"
    if isinstance(value, float):
        decimal = format(Decimal(repr(value)), "f")
        return decimal if "." in decimal else f"{decimal}.0"
    return json.dumps(value)


def _same(one: Any, other: Any) -> bool:
    """Compare values as a reader of the file would: true is not 1, 10 is 10.0."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(isinstance(one, bool) == isinstance(other, bool) and one == other)
