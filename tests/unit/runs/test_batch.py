"""Many runs at once: each has its outcome, none stops another, and all can be stopped."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import pytest
import tiny

from commune_pilots.errors import (
    InputError,
    KernelDiedError,
    LockedError,
    NotebookError,
    StoppedError,
    WriteError,
)
from commune_pilots.runs import batch, manifest, publish
from commune_pilots.runs.batch import ended_by_signals, execute_batch, perform
from commune_pilots.runs.halt import Halt
from commune_pilots.runs.inventory import read_inventory

RUNS = ("long_an", "bac_kan", "hau_giang")
WHERE = {"run": "bac_kan", "notebook": "notebooks/02_measure.ipynb", "kept": "k"}
CELL = NotebookError("cell_failed", cell="c", line="1", name="E", message="m", **WHERE)
ENDING = [signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def run(layout, kernels):
    def execute(*names, **how):
        jobs = [tiny.job(layout, name, retries=0) for name in names or RUNS]
        return execute_batch(read_inventory(layout), jobs, **how)

    return execute


class Travelling(Executor):
    """Runs each job at once, as another process would: what goes in and comes out is pickled."""

    def __init__(self, lose=()):
        self.lose = lose
        self.ended = False

    def submit(self, function, /, *given, **named):
        future = Future()
        function, given = pickle.loads(pickle.dumps((function, given)))
        if given[1].run.run in self.lose:
            future.set_exception(BrokenProcessPool("a worker died"))
        else:
            future.set_result(pickle.loads(pickle.dumps(function(*given, **named))))
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.ended = True


def _failing(kernels, name, error=CELL):
    def fail(setting):
        if setting.run == name:
            raise error

    kernels.also["02_measure"] = fail


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_outcomes_come_in_the_order_of_the_jobs_however_many_work(run, kernels, workers):
    first = threading.Event()

    def wait(setting):
        if setting.run == "long_an" and workers > 1:
            first.wait(10)
        if setting.run == "hau_giang":
            first.set()

    kernels.also["01_clean"] = wait if workers > 2 else lambda _: None
    outcomes = run(workers=workers)
    assert [outcome.run for outcome in outcomes] == [*RUNS]
    assert all(outcome.done.ran and outcome.error is None for outcome in outcomes)


def test_runs_go_side_by_side_when_asked(run, kernels):
    together = threading.Barrier(2, timeout=10)
    kernels.also["01_clean"] = lambda _: together.wait()
    assert all(outcome.done for outcome in run("long_an", "bac_kan", workers=2))


def test_one_run_at_a_time_goes_in_the_order_of_the_jobs(run, kernels):
    run(workers=1)
    assert [name for name, step in kernels.executed if step == "01_clean"] == [*RUNS]


@pytest.mark.parametrize("executor", [None, Travelling()], ids=["threads", "executor"])
def test_one_failure_stops_no_other(layout, run, kernels, executor):
    _failing(kernels, "bac_kan")
    outcomes = run(executor=executor)
    assert [bool(outcome.done) for outcome in outcomes] == [True, False, True]
    assert outcomes[1].error.sentence("vi") == CELL.sentence("vi")
    assert not layout.reports("bac_kan").exists()
    assert (layout.reports("hau_giang") / "briefing.html").is_file()


@pytest.mark.parametrize(
    "error",
    [WriteError("cannot_write", file="f", reason="r"), InputError("altered", run="r", file="f")],
)
def test_any_error_of_the_tree_is_an_outcome_with_its_own_code(run, kernels, error):
    _failing(kernels, "bac_kan", error)
    assert [outcome.error and outcome.error.exit_code for outcome in run()] == [
        None,
        error.exit_code,
        None,
    ]


def test_a_defect_in_one_run_stops_no_other_and_is_told(run, kernels):
    _failing(kernels, "bac_kan", ZeroDivisionError("wires crossed"))
    outcomes = run()
    assert [bool(outcome.done) for outcome in outcomes] == [True, False, True]
    assert "wires crossed" in outcomes[1].error.sentence("en")


def test_a_run_held_by_another_process_is_an_outcome_like_any_other(layout, run, kernels):
    with publish.staging(layout, "bac_kan"):
        outcomes = run()
    assert isinstance(outcomes[1].error, LockedError)
    assert [bool(outcome.done) for outcome in outcomes] == [True, False, True]


def test_each_outcome_is_reported_once_and_progress_names_run_and_step(run, kernels):
    reported, steps = [], []
    run(
        report=lambda outcome: reported.append(outcome.run),
        progress=lambda name, step: steps.append((name, step)),
    )
    assert sorted(reported) == sorted(RUNS)
    assert sorted(steps) == sorted((name, s) for name in RUNS for s in (*tiny.STEPS, "pages"))


def test_what_stands_is_not_executed_and_says_so(run, kernels):
    run()
    kernels.executed.clear()
    assert [outcome.done.ran for outcome in run()] == [False] * 3
    assert kernels.steps == []


def test_no_job_is_no_outcome(run, layout):
    assert execute_batch(tiny.read(layout), []) == []


def test_after_a_halt_nothing_begins_and_every_run_says_it_was_stopped(layout, run, kernels):
    halt = Halt()
    halt.stop()
    outcomes = run(halt=halt)
    assert [type(outcome.error) for outcome in outcomes] == [StoppedError] * 3
    assert {outcome.error.values["run"] for outcome in outcomes} == set(RUNS)
    assert kernels.steps == []
    assert not (layout.root / "reports").exists()


def test_a_halt_meanwhile_ends_what_has_begun_and_begins_nothing_more(layout, run, kernels):
    halt = Halt()
    kernels.also["02_measure"] = lambda _: halt.stop()
    outcomes = run(halt=halt, workers=1)
    assert [type(outcome.error) for outcome in outcomes] == [StoppedError] * 3
    assert kernels.steps == ["01_clean", "02_measure"]
    assert not list((layout.root / "reports").glob("*.failed"))


def test_what_was_finished_before_a_halt_is_not_executed_again(run, kernels):
    halt = Halt()
    kernels.also["02_measure"] = lambda _: halt.stop()
    run("long_an", halt=halt)
    kernels.also.clear()
    [outcome] = run("long_an")
    assert outcome.done.steps == ("03_write", "pages")


def test_a_report_that_breaks_off_the_batch_stops_the_others(run, kernels):
    halt = Halt()

    def report(_):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run(halt=halt, workers=1, report=report)
    assert halt.asked


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_the_program_with_128_and_its_number(number):
    with pytest.raises(StoppedError) as left, ended_by_signals():
        os.kill(os.getpid(), number)
        threading.Event().wait(10)
    assert left.value.exit_code == 128 + number


@pytest.mark.parametrize("how", ["quietly", "with an error", "by signal"])
def test_the_handlers_of_signals_are_put_back_however_a_batch_ends(how):
    before = [signal.getsignal(number) for number in ENDING]
    with pytest.raises((RuntimeError, StoppedError)), ended_by_signals():
        assert [signal.getsignal(number) for number in ENDING] != before
        if how == "by signal":
            os.kill(os.getpid(), signal.SIGTERM)
            threading.Event().wait(10)
        raise RuntimeError
    assert [signal.getsignal(number) for number in ENDING] == before


def test_a_batch_that_is_terminated_keeps_what_was_finished_and_publishes_no_half(
    layout, run, kernels
):
    halt = Halt()

    def terminate(_):
        os.kill(os.getpid(), signal.SIGTERM)
        halt._asked.wait(10)

    kernels.also["02_measure"] = terminate
    with pytest.raises(StoppedError) as left, ended_by_signals():
        run("long_an", halt=halt, workers=1)
    assert left.value.exit_code == 143
    assert tiny.published(layout, "long_an") == {}
    kernels.also.clear()
    [outcome] = run("long_an")
    assert outcome.done.steps == ("03_write", "pages")


def test_an_executor_of_other_processes_publishes_what_threads_publish(
    layout, run, kernels, tmp_path_factory, monkeypatch
):
    run()
    threads = {name: manifest.read(layout, name) for name in RUNS}
    other = tiny.make(tmp_path_factory.mktemp("other"))
    tiny.install(monkeypatch, other)
    jobs = [tiny.job(other, name) for name in RUNS]
    executor = Travelling()
    outcomes = execute_batch(read_inventory(other), jobs, executor=executor)
    assert [outcome.done.run for outcome in outcomes] == [*RUNS]
    assert {name: manifest.read(other, name) for name in RUNS} == threads
    assert executor.ended


def test_a_worker_with_other_code_is_refused_and_executes_nothing(layout, kernels):
    given = read_inventory(layout).digest
    tiny.edit(layout.root / "package" / "unused.py", "2", "3")
    outcome = perform(str(layout.root), tiny.job(layout, "long_an"), given)
    assert isinstance(outcome.error, InputError)
    assert outcome.error.key == "worker_differs"
    assert kernels.steps == []


def test_a_worker_without_the_project_is_an_outcome_and_no_crash(layout, kernels, tmp_path):
    outcome = perform(str(tmp_path / "none"), tiny.job(layout, "long_an"), "digest")
    assert outcome.run == "long_an"
    assert outcome.error.exit_code == 7


def test_a_worker_that_agrees_executes_the_run(layout, kernels):
    digest = read_inventory(layout).digest
    outcome = perform(str(layout.root), tiny.job(layout, "long_an"), digest)
    assert outcome.done.ran


def test_a_lost_worker_is_a_dead_kernel_and_stops_no_other(run, kernels):
    outcomes = run(executor=Travelling(lose=("bac_kan",)))
    assert [bool(outcome.done) for outcome in outcomes] == [True, False, True]
    assert isinstance(outcomes[1].error, KernelDiedError)
    for language in ("vi", "en"):
        sentence = outcomes[1].error.sentence(language)
        assert "'bac_kan'" in sentence
        assert "BrokenProcessPool: a worker died" in sentence


def test_there_are_as_many_workers_as_cores_and_one_more(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert batch.usual_workers() == 4


def test_where_a_system_tells_no_share_of_its_cores_all_are_ours(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert batch.usual_workers() == 9


def test_an_outcome_travels_with_its_error_whole():
    outcome = batch.Outcome(run="a", error=KernelDiedError("worker_lost", run="a", reason="r"))
    back = pickle.loads(pickle.dumps(outcome))
    assert back.error.sentence("vi") == outcome.error.sentence("vi")
    assert replace(back, error=None) == replace(outcome, error=None)
