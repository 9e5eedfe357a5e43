"""The command `init`: a project folder of one's own, from the installed package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commune_pilots import screen


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder that is empty or not there yet.")
    ],
) -> None:
    """Write a new project folder: notebooks, parameters, press data, and room for studies."""
    from commune_pilots.desk.new_project import make_project

    made = make_project(folder)
    screen.say("project.made", folder=made.as_posix())
