"""What an unfinished run left in its work folder, and what a published one can lend to the next."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path

from commune_pilots import store
from commune_pilots.runs import manifest
from commune_pilots.runs.plan import Record, outputs_of

State = tuple[int, int, int]
_PARTS = ("data", "reports", "steps", "kernel.log")


class Work:
    """The work folder of one run, seen under the names its files will be published by."""

    def __init__(self, layout: store.Layout, run: str, folder: Path) -> None:
        self.folder = folder
        self._root = layout.root
        self._places = {
            layout.processed(run).relative_to(layout.root).as_posix(): folder / "data",
            layout.reports(run).relative_to(layout.root).as_posix(): folder / "reports",
        }

    @property
    def data(self) -> Path:
        """Tables at work."""
        return self.folder / "data"

    @property
    def reports(self) -> Path:
        """Notebooks and pages at work."""
        return self.folder / "reports"

    def path(self, published: str) -> Path:
        """Find the file that is, or will be, published under this path from the root."""
        for folder, place in self._places.items():
            if published == folder or published.startswith(f"{folder}/"):
                return place / published[len(folder) + 1 :]
        return self._root / published

    def name(self, path: Path) -> str | None:
        """Name a file or folder by its path from the root; None outside the project."""
        for folder, place in self._places.items():
            if path == place or path.is_relative_to(place):
                return f"{folder}/{path.relative_to(place).as_posix()}".removesuffix("/.")
        if path.is_relative_to(self.folder) or not path.is_relative_to(self._root):
            return None
        return path.relative_to(self._root).as_posix()

    def hash_of(self, published: str) -> str | None:
        """Hash a file, or the names in a folder; None where there is neither."""
        return hash_of(self.path(published))

    def states(self) -> dict[str, State]:
        """Tell the state of every file at work, by its published path."""
        return {
            f"{folder}/{path.relative_to(place).as_posix()}": state_of(path)
            for folder, place in self._places.items()
            for path in sorted(place.rglob("*"))
            if path.is_file()
        }

    @property
    def own(self) -> frozenset[str]:
        """Name the folders that the run itself fills."""
        return frozenset(self._places)

    def clear(self, kept: Collection[str]) -> None:
        """Remove every file but those named, and whatever lies about beside the folders."""
        for name in self.states().keys() - set(kept):
            self.path(name).unlink()
        for left in self.folder.iterdir():
            if left.name not in _PARTS:
                folder = left.is_dir() and not left.is_symlink()
                shutil.rmtree(left) if folder else left.unlink()

    def unclaimed(self, outputs: Mapping[str, str]) -> list[str]:
        """Name what is here without being an output, or is not here as it was made."""
        differing = [name for name, sha in outputs.items() if self.hash_of(name) != sha]
        return sorted({*differing, *(self.states().keys() - outputs.keys())})

    def take_up(self, steps: Collection[str]) -> dict[str, Record]:
        """Read the steps an unfinished run left whole, and remove everything else it left.

        A step that is no longer among `steps` is nobody's, and what it made goes with it.
        """
        records = {}
        for path in sorted((self.folder / "steps").glob("*.json")):
            try:
                record = Record(**json.loads(path.read_text(encoding="utf-8")))
                dict(record.outputs), dict(record.reads)
            except (ValueError, TypeError):
                path.unlink()
                continue
            if path.stem in steps:
                records[path.stem] = record
            else:
                path.unlink()
        self.clear(outputs_of(records.values()))
        return records

    def lend(self, record: Record) -> None:
        """Copy the outputs of a step here from where they are published, unless they are here.

        Of an unfinished run too: a kill in the middle of its swap leaves its tables there.
        """
        for name in record.outputs:
            target = self.path(name)
            if not target.exists() and (self._root / name).is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self._root / name, target)

    def keep(self, step: str, record: Record) -> None:
        """Write down that a step is finished, so that it need not run again."""
        text = json.dumps(asdict(record), ensure_ascii=False, sort_keys=True)
        store.write_bytes(self.folder / "steps" / f"{step}.json", text.encode())

    def forget(self, step: str, record: Record, *, kept: Collection[str] = ()) -> None:
        """Remove a step that does not stand, with its outputs but those another step has made."""
        (self.folder / "steps" / f"{step}.json").unlink(missing_ok=True)
        for name in record.outputs.keys() - set(kept):
            self.path(name).unlink(missing_ok=True)


def state_of(path: Path) -> State:
    """Tell a file's state: it changes when the file is written, moved in or replaced."""
    about = path.stat()
    return about.st_mtime_ns, about.st_size, about.st_ino


def input_states(layout: store.Layout) -> dict[str, State]:
    """Tell the state of every parameter and raw file, by its path from the root."""
    return {
        path.relative_to(layout.root).as_posix(): state_of(path)
        for folder in (layout.params, layout.root / "data" / "raw")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def published_records(layout: store.Layout, run: str) -> dict[str, Record]:
    """Take the steps of a published run out of its manifest; none if it was never published."""
    content = manifest.read(layout, run)
    return manifest.records_of(content) if content else {}


def hash_of(path: Path) -> str | None:
    """Hash a file, or the names in a folder; None where there is neither."""
    if path.is_file():
        return store.sha256(path)
    if path.is_dir():
        names = sorted(entry.name for entry in path.iterdir())
        return store.sha256_bytes("\n".join(names).encode())
    return None
