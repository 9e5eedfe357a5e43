"""A process group ends whole, and where a system has none nothing is asked of it."""

from __future__ import annotations

import subprocess
import sys

from commune_pilots.runs import groups

# A process that starts another one and says so; both wait for the end.
PARENT = (
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True)\n"
    "child.wait()\n"
)


def test_a_group_ends_with_what_it_started():
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        assert int(parent.stdout.readline()) != parent.pid
        groups.end_group(parent.pid)
        assert parent.wait() == -9
        # The pipe is the child's too: it is at its end once both are gone.
        assert parent.stdout.read() == ""


def test_a_group_that_is_gone_is_no_failure():
    with subprocess.Popen([sys.executable, "-c", ""], start_new_session=True) as gone:
        gone.wait()
    groups.end_group(gone.pid)


def test_where_there_are_no_groups_nothing_is_signalled(monkeypatch):
    monkeypatch.setattr(groups, "HAVE_GROUPS", False)
    monkeypatch.setattr(groups.os, "killpg", None)
    groups.end_group(1)
