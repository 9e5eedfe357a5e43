"""Warm kernels as their clients see them: signals, deaths, refusals and what each leaves."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client.multikernelmanager import MultiKernelManager
from warmed import (
    COMMAND,
    PATIENCE,
    alive,
    environment,
    eventually,
    execute,
    gone,
    kernel,
    printed,
    templates,
    zombies_of,
)

from commune_pilots.runs import kernels, locks
from commune_pilots.runs.kernels import COLD_VARIABLE, FOLDER_VARIABLE, can_fork, fork_kernel

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("templates_at")]
CMD = [sys.executable, "-m", "ipykernel_launcher", "-f", "x.json"]
CHILD = "import subprocess; c = subprocess.Popen(['sleep', '1000']); print(c.pid, end='')"
WAYS = ["warm", "cold"]


def died(asked):
    return eventually(lambda: not asked.manager.is_alive())


@pytest.mark.parametrize("way", WAYS)
def test_an_interrupt_ends_the_cell_and_the_kernel_lives(way):
    with kernel(cold=way == "cold") as asked:
        sent = asked.client.execute("print('begun'); import time; time.sleep(1000)")
        while asked.client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
            pass
        asked.manager.interrupt_kernel()
        reply = asked.client.get_shell_msg(timeout=PATIENCE)
        while reply["parent_header"]["msg_id"] != sent:  # a slow start is asked for more than once
            reply = asked.client.get_shell_msg(timeout=PATIENCE)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert asked.run("print(6 * 7)") == "42"


def test_a_restart_gives_a_new_process_that_knows_nothing():
    with kernel() as asked:
        asked.run("x = 1")
        first = asked.pid
        asked.manager.restart_kernel(now=False)
        asked.client.wait_for_ready(timeout=PATIENCE)
        assert asked.pid != first
        assert asked.warm
        assert asked.run("x").startswith("NameError")
        assert eventually(lambda: gone(first))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "code",
    [
        "import os; os._exit(3)",
        "import ctypes; ctypes.string_at(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    ],
    ids=["_exit", "segfault", "SIGKILL", "SIGTERM"],
)
def test_a_kernel_that_dies_is_seen_to_be_dead_and_others_go_on(way, code):
    with kernel() as other, kernel(cold=way == "cold") as asked:
        pid, told = asked.pid, asked.manager.provisioner.process
        asked.client.execute(code)
        assert died(asked)
        number = {"_exit": 3, "SIGK": -9, "stri": -11, "SIGT": -15}
        expected = next(value for key, value in number.items() if key in code)
        assert told.poll() == expected
        asked.manager.shutdown_kernel(now=True)
        assert eventually(lambda: gone(pid))
        assert other.run("print('here')") == "here"


def test_a_stopped_kernel_holds_up_nobody_and_can_be_killed():
    with kernel() as other, kernel() as asked:
        os.kill(asked.pid, signal.SIGSTOP)
        assert asked.manager.is_alive()
        with kernel() as third:
            assert third.warm
        assert other.run("print('here')") == "here"
        pid = asked.pid
        asked.manager.shutdown_kernel(now=True)
        assert eventually(lambda: gone(pid))


@pytest.mark.parametrize("now", [True, False], ids=["killed", "asked"])
def test_after_a_shutdown_neither_kernel_nor_children_nor_zombies_are_left(templates_at, now):
    with kernel() as asked:
        child, pid = int(asked.run(CHILD)), asked.pid
        asked.manager.shutdown_kernel(now=now)
        assert eventually(lambda: gone(pid) and not alive(child))
    assert not any(zombies_of(template) for template in templates(templates_at))


CLIENT = """
import sys, time
sys.path.insert(0, {tests!r})
from warmed import kernel
with kernel() as asked:
    print(asked.warm, asked.pid, asked.run({child!r}), flush=True)
    time.sleep(1000)
"""


def test_a_killed_client_leaves_neither_kernel_nor_children(templates_at):
    source = CLIENT.format(tests=str(Path(__file__).parents[2]), child=CHILD)
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as run:
        warm, *pids = run.stdout.readline().split()
        assert warm == "True"
        run.kill()
    assert eventually(lambda: gone(int(pids[0])) and not alive(int(pids[1])))
    assert not any(zombies_of(template) for template in templates(templates_at))


def test_a_client_that_hangs_up_at_once_leaves_no_kernel_and_holds_up_nobody(templates_at):
    for _ in range(5):
        forked = fork_kernel(CMD, {"env": environment(), "cwd": "/"})
        forked.close()
        assert eventually(lambda pid=forked.pid: gone(pid))
    assert not any(zombies_of(template) for template in templates(templates_at))


def test_the_sockets_of_a_killed_client_are_swept_by_the_next(templates_at):
    source = (
        "import time; from commune_pilots.runs.kernels import socket_folder as f\n"
        "with f() as made: print(made, flush=True); time.sleep(1000)"
    )
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as run:
        left = Path(run.stdout.readline().strip())
        with kernels.socket_folder():
            assert left.is_dir(), "the folder of a living client was swept"
        run.kill()
    old = templates_at / "new-old"
    old.mkdir()
    (old / "lock").touch()
    os.utime(old, (1, 1))
    with kernels.socket_folder() as own:
        assert not left.exists()
        assert not old.exists()
        assert own.is_dir()
    assert not own.exists()
    assert not [*templates_at.glob("k-*"), *templates_at.glob("new-*")]


def refusals(caplog, source="import os; print(os.getppid())"):
    """Execute one cell; gives whether it was in a cold kernel, and the warnings."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger=kernels.__name__):
        found = printed(execute(source))
    told = [record.getMessage() for record in caplog.records if record.name == kernels.__name__]
    return found == f"{os.getpid()}\n", told


def test_a_folder_open_to_others_is_refused_and_the_kernel_starts_cold(
    short_path, monkeypatch, caplog
):
    short_path.chmod(0o755)
    monkeypatch.setenv(FOLDER_VARIABLE, str(short_path))
    cold, told = refusals(caplog)
    assert cold
    assert "not private" in told[0]
    assert not list(short_path.iterdir())


def test_where_files_have_no_owners_there_is_no_private_folder(monkeypatch):
    monkeypatch.delattr(os, "getuid")
    with pytest.raises(kernels.RefusedError, match="no private folder"):
        kernels.runtime_folder()


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_kernels_are_forked_on_linux_alone(monkeypatch, system):
    monkeypatch.delenv(kernels.COLD_VARIABLE, raising=False)
    command = [sys.executable, "-m", "ipykernel_launcher"]
    assert kernels.can_fork(command, {})
    monkeypatch.setattr(kernels.sys, "platform", system)
    assert not kernels.can_fork(command, {})


def test_a_folder_that_is_a_link_or_a_file_is_refused(
    own_templates, short_path, monkeypatch, caplog
):
    (short_path / "link").symlink_to(own_templates)
    (short_path / "file").touch()
    for name in ("link", "file", "file/below"):
        monkeypatch.setenv(FOLDER_VARIABLE, str(short_path / name))
        assert refusals(caplog)[0]
    assert not list(own_templates.iterdir())


@pytest.mark.parametrize(
    ("command", "how"),
    [
        (["/usr/bin/python3", *CMD[1:]], {}),
        ([sys.executable, "-X", "dev", *CMD[1:]], {}),
        ([sys.executable, "-m", "other", "-f", "x"], {}),
        (["sleep"], {}),
        (CMD, {"stdout": subprocess.PIPE}),
        (CMD, {"stderr": subprocess.PIPE}),
        (CMD, {"independent": True}),
        (CMD, {"unknown": 1}),
        (CMD, {"env": {COLD_VARIABLE: "1"}}),
    ],
    ids=["interpreter", "options", "module", "short", "out", "err", "independent", "word", "cold"],
)
def test_what_cannot_be_forked_is_launched_as_ever(command, how):
    assert can_fork(CMD, {"env": {}, "cwd": "/"})
    assert not can_fork(command, {"env": {}, "cwd": "/", **how})


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_nothing_is_forked_on_another_system(monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    assert not can_fork(CMD, {"env": {}})


def test_nothing_is_forked_where_the_system_has_no_pidfd(monkeypatch):
    monkeypatch.delattr(os, "pidfd_open")
    assert not can_fork(CMD, {"env": {}})


def test_an_environment_too_large_for_one_message_is_refused():
    with pytest.raises(kernels.RefusedError, match="too large"):
        fork_kernel(CMD, {"env": {"LARGE": "x" * kernels.MESSAGE_SIZE}})


def test_several_kernels_are_managed_as_jupyterlab_does(monkeypatch):
    from jupyter_client.provisioning.factory import KernelProvisionerFactory

    factory = KernelProvisionerFactory.instance(parent=None)
    monkeypatch.setattr(factory, "default_provisioner_name", kernels.NAME)
    manager = MultiKernelManager()
    names = [manager.start_kernel(kernel_name="python3", cwd="/") for _ in range(2)]
    try:
        found = [manager.get_kernel(name) for name in names]
        assert [type(one.provisioner) for one in found] == [kernels.WarmProvisioner] * 2
        pids = [one.provisioner.pid for one in found]
        assert all(type(one.provisioner.process) is kernels.ForkedProcess for one in found)
        for name in names:
            client = manager.get_kernel(name).client()
            client.start_channels()
            client.wait_for_ready(timeout=PATIENCE)
            manager.interrupt_kernel(name)
            manager.restart_kernel(name)
            client.wait_for_ready(timeout=PATIENCE)
            client.stop_channels()
        assert not {one.provisioner.pid for one in found} & set(pids)
    finally:
        manager.shutdown_all(now=True)
    assert eventually(lambda: all(gone(pid) for pid in pids))


def test_a_lock_ends_with_its_holder(tmp_path):
    with (tmp_path / "lock").open("w") as one, (tmp_path / "lock").open("w") as other:
        assert locks.take(one)
        assert not locks.take(other)
        one.close()
        assert locks.take(other, wait=True)


def test_the_provisioner_is_found_by_its_name_and_runs_the_usual_command():
    async def launched():
        provisioner = kernels.WarmProvisioner(kernel_id="x")
        return provisioner.has_process

    assert COMMAND[:3] == CMD[:3]
    assert asyncio.run(launched()) is False
