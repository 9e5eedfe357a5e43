"""`pilots lab` up to the moment at which JupyterLab serves."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from built import copy_project
from desked import git

from commune_pilots.cli import main
from commune_pilots.desk import git_drivers, lab
from commune_pilots.desk.at_hand import at_hand
from commune_pilots.errors import ParameterError


@pytest.fixture
def layout(tmp_path, monkeypatch):
    layout = copy_project(tmp_path, notebooks=())
    monkeypatch.setenv("PILOTS_ROOT", str(tmp_path))
    monkeypatch.delenv("PILOTS_LANG", raising=False)
    return layout


@pytest.fixture
def served(monkeypatch):
    """What the command would have served."""
    asked = []
    monkeypatch.setattr(lab, "serve", lambda layout, **settings: asked.append(settings))
    return asked


def _run(*words):
    with pytest.raises(SystemExit) as ended:
        main(["lab", *words])
    return ended.value.code


def test_a_run_that_is_named_is_at_hand_from_then_on(layout, served):
    assert _run("long_an") == 0
    assert at_hand(layout) == "long_an"
    assert served == [{"language": "vi", "warm": False, "port": None, "browser": True}]


def test_options_reach_jupyterlab(layout, served, monkeypatch):
    monkeypatch.setenv("PILOTS_LANG", "en")
    assert _run("--warm", "--no-browser", "--port", "9123") == 0
    assert served == [{"language": "en", "warm": True, "port": 9123, "browser": False}]


def test_an_unknown_run_is_refused_before_anything_starts(layout, served, capsys):
    assert _run("long_anh") == ParameterError.exit_code
    assert served == []
    assert at_hand(layout) is None
    assert "long_an" in capsys.readouterr().err


def test_a_port_in_use_is_refused_in_a_sentence(layout, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert _run("--port", str(port)) == ParameterError.exit_code
    said = capsys.readouterr().err
    assert f"--port {port}: cổng này đang được chương trình khác dùng" in said
    assert f"--port {port}: another program serves this port" in said
    assert not lab.is_taken(port)


def test_preparing_sets_git_up_says_so_once_and_serves_nothing(layout, served, capsys):
    git(layout, "init", "--quiet")
    assert _run("--prepare") == _run("--prepare") == 0
    assert served == []
    first, second = capsys.readouterr().out.split("không đổi gì")[0].split("Set in this", 1)
    assert "Đã thiết lập git của kho này cho sổ tay: diff.notebook.command" in first
    assert "Git của kho này đã được thiết lập" in second


def test_without_a_repository_nothing_is_set_and_jupyterlab_opens_all_the_same(
    layout, served, capsys, monkeypatch
):
    monkeypatch.setattr(git_drivers.shutil, "which", lambda name: None)
    assert _run() == 0
    assert len(served) == 1
    assert "Không có kho git tại đây" in capsys.readouterr().out


def test_without_the_extra_the_missing_is_named_and_jupyterlab_opens(
    layout, served, capsys, monkeypatch
):
    monkeypatch.setattr(lab, "find_spec", lambda name: None if "vi_VN" in name else object())
    assert _run() == 0
    assert len(served) == 1
    said = capsys.readouterr().out
    assert "Chưa cài jupyterlab-language-pack-vi-VN;" in said
    assert "pip install 'commune-pilots[lab]'" in said


def test_everything_of_the_extra_is_looked_for():
    assert lab.missing_extra() == []
    assert {"nbdime", "nbstripout", "jupytext", "ruff"} < set(lab.EXTRA)


SERVE = """
import json, os, sys
from pathlib import Path
from commune_pilots.desk import lab
from commune_pilots.store import Layout
from jupyterlab.labapp import LabApp

class Server:
    class kernel_spec_manager:
        kernel_dirs = ["usual"]
    def start(self):
        folder = Path(os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0]).parent
        told.update(
            folder=str(folder), files=sorted(path.name for path in folder.rglob("*.json")),
            kernels=self.kernel_spec_manager.kernel_dirs, here=os.getcwd(),
            programs=os.environ["PATH"].split(os.pathsep)[0], path=os.environ.get("JUPYTER_PATH"),
        )

told = {}
LabApp.initialize_server = classmethod(lambda cls, words: told.update(words=words) or Server())
lab.serve(Layout(Path(sys.argv[1])), language="vi", warm=False, port=None, browser=False)
print(json.dumps({**told, "left": Path(told["folder"]).exists()}))
"""


@pytest.mark.slow
def test_a_session_leaves_nothing_and_its_kernel_is_hidden_from_runs_in_its_terminals(layout):
    given = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(layout.root)],
        capture_output=True, text=True, check=True, env={**given, "JUPYTER_CONFIG_PATH": "/theirs"},
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["kernels"] == [str(Path(told["folder"]) / "kernels"), "usual"]
    assert told["path"] is None
    assert told["here"] == str(layout.root)
    assert told["programs"] == str(Path(sys.executable).parent)
    assert "kernel.json" in told["files"]
    assert f"--ServerApp.root_dir={layout.root}" in told["words"]
    assert told["left"] is False
