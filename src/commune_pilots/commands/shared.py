"""What commands share: options of the same name and meaning, how to end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from commune_pilots.errors import PilotsError

Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one parameter; may be repeated."),
]
Cold = Annotated[
    bool, typer.Option("--cold", help="Start every kernel afresh instead of forking a warm one.")
]


def exit_with_worst(errors: Sequence[PilotsError]) -> None:
    """End with the highest exit code of several errors, if there is any."""
    if errors:
        raise typer.Exit(max(error.exit_code for error in errors))
