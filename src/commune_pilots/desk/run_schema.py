"""The JSON schema of a run's file, for editors: words in both languages beside each key."""

from __future__ import annotations

import json
from typing import Any

from commune_pilots.catalogue import LANGUAGES
from commune_pilots.desk import key_words

FILE = "run.schema.json"
MODELINE = "# yaml-language-server: $schema=../run.schema.json\n"  # first line of a run's file
# What the contract checks by code, not by its types, as an editor can check it.
_DATES: dict[str, dict[str, Any]] = {
    "briefing_date": {"format": "date"},
    "since": {"pattern": r"^(\d{4}-\d{2}-\d{2})?$"},
}


def run_schema() -> dict[str, Any]:
    """Describe params/base.yml and params/runs/*.yml: no key is required, no other is accepted."""
    properties = {
        key: _described(key, accepted)
        for key, accepted in key_words.contract().items()
        if key != "run"
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "commune-pilots: params/runs/<run>.yml",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def as_text() -> str:
    """Write the schema as its file holds it."""
    return json.dumps(run_schema(), ensure_ascii=False, indent=2) + "\n"


def _described(key: str, accepted: dict[str, Any]) -> dict[str, Any]:
    """Add to what a key accepts what it is called and means, Vietnamese first."""
    told = {
        "title": " / ".join(key_words.label(key, name) for name in LANGUAGES),
        "description": " / ".join(key_words.help_text(key, name) for name in LANGUAGES),
    }
    if values := key_words.choices(key):
        told["markdownEnumDescriptions"] = [  # type: ignore[assignment]
            " / ".join(key_words.choice(key, value, name) for name in LANGUAGES) for value in values
        ]
    return {**accepted, **told, **_DATES.get(key, {})}
