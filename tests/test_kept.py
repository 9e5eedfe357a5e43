"""What tests keep between sessions is what the sources as they stand would make."""

from __future__ import annotations

import os
import time

import kept
import pytest


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """Let what is kept be made from one file, written long before this process began."""
    file = tmp_path / "source.py"
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(kept, "_sources", lambda: [file])

    def write(text, *, seconds_ago=1e6):
        file.write_text(text)
        when = time.time() - seconds_ago
        os.utime(file, (when, when))
        kept._state.cache_clear()

    write("first")
    yield write
    kept._state.cache_clear()


def _never():
    raise AssertionError("made again")


def test_what_was_made_is_not_made_again(sources):
    assert kept.kept("name", lambda: ["made"]) == ["made"]
    assert kept.kept("name", _never) == ["made"]
    assert kept.kept("other", lambda: 2) == 2


def test_an_edited_source_makes_it_anew_and_only_the_last_is_left(sources):
    kept.kept("name", lambda: 1)
    sources("second")
    assert kept.kept("name", lambda: 2) == 2
    assert len(list(kept.FOLDER.glob("name-*"))) == 1
    sources("first")
    assert kept.kept("name", lambda: 3) == 3


def test_what_may_come_from_a_source_loaded_before_its_edit_is_not_kept(sources):
    sources("edited since", seconds_ago=0)
    assert kept.kept("name", lambda: 1) == 1
    assert kept.kept("name", lambda: 2) == 2


def test_a_failure_is_not_kept(sources):
    with pytest.raises(AssertionError, match="made again"):
        kept.kept("name", _never)
    assert kept.kept("name", lambda: 1) == 1


def test_package_data_notebooks_parameters_and_lock_are_all_sources():
    names = {path.relative_to(kept.ROOT).as_posix() for path in kept._sources()}
    assert names >= {
        "src/commune_pilots/catalogue.yml",
        "src/commune_pilots/scaling/decision.py",
        "data/raw/press/observations.csv",
        "notebooks/06_write_briefing.ipynb",
        "params/base.yml",
        "tests/built.py",
        "uv.lock",
    }
    assert not [name for name in names if name.endswith(".pyc")]
