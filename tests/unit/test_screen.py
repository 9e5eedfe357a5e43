"""What the screen shows of errors, plans and batches, in the languages chosen."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from commune_pilots import screen
from commune_pilots.errors import ContractError, Failure, NotebookError, ParameterError
from commune_pilots.runs.batch import Outcome
from commune_pilots.runs.plan import Planned, Reason
from commune_pilots.runs.run import Done

ROOT = Path("/project")
WRONG = ParameterError("unknown_run", run="b", hint="", known="a")
CELL = NotebookError(
    "cell_failed", run="b", notebook="n", cell="[bold]", line="1", name="E", message="m", kept="k"
)


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    monkeypatch.setenv("PILOTS_LANG", "both")
    monkeypatch.setenv("PILOTS_DEBUG", "")
    monkeypatch.setenv("COLUMNS", "120")


def _failure(value="980.8", rule="most"):
    return Failure(
        file="observations.csv",
        row=18,
        column="value",
        value=value,
        rule=rule,
        rule_values=(("accepted", "100"),),
    )


def _done(run, *, steps=("01_clean", "pages"), seconds=12.34):
    briefing = ROOT / "reports" / run / "briefing.html"
    return Outcome(run=run, done=Done(run=run, steps=steps, seconds=seconds, briefing=briefing))


def _failed(run):
    return Outcome(run=run, error=WRONG)


@pytest.mark.parametrize(
    ("chosen", "named"), [("both", ("vi", "en")), ("vi", ("vi",)), ("en", ("en",))]
)
def test_messages_come_in_both_languages_or_the_chosen_one(monkeypatch, chosen, named):
    monkeypatch.setenv("PILOTS_LANG", chosen)
    assert screen.languages() == named


def test_both_languages_are_shown_where_none_is_chosen(monkeypatch):
    monkeypatch.delenv("PILOTS_LANG")
    assert screen.languages() == ("vi", "en")


def test_changes_are_a_table_and_its_reasons_a_language(capsys):
    rows = [["Item", "1 Jan", "2 Jan", "What differs"], ["[bold]", "16,8%", "17%", "(1)"]]
    screen.show_changes({"vi": ([], ["Không có gì"]), "en": (rows, ["(1) [alpha] 0.05 → 0.01"])})
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert lines == [
        ["Không", "có", "gì"],
        ["Item", "1", "Jan", "2", "Jan", "What", "differs"],
        ["[bold]", "16,8%", "17%", "(1)"],
        ["(1)", "[alpha]", "0.05", "→", "0.01"],
    ]


def test_an_error_is_one_sentence_a_language_on_the_error_output(capsys):
    screen.show_error(WRONG)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        f"Lỗi: {WRONG.sentence('vi')}",
        f"Error: {WRONG.sentence('en')}",
    ]


def test_brackets_in_a_sentence_are_shown_as_they_are(capsys):
    screen.show_error(CELL)
    assert capsys.readouterr().err.count("'[bold]'") == 2


def test_one_broken_value_is_a_sentence_and_several_are_a_table(capsys):
    screen.show_error(ContractError([_failure()]))
    assert len(capsys.readouterr().err.splitlines()) == 2
    screen.show_error(ContractError([_failure(), _failure("120.5")]))
    shown = capsys.readouterr().err
    assert "980.8" in shown
    assert "120.5" in shown


def test_brackets_in_a_broken_value_are_shown_as_they_are(capsys):
    screen.show_error(ContractError([_failure("[red]x[/red]"), _failure("[/]")]))
    assert "[/]" in capsys.readouterr().err


def test_no_more_than_twenty_broken_values_are_listed(capsys):
    screen.show_error(ContractError([_failure(f"v{at:02d}") for at in range(30)]))
    shown = capsys.readouterr().err
    assert "v19" in shown
    assert "v20" not in shown


def test_the_page_with_all_broken_values_is_named(capsys):
    error = ContractError([_failure()])
    error.report = ROOT / "reports" / "x.failed" / "failures.html"
    screen.show_error(error)
    assert capsys.readouterr().err.count("reports/x.failed/failures.html") == 2


def test_each_of_several_failures_has_its_place_whole_on_a_line_of_its_own(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "60")
    file = "data/raw/studies/a_long_name_of_a_study/a_long_name_of_a_study.xlsx > Theo tháng"
    first = Failure(file=file, row=914, column="Tháng", value="[x]", rule="required")
    whole = Failure(file=file, row=None, column="-", value="", rule="required")
    screen.show_error(ContractError([first, whole]))
    lines = capsys.readouterr().err.splitlines()
    assert f"  {file} > 914 > Tháng: '[x]'" in lines
    assert f"  {file}" in lines
    assert lines.count(f"    {first.sentence('vi')}") == 2


def test_with_debug_an_error_caught_elsewhere_is_still_only_shown(monkeypatch, capsys):
    """A batch hands its errors over after the fact, when no exception is being handled."""
    monkeypatch.setenv("PILOTS_DEBUG", "1")
    screen.show_error(WRONG)
    assert "Error: " in capsys.readouterr().err


def test_with_debug_the_traceback_of_an_error_being_handled_is_shown(monkeypatch, capsys):
    monkeypatch.setenv("PILOTS_DEBUG", "1")
    try:
        raise WRONG
    except ParameterError as error:
        screen.show_error(error)
    assert "Traceback" in capsys.readouterr().err


def _planned(step, count, *, waits=False):
    reasons = (Reason("input", (("file", f"f{at}"),)) for at in range(count))
    return Planned(step, tuple(reasons), waits)


def test_the_first_four_reasons_are_told_and_the_rest_counted():
    assert screen.reasons_of(_planned("01", 2), "en") == "input f0 changed; input f1 changed"
    shown = screen.reasons_of(_planned("01", 7), "en")
    assert "input f3 changed" in shown
    assert "input f4 changed" not in shown
    assert shown.endswith("; and 3 more")
    assert screen.reasons_of(_planned("01", 7), "vi").endswith("; và 3 lý do khác")


def test_a_plan_tells_what_stands_in_a_line_and_what_runs_step_by_step(capsys):
    screen.show_plan(
        {
            "long_an": [_planned("01_clean", 0), _planned("pages", 0)],
            "smoke": [_planned("01_clean", 1), _planned("pages", 0)],
        }
    )
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "long_an: giữ nguyên / stands"
    assert lines[1] == "smoke:"
    assert lines[2].split(maxsplit=1) == ["01_clean", "tệp đầu vào f0 đã đổi"]
    assert lines[3] == "input f0 changed"
    assert lines[4].split(maxsplit=1) == ["pages", "giữ nguyên"]
    assert lines[5:] == [
        "2 lượt chạy: 1 cần chạy, 1 giữ nguyên; 1 bước có thể phải chạy.",
        "Runs: 2, to run 1, standing 1; steps that may run: 1.",
    ]


def test_a_plan_in_one_language_holds_no_word_of_the_other(monkeypatch, capsys):
    monkeypatch.setenv("PILOTS_LANG", "en")
    screen.show_plan({"smoke": [_planned("01_clean", 1), _planned("pages", 0)]})
    shown = capsys.readouterr().out
    assert "input f0 changed" in shown
    assert "giữ nguyên" not in shown
    assert "tệp" not in shown


@pytest.fixture
def shown():
    return screen.BatchScreen(ROOT, 3)


def test_a_run_is_one_line_with_its_seconds_or_that_it_is_unchanged(shown, capsys):
    shown.report(_done("long_an"))
    shown.report(_done("smoke", steps=()))
    assert capsys.readouterr().out.splitlines() == [
        "long_an: 12.3 s, reports/long_an/briefing.html",
        "smoke: unchanged, reports/smoke/briefing.html",
    ]


def test_a_failed_run_is_its_error(shown, capsys):
    shown.report(_failed("b"))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Error: " in printed.err


def test_without_a_terminal_progress_is_plain_lines_on_the_error_output(shown, capsys):
    with shown.showing():
        shown.progress("long_an", "01_clean")
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "  long_an: 01_clean\n")


def test_on_a_terminal_a_bar_is_shown_and_nothing_of_it_is_left(shown, monkeypatch):
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=80)
    monkeypatch.setattr(screen, "err", console)
    with shown.showing():
        shown.progress("long_an", "01_clean")
        shown.report(_done("long_an"))
    assert "1/3" in written.getvalue()
    shown.progress("long_an", "pages")
    assert "long_an: pages\n" in written.getvalue().replace("\x1b[2m", "").replace("\x1b[0m", "")


def test_the_summary_counts_what_ran_what_stood_and_what_failed(shown, monkeypatch, capsys):
    monkeypatch.setattr(time, "monotonic", lambda: shown._started + 4.25)
    shown.summary([_done("a"), _done("c", steps=()), _failed("b"), _done("d")])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["run", "state", "steps", "seconds"]
    assert lines[1:4] == [["a", "ok", "2", "12.3"], ["b", "exit", "2"], ["d", "ok", "2", "12.3"]]
    assert " ".join(lines[4]) == "Đã chạy 2, giữ nguyên 1, lỗi 1; 4.2 giây."
    assert " ".join(lines[5]) == "2 ran, 1 stood, 1 failed; 4.2 seconds."


@pytest.mark.parametrize("outcomes", [[_done("a")], [_done("a", steps=()), _done("b", steps=())]])
def test_one_run_or_none_that_ran_needs_no_table(shown, capsys, outcomes):
    shown.summary(outcomes)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_runs_are_listed_with_what_their_manifests_tell(capsys):
    told = {"data": "press", "title": "Xã Một tăng"}
    screen.show_runs({"long_an": told, "smoke": None})
    _, published, not_published = capsys.readouterr().out.splitlines()
    assert published.split()[:3] == ["long_an", "press", "reports/long_an/"]
    assert published.rstrip().endswith("Xã Một tăng")
    assert not_published.split() == ["smoke", "-"]


def test_an_answer_is_headings_and_sentences_one_language_after_the_other(capsys):
    screen.show_answer({"vi": [("Thay đổi", "81,3")], "en": [("Change", "81.3")]})
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert lines == [["Thay", "đổi", "81,3"], ["Change", "81.3"]]


def test_a_file_that_was_made_is_named_from_where_the_user_stands(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    screen.show_export(tmp_path / "reports" / "[b]" / "briefing.pdf")
    screen.show_export(ROOT / "briefing.docx")
    assert capsys.readouterr().out.splitlines() == [
        "reports/[b]/briefing.pdf",
        "/project/briefing.docx",
    ]


def test_a_file_that_was_not_made_is_an_error(capsys):
    screen.show_export(WRONG)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Error: " in printed.err


@pytest.mark.parametrize(("encoding", "after"), [("cp1252", "utf-8"), ("utf-16", "utf-16")])
def test_a_stream_without_vietnamese_letters_is_given_them(monkeypatch, encoding, after):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    screen.write_vietnamese()
    assert stream.encoding == after
    stream.write("Thị trấn Cần Giuộc")
    stream.flush()
    assert stream.buffer.getvalue().decode(after) == "Thị trấn Cần Giuộc"
