"""A new project is whole, is what the repository has, and never falls on files that are there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from built import ROOT

from commune_pilots.desk.new_project import make_project, parts_of
from commune_pilots.errors import ParameterError, WriteError
from commune_pilots.params import known_runs, load_run
from commune_pilots.runs.code import read_code
from commune_pilots.runs.plan import read_steps
from commune_pilots.store import Layout, find_root

NEEDED = {
    "README.md", ".gitattributes", ".gitignore", "CONTRIBUTING.md", "params/base.yml",
    "params/README.md", "params/batches/press.csv", "data/raw/README.md",
    "data/raw/press/observations.csv", "docs/reading-a-briefing.md", "data/processed/.gitkeep",
    "reports/.gitkeep", "notebooks/06_write_briefing.ipynb",
}  # fmt: skip


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("new") / "deep" / "thí điểm")


def test_a_new_project_has_what_runs_need_and_each_file_is_the_repositorys(made):
    files = _files(made)
    assert files >= NEEDED
    added = {"README.md", "data/processed/.gitkeep", "reports/.gitkeep"}
    for name in files - added:
        assert (made / name).read_bytes() == (ROOT / name).read_bytes(), name


def test_a_new_project_has_no_tests_no_reports_and_nothing_of_an_editor(made):
    tops = {name.split("/")[0] for name in _files(made)}
    assert tops == {
        "README.md", ".gitattributes", ".gitignore", "CONTRIBUTING.md", "data", "docs",
        "notebooks", "params", "reports",
    }  # fmt: skip
    assert not [name for name in _files(made) if "ipynb_checkpoints" in name]


def test_a_new_project_can_be_planned_from_any_of_its_folders(made):
    layout = find_root(made / "notebooks")
    assert layout == Layout(made)
    assert load_run("long_an", layout.params).run == "long_an"
    assert known_runs(layout.params) == known_runs(ROOT / "params")
    assert len(read_steps(layout, read_code())) == 7


def test_every_link_of_its_pages_leads_to_a_file_of_it(made):
    dead = [
        (page.relative_to(made).as_posix(), link)
        for page in made.rglob("*.md")
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not link.startswith(("http:", "https:")) and not (page.parent / link).exists()
    ]
    assert dead == []


def test_its_readme_is_in_both_languages_and_names_commands_that_exist(made):
    readme = (made / "README.md").read_text(encoding="utf-8")
    assert readme.index("Thư mục này") < readme.index("This folder")
    assert {"batch press", "new", "lab"} <= set(
        re.findall(r"`pilots ([a-z ]+?)(?: [A-Z]+)?`", readme)
    )


@pytest.mark.parametrize("held", ["notes.txt", ".hidden", "params/"])
def test_a_folder_that_holds_anything_is_refused_and_left_alone(tmp_path, held):
    if held.endswith("/"):
        (tmp_path / held).mkdir()
    else:
        (tmp_path / held).write_text("mine", encoding="utf-8")
    with pytest.raises(ParameterError) as refused:
        make_project(tmp_path)
    assert refused.value.exit_code == 2
    assert tmp_path.as_posix() in refused.value.sentence("en")
    assert [entry.name for entry in tmp_path.iterdir()] == [held.rstrip("/")]


def test_a_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "x").write_text("mine", encoding="utf-8")
    with pytest.raises(ParameterError):
        make_project(tmp_path / "x")
    assert (tmp_path / "x").read_text(encoding="utf-8") == "mine"


def test_an_empty_folder_is_filled(tmp_path):
    make_project(tmp_path)
    assert _files(tmp_path) >= NEEDED


@pytest.mark.parametrize("there", [True, False])
def test_what_fails_half_way_leaves_nothing_behind(tmp_path, monkeypatch, there):
    folder = tmp_path / "new"
    if there:
        folder.mkdir()
    moves = []

    def full(entry, target):
        moves.append(entry.name)
        if entry.name == "docs":
            raise OSError(28, "No space left on device")
        return shutil.move(entry, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(WriteError, match="No space left"):
        make_project(folder)
    assert "data" in moves
    assert "params" not in moves
    assert folder.exists() == there
    assert not there or list(folder.iterdir()) == []


def test_hidden_folders_of_an_editor_are_no_part_of_a_project(tmp_path):
    for name in ("params/runs/a.yml", "params/runs/.ipynb_checkpoints/a-checkpoint.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [path.as_posix() for path in parts_of(tmp_path)] == ["params/runs/a.yml"]
