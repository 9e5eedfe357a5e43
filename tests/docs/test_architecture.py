"""The page of the architecture against the sources: modules, order, imports, tables, exit codes."""

from __future__ import annotations

import json
import re

import imported
import pytest
import there
from paged import ROOT, read, rows, section

from commune_pilots import errors, schemas
from commune_pilots.briefing.findings import TABLES
from commune_pilots.cli import app

PAGE = read(ROOT / "docs" / "architecture.md").text
ROOMS = section(PAGE, "## Rooms and import order")
_TICKS = re.compile(r"`([^`\n]+)`")


def test_the_architecture_names_every_module_once():
    named = [row[0] for row in rows(PAGE, "module", "does")]
    assert sorted(named) == sorted(there.modules())


def test_the_order_of_the_rooms_is_the_one_that_is_held():
    order = [_TICKS.findall(line) for line in re.findall(r"^\d+\. (.*)$", ROOMS, re.MULTILINE)]
    assert order == imported.layers()
    assert sorted(room for line in order for room in line) == imported.rooms()


def test_every_import_goes_down():
    """The order on the page against the imports themselves, without the tool that holds it."""
    above = {room: place for place, line in enumerate(imported.layers()) for room in line}
    told = imported.graph()
    assert sum(map(len, told.values())) > 100
    wrong = [
        (room, low) for room, names in told.items() for low in names if above[low] <= above[room]
    ]
    assert wrong == []


def test_the_table_of_rooms_is_what_the_imports_are():
    inside = re.search(r"<!-- rooms -->\n(.*)<!-- /rooms -->", PAGE, re.DOTALL)[1]
    assert inside == imported.room_table(), "make rap writes it anew"


def test_an_import_inside_a_function_or_of_a_room_itself_counts(tmp_path):
    path = tmp_path / "late.py"
    path.write_text(
        "def late():\n    from commune_pilots import store\n    import papermill.iorw\n"
    )
    assert imported._imports(path) == {"commune_pilots.store", "papermill.iorw"}


def test_only_runs_imports_papermill():
    (room,) = re.search(r"Only (`\w+`) imports papermill", ROOMS).groups()
    users = {f"`{one}`" for one in imported.rooms() if "papermill" in imported.outside(one)}
    assert users == {room} == {"`runs`"}
    held, forbidden = imported.contract("Only runs knows papermill")
    assert forbidden == {"papermill"}
    assert "runs" not in held


def test_rooms_that_think_draw_run_and_read_nothing():
    sentence = " ".join(re.search(r"^(`clean`[^.]*import neither[^.]*)\.", ROOMS, re.M)[1].split())
    thinking, never = sentence.split("import neither")
    named = set(_TICKS.findall(thinking))
    forbidden = set(re.findall(r"\w+", never)) - {"nor", "or"}
    assert (named, forbidden) == imported.contract("Thinking does not draw, run or read")
    for room in named:
        assert not forbidden & (imported.outside(room) | imported.graph()[room]), room


def test_the_folders_are_named_where_the_page_says():
    assert "Folder names are in `store`" in ROOMS
    named = there.PACKAGE.joinpath("store.py").read_text(encoding="utf-8")
    assert all(f'"{folder}"' in named for folder in ("params", "reports", "notebooks"))
    assert '".staging-' in there.PACKAGE.joinpath("runs/publish.py").read_text(encoding="utf-8")


def test_the_architecture_names_every_table_once():
    named = [row[0] for row in rows(PAGE, "table", "one row is")]
    assert sorted(named) == sorted(schemas.TABLES)


@pytest.mark.parametrize("maker", sorted({row[2] for row in rows(PAGE, "table", "one row is")}))
def test_what_makes_a_table_is_a_module_or_raw(maker):
    quoted = _TICKS.findall(maker) or [maker]
    known = {"raw", "raw files"}
    assert [one for one in quoted if one not in known and one not in there.modules()] == []


def test_the_data_flow_is_what_the_notebooks_say():
    flow = {row[0]: row for row in rows(PAGE, "notebook", "reads")}
    assert set(flow) == there.notebooks()
    for name in sorted(flow)[:-1]:
        content = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        title = "".join(content["cells"][0]["source"])
        for part, cell in (("Reads", flow[name][1]), ("Writes", flow[name][2])):
            line = re.search(rf"^{part}: (.*)$", title, re.MULTILINE)[1]
            tables = {word for word in _TICKS.findall(line) if word in schemas.TABLES}
            shown = {word.strip("` ") for word in cell.split(",")} & set(schemas.TABLES)
            assert (name, part, shown) == (name, part, tables)
    assert flow["06_write_briefing"][1] == "every table but `days` and `dropped`"
    logs = ("dossiers", "rejected", "findings", "ingested")  # no notebook reads them
    assert sorted([*TABLES, "days", "dropped", *logs]) == sorted(schemas.TABLES)


def test_the_exit_codes_are_those_of_the_code():
    told = rows(PAGE, "code", "error", "meaning")
    kinds = {row[1]: int(row[0]) for row in told if row[1] != "-"}
    assert kinds == {kind.__name__: kind.exit_code for kind in errors.KINDS}
    named = {int(row[0]) for row in told}
    helped = re.search(r"Exit codes: (.*?)\.$", app.info.help, re.DOTALL)[1]
    assert {int(code) for code in re.findall(r"(?:^|, )(\d+) ", helped)} == named - {130}
    contributing = section(read(ROOT / "CONTRIBUTING.md").text, "## Exit codes")
    assert {int(code) for code in re.findall(r"\b(\d+) [a-z]", contributing)} == named
