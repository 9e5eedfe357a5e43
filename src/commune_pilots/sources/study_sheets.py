"""The workbook of a study to rows of typed values: sheets, headers and cells matched exactly.

Every fault is placed by sheet, row and header and told with the others; a value is shown only as
far as it cannot identify anybody, and personal data never.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from commune_pilots import catalogue
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.contracts import workbook
from commune_pilots.contracts.workbook import Column
from commune_pilots.errors import Bilingual, Failure, InputError
from commune_pilots.keys import near
from commune_pilots.sources.cells import PATH, Cell, Sheet, row_number
from commune_pilots.sources.dates import form_of
from commune_pilots.sources.headers import bare_key
from commune_pilots.sources.privacy import scan_text
from commune_pilots.sources.refusals import shown
from commune_pilots.sources.study_cells import CellError, plain, read_cell, reference_names
from commune_pilots.sources.study_persons import names_person
from commune_pilots.sources.texts import letters, text_of
from commune_pilots.sources.vietnamese import normalise, parse_figure
from commune_pilots.sources.workbook import read_workbook

_DIGITS = ("count", "number", "day", "start", "month")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a sheet: its number, its values by column, and how each cell may be shown.

    `sound`: no cell has a fault. `names`: the words after each code of a reference, by column.
    """

    row: int
    values: Mapping[str, object]
    shown: Mapping[str, str]
    sound: bool = True
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """One sheet as filled in: its contract, its place (file and sheet), its rows."""

    sheet: workbook.Sheet
    file: str
    entries: Sequence[Entry]

    def fault(
        self, row: int | None, column: str, value: str, rule: str, /, **of: object
    ) -> Failure:
        """Word a fault of one cell by the Vietnamese header of its column."""
        label = next(
            workbook.column_label(self.sheet, one)
            for one in self.sheet.columns
            if one.name == column
        )
        return Failure(
            file=self.file,
            row=row,
            column=label,
            value=value,
            rule=rule,
            rule_values=tuple(of.items()),
        )


def read_study_sheets(raw: bytes, *, file: str) -> tuple[dict[str, Filled], list[Failure]]:
    """Read the sheets of a study's workbook by their raw tables, and every fault found.

    A row with a fault keeps the values that could be read. Raises InputError for a file that is no
    xlsx, or whatever `read_workbook` refuses.
    """
    sheets = read_workbook(raw, file=file)
    if any(found.rule == "formats_unseen" for sheet in sheets for found in sheet.found):
        raise InputError("study_not_xlsx", file=file)
    named: dict[str, list[Sheet]] = {}
    for sheet in sheets:
        named.setdefault(normalise(sheet.name), []).append(sheet)
    wanted = {workbook.sheet_name(one.table): one for one in workbook.SHEETS}
    aside = {workbook.sheet_name(key) for key in workbook.ASIDE}
    failures = [
        _of_sheet(file, name, "study_sheet_unknown", hint=near(name, list(wanted)))
        for name in named
        if name not in wanted and name not in aside
    ]
    filled: dict[str, Filled] = {}
    for name, contract in wanted.items():
        found = named.get(name, [])
        hidden = any(one.rule == "sheet_hidden" for sheet in found for one in sheet.found)
        if len(found) != 1 or hidden:
            rule = "hidden" if hidden else "twice" if found else "missing"
            failures.append(_of_sheet(file, name, f"study_sheet_{rule}"))
            continue
        filled[contract.table], faults = _read_sheet(found[0], contract, f"{file}{PATH}{name}")
        failures += faults
    return filled, failures


def _of_sheet(file: str, name: str, rule: str, **values: object) -> Failure:
    return Failure(
        file=file, row=None, column="-", value=shown(name), rule=rule,
        rule_values=tuple(values.items()),
    )  # fmt: skip


def _read_sheet(sheet: Sheet, contract: workbook.Sheet, file: str) -> tuple[Filled, list[Failure]]:
    header = sheet.rows[workbook.HEADER_ROW - 1] if sheet.rows else ()
    places, failures = _places(header, contract, file)
    if failures:
        return Filled(contract, file, ()), failures
    for top, left, _, _ in sheet.merged:
        cell = f"{letters(left)}{top + 1}"
        failures.append(_placed(file, top + 1, letters(left), "", "study_merged", cell))
    entries: list[Entry] = []
    empty = Filled(contract, file, ())
    for at in range(workbook.HEADER_ROW, len(sheet.rows)):
        cells = [plain(cell) for cell in sheet.rows[at]]
        if any(cell is not None for cell in cells):
            entry, faults = _read_row(sheet, at, cells, places, empty)
            entries.append(entry)
            failures += faults
    failures += _mixed_days(sheet, places, empty)
    return Filled(contract, file, tuple(entries)), failures


def _places(
    header: Sequence[Cell], contract: workbook.Sheet, file: str
) -> tuple[dict[int, Column], list[Failure]]:
    """Find which column of the sheet is which of the contract, by the first line of its header."""
    labels = {workbook.column_label(contract, one): one for one in contract.columns}
    names = [normalise(text_of(cell).strip().partition("\n")[0]) for cell in header]
    failures = []
    for at, name in enumerate(names):
        if name and name not in labels:
            hint = near(name, [label for label in labels if label not in names])
            failures.append(
                _placed(file, 1, letters(at), shown(name), "study_header_unknown", hint=hint)
            )
    for label in labels:
        if (times := names.count(label)) != 1:
            rule = f"study_header_{'twice' if times else 'missing'}"
            failures.append(_placed(file, 1, label, label, rule))
    return {at: labels[name] for at, name in enumerate(names) if name in labels}, failures


def _placed(
    file: str, row: int, column: str, value: str, rule: str, cell: str = "", **values: object
) -> Failure:
    return Failure(
        file=file, row=row, column=column, value=value, rule=rule,
        rule_values=(("cell", cell), *values.items()),
    )  # fmt: skip


def _read_row(
    sheet: Sheet,
    at: int,
    cells: Sequence[Cell],
    places: Mapping[int, Column],
    filled: Filled,
) -> tuple[Entry, list[Failure]]:
    row = row_number(sheet, at)
    values: dict[str, object] = {}
    seen: dict[str, str] = {}
    names: dict[str, tuple[str, ...]] = {}
    failures: list[Failure] = []
    for place, cell in enumerate(cells):
        if cell is None:
            continue
        address = f"{letters(place)}{row}"
        column = places.get(place)
        if column is None:
            failures.append(
                _placed(filled.file, row, letters(place), "", "study_header_blank", address)
            )
            continue
        seen[column.name] = shown(cell)
        for value, rule, told in _faults(cell, column, struck=(at, place) in sheet.struck):
            seen[column.name] = value
            failures.append(filled.fault(row, column.name, value, rule, cell=address, **told))
            break
        else:
            try:
                values[column.name] = read_cell(cell, column, date1904=sheet.date1904)
                if column.refers:
                    names[column.name] = reference_names(str(cell), column)
            except CellError as broken:
                failures.append(
                    filled.fault(
                        row, column.name, shown(cell), broken.rule, cell=address,
                        **_accepted(cell, column),
                    )
                )  # fmt: skip
    for column in filled.sheet.columns:
        if column.name in seen:
            continue
        if column.required:
            failures.append(filled.fault(row, column.name, "", "required"))
        elif column.default:
            values[column.name] = column.default
    for column in filled.sheet.columns:
        if column.takes and column.name not in seen and column.takes in values:
            values[column.name] = values[column.takes]
    return Entry(row, values, seen, sound=not failures, names=names), failures


def _faults(
    cell: Cell, column: Column, *, struck: bool
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Find what refuses a cell whatever its kind: personal data, never shown, then a line."""
    text = text_of(cell)
    if column.kind not in _DIGITS and not (column.kind == "figure" and _is_figure(text)):
        for hit in scan_text(text):
            kinds = (catalogue.text(f"release.kind.{hit.kind}", at) for at in LANGUAGES)
            yield "•••", "study_personal", {"found": Bilingual(*kinds)}
        if column.kind == "text" and names_person(text):
            yield "•••", "study_person", {}
    if struck:
        yield shown(cell), "study_struck", {}


def _is_figure(text: str) -> bool:
    try:
        parse_figure(text)
    except ValueError:
        return False
    return True


def _accepted(cell: Cell, column: Column) -> dict[str, object]:
    """Say what a choice may be, with the nearest."""
    if column.kind != "choice":
        return {}
    known = workbook.shown_choices(column)
    text = text_of(cell)
    same = [one for one in known if bare_key(one) == bare_key(text)]
    return {"hint": near(same[0] if same else text, list(known)), "accepted": ", ".join(known)}


def _mixed_days(sheet: Sheet, places: Mapping[int, Column], filled: Filled) -> Iterator[Failure]:
    """Refuse a column of days that mixes true dates with text: Excel may have swapped the former.

    A program set to month-first reading takes "03/05/2026" for the fifth of March and leaves
    "25/05/2026" as text.
    """
    for place, column in places.items():
        if column.kind != "day":
            continue
        rows: dict[bool, list[int]] = {True: [], False: []}
        for at in range(workbook.HEADER_ROW, len(sheet.rows)):
            form = form_of(plain(sheet.rows[at][place]))
            if form in ("cell", "day_first"):
                rows[form == "cell"].append(at)
        if all(rows.values()):
            at = min(rows.values(), key=len)[0]
            yield filled.fault(
                row_number(sheet, at),
                column.name,
                shown(plain(sheet.rows[at][place])),
                "study_day_forms",
            )
