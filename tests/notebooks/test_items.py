"""What pytest says of a notebook: a failing cell with its source, and what was not reached."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from built import ROOT
from notebook_items import NOTEBOOKS, RENEW, NotRun, judge, pytest_configure, told
from smoked import Smoked

from commune_pilots.errors import ExportError, KernelDiedError, NotebookError
from commune_pilots.runs.plan import PAGES

WHERE = {
    "run": "smoke",
    "notebook": "notebooks/02_describe_pilots.ipynb",
    "kept": "reports/smoke.failed/02_describe_pilots.ipynb",
}
LATE = ExportError("altered", run="smoke", file="briefing.html")
LAST = NOTEBOOKS / "06_write_briefing.ipynb"
BROKEN = 'raise ValueError("not what was expected")'


def _stopped(error, *steps):
    return Smoked(root=Path("/copy"), steps=steps, error=error)


def test_a_failing_cell_is_told_by_notebook_cell_source_and_error_alone():
    error = NotebookError(
        "cell_failed",
        **WHERE,
        cell="read-pilots",
        line="2",
        text="",
        name="KeyError",
        message="'x'",
    )
    said = told(_stopped(error), NOTEBOOKS / "02_describe_pilots.ipynb").splitlines()
    assert said[0] == "notebooks/02_describe_pilots.ipynb, cell read-pilots, line 2:"
    assert said[2].startswith("    1  pilots, units = ")
    assert said[3].startswith(">   2  names = coverage.unit_names(units)")
    assert "KeyError: 'x'" in said
    assert said[-1] == f"executed up to there: /copy/{WHERE['kept']}"


def test_what_is_no_cell_is_told_by_its_sentence_in_both_languages():
    error = KernelDiedError("kernel_died", **WHERE)
    said = told(_stopped(error), NOTEBOOKS / "02_describe_pilots.ipynb")
    assert said.splitlines() == [error.sentence("vi"), error.sentence("en")]


def test_a_run_stopped_where_its_error_says_or_at_the_step_it_had_come_to():
    assert _stopped(KernelDiedError("kernel_died", **WHERE)).stopped_at == "02_describe_pilots"
    assert _stopped(LATE, "05_project_scaling", "06_write_briefing", PAGES).stopped_at == LAST.stem
    assert _stopped(LATE).stopped_at is None


def test_notebooks_before_the_one_that_stopped_the_run_pass_and_it_fails():
    ran = _stopped(LATE, *(path.stem for path in NOTEBOOKS.glob("0*.ipynb")), LAST.stem, PAGES)
    judge(LAST.with_name("05_project_scaling.ipynb"), ran, asked={})
    with pytest.raises(NotRun, match=re.escape(LATE.sentence("en"))):
        judge(LAST, ran, asked={})


def test_what_was_not_reached_is_skipped_only_beside_the_failure_that_kept_it():
    ran = _stopped(KernelDiedError("kernel_died", **WHERE), "01_clean_data", "02_describe_pilots")
    with pytest.raises(pytest.skip.Exception, match="not reached: 02_describe_pilots failed"):
        judge(LAST, ran, asked={"02_describe_pilots", LAST.stem})
    with pytest.raises(NotRun, match=r"not reached: .*02_describe_pilots"):
        judge(LAST, ran, asked={LAST.stem})


def test_golden_numbers_are_never_written_anew_by_a_machine(monkeypatch):
    for machine, renew, refused in ((1, 1, 1), (1, 0, 0), (0, 1, 0)):
        monkeypatch.setenv("CI", "true" if machine else "")
        config = SimpleNamespace(getoption=lambda name, given=renew: bool(given) and name == RENEW)
        with pytest.raises(pytest.UsageError, match="for people") if refused else nullcontext():
            pytest_configure(config)


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """Copy what tests of notebooks need; a cell of notebook 01 raises."""
    root = tmp_path_factory.mktemp("project")
    for name in ("params", "notebooks", "data/raw"):
        shutil.copytree(ROOT / name, root / name)
    (root / "tests").mkdir()
    for path in [*ROOT.glob("tests/*.py"), ROOT / "pyproject.toml", ROOT / "uv.lock"]:
        shutil.copy(path, root / path.relative_to(ROOT))
    shutil.copy(ROOT / "conftest.py", root)
    path = root / "notebooks" / "01_clean_data.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [each for each in notebook.cells if each.id == "read-raw"]
    cell.source = f"tables = 1\n{BROKEN}"
    nbformat.write(notebook, path)
    return root


def _pytest(root, *words, **around):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, **around)


@pytest.mark.slow
def test_a_broken_notebook_fails_with_its_cell_and_those_behind_are_not_reached(broken):
    done = _pytest(broken, "notebooks")
    assert done.returncode == 1
    for part in ("01_clean_data.ipynb, cell read-raw, line 2:", f">   2  {BROKEN}",
                 "ValueError: not what was expected"):  # fmt: skip
        assert part in done.stdout
    assert "Traceback" not in done.stdout
    assert done.stdout.count("not reached: 01_clean_data failed") == 1
    assert re.search(r"SKIPPED \[5\].*not reached", done.stdout)
    assert re.search(r"^1 failed, 5 skipped", done.stdout, re.MULTILINE)
