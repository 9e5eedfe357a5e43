"""What the parameter form asks: a field a key, what was typed read back, and what is wrong."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from commune_pilots import params
from commune_pilots.catalogue import Language, text
from commune_pilots.desk import key_words
from commune_pilots.desk.run_file import written
from commune_pilots.errors import ParameterError
from commune_pilots.keys import accepts, parameter_error
from commune_pilots.params import Run

KEYS = [key for key in Run.model_fields if key != "run"]
_TOGETHER = ""  # what is wrong with keys that do not go together


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One key as the form shows it, texts in each of the chosen languages.

    `choices` pairs words with values; where there are none, `shown` is typed as text.
    """

    key: str
    labels: tuple[str, ...]
    helps: tuple[str, ...]
    shown: str
    choices: tuple[tuple[str, str], ...] = ()


def fields_of(
    keys: Sequence[str], run: Run, languages: Sequence[Language]
) -> tuple[FormField, ...]:
    """Make the fields of keys, in the order of the contract, with the values of a run."""
    return tuple(_field(key, getattr(run, key), languages) for key in KEYS if key in keys)


def _field(key: str, value: Any, languages: Sequence[Language]) -> FormField:
    return FormField(
        key=key,
        labels=tuple(key_words.label(key, name) for name in languages),
        helps=tuple(_help(key, name) for name in languages),
        shown=as_typed(value),
        choices=tuple(
            (f"{key_words.choice(key, each, languages[0])} ({each})", each)
            for each in key_words.choices(key)
        ),
    )


def _help(key: str, language: Language) -> str:
    """Say what a key means, and what a text or number may be."""
    sentences = [f"{key_words.help_text(key, language)}."]
    accepted = key_words.contract()[key]
    if accepted["type"] == "array":
        sentences.append(text("form.listed", language))
    elif accepted["type"] != "string":
        told = accepts(Run, key, language)
        sentences.append(text("form.accepts", language, accepted=told))
    return " ".join(sentences)


def as_typed(value: Any) -> str:
    """Write a value as one types it into a field: no quotes, commas between the items of a list."""
    if isinstance(value, list):
        return ", ".join(value)
    return value if isinstance(value, str) else written(value)


def problems(held: Run, typed: Mapping[str, str], *, file: str) -> dict[str, ParameterError]:
    """Hold what was typed against the contract: the error of each key that is wrong.

    Keys that are right alone and wrong together have one error under the empty key.
    """
    values = {key: params.read_value(key, shown) for key, shown in typed.items()}
    origin = dict.fromkeys(Run.model_fields, file)
    found: dict[str, ParameterError] = {}
    for key, value in values.items():
        try:
            Run.model_validate({**held.model_dump(), key: value})
        except ValidationError as invalid:
            found[key] = parameter_error(invalid, Run, origin=origin)
    if not found:
        try:
            params.checked({**held.model_dump(), **values}, origin=origin)
        except ParameterError as apart:
            found[_TOGETHER] = apart
    return found


def changes(held: Run, typed: Mapping[str, str]) -> dict[str, Any]:
    """List the keys whose typed value is not the run's, with what was typed."""
    values = {key: params.read_value(key, shown) for key, shown in typed.items()}
    return {key: value for key, value in values.items() if value != getattr(held, key)}


def parameters_of(cell: str) -> dict[str, Any] | None:
    """Read the assignments of a parameters cell; None for any other cell.

    A parameters cell holds plain assignments of literals to keys of the contract and nothing else,
    the name of the run first.
    """
    found: dict[str, Any] = {}
    try:
        for node in ast.parse(cell).body:
            if not isinstance(node, ast.Assign) or len(node.targets) != 1:
                return None
            target = node.targets[0]
            if not isinstance(target, ast.Name):
                return None
            found[target.id] = ast.literal_eval(node.value)
    except (SyntaxError, ValueError, RecursionError):
        return None
    if next(iter(found), None) != "run" or not isinstance(found["run"], str):
        return None
    return found if found.keys() <= Run.model_fields.keys() else None


def edited(cell: Mapping[str, Any], base: Mapping[str, Any], *, run: str, first: str) -> list[str]:
    """Name the keys that somebody changed in the cell by hand; `first` is the run it names."""
    own = [key for key in cell if key in base and cell[key] != base[key]]
    return [*(["run"] if cell["run"] not in (run, first) else []), *own]


def as_table(fields: Sequence[FormField]) -> str:
    """Lay fields out as text: key, value, label."""
    rows = [(field.key, field.shown or "-", " / ".join(field.labels)) for field in fields]
    widths = [max((len(row[at]) for row in rows), default=0) for at in (0, 1)]
    return "\n".join(
        f"{key:<{widths[0]}}  {shown:<{widths[1]}}  {label}" for key, shown, label in rows
    )
