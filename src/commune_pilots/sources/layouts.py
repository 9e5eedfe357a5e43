"""Typed contract of `params/layouts/*.yml`: which header means which column, confirmed by a person.

A layout is one kind of sheet: where its columns are named, what their cells hold, which sums must
agree, which shares they give under which definition, and where the period stands. Headers are
matched exactly (see headers.header_key); what only resembles a header is proposed, never taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field

from commune_pilots import schemas
from commune_pilots.contracts import TABLES
from commune_pilots.errors import ParameterError
from commune_pilots.keys import load_named, names_in, near
from commune_pilots.params import Code, Indicator
from commune_pilots.sources.headers import bare_key, header_key

Kind = Literal["aggregate", "log", "06a"]
Cells = Literal[
    "text", "code", "unit_code", "unit", "district", "province", "period", "year", "date",
    "moment", "count", "number", "percent", "choice", "place", "person", "account", "phone",
    "fees", "supplements",
]  # fmt: skip
PERSONAL_CELLS: tuple[Cells, ...] = ("person", "account", "phone")
"""Read for what follows from them (who filed, a keyed hash), never kept."""
_WHERE = ("unit_code", "unit", "place", "district", "province")
_LOG_CELLS = (
    "text", "code", *_WHERE, "date", "moment", "count", "number", "choice", *PERSONAL_CELLS,
    "fees", "supplements",
)  # fmt: skip
_PLACED = ("unit", "account", "file", "sheet", "row")
Where = Literal["column", "across", "title", "sheet", "file"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
Header = Annotated[str, Field(min_length=1, max_length=200)]


class Column(BaseModel):
    """One column that is read: its headers, what its cells hold, and what words in it mean."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    headers: Annotated[list[Header], Field(min_length=1)]
    cells: Cells
    required: bool = False
    values: dict[str, str] = Field(default_factory=dict)


class Sum(BaseModel):
    """Columns that add up to another; `total` bounds each part even where they need not add up.

    `unless` names a column in whose presence the sum does not hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    total: Name
    parts: Annotated[list[Name], Field(min_length=1)]
    whole: bool = True
    unless: Name | None = None


class Share(BaseModel):
    """One share of the panel: counts over counts, under one definition of one indicator.

    `split_off` names columns that only some templates part from the numerator; where a table has
    them, they count on both sides.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    indicator: Id
    definition: Id
    numerator: Annotated[list[Name], Field(min_length=1)]
    denominator: Annotated[list[Name], Field(min_length=1)]
    split_off: list[Name] = Field(default_factory=list)
    printed: Name | None = None


class Period(BaseModel):
    """Where the period of a row stands, in the order of looking, and what a row counts."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    stands: Annotated[list[Where], Field(min_length=1)]
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None
    measure: Name | None = None
    basis: Literal["month", "cumulative"] = "month"


class Layout(BaseModel):
    """One kind of sheet, as one file of params/layouts says.

    `rows` says what a row is: a unit, or a field of the one `unit` whose sheet it is; the rows of
    fields are added up.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Kind
    label_vi: str
    label_en: str
    columns: dict[Name, Column]
    ignored: list[Header] = Field(default_factory=list)
    personal: list[Header] = Field(default_factory=list)
    sums: list[Sum] = Field(default_factory=list)
    shares: list[Share] = Field(default_factory=list)
    period: Period | None = None
    province: Code | None = None
    unit: Code | None = None
    rows: Literal["units", "fields"] = "units"


def load_layout(name: str, params: Path) -> Layout:
    """Read one layout.

    Raises ParameterError for an unknown one (with the nearest known), an unknown or missing key, a
    wrong type, a header that means two columns, a sum or share of a column that is not there, an
    aggregate without a period, and a log whose columns or values are none of a dossier.
    """
    layout = load_named(name, params / "layouts", Layout, unknown="unknown_layout")
    _check(layout, f"params/layouts/{name}.yml")
    return layout


def layout_names(params: Path) -> list[str]:
    """List the layouts there are."""
    return names_in(params / "layouts")


def aliases(layout: Layout) -> dict[str, str]:
    """Map each header's key to the column it means; "" for one that is known and not read.

    Keys of headers without their marks stand beside them, where all headers of that key mean one
    column: "Hạn" and "Hàn" would not.
    """
    headers = [("", header) for header in (*layout.ignored, *layout.personal)]
    headers += [(name, one) for name, column in layout.columns.items() for one in column.headers]
    bare: dict[str, set[str]] = {}
    for name, header in headers:
        bare.setdefault(bare_key(header), set()).add(name)
    return {header_key(header): name for name, header in headers} | {
        key: names.pop() for key, names in bare.items() if len(names) == 1
    }


def check_definitions(layout: Layout, indicators: Mapping[str, Indicator], *, file: str) -> None:
    """Refuse a share whose indicator or definition the catalogue of indicators does not hold."""
    for share in layout.shares:
        if share.indicator not in indicators:
            raise ParameterError(
                "unknown_indicator",
                file=file,
                key="shares",
                value=share.indicator,
                hint=near(share.indicator, list(indicators)),
                known=", ".join(indicators),
            )
        known = indicators[share.indicator].definitions
        if share.definition not in known:
            raise ParameterError(
                "unknown_layout_name",
                file=file,
                key=f"shares.{share.indicator}",
                value=share.definition,
                known=", ".join(known),
            )


def _check(layout: Layout, shown: str) -> None:
    """Hold the parts of a layout against each other."""
    meant: dict[str, str] = {}
    groups = {name: column.headers for name, column in layout.columns.items()}
    for name, headers in {**groups, "ignored": layout.ignored, "personal": layout.personal}.items():
        for header in headers:
            other = meant.setdefault(header_key(header), name)
            if other != name:
                raise ParameterError(
                    "layout_header_twice", file=shown, value=header, first=other, second=name
                )
    used = [
        *(
            ("sums", name)
            for one in layout.sums
            for name in (one.total, *one.parts, *filter(None, [one.unless]))
        ),
        *(
            ("shares", name)
            for one in layout.shares
            for name in (
                *one.numerator,
                *one.denominator,
                *one.split_off,
                *filter(None, [one.printed]),
            )
        ),
        *(("period", name) for name in [layout.period and layout.period.measure] if name),
    ]
    for key, name in used:
        if name not in layout.columns:
            raise ParameterError(
                "unknown_layout_name",
                file=shown,
                key=key,
                value=name,
                known=", ".join(layout.columns),
            )
    if layout.kind == "log":
        _check_log(layout, shown)
    elif layout.period is None:
        raise ParameterError("missing_key", file=shown, key="period")


def _check_log(layout: Layout, shown: str) -> None:
    """Hold the columns of a log against the contract of dossiers: names, cells, words."""
    if "dossier" not in layout.columns or not layout.columns["dossier"].required:
        raise ParameterError("missing_key", file=shown, key="columns.dossier.required")
    facts = [name for name in schemas.columns("dossiers") if name not in _PLACED]
    facts.append("procedure_name")  # stands for the procedure where no code is written
    contract = TABLES["dossiers"].to_schema().columns
    for name, column in layout.columns.items():
        key = f"columns.{name}"
        if column.cells not in _LOG_CELLS:
            _unknown(shown, f"{key}.cells", column.cells, _LOG_CELLS)
        if column.cells in (*_WHERE, *PERSONAL_CELLS, "fees", "supplements"):
            continue
        if name not in facts:
            _unknown(shown, "columns", name, facts)
        if column.cells != "choice":
            continue
        limits = {
            key: value for one in contract[name].checks for key, value in one.statistics.items()
        }
        words = limits.get("allowed_values") or range(
            limits.get("min_value", 0), limits.get("max_value", 0) + 1
        )
        for value in filter(None, column.values.values()):
            if value not in map(str, words):
                _unknown(shown, f"{key}.values", value, list(map(str, words)))


def _unknown(file: str, key: str, value: str, known: Sequence[str]) -> NoReturn:
    raise ParameterError(
        "unknown_layout_name", file=file, key=key, value=value, known=", ".join(known)
    )
