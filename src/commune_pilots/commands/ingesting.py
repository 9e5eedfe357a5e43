"""The command `ingest`: raw files of offices to tables, or a layout proposed for a new kind."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commune_pilots import screen
from commune_pilots.commands.shared import exit_with_worst
from commune_pilots.errors import PilotsError

if TYPE_CHECKING:
    from commune_pilots import store


def ingest(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DELIVERY...]", help="Deliveries of params/deliveries; or all."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Count again if nothing changed.")] = False,
    propose: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Print a layout for a file; nothing is ingested."),
    ] = None,
) -> None:
    """Read files of offices into counts by commune and month; no personal data is kept.

    pilots ingest so_ho_so_2024

    A file that cannot be read exactly is refused, and nothing of its delivery is published.
    """
    from commune_pilots import store
    from commune_pilots.sources.deliveries import delivery_names

    layout = store.find_root()
    if propose is not None:
        if names or force:
            raise typer.BadParameter("--propose takes no delivery and no --force")
        _propose(layout, propose)
        return
    known = delivery_names(layout.params)
    if not names and not known:
        screen.say("ingest.none", folder="params/deliveries")
    errors: list[PilotsError] = []
    for name in dict.fromkeys(names or known):
        try:
            _ingest(layout, name, force=force)
        except PilotsError as error:
            screen.show_error(error)
            errors.append(error)
    exit_with_worst(errors)


def _ingest(layout: store.Layout, name: str, *, force: bool) -> None:
    from commune_pilots.runs.ingest import ingest as run

    found = run(layout, name, force=force)
    screen.say(
        "ingest.done" if found.anew else "ingest.stands",
        delivery=name,
        anew=found.read,
        page=found.page.relative_to(layout.root).as_posix(),
        **found.rows,
    )
    for left_out in found.left_out:
        for language in screen.languages():
            screen.out.print(f"  - {getattr(left_out, language)}", markup=False)


def _propose(layout: store.Layout, path: Path) -> None:
    """Print the layout that fits each sheet of a file best, for a person to confirm."""
    from commune_pilots.errors import InputError, ParameterError
    from commune_pilots.sources.files import read_sheets
    from commune_pilots.sources.layouts import layout_names, load_layout
    from commune_pilots.sources.proposals import as_yaml, propose

    try:
        raw = path.read_bytes()
    except OSError as refused:
        raise InputError(
            "raw_unreadable", file=path.as_posix(), reason=refused.strerror
        ) from refused
    layouts = {}
    for name in layout_names(layout.params):
        with suppress(ParameterError):  # the shell has already made the file that this goes into
            layouts[name] = load_layout(name, layout.params)
    written: set[str] = set()
    for sheet in read_sheets(raw, file=path.name):
        found = propose(sheet, layouts)
        if found is None:
            names = ", ".join(layouts)
            screen.say("ingest.unlike", sheet=sheet.name or path.name, layouts=names)
        else:
            text = as_yaml(found)
            if text not in written:  # sheets of one form need one layout
                mark = f"--- # {sheet.name}\n" if written else ""
                screen.out.print(f"{mark}{text}", markup=False, end="", soft_wrap=True)
            written.add(text)
