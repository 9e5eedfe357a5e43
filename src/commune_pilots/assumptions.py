"""The register of assumptions: which exist, how doubtful each is, and which numbers rest on it.

`assumptions.yml` lists them; docs/assumptions.md tells of each (Manski 2003: what is concluded is
only as credible as what was assumed).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from commune_pilots.catalogue import Language
from commune_pilots.vocabulary import Rating

# The same safe loader, ten times as fast where PyYAML was built with libyaml.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FROZEN = ConfigDict(extra="forbid", frozen=True)
_Text = Annotated[str, Field(min_length=1)]
_Id = Annotated[str, Field(pattern=r"^A[1-9][0-9]*$")]


class Wording(BaseModel):
    """One text in both languages."""

    model_config = _FROZEN

    vi: _Text
    en: _Text

    def in_language(self, language: Language) -> str:
        """Take the text in one language."""
        return self.vi if language == "vi" else self.en


class Assumption(BaseModel):
    """What is assumed, how doubtful it is, and the quantities of table results resting on it."""

    model_config = _FROZEN

    rating: Rating
    short: Wording
    sentence: Wording
    quantities: tuple[str, ...]


@cache
def load() -> Mapping[str, Assumption]:
    """Read the register: id -> assumption, in the order of the numbers."""
    source = resources.files("commune_pilots").joinpath("assumptions.yml")
    raw = unicodedata.normalize("NFC", source.read_text(encoding="utf-8"))
    listed = yaml.load(raw, Loader=_LOADER)  # a SafeLoader, compiled where there is one
    return TypeAdapter(dict[_Id, Assumption]).validate_python(listed)


@cache
def quantities() -> tuple[str, ...]:
    """Name every quantity that rests on an assumption, each once."""
    return tuple(dict.fromkeys(name for found in load().values() for name in found.quantities))


@cache
def resting(quantity: str) -> tuple[str, ...]:
    """List the assumptions that a quantity rests on (ids, in the order of their numbers).

    Raises KeyError for a quantity that the register does not name: a number whose assumptions
    nobody listed is not recorded.
    """
    if quantity not in quantities():
        raise KeyError(
            f"no assumption is listed for {quantity!r}; listed: {', '.join(quantities())}; "
            "name it under `quantities` in assumptions.yml"
        )
    return tuple(one for one, found in load().items() if quantity in found.quantities)


def red(ids: Iterable[str]) -> tuple[str, ...]:
    """Keep the ids rated red: doubtful, and decisive for what may be said.

    Raises KeyError for an id that is not in the register.
    """
    return tuple(one for one in ids if load()[one].rating == "red")
