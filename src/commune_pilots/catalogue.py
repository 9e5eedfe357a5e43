"""The one source of every Vietnamese and English text: labels, sentences, errors.

`catalogue.yml` maps a dotted key to its wording in both languages. Nothing else in the package
holds prose, so the two languages cannot drift apart.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal, get_args

import yaml

# The same safe loader, ten times as fast where PyYAML was built with libyaml.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def entries() -> Mapping[str, Mapping[str, str]]:
    """Read the catalogue: dotted key -> language -> wording, in NFC."""
    raw = resources.files("commune_pilots").joinpath("catalogue.yml").read_text(encoding="utf-8")
    nested = yaml.load(unicodedata.normalize("NFC", raw), Loader=_LOADER)
    return dict(_flatten(nested, prefix=""))


def text(key: str, language: Language, /, **values: object) -> str:
    """Word one entry in one language, its named places filled in.

    Raises KeyError for an unknown key or a missing value: a gap in the wording is a defect of the
    program, never something a reader should see.
    """
    return entries()[key][language].format_map(values)


def has(key: str) -> bool:
    """Say whether the catalogue words this key."""
    return key in entries()


def chosen_languages() -> tuple[Language, ...]:
    """Name the languages messages are shown in: both, or the one of PILOTS_LANG."""
    chosen = os.environ.get("PILOTS_LANG", "both")
    return tuple(name for name in LANGUAGES if chosen in ("both", name))


def _flatten(node: Mapping[str, object], prefix: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    for name, value in node.items():
        if not isinstance(value, Mapping):
            raise TypeError(f"catalogue.yml: {prefix}{name} has no wording in vi and en")
        if set(value) == set(LANGUAGES):
            found.append((f"{prefix}{name}", {k: str(v).strip() for k, v in value.items()}))
        else:
            found.extend(_flatten(value, f"{prefix}{name}."))
    return found
