"""The command `new`: a study of one's own, from nothing to a workbook to fill in."""

from __future__ import annotations

import re
import sys
from datetime import date as day
from typing import Annotated

import typer

from commune_pilots import screen
from commune_pilots.catalogue import text
from commune_pilots.errors import ParameterError, StoppedError

# As days are written in the workbook.
_DAY_FIRST = re.compile(r"^(\d{2})/(\d{2})/(\d{4})$")


def new(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Name of the run: a-z, 0-9 and _.")],
    province: Annotated[
        str | None, typer.Option(metavar="CODE|NAME", help="Province whose pilots are judged.")
    ] = None,
    decider: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Who decides, in Vietnamese.")
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Date on the briefing: 2026-12-01 or 01/12/2026."),
    ] = None,
    indicator: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Indicator to compare; may be repeated. Default: all."),
    ] = None,
) -> None:
    """Start a study: a run, and an Excel workbook to fill in with a province's own figures.

    pilots new ca_mau --province "Cà Mau" --decider "UBND tỉnh Cà Mau" --date 2026-12-01

    What is not given is asked for on a terminal.
    """
    from commune_pilots import store
    from commune_pilots.desk import new_study
    from commune_pilots.desk.known_units import units_known
    from commune_pilots.params import load_indicators
    from commune_pilots.sources.press import read_press

    layout = store.find_root()
    new_study.check_free(layout, run)
    indicators = load_indicators(layout.params / "indicators.yml")
    press = read_press(layout.raw_press, indicators, shown=store.RAW_PRESS)
    units = units_known(press["units"])
    place = new_study.find_province(_asked("province", province), units)
    decided = _asked("decider", decider, default=new_study.default_decider(place))
    dated = _asked("date", date, default=day.today().isoformat())
    chosen = indicator
    if chosen is None and sys.stdin.isatty():
        chosen = [one.strip() for one in _asked("indicator", None, default="").split(",")]
    study = new_study.NewStudy(
        run=run,
        province=place,
        decider=decided,
        briefing_date=_DAY_FIRST.sub(r"\3-\2-\1", dated.strip()),
        indicators=tuple(filter(None, chosen or ())),
    )
    files = new_study.study_files(layout, study, units=units, candidates=press["candidates"])
    new_study.write_study(files)
    workbook, parameters = (path.relative_to(layout.root).as_posix() for path in files)
    screen.say("new_study.done", run=run, workbook=workbook, parameters=parameters)


def _asked(option: str, given: str | None, *, default: str | None = None) -> str:
    """Take what was given, or ask for it on a terminal in the chosen languages.

    Raises ParameterError where nothing is given and nobody can be asked, StoppedError where the
    question is broken off.
    """
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise ParameterError("new_not_given", option=f"--{option}")
    words = " / ".join(text(f"new_study.ask.{option}", name) for name in screen.languages())
    try:
        return str(typer.prompt(words, default=default, show_default=bool(default)))
    except typer.Abort as stopped:
        raise StoppedError("new_stopped") from stopped
