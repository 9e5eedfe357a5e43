"""Which modules a text can reach, and when the hash of one changes."""

from __future__ import annotations

import ast
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import nbformat
import pytest
from built import BRIEFING_NOTEBOOK, ROOT

from commune_pilots.runs import code
from commune_pilots.runs.code import digest, read_code

OURS = "commune_pilots"


@pytest.fixture
def package(tmp_path):
    """Write a package of drawn modules; returns what `read_code` makes of it."""

    def write(**modules):
        for name, text in {"__init__": "", **modules}.items():
            path = tmp_path / f"{name.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return read_code(tmp_path)

    write.folder = tmp_path
    return write


def _reach(code, source):
    """Name what a text reaches, without the package itself."""
    return {name.removeprefix(f"{OURS}.") for name in code.reach(source)} - {OURS}


@cache
def _own():
    return read_code()


def test_what_is_reached_is_reached_through_any_number_of_modules(package):
    code = package(
        a=f"import {OURS}.b", b=f"import {OURS}.c", c="import json", d=f"import {OURS}.a"
    )
    assert _reach(code, f"import {OURS}.a") == {"a", "b", "c"}


def test_modules_that_import_each_other_are_reached_once(package):
    code = package(a=f"import {OURS}.b", b=f"import {OURS}.a")
    assert code.reach(f"import {OURS}.a") == (OURS, f"{OURS}.a", f"{OURS}.b")


@pytest.mark.parametrize(
    "text",
    [
        f"import {OURS}.b",
        f"import {OURS}.b as other",
        f"from {OURS} import b",
        f"from {OURS} import nothing, b as other",
        f"from {OURS}.b import VALUE",
        "from . import b",
        "from .b import VALUE",
        f"def later():\n    from {OURS} import b\n",
        f"class A:\n    def later(self):\n        import {OURS}.b\n",
        f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from {OURS}.b import VALUE\n",
        f"try:\n    import fast\nexcept ImportError:\n    import {OURS}.b\n",
        f"try:\n    x = 1\nfinally:\n    import {OURS}.b\n",
        f"for x in ():\n    x\nelse:\n    import {OURS}.b\n",
        f"with open('x') as x:\n    while x:\n        import {OURS}.b\n",
        f"async def later():\n    import {OURS}.b\n",
        f"match 1:\n    case 1 if True:\n        import {OURS}.b\n",
        f"x = 1; import {OURS}.b",
    ],
)
def test_an_import_is_seen_however_and_wherever_it_is_written(package, text):
    code = package(a=text, b="VALUE = 1", c="")
    assert _reach(code, f"import {OURS}.a") == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("from . import b", {"room", "room.a", "room.b"}),
        ("from .b import VALUE", {"room", "room.a", "room.b"}),
        ("from .. import b", {"room", "room.a", "b"}),
        ("from ..b import VALUE", {"room", "room.a", "b"}),
        ("import json", {"room", "room.a"}),
    ],
)
def test_a_relative_import_starts_from_its_own_package(package, text, reached):
    modules = {"room__in____init__": "", "room__in__a": text, "room__in__b": "VALUE = 1"}
    code = package(b="VALUE = 1", **modules)
    assert _reach(code, f"import {OURS}.room.a") == reached


def test_a_relative_import_of_a_package_starts_from_that_package(package):
    modules = {"room__in____init__": "from . import b", "room__in__b": ""}
    code = package(b="", **modules)
    assert _reach(code, f"import {OURS}.room") == {"room", "room.b"}


def test_the_packages_around_a_module_are_reached_with_what_they_import(package):
    modules = {"room__in____init__": f"import {OURS}.c", "room__in__a": ""}
    code = package(c="", **modules)
    assert _reach(code, f"import {OURS}.room.a") == {"room", "room.a", "c"}


def test_text_and_comments_that_name_a_module_are_no_imports(package):
    code = package(a=f'"""import {OURS}.b"""\n# import {OURS}.b\n', b="")
    assert _reach(code, f"import {OURS}.a") == {"a"}


def test_other_packages_are_not_ours(package):
    code = package(a="import json, pandas.api\nfrom commune_pilots_not import b", b="")
    assert _reach(code, f"import {OURS}.a") == {"a"}
    assert code.reach("import json") == ()


@pytest.mark.parametrize("change", ["VALUE = 2\n", "VALUE = 1  # one\n", "VALUE = 1\n\n"])
def test_any_change_of_a_module_changes_its_hash_and_no_other(package, change):
    before = package(a="VALUE = 1\n", b="").hashes
    after = package(a=change, b="").hashes
    assert {name for name in after if after[name] != before[name]} == {f"{OURS}.a"}


@pytest.mark.parametrize(
    ("file", "owner"),
    [
        ("a.yml", "a"),
        ("other.yml", ""),
        ("room/b.css", "room.b"),
        ("room/style.css", "room"),
        ("room/template/index.html.j2", "room"),
        ("room/template/conf.json", "room"),
    ],
)
@pytest.mark.parametrize("how", ["added", "changed"])
def test_a_file_beside_the_modules_belongs_to_the_one_of_its_name_or_to_its_package(
    package, file, owner, how
):
    path = package.folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    modules = {"a": "", "room__in____init__": "", "room__in__b": ""}
    if how == "changed":
        path.write_text("one", encoding="utf-8")
    before = package(**modules).hashes
    path.write_text("two", encoding="utf-8")
    after = package(**modules).hashes
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {f"{OURS}.{owner}".rstrip(".")}


def test_a_file_of_another_kind_belongs_to_nobody(package):
    before = package(a="").hashes
    (package.folder / "notes.txt").write_text("x", encoding="utf-8")
    (package.folder / "py.typed").write_text("", encoding="utf-8")
    assert package(a="").hashes == before


def test_two_lists_of_parts_never_share_a_digest():
    lists = [[], [b""], [b"", b""], [b"a", b"bc"], [b"ab", b"c"], [b"abc"], [b"abc", b""]]
    assert len({digest(*parts) for parts in lists}) == len(lists)
    assert len(digest()) == 64


def test_every_data_file_of_the_package_belongs_to_a_module():
    """Otherwise a changed sentence or style would not make any page again."""
    package = ROOT / "src" / OURS
    kinds = {path.suffix for path in package.rglob("*") if path.is_file()}
    assert kinds - {".py", ".pyc", ".typed"} <= set(code._DATA_SUFFIXES)


def test_the_catalogue_belongs_to_its_module_and_the_styles_to_the_room_briefing():
    code = _own()
    assert f"{OURS}.catalogue" in code.reach(f"from {OURS}.effects import coverage")
    assert f"{OURS}.briefing" in code.reach(f"from {OURS}.runs import pages")
    assert f"{OURS}.briefing" not in code.reach(f"from {OURS} import store")


@pytest.mark.slow
def test_every_module_that_notebook_06_really_imports_is_within_its_reach():
    cells = nbformat.read(BRIEFING_NOTEBOOK, as_version=4).cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    shown = f"import sys; print(*[name for name in sys.modules if name.startswith('{OURS}')])"
    command = [sys.executable, "-c", "\n".join([*imports, shown])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    imported = set(done.stdout.split())
    assert f"{OURS}.briefing.wording" in imported
    assert imported - set(_own().reach(source)) == set()


def test_notebooks_reach_no_module_that_runs_them():
    """What starts a notebook may change without a reason to run the notebook again."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        assert not [name for name in _own().reach(source) if name.startswith(f"{OURS}.runs")]


def test_texts_can_be_parsed_in_many_threads_at_once():
    text = Path(code.__file__).read_text(encoding="utf-8")
    with ThreadPoolExecutor(4) as pool:
        trees = list(pool.map(code.parse, [text] * 40))
    assert len({ast.dump(tree) for tree in trees}) == 1


def test_what_a_new_project_is_made_of_is_no_part_of_the_code(package):
    before = package(a="").hashes
    shipped = package.folder / "project" / "params"
    shipped.mkdir(parents=True)
    (shipped / "base.yml").write_text("alpha: 0.05\n", encoding="utf-8")
    assert read_code(package.folder).hashes == before
    (package.folder / "texts.yml").write_text("a: b\n", encoding="utf-8")
    assert read_code(package.folder).hashes != before
