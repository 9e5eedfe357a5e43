"""Files of keys: read, and each mistake worded with file, key, value and what is accepted."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from commune_pilots import catalogue, strict_yaml
from commune_pilots.catalogue import LANGUAGES, Language
from commune_pilots.errors import NOTHING, Bilingual, ParameterError

Contract = TypeVar("Contract", bound=BaseModel)
_COLUMNS = ("key", "accepts", "default", "meaning")


def read_mapping(path: Path, shown: str) -> dict[str, Any]:
    """Read a file of keys; raises ParameterError if it is anything else."""
    content = strict_yaml.load(path, shown=shown)
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ParameterError("not_a_mapping", file=shown)
    return content


def names_in(folder: Path) -> list[str]:
    """List the files of keys of one folder by their names, without the ending."""
    return sorted(found.stem for found in folder.glob("*.yml"))


def load_named(name: str, folder: Path, model: type[Contract], *, unknown: str) -> Contract:
    """Read one file of a folder of params as its contract.

    Raises ParameterError for a name that is not there (the sentence `unknown`, with the nearest
    known), an unknown or missing key, a wrong type or a value out of range, naming file, key,
    value and what is accepted.
    """
    path = folder / f"{name}.yml"
    if Path(name).name != name or not path.is_file():  # a name, never a way out of the folder
        known = names_in(folder)  # not before: what a run lists is one of its inputs
        raise ParameterError(
            unknown, value=name, known=", ".join(known) or "—", hint=near(name, known)
        )
    shown = f"params/{folder.name}/{name}.yml"
    try:
        return model.model_validate(read_mapping(path, shown))
    except ValidationError as invalid:
        raise parameter_error(invalid, model, file=shown) from invalid


def near(value: str, known: Sequence[str], *, key: str = "near") -> Bilingual:
    """Word the nearest known name as a suggestion, or nothing where none is near."""
    found = get_close_matches(value, list(known), n=1, cutoff=0.7)
    if not found:
        return NOTHING
    return Bilingual(*(catalogue.text(f"hint.{key}", at, near=found[0]) for at in LANGUAGES))


def unaccented(text: str) -> str:
    """Write text in lower case without the marks of Vietnamese: "Cà Mau" becomes "ca mau"."""
    parts = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(part for part in parts if not unicodedata.combining(part))


def accepts(model: type[BaseModel], key: str, language: Language = "en") -> str:
    """Say what one key accepts, from the JSON schema of its contract."""
    field: dict[str, Any] = model.model_json_schema()["properties"][key]
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    schema, *nothing = field.get("anyOf", [field])
    limits = [
        catalogue.text(f"accepts.{bound}", language, limit=_plain(schema[bound]))
        for bound in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
        if bound in schema
    ]
    kind = catalogue.text(f"accepts.{schema['type']}", language)
    return " ".join(
        [kind, *limits, *(catalogue.text("accepts.nothing", language) for _ in nothing)]
    )


def describe(
    model: type[BaseModel],
    defaults: Mapping[str, str],
    meanings: Mapping[str, str] | None = None,
    *,
    language: Language = "en",
) -> str:
    """Describe every key of a contract in Markdown: what it accepts, its default, its meaning.

    The meaning of a key is its own in `meanings`, or the description in the contract.
    """
    head = [catalogue.text(f"accepts.{name}", language) for name in _COLUMNS]
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    for name, field in model.model_fields.items():
        meaning = meanings[name] if meanings else field.description
        lines.append(
            f"| `{name}` | {accepts(model, name, language)} | {defaults[name]} | {meaning} |"
        )
    return "\n".join(lines) + "\n"


def _plain(limit: float) -> str:
    return str(int(limit)) if limit == int(limit) else str(limit)


def parameter_error(
    invalid: ValidationError,
    model: type[BaseModel],
    *,
    file: str = "",
    origin: Mapping[str, str] | None = None,
    prefix: str = "",
) -> ParameterError:
    """Word pydantic's first complaint as one sentence of ours.

    `origin` says in which file each key stands, `file` where any other does.
    """
    places = origin or {}
    problems = invalid.errors()
    unknown = [problem for problem in problems if problem["type"] == "extra_forbidden"]
    problem = (unknown or problems)[0]
    location = problem["loc"]
    key = str(location[0]) if location else ""
    if problem["type"] == "extra_forbidden":
        known = list(model.model_fields)
        return ParameterError(
            "unknown_key",
            file=places.get(key, file),
            value=f"{prefix}{key}",
            hint=near(key, known),
            known=", ".join(known),
        )
    value = problem["input"] if problem["type"] != "missing" else None
    return ParameterError(
        "bad_value",
        file=places.get(key, file),
        key=(prefix + ".".join(str(part) for part in location)).rstrip("."),
        value=repr(value),
        accepted=_accepted(problem),
    )


def _accepted(problem: Any) -> Bilingual:
    """Say in both languages what would have been accepted."""
    context = problem.get("ctx", {})
    kind = "iso_date" if problem["type"] == "value_error" else problem["type"]
    if not catalogue.has(f"accepted.{kind}"):
        kind = "other"
    limit = next((context[name] for name in ("ge", "gt", "le", "lt") if name in context), None)
    values = {
        "expected": str(context.get("expected", "")).replace(" or ", ", "),
        "pattern": context.get("pattern"),
        "limit": limit,
        "message": problem["msg"],
    }
    return Bilingual(*(catalogue.text(f"accepted.{kind}", at, **values) for at in LANGUAGES))
