"""New notebooks from the template: tagged parameters, one question, tables read and written.

They stand in notebooks/drafts, where git keeps them and no run executes them, until somebody
numbers them.
"""

from __future__ import annotations

from pathlib import Path

from commune_pilots.desk.lab_settings import lab_data
from commune_pilots.store import Layout, write_bytes

FOLDER = "drafts"
TEMPLATE = "templates/notebook.ipynb"


def new_draft(layout: Layout) -> Path:
    """Copy the template under the next free name of notebooks/drafts; raises WriteError."""
    folder = layout.notebooks / FOLDER
    taken = {path.name for path in folder.glob("draft-*.ipynb")}
    number = 1
    while f"draft-{number}.ipynb" in taken:
        number += 1
    path = folder / f"draft-{number}.ipynb"
    write_bytes(path, (lab_data() / TEMPLATE).read_bytes())
    return path
