"""What people call the keys of a run: labels, help and the words of their choices."""

from __future__ import annotations

from functools import cache
from typing import Any

from commune_pilots import catalogue
from commune_pilots.catalogue import Language
from commune_pilots.params import Run

# Choices that share their words with another key, or with what a briefing prints.
_WORDS = {"grade_for_scaling": "grade", "grade_for_stages": "grade"}


def label(key: str, language: Language) -> str:
    """Name a key in few words."""
    return catalogue.text(f"parameter.{key}.label", language)


def help_text(key: str, language: Language) -> str:
    """Say in one sentence what a key means."""
    return catalogue.text(f"parameter.{key}.help", language)


def choice(key: str, value: str, language: Language) -> str:
    """Word one of the values that a key can choose from."""
    return catalogue.text(f"label.{_WORDS.get(key, key)}.{value}", language)


@cache
def contract() -> dict[str, dict[str, Any]]:
    """Tell what each key accepts, as the JSON schema of the contract has it."""
    properties: dict[str, dict[str, Any]] = Run.model_json_schema()["properties"]
    return properties


def choices(key: str) -> list[str]:
    """List the values that a key can choose from; none where it takes any text or number."""
    return list(contract()[key].get("enum", []))
