"""Many kill -9 of a running batch at random instants: nothing published is ever torn or lost.

Short version: `pytest tests/faults/test_kills.py`. Long version, which prints its figures:

    PYTHONPATH=tests .venv/bin/python -m faults.kills --kills 200 --seed 1

After each kill: every run that was published before still is, whole, or was on its way between old
and new outputs, which the next start mends; no kernel is left after two seconds. Whenever a batch
has come to its end: every run is published, its files are those of its manifest and those of a
batch nobody disturbed, no step once finished was executed again, and no work folder is left. Then
the parameters change, so that all runs are due again over what is published.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from faults.fast import Fast, kill
from warmed import template_folder

import commune_pilots

_MOST_IN_A_ROW = 10  # kills before a batch is left to come to its end
_KINDS = ("corrupt", "lost", "orphans", "repeated", "leftovers", "different", "failed")


@dataclass
class Figures:
    """What was seen; `faults` ought to stay empty."""

    kills: int = 0
    ends: int = 0  # batches that came to their end
    in_swap: int = 0  # runs seen between old and new outputs, which the next start has to mend
    finished: int = 0  # steps that were finished when their batch was killed
    seconds: float = 0.0
    faults: list[tuple[str, str, str]] = field(default_factory=list)

    def note(self, kind: str, where: str, what: object) -> None:
        """Note one fault, and say so at once."""
        assert kind in _KINDS
        self.faults.append((kind, where, str(what)))
        sys.stderr.write(f"{kind}: {where}: {what}\n")

    def told(self) -> str:
        """Give the figures in one line."""
        counted = Counter(kind for kind, _, _ in self.faults)
        return (
            f"kills {self.kills}, ends {self.ends}, in swap {self.in_swap}, "
            f"steps finished when killed {self.finished}, "
            + ", ".join(f"{kind} {counted[kind]}" for kind in _KINDS)
            + f", {self.seconds:.0f} s"
        )


def kill_many(fast: Fast, *, kills: int, seed: int) -> Figures:
    """Kill a batch so many times and hold what is there against what must be."""
    figures, rng, started = Figures(), random.Random(seed), time.monotonic()
    expected, length = _undisturbed(fast)
    fast.clear()
    once: set[str] = set()
    generation = 0
    while figures.kills < kills:
        generation = 1 - generation
        fast.ask(generation)
        before, finished = fast.begun(), {}
        for _ in range(min(_MOST_IN_A_ROW, kills - figures.kills)):
            running = fast.start()
            try:
                running.wait(rng.uniform(0, length))
                running.communicate()
                break
            except subprocess.TimeoutExpired:
                kill(running)
            figures.kills += 1
            _look(fast, figures, once, before, finished)
        code, said = fast.finish()
        figures.ends += 1
        where = f"after kill {figures.kills}"
        if code:
            figures.note("failed", where, f"{code}: {said[-500:]}")
        once |= set(fast.published())
        _check_end(fast, figures, where, expected[generation])
        begun = fast.begun() - before
        for step, times in finished.items():
            if begun[step] > times:
                figures.note("repeated", where, f"{step}: {begun[step]} times")
    figures.seconds = time.monotonic() - started
    return figures


def _undisturbed(fast: Fast) -> tuple[dict[int, dict[str, str]], float]:
    """Make what nobody disturbs, of both generations, from nothing; and time it."""
    expected, length = {}, 0.0
    for generation in (1, 0):
        fast.clear()
        fast.ask(generation)
        started = time.monotonic()
        code, said = fast.finish()
        assert code == 0, said
        length = time.monotonic() - started
        expected[generation] = fast.bytes()
    return expected, length


def _look(
    fast: Fast,
    figures: Figures,
    once: set[str],
    before: Counter[tuple[str, str]],
    finished: dict[tuple[str, str], int],
) -> None:
    """Look at a project right after a kill."""
    where = f"kill {figures.kills}"
    if not fast.no_kernel_left():
        figures.note("orphans", where, fast.kernels())
    for run in fast.altered():
        figures.note("corrupt", where, run)
    for run in once - set(fast.published()):
        if (fast.root / "reports" / f".old-{run}").is_dir():
            figures.in_swap += 1
        else:
            figures.note("lost", where, run)
    begun = fast.begun() - before
    for step in fast.finished():
        figures.finished += step not in finished
        finished.setdefault(step, begun[step])


def _check_end(fast: Fast, figures: Figures, where: str, expected: dict[str, str]) -> None:
    """Look at a project whose batch has come to its end."""
    if missing := set(fast.runs) - set(fast.published()):
        figures.note("lost", where, sorted(missing))
    for run in fast.altered():
        figures.note("corrupt", where, run)
    if left := fast.leftovers():
        figures.note("leftovers", where, left)
    found = fast.bytes()
    if differing := {path for path in {*found, *expected} if found.get(path) != expected.get(path)}:
        figures.note("different", where, sorted(differing)[:5])


def main() -> None:
    """Run the long version and print its figures; ends with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with template_folder() as runtime, tempfile.TemporaryDirectory() as folder:
        # A copy of the package: nobody edits it while this goes on.
        source = Path(folder) / "source"
        shutil.copytree(Path(commune_pilots.__file__).parent, source / "commune_pilots")
        fast = Fast(Path(folder), runtime, runs=3, source=source)
        figures = kill_many(fast, kills=given.kills, seed=given.seed)
    sys.stdout.write(f"{figures.told()}\n")
    raise SystemExit(bool(figures.faults))


if __name__ == "__main__":
    main()
