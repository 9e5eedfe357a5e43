"""What a kernel reads is noted, whatever opens it through Python, and nothing else is."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from warmed import environment, execute, printed

from commune_pilots.runs import reads

ROOT = "from pathlib import Path\nimport os, io\nroot = Path(os.environ['ROOT'])\n"


def watched(folder, *sources, started=None):
    """Run code in a process that watches; gives the lines it noted."""
    root = folder / "root"
    if not root.exists():
        (root / "below").mkdir(parents=True)
        for name in ("one", "two", "below/three"):
            (root / name).write_text("text")
    given = environment(
        ROOT=str(root),
        PILOTS_READS=str(folder / "noted"),
        PILOTS_READ_ROOTS=json.dumps([str(root), str(folder / "other")]),
    )
    source = "\n".join([reads.PROLOGUE, ROOT, *sources])
    subprocess.run([sys.executable, "-c", source], env=given, cwd=root, check=True)
    noted = (folder / "noted").read_text().splitlines()
    return [line.removeprefix(str(folder)).lstrip("/") for line in noted]


READING = {
    "text": "open(str(root / 'one')).read()",
    "a path": "(root / 'one').read_bytes()",
    "bytes": "open(os.fsencode(root / 'one')).read()",
    "os.open": "os.close(os.open(root / 'one', os.O_RDONLY))",
    "reading and writing": "open(root / 'one', 'r+').close()",
    "os.open to read and write": "os.close(os.open(root / 'one', os.O_RDWR))",
    "a relative path": "open('one').read()",
    "a winding path": "open('below/../below/../one').read()",
    "an absolute winding path": "open(f'{root}/below/../one').read()",
    "another folder to work in": "os.chdir('below'); open('../one').read()",
    "io.open_code": "io.open_code(str(root / 'one')).read()",
    "a child that was forked": (
        "pid = os.fork()\nif not pid:\n    open(root / 'one'); os._exit(0)\nos.waitpid(pid, 0)"
    ),
    "a thread": (
        "import threading; t = threading.Thread(target=open, args=(root / 'one',))\n"
        "t.start(); t.join()"
    ),
}


@pytest.mark.parametrize("way", READING)
def test_a_file_that_is_read_is_noted(tmp_path, way):
    assert watched(tmp_path, READING[way]) == ["root/one"]


def test_a_file_read_twice_is_noted_once_and_in_the_order_of_first_reading(tmp_path):
    source = "for name in ('two', 'one', 'two', 'below/three', 'one'): open(root / name).read()"
    assert watched(tmp_path, source) == ["root/two", "root/one", "root/below/three"]


@pytest.mark.parametrize(
    "code",
    [
        "open(root / 'new', 'w').close()",
        "open(root / 'new', 'x').close()",
        "open(root / 'one', 'a').close()",
        "(root / 'one').write_bytes(b'')",
        "os.close(os.open(root / 'one', os.O_WRONLY))",
        "(root / 'one').stat(); (root / 'one').exists(); (root / 'one').unlink()",
        "os.rename(root / 'one', root / 'new')",
        "open(os.dup(2))",
    ],
)
def test_what_is_only_written_moved_or_looked_at_is_not_noted(tmp_path, code):
    assert watched(tmp_path, code) == []


@pytest.mark.parametrize("code", ["os.listdir({0})", "list(os.scandir({0}))"])
def test_a_folder_that_is_listed_is_noted(tmp_path, code):
    assert watched(tmp_path, code.format("root / 'below'")) == ["root/below"]
    (tmp_path / "noted").unlink()
    assert watched(tmp_path, code.format("root")) == ["root"]


def test_a_pattern_over_folders_notes_each_folder_it_looked_into(tmp_path):
    found = watched(tmp_path, "sorted(root.glob('**/*'))")
    assert sorted(set(found)) == ["root", "root/below"]


def test_only_what_is_below_the_roots_is_noted(tmp_path):
    (tmp_path / "root_beside").mkdir()
    (tmp_path / "root_beside" / "one").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("x")
    (tmp_path / "outside").write_text("x")
    beside = "open(root.parent / 'root_beside' / 'one'); open(root.parent / 'outside')"
    assert watched(tmp_path, beside, "open(root.parent / 'other' / 'file')") == ["other/file"]


def test_a_file_that_is_missing_is_noted_too_because_it_may_appear(tmp_path):
    missing = "try: open(root / 'missing')\nexcept FileNotFoundError: pass"
    assert watched(tmp_path, missing) == ["root/missing"]


def test_a_child_that_imports_nothing_of_ours_is_not_seen(tmp_path):
    child = "import subprocess; subprocess.run(['cat', str(root / 'one')], check=True)"
    assert watched(tmp_path, child) == []


@pytest.mark.slow
@pytest.mark.usefixtures("templates_at")
@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_a_kernel_notes_what_its_cells_read_and_no_noise_of_its_own(tmp_path, cold):
    (root := tmp_path / "root").mkdir()
    (tmp_path / "work").mkdir()  # a folder that modules are looked for in is listed to find them
    (root / "read.csv").write_text("a\n1\n")
    given = environment(
        cold=cold, PILOTS_READS=str(tmp_path / "noted"), PILOTS_READ_ROOTS=json.dumps([str(root)])
    )
    notebook = execute(
        "import pandas as pd\nprint(pd.read_csv('../root/read.csv')['a'][0])",
        "open('../root/written.csv', 'w').close()",
        "await __import__('asyncio').to_thread(open, '../root/written.csv')",
        environment=given,
        folder=tmp_path / "work",
        prologue=reads.PROLOGUE,
    )
    assert printed(notebook) == "1\n"
    noted = (tmp_path / "noted").read_text().splitlines()
    assert noted == [str(root / "read.csv"), str(root / "written.csv")]
