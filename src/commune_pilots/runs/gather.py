"""What a whole batch publishes: the numbers of all its runs in one table, and its provenance."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commune_pilots import store
from commune_pilots.briefing.tables import RUNS_AS_FORMULA
from commune_pilots.errors import InputError, ParameterError, WriteError
from commune_pilots.runs import locks, manifest
from commune_pilots.runs.inventory import Inventory

if TYPE_CHECKING:
    import pandas as pd

NAME = "batch.json"
# Simulated numbers never meet press figures, not even in a file name.
_NAMES = {"press": "results", "simulated": "results_simulated"}


def gather(inventory: Inventory, batch: str, runs: Mapping[str, str]) -> Path:
    """Write reports/<batch>: the results of its runs, in their order, and its RO-Crate.

    `runs` gives the key of each run as the batch left it.

    All files appear at once, or none. What was gathered from the same runs by the same code and
    still has the same bytes is left alone. Raises WriteError, ParameterError where a run is
    published under the name of the batch, and InputError where a run was published anew meanwhile
    or two runs rest on different versions of one input.
    """
    layout = inventory.layout
    final, work = layout.reports(batch), layout.reports(f".staging-{batch}")
    if (final / manifest.NAME).exists():
        raise ParameterError("batch_named_as_run", file=f"params/batches/{batch}", run=batch)
    manifests = {run: found for run in runs if (found := manifest.read(layout, run))}
    _refuse_mixed(runs, manifests)
    about = {"batch": batch, "runs": dict(runs), "order": list(runs), "code": inventory.digest}
    try:
        with layout.reports(f".lock-{batch}").open("w") as lock:
            locks.take(lock, wait=True)
            if not _stands(final, about):
                shutil.rmtree(work, ignore_errors=True)
                _fill(layout, work, about, manifests)
                _swap(work, final)
    except OSError as refused:
        raise WriteError(
            "cannot_write", file=final.as_posix(), reason=refused.strerror
        ) from refused
    return final


def _fill(
    layout: store.Layout,
    work: Path,
    about: Mapping[str, Any],
    manifests: Mapping[str, Mapping[str, Any]],
) -> None:
    files = {
        **_results({run: results_of(layout, manifests[run]) for run in about["order"]}),
        **_crate(work, about["batch"], list(manifests.values()), layout.root),
    }
    for name, content in files.items():
        store.write_bytes(work / name, content)
    outputs = {name: store.sha256_bytes(content) for name, content in files.items()}
    store.write_bytes(work / NAME, manifest.to_bytes({**about, "outputs": outputs}))


def _stands(folder: Path, about: Mapping[str, Any]) -> bool:
    """Say whether a folder holds what would be gathered again, byte for byte."""
    try:
        told = json.loads((folder / NAME).read_text(encoding="utf-8"))
        outputs = told.pop("outputs")
        return bool(
            told == about
            and all(store.sha256(folder / name) == sha for name, sha in outputs.items())
        )
    except (OSError, ValueError, KeyError, AttributeError):
        return False


def _results(frames: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Put the results of runs into one table a kind of data, as Parquet and as CSV."""
    import pandas as pd

    from commune_pilots import schemas

    files = {}
    together = pd.concat(list(frames.values()), ignore_index=True)
    for data, frame in together.groupby("data", sort=True):
        chosen = schemas.check(frame.reset_index(drop=True), "results")
        files[f"{_NAMES[str(data)]}.parquet"] = chosen.to_parquet(index=False)
        files[f"{_NAMES[str(data)]}.csv"] = to_csv(chosen)
    return files


def _crate(
    folder: Path, batch: str, manifests: Sequence[Mapping[str, Any]], root: Path
) -> dict[str, bytes]:
    from commune_pilots.runs.crate import WORKFLOW, write_crate

    published = max(found["parameters"]["briefing_date"] for found in manifests)
    tables = sorted((root / "params" / "batches").glob(f"{batch}.*"))
    there = [path for path in (root / WORKFLOW, *tables) if path.is_file()]
    path = write_crate(
        folder,
        name=batch,
        manifests=manifests,
        root=root,
        published=published,
        workflow=there[0].relative_to(root).as_posix() if there else WORKFLOW,
    )
    return {path.name: path.read_bytes()}


def _refuse_mixed(runs: Mapping[str, str], manifests: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse runs that are not as the batch left them, or rest on two versions of one input."""
    inputs: dict[str, str] = {}
    for run, key in runs.items():
        if run not in manifests or manifests[run]["key"] != key:
            raise InputError("changed_meanwhile", file=f"reports/{run}/{manifest.NAME}")
        for file, sha in manifests[run]["inputs"].items():
            if inputs.setdefault(file, sha) != sha:
                raise InputError("changed_meanwhile", file=file)


def results_of(layout: store.Layout, published: Mapping[str, Any]) -> pd.DataFrame:
    """Read the numbers that one published run recorded, if they are as its manifest has them.

    Raises InputError for a table that is missing or altered.
    """
    import pandas as pd

    from commune_pilots import schemas

    content = table_bytes(layout, published, "results")
    return schemas.check(pd.read_parquet(io.BytesIO(content)), "results", file="results.parquet")


def table_bytes(layout: store.Layout, published: Mapping[str, Any], table: str) -> bytes:
    """Read a table of one published run as it stands, if it is as its manifest has it.

    Raises InputError for a table that is missing or altered.
    """
    name = f"data/processed/{published['run']}/{table}.parquet"
    content = (layout.root / name).read_bytes() if (layout.root / name).is_file() else b""
    if store.sha256_bytes(content) != published["outputs"].get(name):
        raise InputError("altered", run=published["run"], file=name)
    return content


def to_csv(frame: pd.DataFrame) -> bytes:
    """Write a table for a spreadsheet: UTF-8 with a mark, no text that would run as a formula."""
    safe = frame.copy()
    texts: list[str] = list(safe.select_dtypes("str"))
    for column in texts:
        risky = safe[column].str.startswith(RUNS_AS_FORMULA, na=False)
        safe.loc[risky, column] = "'" + safe.loc[risky, column]
    # With both characters as the end of a line, text that holds either of them is quoted.
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _swap(work: Path, final: Path) -> None:
    """Put a folder in place of another; if that fails the other is there again."""
    old = final.with_name(f".old-{final.name}")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.replace(old)
    try:
        work.replace(final)
    except OSError:
        if old.exists():
            old.replace(final)
        raise
    shutil.rmtree(old, ignore_errors=True)
