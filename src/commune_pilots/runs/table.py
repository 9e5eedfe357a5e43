"""A table of runs under params/batches: one row, one run; every row is read before any runs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commune_pilots import strict_yaml
from commune_pilots.errors import ParameterError
from commune_pilots.params import near

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
    folder = params / "batches"
    tables = sorted(path for path in folder.glob("*") if path.suffix in _SUFFIXES)
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
    seen: set[str] = {name}
    for row in rows:
        if row.run in seen:
            key = "batch_named_as_run" if row.run == name else "batch_doubled"
            raise ParameterError(key, file=shown, row=row.place.rpartition(" ")[2], run=row.run)
        seen.add(row.run)
    return rows


def _csv_rows(path: Path, shown: str) -> list[Row]:
    """Read a table that a spreadsheet may have saved: with a byte-order mark, or semicolons."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as broken:
        raise ParameterError("file_unreadable", file=shown, reason=str(broken)) from broken
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    lines = [line for line in csv.reader(text.splitlines(), delimiter=delimiter) if any(line)]
    header, *rows = lines or [[]]
    if "run" not in header:
        raise ParameterError("batch_column", file=shown)
    found = []
    for place, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            raise ParameterError(
                "batch_fields", file=shown, row=place, found=len(cells), expected=len(header)
            )
        found.append(_row(dict(zip(header, cells, strict=True)), f"{shown}, row {place}"))
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
    run, like = cells.pop("run").strip(), cells.pop("like", "").strip()
    settings = [f"{key}={value.strip()}" for key, value in cells.items() if value.strip()]
    return Row(run=run, like=like, settings=tuple(settings), place=place)
