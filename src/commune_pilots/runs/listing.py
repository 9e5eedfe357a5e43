"""The pages over every published run: the list, the evidence map, how to read a briefing."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commune_pilots import store
from commune_pilots.briefing.entries import Entry, Release
from commune_pilots.errors import InputError
from commune_pilots.runs import manifest
from commune_pilots.runs.gather import table_bytes
from commune_pilots.runs.run import BRIEFINGS, REQUESTS

if TYPE_CHECKING:
    from commune_pilots.briefing.evidence_map import Covered

RELEASED = "released"
RELEASE = "release.json"


def write_index(layout: store.Layout) -> Path:
    """Write reports/index.html over every published run, and the two pages it links to.

    Runs come in the order of their names. A page that would be the same is not written again.
    """
    from commune_pilots.briefing.evidence_map import map_runs
    from commune_pilots.briefing.evidence_page import evidence_page
    from commune_pilots.briefing.index import EVIDENCE, READING, index_page
    from commune_pilots.briefing.reading import reading_guide, reading_page

    folder = layout.root / "reports"
    published = [
        content
        for path in sorted(folder.glob(f"*/{manifest.NAME}"))
        if not path.parent.name.startswith(".")
        and (content := manifest.read(layout, path.parent.name)) is not None
    ]
    released = _released(folder)
    entries = [_entry(content, released.get(content["run"], ())) for content in published]
    covered, left_out = _covered(layout, published)
    found = map_runs(covered, left_out=left_out)
    path = folder / "index.html"
    pages = {
        path: index_page(entries, found=found),
        folder / EVIDENCE: evidence_page(found, index=path.name),
        folder / READING: reading_page(reading_guide(), index=path.name),
    }
    for place, page in pages.items():
        if not place.is_file() or place.read_bytes() != page.encode():
            store.write_bytes(place, page.encode())
    return path


def _entry(content: Mapping[str, Any], released: Sequence[Release]) -> Entry:
    """Take a row of the list out of a manifest; the last two steps are no notebooks to read."""
    run = content["run"]
    return Entry(
        run=run,
        title=content["title"],
        grade=content["grade"],
        option=content["option"],
        data=content["data"],
        status=content["parameters"]["status"],
        province=content["parameters"]["province"],
        province_name=content["province_name"],
        href=f"{run}/{BRIEFINGS[content['data']]}",
        notebooks=[f"{run}/{name}.html" for name in sorted(content["steps"])][:-2],
        released=released,
    )


def _released(folder: Path) -> dict[str, list[Release]]:
    """List the releases of each run, the latest first; what cannot be read is not listed.

    A release leads to the briefing in its folder, or to its record where there is none.
    """
    found: dict[str, list[Release]] = defaultdict(list)
    for path in sorted(folder.glob(f"{RELEASED}/*/{RELEASE}")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            run, day = str(content["run"]), date.fromisoformat(content["date"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        pages = (path.with_name(name) for name in BRIEFINGS.values())
        target = next((page for page in pages if page.is_file()), path)
        href = target.relative_to(folder).as_posix()
        found[run].append(Release(day=day, href=href))
    return {
        run: sorted(each, key=lambda release: release.day, reverse=True)
        for run, each in found.items()
    }


def _covered(
    layout: store.Layout, published: Sequence[Mapping[str, Any]]
) -> tuple[list[Covered], list[str]]:
    """Take what the evidence map shows of runs on press figures; name those it cannot read.

    Tables that are the same by their hashes are read once: many runs share one register.
    """
    import pandas as pd

    from commune_pilots.briefing.evidence_map import TABLES, Covered

    read: dict[tuple[str, str], pd.DataFrame] = {}
    covered, left_out = [], []
    for content in published:
        if content["data"] != "press":
            continue
        run, outputs = content["run"], content["outputs"]
        hashes = [
            (name, outputs.get(f"data/processed/{run}/{name}.parquet", "")) for name in TABLES
        ]
        try:
            for name, sha in hashes:
                if (name, sha) not in read:
                    # Held against its contract when it was written, and unaltered since.
                    found = io.BytesIO(table_bytes(layout, content, name))
                    read[name, sha] = pd.read_parquet(found)
        except InputError:
            left_out.append(run)
            continue
        form = f"{run}/{REQUESTS['press']}"
        covered.append(
            Covered(
                run=run,
                data=content["data"],
                interventions=read[hashes[0]],
                units=read[hashes[1]],
                briefing=f"{run}/{BRIEFINGS['press']}",
                request=form if f"reports/{form}" in outputs else "",
            )
        )
    return covered, left_out
