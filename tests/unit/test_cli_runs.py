"""Commands that execute: what is printed of runs, plans and proofs, and how they end."""

from __future__ import annotations

import os
import re
import signal
import sys
from functools import cache
from types import SimpleNamespace

import pandas as pd
import pytest
import tiny
from built import LAYOUT
from drawn import table

from commune_pilots.briefing import paper
from commune_pilots.cli import main
from commune_pilots.errors import (
    ClaimError,
    ExportError,
    InputError,
    KernelDiedError,
    NotebookError,
    RunTimeoutError,
    WriteError,
)
from commune_pilots.runs import exports, pages, publish
from commune_pilots.sources import raw

WHERE = {"run": "bac_kan", "notebook": "notebooks/02_measure.ipynb", "kept": "k"}
FAILED = {**WHERE, "cell": "c", "line": "1", "name": "E", "message": "m"}
ERRORS = [
    NotebookError("cell_failed", **FAILED),
    KernelDiedError("kernel_died", **WHERE),
    RunTimeoutError("timeout", seconds=1, **WHERE),
    RunTimeoutError("notebook_timeout", seconds=1, **WHERE),
    WriteError("cannot_write", file="f", reason="r"),
    InputError("changed_meanwhile", file="f"),
    ClaimError("cell_failed", **FAILED),
]
PRESS = ("long_an", "bac_kan", "hau_giang", "cao_bang")
EXAMPLES = ("mo_phong_8_xa", "mo_phong_chien_dich", "mo_phong_thu_tu")


_read_raw = raw.read_raw


@cache
def _raw_once(**asked):
    return _read_raw(LAYOUT, **asked)


@pytest.fixture
def layout(tmp_path, monkeypatch):
    # No test here touches a raw table of the press; reading them is most of a check.
    monkeypatch.setattr(raw, "read_raw", lambda layout, *, deliveries, **asked: _raw_once(**asked))
    monkeypatch.setenv("PILOTS_ROOT", str(tmp_path))
    monkeypatch.setenv("PILOTS_LANG", "en")
    monkeypatch.setenv("PILOTS_DEBUG", "")
    monkeypatch.setenv("COLUMNS", "160")
    return tiny.make(tmp_path)


@pytest.fixture
def kernels(monkeypatch, layout):
    kernels = tiny.install(monkeypatch, layout)
    kernels.also["03_write"] = lambda setting: _results(setting.run).to_parquet(
        setting.staging / "data" / "results.parquet", index=False
    )
    return kernels


@pytest.fixture
def pilots(layout, kernels, capsys):
    """Call the command; returns exit code, what was printed, and the error output."""

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main(list(words))
        printed = capsys.readouterr()
        return left.value.code, printed.out, printed.err

    return call


def _results(run):
    drawn = """
        quantity  subject  value  measured_in  assumptions  observations
        level     o3       16.8   percent      A1;A7;A8     o3
        """
    data = "simulated" if run == "smoke" else "press"
    return table(drawn, of="results", run=run, data=data)


def _signal(setting, number):
    """Send ourselves a signal, and go on only once it was heard."""
    os.kill(os.getpid(), number)
    assert setting.halt._asked.wait(10)


def _failing(kernels, run, error):
    def fail(setting):
        if setting.run == run:
            raise error

    kernels.also["02_measure"] = fail


def test_a_run_says_what_became_of_it_and_where(pilots):
    code, out, err = pilots("run", "long_an")
    assert code == 0
    assert re.match(r"long_an: \d+\.\d s, reports/long_an/briefing\.html\n", out)
    assert [line.strip() for line in err.splitlines()] == [
        f"long_an: {step}" for step in (*tiny.STEPS, "pages")
    ]
    assert out.rstrip().endswith("reports/index.html")


def test_a_run_that_stands_is_called_unchanged(pilots):
    pilots("run", "long_an")
    code, out, err = pilots("run", "long_an")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "long_an: unchanged, reports/long_an/briefing.html"
    assert re.search(r"^0 ran, 1 stood, 0 failed; ", out, re.MULTILINE)


def test_the_summary_counts_what_ran_stood_and_failed(pilots, kernels):
    pilots("run", "long_an")
    _failing(kernels, "bac_kan", ERRORS[0])
    code, out, _ = pilots("run", "long_an", "bac_kan", "smoke")
    assert code == 1
    assert re.search(r"^1 ran, 1 stood, 1 failed; \d+\.\d seconds\.$", out, re.MULTILINE)
    rows = [line.split() for line in out.splitlines() if line.startswith((" bac", "bac", " smo"))]
    assert ["bac_kan", "exit", "1"] in rows


def test_a_run_named_twice_is_executed_once(pilots, kernels):
    pilots("run", "smoke", "smoke")
    assert kernels.steps == [*tiny.STEPS]


def test_settings_force_cold_and_retries_reach_the_run(layout, pilots, kernels):
    pilots("run", "smoke")
    kernels.executed.clear()
    kernels.fails["02_measure"] = [ERRORS[1]] * 3
    assert pilots("run", "smoke", "--force", "--retries", "3", "--cold")[0] == 0
    assert kernels.steps == ["01_clean", *["02_measure"] * 4, "03_write"]
    told = (layout.reports("smoke") / "run.json").read_text(encoding="utf-8")
    assert '"cold"' in told
    pilots("run", "smoke", "--set", "least_change=5")
    assert kernels.steps == ["03_write"]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.exit_code}-{error.key}")
@pytest.mark.parametrize("command", [["run", "long_an", "bac_kan"], ["batch", "press"]])
def test_each_failure_ends_the_command_with_its_own_code(layout, pilots, kernels, command, error):
    _failing(kernels, "bac_kan", error)
    code, out, err = pilots(*command, "--retries", "0")
    assert code == error.exit_code
    assert f"Error: {error.sentence('en')}" in err
    assert "long_an: " in out
    assert (layout.reports("long_an") / "briefing.html").is_file()
    assert not (layout.reports("bac_kan") / "manifest.json").exists()
    assert (layout.root / "reports" / "index.html").is_file()


def test_a_page_that_breaks_a_rule_ends_the_command_with_9(pilots, monkeypatch):
    def refuse(*_, **__):
        raise ExportError("export_rule", page="p", rule="r", found="f")

    monkeypatch.setattr(pages, "make_pages", refuse)
    assert pilots("run", "smoke")[0] == 9


def test_a_run_held_by_another_process_ends_the_command_with_5(layout, pilots):
    with publish.staging(layout, "smoke"):
        assert pilots("run", "smoke")[0] == 5


def test_a_signal_ends_the_command_with_128_and_its_number(layout, pilots, kernels):
    before = signal.getsignal(signal.SIGTERM)
    kernels.also["02_measure"] = lambda setting: _signal(setting, signal.SIGTERM)
    assert pilots("run", "smoke")[0] == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert tiny.published(layout, "smoke") == {}


def test_an_interrupted_batch_ends_with_130_and_keeps_what_was_finished(layout, pilots, kernels):
    kernels.also["02_measure"] = lambda setting: _signal(setting, signal.SIGINT)
    assert pilots("run", "smoke")[0] == 130
    kernels.also.pop("02_measure")
    kernels.executed.clear()
    assert pilots("run", "smoke")[0] == 0
    assert "01_clean" not in kernels.steps


def test_the_worst_of_several_failures_is_the_commands_code(pilots, kernels):
    kernels.also["02_measure"] = lambda setting: _raise(
        {"long_an": ERRORS[0], "bac_kan": ERRORS[4]}[setting.run]
    )
    assert pilots("run", "long_an", "bac_kan")[0] == 6


def _raise(error):
    raise error


def test_with_debug_a_failure_stops_no_other_run_and_keeps_its_code(layout, pilots, kernels):
    _failing(kernels, "bac_kan", ERRORS[0])
    code, _, err = pilots("run", "bac_kan", "long_an", "--jobs", "1", "--debug")
    assert code == 1
    assert "Error: " in err
    assert (layout.reports("long_an") / "briefing.html").is_file()


def test_a_batch_executes_its_rows_and_gathers_their_results(layout, pilots, kernels):
    code, out, _ = pilots("batch", "press", "--jobs", "1")
    assert code == 0
    assert [run for run, step in kernels.executed if step == "01_clean"] == [*PRESS]
    gathered = pd.read_parquet(layout.reports("press") / "results.parquet")
    assert gathered["run"].tolist() == [*PRESS]
    assert "was not updated" not in out


def test_a_batch_with_a_failed_run_is_not_gathered_and_says_so(layout, pilots, kernels):
    pilots("batch", "press")
    before = tiny.files(layout.reports("press"))
    _failing(kernels, "bac_kan", ERRORS[0])
    code, out, _ = pilots("batch", "press", "--force")
    assert code == 1
    assert "reports/press/: the table of results was not updated because a run failed." in out
    assert tiny.files(layout.reports("press")) == before


def test_runs_named_on_the_line_are_not_gathered(layout, pilots):
    pilots("run", *PRESS)
    assert not (layout.reports("press")).exists()


@pytest.mark.parametrize(
    "distributed",
    [None, SimpleNamespace(Client=lambda *_, **__: _raise(OSError("Timed out trying to connect")))],
    ids=["without the extra", "nobody there"],
)
@pytest.mark.parametrize("chosen", ["vi", "en"])
def test_a_scheduler_that_does_not_answer_is_a_refusal_that_says_what_is_needed(
    layout, pilots, kernels, monkeypatch, distributed, chosen
):
    monkeypatch.setitem(sys.modules, "distributed", distributed)
    words = ["batch", "press", "--scheduler", "tcp://127.0.0.1:1", "--lang", chosen]
    code, out, err = pilots(*words)
    assert code == 2
    assert "--scheduler tcp://127.0.0.1:1: " in err
    assert "[cluster]" in err
    assert (out, kernels.steps) == ("", [])
    assert not (layout.root / "reports").exists()


def test_a_plan_tells_every_step_of_a_run_never_published(layout, pilots, kernels):
    code, out, err = pilots("plan", "long_an")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert lines == [
        "long_an:",
        "01_clean never run",
        "02_measure never run",
        "03_write never run",
        "pages never run",
        "Runs: 1, to run 1, standing 0; steps that may run: 4.",
    ]
    assert kernels.steps == []
    assert not (layout.root / "reports").exists()


def test_a_plan_of_what_stands_is_a_line_a_run(pilots):
    pilots("run", "long_an", "smoke")
    code, out, _ = pilots("plan", "long_an", "smoke")
    assert code == 0
    assert out.splitlines() == [
        "long_an: stands",
        "smoke: stands",
        "Runs: 2, to run 0, standing 2; steps that may run: 0.",
    ]


def test_a_plan_names_what_changed_in_the_chosen_language(layout, pilots):
    pilots("run", "smoke")
    (layout.root / tiny.NUMBERS).write_text("1,0\n", encoding="utf-8")
    words = ["plan", "smoke", "--set", "least_change=5"]
    english, vietnamese = pilots(*words)[1], pilots(*words, "--lang", "vi")[1]
    for told in (
        f"input {tiny.NUMBERS} changed",
        "may have to run, depending on the output of 01_clean",
        "parameter least_change changed from 10.0 to 5.0",
    ):
        assert told in english
    for told in (
        f"tệp đầu vào {tiny.NUMBERS} đã đổi",
        "có thể phải chạy lại, tùy kết quả của 01_clean",
        "tham số least_change đổi từ 10.0 thành 5.0",
    ):
        assert told in vietnamese


def test_a_plan_covers_all_runs_or_the_rows_of_a_batch(pilots):
    named = re.findall(r"^([a-z]\w+):", pilots("plan")[1], re.MULTILINE)
    assert named == sorted([*PRESS, *EXAMPLES, "smoke"])
    named = re.findall(r"^([a-z]\w+):", pilots("plan", "--batch", "press")[1], re.MULTILINE)
    assert named == [*PRESS]


def test_a_plan_with_force_runs_every_step(pilots):
    pilots("run", "smoke")
    assert pilots("plan", "smoke", "--force")[1].count("asked for (--force)") == 4


def test_a_proof_counts_the_files_that_are_the_same(pilots):
    pilots("run", "smoke")
    code, out, _ = pilots("verify", "smoke")
    assert code == 0
    assert re.fullmatch(r"smoke: \d+ files are the same, byte by byte\.\n", out)


def test_a_proof_that_fails_names_the_file_and_goes_on_with_the_next(pilots, kernels):
    pilots("run", "smoke", "long_an")

    def flip(setting):
        if setting.run == "smoke":
            (setting.staging / "data" / "levels.parquet").write_bytes(b"other")

    kernels.also["02_measure"] = flip
    code, out, err = pilots("verify", "smoke", "long_an")
    assert code == 10
    assert "data/processed/smoke/levels.parquet" in err
    assert "long_an: " in out


@pytest.mark.parametrize("how", ["altered", "deleted"])
@pytest.mark.parametrize("command", ["verify", "check"])
def test_a_publication_that_was_altered_ends_with_7(layout, pilots, command, how):
    pilots("run", "smoke")
    path = layout.reports("smoke") / "briefing_simulated.html"
    path.write_bytes(b"other") if how == "altered" else path.unlink()
    code, _, err = pilots(command, "smoke")
    assert code == 7
    assert "reports/smoke/briefing_simulated.html" in err


def test_a_proof_of_a_run_not_published_goes_on_with_the_next(pilots):
    pilots("run", "smoke")
    code, out, err = pilots("verify", "long_an", "smoke")
    assert code == 7
    assert "is not published" in err
    assert out.startswith("smoke: ")


def test_check_and_list_know_what_is_published(pilots):
    pilots("run", "smoke")
    assert pilots("check", "smoke")[1] == "smoke: ok\n"
    assert "reports/smoke/" in pilots("list")[1]


def test_an_export_names_its_files_and_the_worst_error_is_the_exit(layout, pilots, monkeypatch):
    monkeypatch.setattr(paper, "to_pdf", lambda page, *, when: b"pdf")
    monkeypatch.chdir(layout.root)
    pilots("run", "long_an")
    assert pilots("export", "long_an/", "--to", "pdf") == (
        0,
        "reports/long_an/briefing.pdf\n",
        "",
    )
    code, out, err = pilots("export", "bac_kan", "long_an", "--to", "pdf")
    assert (code, out) == (7, "reports/long_an/briefing.pdf\n")
    assert "'bac_kan' is not published" in err


def test_without_a_kind_all_kinds_are_exported(layout, pilots, monkeypatch):
    asked = []
    monkeypatch.setattr(
        exports, "export_all", lambda layout, runs, *, to, report: asked.append((runs, to)) or []
    )
    assert pilots("export", "long_an")[0] == 0
    assert asked == [(["long_an"], ["pdf", "docx"])]


def test_a_kind_that_nobody_writes_is_a_wrong_command(pilots):
    code, _, err = pilots("export", "long_an", "--to", "xls")
    assert code == 2
    assert "'pdf', 'docx'" in err
