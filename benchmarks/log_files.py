"""How fast an office's CSV file and workbook become typed Parquet, beside pandas and Polars.

Every side reads the same file and must give the same values in the same columns; the script ends
with an error if one does not. See benchmarks/README.md for what ours does that the others do not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from dossier_rivals import TRUTH
from dossiers import measured, run, tables

from commune_pilots.simulate.dossiers import dossier_tables
from commune_pilots.sources.files import read_sheets
from commune_pilots.sources.layouts import Layout
from commune_pilots.sources.log_tables import SCHEMA, read_dossiers
from commune_pilots.sources.log_units import Place
from commune_pilots.sources.unit_names import Register, register

TIME = "%d/%m/%Y %H:%M:%S"
HEADERS = {
    "dossier": "Số hồ sơ", "unit": "Mã xã", "procedure": "Mã TTHC", "channel": "Hình thức nộp",
    "level": "Mức độ", "status": "Mã trạng thái", "received": "Ngày tiếp nhận",
    "due": "Ngày hẹn trả", "completed": "Ngày kết thúc xử lý", "returned": "Ngày trả",
    "fee_due": "Lệ phí", "fee_paid": "Đã thu", "paid": "Hình thức thanh toán",
    "components": "Số thành phần", "components_digitised": "Số thành phần số hóa",
}  # fmt: skip
WORDS = {
    "channel": {"Trực tiếp": "counter", "Trực tuyến": "online", "Bưu chính": "post"},
    "level": {"Toàn trình": "full_process", "Một phần": "partial", "Thông tin": "information"},
    "paid": {
        "Cổng DVC quốc gia": "national_portal",
        "Trực tuyến khác": "other_online",
        "Tiền mặt": "not_online",
    },
}
TIMES = ("received", "due", "completed", "returned")
FEES = ("fee_due", "fee_paid")
COUNTS = ("status", "components", "components_digitised")
_CELLS = {
    "dossier": "text", "unit": "unit_code", "procedure": "text",
    **dict.fromkeys(WORDS, "choice"), **dict.fromkeys(TIMES, "moment"),
    **dict.fromkeys(FEES, "number"), **dict.fromkeys(COUNTS, "count"),
}  # fmt: skip


def main() -> None:
    """Draw a file of each kind, let every side read it, print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="at most 1,048,575 in a sheet")
    parser.add_argument("--kinds", nargs="+", choices=("csv", "xlsx"), default=["csv", "xlsx"])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--keep", type=Path, help="folder of files that are drawn only once")
    parser.add_argument("--child", nargs=3, metavar=("SIDE", "FILE", "OUT"))
    given = parser.parse_args()
    if given.child:
        side, path, out = given.child
        child(side, Path(path), Path(out))
        return
    print("| file | rows | side | seconds | CPU seconds | peak MB | times ours |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="log-files-") as scratch:
        for kind in given.kinds:
            path = (given.keep or Path(scratch)) / f"office-{given.rows}.{kind}"
            if not path.exists():
                draw(given.rows, path)
            out = Path(scratch) / "out.json"
            found = {side: run(side, path, out, script=__file__) for side in given.sides}
            if len({told["digest"] for told in found.values()}) > 1:
                raise SystemExit(f"the sides differ: {found}")
            ours = found.get("ours", {}).get("cpu", float("nan"))
            for side, told in found.items():
                print(
                    f"| {kind} | {given.rows:,} | {side} | {told['seconds']:.1f} "
                    f"| {told['cpu']:.1f} | {told['peak']:,.0f} | {told['cpu'] / ours:.2f} |",
                    flush=True,
                )


def draw(rows: int, path: Path) -> None:
    """Write a simulated log without dirt as an office would: its headers, words and times."""
    truth = replace(TRUTH, rows=rows, dirt=0.0)
    (table,) = dossier_tables(truth, tables()["units"], chunk=rows)
    columns = {}
    for name, header in HEADERS.items():
        values = table[name].combine_chunks()
        if name in WORDS:
            told = {value: word for word, value in WORDS[name].items()}
            values = pa.array([told.get(value) for value in values.to_pylist()])
        elif name in TIMES:
            values = pc.strftime(pc.cast(values, pa.timestamp("s"), safe=False), format=TIME)
        elif name in FEES:
            values = pc.cast(pc.cast(values, pa.int64()), pa.string())
        columns[header] = pc.cast(values, pa.string())
    office = pa.table(columns)
    if path.suffix == ".csv":
        pyarrow.csv.write_csv(office, path)
        return
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách hồ sơ")
    sheet.append(list(office.column_names))
    for batch in office.to_batches(max_chunksize=50_000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            sheet.append(row)
    book.save(path)


def child(side: str, path: Path, out: Path) -> None:
    """Read a file as one side and write seconds, peak memory and a digest of all values."""
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        typed = Path(folder) / "typed.parquet"
        known = register(tables()["units"])
        _, told = measured(lambda: SIDES[side](path, typed, known))
        out.write_text(json.dumps({**told, "digest": digest(typed)}))


def digest(path: Path) -> str:
    """Name the values of all columns, whatever the order of rows and the types of a side."""
    table = pq.read_table(path, columns=list(HEADERS))
    table = table.cast(pa.schema([SCHEMA.field(name) for name in HEADERS]))
    hashes = pd.util.hash_pandas_object(table.to_pandas(), index=False)
    return f"{len(hashes)}:{int(hashes.sum()):x}"


def ours(path: Path, typed: Path, known: Register) -> None:
    """Read a file as the project does: checked, every repair told, units found in the register."""
    layout = Layout.model_validate(
        {
            "kind": "log",
            "label_vi": "đo",
            "label_en": "benchmark",
            "columns": {
                "unit_code" if name == "unit" else name: {
                    "headers": [header],
                    "cells": _CELLS[name],
                    "required": name == "dossier",
                    "values": WORDS.get(name, {}),
                }
                for name, header in HEADERS.items()
            },
        }
    )
    sheets = read_sheets(path.read_bytes(), file=path.name)
    found = read_dossiers(sheets, layout, known=known, key=None, place=Place())
    pq.write_table(found.dossiers, typed)


def by_pandas(path: Path, typed: Path, known: object) -> None:
    """Read all as text and convert column by column; nothing is checked."""
    if path.suffix == ".csv":
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    else:
        frame = pd.read_excel(
            path, dtype=str, engine="calamine", keep_default_na=False, na_values=[""]
        )
    frame = frame.rename(columns={header: name for name, header in HEADERS.items()})
    for name, told in WORDS.items():
        frame[name] = frame[name].map(told)
    for name in TIMES:
        frame[name] = pd.to_datetime(frame[name], format=TIME)
    for name in FEES:
        frame[name] = pd.to_numeric(frame[name]).astype("float64")
    for name in COUNTS:
        frame[name] = pd.to_numeric(frame[name]).astype("Int64")
    frame.to_parquet(typed, index=False)


def by_polars(path: Path, typed: Path, known: object) -> None:
    """Read all as text and convert column by column; nothing is checked."""
    if path.suffix == ".csv":
        frame = pl.read_csv(path, infer_schema=False)
    else:
        frame = pl.read_excel(path, engine="calamine", infer_schema_length=0)
    frame.rename({header: name for name, header in HEADERS.items()}).with_columns(
        *(pl.col(name).replace_strict(told, default=None) for name, told in WORDS.items()),
        *(pl.col(name).str.to_datetime(TIME, time_unit="us") for name in TIMES),
        *(pl.col(name).cast(pl.Float64) for name in FEES),
        *(pl.col(name).cast(pl.Int64) for name in COUNTS),
    ).write_parquet(typed)


SIDES: Mapping[str, Callable[[Path, Path, Register], None]] = {
    "ours": ours,
    "polars": by_polars,
    "pandas": by_pandas,
}


if __name__ == "__main__":
    main()
