"""The command `diff`: what it compares, what it prints, and what it refuses."""

from __future__ import annotations

import shutil

import pytest
from built import ROOT, findings_of
from committed import repository
from recorded import publish

from commune_pilots import screen, store
from commune_pilots.commands.diff import diff
from commune_pilots.errors import InputError, ParameterError
from commune_pilots.runs import at_commit, manifest
from commune_pilots.runs.released import published_record, record_path


@pytest.fixture
def layout(tmp_path, monkeypatch):
    monkeypatch.setenv("PILOTS_ROOT", str(tmp_path))
    monkeypatch.setenv("PILOTS_LANG", "en")
    monkeypatch.setattr(screen.wrapped, "width", 240)
    (tmp_path / "params").mkdir()
    shutil.copy(ROOT / "params" / "indicators.yml", tmp_path / "params")
    made = store.Layout(tmp_path)
    publish(made, "long_an", _results())
    return made


def _results(change=None):
    results = findings_of("long_an")["results"]
    first = results["quantity"] == "change"
    return results if change is None else results.assign(value=results["value"].mask(first, change))


def _released(layout):
    path = record_path(layout, "long_an", "2026-11-22")
    store.write_bytes(path, manifest.to_bytes(published_record(layout, "long_an")))
    return path


def _printed(capsys):
    return [line.split("  ") for line in capsys.readouterr().out.splitlines()]


def test_a_run_is_compared_with_its_last_released_briefing(layout, capsys):
    _released(layout)
    publish(layout, "long_an", _results(1.0), alpha=0.01)
    diff("long_an")
    printed = capsys.readouterr().out
    assert "81.3 (81.23 to 81.34) percentage points" in printed
    assert "1 (81.23 to 81.34) percentage points" in printed
    assert printed.splitlines()[-1].split("; ")[0] == "(1) parameters alpha 0.05 → 0.01"
    assert printed.count("Thị trấn Cần Giuộc") == 1


def test_a_run_that_is_as_it_was_released_has_not_changed(layout, capsys):
    _released(layout)
    diff("long_an/")
    assert capsys.readouterr().out == "No number changed.\n"


def test_both_languages_are_printed_where_none_is_chosen(layout, capsys, monkeypatch):
    monkeypatch.setenv("PILOTS_LANG", "both")
    _released(layout)
    diff("long_an")
    assert capsys.readouterr().out == "Không có con số nào thay đổi.\nNo number changed.\n"


def test_a_change_that_nothing_explains_is_said_to_be_unexplained(layout, capsys):
    _released(layout)
    publish(layout, "long_an", _results(1.0))
    diff("long_an")
    assert capsys.readouterr().out.splitlines()[-1] == (
        "(1) unexplained: nothing that this number rests on differs"
    )


def test_a_run_can_be_compared_with_a_file_and_with_another_run(layout, capsys, tmp_path):
    path = _released(layout)
    elsewhere = tmp_path / "earlier.json"
    path.rename(elsewhere)
    publish(layout, "other", _results(1.0))
    diff("other", against=str(elsewhere))
    by_file = capsys.readouterr().out
    diff("other", against="long_an")
    assert capsys.readouterr().out == by_file
    assert "parameters run long_an → other" in by_file


@pytest.mark.parametrize(
    ("run", "against", "key"),
    [
        ("long_an", None, "no_release"),
        ("nowhere", None, "not_published"),
        ("long_an", "bac_kan", "not_published"),
        ("long_an", "nowhere.json", "file_missing"),
    ],
)
def test_what_is_not_there_is_refused_with_its_reason(layout, run, against, key):
    _with_a_file(layout, "bac_kan")
    with pytest.raises(InputError) as caught:
        diff(run, against=against)
    assert caught.value.key == key


def _with_a_file(layout, run):
    path = layout.params / "runs" / f"{run}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("data: press\n", encoding="utf-8")


def test_a_word_that_is_nothing_is_refused_by_one_sentence_that_names_all_three(layout):
    repository(layout.root)
    with pytest.raises(ParameterError) as caught:
        diff("long_an", against="long_am")
    said = caught.value.sentence("en")
    assert caught.value.key == "unknown_against"
    for part in (
        "'long_am'",
        "no run; did you mean 'long_an'?",
        ".json",
        "no commit that git knows",
    ):
        assert part in said


def test_outside_a_repository_a_word_cannot_be_a_commit_and_git_says_why(layout):
    with pytest.raises(ParameterError) as caught:
        diff("long_an", against="HEAD~1")
    assert caught.value.key == "no_repository"
    assert "not a git repository" in caught.value.sentence("en")


def test_a_run_that_is_not_up_to_date_is_not_compared_with_a_commit(layout, monkeypatch):
    repository(layout.root)
    monkeypatch.setattr(at_commit, "refuse_stale", _stale)
    with pytest.raises(InputError, match="pilots run long_an"):
        diff("long_an", against="HEAD")


def _stale(layout, run):
    raise InputError("stale", run=run, step="03_estimate_effects", reason="x")


def test_a_comparison_with_a_commit_says_what_was_executed_and_what_was_lent(
    layout, capsys, monkeypatch
):
    commit = repository(layout.root)
    before = published_record(layout, "long_an")
    publish(layout, "long_an", _results(1.0), alpha=0.01)
    then = at_commit.Then(
        record={**before, "modules": {**before["modules"], "commune_pilots.other": "o"}},
        borrowed=("data/processed/delivery-so/panel.parquet",),
        relocked=True,
    )
    monkeypatch.setattr(at_commit, "refuse_stale", lambda *given: None)
    monkeypatch.setattr(at_commit, "record_at", lambda *given: then)
    diff("long_an", against="HEAD")
    told = capsys.readouterr()
    said = told.out.splitlines()
    assert said[0].startswith(f"long_an now and at {commit[:9]} (")
    assert said[1].endswith("data/processed/delivery-so/panel.parquet.")
    assert said[2].startswith(f"uv.lock of {commit[:9]} names other packages")
    assert [word for word in said[3].split("  ") if word] == [
        "Item", commit[:9], " Now", "What differs",
    ]  # fmt: skip
    assert said[-1] == "(1) parameters alpha 0.05 → 0.01"
    assert told.err == (
        f"Running long_an at {commit[:9]} in a folder of its own; "
        "the result is kept for the next time.\n"
    )
