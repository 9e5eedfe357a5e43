"""A table of runs under params/batches: one row, one run; every row is read before any runs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commune_pilots import strict_yaml
from commune_pilots.errors import ParameterError
from commune_pilots.keys import near

_SUFFIXES = (".csv", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run as a batch or the command line asks for it.

    `like` names the file of params/runs it starts from, where that is not the run's own;
    `settings` are `key=value`, and `place` says where they stand.
    """

    run: str
    like: str = ""
    settings: Sequence[str] = field(default_factory=tuple)
    place: str = "--set"


def read_batch(params: Path, name: str) -> list[Row]:
    """Read params/batches/<name>.csv or .yml: `run`, optionally `like`, and keys a row sets.

    Raises ParameterError for an unknown batch, a missing column, a ragged or doubled row, or a
    batch called like one of its runs, whose folder under reports it would share.
    """
    tables = _tables(params)
    found = [path for path in tables if path.stem == name]
    if not found:
        known = [path.stem for path in tables]
        raise ParameterError(
            "unknown_batch", batch=name, known=", ".join(known), hint=near(name, known)
        )
    path, *others = found
    shown = f"params/batches/{path.name}"
    if others:
        raise ParameterError("batch_twice", file=shown, other=others[0].name)
    read = _csv_rows if path.suffix == ".csv" else _yaml_rows
    rows = read(path, shown)
    if not rows:
        raise ParameterError("batch_empty", file=shown)
    if name in {row.run for row in rows} or (params / "runs" / f"{name}.yml").is_file():
        raise ParameterError("batch_named_as_run", file=shown, run=name)
    seen: set[str] = set()
    for row in rows:
        if row.run in seen:
            number = row.place.rpartition(" ")[2]
            raise ParameterError("batch_doubled", file=shown, row=number, run=row.run)
        seen.add(row.run)
    return rows


def batch_names(params: Path) -> set[str]:
    """Name every table of params/batches; a run may not be called like one of them."""
    return {path.stem for path in _tables(params)}


def _tables(params: Path) -> list[Path]:
    return sorted(path for path in (params / "batches").glob("*") if path.suffix in _SUFFIXES)


def _csv_rows(path: Path, shown: str) -> list[Row]:
    """Read a table that a spreadsheet may have saved: with a byte-order mark, or semicolons."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as broken:
        raise ParameterError("file_unreadable", file=shown, reason=str(broken)) from broken
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    header, *rows = list(csv.reader(text.splitlines(), delimiter=delimiter)) or [[]]
    if "run" not in header:
        raise ParameterError("batch_column", file=shown)
    if twice := [name for name in header if header.count(name) > 1]:
        raise ParameterError("batch_column_twice", file=shown, column=twice[0])
    found = []
    for place, cells in enumerate(rows, start=2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise ParameterError(
                "batch_fields", file=shown, row=place, found=len(cells), expected=len(header)
            )
        given = {key: cell.strip() for key, cell in zip(header, cells, strict=True) if cell.strip()}
        found.append(_row(given, f"{shown}, row {place}"))
    return found


def _yaml_rows(path: Path, shown: str) -> list[Row]:
    content = strict_yaml.load(path, shown=shown)
    if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
        raise ParameterError("not_a_list", file=shown)
    found = []
    for place, entry in enumerate(content, start=1):
        if not isinstance(entry.get("run"), str):
            raise ParameterError("batch_column", file=shown)
        texts = {
            key: ",".join(map(str, value)) if isinstance(value, list) else str(value)
            for key, value in entry.items()
            if value is not None
        }
        found.append(_row(texts, f"{shown}, row {place}"))
    return found


def _row(cells: dict[str, str], place: str) -> Row:
    run, like = cells.pop("run", ""), cells.pop("like", "")
    settings = [f"{key}={value}" for key, value in cells.items()]
    return Row(run=run, like=like, settings=tuple(settings), place=place)
