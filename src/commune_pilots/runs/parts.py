"""One file of a delivery to its part: typed tables without personal data, kept until it changes.

A part is complete when its record stands, which is written last; whatever ended the process before
that leaves files that nothing reads. The key of a part is the hash of the file and of everything
that decided how it was read.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from commune_pilots import catalogue, schemas, store
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.sources.cells import Found

FOLDER = "parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of the rows of one sheet while it was read: read = kept + rejected."""

    sheet: str
    read: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one file became: tables by name, and the account of each sheet.

    A table that lies in the file as it is wanted is told by its path.
    """

    tables: Mapping[str, pa.Table | Path]
    accounts: Sequence[Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The part of one file as it lies on disk: its record and the files of its tables."""

    file: str
    sha256: str
    key: str
    accounts: tuple[Account, ...]
    tables: Mapping[str, Path]


def make_part(
    folder: Path, published: Path, read: Callable[[], Read], *, file: str, sha256: str, key: str
) -> tuple[Part, bool]:
    """Take the part of a file that stands, here or among those published, or read the file.

    Returns the part, in `folder`, and whether the file was read. Whatever `read` raises leaves no
    part.
    """
    stem = f"{store.sha256_bytes(file.encode())[:16]}"
    for place in (folder, published):
        found = _standing(place, stem, key)
        if found is not None:
            return (found if place == folder else _take_over(found, folder, stem)), False
    (folder / f"{stem}.json").unlink(missing_ok=True)
    got = read()
    tables = {name: folder / name / f"{stem}.parquet" for name in got.tables}
    for name, path in tables.items():
        _write(got.tables[name], path)
    part = Part(file=file, sha256=sha256, key=key, accounts=tuple(got.accounts), tables=tables)
    _record(folder, stem, part)
    return part, True


def keep_only(folder: Path, parts: Sequence[Part]) -> None:
    """Delete what belongs to none of the parts: files that are gone, or have changed."""
    wanted = {path for part in parts for path in part.tables.values()}
    wanted |= {folder / f"{path.stem}.json" for path in wanted}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in wanted:
            path.unlink()


def worded(found: Sequence[Found]) -> dict[str, pa.Table]:
    """Lay out what was found, each with its place and words: tables findings and rejected."""
    lines = [(one.outcome, _line(one)) for one in found]
    findings = [{**line, "outcome": how} for how, line in lines if how != "rejected"]
    rejected = [line for how, line in lines if how == "rejected"]
    return {
        "findings": to_arrow(schemas.build(findings, "findings")),
        "rejected": to_arrow(schemas.build(rejected, "rejected")),
    }


def to_arrow(frame: Any) -> pa.Table:
    """Hand a table of pandas to Arrow; its index is not part of it."""
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()


def _line(one: Found) -> dict[str, Any]:
    words = (catalogue.text(f"ingest.rule.{one.rule}", at, value=one.value) for at in LANGUAGES)
    return {
        "file": one.file,
        "sheet": one.sheet or None,
        "row": one.row,
        "column": one.column or None,
        "value": one.value or None,
        "rule": one.rule,
        **{f"message_{at}": text for at, text in zip(LANGUAGES, words, strict=True)},
    }


def _standing(folder: Path, stem: str, key: str) -> Part | None:
    """Read the record of a part that has this key and whose files are all as it says."""
    try:
        told = json.loads((folder / f"{stem}.json").read_bytes())
        if told["key"] != key:
            return None
        tables = {name: folder / name / f"{stem}.parquet" for name in told["tables"]}
        if any(store.sha256(path) != told["tables"][name] for name, path in tables.items()):
            return None
        accounts = tuple(Account(**one) for one in told["accounts"])
        return Part(
            file=told["file"], sha256=told["sha256"], key=key, accounts=accounts, tables=tables
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _take_over(found: Part, folder: Path, stem: str) -> Part:
    """Bring a published part into the folder at work, without a second copy where that can be."""
    tables = {name: folder / name / path.name for name, path in found.tables.items()}
    for name, path in found.tables.items():
        tables[name].parent.mkdir(parents=True, exist_ok=True)
        _link(path, tables[name])
    part = Part(
        file=found.file,
        sha256=found.sha256,
        key=found.key,
        accounts=found.accounts,
        tables=tables,
    )
    _record(folder, stem, part)
    return part


def _record(folder: Path, stem: str, part: Part) -> None:
    told = {
        "file": part.file,
        "sha256": part.sha256,
        "key": part.key,
        "accounts": [asdict(one) for one in part.accounts],
        "tables": {name: store.sha256(path) for name, path in part.tables.items()},
    }
    content = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
    store.write_bytes(folder / f"{stem}.json", content.encode())


def _write(table: pa.Table | Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(table, Path):
        _link(table, path)
        return
    unfinished = path.with_name(f".{path.name}.part")
    pq.write_table(table, unfinished, compression="zstd", row_group_size=100_000)
    unfinished.replace(path)


def _link(path: Path, to: Path) -> None:
    """Put a file in a second place without a second copy, where the file system can."""
    to.unlink(missing_ok=True)
    try:
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)
