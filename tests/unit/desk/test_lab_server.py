"""What JupyterLab asks of the project, asked of a server that listens nowhere."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from built import copy_project
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application

from commune_pilots.desk import lab_server
from commune_pilots.desk.at_hand import at_hand
from commune_pilots.desk.lab_server import (
    DeskHandler,
    NewStudyHandler,
    NotebookHandler,
    RunAtHandHandler,
)


@pytest.fixture
def layout(tmp_path, monkeypatch):
    monkeypatch.delenv("PILOTS_LANG", raising=False)
    monkeypatch.delenv("PILOTS_ROOT", raising=False)
    return copy_project(tmp_path, notebooks=("01_clean_data",))


@pytest.fixture
def ask(layout, monkeypatch):
    """Ask a handler as somebody who has logged in: gives the status and what it says."""

    def asked(handler, body=None):
        application = Application(server_root_dir=str(layout.root), base_url="/", jinja2_env=None)
        connection = SimpleNamespace(set_close_callback=lambda call: None, context=None)
        request = HTTPServerRequest(
            start_line=RequestStartLine("POST", "/", "HTTP/1.1"),
            connection=connection,
            headers=HTTPHeaders({"Host": "localhost"}),
            body=json.dumps(body or {}).encode(),
        )
        made = handler(application, request)
        made.current_user = "analyst"
        said = []
        monkeypatch.setattr(made, "finish", said.append)
        answer = made.get if handler is DeskHandler else made.post
        answer()
        return made.get_status(), json.loads(said[0])

    return asked


def test_the_launcher_is_told_words_runs_and_commands(ask):
    status, told = ask(DeskHandler)
    assert status == 200
    assert told["words"]["run_study"] == "Chạy nghiên cứu này"
    assert "long_an" in told["runs"]
    assert told["index"] is None


def test_the_run_that_is_chosen_is_taken_up_and_its_command_answered(ask, layout):
    status, told = ask(RunAtHandHandler, {"run": "long_an"})
    assert status == 200
    assert told["command"].endswith("pilots run long_an")
    assert at_hand(layout) == "long_an"


@pytest.mark.parametrize("run", ["../../etc", "nowhere", "", "long_an; rm -rf ~"])
def test_what_is_no_run_is_refused_in_a_sentence_and_typed_nowhere(ask, layout, run):
    status, told = ask(RunAtHandHandler, {"run": run})
    assert status == 400
    assert set(told) == {"message"}
    assert "long_an" in told["message"]
    assert at_hand(layout) is None


def test_a_new_study_is_typed_with_its_name(ask):
    status, told = ask(NewStudyHandler, {"run": "ca_mau"})
    assert status == 200
    assert told["command"].endswith("pilots new ca_mau")


@pytest.mark.parametrize("run", ["", "Cà Mau", "x; rm -rf ~", "../x", "released"])
def test_what_can_be_no_name_is_refused_in_a_sentence(ask, run):
    status, told = ask(NewStudyHandler, {"run": run})
    assert status == 400
    assert set(told) == {"message"}


def test_a_new_notebook_is_made_and_named_from_the_root(ask, layout):
    assert ask(NotebookHandler) == (200, {"path": "notebooks/drafts/draft-1.ipynb"})
    assert (layout.root / "notebooks/drafts/draft-1.ipynb").is_file()


def test_a_folder_that_cannot_be_written_is_a_sentence(ask, layout):
    (layout.notebooks / "drafts").write_text("a file where the folder should be")
    status, told = ask(NotebookHandler)
    assert status == 400
    assert "draft-1.ipynb" in told["message"]


def test_handlers_and_hook_are_registered_below_the_address_of_the_server(monkeypatch):
    added, hooks = [], []

    class Manager:
        register_post_save_hook = staticmethod(hooks.append)

    monkeypatch.setattr(lab_server, "FileContentsManager", Manager)
    application = SimpleNamespace(
        settings={"base_url": "/hub/"}, add_handlers=lambda host, given: added.extend(given)
    )
    server = SimpleNamespace(web_app=application, contents_manager=Manager())
    lab_server._load_jupyter_server_extension(server)
    assert [place for place, _ in added] == [
        "/hub/commune-pilots/desk",
        "/hub/commune-pilots/run-at-hand",
        "/hub/commune-pilots/new-study",
        "/hub/commune-pilots/notebook",
    ]
    assert hooks == [lab_server.settle_saved]
    assert lab_server._jupyter_server_extension_points() == [{"module": lab_server.__name__}]


def test_only_saved_notebooks_are_held_against_git(monkeypatch):
    settled = []
    threads = SimpleNamespace(
        Thread=lambda target, args, daemon: SimpleNamespace(start=lambda: target(*args))
    )
    monkeypatch.setattr(lab_server, "threading", threads)
    monkeypatch.setattr(lab_server, "settle", lambda path: settled.append(path.name))
    for name, kind in (("a.ipynb", "notebook"), ("b.yml", "file")):
        lab_server.settle_saved(os_path=name, model={"type": kind}, contents_manager=None)
    assert settled == ["a.ipynb"]
