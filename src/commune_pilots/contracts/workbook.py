"""The workbook of a study: its sheets and columns as data, and how each value stands in a cell.

Whoever writes the empty workbook and whoever reads the filled one take names, headers and words
from here, so that what a list of Excel offers is what is read back. Vietnamese stands in the file;
a header cell has the English words on a second line, which nobody reads back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from commune_pilots import catalogue
from commune_pilots import vocabulary as words
from commune_pilots.catalogue import Language
from commune_pilots.contracts.raw import Decisions, Pilots, Sources, Units

Kind = Literal[
    "text", "code", "day", "start", "month", "figure", "count", "number", "choice", "reference",
    "references",
]  # fmt: skip
Refers = Literal["source", "unit", "indicator", "definition"]
Rows = Literal["must", "figures", "may"]

HEADER_ROW = 1
"""Row of the headers; rows of data begin in the next one."""
ASIDE = ("guide", "checklist", "lists")
"""Sheets without data: the guide, what to collect, and the lists that cells choose from."""
MARK = " · "
"""Stands between a code and its name: what comes before the first one is the code."""
AND = "; "
"""Stands between several codes of one cell."""
FIRST_DECISION = "study-d1"
"""Id of the decision in the first row of its sheet, for the key `decision` of the run."""

REGISTER = "dvhc-2025"
"""Code of the source behind candidates: the register of units, no document of the study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a sheet: what its cells hold, and what an empty cell means.

    `name` is the column of the raw table (`month` stands for `period_start` and `period_end`,
    `opened` gives `opened_precision` too). `kind` says how a cell is read:

    - `text`, `code`: text; a code is 1 to 20 letters, digits, - or _;
    - `day`: 25/03/2024; `month`: 03/2024; `start`: a day, a month or a year;
    - `figure`: a number as printed, always a cell of text; `number`: 55,44; `count`: 1234 or 1.234;
    - `choice`: one of `choices`, as `shown_choice` writes it;
    - `reference`: a code of `refers`, as `shown_reference` writes it; `references`: several.

    `required`: an empty cell is refused. `default` is the value of an empty cell, `takes` the
    column of the same row whose text it takes.
    """

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    words: str = ""
    refers: Refers | None = None
    default: str = ""
    takes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: the raw table its rows become, whether rows are needed, its columns in order.

    `rows`: `must` have some, `figures`: one of the sheets so marked must, or `may`.
    """

    table: str
    rows: Rows
    columns: tuple[Column, ...]


def _isin(table: type, column: str, *, but: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Read a closed vocabulary out of the contract of a raw table."""
    checks = table.to_schema().columns[column].checks  # type: ignore[attr-defined]
    allowed = next(check.statistics["allowed_values"] for check in checks)
    return tuple(value for value in allowed if value not in but)


def _choice(
    name: str, choices: tuple[str, ...], *, words: str, required: bool = False, default: str = ""
) -> Column:
    return Column(
        name=name, kind="choice", choices=choices, words=words, required=required, default=default
    )


_SOURCE = Column(name="source", kind="reference", refers="source", required=True)
_PARAGRAPH = Column(name="paragraph", kind="count")
_UNIT = Column(name="unit", kind="reference", refers="unit", required=True)
_INDICATOR = Column(name="indicator", kind="reference", refers="indicator", required=True)
_DEFINITION = Column(name="definition", kind="reference", refers="definition", required=True)
_PROGRAMME = Column(name="programme", kind="code")
_NUMERATOR = Column(name="numerator", kind="count")
_DENOMINATOR = Column(name="denominator", kind="count")
_NOTE = Column(name="note", kind="text")
_NAME_VI = Column(name="name_vi", kind="text", required=True)
_NAME_EN = Column(name="name_en", kind="text", takes="name_vi")

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        table="sources",
        rows="must",
        columns=(
            Column(name="source", kind="code", required=True),
            Column(name="title_short", kind="text", required=True),
            Column(name="publisher", kind="text"),
            Column(name="published", kind="day"),
            _choice(
                "kind",
                _isin(Sources, "kind", but=("simulated",)),
                words="workbook.choice.source_kind",
                required=True,
            ),
            Column(name="url", kind="text"),
            _NOTE,
        ),
    ),
    Sheet(
        table="units",
        rows="may",
        columns=(
            Column(name="code", kind="code", required=True),
            Column(name="name", kind="text", required=True),
            Column(name="parent", kind="reference", refers="unit"),
            Column(name="valid_from", kind="day"),
            Column(name="valid_to", kind="day"),
            Column(name="successor", kind="code"),
            _choice("successor_part", _isin(Units, "successor_part"), words="workbook.choice.part"),
            _NOTE,
        ),
    ),
    Sheet(
        table="pilots",
        rows="must",
        columns=(
            _UNIT,
            _choice("arm", _isin(Pilots, "arm"), words="workbook.choice.arm", required=True),
            Column(name="opened", kind="start"),
            _SOURCE,
            _PARAGRAPH,
            _PROGRAMME,
            Column(name="sponsor", kind="text"),
            _NOTE,
        ),
    ),
    Sheet(
        table="observations",
        rows="figures",
        columns=(
            _SOURCE,
            _PARAGRAPH,
            _UNIT,
            _INDICATOR,
            _DEFINITION,
            _choice("role", get_args(words.Role), words="workbook.choice.role", required=True),
            Column(name="printed", kind="figure"),
            _choice(
                "qualifier",
                get_args(words.Qualifier),
                words="workbook.choice.qualifier",
                default="exact",
            ),
            Column(name="period_start", kind="day"),
            Column(name="period_end", kind="day"),
            _NUMERATOR,
            _DENOMINATOR,
            _choice("scope", get_args(words.Scope), words="workbook.choice.scope", default="unit"),
            _NOTE,
        ),
    ),
    Sheet(
        table="panel",
        rows="figures",
        columns=(
            _SOURCE,
            _UNIT,
            _INDICATOR,
            _DEFINITION,
            Column(name="month", kind="month", required=True),
            _NUMERATOR,
            _DENOMINATOR,
            _NOTE,
        ),
    ),
    Sheet(
        table="decisions",
        rows="must",
        columns=(
            _SOURCE,
            _PARAGRAPH,
            _UNIT,
            _choice(
                "kind",
                _isin(Decisions, "kind"),
                words="workbook.choice.decision_kind",
                required=True,
            ),
            Column(name="decider_vi", kind="text", required=True),
            Column(name="question_vi", kind="text", required=True),
            Column(name="evidence_vi", kind="text", required=True),
            Column(name="decider_en", kind="text", takes="decider_vi"),
            Column(name="question_en", kind="text", takes="question_vi"),
            Column(name="evidence_en", kind="text", takes="evidence_vi"),
            _NOTE,
        ),
    ),
    Sheet(
        table="interventions",
        rows="may",
        columns=(
            _SOURCE,
            _PARAGRAPH,
            _UNIT,
            _choice("pillar", get_args(words.Pillar), words="label.pillar", required=True),
            _NAME_VI,
            Column(name="indicators", kind="references", refers="indicator"),
            _choice("evidence", get_args(words.Evidence), words="label.evidence", required=True),
            Column(name="need_vi", kind="text", required=True),
            _NAME_EN,
            Column(name="need_en", kind="text", takes="need_vi"),
            _PROGRAMME,
        ),
    ),
    Sheet(
        table="events",
        rows="may",
        columns=(
            _SOURCE,
            _PARAGRAPH,
            _UNIT,
            _NAME_VI,
            Column(name="date_start", kind="day"),
            Column(name="date_end", kind="day"),
            Column(name="moves", kind="references", refers="indicator"),
            _NAME_EN,
            _PROGRAMME,
            _NOTE,
        ),
    ),
    Sheet(
        table="candidates",
        rows="may",
        columns=(
            _SOURCE,
            Column(name="candidate", kind="reference", refers="unit", required=True),
            Column(name="formers", kind="references", refers="unit"),
            Column(name="former_province", kind="reference", refers="unit"),
            Column(name="area_km2", kind="number"),
            Column(name="population", kind="count"),
            Column(name="dossiers", kind="count"),
            Column(name="internet_share", kind="number"),
            Column(name="online_share", kind="number"),
            Column(name="definition", kind="reference", refers="definition"),
            _NOTE,
        ),
    ),
)


def sheet_of(table: str) -> Sheet:
    """Give the sheet whose rows become a raw table."""
    return next(sheet for sheet in SHEETS if sheet.table == table)


def sheet_name(key: str, language: Language = "vi") -> str:
    """Name a sheet by its raw table, `guide` or `lists`; the Vietnamese name is the file's."""
    return catalogue.text(f"workbook.sheet.{key}", language)


def column_label(sheet: Sheet, column: Column, language: Language = "vi") -> str:
    """Name a column; the Vietnamese words are what is matched in the header cell."""
    return _worded("column", sheet, column, language)


def header_cell(sheet: Sheet, column: Column) -> str:
    """Write the header cell: Vietnamese on its first line, English on the second."""
    return f"{column_label(sheet, column)}\n{column_label(sheet, column, 'en')}"


def help_text(sheet: Sheet, column: Column, language: Language = "vi") -> str:
    """Say what a person writes into the cells of a column."""
    return _worded("help", sheet, column, language)


def shown_choice(column: Column, value: str, language: Language = "vi") -> str:
    """Write a value of a closed vocabulary; the Vietnamese words are what a cell holds."""
    return catalogue.text(f"{column.words}.{value}", language)


def shown_choices(column: Column) -> tuple[str, ...]:
    """Write all values of a closed vocabulary as cells hold them, in the order of `choices`."""
    return tuple(shown_choice(column, value) for value in column.choices)


def choices_of(column: Column) -> Mapping[str, str]:
    """Map what a cell may hold to the values of a closed vocabulary."""
    return {shown_choice(column, value): value for value in column.choices}


def shown_reference(code: str, name: str) -> str:
    """Write a reference as cells hold it: 28159 · Thị trấn Cần Giuộc."""
    return f"{code}{MARK}{' '.join(name.split())}"


def code_of(shown: str) -> str:
    """Read the code of a reference: what stands before the first mark, or all of it."""
    return shown.partition(MARK.strip())[0].strip()


def name_of(shown: str) -> str:
    """Read the name of a reference: what stands after the first mark; "" where there is none."""
    return shown.partition(MARK.strip())[2].strip()


def _worded(part: str, sheet: Sheet, column: Column, language: Language) -> str:
    own = f"workbook.{part}.{sheet.table}.{column.name}"
    return catalogue.text(own if catalogue.has(own) else f"workbook.{part}.{column.name}", language)
