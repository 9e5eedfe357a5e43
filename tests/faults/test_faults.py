"""Faults one by one: signals, a full disk, dead and hanging kernels, two batches at once."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress

import pytest
from faults.fast import STEPS, Fast, kill, wait_for
from warmed import alive, eventually, templates

pytestmark = pytest.mark.slow
WAIT = "time.sleep(1000)"
ONCE = "mark = Path(os.environ['FAULTS_LOG'] + run)\nif not mark.exists():\n    mark.touch()\n"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_batch_that_is_told_to_end_keeps_its_finished_steps_and_no_kernel(fast, number, code):
    fast.write("02_measure", WAIT)
    running = fast.start()
    wait_for(fast, "02_measure", running)
    assert kill(running, number) == code
    assert fast.no_kernel_left()
    assert fast.published() == []
    assert {step for _, step in fast.finished()} == {"01_make"}
    fast.write("02_measure")
    code, said = fast.finish()
    assert code == 0, said
    assert {fast.begun()[run, "01_make"] for run in fast.runs} == {1}
    assert fast.leftovers() == []


def test_a_kernel_that_dies_is_replaced_once_and_then_the_run_ends_with_3(fast):
    fast.write("02_measure", "os.kill(os.getpid(), 9)")
    code, said = fast.finish()
    assert code == 3, said
    begun = fast.begun()
    assert {begun[run, "02_measure"] for run in fast.runs} == {2}
    assert {begun[run, "01_make"] for run in fast.runs} == {1}
    assert fast.published() == []
    assert fast.no_kernel_left()
    fast.write("02_measure", f"{ONCE}    os.kill(os.getpid(), 9)")
    code, said = fast.finish()
    assert code == 0, said
    assert fast.published() == fast.runs
    assert {fast.begun()[run, "02_measure"] for run in fast.runs} == {4}
    assert fast.leftovers() == []


def test_a_cell_that_hangs_ends_its_run_with_4_and_leaves_no_kernel(fast):
    fast.write("02_measure", WAIT)
    fast.ask(0, cell_timeout=1)
    code, said = fast.finish("--retries", "0")
    assert code == 4, said
    assert fast.published() == []
    assert fast.no_kernel_left()


def test_a_cell_that_ends_the_interpreter_quietly_is_refused(fast):
    fast.write("02_measure", "import sys; sys.exit(0)")
    code, said = fast.finish("--retries", "0")
    assert code in (1, 3), said
    assert fast.published() == []
    assert fast.no_kernel_left()


def test_a_template_killed_in_the_middle_costs_a_retry_and_nothing_else(fast, tmp_path):
    go = tmp_path / "go"
    fast.write("02_measure", f"while not os.path.exists({str(go)!r}): time.sleep(0.05)")
    running = fast.start()
    wait_for(fast, "02_measure", running)
    (template,) = templates(fast.runtime)
    os.kill(template, signal.SIGKILL)
    go.touch()
    said, _ = running.communicate(timeout=120)
    assert running.returncode == 0, said
    assert fast.published() == fast.runs
    assert fast.altered() == []
    assert fast.no_kernel_left()
    assert fast.leftovers() == []


@pytest.mark.parametrize("words", [[], ["--cold"]], ids=["warm", "cold"])
def test_what_a_notebook_started_itself_is_ended_with_it(fast, tmp_path, words):
    started = tmp_path / "started"
    fast.write(
        "02_measure",
        "import subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '1000'])\n"
        f"with open({str(started)!r}, 'a') as noted: noted.write(f'{{child.pid}}\\n')\n"
        f"{WAIT}",
    )
    running = fast.start(*words)
    wait_for(fast, "02_measure", running)
    assert eventually(lambda: started.exists() and started.read_text().endswith("\n"))
    kill(running, signal.SIGTERM)
    assert fast.no_kernel_left()
    assert eventually(lambda: not any(alive(int(pid)) for pid in started.read_text().split()))


def test_two_batches_at_once_publish_each_run_whole(fast):
    fast.write("03_show", "time.sleep(1)")
    first = fast.start()
    wait_for(fast, "01_make", first)
    second = fast.start()
    told = [running.communicate(timeout=120)[0] for running in (first, second)]
    codes = (first.returncode, second.returncode)
    assert codes[0] == 0, told
    assert codes[1] in (0, 5), told
    assert fast.published() == fast.runs
    assert fast.altered() == []
    assert {fast.begun()[run, step] for run in fast.runs for step in STEPS} == {1}
    assert fast.finish()[0] == 0
    assert fast.leftovers() == []


@pytest.fixture
def small_disk(tmp_path):
    """Give a file system of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no small file system can be made here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_ends_a_run_with_6_and_what_was_published_stays(small_disk, runtime):
    fast = Fast(small_disk, runtime, runs=1)
    fast.write(
        "01_make",
        "from commune_pilots import store\nPath.write_bytes = store.write_bytes\n"
        "Path.write_text = lambda path, text: store.write_bytes(path, text.encode())",
    )
    assert fast.finish()[0] == 0
    before = fast.bytes()
    fast.ask(1)
    filling = small_disk / "filling"
    with filling.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    code, said = fast.finish("--retries", "0")
    assert code == 6, said
    assert fast.altered() == []
    assert fast.bytes() == before
    assert fast.no_kernel_left()
    filling.unlink()
    code, said = fast.finish()
    assert code == 0, said
    assert fast.leftovers() == []


def test_a_reports_folder_that_cannot_be_written_ends_a_run_with_6(fast):
    assert fast.finish()[0] == 0
    before = fast.bytes()
    fast.ask(1)
    reports = fast.root / "reports"
    done = subprocess.run(["chattr", "+i", str(reports)], capture_output=True, check=False)
    if done.returncode and os.getuid() == 0:
        pytest.skip("root writes everywhere, and chattr does not work on this file system")
    if done.returncode:
        reports.chmod(0o555)
    try:
        code, said = fast.finish("--retries", "0")
    finally:
        subprocess.run(["chattr", "-i", str(reports)], capture_output=True, check=False)
        reports.chmod(0o755)
    assert code == 6, said
    assert fast.bytes() == before
    assert fast.altered() == []
    assert fast.finish()[0] == 0


def test_a_runner_whose_reader_went_away_still_publishes_or_ends(fast):
    """Written to a pipe that is closed: the batch must not leave kernels behind."""
    running = fast.start()
    wait_for(fast, "01_make", running)
    assert running.stdout is not None
    running.stdout.close()
    running.wait(timeout=120)
    assert fast.no_kernel_left()
    assert fast.altered() == []
    assert fast.finish()[0] == 0
    assert fast.published() == fast.runs
