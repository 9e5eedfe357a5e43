"""The command `diff`: what changed between two briefings of a run, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commune_pilots import screen

if TYPE_CHECKING:
    from commune_pilots.runs.commits import Commit
    from commune_pilots.store import Layout


def diff(
    name: Annotated[str, typer.Argument(metavar="RUN", help="Published run.")],
    against: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|FILE|COMMIT",
            help="A published run, the .json record of a released briefing, or a git commit, "
            "executed as it was (default: the last record).",
        ),
    ] = None,
) -> None:
    """Say which numbers changed since a released briefing or a commit, and what they rest on."""
    from commune_pilots import store
    from commune_pilots.runs import released

    layout = store.find_root()
    now = released.published_record(layout, name.rstrip("/"))
    if against is None:
        _show(layout, released.last_record(layout, now["run"]), now)
    elif (run := against.rstrip("/")) in _published_or_known(layout):
        _show(layout, released.published_record(layout, run), now)
    elif Path(against).suffix == ".json":
        _show(layout, store.read_record(Path(against)), now)
    else:
        _show_since(layout, _commit(layout, against), now)


def _published_or_known(layout: Layout) -> list[str]:
    """Name every run that a word can mean: of params/runs, or published without a file there."""
    from commune_pilots.params import known_runs
    from commune_pilots.runs import manifest

    published = {path.parent.name for path in layout.reports("x").parent.glob(f"*/{manifest.NAME}")}
    return sorted({*known_runs(layout.params), *published})


def _commit(layout: Layout, word: str) -> Commit:
    from commune_pilots.errors import ParameterError
    from commune_pilots.keys import near
    from commune_pilots.runs.commits import find_commit

    if found := find_commit(layout, word):
        return found
    known = _published_or_known(layout)
    raise ParameterError(
        "unknown_against", value=word, hint=near(word, known), known=", ".join(known) or "–"
    )


def _show(layout: Layout, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Show what changed between two records of briefings."""
    from commune_pilots.briefing.changes import compare
    from commune_pilots.briefing.changes_annex import as_words
    from commune_pilots.params import load_indicators

    changes = compare(before, now)
    indicators = load_indicators(layout.params / "indicators.yml")
    screen.show_changes(
        {language: as_words(changes, indicators, language) for language in screen.languages()}
    )


def _show_since(layout: Layout, commit: Commit, now: Mapping[str, Any]) -> None:
    """Show what changed since a commit, where the run is executed unless that was done before."""
    from commune_pilots.briefing.changes import besides, compare
    from commune_pilots.briefing.changes_annex import as_words, besides_words, since_commit
    from commune_pilots.params import load_indicators
    from commune_pilots.runs import at_commit
    from commune_pilots.runs.batch import ended_by_signals

    run = now["run"]
    at_commit.refuse_stale(layout, run)
    then = at_commit.kept_record(layout, run, commit)
    if then is None:
        screen.note("diff.running", run=run, commit=commit.short)
        with ended_by_signals():
            then = at_commit.record_at(layout, run, commit)
    changes = compare(then.record, now)
    others = besides(then.record, now, changes)
    indicators = load_indicators(layout.params / "indicators.yml")
    about, told = {}, {}
    for language in screen.languages():
        about[language] = since_commit(
            run,
            commit.short,
            date.fromisoformat(commit.day),
            language,
            borrowed=then.borrowed,
            relocked=then.relocked,
        )
        rows, reasons = as_words(changes, indicators, language, before=commit.short)
        told[language] = rows, [*reasons, *besides_words(others, language)]
    screen.show_changes(told, about=about)
