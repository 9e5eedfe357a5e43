"""The command `pilots contrast` as a user meets it, where there is no project."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from commune_pilots.cli import main

SLOW_TO_LOAD = {"pandas", "pandera", "scipy.stats", "statsmodels", "matplotlib", "papermill"}
MISREAD = {
    "a letter": ("16,8x", "98"),
    "above one hundred": ("16,8", "100,1"),
    "more than there were": ("96/95", "98"),
    "a bound below nothing": ("gần 0", "5"),
    "none yet as the later figure": ("16,8", "chưa có"),
    "no such rounding": ("16,8", "98", "--rounding", "up"),
    "a design effect below one": ("16,8", "98", "--deff", "0.5"),
    "an error level of a half": ("16,8", "98", "--alpha", "0.5"),
    "no dossier at all": ("16,8", "98", "--before-n", "0"),
    "two numbers of dossiers": ("16/95", "98", "--before-n", "96"),
}


@pytest.fixture
def contrast(tmp_path, monkeypatch, capsys):
    """Call the calculator outside a project; returns code, what was printed, errors."""
    monkeypatch.delenv("PILOTS_ROOT", raising=False)
    monkeypatch.setenv("PILOTS_LANG", "both")
    monkeypatch.setenv("PILOTS_DEBUG", "")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main(["contrast", *words])
        printed = capsys.readouterr()
        assert list(tmp_path.iterdir()) == []
        return left.value.code, " ".join(printed.out.split()), printed.err

    return call


def _sentences(printed):
    """Take the one sentence of each language, and nothing besides, out of an error output."""
    vietnamese, english = printed.strip().splitlines()
    assert vietnamese.startswith("Lỗi: ")
    assert english.startswith("Error: ")
    return vietnamese, english


@pytest.mark.parametrize("name", MISREAD)
def test_a_question_that_cannot_be_read_is_refused_in_both_languages(contrast, name):
    code, out, err = contrast(*MISREAD[name])
    assert (code, out) == (2, "")
    _sentences(err)
    assert "Traceback" not in err


def test_a_number_that_cannot_print_its_share_is_refused_with_those_that_can(contrast):
    code, out, err = contrast("16,8", "98.08", "--before-n", "100")
    assert (code, out) == (2, "")
    assert all(re.search("100.*95, 101", sentence) for sentence in _sentences(err))


def test_a_figure_that_stands_alone_is_named_as_it_was_typed(contrast):
    assert all("BEFORE" in sentence for sentence in _sentences(contrast("16,8x")[2]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("16,8", "98,08"), ("16.8", "98.08%", "--rounding", "nearest")),
        (("trên 99", "98"), ("over 99", "98")),
        (("chưa có", "53,53"), ("none yet", "53.53")),
    ],
)
def test_the_same_question_gets_the_same_json_however_it_is_typed(contrast, one, other):
    asked, again = (json.loads(contrast(*words, "--json")[1]) for words in (one, other))
    assert asked == again


def test_json_holds_plain_numbers_and_nothing_else(contrast):
    def refuse(constant):
        raise AssertionError(constant)

    code, out, err = contrast("2,0", "8,3", "--deff", "2", "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out, parse_constant=refuse)
    found = answer["contrast"]
    assert found["worst_p"] == pytest.approx(0.7148, abs=5e-5)
    assert (found["worst_n_before"], found["worst_n_after"]) == (49, 12)
    assert (found["certified"], found["floor_needed"], found["grade"]) == (True, 103, "none")
    assert 0 < found["design_effect"] < 1
    assert answer["p_with_design_effect"] > found["worst_p"]


def test_the_answer_comes_in_both_languages_or_the_one_chosen(contrast):
    both = contrast("0,1", "10,7")[1]
    said = {language: contrast("0,1", "10,7", "--lang", language)[1] for language in ("vi", "en")}
    assert both == f"{said['vi']} {said['en']}"
    assert "1/667 → 3/28, p < 0,001" in said["vi"]
    assert "1/667 → 3/28, p < 0.001" in said["en"]


def test_counts_bounds_and_one_figure_are_answered(contrast):
    assert "16/95 (16,84%) → 51/52 (98,08%)" in contrast("16/95", "51/52")[1]
    assert "trên 99%" in contrast("over 99", "98", "--lang", "vi")[1]
    alone = contrast("98,08", "--lang", "en")[1]
    assert "A level at one point in time." in alone
    assert "percentage points" not in alone


def test_a_floor_is_taken_at_its_word(contrast):
    assert "Shows Unlikely" in contrast("2,0", "8,3", "--floor", "103", "--lang", "en")[1]


@pytest.mark.slow
def test_the_calculator_loads_no_table_or_drawing_library(tmp_path):
    asked = (
        "import sys\n"
        "from commune_pilots.cli import main\n"
        "try:\n    main(['contrast', '16,8', '98,08', '--json'])\n"
        "except SystemExit as left:\n    assert left.code == 0\n"
        f"print(*({SLOW_TO_LOAD!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stderr.split() == []
    assert json.loads(done.stdout)["contrast"]["certified"] is True


def test_the_help_names_arguments_and_options(contrast):
    code, out, _ = contrast("--help")
    assert code == 0
    options = ("before-n", "after-n", "floor", "rounding", "deff", "alpha", "json")
    for name in ("BEFORE", "AFTER", *(f"--{option}" for option in options)):
        assert name in out
