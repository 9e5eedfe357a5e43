"""How fast a dossier log is judged and counted, beside SQL by hand, Polars, pandas and a bare scan.

Every side reads the same simulated Parquet files, breaks the same rules, finds the same duplicates,
places the same codes and counts the same shares, in a process of its own. The script ends with an
error if a count, an account or a reason differs. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import dossier_rivals as rivals
import ibis.backends.duckdb  # noqa: F401  loaded by the first connection otherwise, and timed
import pandas as pd
import pyarrow.parquet as pq

from commune_pilots import store
from commune_pilots.params import load_indicators
from commune_pilots.runs.dossier_logs import judge_log
from commune_pilots.sources.log_engine import connect, read_log
from commune_pilots.sources.press import read_press
from commune_pilots.sources.simulated_logs import write_log

T = TypeVar("T")
HERE = Path(__file__).resolve().parent
Judge = Callable[[Path, Path, str, pd.DataFrame], dict[str, pd.DataFrame]]


def main() -> None:
    """Draw the logs asked for, let every side judge them in turn, print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--memory", default="4GB", help="bound of DuckDB")
    parser.add_argument("--keep", type=Path, help="folder of logs that are drawn only once")
    parser.add_argument("--child", nargs=3, metavar=("SIDE", "FOLDER", "OUT"))
    given = parser.parse_args()
    if given.child:
        side, folder, out = given.child
        child(side, Path(folder), Path(out), given.memory)
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, memory {given.memory}\n")
    with tempfile.TemporaryDirectory(prefix="dossiers-") as scratch:
        kept = given.keep or Path(scratch)
        print("| rows | side | seconds | CPU seconds | peak MB | times ours | CPU, times ours |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for rows in given.rows:
            folder = kept / f"log-{rows}"
            if not folder.is_dir():
                draw(rows, folder)
            compare(rows, folder, Path(scratch), given)


def draw(rows: int, folder: Path) -> None:
    """Write a simulated log; the time to draw it is printed apart."""
    begun = time.monotonic()
    files = write_log(replace(rivals.TRUTH, rows=rows), tables()["units"], folder)
    size = sum(path.stat().st_size for path in files) / 1e6
    print(
        f"<!-- drew {rows:,} rows: {time.monotonic() - begun:.0f} s, {size:,.0f} MB -->", flush=True
    )


def tables() -> dict[str, pd.DataFrame]:
    """Read the project's own registers."""
    layout = store.find_root(HERE.parent)
    indicators = load_indicators(layout.params / "indicators.yml")
    return read_press(layout.raw_press, indicators, shown=store.RAW_PRESS)


def compare(rows: int, folder: Path, scratch: Path, given: argparse.Namespace) -> None:
    """Let each side judge one log, in reversed order every other round; print medians."""
    times: dict[str, list[dict[str, Any]]] = {side: [] for side in given.sides}
    digests: dict[str, object] = {}
    for turn in range(given.rounds):
        for side in given.sides if turn % 2 == 0 else reversed(given.sides):
            found = run(side, folder, scratch / "out.json", "--memory", given.memory)
            times[side].append(found)
            if side != "scan":
                digests[side] = found["digest"]
    if len({json.dumps(digest) for digest in digests.values()}) > 1:
        raise SystemExit(f"the sides differ: {digests}")
    middle = {
        side: {name: pd.Series([one[name] for one in found]).median() for name in found[0]
               if name != "digest"}
        for side, found in times.items()
    }  # fmt: skip
    ours = middle.get("ours", dict.fromkeys(("seconds", "cpu"), float("nan")))
    for side, found in middle.items():
        print(
            f"| {rows:,} | {side} | {found['seconds']:.1f} | {found['cpu']:.1f} "
            f"| {found['peak']:,.0f} | {found['seconds'] / ours['seconds']:.2f} "
            f"| {found['cpu'] / ours['cpu']:.2f} |",
            flush=True,
        )


def run(side: str, folder: Path, out: Path, *given: str, script: str = __file__) -> dict[str, Any]:
    """Run one side of a script in a process of its own and read what it measured."""
    command = [sys.executable, script, *given, "--child", side, str(folder), str(out)]
    subprocess.run(command, check=True)
    return json.loads(out.read_text())


def child(side: str, folder: Path, out: Path, memory: str) -> None:
    """Judge a log as one side and write seconds, peak memory and digests of what was found."""
    units = tables()["units"]
    with tempfile.TemporaryDirectory(prefix="spill-", dir=out.parent) as spill:
        found, told = measured(lambda: SIDES[side](folder, Path(spill), memory, units))
        if side != "scan":
            lines = pq.read_table(Path(spill) / "rejected.parquet", columns=rivals.REASON)
            found["reasons"] = lines.to_pandas()
    digests = {name: digest(frame) for name, frame in found.items()}
    out.write_text(json.dumps({**told, "digest": digests}))


def measured(work: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """Do work and tell its seconds, CPU seconds and the peak memory of this process in MB."""
    begun, cpu = time.monotonic(), time.process_time()
    found = work()
    seconds, used = time.monotonic() - begun, time.process_time() - cpu
    # Of this program alone: what getrusage tells is inherited from the process that began it.
    status = Path("/proc/self/status").read_text().split()
    peak = int(status[status.index("VmHWM:") + 1]) / 1024
    return found, {"seconds": seconds, "cpu": used, "peak": peak}


def digest(frame: pd.DataFrame) -> str:
    """Name the content of a table whatever the order of its rows and the types of its columns."""
    texts = frame.reset_index(drop=True).map(lambda value: "" if pd.isna(value) else str(value))
    lines = sorted("|".join(row) for row in texts.to_numpy().tolist())
    return f"{len(lines)}:{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"


def ours(folder: Path, spill: Path, memory: str, units: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Judge a log as the project does."""
    engine = connect(memory=memory, spill=spill)
    judged = judge_log(
        engine, read_log(engine, folder, shown=str(folder)), units=units,
        definitions=rivals.IDS, as_of=rivals.AS_OF, rejected=spill / "rejected.parquet",
    )  # fmt: skip
    counted = judged.counted["received"]
    accepted = counted[counted["verdict"] == "accepted"]
    cells = accepted.groupby(rivals.CELL, dropna=False)[rivals.SUMS].sum()
    return {
        "account": judged.account.drop(columns="sheet"),
        "cells": cells.reset_index(),
        "flags": judged.flags,
    }


SIDES: Mapping[str, Judge] = {
    "ours": ours,
    "sql": rivals.by_sql,
    "polars": rivals.by_polars,
    "pandas_files": rivals.by_pandas_files,
    "pandas": rivals.by_pandas,
    "scan": rivals.by_scan,
}


if __name__ == "__main__":
    main()
