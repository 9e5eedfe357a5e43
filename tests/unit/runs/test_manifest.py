from __future__ import annotations

import json
import subprocess

import pytest

from commune_pilots import store
from commune_pilots.runs import manifest


@pytest.fixture
def layout(tmp_path):
    return store.Layout(tmp_path)


def _published(layout, content=b"page"):
    page = layout.reports("x") / "briefing.html"
    store.write_bytes(page, content)
    return {"outputs": {"reports/x/briefing.html": store.sha256(page)}}


def _write(layout, text):
    store.write_bytes(layout.reports("x") / manifest.NAME, text.encode())


def test_files_are_hashed_under_their_path_from_the_root(layout):
    path = layout.root / "params" / "base.yml"
    store.write_bytes(path, b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert manifest.hash_files(layout.root, [path]) == {"params/base.yml": expected}


def test_outputs_that_stand_are_not_altered(layout):
    assert manifest.altered_output(layout, _published(layout)) is None


def test_a_changed_output_is_named(layout):
    found = _published(layout)
    store.write_bytes(layout.reports("x") / "briefing.html", b"other")
    assert manifest.altered_output(layout, found) == "reports/x/briefing.html"


def test_a_missing_output_is_named(layout):
    found = _published(layout)
    (layout.reports("x") / "briefing.html").unlink()
    assert manifest.altered_output(layout, found) == "reports/x/briefing.html"


def test_a_manifest_is_read_back_as_written(layout):
    content = {"run": "x", "title": "Thị trấn", "outputs": {}}
    _write(layout, manifest.to_bytes(content).decode())
    assert manifest.read(layout, "x") == content


@pytest.mark.parametrize("broken", ["", "{", "[1]", '"x"'])
def test_a_manifest_that_cannot_be_read_counts_as_none(layout, broken):
    _write(layout, broken)
    assert manifest.read(layout, "x") is None


def test_a_run_never_published_has_no_manifest(layout):
    assert manifest.read(layout, "x") is None


def test_a_manifest_is_written_with_sorted_keys_and_readable_letters():
    written = manifest.to_bytes({"b": 1, "a": "Thị trấn"}).decode()
    assert list(json.loads(written)) == ["a", "b"]
    assert "Thị trấn" in written
    assert written.endswith("}\n")
    assert manifest.to_bytes({"a": 1, "b": 2}) == manifest.to_bytes({"b": 2, "a": 1})


def test_versions_name_python_and_what_makes_numbers_or_pages():
    found = manifest.versions()
    assert {"python", "pandas", "scipy", "matplotlib", "papermill", "nbconvert"} <= set(found)
    assert all(found.values())


def test_outside_a_repository_the_commit_is_unknown_and_dirty(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert manifest.code_state(tmp_path) == ("unknown", True)


def test_the_commit_is_named_and_an_uncommitted_file_makes_it_dirty(tmp_path):
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], [*who, "commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    commit, dirty = manifest.code_state(tmp_path)
    assert (len(commit), dirty) == (40, False)
    (tmp_path / "new.txt").write_text("x", encoding="utf-8")
    assert manifest.code_state(tmp_path) == (commit, True)
