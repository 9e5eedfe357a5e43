"""No name of the standard library that Windows or macOS lacks is used without a way round it.

Which names a system has is told by the stubs that mypy carries.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mypy
import pytest
from built import ROOT, copy_project

PACKAGE = ROOT / "src" / "commune_pilots"
STUBS = Path(mypy.__file__).parent / "typeshed" / "stdlib"
HERE = Path(__file__).parent
# Started by runs.kernels where can_fork says so: on Linux alone.
PLACES = ("/tmp", "/proc/", "/dev/", "/etc/", "/var/")
FORKED = ("runs/template.py", "runs/forked.py")
BEHIND_CAN_FORK = {
    "ForkedProcess.poll", "ForkedProcess.kill", "ForkedProcess.close", "ForkedProcess._read",
    "_ask", "_try",
}  # fmt: skip
# A function with a way round of its own, and the words by which it takes it.
GUARDED = {
    ("runs/batch.py", "usual_workers"): 'hasattr(os, "sched_getaffinity")',
    ("runs/groups.py", "end_group"): "if HAVE_GROUPS:",
    ("runs/kernels.py", "runtime_folder"): 'if not hasattr(os, "getuid"):',
    ("runs/locks.py", ""): "except ImportError:  # Windows",
    ("runs/locks.py", "take"): "if fcntl is None:",
}


@cache
def _texts() -> dict[str, str]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in paths}


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(_texts()[file])


def _trees(words: str) -> Iterator[tuple[str, ast.Module]]:
    """Parse the modules whose text has any of these words: to parse them all takes seconds."""
    return ((file, _tree(file)) for file, text in _texts().items() if re.search(words, text))


@cache
def names_on(module: str, platform: str) -> frozenset[str]:
    """Name what a module of the standard library has on a system; nothing: it is not there."""
    path = STUBS / f"{module.replace('.', '/')}.pyi"
    path = path if path.is_file() else path.with_suffix("") / "__init__.pyi"
    if not path.is_file():
        return frozenset()
    return frozenset(_defined(ast.parse(path.read_text(encoding="utf-8")).body, platform))


def _defined(body: list[ast.stmt], platform: str) -> Iterator[str]:
    for node in body:
        match node:
            case ast.If():
                yield from _defined(
                    node.body if _holds(node.test, platform) else node.orelse, platform
                )
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign():
                yield from (target.id for target in node.targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.ImportFrom():  # a stub hands on what it imports under the same name
                yield from (alias.name for alias in node.names if alias.asname == alias.name)


def _holds(test: ast.expr, platform: str) -> bool:
    """Decide a condition of a stub, which can only ask for system and version."""
    about = {"sys": type("S", (), {"platform": platform, "version_info": sys.version_info[:2]})}
    return bool(
        eval(compile(ast.Expression(test), "stub", "eval"), {**about, "TYPE_CHECKING": True})
    )


def _missing(module: str, name: str) -> bool:
    """Whether Linux has a name that Windows or macOS lacks."""
    if module == "sys" or name not in names_on(module, "linux"):
        return False
    return any(name not in names_on(module, system) for system in ("win32", "darwin"))


def _uses(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Tell each use of a name that is not everywhere: the function it is in, and the name."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or alias.name: alias.name for alias in node.names}
    for where, part in _parts(tree):
        for node in ast.walk(part):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if names_on(alias.name, "linux") and not names_on(alias.name, "win32"):
                        yield where, alias.name
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    if _missing(node.module, alias.name):
                        yield where, f"{node.module}.{alias.name}"
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = known.get(node.value.id, "")
                if module and _missing(module, node.attr):
                    yield where, f"{module}.{node.attr}"
            elif isinstance(node, ast.Constant) and str(node.value).startswith(PLACES):
                yield where, node.value


def _parts(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                name = getattr(inner, "name", "")
                yield f"{node.name}.{name}" if name else node.name, inner
        else:
            yield getattr(node, "name", ""), node


def _may_use(source: str) -> bool:
    """Whether a text imports a module that differs between systems, or names a folder of one."""
    imported = re.findall(r"^\s*(?:import|from) ([\w.]+)", source, re.MULTILINE)
    return any(map(_differs, imported)) or any(f'"{place}' in source for place in PLACES)


@cache
def _differs(module: str) -> bool:
    return bool(names_on(module, "linux") - names_on(module, "win32") & names_on(module, "darwin"))


@cache
def _found() -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (file, where, name)
        for file, text in _texts().items()
        if _may_use(text)
        for where, name in _uses(_tree(file))
    )


def test_what_only_some_systems_have_is_used_where_there_is_a_way_round_it_and_nowhere_else():
    unguarded = {
        (file, where, name)
        for file, where, name in _found()
        if file not in FORKED
        and (file, where) not in GUARDED
        and not (file == "runs/kernels.py" and where in BEHIND_CAN_FORK)
    }
    assert unguarded == set()


def test_every_way_round_is_still_needed_and_still_there():
    places = {(file, where) for file, where, _ in _found()}
    assert set(GUARDED) <= places
    assert {("runs/kernels.py", where) for where in BEHIND_CAN_FORK} <= places
    for (file, where), words in GUARDED.items():
        source = _texts()[file]
        parts = [
            ast.get_source_segment(source, part)
            for name, part in _parts(ast.parse(source))
            if name == where
        ]
        assert any(words in (part or "") for part in [*parts, "" if where else source]), (
            file,
            where,
        )


def test_kernels_are_forked_only_after_asking_whether_they_can_be():
    """`can_fork` is false but on Linux (tests of runs.kernels), and forking has no other door."""
    parts = dict(_parts(_tree("runs/kernels.py")))
    door, early = parts["WarmProvisioner.launch_kernel"], parts["warm_up"]
    asked = next(node for node in ast.walk(door) if isinstance(node, ast.If))
    assert ast.unparse(asked.test).startswith("can_fork(")
    assert "fork_kernel" in ast.unparse(asked)
    assert ast.unparse(early.body[1]).startswith("if _forks_here(os.environ):")
    assert "_connect" in ast.unparse(early.body[1])
    calls = [
        (file, node.lineno)
        for file, tree in _trees("fork_kernel|_connect|_start_template")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in ("fork_kernel", "_connect", "_start_template")
        if isinstance(node.ctx, ast.Load)
    ]
    # Both doors ask before _connect, which starts the template; fork_kernel has the first alone.
    assert len(calls) == 4
    importers = {
        file
        for file, tree in _trees("template|forked")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        if (node.module or "").endswith("runs.template")
        or {"template", "forked"} & {alias.name for alias in node.names}
        if file.startswith("runs/")
    }
    assert importers == {"runs/kernels.py", "runs/template.py"}  # kernels takes two constants


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os\ndef f():\n    os.fork()", {("f", "os.fork")}),
        ("import os as o\no.killpg(1, 2)", {("", "os.killpg")}),
        ("def f():\n    import fcntl", {("f", "fcntl")}),
        ("from signal import SIGKILL, SIGTERM", {("", "signal.SIGKILL")}),
        ("import os\nclass A:\n    def f(self):\n        os.setsid()", {("A.f", "os.setsid")}),
        ("import socket\nsocket.AF_UNIX", {("", "socket.AF_UNIX")}),
        ("import os\nos.sched_getaffinity(0)", {("", "os.sched_getaffinity")}),
        ("import os\nos.replace('a', 'b'), os.getpid(), os.O_RDONLY", set()),
        ("from pathlib import Path\nPath('/tmp') / 'x'", {("", "/tmp")}),
    ],
)  # fmt: skip
def test_a_use_is_seen_however_it_is_written(source, found):
    assert set(_uses(ast.parse(source))) == found


def test_every_text_file_is_written_with_its_encoding_and_its_line_ends():
    """Windows would take code page 1252 and put a carriage return before each line's end."""
    careless = []
    for file, tree in _trees("read_text|write_text|to_csv"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            given = {word.arg for word in node.keywords}
            where = f"{file}:{node.lineno}"
            if node.func.attr in ("read_text", "write_text") and not (
                "encoding" in given or len(node.args) > (node.func.attr == "write_text")
            ):
                careless.append(where)
            if node.func.attr == "to_csv" and "lineterminator" not in given:
                careless.append(where)
    assert careless == []


@pytest.mark.slow
def test_a_run_makes_the_same_bytes_where_there_is_only_what_windows_has(tmp_path):
    """The modules of this project see no fork, no flock, no groups, signals or local sockets."""
    layout = copy_project(tmp_path / "project")
    modules = ("os", "signal", "socket", "time", "select", "resource", "fcntl", "pwd", "grp", "sys")
    there = {name: sorted(names_on(name, "win32")) for name in modules}
    there["sys"] += ["orig_argv", "_base_executable"]
    assert there["fcntl"] == there["resource"] == []
    (tmp_path / "names.json").write_text(json.dumps(there), encoding="utf-8")
    away = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HERE / "as_on_windows"), str(ROOT / "src")]),
        "STANDARD_NAMES": str(tmp_path / "names.json"),
    }
    pilots = [sys.executable, "-c", "from commune_pilots.cli import main; main()"]
    for words, given in ((["run", "smoke"], away), (["verify", "smoke"], os.environ)):
        done = subprocess.run(
            [*pilots, *words],
            cwd=layout.root,
            env=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((layout.reports("smoke") / "run.json").read_bytes())
    assert len(told["steps"]) == 6
