"""Many runs at once: checked first, executed side by side, gathered at the end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from commune_pilots import store
from commune_pilots.errors import (
    DefectError,
    InputError,
    KernelDiedError,
    PilotsError,
    StoppedError,
)
from commune_pilots.runs.halt import Halt
from commune_pilots.runs.inventory import Inventory, read_inventory
from commune_pilots.runs.run import Done, Job, execute_run

Report = Callable[["Outcome"], None]
Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one run of a batch: done, or the error that stopped it."""

    run: str
    done: Done | None = None
    error: PilotsError | None = None


def usual_workers() -> int:
    """Say how many runs go on at once by default: the cores there are for us, and one more.

    A kernel is a process of its own; its client waits most of the time.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) + 1
    return (os.cpu_count() or 1) + 1


def execute_batch(
    inventory: Inventory,
    jobs: Sequence[Job],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    halt: Halt | None = None,
    report: Report = lambda _: None,
    progress: Progress = lambda run, step: None,
) -> list[Outcome]:
    """Execute runs whose parameters are checked, several at a time; one failure stops no other.

    Locally in threads of this process, each with kernels of its own; on an `executor` (that of a
    dask cluster, for example) in whatever processes it has, which need the project installed and
    its folder at the same path. Outcomes come in the order of the jobs. When execution is halted,
    what has not begun is not begun, and what has begun ends with a StoppedError.
    """
    halt = halt or Halt()
    outcomes: dict[str, Outcome] = {}
    remote = executor is not None
    with executor or ThreadPoolExecutor(workers or usual_workers()) as pool:
        waiting: dict[Future[Outcome], str] = {}
        for job in jobs:
            if remote:
                future = pool.submit(perform, str(inventory.layout.root), job, inventory.digest)
            else:
                future = pool.submit(_attempt, inventory, job, halt, progress)
            waiting[future] = job.run.run
        with _cancelling(waiting, halt):
            for finished in as_completed(waiting):
                outcome = _outcome_of(finished, waiting[finished], remote=remote)
                outcomes[outcome.run] = outcome
                report(outcome)
    return [outcomes[job.run.run] for job in jobs]


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let a signal that ends a program end a batch cleanly, with the exit code 128 + n."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        stopped = StoppedError("stopped_all")
        stopped.exit_code = 128 + number
        raise stopped

    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def perform(root: str, job: Job, expected: str) -> Outcome:
    """Execute one run on a worker: the project is read there, and must be the one sent from.

    Gives an outcome with an InputError where code, notebooks or environment differ.
    """
    try:
        inventory = read_inventory(store.Layout(Path(root)))
        if inventory.digest != expected:
            raise InputError("worker_differs", run=job.run.run)
    except PilotsError as error:
        return Outcome(run=job.run.run, error=error)
    return _attempt(inventory, job, Halt(), lambda run, step: None)


@contextmanager
def _cancelling(waiting: dict[Future[Outcome], str], halt: Halt) -> Iterator[None]:
    """When the wait is broken off, cancel what has not begun and stop what has."""
    try:
        yield
    except BaseException:
        for future in waiting:
            future.cancel()
        halt.stop()
        raise


def _outcome_of(finished: Future[Outcome], run: str, *, remote: bool) -> Outcome:
    try:
        return finished.result()
    except Exception as lost:
        if not remote:
            return Outcome(run=run, error=DefectError.of(lost))
        # An executor has its own ways to lose a worker.
        error = KernelDiedError(
            "worker_lost", run=run, reason=f"{type(lost).__name__}: {lost}"[:300]
        )
        return Outcome(run=run, error=error)


def _attempt(inventory: Inventory, job: Job, halt: Halt, progress: Progress) -> Outcome:
    name = job.run.run
    try:
        if halt.asked:
            raise StoppedError("stopped", run=name)
        done = execute_run(inventory, job, halt=halt, progress=lambda step: progress(name, step))
    except PilotsError as error:
        return Outcome(run=name, error=error)
    return Outcome(run=name, done=done)
