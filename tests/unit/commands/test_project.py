"""The command `init` says where the project is; outside a project every command names it."""

from __future__ import annotations

import pytest

from commune_pilots.cli import main


def _pilots(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*words])
    return int(ended.value.code or 0)


def test_init_writes_a_project_and_says_what_comes_next(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PILOTS_LANG", "both")
    assert _pilots("init", str(tmp_path / "new")) == 0
    told = capsys.readouterr().out
    assert told.count((tmp_path / "new").as_posix()) == 2
    assert told.count("pilots batch press") == 2
    assert (tmp_path / "new" / "params" / "base.yml").is_file()


def test_a_folder_that_is_not_empty_is_refused_in_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PILOTS_LANG", "en")
    (tmp_path / "mine").touch()
    assert _pilots("init", str(tmp_path)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "already holds files" in told.err


def test_outside_a_project_the_error_names_init(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("PILOTS_ROOT", raising=False)
    monkeypatch.setenv("PILOTS_LANG", "both")
    monkeypatch.chdir(tmp_path)
    assert _pilots("plan") == 7
    assert capsys.readouterr().err.count("pilots init") == 2
