"""An exporter of nbconvert: any notebook as the page for analysts that stands beside a briefing.

An entry point (`jupyter nbconvert --to commune-pilots`), which JupyterLab offers in its menu too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import Exporter
from nbconvert.utils.exceptions import ConversionException
from traitlets import default

from commune_pilots.briefing.export import export_notebook
from commune_pilots.errors import PilotsError
from commune_pilots.params import load_run
from commune_pilots.store import find_root

NAME = "commune-pilots"
_TAGS = {"parameters", "injected-parameters"}


class AnalystPage(Exporter):
    """Exports as the last step of a run does: code, outputs and prose on one offline page."""

    export_from_notebook = "Commune Pilots (HTML)"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # of exporters to text
        self, nb: nbformat.NotebookNode, resources: Any = None, **given: Any
    ) -> tuple[str, Any]:
        """Make the page of a notebook; one of a simulated run says so.

        Raises ConversionException, which nbconvert words, for a notebook that holds an error.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **given)
        about = resources["metadata"]
        simulated = is_simulated(notebook, folder=Path(about.get("path") or "."))
        try:
            page = export_notebook(notebook, name=about["name"], pages={}, simulated=simulated)
        except PilotsError as refused:
            raise ConversionException(refused.sentence("en")) from refused
        return page, resources


def is_simulated(notebook: nbformat.NotebookNode, *, folder: Path) -> bool:
    """Say whether a notebook's parameters ask for simulated data.

    One that names its run alone is as the run of the project around `folder` is; without a project
    or without the run nobody can say, and it is taken for not simulated.
    """
    given = dict(_parameters(notebook))
    if "data" not in given and "run" in given:
        try:
            given["data"] = load_run(str(given["run"]), find_root(folder).params).data
        except PilotsError:
            return False
    return given.get("data") == "simulated"


def _parameters(notebook: nbformat.NotebookNode) -> Iterator[tuple[str, object]]:
    """Read the plain values assigned in cells of parameters, those of papermill last."""
    for cell in notebook.cells:
        if _TAGS.isdisjoint(cell.metadata.get("tags", [])):
            continue
        try:
            body = ast.parse(cell.source).body
        except SyntaxError:
            continue
        for node in body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                yield from (
                    (target.id, node.value.value)
                    for target in node.targets
                    if isinstance(target, ast.Name)
                )
