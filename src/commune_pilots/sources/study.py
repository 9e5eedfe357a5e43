"""A study: the workbook that a province filled in, beside the press tables.

All faults are told together, each by sheet, row and Vietnamese header, before anything is refused.
What one table says of another is held to the same checks as the press tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from commune_pilots import schemas
from commune_pilots.contracts import workbook
from commune_pilots.errors import ContractError, Failure, InputError
from commune_pilots.params import Indicator
from commune_pilots.sources.press import check_press
from commune_pilots.sources.refusals import shown
from commune_pilots.sources.study_across import across_failures
from commune_pilots.sources.study_sheets import Filled, read_study_sheets
from commune_pilots.sources.study_tables import Known, Tables, build_tables
from commune_pilots.store import STUDIES, Layout, sha256_bytes, study_place

_OWN_CHECKS = ("unknown_unit", "unknown_source", "unknown_indicator", "unknown_definition")
_COLUMNS = {
    ("observations", "value"): "printed",
    ("observations", "decimals"): "printed",
    ("observations", "observation"): "printed",
    ("panel", "period_start"): "month",
    ("panel", "period_end"): "month",
    ("candidates", "name"): "candidate",
    ("candidates", "type"): "candidate",
    ("candidates", "province"): "candidate",
    ("pilots", "opened_precision"): "opened",
}


def add_study(
    tables: Tables,
    study: str,
    layout: Layout,
    indicators: Mapping[str, Indicator],
    *,
    taken: Collection[str] = (),
) -> Tables:
    """Put the rows of a study's workbook beside press tables; "" is no study.

    `taken` are ids of sources apart from those of `tables`. A source of the study names the
    workbook as its text, so that its rows are known. A lock file of Excel beside the workbook is
    passed over: what is not saved cannot be known. Raises InputError for a workbook that is not
    there or cannot be read, and ContractError with every fault in it.
    """
    if not study:
        return tables
    place = study_place(study)
    try:
        raw = layout.study(study).read_bytes()
    except FileNotFoundError as missing:
        raise InputError("study_missing", file=place, study=study) from missing
    except OSError as broken:
        raise InputError("raw_unreadable", file=place, reason=broken.strerror) from broken
    filled, failures = read_study_sheets(raw, file=place)
    known = Known(
        units=tables["units"],
        sources=frozenset([*tables["sources"]["source"], *taken]),
        indicators=indicators,
    )
    own, numbers, found = build_tables(
        filled, known, study=study, place=place, sha256=sha256_bytes(raw)
    )
    failures += [*found, *_too_few(filled)]
    union = {
        table: pd.concat([frame, own[table]], ignore_index=True)
        if len(own.get(table, ()))
        else frame
        for table, frame in tables.items()
    }
    failures += _contract_failures(own, numbers, filled)
    failures += _cross_failures(union, tables, numbers, filled, indicators)
    failures += across_failures(own, numbers, filled)
    if failures:
        raise ContractError(_in_order(failures))
    return union


def study_sources(sources: pd.DataFrame) -> list[str]:
    """Name the sources whose text is the workbook of a study."""
    ours = sources["text_file"].str.startswith(f"{STUDIES}/", na=False)
    return [str(name) for name in sources.loc[ours, "source"]]


def _too_few(filled: Mapping[str, Filled]) -> Iterator[Failure]:
    """Say which sheet to fill first where a sheet that needs rows has none."""
    figures = [one for one in workbook.SHEETS if one.rows == "figures"]
    for one in workbook.SHEETS:
        sheet = filled.get(one.table)
        if one.rows == "must" and sheet is not None and _is_empty(sheet):
            yield _of_sheet(sheet, "study_sheet_empty")
    there = [filled[one.table] for one in figures if one.table in filled]
    if there and not any(sheet.entries for sheet in there):
        names = [workbook.sheet_name(one.table) for one in figures]
        yield _of_sheet(there[0], "study_no_figures", first=names[0], second=names[1])


def _is_empty(sheet: Filled) -> bool:
    """Tell whether nobody filled in a sheet; the register's row stands there before."""
    return all(entry.values.get("source") == workbook.REGISTER for entry in sheet.entries)


def _of_sheet(sheet: Filled, rule: str, **values: object) -> Failure:
    return Failure(
        file=sheet.file,
        row=None,
        column="-",
        value="",
        rule=rule,
        rule_values=tuple(values.items()),
    )


def _contract_failures(
    own: Tables, numbers: Mapping[str, Sequence[int]], filled: Mapping[str, Filled]
) -> Iterator[Failure]:
    """Hold each table against its contract, placed by the sheet's rows and headers."""
    for table, frame in own.items():
        if frame.empty:
            continue
        try:
            schemas.check(frame, table)
        except ContractError as broken:
            at = dict(zip(frame.get("row", range(2, len(frame) + 2)), numbers[table], strict=True))
            for one in broken.failures:
                yield _moved(filled[table], one, at.get(one.row or 0), one.rule_values)


def _cross_failures(
    union: Tables,
    press: Tables,
    numbers: Mapping[str, Sequence[int]],
    filled: Mapping[str, Filled],
    indicators: Mapping[str, Indicator],
) -> Iterator[Failure]:
    """Check the study's rows among all rows as the press tables are; references were checked."""
    counted = {
        table: frame.assign(row=pd.Series(range(2, len(frame) + 2), dtype="Int64"))
        if "row" in frame
        else frame
        for table, frame in union.items()
    }
    firsts = {table: len(press[table]) + 2 for table in filled}
    if "candidates" in filled:  # no candidate is compared with another: the press rows stand
        counted["candidates"] = counted["candidates"].iloc[firsts["candidates"] - 2 :]
        firsts["candidates"] = 2
    for one in check_press(counted, indicators, shown=""):
        table = one.file.rpartition("/")[2].removesuffix(".csv")
        if table not in filled or one.row is None or one.row < firsts[table]:
            continue
        if one.rule in _OWN_CHECKS and table != "candidates":
            continue
        rows, first = numbers[table], firsts[table]
        values = one.rule_values
        if one.rule == "figure_twice":
            other = int(str(dict(values)["accepted"]))
            values = (("accepted", rows[other - first] if other >= first else other),)
        yield _moved(filled[table], one, rows[one.row - first], values)


def _moved(
    sheet: Filled, failure: Failure, row: int | None, values: tuple[tuple[str, object], ...]
) -> Failure:
    """Place a failure of a raw table where a person finds it on the sheet."""
    names = [one.name for one in sheet.sheet.columns]
    column = _COLUMNS.get((sheet.sheet.table, failure.column), failure.column)
    entry = next((one for one in sheet.entries if one.row == row), None)
    value = entry.shown.get(column, "") if entry else shown(failure.value)
    if column not in names:
        column = names[0]
    return sheet.fault(row, column, value, failure.rule, **dict(values))


def _in_order(failures: Sequence[Failure]) -> list[Failure]:
    """Order faults by sheet and row; one fault a cell is enough."""
    order = {workbook.sheet_name(one.table): at for at, one in enumerate(workbook.SHEETS)}
    kept: dict[tuple[str, int | None, str, str], Failure] = {}
    for one in failures:
        kept.setdefault((one.file, one.row, one.column, one.rule if one.column == "-" else ""), one)
    return sorted(
        kept.values(),
        key=lambda one: (order.get(one.file.rpartition(" > ")[2], -1), one.row or 0),
    )
