"""The command `release`: a published briefing is checked and put down for its readers."""

from __future__ import annotations

from typing import Annotated

import typer

from commune_pilots import screen


def release(
    name: Annotated[str, typer.Argument(metavar="RUN", help="Published run.")],
    approver: Annotated[
        str, typer.Option(metavar="NAME", help="Who approves it: full name, with office if wanted.")
    ],
) -> None:
    """Release a published briefing once every check of a release passes; tells all that fail."""
    from datetime import date

    from commune_pilots import store
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.listing import write_index
    from commune_pilots.runs.release_gate import release_run

    layout = store.find_root()
    found = release_run(
        read_inventory(layout), name.rstrip("/"), approver=approver, today=date.today()
    )
    write_index(layout)
    screen.show_release(found, root=layout.root)
