from __future__ import annotations

import os
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


class Bytes:
    """Stands in for msvcrt: the first byte of a file, locked by one open file at a time."""

    LK_NBLCK = 2

    def __init__(self):
        self.held = {}

    def locking(self, descriptor, mode, count):
        assert (mode, count, os.lseek(descriptor, 0, os.SEEK_CUR)) == (self.LK_NBLCK, 1, 0)
        about = os.fstat(descriptor).st_ino
        if self.held.get(about, descriptor) != descriptor:
            raise OSError(36, "Resource deadlock avoided")
        self.held[about] = descriptor


def test_where_there_is_no_flock_the_first_byte_is_locked(path, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "msvcrt", Bytes())
    with path.open("w") as first, path.open("w") as second:
        assert locks.take(first)
        assert not locks.take(second)
        locks.msvcrt.held.clear()
        assert locks.take(second, wait=True)


def test_waiting_for_a_byte_asks_again_until_it_is_free(path, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "msvcrt", Bytes())
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        locks.msvcrt.held.clear()

    monkeypatch.setattr(locks.time, "sleep", sleep)
    with path.open("w") as first, path.open("w") as second:
        assert locks.take(first)
        assert locks.take(second, wait=True)
    assert len(slept) == 1


def test_where_there_is_neither_the_file_is_only_held_open(path, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "msvcrt", None)
    with path.open("w") as first, path.open("w") as second:
        assert locks.take(first)
        assert locks.take(second)
