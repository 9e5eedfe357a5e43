"""`pilots new` as a user meets it, and a study from nothing to its briefing."""

from __future__ import annotations

import sys
from functools import cache

import filled
import pandas as pd
import pytest
import typer
from built import LAYOUT, copy_project

from commune_pilots.cli import main
from commune_pilots.commands import starting
from commune_pilots.desk import known_units
from commune_pilots.params import load_indicators, load_run
from commune_pilots.sources import press

GIVEN = ("--province", "Long An", "--decider", "UBND tỉnh Long An", "--date", "2026-11-22")


@pytest.fixture
def layout(tmp_path, monkeypatch):
    monkeypatch.setenv("PILOTS_ROOT", str(tmp_path))
    monkeypatch.setenv("PILOTS_LANG", "both")
    return copy_project(tmp_path)


_read_press = press.read_press


@cache
def _read_once():
    indicators = load_indicators(LAYOUT.params / "indicators.yml")
    return _read_press(LAYOUT.raw_press, indicators, shown="press")


@pytest.fixture
def press_units(monkeypatch):
    # Units of the country and tables of the press take seconds to read; no question rests on them.
    monkeypatch.setattr(known_units, "all_units", lambda units: (units, []))
    monkeypatch.setattr(press, "read_press", lambda *_, **__: _read_once())


@pytest.fixture
def pilots(layout, capsys):
    def call(*words):
        with pytest.raises(SystemExit) as left:
            main([*map(str, words)])
        printed = capsys.readouterr()
        return left.value.code, printed.out, printed.err

    return call


@pytest.fixture
def answers(monkeypatch):
    """Answer questions of a terminal in their order; returns what was asked, with the defaults."""
    given, asked = [], []

    def prompt(words, *, default, show_default):
        asked.append((words, default))
        answer = given.pop(0)
        return default if answer is None else answer

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(starting.typer, "prompt", prompt)
    return given, asked


def test_what_was_made_and_the_next_three_steps_are_told_in_both_languages(
    layout, press_units, pilots
):
    code, said, _ = pilots("new", "thu", *GIVEN)
    assert code == 0
    for words in ("Ba việc tiếp theo", "The next three steps"):
        assert words in said
    for named in ("data/raw/studies/thu/thu.xlsx", "params/runs/thu.yml", "pilots check thu"):
        assert said.count(named) >= 2
    assert layout.study("thu").is_file()
    assert load_run("thu", layout.params).indicators == []  # every one is compared


def test_a_study_that_exists_is_refused_and_stays_as_it_is(layout, press_units, pilots):
    pilots("new", "thu", *GIVEN)
    before = layout.study("thu").read_bytes()
    code, _, said = pilots("new", "thu", *GIVEN)
    assert code == 2
    assert said.count("params/runs/thu.yml") == 2
    assert layout.study("thu").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("thu", "--province", "Lông An", *GIVEN[2:]), "Tỉnh Long An"),
        (("long_an", *GIVEN), "params/runs/long_an.yml"),
        (("press", *GIVEN), "params/batches"),
        (("Thu", *GIVEN), "RUN"),
        (("thu", *GIVEN, "--indicator", "onlin_share"), "online_share"),
        (("thu", *GIVEN[:4], "--date", "mai"), "--date"),
    ],
)
def test_what_cannot_be_is_one_sentence_in_each_language(layout, press_units, pilots, words, told):
    code, said, refused = pilots("new", *words)
    assert (code, said) == (2, "")
    assert told in refused
    assert [line.partition(":")[0] for line in refused.splitlines()] == ["Lỗi", "Error"]
    assert not list(layout.root.rglob("*.xlsx"))


@pytest.mark.parametrize("missing", ["province", "decider", "date"])
def test_without_a_terminal_what_is_missing_is_named(layout, press_units, pilots, missing):
    at = GIVEN.index(f"--{missing}")
    code, _, refused = pilots("new", "thu", *GIVEN[:at], *GIVEN[at + 2 :])
    assert code == 2
    assert f"--{missing}" in refused


def test_on_a_terminal_what_is_missing_is_asked_with_a_default(
    layout, press_units, pilots, answers
):
    given, asked = answers
    given += ["Long An", None, "2026-12-01", "online_share, payment_share"]
    assert pilots("new", "thu")[0] == 0
    assert [default for _, default in asked][:2] == [None, "UBND tỉnh Long An"]
    assert all(" / " in words for words, _ in asked)
    run = load_run("thu", layout.params)
    assert run.briefing_date == "2026-12-01"
    assert run.indicators == ["online_share", "payment_share"]


def test_a_question_that_is_broken_off_leaves_nothing_behind(
    layout, press_units, pilots, monkeypatch
):
    def broken_off(*words, **about):
        raise typer.Abort

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(starting.typer, "prompt", broken_off)
    code, _, refused = pilots("new", "thu")
    assert code == 130
    assert "no file was made" in refused
    assert not list(layout.root.rglob("*.xlsx"))


@pytest.mark.slow
def test_a_fresh_workbook_is_told_to_be_filled_in_and_a_filled_one_is_read(layout, pilots):
    pilots("new", "thu", *GIVEN)
    code, _, refused = pilots("check", "thu")
    assert code == 7
    assert "thu.xlsx > Nguồn" in refused.splitlines()[0]
    assert "hãy điền" in refused.splitlines()[0]
    filled.fill(layout.study("thu"), filled.long_an_rows())
    assert pilots("check", "thu")[0] == 0


@pytest.mark.slow
def test_from_nothing_to_a_briefing_with_the_verdict_of_the_press_figures(layout, pilots):
    assert pilots("new", "thu", *GIVEN)[0] == 0
    filled.fill(layout.study("thu"), filled.long_an_rows())
    assert pilots("run", "thu")[0] == 0

    def read(table):
        return pd.read_parquet(layout.processed("thu") / f"{table}.parquet")

    verdict = read("verdicts").iloc[0]
    assert (verdict["option"], verdict["grade"]) == ("stages", "low")
    assert (verdict["units_counted"], verdict["units_piloted"]) == (2, 3)
    contrasts = read("contrasts").set_index("unit")
    assert contrasts["change"].to_dict() == {"28159": 81.3, "28237": 67.43, "27691": 53.53}
    assert contrasts["grade"].to_dict() == {"28159": "low", "28237": "low", "27691": "none"}
    page = (layout.reports("thu") / "briefing.html").read_text(encoding="utf-8")
    for told in ("16,8", "98,08", "chưa có", "Nhân rộng theo đợt"):
        assert told in page
