"""The tutorial is followed to the letter, in both languages: what it shows is what appears."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence

import pytest
from bs4 import BeautifulSoup
from built import ROOT, copy_project, text_of
from taught import Step, fill, missing, steps_of

from commune_pilots import params
from commune_pilots.desk.run_file import write_run
from commune_pilots.store import Layout

PAGES = {language: ROOT / "docs" / name for language, name in (
    ("vi", "tutorial.md"), ("en", "tutorial.en.md"),
)}  # fmt: skip
RUN = "huong_dan"
# Opens a browser and stays: tests/browser drives it.
STAYS = "lab"


def _pilots(layout: Layout, line: str) -> str:
    """Type one line into a terminal of the project; gives all that it says."""
    name, *words = shlex.split(line)
    assert name == "pilots", line
    done = subprocess.run(
        [sys.executable, "-c", "from commune_pilots.cli import main; main()", *words],
        cwd=layout.root,
        env={**os.environ, "PILOTS_LANG": "both", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def _follow(layout: Layout, steps: Sequence[Step]) -> list[str]:
    """Do what the steps say, in order; gives what stands before the reader after each."""
    book = layout.root / "data" / "raw" / "studies" / RUN / f"{RUN}.xlsx"
    said, before = "", []
    for step in steps:
        if step.kind == "typed":
            lines = [line for line in step.lines if shlex.split(line)[1] != STAYS]
            said = "\n".join(_pilots(layout, line) for line in lines)
        elif step.kind == "filled":
            fill(book, step)
        elif step.kind == "form":
            contract = params.Run.model_json_schema()["properties"]
            number = {key: contract[key]["type"] == "integer" for key, _ in step.rows[1:]}
            write_run(layout, RUN, {k: int(v) if number[k] else v for k, v in step.rows[1:]})
        page = step.kind == "seen" and (layout.root / step.place).read_text("utf-8")
        before.append(text_of(BeautifulSoup(page, "html.parser")) if page else said)
    return before


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """Follow the tutorial once: both languages take the same steps and see the same screens."""
    return _follow(copy_project(tmp_path_factory.mktemp("tutorial")), steps_of(PAGES["vi"]))


@pytest.mark.slow
@pytest.mark.parametrize("language", PAGES)
def test_whoever_follows_the_tutorial_sees_what_it_shows(language, followed):
    absent = []
    for step, before in zip(steps_of(PAGES[language]), followed, strict=True):
        if step.kind == "comes_out":
            absent += [(step.line, line, before) for line in missing(step.lines, before)]
        elif step.kind == "seen":
            absent += [
                (step.line, line, before[:2000]) for line in step.lines if line not in before
            ]
    assert absent == []


def test_both_languages_take_the_same_steps():
    told = {language: steps_of(page) for language, page in PAGES.items()}
    for kind in ("typed", "filled", "form"):
        done = {
            language: [_alike(step) for step in steps if step.kind == kind]
            for language, steps in told.items()
        }
        assert done["vi"] == done["en"]
        assert done["vi"]
    assert [step.kind for step in told["vi"]] == [step.kind for step in told["en"]]


def _alike(step: Step) -> object:
    """What is done, without the words for cell, key and number that each language has."""
    cells = [[re.sub(r" \(\w+\)$", " (number)", cell) for cell in row] for row in step.rows[1:]]
    return step.lines, step.place, cells


@pytest.mark.parametrize("language", PAGES)
def test_nothing_is_asked_for_without_what_appears_then(language):
    """A command without an output or page behind it would be a step that nobody can check."""
    steps = [step for step in steps_of(PAGES[language]) if step.kind not in ("filled", "form")]
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if step.kind == "typed":
            assert after is not None
            assert after.kind != "typed", f"line {step.line}"


@pytest.mark.parametrize("language", PAGES)
def test_every_picture_is_there_and_described(language):
    pictures = [step for step in steps_of(PAGES[language]) if step.kind == "picture"]
    assert len(pictures) == 3
    for picture in pictures:
        path = ROOT / "docs" / picture.place
        assert path.read_bytes().startswith(b"\x89PNG")
        assert len(picture.lines[0]) > 30


def test_an_output_that_does_not_appear_is_told():
    said = "first line\n  second   line, 3.2 s\nthird"
    assert missing(["first line", "second line, … s"], said) == []
    assert missing(["second line, … s", "first line"], said) == ["first line"]
    assert missing(["fourth"], said) == ["fourth"]


def test_steps_are_read_out_of_a_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "```sh\npilots list\n```\n\n```text\nrun\n```\n\nSheet «Nguồn»:\n\n"
        "| Mã nguồn |\n| --- |\n| a |\n\nOpen `reports/x/briefing.html`:\n\n> words\n\n"
        "| key | value |\n| --- | --- |\n| alpha | 0.1 |\n\n"
        "| no | step |\n| --- | --- |\n| 1 | 2 |\n",
        encoding="utf-8",
    )
    found = [(step.kind, step.place, step.lines, step.rows) for step in steps_of(page)]
    assert found == [
        ("typed", "", ("pilots list",), ()),
        ("comes_out", "", ("run",), ()),
        ("filled", "Nguồn", (), (("Mã nguồn",), ("a",))),
        ("seen", "reports/x/briefing.html", ("words",), ()),
        ("form", "", (), (("key", "value"), ("alpha", "0.1"))),
    ]
