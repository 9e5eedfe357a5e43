"""What JupyterLab is told for one session."""

from __future__ import annotations

import json

import nbformat
import pytest
from built import ROOT
from ipykernel.kernelspec import get_kernel_dict

from commune_pilots.desk import lab_settings
from commune_pilots.desk.lab_settings import arguments, defaults, kernelspec, lab_data
from commune_pilots.runs import kernels
from commune_pilots.store import Layout


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path)


def _given(layout, **changes):
    settings = {"port": None, "browser": False, **changes}
    words = arguments(layout, **settings)
    return dict(word.removeprefix("--").split("=", 1) for word in words)


@pytest.mark.parametrize(("language", "locale"), [("vi", "vi_VN"), ("en", "en")])
def test_menus_are_in_the_language_of_the_session(language, locale):
    found = defaults(language, configured=True)
    assert found["@jupyterlab/translation-extension:plugin"] == {"locale": locale}


def test_cells_are_formatted_in_the_style_of_the_project_or_by_the_same_length_without_one():
    formatter = defaults("vi", configured=True)["jupyterlab_code_formatter:settings"]
    assert formatter["preferences"]["default_formatter"]["python"] == ["ruff", "ruffformat"]
    assert formatter["ruffformat"] == {"args": []}  # ruff finds pyproject.toml
    alone = defaults("vi", configured=False)["jupyterlab_code_formatter:settings"]
    assert alone["ruffformat"] == {"args": ["--line-length=100"]}
    assert "line-length = 100" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_saving_with_our_kernel_changes_no_kernelspec(path):
    written = nbformat.read(path, as_version=4).metadata.kernelspec
    for warm in (False, True):
        spec = kernelspec(warm=warm)
        assert written == {
            "name": "python3",
            "display_name": spec["display_name"],
            "language": spec["language"],
        }


def test_the_kernel_is_the_usual_one_with_our_extension():
    ours, usual = kernelspec(warm=False), get_kernel_dict()
    assert ours["argv"][:-1] == usual["argv"]
    assert ours["argv"][-1].endswith("extra_extensions=commune_pilots.desk.session")
    assert {**ours, "argv": None} == {**usual, "argv": None}


def test_a_warm_kernel_can_be_forked():
    spec = kernelspec(warm=True)
    assert spec["metadata"]["kernel_provisioner"] == {"provisioner_name": kernels.NAME}
    assert kernels.can_fork(spec["argv"], {"cwd": "/"}) == kernels.can_fork(
        get_kernel_dict()["argv"], {"cwd": "/"}
    )


def test_a_session_is_written_whole_into_its_own_folder(tmp_path, layout):
    folder = tmp_path / "session"
    lab_settings.write_session(folder, layout, language="vi", warm=True)
    written = {
        path.relative_to(folder).as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in folder.rglob("*.json")
    }
    assert written["kernels/python3/kernel.json"] == kernelspec(warm=True)
    assert written["config/labconfig/default_setting_overrides.json"] == defaults(
        "vi", configured=False
    )
    extensions = written["config/jupyter_server_config.d/commune-pilots.json"]["ServerApp"]
    assert extensions["jpserver_extensions"] == {
        "commune_pilots.desk.lab_server": True,
        "jupyterlab_jupytext": False,
    }
    assert (folder / "kernels" / "python3" / "logo-64x64.png").is_file()
    assert [path for path in tmp_path.iterdir() if path != folder] == []


def test_jupyterlab_opens_on_the_briefings_if_there_are_any(layout):
    layout.notebooks.mkdir()
    assert _given(layout)["LabApp.default_url"] == "/lab/tree/notebooks"
    layout.reports("").mkdir()
    layout.reports("index.html").touch()
    assert _given(layout)["LabApp.default_url"] == "/lab/tree/reports/index.html"


def test_root_port_browser_and_tabs_are_those_of_the_project(layout):
    given = _given(layout, port=9001, browser=True)
    assert given["ServerApp.root_dir"] == str(layout.root)
    assert (given["ServerApp.port"], given["ServerApp.port_retries"]) == ("9001", "0")
    assert given["ServerApp.open_browser"] == "True"
    assert given["LabApp.workspaces_dir"].startswith(str(layout.root / "data" / "processed"))
    assert "ServerApp.port" not in _given(layout)


def test_the_extension_of_the_launcher_is_one_that_jupyterlab_takes():
    folder = lab_data() / "labextensions" / "commune-pilots"
    about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    assert about["name"] == folder.name
    assert (folder / about["jupyterlab"]["_build"]["load"]).is_file()
    assert about["jupyterlab"]["_build"]["extension"] == "./extension"
