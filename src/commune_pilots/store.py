"""The only module that knows folder names: tables in and out, checked both ways, written whole.

Pandas is imported where a table is touched: most of what the command line does touches none.

The runner points a run at its staging folders through PILOTS_STAGING; a notebook opened by hand has
no such variable and reads and writes the run's own folders.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commune_pilots.errors import InputError, WriteError

if TYPE_CHECKING:
    import pandas as pd

ROOT_VARIABLE = "PILOTS_ROOT"
STAGING_VARIABLE = "PILOTS_STAGING"
RUN_VARIABLE = "PILOTS_RUN"
RAW_PRESS = "data/raw/press"
DELIVERIES = "data/raw/deliveries"
STUDIES = "data/raw/studies"
RELEASED = "data/raw/released"
RELEASE_FORMAT = 1
SHIPPED = "project"  # beside the modules of an installed package


@dataclass(frozen=True, slots=True)
class Layout:
    """Every folder of the project, from its root."""

    root: Path

    @property
    def params(self) -> Path:
        """Parameters: base.yml, runs, batches, indicators.yml, corrections.yml."""
        return self.root / "params"

    @property
    def raw_press(self) -> Path:
        """Press tables as transcribed."""
        return self.root / RAW_PRESS

    @property
    def notebooks(self) -> Path:
        """The six notebooks, in the order of their numbers."""
        return self.root / "notebooks"

    @property
    def released(self) -> Path:
        """Records of released briefings, kept with the project."""
        return self.root / RELEASED

    @property
    def deliveries(self) -> Path:
        """Files as offices handed them over, a folder each; they stay on this machine."""
        return self.root / DELIVERIES

    def study(self, name: str) -> Path:
        """Workbook of a study: the figures that a province filled in itself."""
        return self.root / study_place(name)

    def processed(self, run: str) -> Path:
        """Published tables of one run."""
        return self.root / "data" / "processed" / run

    def delivery(self, name: str) -> Path:
        """Published tables of one delivery; no run can have the name of its folder."""
        return self.processed(delivery_place(name))

    def reports(self, run: str) -> Path:
        """Published notebooks, briefing and manifest of one run."""
        return self.root / "reports" / run

    @property
    def releases(self) -> Path:
        """Released briefings, a folder each: they are records, and no run touches them."""
        return self.root / "reports" / "released"

    def failed(self, run: str) -> Path:
        """Where a run that failed keeps its notebooks, apart from anything published."""
        return self.root / "reports" / f"{run}.failed"


def study_place(name: str) -> str:
    """Name the workbook of a study from the project's root."""
    return f"{STUDIES}/{name}/{name}.xlsx"


def delivery_place(name: str) -> str:
    """Name the folders of a delivery among those of runs; no run can be called so."""
    return f"delivery-{name}"


def find_root(start: Path | None = None) -> Layout:
    """Find the project's root: PILOTS_ROOT, or the nearest folder above that holds params/base.yml.

    Raises InputError outside a project.
    """
    if given := os.environ.get(ROOT_VARIABLE):
        return Layout(Path(given).resolve())
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "params" / "base.yml").is_file():
            return Layout(folder)
    raise InputError("no_project", folder=here.as_posix())


def shipped_project() -> Path:
    """Find what a new project is made of: shipped with the package, or the clone it runs from."""
    package = Path(__file__).resolve().parent
    shipped = package / SHIPPED
    return shipped if shipped.is_dir() else package.parents[1]


@dataclass(frozen=True, slots=True)
class Project:
    """One run's view of the project: read and write its tables and pages."""

    run: str

    @property
    def layout(self) -> Layout:
        """The project's folders."""
        return find_root()

    @property
    def tables(self) -> Path:
        """Folder of this run's tables: staging under the runner, else the run's own."""
        staging = os.environ.get(STAGING_VARIABLE)
        at_work = staging and os.environ.get(RUN_VARIABLE, self.run) == self.run
        return Path(str(staging)) / "data" if at_work else self.layout.processed(self.run)

    def read(self, table: str) -> pd.DataFrame:
        """Read one table and hold it against its contract.

        Raises InputError if an earlier notebook has not written it, ContractError if it is broken.
        """
        import pandas as pd

        from commune_pilots import schemas

        path = self.tables / f"{table}.parquet"
        if not path.is_file():
            raise InputError("table_missing", table=table, run=self.run)
        try:
            # Bytes, not the path: what Python opens is seen to be read (runs.reads).
            frame = pd.read_parquet(io.BytesIO(path.read_bytes()))
        except (ValueError, OSError) as damaged:
            raise InputError("table_damaged", table=table, run=self.run) from damaged
        return schemas.check(frame, table, file=path.name)

    def read_all(self, *tables: str) -> dict[str, pd.DataFrame]:
        """Read several tables, each held against its contract, by name."""
        return {table: self.read(table) for table in tables}

    def released(self, since: str) -> dict[str, Any] | None:
        """Read the record of this run's briefing of a date; None where no date is given.

        Raises InputError for a record that is not there or cannot be read.
        """
        return read_record(self.layout.released / f"{self.run}-{since}.json") if since else None

    def write(self, **tables: pd.DataFrame) -> pd.DataFrame:
        """Check and write tables, each whole or not at all; returns what was written and where."""
        import pandas as pd

        from commune_pilots import schemas

        written = []
        for name, frame in tables.items():
            checked = schemas.check(frame.reset_index(drop=True), name)
            write_bytes(self.tables / f"{name}.parquet", checked.to_parquet(index=False))
            written.append(
                {"table": name, "rows": len(frame), "file": f"{self.run}/{name}.parquet"}
            )
        return pd.DataFrame(written)


def read_record(path: Path) -> dict[str, Any]:
    """Read the record of a released briefing (runs.released).

    Raises InputError for one that is not there, is not JSON, or is of another format.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as absent:
        raise InputError("file_missing", file=path.as_posix()) from absent
    except (OSError, ValueError) as damaged:
        raise InputError("bad_record", file=path.as_posix(), reason=str(damaged)) from damaged
    if not isinstance(content, dict) or content.get("format") != RELEASE_FORMAT:
        raise InputError("bad_record", file=path.as_posix(), reason=f"format {RELEASE_FORMAT}")
    return content


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole: beside its place first, synced, then renamed.

    Raises WriteError naming the file and the system's reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            beside.chmod(0o644)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as refused:
        raise WriteError("cannot_write", file=path.as_posix(), reason=refused.strerror) from refused


def sha256(path: Path) -> str:
    """Hash a file's bytes."""
    return sha256_bytes(path.read_bytes())


def sha256_bytes(content: bytes) -> str:
    """Hash bytes."""
    return hashlib.sha256(content).hexdigest()
