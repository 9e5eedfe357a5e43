"""The command `diff`: what changed between two briefings of a run, and what they rest on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commune_pilots import screen


def diff(
    name: Annotated[str, typer.Argument(metavar="RUN", help="Published run.")],
    against: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|RUN",
            help="Record of a released briefing, or a published run (default: the last record).",
        ),
    ] = None,
) -> None:
    """Say which numbers changed since the last released briefing, and what they rest on did."""
    from commune_pilots import store
    from commune_pilots.briefing.changes import compare
    from commune_pilots.briefing.changes_annex import as_words
    from commune_pilots.params import load_indicators
    from commune_pilots.runs import released

    layout = store.find_root()
    now = released.published_record(layout, name.rstrip("/"))
    if against is None:
        before = released.last_record(layout, now["run"])
    elif Path(against).suffix == ".json":
        before = store.read_record(Path(against))
    else:
        before = released.published_record(layout, against.rstrip("/"))
    changes = compare(before, now)
    indicators = load_indicators(layout.params / "indicators.yml")
    screen.show_changes(
        {language: as_words(changes, indicators, language) for language in screen.languages()}
    )
