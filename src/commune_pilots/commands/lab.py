"""The command `lab`: JupyterLab ready for work on this project."""

from __future__ import annotations

from typing import Annotated

import typer

from commune_pilots import screen


def lab(
    name: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="Run to work on from now on.")
    ] = None,
    warm: Annotated[
        bool, typer.Option("--warm", help="Fork kernels from a template: imports are done before.")
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no browser; the address is printed.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port (default: 8888 or the next free).")
    ] = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only set git up for notebooks, then end.")
    ] = False,
) -> None:
    """Open JupyterLab on this project: menus in Vietnamese, formatter, form, launcher entries.

    pilots lab · pilots lab long_an · pilots lab --warm · PILOTS_LANG=en pilots lab
    """
    from commune_pilots import store
    from commune_pilots.desk import lab as jupyterlab
    from commune_pilots.desk.at_hand import take_up
    from commune_pilots.desk.git_drivers import wire
    from commune_pilots.desk.lab_entries import lab_language

    layout = store.find_root()
    if name:
        take_up(layout, name.rstrip("/"))
    if missing := jupyterlab.missing_extra():
        screen.say("lab.extra_missing", packages=", ".join(missing))
    wired = wire(layout)
    if wired is None:
        screen.say("lab.no_git")
    elif wired.changed:
        screen.say("lab.wired", settings=", ".join(wired.changed))
    elif prepare:
        screen.say("lab.wired_before")
    if prepare:
        return
    screen.say("lab.starting")
    jupyterlab.serve(layout, language=lab_language(), warm=warm, port=port, browser=not no_browser)
