"""Word what the parser of the command line refuses, in both languages.

The parser's exceptions live in a private package, so they are told by their names and messages.
"""

from __future__ import annotations

import re

from commune_pilots.catalogue import text
from commune_pilots.errors import NOTHING, Bilingual, ParameterError

_KINDS = {
    "MissingParameter": "usage_missing",
    "NoSuchOption": "usage_option",
    "BadOptionUsage": "usage_no_value",
    "BadParameter": "usage_value",
}
_COMMAND = re.compile(r"No such command '(?P<name>.*?)'\.(?: Did you mean '(?P<near>.*?)')?")
_EXTRA = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((?P<name>.*)\)")
_NAMED = re.compile(r"'([^']+)'|(?<=: )(--?[\w-]+)")
# What a value should have been, by the parser's own message.
_ACCEPTED = {
    "int_type": re.compile(r"valid integer"),
    "float_type": re.compile(r"valid number"),
    "literal_error": re.compile(r"is not one of (?P<expected>.+?)\.?$"),
    "greater_than_equal": re.compile(r"greater than or equal to (?P<limit>\S+)"),
    "greater_than": re.compile(r"greater than (?P<limit>\S+)"),
    "less_than_equal": re.compile(r"less than or equal to (?P<limit>\S+)"),
    "less_than": re.compile(r"less than (?P<limit>\S+)"),
}


def refusal(error: Exception) -> ParameterError:
    """Say what is missing, unknown, too much or wrong on the command line, and where help is.

    Takes an exception of the parser (with `format_message`); one that is not known keeps the
    parser's own words inside the general sentence.
    """
    message: str = error.format_message() if hasattr(error, "format_message") else str(error)
    place = getattr(getattr(error, "ctx", None), "command_path", "pilots")
    if found := _COMMAND.match(message):
        return ParameterError(
            "usage_command", name=found["name"], hint=_near(found["near"]), command=place
        )
    if found := _EXTRA.match(message):
        return ParameterError("usage_extra", name=found["name"], command=place)
    named = _NAMED.search(message)
    kind = _KINDS.get(type(error).__name__)
    if kind is None or named is None:
        return ParameterError("usage", message=message)
    values: dict[str, object] = {"name": named[1] or named[2], "command": place}
    if kind == "usage_option":
        values["hint"] = _near(next(iter(getattr(error, "possibilities", None) or ()), None))
    if kind == "usage_value":
        values["accepted"] = _accepted(message.partition(": ")[2])
    return ParameterError(kind, **values)


def _near(name: str | None) -> Bilingual:
    if name is None:
        return NOTHING
    return Bilingual(text("hint.near", "vi", near=name), text("hint.near", "en", near=name))


def _accepted(reason: str) -> Bilingual:
    """Word what is accepted; a reason that is not known is quoted."""
    key, values = "other", {"message": reason}
    for name, pattern in _ACCEPTED.items():
        if found := pattern.search(reason):
            key, values = name, found.groupdict()
            break
    return Bilingual(
        text(f"accepted.{key}", "vi", **values), text(f"accepted.{key}", "en", **values)
    )
