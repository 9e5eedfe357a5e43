"""A run at a commit: executed by that commit's package, kept, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile

import pytest
import tiny
from committed import commit, project, write_runs
from warmed import alive, eventually

from commune_pilots import store
from commune_pilots.errors import InputError, ParameterError, PilotsError
from commune_pilots.runs import at_commit
from commune_pilots.runs.at_commit import kept_record, record_at, refuse_stale
from commune_pilots.runs.commits import find_commit
from commune_pilots.runs.run import execute_run

LENT = "data/processed/delivery-so/panel.parquet"


@pytest.fixture
def layout(tmp_path, monkeypatch):
    """Keep a project whose run has another text today than in its first commit."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    root = tmp_path / "project"
    project(root, long_an="first\n", broken="fails 7\n")
    write_runs(root, long_an="second\n", later="x\n")
    commit(root)
    (root / "uv.lock").write_text("today\n", encoding="utf-8")
    return store.Layout(root)


@pytest.fixture
def first(layout):
    return find_commit(layout, "HEAD~1")


def _scratch(layout):
    return list((layout.root.parent / "scratch").iterdir())


@pytest.mark.slow
def test_a_run_is_executed_as_the_commit_has_it_and_its_folder_is_taken_away(layout, first):
    then = record_at(layout, "long_an", first)
    assert (then.record["value"], then.record["commit"]) == ("first\n", first.sha)
    assert then.record["dirty"] is False
    assert (layout.params / "runs" / "long_an.yml").read_text() == "second\n"
    assert _scratch(layout) == []


@pytest.mark.slow
def test_it_ran_with_todays_packages_and_says_so_where_the_commit_locks_others(layout, first):
    then = record_at(layout, "long_an", first)
    assert then.record["environment"]["lock"] == store.sha256(layout.root / "uv.lock")
    assert then.relocked


@pytest.mark.slow
def test_what_was_found_is_kept_until_what_it_rests_on_outside_git_changes(
    layout, first, monkeypatch
):
    assert kept_record(layout, "long_an", first) is None
    store.write_bytes(layout.root / LENT, b"x")
    then = record_at(layout, "long_an", first)
    assert then.borrowed == (LENT,)
    assert kept_record(layout, "long_an", first) == then
    assert kept_record(layout, "long_an", find_commit(layout, "HEAD")) is None
    with monkeypatch.context() as other:
        other.setattr(at_commit.plan, "installed_packages", lambda: "others")
        assert kept_record(layout, "long_an", first) is None
    store.write_bytes(layout.root / LENT, b"y")
    assert kept_record(layout, "long_an", first) is None


def test_what_is_kept_and_damaged_counts_as_not_kept(layout, first):
    path = layout.processed(".at-commit") / f"{first.sha}-long_an.json"
    for content in (b"{", b"[]", b"{}", b'{"surroundings": 1}'):
        store.write_bytes(path, content)
        assert kept_record(layout, "long_an", first) is None


@pytest.mark.slow
def test_a_run_that_fails_there_shows_its_own_error_and_keeps_its_exit_code(layout, first, capfd):
    with pytest.raises(InputError) as caught:
        record_at(layout, "broken", first)
    assert (caught.value.key, caught.value.exit_code) == ("fails_at_commit", 7)
    assert capfd.readouterr().err == "Error: its own error\n"
    assert kept_record(layout, "broken", first) is None
    assert _scratch(layout) == []


@pytest.mark.slow
def test_an_exit_code_that_no_error_has_is_kept_all_the_same(layout):
    write_runs(layout.root, odd="fails 55\n")
    commit(layout.root)
    with pytest.raises(PilotsError) as caught:
        record_at(layout, "odd", find_commit(layout, "HEAD"))
    assert caught.value.exit_code == 55


def test_a_run_that_the_commit_does_not_have_is_refused_with_those_it_has(layout, first):
    with pytest.raises(ParameterError) as caught:
        record_at(layout, "long_am", first)
    said = caught.value.sentence("en")
    assert f"At {first.short} there is no run 'long_am'; did you mean 'long_an'?" in said
    assert "broken, long_an;" in said
    assert "later" not in said


def test_code_that_cannot_record_numbers_yet_is_refused_before_it_runs(layout):
    (layout.root / "src" / "commune_pilots" / "runs" / "released.py").unlink()
    commit(layout.root)
    with pytest.raises(ParameterError) as caught:
        record_at(layout, "long_an", find_commit(layout, "HEAD"))
    assert caught.value.key == "commit_before_records"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_run_there_and_leaves_no_folder(layout, number):
    told = layout.root.parent / "pid"
    write_runs(layout.root, long_an=f"waits {told}\n")
    commit(layout.root)
    source = (
        "import sys; from pathlib import Path\n"
        "from commune_pilots import store\n"
        "from commune_pilots.runs import at_commit, commits\n"
        "from commune_pilots.runs.batch import ended_by_signals\n"
        "layout = store.Layout(Path(sys.argv[1]))\n"
        "with ended_by_signals():\n"
        "    at_commit.record_at(layout, 'long_an', commits.find_commit(layout, 'HEAD'))\n"
    )
    around = {**os.environ, "TMPDIR": str(layout.root.parent / "scratch")}
    command = [sys.executable, "-c", source, str(layout.root)]
    with subprocess.Popen(command, env=around, stderr=subprocess.PIPE) as asking:
        assert eventually(lambda: told.is_file() and told.read_text())
        pid = int(told.read_text())
        asking.send_signal(number)
        _, said = asking.communicate(timeout=60)
    assert "was stopped on request; nothing of it is kept" in said.decode()
    assert not alive(pid)
    assert _scratch(layout) == []


def test_a_run_is_stale_as_soon_as_its_parameters_change_and_the_reason_is_told(
    tmp_path, monkeypatch
):
    made = tiny.make(tmp_path / "tiny")
    tiny.install(monkeypatch, made)
    monkeypatch.setattr(at_commit, "read_inventory", tiny.read)
    execute_run(tiny.read(made), tiny.job(made, "long_an"))
    refuse_stale(made, "long_an")
    tiny.edit(made.params / "runs" / "long_an.yml", "data: press\n", "data: press\nalpha: 0.01\n")
    with pytest.raises(InputError) as caught:
        refuse_stale(made, "long_an")
    assert caught.value.sentence("en") == (
        "Run 'long_an' was published before a change (step 02_measure: parameter alpha changed "
        "from 0.05 to 0.01); execute pilots run long_an, then compare again."
    )
    assert "tham số alpha" in caught.value.sentence("vi")
