"""A published briefing as a file to print or to edit: PDF and Word, beside the page they are of.

They are made on demand from what is published, and are no outputs of a run: the manifest does not
name them, a proof does not compare them, and publishing a run anew takes them away with the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from commune_pilots import store
from commune_pilots.errors import InputError, ParameterError, PilotsError
from commune_pilots.params import check_name
from commune_pilots.runs import manifest, publish
from commune_pilots.runs.run import BRIEFINGS, check_published
from commune_pilots.vocabulary import Paper

# Simulated data is labelled in these file names too: they are those of the pages.
NAMES = frozenset(
    Path(page).with_suffix(f".{kind}").name for page in BRIEFINGS.values() for kind in Paper
)


def export_all(
    layout: store.Layout,
    runs: Sequence[str],
    *,
    to: Sequence[Paper] = tuple(Paper),
    report: Callable[[Path | PilotsError], None] = lambda _: None,
) -> list[PilotsError]:
    """Export runs one after the other, reporting each file and each error; returns the errors."""
    errors: list[PilotsError] = []
    for run in dict.fromkeys(runs):
        try:
            for path in export_run(layout, run, to=to):
                report(path)
        except PilotsError as error:
            report(error)
            errors.append(error)
    return errors


def export_run(
    layout: store.Layout, run: str, *, to: Sequence[Paper] = tuple(Paper)
) -> tuple[Path, ...]:
    """Write the briefing of a published run as PDF, as Word or both; returns the files' paths.

    The same publication gives the same bytes. Raises InputError for a run that is not published or
    was altered, LockedError while another process publishes it, ParameterError without what a kind
    needs, WriteError if a file cannot be made; files of the kinds before it are then written.
    """
    check_name(run)
    if manifest.read(layout, run) is None:  # asked before anything is locked: a name mistyped
        raise InputError("not_published", run=run)
    with publish.holding(layout, run):
        found = manifest.read(layout, run)
        assert found is not None
        check_published(layout, run)
        source = layout.reports(run) / BRIEFINGS[found["data"]]
        page = source.read_text(encoding="utf-8")
        when = date.fromisoformat(found["parameters"]["briefing_date"])
        written = []
        for kind in dict.fromkeys(to):
            path = source.with_suffix(f".{kind}")
            store.write_bytes(path, _make(kind, page, when, run))
            written.append(path)
    return tuple(written)


def _make(kind: Paper, page: str, when: date, run: str) -> bytes:
    if kind is Paper.PDF:
        from commune_pilots.briefing.paper import to_pdf

        return to_pdf(page, when=when)
    try:
        from commune_pilots.briefing.word import to_word
    except ImportError as absent:
        raise ParameterError(
            "extra_missing", run=run, kind=str(kind), extra="word", reason=str(absent)
        ) from absent
    return to_word(page, when=when)
