"""The template process: one for all clients, replaced when it is stale, gone when nobody asks."""

from __future__ import annotations

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
from warmed import (
    PATIENCE,
    alive,
    eventually,
    execute,
    kernel,
    printed,
    templates,
    zombies_of,
)

from commune_pilots.runs import kernels
from commune_pilots.runs.template import installed_state, thread_names

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("templates_at")]
CHILD = "import subprocess; c = subprocess.Popen(['sleep', '1000']); print(c.pid, end='')"


def died(asked):
    return eventually(lambda: not asked.manager.is_alive())


def refusals(caplog, source="import os; print(os.getppid())"):
    """Execute one cell; gives whether it was in a cold kernel, and the warnings."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger=kernels.__name__):
        found = printed(execute(source))
    told = [record.getMessage() for record in caplog.records if record.name == kernels.__name__]
    return found == f"{os.getpid()}\n", told


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


def test_threads_are_named_the_main_one_first():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        names = thread_names()
        assert len(names) >= 2
    main = Path(f"/proc/self/task/{os.getpid()}/comm").read_text().strip()
    assert names[0] == main


def test_the_state_of_what_is_installed_changes_with_an_edited_module(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "edited_here.py").write_text("VALUE = 1\n")
    __import__("edited_here")
    before = installed_state()
    assert installed_state() == before
    (tmp_path / "edited_here.py").write_text("VALUE = 22\n")
    assert installed_state() != before
