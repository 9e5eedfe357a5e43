"""Tools for notebooks start as `python -m` starts them, only sooner."""

from __future__ import annotations

import subprocess
import sys

import pytest

SHOWS = "import sys; print(__name__, sys.argv[1:], sys.modules.get('rfc3987_syntax', 0))"


@pytest.mark.slow
def test_a_module_runs_as_the_program_with_its_own_arguments_and_without_the_grammar(tmp_path):
    (tmp_path / "shows.py").write_text(SHOWS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "commune_pilots.desk.notebook_tool", "shows", "--keep", "a b"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "__main__ ['--keep', 'a b'] None\n"


@pytest.mark.slow
def test_a_tool_that_fails_fails_here_too():
    done = subprocess.run(
        [sys.executable, "-m", "commune_pilots.desk.notebook_tool", "nbstripout", "--no-such"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "--no-such" in done.stderr
