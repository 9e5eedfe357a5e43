"""The command line as a user meets it: what is printed, the exit code, and what is left behind."""

from __future__ import annotations

import re
from functools import cache

import pytest
import tiny
from built import copy_project

from commune_pilots import __version__
from commune_pilots.cli import main
from commune_pilots.params import Run
from commune_pilots.runs import inventory
from commune_pilots.runs import run as runs
from commune_pilots.runs.code import read_code

COMMANDS = (
    "run", "batch", "plan", "verify", "export", "check", "list", "keys", "contrast", "design",
)  # fmt: skip
CODES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 70)


_read_once = cache(read_code)


@pytest.fixture
def layout(tmp_path, monkeypatch):
    # Our own code does not change between these tests; reading it is most of their time.
    monkeypatch.setattr(inventory, "read_code", _read_once)
    monkeypatch.setenv("PILOTS_ROOT", str(tmp_path))
    monkeypatch.setenv("PILOTS_LANG", "both")
    monkeypatch.setenv("PILOTS_DEBUG", "")
    monkeypatch.setenv("COLUMNS", "120")
    return copy_project(tmp_path)


@pytest.fixture
def pilots(layout, capsys):
    """Call the command; returns exit code, what was printed, and the error output."""

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main(list(words))
        printed = capsys.readouterr()
        return left.value.code, printed.out, printed.err

    return call


def _remove_table(layout):
    (layout.raw_press / "observations.csv").unlink()


def _ragged_row(layout):
    path = layout.raw_press / "observations.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[16] += ",one,cell,more"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _impossible_share(layout):
    tiny.edit(layout.raw_press / "observations.csv", '"98,08",98.08,', '"980,8",980.8,')


def _no_table(layout):
    for path in layout.raw_press.glob("*.csv"):
        path.write_text("", encoding="utf-8")


REFUSALS = {
    "misspelt key": (["run", "long_an", "--set", "onlne_share=1"], 2, "online_share"),
    "wrong type": (["run", "long_an", "--set", "alpha=abc"], 2, "alpha"),
    "out of range": (["run", "long_an", "--set", "alpha=0.9"], 2, "alpha"),
    "no equals sign": (["run", "long_an", "--set", "alpha"], 2, "alpha"),
    "unknown unit": (["run", "long_an", "--set", "units=99999"], 2, "99999"),
    "unknown indicator": (["run", "long_an", "--set", "indicators=onlin_share"], 2, "onlin_share"),
    "unknown source": (["run", "long_an", "--set", "sources=009"], 2, "009"),
    "unknown run": (["run", "long_ann"], 2, "long_an"),
    "run that climbs out": (["run", "../../etc/passwd"], 2, "params/runs"),
    "unknown batch": (["batch", "pres"], 2, "press"),
    "batch that climbs out": (["batch", "../batches/press"], 2, "params/batches"),
    "plan of an unknown run": (["plan", "long_ann"], 2, "long_an"),
    "plan of an unknown batch": (["plan", "--batch", "pres"], 2, "press"),
    "plan of a wrong type": (["plan", "long_an", "--set", "alpha=abc"], 2, "alpha"),
    "proof of what is not published": (["verify", "long_an"], 7, "manifest.json"),
    "unknown command": (["rnu", "long_an"], 2, "rnu"),
    "unknown option": (["run", "long_an", "--froce"], 2, "--froce"),
    "no run named": (["run"], 2, "RUN"),
    "no run to verify named": (["verify"], 2, "RUN"),
    "jobs not a number": (["run", "long_an", "--jobs", "many"], 2, "--jobs"),
    "no job at all": (["run", "long_an", "--jobs", "0"], 2, "--jobs"),
    "too many retries": (["batch", "press", "--retries", "11"], 2, "--retries"),
    "fewer retries than none": (["run", "long_an", "--retries", "-1"], 2, "--retries"),
    "a plan of a pilot without its size": (["design", "--communes", "108"], 2, "--pilots"),
}
BROKEN = {
    "missing raw file": (_remove_table, "observations.csv"),
    "ragged row": (_ragged_row, "observations.csv"),
    "a share of 980,8%": (_impossible_share, "980.8"),
    "empty tables": (_no_table, ".csv"),
}


def _one_sentence_each(printed):
    vietnamese = [line for line in printed.splitlines() if line.startswith("Lỗi: ")]
    english = [line for line in printed.splitlines() if line.startswith("Error: ")]
    assert (len(vietnamese), len(english)) == (1, 1)
    for sentence in (*vietnamese, *english):
        assert sentence.rstrip().endswith((".", "?"))
    return vietnamese[0], english[0]


def _nothing_published(layout):
    made = {path.relative_to(layout.root) for path in layout.root.rglob("*") if path.is_file()}
    reports = {str(path) for path in made if path.parts[0] == "reports"}
    assert all(re.fullmatch(r"reports/\w+\.failed/failures\.html", path) for path in reports)
    assert not (layout.root / "data" / "processed").exists()


@pytest.mark.parametrize("name", REFUSALS)
def test_a_wrong_request_is_refused_in_both_languages(layout, pilots, name):
    words, expected, named = REFUSALS[name]
    code, out, err = pilots(*words)
    assert code == expected
    for sentence in _one_sentence_each(err):
        assert named in sentence
    assert "Traceback" not in out + err
    assert out == ""
    _nothing_published(layout)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_raw_data_are_refused_in_both_languages(layout, pilots, name):
    break_it, named = BROKEN[name]
    break_it(layout)
    code, out, err = pilots("run", "long_an")
    assert code == 7
    for sentence in _one_sentence_each(err):
        assert named in sentence
    assert "Traceback" not in out + err
    _nothing_published(layout)


def test_a_misspelt_indicator_as_key_is_told_where_it_belongs(pilots):
    _, _, err = pilots("run", "long_an", "--set", "onlne_share=1")
    assert "indicators=online_share" in err


def test_several_broken_values_are_listed_as_a_table(layout, pilots):
    _impossible_share(layout)
    tiny.edit(layout.raw_press / "observations.csv", '"86,41",86.41,', '"86,41",86.42,')
    code, _, err = pilots("run", "long_an")
    assert code == 7
    assert "980.8" in err
    assert "86.42" in err
    _one_sentence_each(err)


def test_broken_values_leave_a_report_that_people_can_read(layout, pilots):
    _impossible_share(layout)
    pilots("run", "long_an")
    report = layout.failed("long_an") / "failures.html"
    assert "980.8" in report.read_text(encoding="utf-8")


def test_outside_a_project_nothing_is_guessed(tmp_path, monkeypatch, pilots, tmp_path_factory):
    monkeypatch.delenv("PILOTS_ROOT")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    code, _, err = pilots("run", "long_an")
    assert code == 7
    for sentence in _one_sentence_each(err):
        assert "params/base.yml" in sentence
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize(
    "words", [["run", "long_ann"], ["plan", "long_ann"], ["check", "long_ann"]]
)
@pytest.mark.parametrize(("chosen", "other"), [("en", "Lỗi:"), ("vi", "Error:")])
def test_one_language_can_be_chosen_anywhere_on_the_line(pilots, place, words, chosen, other):
    option = ["--lang", chosen]
    _, _, err = pilots(*(option + words if place == "before" else words + option))
    assert {"en": "Error:", "vi": "Lỗi:"}[chosen] in err
    assert other not in err


def test_the_language_may_be_joined_to_its_option(pilots):
    _, _, err = pilots("run", "long_ann", "--lang=en")
    assert "Lỗi:" not in err


def test_a_language_that_is_not_there_is_refused_with_those_that_are(pilots):
    code, _, err = pilots("--lang", "fr", "list")
    assert code == 2
    assert "both, vi, en" in err


@pytest.mark.parametrize("command", ["run", "check", "plan"])
def test_a_traceback_is_shown_only_when_asked_for_and_changes_no_exit_code(pilots, command):
    assert "Traceback" not in pilots(command, "long_ann")[2]
    code, _, err = pilots(command, "long_ann", "--debug")
    assert code == 2
    assert "Error: params/runs/: there is no run 'long_ann'" in err


def test_the_traceback_of_an_error_is_shown_when_asked_for(pilots):
    assert "Traceback" in pilots("plan", "long_ann", "--debug")[2]


def test_a_defect_of_the_program_is_a_sentence_with_its_own_code(pilots, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("wires crossed")

    monkeypatch.setattr("commune_pilots.runs.inventory.read_inventory", fail)
    code, _, err = pilots("run", "long_an")
    assert code == 70
    assert "wires crossed" in err
    _one_sentence_each(err)


def test_an_interrupt_from_the_keyboard_ends_with_130(pilots, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("commune_pilots.runs.inventory.read_inventory", interrupt)
    code, out, err = pilots("run", "long_an")
    assert code == 130
    assert "Error" not in out + err


def test_a_reader_that_went_away_is_no_error(pilots, monkeypatch):
    def hang_up(*_, **__):
        raise BrokenPipeError

    monkeypatch.setattr("commune_pilots.runs.inventory.read_inventory", hang_up)
    assert pilots("plan", "long_an")[0] == 0


def test_help_documents_every_command_and_every_exit_code(pilots):
    code, out, _ = pilots("--help")
    assert code == 0
    for name in COMMANDS:
        assert re.search(rf"\b{name}\b", out)
        inside, shown, _ = pilots(name, "--help")
        assert inside == 0
        assert len(shown) > 100
    for number in CODES:
        assert re.search(rf"\b{number} [a-z]", " ".join(out.split()))
    assert "128+n" in out


@pytest.mark.parametrize("command", [[], ["contrast"], ["design"]])
def test_a_command_alone_shows_its_help_and_no_error(pilots, command):
    code, out, err = pilots(*command)
    assert code == 2
    assert " ".join(["Usage: pilots", *command]) in out
    assert err == ""


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("run", ["--set", "--force", "--jobs", "--retries", "--cold"]),
        ("batch", ["--force", "--jobs", "--retries", "--cold", "--scheduler"]),
        ("plan", ["--batch", "--set", "--force"]),
        ("verify", ["--cold"]),
        ("check", ["--set"]),
        ("design", ["--communes", "--pilots", "--per-district", "--gain", "--seed"]),
    ],
)
def test_the_help_of_a_command_documents_its_options(pilots, command, options):
    shown = pilots(command, "--help")[1]
    assert [option for option in options if option not in shown] == []


def test_without_a_word_the_help_is_shown(pilots):
    _, out, err = pilots()
    assert "batch" in out + err


def test_the_version_is_printed(pilots):
    code, out, _ = pilots("--version")
    assert (code, out.strip()) == (0, f"pilots {__version__}")


@pytest.mark.slow
def test_check_passes_every_run_and_writes_nothing(layout, pilots):
    before = sorted(layout.root.rglob("*"))
    code, out, err = pilots("check")
    assert (code, err) == (0, "")
    for name in ("long_an", "bac_kan", "hau_giang", "cao_bang", "smoke"):
        assert f"{name}: ok" in out
    assert sorted(layout.root.rglob("*")) == before


@pytest.mark.slow
def test_check_goes_on_after_a_failure_and_ends_with_the_worst_code(layout, pilots):
    _remove_table(layout)
    code, out, err = pilots("check")
    assert code == 7
    assert "smoke: ok" in out
    assert err.count("Error: ") == 4


def test_check_takes_settings(pilots):
    assert pilots("check", "long_an", "--set", "alpha=0.01")[0] == 0
    assert pilots("check", "long_an", "--set", "alpha=2.0")[0] == 2


def test_list_shows_every_run_and_that_none_is_published(pilots):
    code, out, _ = pilots("list")
    assert code == 0
    for name in ("long_an", "bac_kan", "hau_giang", "cao_bang", "smoke"):
        assert re.search(rf"^ *{name} ", out, re.MULTILINE)
    assert "reports/" not in out


def test_keys_prints_every_key_of_the_contract(pilots):
    code, out, _ = pilots("keys")
    assert code == 0
    assert re.findall(r"^\| `(\w+)`", out, re.MULTILINE) == list(Run.model_fields)


@pytest.mark.parametrize(
    "rows",
    [
        "run\nlong_an\nlong_ann\nnowhere\n",
        "run,alpha\nlong_an,\nbac_kan,2\nhau_giang,x\n",
        "run,like,units\nlong_an,,\na,long_an,99999\nb,long_an,88888\n",
    ],
)
def test_a_batch_with_wrong_rows_tells_them_all_and_starts_nothing(
    layout, pilots, monkeypatch, rows
):
    (layout.params / "batches" / "press.csv").write_text(rows, encoding="utf-8")
    monkeypatch.setattr(runs, "fill", lambda *_, **__: pytest.fail("a run was started"))
    code, out, err = pilots("batch", "press")
    assert code == 2
    assert (err.count("Lỗi: "), err.count("Error: ")) == (2, 2)
    assert out == ""
    _nothing_published(layout)


def test_errors_of_rows_name_the_row_of_the_table(layout, pilots):
    rows = "run,like,alpha\nlong_an,,\na,long_an,2\nb,long_an,3\n"
    (layout.params / "batches" / "press.csv").write_text(rows, encoding="utf-8")
    _, _, err = pilots("batch", "press")
    for row in (3, 4):
        assert err.count(f"params/batches/press.csv, row {row}: alpha") == 2


def test_the_worst_of_several_refusals_is_the_commands_code(layout, pilots):
    _remove_table(layout)
    (layout.params / "batches" / "press.csv").write_text("run\nlong_ann\nlong_an\n")
    code, _, err = pilots("batch", "press")
    assert code == 7
    assert err.count("Error: ") == 2
