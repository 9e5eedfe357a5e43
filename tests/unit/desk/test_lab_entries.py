"""What the launcher offers: words in both languages, commands as they are typed."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from commune_pilots.catalogue import LANGUAGES
from commune_pilots.desk import lab_entries
from commune_pilots.desk.at_hand import take_up
from commune_pilots.desk.lab_entries import ENTRIES, lab_language, offered, typed, words
from commune_pilots.desk.lab_settings import lab_data
from commune_pilots.store import Layout


@pytest.fixture
def layout(tmp_path):
    (tmp_path / "params" / "runs").mkdir(parents=True)
    for name in ("cao_bang", "long_an"):
        (tmp_path / "params" / "runs" / f"{name}.yml").touch()
    return Layout(tmp_path)


def test_entries_are_worded_in_the_language_of_the_session_with_the_other_beside():
    assert words("vi")["new_study"] == words("en")["new_study_caption"] == "Nghiên cứu mới"
    assert words("en")["run_study"] == words("vi")["run_study_caption"] == "Run this study"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_launcher_finds_every_word_it_shows(language):
    script = (lab_data() / "labextensions/commune-pilots/static/remoteEntry.js").read_text("utf-8")
    known = words(language)
    asked = set(re.findall(r"\bwords\.(\w+)", script))
    asked |= {name for line in re.findall(r"\{ ([\w, ]+) \} = offered\.words", script)
              for name in line.split(", ")}  # fmt: skip
    assert asked >= {"category", "choose", "cancel", "no_terminal", "nothing_published"}
    assert asked | set(ENTRIES) <= set(known)
    assert all(re.search(rf"^\s+{name}: ", script, re.MULTILINE) for name in ENTRIES)
    assert not re.search(r"[À-ỹ]", script)  # words stand in the catalogue only


@pytest.mark.parametrize(
    ("given", "language"), [(None, "vi"), ("both", "vi"), ("vi", "vi"), ("en", "en")]
)
def test_the_lab_is_in_vietnamese_unless_english_is_asked_for(monkeypatch, given, language):
    monkeypatch.delenv("PILOTS_LANG", raising=False)
    if given:
        monkeypatch.setenv("PILOTS_LANG", given)
    assert lab_language() == language


def test_runs_briefings_and_the_run_at_hand_are_those_of_the_moment(layout):
    before = offered(layout, "vi")
    assert (before["runs"], before["at_hand"], before["index"]) == (
        ["cao_bang", "long_an"],
        None,
        None,
    )
    take_up(layout, "long_an")
    layout.reports("").mkdir()
    layout.reports("index.html").touch()
    after = offered(layout, "vi")
    assert (after["at_hand"], after["index"]) == ("long_an", "reports/index.html")


def test_a_command_names_the_program_of_this_environment(layout):
    program, *rest = shlex.split(typed(layout, "run", "long_an"))
    assert Path(program) == Path(sys.executable).with_name("pilots")
    assert rest == ["run", "long_an"]


def test_a_program_inside_the_project_is_named_from_its_root(layout, monkeypatch):
    program = layout.root / ".venv" / "bin" / "pilots"
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setattr(lab_entries.sys, "executable", str(program.with_name("python")))
    assert typed(layout, "run", "long_an") == ".venv/bin/pilots run long_an"


def test_where_no_program_stands_beside_python_its_plain_name_is_typed(layout, monkeypatch):
    monkeypatch.setattr(lab_entries.sys, "executable", str(layout.root / "elsewhere" / "python"))
    assert typed(layout, "new") == "pilots new"
