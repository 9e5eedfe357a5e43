"""Records of released briefings: what each said and what it rested on, one JSON file each.

A record is made from a run's manifest and its numbers when the briefing is released, and kept with
the project: `data/raw/released/<run>-<date of the briefing>.json`. Nothing ever rewrites it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commune_pilots import store
from commune_pilots.errors import InputError, ParameterError
from commune_pilots.params import Run, check_name
from commune_pilots.runs import manifest
from commune_pilots.runs.plan import PAGES

if TYPE_CHECKING:
    import pandas as pd

    from commune_pilots.briefing.changes import Changes

_FACTS = (
    "run", "title", "grade", "option", "data", "province_name", "commit", "dirty", "parameters",
    "versions", "environment",
)  # fmt: skip
_RESULTS = "results"


def briefing_record(content: Mapping[str, Any], results: pd.DataFrame) -> dict[str, Any]:
    """Lay out the record of a briefing from the content of its manifest and its table results.

    `date` is the one printed on it. Of each notebook the record has what it read and wrote, so
    that a reason can be told from a change that cannot reach a number; making the pages is left
    out, and so are earlier records: no number rests on them. Raises ValueError for two numbers of
    one id.
    """
    from commune_pilots.briefing.recorded import recorded_numbers

    steps = {name: step for name, step in content["steps"].items() if name != PAGES}
    modules = sorted({module for step in steps.values() for module in step["modules"]})
    return {
        **{name: content[name] for name in _FACTS},
        "format": store.RELEASE_FORMAT,
        "date": content["parameters"]["briefing_date"],
        "inputs": {file: sha for file, sha in content["inputs"].items() if _counts(file)},
        "modules": {module: content["modules"][module] for module in modules},
        "steps": {
            name: {
                "notebook": step["notebook"],
                "parameters": sorted(step["parameters"]),
                "modules": step["modules"],
                "inputs": [file for file in step["reads"] if file in content["inputs"]
                           and _counts(file)],
                "reads": manifest.tables_in(step["reads"]),
                "writes": manifest.tables_in(step["outputs"]),
            }
            for name, step in steps.items()
        },
        "numbers": recorded_numbers(results),
    }  # fmt: skip


def record_path(layout: store.Layout, run: str, day: str) -> Path:
    """Name the file of a record."""
    return layout.released / f"{run}-{day}.json"


def record_days(layout: store.Layout, run: str) -> list[str]:
    """List the dates of a run's released briefings, the earliest first."""
    digits = "[0-9]"
    pattern = f"{run}-{digits * 4}-{digits * 2}-{digits * 2}.json"
    return sorted(path.stem.removeprefix(f"{run}-") for path in layout.released.glob(pattern))


def last_record(layout: store.Layout, run: str) -> dict[str, Any]:
    """Read the record of a run's last released briefing; raises InputError where there is none."""
    days = record_days(layout, run)
    if not days:
        raise InputError("no_release", run=run, folder=store.RELEASED)
    return store.read_record(record_path(layout, run, days[-1]))


def published_record(layout: store.Layout, run: str) -> dict[str, Any]:
    """Lay out the record that a published run would be released with.

    Raises InputError for a run that is not published or whose outputs were altered, ParameterError
    for what cannot be the name of a run.
    """
    import pandas as pd

    from commune_pilots import schemas

    check_name(run)
    found = manifest.read(layout, run)
    if found is None:
        raise InputError("not_published", run=run)
    if altered := manifest.altered_output(layout, found):
        raise InputError("altered", run=run, file=altered)
    results = pd.read_parquet(layout.processed(run) / f"{_RESULTS}.parquet")
    return briefing_record(found, schemas.check(results, _RESULTS))


def changes_since(
    layout: store.Layout,
    run: Run,
    content: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
) -> Changes | None:
    """Compare a run with its released briefing of the date `since`; None where it names none.

    `content` is its manifest, which may lack the making of the pages. Raises InputError for a
    record that is not there or cannot be read.
    """
    if not run.since:
        return None
    from commune_pilots.briefing.changes import compare

    before = store.read_record(record_path(layout, run.run, run.since))
    return compare(before, briefing_record(content, tables[_RESULTS]))


def check_since(layout: store.Layout, run: str, since: str, *, place: str) -> None:
    """Refuse a date of which the run has no released briefing; raises ParameterError."""
    if since and not record_path(layout, run, since).is_file():
        known = ", ".join(record_days(layout, run)) or "–"
        raise ParameterError("unknown_release", file=place, value=since, run=run, known=known)


def _counts(file: str) -> bool:
    return not file.startswith(f"{store.RELEASED}/")
