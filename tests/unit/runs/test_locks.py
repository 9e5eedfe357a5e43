from __future__ import annotations

import subprocess
import sys

import pytest

from commune_pilots.runs import locks


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lock"


def test_a_lock_is_held_by_one_at_a_time_and_free_once_its_file_is_closed(path):
    with path.open("w") as first, path.open("w") as second:
        assert locks.take(first)
        assert not locks.take(second)
        first.close()
        assert locks.take(second)


def test_locks_of_different_files_do_not_meet(path, tmp_path):
    with path.open("w") as one, (tmp_path / "other").open("w") as other:
        assert locks.take(one)
        assert locks.take(other)


def test_a_lock_is_free_once_the_process_that_held_it_is_killed(path):
    hold = (
        "import sys\n"
        "from commune_pilots.runs import locks\n"
        f"file = open({str(path)!r}, 'w')\n"
        "print(locks.take(file), flush=True)\n"
        "sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", hold], **pipes) as other:
        assert other.stdout.readline() == "True\n"
        with path.open("w") as file:
            assert not locks.take(file)
            other.kill()
            other.wait()
            assert locks.take(file)


def test_waiting_for_a_lock_takes_it_once_it_is_free(path):
    with path.open("w") as file:
        assert locks.take(file, wait=True)


def test_where_there_is_no_flock_the_file_is_only_held_open(path, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    with path.open("w") as first, path.open("w") as second:
        assert locks.take(first)
        assert locks.take(second)
