"""Lets this project's modules see the standard library as Windows has it; libraries see it whole.

The file that STANDARD_NAMES names says which names each module has there; none: no such module.
"""

from __future__ import annotations

import builtins
import importlib
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

_THERE: dict[str, list[str]] = json.loads(
    Path(os.environ["STANDARD_NAMES"]).read_text(encoding="utf-8")
)
_OTHERWISE: dict[str, dict[str, Any]] = {"sys": {"platform": "win32"}, "os": {"name": "nt"}}
_seen: dict[str, ModuleType] = {}
_import = builtins.__import__


class _Module(ModuleType):
    """A module of the standard library without what Windows does not have."""

    def __init__(self, real: ModuleType) -> None:
        super().__init__(real.__name__)
        self.__dict__["_real"] = real

    def __getattr__(self, name: str) -> Any:
        told = _OTHERWISE.get(self.__name__, {})
        if name in told:
            return told[name]
        if name not in _THERE[self.__name__] and not name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} on Windows")
        return getattr(self.__dict__["_real"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["_real"], name, value)


def _importing(name: str, space: Any = None, *given: Any, **named: Any) -> Any:
    asking = str((space or {}).get("__name__", ""))
    if asking.split(".")[0] == "commune_pilots" and name in _THERE:
        if not _THERE[name]:
            raise ImportError(f"no module {name!r} on Windows")
        if name not in _seen:
            _seen[name] = _Module(importlib.import_module(name))
        return _seen[name]
    return _import(name, space, *given, **named)


builtins.__import__ = _importing
