"""A project of three small notebooks and a batch over them, to be harmed: a run takes a second.

01 writes the tables that pages and batch quote, 02 one more, 03 shows the headline. Each notebook
writes down that it was begun, and by which process, in a file outside the project.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from built import copy_project, findings_of
from warmed import alive, children_of, eventually, templates

from commune_pilots import store
from commune_pilots.runs import manifest
from commune_pilots.runs.run import QUOTED

BATCH = "fast"
LOG_VARIABLE = "FAULTS_LOG"
STEPS = ("01_make", "02_measure", "03_show")
_TABLES = (*QUOTED, "results")
_BEGIN = """
import io, os, time
from pathlib import Path
import pandas as pd
tables = Path(os.environ["PILOTS_STAGING"]) / "data"
with open(os.environ["FAULTS_LOG"], "a") as log:
    log.write(f"{run} STEP {os.getpid()}\\n")
time.sleep(0.05)
"""
_CODE = {
    "01_make": """
raw = Path(os.environ["PILOTS_ROOT"]) / "data" / "raw" / "fast"
for path in sorted(raw.glob("*.parquet")):
    table = pd.read_parquet(io.BytesIO(path.read_bytes()))
    if path.stem == "results":
        table = table.assign(run=run)
    (tables / path.name).write_bytes(table.to_parquet(index=False))
(tables / "asked.txt").write_text(f"{least_change}")
""",
    "02_measure": """
asked = (tables / "asked.txt").read_text()
(tables / "measured.txt").write_text(asked * 1000)
""",
    "03_show": """
from IPython.display import HTML
HTML(f"<h1>{run}</h1><p id='main'>{(tables / 'measured.txt').read_text()[:20]}</p>")
""",
}


class Fast:
    """The project, its templates' folder, and what its notebooks wrote down."""

    def __init__(
        self, folder: Path, runtime: Path, *, runs: int = 4, source: Path | None = None
    ) -> None:
        """Write the project; `source` is where the package is taken from, if not from ours."""
        self.root = folder / "project"
        self.root.mkdir(parents=True)
        self.layout = copy_project(self.root, notebooks=[])
        self.runtime = runtime
        self.source = source
        self.log = folder / "begun.txt"
        self.log.touch()
        self.runs = [f"fast_{number}" for number in range(runs)]
        raw = self.root / "data" / "raw" / "fast"
        raw.mkdir()
        found = findings_of("smoke").tables
        for name in _TABLES:
            (raw / f"{name}.parquet").write_bytes(found[name].to_parquet(index=False))
        for name in STEPS:
            self.write(name)
        self.ask(0)

    def write(self, name: str, extra: str = "") -> None:
        """Write one notebook, with code that goes wrong before the code that does the work."""
        declared = 'run = "smoke"' + ("\nleast_change = 10.0" if name == "01_make" else "")
        sources = [declared, _BEGIN.replace("STEP", name), extra or "pass", _CODE[name].strip()]
        cells = [
            {
                "cell_type": "code",
                "id": f"cell-{place}",
                "metadata": {"tags": ["parameters"]} if place == 0 else {},
                "source": source.strip(),
                "outputs": [],
                "execution_count": None,
            }
            for place, source in enumerate(sources)
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        content = {"cells": cells, "metadata": {"kernelspec": kernel}}
        content |= {"nbformat": 4, "nbformat_minor": 5}
        (self.layout.notebooks / f"{name}.ipynb").write_text(json.dumps(content))

    def ask(self, generation: int, **columns: object) -> None:
        """Write the batch table; another generation makes every run due again."""
        rows = [
            f"{run},smoke,{10 + place + generation / 1000},{','.join(map(str, columns.values()))}"
            for place, run in enumerate(self.runs)
        ]
        header = ",".join(["run", "like", "least_change", *columns]) + (
            "" if columns else ",cell_timeout"
        )
        rows = [row if columns else f"{row}60" for row in rows]
        path = self.layout.params / "batches" / f"{BATCH}.csv"
        path.write_text("\n".join([header, *rows]) + "\n")

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start the batch in a session of its own."""
        given = {**os.environ, LOG_VARIABLE: str(self.log), "PILOTS_LANG": "en"}
        if self.source:
            given["PYTHONPATH"] = str(self.source)
        command = [sys.executable, "-c", "from commune_pilots.cli import main; main()"]
        return subprocess.Popen(
            [*command, "batch", BATCH, *words],
            cwd=self.root,
            env=given,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self, *words: str, seconds: float = 120) -> tuple[int, str]:
        """Run the batch to its end; gives exit code and what it said."""
        with self.start(*words) as running:
            said, _ = running.communicate(timeout=seconds)
        return running.returncode, said

    def begun(self) -> Counter[tuple[str, str]]:
        """Count how often each step of each run was begun."""
        return Counter(tuple(line.split()[:2]) for line in self.log.read_text().splitlines())

    def finished(self) -> set[tuple[str, str]]:
        """Name the steps that are on disk as finished and not published yet."""
        return {
            (path.parents[1].name.removeprefix(".staging-"), path.stem)
            for path in (self.root / "reports").glob(".staging-*/steps/*.json")
        }

    def published(self) -> list[str]:
        """Name the runs that have a manifest."""
        return [run for run in self.runs if manifest.read(self.layout, run)]

    def altered(self) -> list[str]:
        """Name the published runs that do not stand byte for byte as their manifest says."""
        found = {run: manifest.read(self.layout, run) for run in self.runs}
        return [
            run
            for run, told in found.items()
            if told and manifest.altered_output(self.layout, told)
        ]

    def kernels(self) -> list[int]:
        """Name every kernel of this project that still runs, and what its cells started."""
        noted = {int(line.split()[2]) for line in self.log.read_text().splitlines()}
        forked = {pid for template in templates(self.runtime) for pid in children_of(template)}
        return [pid for pid in noted | forked if alive(pid) and _is_python(pid)]

    def no_kernel_left(self, seconds: float = 2) -> bool:
        """Say whether every kernel is gone after a moment."""
        return eventually(lambda: not self.kernels(), seconds)

    def leftovers(self) -> list[str]:
        """Name what a batch that came to its end must not leave behind."""
        places = (self.root / "reports", self.root / "data" / "processed")
        hidden = [path for place in places for path in place.rglob(".*")]
        left = [path.name for path in hidden if not path.name.startswith(".lock-")]
        left += [path.name for place in places for path in place.glob("*.failed")]
        return sorted(left + [path.name for path in self.runtime.glob("k-*")])

    def bytes(self) -> dict[str, str]:
        """Hash everything published, but for what tells of the execution itself."""
        return {
            path.relative_to(self.root).as_posix(): store.sha256(path)
            for place in ("reports", "data/processed")
            for path in sorted((self.root / place).rglob("*"))
            if path.is_file() and path.name != manifest.VOLATILE
            if not any(part.startswith(".") for part in path.relative_to(self.root).parts)
        }

    def clear(self) -> None:
        """Forget everything published."""
        for place in ("reports", "data/processed"):
            shutil.rmtree(self.root / place, ignore_errors=True)


def kill(running: subprocess.Popen[str], number: int = signal.SIGKILL) -> int:
    """Signal a runner, and only it, and wait for its end; gives its exit code."""
    with suppress(ProcessLookupError):
        os.kill(running.pid, number)
    running.communicate(timeout=60)
    return running.returncode


def wait_for(fast: Fast, step: str, running: subprocess.Popen[str], seconds: float = 60) -> None:
    """Wait until some run has begun a step."""
    deadline = time.monotonic() + seconds
    while not any(name == step for _, name in fast.begun()):
        assert running.poll() is None, running.communicate()[0]
        assert time.monotonic() < deadline, f"{step} was never begun"
        time.sleep(0.01)


def _is_python(pid: int) -> bool:
    """Say whether a process is an interpreter; a number may have been given to another since."""
    try:
        return b"python" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
