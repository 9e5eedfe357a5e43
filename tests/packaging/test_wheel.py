"""The wheel works where there is no repository: installed apart, it starts projects and runs them.

Third-party packages are those of this environment, so nothing is fetched; this project itself is
there only as the wheel.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from built import ROOT, findings_of
from nbformat.v4 import new_code_cell, new_notebook

from commune_pilots import __version__
from commune_pilots.desk.new_project import parts_of

pytestmark = pytest.mark.slow

PACKAGE = "commune_pilots"
PROJECT = f"{PACKAGE}/project"
# A kernel that a template forked has it as its parent.
FORKED = (
    "import os\nfrom pathlib import Path\n"
    "told = Path(f'/proc/{os.getppid()}/cmdline').read_text()\n"
    "print('warm' if 'commune_pilots.runs.template' in told else 'cold')"
)
WHERE = "import commune_pilots\nprint(commune_pilots.__file__)"
CONSUMER = """\
from pathlib import Path
from commune_pilots.params import Run, load_run
run: Run = load_run("long_an", Path("params"))
alpha: float = run.alpha
sources: list[str] = run.sources
"""


def _build(folder: Path, root: Path, *kinds: str) -> None:
    targets = [word for kind in kinds for word in ("-t", kind)]
    command = [sys.executable, "-m", "hatchling", "build", *targets, "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    _build(folder, ROOT, "wheel", "sdist")
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    return zipfile.ZipFile(next(built.glob("*.whl")))


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """Install the wheel into an environment of its own; gives that environment's folder."""
    folder = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    install = ["install", "--quiet", "--no-deps", "--no-index", str(next(built.glob("*.whl")))]
    uv = shutil.which("uv") or shutil.which(ROOT / ".tools" / "bin" / "uv")
    if uv:
        command = [uv, "pip", *install, "--python", str(python), "--offline"]
    else:
        command = [sys._base_executable, "-m", "pip", "--python", str(python), *install]
    subprocess.run(command, check=True, capture_output=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    (folder / "share").symlink_to(Path(sys.prefix) / "share")
    return folder


@pytest.fixture(scope="module")
def call(installed, tmp_path_factory):
    """Run a command of the installed environment outside the repository; gives what it printed."""
    outside = tmp_path_factory.mktemp("outside")
    left_out = ("PYTHONPATH", "VIRTUAL_ENV", "PILOTS_ROOT", "PILOTS_LANG", "JUPYTER_PATH")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}

    def run(*words: str, cwd: Path = outside, **given: str) -> str:
        done = subprocess.run(
            [str(installed / "bin" / words[0]), *words[1:]],
            cwd=cwd,
            env={**kept, "GIT_CEILING_DIRECTORIES": "/", "PILOTS_LANG": "en", **given},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def project(call, tmp_path_factory):
    """Start a project from the wheel and run the briefing of Long An there."""
    folder = tmp_path_factory.mktemp("province") / "dự án"
    call("pilots", "init", str(folder))
    call("pilots", "run", "long_an", cwd=folder)
    return folder


def _source_files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_carries_the_package_a_new_project_and_nothing_else(wheel):
    names = set(wheel.namelist())
    code = {f"{PACKAGE}/{name}" for name in _source_files(ROOT / "src" / PACKAGE)}
    shipped = {f"{PROJECT}/{part.as_posix()}" for part in parts_of(ROOT)}
    about = {name for name in names if name.startswith(f"{PACKAGE}-{__version__}.dist-info/")}
    assert names - code - about == shipped
    assert code <= names
    assert f"{PACKAGE}/py.typed" in names
    assert f"{PACKAGE}/catalogue.yml" in names
    assert not [name for name in names if name.endswith((".pyc", ".parquet")) or "/tests/" in name]


def test_no_file_of_the_wheel_names_a_folder_of_this_machine(wheel):
    here = [f"{folder}/".encode() for folder in (ROOT, Path.home(), sys.prefix)]
    assert [
        name for name in wheel.namelist() if any(place in wheel.read(name) for place in here)
    ] == []


def test_the_metadata_has_licence_extras_and_every_entry_point(wheel):
    folder = f"{PACKAGE}-{__version__}.dist-info"
    about = message_from_bytes(wheel.read(f"{folder}/METADATA"))
    assert about["License-Expression"] == "Apache-2.0"
    assert "Typing :: Typed" in about.get_all("Classifier")
    assert f"{folder}/licenses/LICENSE" in wheel.namelist()
    assert {"cluster", "lab", "pdf", "spark", "units", "word"} <= set(
        about.get_all("Provides-Extra")
    )
    points = wheel.read(f"{folder}/entry_points.txt").decode()
    for group in ("jupyter_client.kernel_provisioners", "papermill.engine", "nbconvert.exporters"):
        assert f"[{group}]\ncommune-pilots = {PACKAGE}." in points


def test_the_source_archive_makes_the_same_wheel(built, wheel, tmp_path):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = archive.getnames()
        archive.extractall(tmp_path, filter="data")
    assert not [name for name in names if "/reports/" in name or name.endswith(".xlsx")]
    _build(tmp_path / "again", next(tmp_path.iterdir()), "wheel")
    again = zipfile.ZipFile(next((tmp_path / "again").glob("*.whl")))
    assert sorted(again.namelist()) == sorted(wheel.namelist())
    assert [name for name in wheel.namelist() if again.read(name) != wheel.read(name)] == []


def test_what_is_installed_is_the_wheel_and_not_this_repository(installed, call):
    assert call("python", "-c", WHERE).startswith(str(installed))
    assert call("pilots", "--version") == f"pilots {__version__}\n"


def test_a_briefing_made_outside_the_repository_has_the_numbers_of_the_repository(project):
    results = pd.read_parquet(project / "data" / "processed" / "long_an" / "results.parquet")
    expected = findings_of("long_an").tables["results"]
    pd.testing.assert_frame_equal(results, expected.reset_index(drop=True))
    page = (project / "reports" / "long_an" / "briefing.html").read_text(encoding="utf-8")
    assert "16,8%" in page
    assert "98,08%" in page
    assert (project / "reports" / "reading.html").is_file()


def test_outside_git_the_briefing_says_so_and_the_run_rests_on_what_is_installed(project):
    about = json.loads((project / "reports" / "long_an" / "manifest.json").read_bytes())
    assert about["commit"] == "unknown"
    assert len(about["environment"]["lock"]) == 64
    assert about["versions"]["commune-pilots"] == __version__
    page = (project / "reports" / "long_an" / "briefing.html").read_text(encoding="utf-8")
    assert "thư mục của dự án không do git quản lý" in page


def test_a_run_of_the_new_project_stands_when_it_is_planned_again(project, call):
    assert "long_an: stands" in call("pilots", "plan", "long_an", cwd=project)


def test_papermill_takes_the_engine_of_the_wheel(installed, call, tmp_path):
    cells = [new_code_cell("n = 1", metadata={"tags": ["parameters"]}), new_code_cell(WHERE)]
    asked = tmp_path / "asked.ipynb"
    spec = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    notebook = new_notebook(cells=[*cells, new_code_cell("print(n)")], metadata=spec)
    nbformat.write(notebook, asked)
    call(
        *("papermill", str(asked), "done.ipynb", "-p", "n", "7"),
        *("--engine", "commune-pilots", "-k", "python3"),
        cwd=_with_script(installed, "papermill", tmp_path),
    )
    done = nbformat.read(tmp_path / "done.ipynb", as_version=4)
    printed = [cell.outputs[0].text for cell in done.cells if cell.get("outputs")]
    assert printed[0].startswith(str(installed))
    assert printed[1] == "7\n"


def test_nbconvert_executes_through_the_provisioner_and_writes_the_page(installed, call, tmp_path):
    nbformat.write(new_notebook(cells=[new_code_cell(FORKED)]), tmp_path / "a.ipynb")
    call(
        *("jupyter-nbconvert", "--execute", "--to", "commune-pilots", "a.ipynb"),
        cwd=_with_script(installed, "jupyter-nbconvert", tmp_path),
        JUPYTER_DEFAULT_PROVISIONER_NAME="commune-pilots",
    )
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<pre>warm\n</pre>" in page
    assert "default-src 'none'" in page


def _with_script(installed: Path, name: str, folder: Path) -> Path:
    """Copy a command of this environment into the installed one, as pip would have made it."""
    made = installed / "bin" / name
    lines = (Path(sys.prefix) / "bin" / name).read_text(encoding="utf-8").splitlines(keepends=True)
    made.write_text("".join([f"#!{installed}/bin/python\n", *lines[1:]]), encoding="utf-8")
    made.chmod(0o755)
    return folder


def test_a_strict_type_checker_sees_the_types_of_the_wheel(installed, tmp_path):
    wrong = f"{CONSUMER}run.alpha.upper()\nload_run(7)\n"
    (tmp_path / "consumer.py").write_text(CONSUMER, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(wrong, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--python-executable"),
            *(str(installed / "bin" / "python"), "--cache-dir", str(tmp_path / "cache")),
            *("--config-file", os.devnull, "consumer.py", "wrong.py"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line.split(": error: ")[0] for line in done.stdout.splitlines() if ": error: " in line]
    assert set(told) == {"wrong.py:6", "wrong.py:7"}, done.stdout
