"""Git and notebooks: stripped when committed, read as cells, the same keys named everywhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import nbformat
import pytest
import yaml
from built import ROOT
from desked import commit_all, git

from commune_pilots.desk import git_drivers
from commune_pilots.desk.git_drivers import EXTRA_KEYS, STRIP, settings, settle, wire
from commune_pilots.store import Layout

NOTEBOOK = "notebooks/03_estimate_effects.ipynb"


@pytest.fixture
def layout(tmp_path):
    """A repository of notebooks; spaces and accents in its path are no mistake."""
    root = tmp_path / "thư mục của tỉnh"
    (root / "notebooks").mkdir(parents=True)
    for name in (".gitattributes", NOTEBOOK):
        shutil.copy(ROOT / name, root / name)
    layout = Layout(root)
    git(layout, "init", "--quiet", "--initial-branch=main")
    return layout


@pytest.fixture
def committed(layout):
    wire(layout)
    commit_all(layout)
    return layout


def _read(layout):
    return nbformat.read(layout.root / NOTEBOOK, as_version=4)


def _save(layout, notebook):
    nbformat.write(notebook, layout.root / NOTEBOOK)


def _run_all(notebook):
    """Leave what JupyterLab, papermill and an analyst's clicks leave in a file."""
    for count, cell in enumerate(notebook.cells, start=1):
        cell.metadata["editable"] = True
        cell.metadata["slideshow"] = {"slide_type": ""}
        if cell.cell_type == "markdown":
            cell.metadata["jp-MarkdownHeadingCollapsed"] = True
            continue
        cell.execution_count = count
        cell.outputs = [nbformat.v4.new_output("stream", text="run\n")]
        cell.metadata["execution"] = {"iopub.execute_input": "2026-11-22T08:00:00.000000Z"}
        cell.metadata["papermill"] = {"duration": 1.5, "status": "completed"}
    notebook.metadata["papermill"] = {"duration": 9.0, "version": "2.7.0"}
    notebook.metadata["language_info"] = {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": "3.11.7",
    }
    return notebook


def test_wiring_sets_every_key_once_and_says_so(layout):
    first, second = wire(layout), wire(layout)
    assert set(first.changed) == set(first.settings) == set(settings(Path("python")))
    assert second.changed == ()
    for key, value in first.settings.items():
        assert git(layout, "config", "--local", "--get-all", key) == f"{value}\n"


def test_a_setting_of_another_installation_is_replaced(layout):
    git(layout, "config", "--local", "filter.nbstripout.clean", "/gone/python -m nbstripout")
    assert "filter.nbstripout.clean" in wire(layout).changed
    assert wire(layout).changed == ()


def test_nothing_is_wired_outside_a_repository_or_without_git(tmp_path, monkeypatch):
    assert wire(Layout(tmp_path)) is None
    monkeypatch.setattr(git_drivers.shutil, "which", lambda name: None)
    assert wire(Layout(ROOT)) is None


def test_only_what_is_installed_is_wired(monkeypatch):
    monkeypatch.setattr(git_drivers, "find_spec", lambda name: name == "jupytext" or None)
    assert set(settings(Path("python"))) == {"diff.notebook.textconv"}


def test_commands_stand_spaces_and_windows():
    given = settings(Path("C:/Program Files/Python/python.exe"))
    for key in ("diff.notebook.command", "filter.nbstripout.clean", "merge.jupyternotebook.driver"):
        assert given[key].startswith('"C:/Program Files/Python/python.exe" -m ')
        assert "'" not in given[key]  # no quotes to cmd.exe
        assert "\\" not in given[key]
    assert shlex.split(given["filter.nbstripout.clean"])[3:] == ["nbstripout", *STRIP]
    assert given["merge.jupyternotebook.driver"].endswith("merge %O %A %B %L %P")


def test_the_same_keys_are_stripped_by_git_make_and_the_hook():
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entry = next(hook["entry"] for hook in hooks["repos"][0]["hooks"] if hook["id"] == "nbstripout")
    assert shlex.split(re.search(r"^STRIP := (.*)$", make, re.MULTILINE)[1]) == list(STRIP)
    assert make.count("nbstripout") == make.count("$(STRIP)") == 2
    assert shlex.split(entry)[1:] == list(STRIP)
    assert set(EXTRA_KEYS) >= {"metadata.papermill", "cell.metadata.papermill"}


def test_the_attributes_name_the_drivers_that_are_wired():
    line = next(
        line
        for line in (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
        if line.startswith("*.ipynb")
    )
    for kind, key in (("filter", "clean"), ("diff", "textconv"), ("merge", "driver")):
        name = re.search(rf"\b{kind}=(\w+)", line)[1]
        assert f"{kind}.{name}.{key}" in settings(Path("python"))


@pytest.mark.slow
def test_a_notebook_that_was_run_and_saved_is_no_change(committed):
    _save(committed, _run_all(_read(committed)))
    named = committed.root / "notebooks" / "sổ tay [tỉnh].ipynb"
    shutil.copy(ROOT / NOTEBOOK, named)
    commit_all(committed)
    shutil.copy(committed.root / NOTEBOOK, named)
    assert settle(committed.root / NOTEBOOK)
    assert settle(named)
    assert git(committed, "diff", "--stat") == ""
    assert git(committed, "status", "--porcelain") == ""


@pytest.mark.slow
def test_what_was_changed_or_is_unknown_to_git_stays_so(committed):
    notebook = _run_all(_read(committed))
    notebook.cells[0].source += "!"
    _save(committed, notebook)
    draft = committed.root / "notebooks" / "draft-1.ipynb"
    shutil.copy(committed.root / NOTEBOOK, draft)
    before = git(committed, "ls-files", "--stage")
    assert not settle(committed.root / NOTEBOOK)
    assert not settle(draft)
    assert git(committed, "ls-files", "--stage") == before
    assert git(committed, "status", "--porcelain").split() == [
        "M", NOTEBOOK, "??", "notebooks/draft-1.ipynb",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_changed_cell_is_all_that_a_diff_shows(committed):
    notebook = _run_all(_read(committed))
    cell = next(cell for cell in notebook.cells if cell.id == "floors-all")
    cell.source = cell.source.replace("worst_p", "floor_p")
    _save(committed, notebook)
    assert "1 insertion(+), 1 deletion(-)" in git(committed, "diff", "--stat")
    read = re.sub(r"\x1b\[[\d;]*m", "", git(committed, "diff"))
    assert "floor_p" in read
    assert not re.search("execution_count|outputs|papermill|language_info", read)
    commit_all(committed)
    shown = git(committed, "show", "HEAD")  # through jupytext: a script, not JSON
    assert '+floors.pivot(index="floor", columns="contrast", values="floor_p")' in shown
    assert '"cell_type"' not in shown


@pytest.mark.slow
def test_changes_to_different_cells_are_merged(committed):
    for branch, found in (("left", "read-observations"), ("right", "alternatives-all")):
        git(committed, "checkout", "--quiet", "-b", branch, "main")
        notebook = _read(committed)
        next(cell for cell in notebook.cells if cell.id == found).source += f"\n{branch}_changed"
        _save(committed, notebook)
        commit_all(committed)
    git(committed, "merge", "--quiet", "--no-edit", "left")
    assert {"left_changed", "right_changed"} <= {
        line for cell in _read(committed).cells for line in cell.source.splitlines()
    }


@pytest.mark.slow
def test_a_clone_that_is_not_wired_works_as_git_does(committed, tmp_path):
    git(committed, "clone", "--quiet", str(committed.root), str(tmp_path / "clone"))
    clone = Layout(tmp_path / "clone")
    assert git(clone, "status", "--porcelain") == ""
    notebook = _read(clone)
    notebook.cells[0].source += "!"
    _save(clone, notebook)
    commit_all(clone)
    assert "!" in git(clone, "show", "HEAD")
