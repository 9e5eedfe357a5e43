"""Warm kernels as their clients see them: signals, deaths, refusals and what each leaves."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
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
        assert reply["parent_header"]["msg_id"] == sent
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


def test_a_killed_template_takes_its_kernels_and_their_children_along(own_templates):
    fork = (
        "import os\nforked = os.fork()\nif not forked:\n    import time; time.sleep(1000)\n"
        "print(forked, end='')"
    )
    with kernel() as asked:
        child, forked, pid = int(asked.run(CHILD)), int(asked.run(fork)), asked.pid
        (template,) = templates(own_templates)
        os.kill(template, signal.SIGKILL)
        assert died(asked)
        assert eventually(lambda: not alive(pid) and not alive(child) and not alive(forked))
        with kernel() as second:
            assert second.warm
            assert second.run("print('here')") == "here"
    assert template not in templates(own_templates)
    assert len(templates(own_templates)) == 1


def test_a_client_that_hangs_up_at_once_leaves_no_kernel_and_holds_up_nobody(templates_at):
    for _ in range(5):
        forked = fork_kernel(CMD, {"env": environment(), "cwd": "/"})
        forked.close()
        assert eventually(lambda pid=forked.pid: gone(pid))
    assert not any(zombies_of(template) for template in templates(templates_at))


def test_nonsense_on_the_socket_ends_neither_template_nor_kernels(templates_at):
    with kernel() as asked:
        for path in templates_at.glob("*.socket"):
            for sent in (b"", b"{", b"[]", b"{}", b"\xff" * 100):
                with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
                    client.connect(str(path))
                    client.send(sent)
                    client.settimeout(PATIENCE)
                    assert b"no request" in client.recv(1000)
        assert asked.run("print('here')") == "here"


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


def test_a_stale_socket_file_is_replaced(own_templates):
    with kernel() as asked:
        (path,) = own_templates.glob("*.socket")
        assert asked.warm
    for template in templates(own_templates):
        os.kill(template, signal.SIGKILL)
    assert eventually(lambda: not templates(own_templates))
    assert path.is_socket()
    assert printed(execute("print('here')")) == "here\n"
    assert len(templates(own_templates)) == 1


def test_clients_that_start_at_once_start_one_template(own_templates):
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(execute, "import os; print(os.getppid())") for _ in range(4)]
        parents = {printed(found.result()) for found in asked}
    assert parents == {f"{pid}\n" for pid in templates(own_templates)}
    assert len(parents) == 1


def test_a_template_ends_when_nobody_asks_and_takes_its_socket_away(own_templates, monkeypatch):
    monkeypatch.setattr(kernels, "IDLE_SECONDS", 0.5)
    with kernel() as asked:
        (template,) = templates(own_templates)
        time.sleep(1.5)
        assert asked.run("print('here')") == "here", "it ended under its kernel"
    assert eventually(lambda: not alive(template))
    assert not list(own_templates.glob("*.socket"))
    assert template not in zombies_of(os.getpid())


def refusals(caplog, source="import os; print(os.getppid())"):
    """Execute one cell; gives whether it was in a cold kernel, and the warnings."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger=kernels.__name__):
        found = printed(execute(source))
    told = [record.getMessage() for record in caplog.records if record.name == kernels.__name__]
    return found == f"{os.getpid()}\n", told


def test_a_template_with_threads_refuses_and_the_kernel_starts_cold(
    own_templates, monkeypatch, tmp_path, caplog
):
    (tmp_path / "starts_a_thread.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(kernels, "PRELOADED", ("ipykernel.kernelapp", "starts_a_thread"))
    cold, told = refusals(caplog)
    assert cold
    assert len(told) == 1
    assert "threads" in told[0]


def test_a_template_that_cannot_start_leaves_a_cold_kernel_and_a_warning(
    own_templates, monkeypatch, caplog, tmp_path
):
    (tmp_path / "ends_at_once.py").write_text("raise SystemExit('no template today')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(kernels, "PRELOADED", ("ends_at_once",))
    cold, told = refusals(caplog)
    assert cold
    assert len(told) == 1
    assert "no template today" in told[0]


def test_a_template_that_hangs_leaves_a_cold_kernel_and_a_warning(
    own_templates, monkeypatch, caplog
):
    assert refusals(caplog) == (False, [])
    (template,) = templates(own_templates)
    monkeypatch.setattr(kernels, "_ANSWER_SECONDS", 1)
    os.kill(template, signal.SIGSTOP)
    cold, told = refusals(caplog)
    assert cold
    assert "does not answer" in told[0]


def test_a_folder_open_to_others_is_refused_and_the_kernel_starts_cold(
    tmp_path, monkeypatch, caplog
):
    tmp_path.chmod(0o755)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    cold, told = refusals(caplog)
    assert cold
    assert "not private" in told[0]
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_link_or_a_file_is_refused(own_templates, tmp_path, monkeypatch, caplog):
    (tmp_path / "link").symlink_to(own_templates)
    (tmp_path / "file").touch()
    for name in ("link", "file", "file/below"):
        monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / name))
        assert refusals(caplog)[0]
    assert not list(own_templates.iterdir())


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_another_user_is_refused(own_templates):
    with kernel():
        (path,) = own_templates.glob("*.socket")
        own_templates.chmod(0o755)
        path.chmod(0o777)
        source = (
            "import array, os, socket, sys\nos.setgid(65534); os.setuid(65534)\n"
            "s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1])\n"
            "socket.send_fds(s, [b'{\"arguments\": []}'], [0, 1, 2]); print(s.recv(1000))"
        )
        told = subprocess.run(
            [sys.executable, "-c", source, str(path)], capture_output=True, text=True, check=True
        )
        assert "another user" in told.stdout


def test_an_edited_module_or_a_new_package_makes_a_new_template(
    own_templates, monkeypatch, tmp_path
):
    library, module = tmp_path / "site-packages", tmp_path / "edited_in_place.py"
    library.mkdir()
    module.write_text("VALUE = 1\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{library}")
    monkeypatch.setattr(kernels, "PRELOADED", ("ipykernel.kernelapp", "edited_in_place"))

    def parent_and_value():
        found = printed(execute("import os, edited_in_place as e; print(os.getppid(), e.VALUE)"))
        return found.split()

    first = parent_and_value()
    assert parent_and_value() == first
    with kernel(PYTHONPATH=os.environ["PYTHONPATH"]) as running:
        module.write_text("VALUE = 22\n")
        second = parent_and_value()
        assert second[1] == "22"
        (library / "added.py").touch()
        third = parent_and_value()
        assert running.run("print(1)") == "1", "a kernel of yesterday was ended"
    assert len({first[0], second[0], third[0]}) == 3
    assert eventually(lambda: not alive(int(first[0])) and not alive(int(second[0])))


def test_a_kernel_keeps_the_limits_of_its_client(own_templates):
    look = "import os, resource; print(resource.getrlimit(7), os.getpriority(0, 0), os.umask(0))"
    source = (
        "import os, resource, sys\n"
        "resource.setrlimit(7, (200, 200)); os.nice(3); os.umask(0o77)\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from warmed import execute, printed\n"
        f"print(printed(execute({look!r})))"
    )
    nice = os.getpriority(os.PRIO_PROCESS, 0) + 3
    told = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["(200,", "200)", str(nice), "63"]
    assert templates(own_templates)


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
    with pytest.raises(kernels._RefusedError, match="too large"):
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
