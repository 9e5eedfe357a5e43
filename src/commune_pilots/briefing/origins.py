"""From a table on the page to the cell of the executed notebook that computed it.

Nobody keeps a list: the code of the executed notebooks says which cell a table came out of, and
the manifest which notebook wrote it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from commune_pilots.errors import ExportError

_MARK = re.compile(r'<table data-of="(\w+)">(<caption[^>]*>)(.*?)(?=\. |</caption>)', re.DOTALL)


def traced(shown: Markup, table: str) -> Markup:
    """Mark what shows a table of the run, so that the export can link it to its cell."""
    return Markup(str(shown).replace("<table>", f'<table data-of="{table}">', 1))


def link_tables(page: str, cells: Mapping[str, str], *, name: str) -> str:
    """Link the number of every marked table to the cell that computed it, and take the marks out.

    `cells` holds addresses by table (`cells_of`). A caption without a number is linked whole.
    Raises ExportError for a table that no cell computed.
    """

    def link(found: re.Match[str]) -> str:
        table, caption, words = found.groups()
        if table not in cells:
            raise ExportError("export_no_cell", page=name, table=table)
        return f'<table>{caption}<a href="{cells[table]}">{words}</a>'

    return _MARK.sub(link, page)


def cells_of(
    notebooks: Mapping[str, Sequence[Mapping[str, Any]]], written: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """Find the cell that computed each table a run wrote: table -> `<notebook>.html#<cell id>`.

    `notebooks` are the cells of the executed notebooks, `written` the tables that each wrote. A
    keyword of `project.write` names a table and the variable it is taken from; one after `**`
    holds every table that no keyword names. The cell is the last that assigns the variable; for
    what is computed within the call, that of the call. A table found in no notebook is left out.
    """
    return {
        table: f"{name}.html#{cell}"
        for name, cells in notebooks.items()
        for table, cell in _computed(cells, written.get(name, ())).items()
    }


def _computed(cells: Sequence[Mapping[str, Any]], written: Collection[str]) -> dict[str, str]:
    """Follow one notebook from its first cell: where each name was assigned, what is written."""
    assigned: dict[str, str] = {}
    found: dict[str, str] = {}
    rest: list[str] = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        own = str(cell["id"])
        for statement in ast.parse("".join(cell["source"])).body:
            for given in _written(statement):
                source = given.value
                place = assigned.get(source.id, own) if isinstance(source, ast.Name) else own
                if given.arg:
                    found[given.arg] = place
                else:
                    rest.append(place)
            assigned |= dict.fromkeys(_names_set(statement), own)
    if len(rest) == 1:  # of two mappings nobody can say which held a table
        found = {**dict.fromkeys(written, rest[0]), **found}
    return {table: place for table, place in found.items() if table in written}


def _written(statement: ast.stmt) -> list[ast.keyword]:
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    return [
        given for call in calls if ast.unparse(call.func) == "project.write"
        for given in call.keywords
    ]  # fmt: skip


def _names_set(statement: ast.stmt) -> list[str]:
    names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return [name.id for name in names if isinstance(name.ctx, ast.Store)]
