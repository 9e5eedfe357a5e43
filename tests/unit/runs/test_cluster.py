"""Runs on a dask cluster: complete, and published once, though a worker is killed."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from concurrent.futures import Executor
from contextlib import suppress

import pytest
from faults.fast import Fast

from commune_pilots.errors import ParameterError
from commune_pilots.params import load_run
from commune_pilots.runs import manifest
from commune_pilots.runs.batch import execute_batch
from commune_pilots.runs.cluster import dask_executor
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.run import Job


def test_an_address_that_does_not_answer_is_a_parameter_error(monkeypatch):
    monkeypatch.setattr("commune_pilots.runs.cluster._CONNECT_SECONDS", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(ParameterError, match="127"), dask_executor(address):
        raise AssertionError("connected to nothing")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # dask's own, at the end of a cluster
def test_a_worker_that_is_killed_costs_no_run_and_none_is_published_twice(
    tmp_path, own_templates, monkeypatch
):
    from distributed import LocalCluster

    fast = Fast(tmp_path, own_templates, runs=3)
    go = tmp_path / "go"
    fast.write("02_measure", f"while not os.path.exists({str(go)!r}): time.sleep(0.05)")
    monkeypatch.setenv("FAULTS_LOG", str(fast.log))
    inventory = read_inventory(fast.layout)
    jobs = [Job(run=load_run(run, fast.layout.params, like="smoke")) for run in fast.runs]
    reported = []

    def kill_one(cluster):
        while not any(step == "02_measure" for _, step in fast.begun()):
            time.sleep(0.05)
        worker = next(iter(cluster.workers.values()))
        with suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
        go.touch()

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        killing = threading.Thread(target=kill_one, args=(cluster,), daemon=True)
        killing.start()
        with dask_executor(cluster.scheduler_address) as executor:
            assert isinstance(executor, Executor)
            outcomes = execute_batch(inventory, jobs, executor=executor, report=reported.append)
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert sorted(outcome.run for outcome in reported) == fast.runs
    assert fast.published() == fast.runs
    assert fast.altered() == []
    made = [
        {name.rpartition("/")[2]: sha for name, sha in found["outputs"].items()}
        for run in fast.runs
        if (found := manifest.read(fast.layout, run))
    ]
    assert [one["measured.txt"] for one in made] == [made[0]["measured.txt"]] * 3
    assert fast.no_kernel_left()
