from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from commune_pilots import store
from commune_pilots.runs import manifest
from commune_pilots.runs.plan import Record


@pytest.fixture
def layout(tmp_path):
    return store.Layout(tmp_path)


def _published(layout, content=b"page"):
    page = layout.reports("x") / "briefing.html"
    store.write_bytes(page, content)
    return {"outputs": {"reports/x/briefing.html": store.sha256(page)}}


def _write(layout, text):
    store.write_bytes(layout.reports("x") / manifest.NAME, text.encode())


def _record(number, reads, outputs, **modules):
    return Record(
        content=f"notebook {number}",
        parameters={"run": "x", "alpha": 0.05, "units": []},
        modules=modules,
        environment={"lock": "l"},
        reads={path: f"hash of {path}" for path in reads},
        outputs={path: f"hash of {path}" for path in outputs},
    )


@pytest.fixture
def records():
    return {
        "01_clean": _record(1, ["data/raw/a.csv"], ["data/processed/x/a.parquet"], store="s"),
        "02_write": _record(2, ["data/processed/x/a.parquet", "params/i.yml"], ["reports/x/2"]),
        "pages": _record(3, ["reports/x/2"], ["reports/x/briefing.html"], pages="p"),
    }


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


def test_the_inputs_of_a_run_are_what_its_steps_read_and_none_of_them_made(records):
    assert manifest.compose({}, records)["inputs"] == {
        "data/raw/a.csv": "hash of data/raw/a.csv",
        "params/i.yml": "hash of params/i.yml",
    }


def test_the_outputs_and_modules_of_a_run_are_those_of_all_its_steps(records):
    found = manifest.compose({"run": "x"}, records)
    assert [*found["outputs"]] == [
        "data/processed/x/a.parquet",
        "reports/x/2",
        "reports/x/briefing.html",
    ]
    assert found["modules"] == {"store": "s", "pages": "p"}
    assert found["run"] == "x"


def _facts():
    """Give what a whole manifest tells of its run."""
    names = ("run", "key", "data", "title", "grade", "option", "province_name", "parameters")
    return dict.fromkeys(names, "x")


@pytest.mark.parametrize("missing", ["inputs", "modules", "steps", "title", "parameters"])
def test_a_manifest_that_lacks_a_part_counts_as_none(layout, records, missing):
    content = manifest.compose(_facts(), records)
    del content[missing]
    _write(layout, manifest.to_bytes(content).decode())
    assert manifest.read(layout, "x") is None


def test_the_steps_come_back_out_of_a_manifest_as_they_went_in(layout, records):
    _write(layout, manifest.to_bytes(manifest.compose(_facts(), records)).decode())
    back = manifest.records_of(manifest.read(layout, "x"))
    assert back == records
    assert [record.key for record in back.values()] == [record.key for record in records.values()]


def test_the_key_of_a_run_changes_with_any_of_its_steps(records):
    first = manifest.compose({}, records)["key"]
    for name in records:
        changed = {**records, name: _record(9, [], [])}
        assert manifest.compose({}, changed)["key"] != first
    assert manifest.compose({"commit": "other"}, records)["key"] == first


def test_tables_are_named_by_their_files_in_order_and_nothing_else_is_one():
    files = ["data/processed/x/units.parquet", "reports/x/03.ipynb", "data/processed/x/a.parquet"]
    assert manifest.tables_in(files) == ["a", "units"]


def test_a_manifest_is_read_back_as_written(layout):
    content = {**_facts(), "title": "Thị trấn", "format": manifest.FORMAT}
    content |= {"inputs": {}, "outputs": {}, "modules": {}, "environment": {}, "steps": {}}
    _write(layout, manifest.to_bytes(content).decode())
    assert manifest.read(layout, "x") == content


@pytest.mark.parametrize("broken", ["", "{", "[1]", '"x"', "{}", '{"format": 1}', '{"run": "x"}'])
def test_a_manifest_that_cannot_be_read_or_is_of_another_format_counts_as_none(layout, broken):
    _write(layout, broken)
    assert manifest.read(layout, "x") is None


def test_a_manifest_that_is_not_utf8_counts_as_none(layout):
    store.write_bytes(layout.reports("x") / manifest.NAME, b'{"run": "\xff"}')
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


def test_where_git_is_not_installed_the_commit_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert manifest.code_state(Path(__file__).parent) == ("unknown", True)
