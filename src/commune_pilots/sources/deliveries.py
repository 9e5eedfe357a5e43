"""Typed contract of `params/deliveries/*.yml`: files of one kind that an office handed over.

A delivery names the layout of its files, the day they were drawn, whose communes their names mean
and how its dossiers are counted. Its files lie in `data/raw/deliveries/<name>` and never leave the
machine; what is made of them holds no personal data.
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from commune_pilots.errors import ParameterError
from commune_pilots.keys import describe, load_named, names_in
from commune_pilots.params import Code
from commune_pilots.sources.layouts import Layout

LABEL = "simulated-"


class Delivery(BaseModel):
    """Files of one kind from one office, as one file of params/deliveries says."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    label_vi: str = Field(description="What was handed over, in Vietnamese")
    label_en: str = Field(description="The same in English")
    layout: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = Field(
        description="Layout of the files: a file of params/layouts, or dossiers for typed Parquet"
    )
    as_of: str = Field(description="Day the files were drawn, quoted ISO; nothing in them is later")
    publisher: str | None = Field(default=None, description="Office that handed them over")
    province: Code | None = Field(
        default=None, description="Province whose communes the names mean, where files name none"
    )
    unit: Code | None = Field(
        default=None, description="Commune whose own files these are, where files name none"
    )
    agencies: dict[str, Code] = Field(
        default_factory=dict, description="Communes by the agency code that starts a dossier number"
    )
    definitions: list[Code] = Field(
        default_factory=list,
        description="How a log is counted; empty: the usual ways its columns carry",
    )
    since: str = Field(default="", description="First month counted, quoted ISO; empty: all")
    until: str = Field(default="", description="Last month counted, quoted ISO; empty: all")
    units_of: Literal["then", "today"] = Field(
        default="then", description="Communes as they were, or summed to those of today"
    )
    unit_list: Literal["press", "all"] = Field(
        default="press", description="Units of the press sources, or of the country (extra units)"
    )
    simulated: bool = Field(default=False, description="Invented files, named simulated-...")

    @field_validator("as_of", "since", "until")
    @classmethod
    def _iso_date(cls, value: str) -> str:
        if value and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError("iso_date")
        if value:
            date.fromisoformat(value)
        return value

    def day(self, key: Literal["as_of", "since", "until"], default: date = date.max) -> date:
        """Give one of the days, or the default where the key is empty."""
        value: str = getattr(self, key)
        return date.fromisoformat(value) if value else default

    def placed(self, layout: Layout) -> Layout:
        """Tell a layout whose communes the files name, where it does not say so itself."""
        given = {"province": self.province, "unit": self.unit}
        return layout.model_copy(update={key: value for key, value in given.items() if value})


def delivery_names(params: Path) -> list[str]:
    """List the deliveries there are."""
    return names_in(params / "deliveries")


def load_delivery(name: str, params: Path) -> Delivery:
    """Read one delivery.

    Raises ParameterError for an unknown one (with the nearest known), an unknown or missing key,
    a wrong type, and a day that is none.
    """
    found = load_named(name, params / "deliveries", Delivery, unknown="unknown_delivery")
    if not found.as_of:
        raise ParameterError("missing_key", file=f"params/deliveries/{name}.yml", key="as_of")
    return found


def key_table() -> str:
    """Describe every key in Markdown: type, default, meaning (docs/deliveries.md)."""
    told = {
        name: "required"
        if field.is_required()
        else f"`{json.dumps(field.get_default(call_default_factory=True))}`"
        for name, field in Delivery.model_fields.items()
    }
    return describe(Delivery, told)
