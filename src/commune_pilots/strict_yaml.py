"""A YAML reader that never guesses: no duplicate key, alias, octal, yes/no or bare date.

Plain YAML turns `00123` into 83, `no` into False and `1:30` into 90; a commune code or a date would
change without a word. Here such a value is refused with the advice to quote it.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from commune_pilots.errors import ParameterError

_PLAIN_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_LOOKS_LIKE_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*")
_LOOKS_LIKE_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")


class _Loader(yaml.SafeLoader):
    """SafeLoader with only null, true/false, decimal integers and decimal floats resolved."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.events.AliasEvent):
            raise _Refused("alias", line=line)
        if getattr(event, "tag", None) is not None:
            raise _Refused("tag", line=line, tag=event.tag)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise _Refused("key", line=line)
            if key.value in seen:
                raise _Refused("duplicate", line=line, key=key.value)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _Refused(Exception):
    def __init__(self, kind: str, **values: object) -> None:
        self.kind, self.values = kind, values


def _add(tag: str, pattern: str, first: list[str]) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


_add("bool", r"^(?:true|false)$", ["t", "f"])
_add("null", r"^(?:null|~|)$", ["n", "~", ""])
_add("int", r"^[-+]?(?:0|[1-9][0-9]*)$", list("-+0123456789"))
_add("float", r"^[-+]?[0-9]+\.[0-9]+$", list("-+0123456789"))


def _construct_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    value = str(node.value)
    quoted = node.style in ("'", '"')
    if not quoted and (
        (_LOOKS_LIKE_NUMBER.fullmatch(value) and not _PLAIN_INT.fullmatch(value))
        or _LOOKS_LIKE_DATE.fullmatch(value)
    ):
        raise _Refused("unquoted", line=node.start_mark.line + 1, value=value)
    return value


_Loader.add_constructor("tag:yaml.org,2002:str", _construct_text)


def load(path: Path, *, shown: str | None = None) -> Any:
    """Read one YAML file strictly.

    Raises ParameterError naming the file, the line and the mend for a missing file, bad syntax, a
    duplicate key, an alias, or an unquoted code or date.
    """
    name = shown or path.as_posix()
    try:
        raw = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as missing:
        raise ParameterError("file_missing", file=name) from missing
    except (UnicodeDecodeError, OSError) as broken:
        raise ParameterError("file_unreadable", file=name, reason=str(broken)) from broken
    return parse(raw, shown=name)


def parse(raw: str, *, shown: str) -> Any:
    """Read a text as `load` reads a file; raises the same errors in the name of `shown`."""
    return deepcopy(_parse(raw, shown))


def compose(raw: str) -> yaml.Node | None:
    """Tell where keys and values of a text stand, for one that `parse` has read."""
    node: yaml.Node | None = yaml.compose(raw, Loader=_Loader)  # a SafeLoader, narrowed further
    return node


@lru_cache(maxsize=256)
def _parse(raw: str, name: str) -> Any:
    """Parse one text; a batch reads the same few files for each of its runs."""
    try:
        return yaml.load(raw, Loader=_Loader)  # a SafeLoader, narrowed further
    except _Refused as refused:
        raise ParameterError(f"yaml_{refused.kind}", file=name, **refused.values) from refused
    except (yaml.YAMLError, RecursionError, ValueError) as broken:
        mark = getattr(broken, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ParameterError("yaml_syntax", file=name, line=line) from broken
