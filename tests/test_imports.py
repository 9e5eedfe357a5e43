"""The shape of the source: which way imports go, how long modules are, what tests mirror."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path

from built import ROOT

PACKAGE = ROOT / "src" / "commune_pilots"
UNIT = ROOT / "tests" / "unit"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES, MOST_MEDIAN = 400, 150
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "base", "core"}
# One test module may cover several source modules where they are one room of thought.
TESTED_ELSEWHERE = {
    "sources/raw.py": "tests/unit/runs/test_check.py",
    "contracts/workbook.py": "tests/unit/sources/test_study_cells.py",
    "commands/running.py": "tests/unit/test_cli_runs.py",
    "commands/published.py": "tests/unit/test_cli_runs.py",
    "commands/asking.py": "tests/unit/briefing/test_answer_command.py",
    "commands/shared.py": "tests/unit/test_cli.py",
    "commands/lab.py": "tests/unit/desk/test_lab.py",
    **{
        f"contracts/{name}.py": "tests/unit/test_contracts.py"
        for name in ("table", "raw", "effects", "evidence", "scaling", "logs")
    },
}


def _lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def _has_code(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in body)


def test_data_flows_one_way():
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(command), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_module_is_named_for_nothing():
    assert not {path.stem for path in MODULES} & NAMELESS


def test_no_module_is_longer_than_400_lines_and_half_are_at_most_150():
    lengths = {path.relative_to(PACKAGE).as_posix(): _lines(path) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}
    assert statistics.median(lengths.values()) <= MOST_MEDIAN


def test_no_module_is_empty_of_words():
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_the_unit_tests_mirror_the_source():
    missing = []
    for path in MODULES:
        name = path.relative_to(PACKAGE)
        mirror = UNIT / name.parent / f"test_{name.name}"
        if path.name != "__init__.py" and _has_code(path) and not mirror.is_file():
            missing.append(name.as_posix())
    assert [name for name in missing if name not in TESTED_ELSEWHERE] == []
    assert all((ROOT / test).is_file() for test in TESTED_ELSEWHERE.values())


def test_test_modules_have_names_of_their_own():
    """Without packages pytest tells test modules apart by their file names."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_there_is_at_least_one_line_of_test_for_each_line_of_source():
    tests = sum(_lines(path) for path in (ROOT / "tests").rglob("*.py"))
    assert tests >= sum(_lines(path) for path in MODULES)


def test_no_test_asks_the_network():
    local = {
        "desked.py",
        "test_jupyterlab.py",
        "test_lab.py",
        "warmed.py",
        "test_kernels.py",
        "test_cluster.py",
        "test_template.py",
    }  # sockets of this machine alone
    for path in (ROOT / "tests").rglob("*.py"):
        if path.name in local:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {alias.name for node in nodes for alias in node.names}
        names |= {getattr(node, "module", None) for node in nodes}
        assert not names & {"requests", "urllib.request", "http.client", "socket"}, path
