"""What git keeps: commits by any name, what they hold, unpacked and taken away again."""

from __future__ import annotations

import tempfile

import pytest
from committed import commit, git, project, write_runs

from commune_pilots import store
from commune_pilots.errors import ParameterError
from commune_pilots.runs import commits
from commune_pilots.runs.commits import files_at, find_commit, lend, unpacked


@pytest.fixture
def first(tmp_path):
    return project(tmp_path, long_an="first\n")


@pytest.fixture
def layout(tmp_path, first):
    """Keep a project in two commits; its files are those of the second, and not committed ones."""
    write_runs(tmp_path, long_an="second\n", later="x\n")
    commit(tmp_path)
    write_runs(tmp_path, long_an="third\n")
    return store.Layout(tmp_path)


def test_a_commit_is_found_by_hash_short_hash_tag_branch_and_ancestry(layout, first):
    git(layout.root, "tag", "published", first)
    git(layout.root, "branch", "side", first)
    for word in (first, first[:8], "published", "side", "HEAD~1", "main^"):
        assert find_commit(layout, word).sha == first
    assert find_commit(layout, "HEAD").sha != first


@pytest.mark.parametrize("word", ["nowhere", "HEAD~9", "", "--all", "HEAD:params", "-n1"])
def test_a_word_that_names_no_commit_is_none_and_never_an_option_of_git(layout, word):
    assert find_commit(layout, word) is None


def test_a_folder_that_git_does_not_keep_is_refused_with_what_git_says(tmp_path):
    with pytest.raises(ParameterError) as caught:
        find_commit(store.Layout(tmp_path), "main")
    assert caught.value.key == "no_repository"
    assert "not a git repository" in caught.value.sentence("vi")


def test_without_git_it_is_said_that_git_is_not_installed(layout, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ParameterError, match="git is not installed"):
        find_commit(layout, "main")


def test_files_are_named_as_the_commit_has_them(layout):
    assert files_at(layout, find_commit(layout, "HEAD~1"), "params/runs/") == [
        "params/runs/long_an.yml"
    ]
    assert files_at(layout, find_commit(layout, "HEAD~1"), "docs") == []


def test_a_commit_is_unpacked_without_a_trace_in_git_and_taken_away_after_an_interrupt(layout):
    before = git(layout.root, "status", "--porcelain=v2", "--branch")
    with pytest.raises(KeyboardInterrupt), unpacked(layout, find_commit(layout, "HEAD~1")) as made:
        assert (made / "params" / "runs" / "long_an.yml").read_text() == "first\n"
        assert not (made / "params" / "runs" / "later.yml").exists()
        raise KeyboardInterrupt
    assert not made.parent.exists()
    assert git(layout.root, "status", "--porcelain=v2", "--branch") == before
    assert git(layout.root, "worktree", "list").count("\n") == 0


def test_a_project_inside_a_repository_is_unpacked_alone(tmp_path, monkeypatch):
    project(tmp_path, long_an="outer\n")
    inner = tmp_path / "inner"
    write_runs(inner, long_an="inner\n")
    commit(tmp_path)
    layout = store.Layout(inner)
    found = find_commit(layout, "HEAD")
    assert files_at(layout, found, "params/runs/") == ["params/runs/long_an.yml"]
    with unpacked(layout, found) as made:
        assert (made / "params" / "runs" / "long_an.yml").read_text() == "inner\n"


def test_what_git_ignores_is_lent_from_deliveries_and_studies_alone(layout, tmp_path):
    ignored = "data/processed/delivery-so/panel.parquet"
    for name in (ignored, "data/processed/long_an/results.parquet"):
        store.write_bytes(layout.root / name, b"x")
    with tempfile.TemporaryDirectory(dir=tmp_path) as made:
        folder = store.Layout(tmp_path / made).root
        assert lend(layout, folder) == [ignored]
        assert (folder / ignored).read_bytes() == b"x"


def test_where_files_cannot_be_linked_they_are_copied(layout, tmp_path, monkeypatch):
    store.write_bytes(layout.delivery("so") / "panel.parquet", b"x")
    monkeypatch.setattr(commits.os, "link", _no_links)
    (name,) = lend(layout, tmp_path / "made")
    assert (tmp_path / "made" / name).read_bytes() == b"x"


def _no_links(*given):
    raise OSError
