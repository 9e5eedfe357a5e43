"""Many kill -9 of an ingest at random instants: no raw file, no published table is torn or lost.

Short version: `pytest tests/faults/test_ingest_kills.py`. Long version, which prints its figures:

    PYTHONPATH=tests .venv/bin/python -m faults.ingest_kills --kills 200 --seed 1

Files change before some of the ingests, so that parts are kept, replaced and dropped. After each
kill what is published is whole or on its way between two versions, which the next start mends;
whenever an ingest comes to its end, every byte is that of an ingest nobody disturbed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from delivered import deliver, month_row, project, tree, write_sheet

from commune_pilots import store
from commune_pilots.runs import manifest
from commune_pilots.runs.ingest import FORMAT, ingest

NAME, PLACE = "so_thang", "delivery-so_thang"
UNITS = ("Thị trấn Cần Giuộc", "Xã Dương Xuân Hội")
MONTHS = 4
_MOST_IN_A_ROW = 5


@dataclass
class Figures:
    """What was seen; `faults` ought to stay empty."""

    kills: int = 0
    ends: int = 0
    in_swap: int = 0
    taken_up: int = 0  # files whose finished part an ingest did not have to read again
    faults: list[str] = field(default_factory=list)


def kill_many(root: Path, *, kills: int, seed: int) -> Figures:
    """Kill an ingest again and again, look at what is left, let it end from time to time."""
    rng = random.Random(seed)
    layout = project(root / "killed")
    folder = deliver(layout)
    figures = Figures()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["commune_pilots.runs.ingest"])
    longest = 2 * _seconds(root / "measured")
    while figures.kills < kills:
        version = rng.randrange(1000)
        _hand_over(folder, version)
        raw = tree(folder)
        for _ in range(rng.randint(1, _MOST_IN_A_ROW)):
            child = context.Process(target=_child, args=(layout.root,))
            child.start()
            child.join(rng.uniform(0, longest))
            if child.exitcode is None:
                child.kill()
                figures.kills += 1
            child.join()
            if tree(folder) != raw:
                figures.faults.append("a raw file changed")
            figures.in_swap += not _whole(layout, figures)
        ended = ingest(layout, NAME)
        figures.ends += 1
        figures.taken_up += ended.files - ended.read
        if _published(layout) != _undisturbed(root / f"calm-{figures.ends}", version):
            figures.faults.append("an ingest that was killed and went on gave other bytes")
        if list((layout.root / "reports").glob(".staging-*")):
            figures.faults.append("a work folder is left")
    return figures


def _child(root: Path) -> None:
    ingest(store.Layout(root), NAME)


def _hand_over(folder: Path, version: int) -> None:
    """Write the files of one version; the first months are the same in all of them."""
    for month in range(1, MONTHS + 1):
        more = version if month == MONTHS else 0
        rows = [month_row(unit, f"{month:02d}/2022", 1000 + more, 5 * month) for unit in UNITS]
        path = folder / f"t{month}.xlsx"
        if month == MONTHS or not path.is_file():
            write_sheet(path, rows)


def _undisturbed(root: Path, version: int) -> dict[str, bytes]:
    layout = project(root)
    _hand_over(deliver(layout), version)
    ingest(layout, NAME)
    return _published(layout)


def _seconds(root: Path) -> float:
    started = time.monotonic()
    _undisturbed(root, 0)
    return time.monotonic() - started


def _published(layout: store.Layout) -> dict[str, bytes]:
    """Read all that is published, but for raw hashes: a workbook holds the time it was saved."""
    tables = tree(layout.delivery(NAME))
    return {
        path: content
        for path, content in tables.items()
        if not path.startswith("parts/") and path not in ("ingested.parquet", "sources.parquet")
    }


def _whole(layout: store.Layout, figures: Figures) -> bool:
    """Say whether what is published is one version, whole; note it where it is torn."""
    path = layout.reports(PLACE) / manifest.NAME
    if not path.is_file():
        return not layout.delivery(NAME).exists()
    content = json.loads(path.read_bytes())
    altered = manifest.altered_output(layout, content)
    if content["format"] != FORMAT or altered is not None:
        figures.faults.append(f"a manifest stands beside {altered}")
    return True


def main() -> None:
    """Kill as often as asked and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingest-kills-") as folder:
        found = kill_many(Path(folder), kills=given.kills, seed=given.seed)
    sys.stdout.write(f"{found}\n")
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()
