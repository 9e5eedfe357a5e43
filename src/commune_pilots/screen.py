"""What the command line shows: errors, plans, the progress of a batch and its summary."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from rich.traceback import Traceback

from commune_pilots import catalogue
from commune_pilots.errors import ContractError, Failure, PilotsError

if TYPE_CHECKING:
    from commune_pilots.runs.batch import Outcome
    from commune_pilots.runs.plan import Planned
    from commune_pilots.runs.release_gate import Released
    from commune_pilots.runs.verify import Verified

_MOST_FAILURES = 20
_MOST_REASONS = 4
_LETTERS = "ĂăĐđƠơƯưẠạẢảẤấỀềỆệỘộỰự"


class _Screen(Console):
    """A console whose reader may stop reading: `| head` is no failure of ours."""

    def on_broken_pipe(self) -> None:
        """Write nothing more, and end well."""
        with suppress(SystemExit):
            super().on_broken_pipe()
        raise SystemExit(0)


out = _Screen(highlight=False, soft_wrap=True)
wrapped = _Screen(highlight=False)
err = _Screen(stderr=True, highlight=False, soft_wrap=True)


def write_vietnamese() -> None:
    """Let standard output and error take Vietnamese: redirected, Windows gives them code page 1252.

    A stream that has every letter is left as it is.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            _LETTERS.encode(stream.encoding)
        except (UnicodeEncodeError, LookupError):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8")


def languages() -> tuple[catalogue.Language, ...]:
    """Name the languages messages are shown in (catalogue)."""
    return catalogue.chosen_languages()


def say(key: str, **values: object) -> None:
    """Print one text of the catalogue, a line a language."""
    for language in languages():
        out.print(catalogue.text(key, language, **values), markup=False)


def note(key: str, **values: object) -> None:
    """Print one text of the catalogue beside the output, on standard error, a line a language."""
    for language in languages():
        err.print(catalogue.text(key, language, **values), markup=False, style="dim")


def show_error(error: PilotsError) -> None:
    """Print an error in the chosen languages; failing values with their places."""
    for language in languages():
        word = {"vi": "Lỗi", "en": "Error"}[language]
        err.print(f"{word}: {error.sentence(language)}", markup=False)
        for reason in getattr(error, "reasons", ()):
            err.print(f"  - {getattr(reason, language)}", markup=False)
    if isinstance(error, ContractError) and len(error.failures) > 1:
        for failure in error.failures[:_MOST_FAILURES]:
            _show_failure(failure)
    if isinstance(error, ContractError) and error.report:
        for language in languages():
            err.print(catalogue.text("note.failures", language, path=error.report), markup=False)
    if os.environ.get("PILOTS_DEBUG"):
        err.print(Traceback.from_exception(type(error), error, error.__traceback__))


def _show_failure(failure: Failure) -> None:
    """Print one broken value: its place on a line of its own, below it what is wrong with it."""
    at = [failure.column, str(failure.row)] if failure.row is not None else []
    found = f": {failure.value!r}" if failure.value else ""
    err.print(f"  {' > '.join([failure.file, *reversed(at)])}{found}", markup=False)
    for language in languages():
        err.print(f"    {failure.sentence(language)}", markup=False)


def reasons_of(planned: Planned, language: catalogue.Language) -> str:
    """Word why a step runs, the first reasons in full and the rest counted."""
    shown = [reason.sentence(language) for reason in planned.reasons[:_MOST_REASONS]]
    if more := len(planned.reasons) - len(shown):
        shown.append(catalogue.text("plan.more", language, count=more))
    return "; ".join(shown)


def show_plan(plans: Mapping[str, Sequence[Planned]]) -> None:
    """Print what would run and why; a run that stands whole is one line."""
    due = {run: steps for run, steps in plans.items() if any(step.reasons for step in steps)}
    for run, steps in plans.items():
        if run not in due:
            words = " / ".join(catalogue.text("plan.stands", name) for name in languages())
            out.print(f"{run}: {words}", markup=False)
            continue
        out.print(f"{run}:", markup=False, style="bold")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for step in steps:
            if not step.reasons:
                table.add_row(step.step, catalogue.text("plan.stands", languages()[0]), style="dim")
            for language in languages() if step.reasons else ():
                name = step.step if language == languages()[0] else ""
                table.add_row(name, reasons_of(step, language))
        wrapped.print(table)
    say(
        "plan.summary",
        runs=len(plans),
        due=len(due),
        standing=len(plans) - len(due),
        steps=sum(bool(step.reasons) for steps in due.values() for step in steps),
    )


def show_verified(found: Verified) -> None:
    """Say that a run came out the same, and what has changed since it was published."""
    say("batch.verified", run=found.run, files=found.files)
    for language in languages() if found.drift else ():
        reasons = "; ".join(f"{step.step}: {reasons_of(step, language)}" for step in found.drift)
        told = catalogue.text("batch.drifted", language, run=found.run, reasons=reasons)
        out.print(told, markup=False)


def show_runs(manifests: Mapping[str, Mapping[str, Any] | None]) -> None:
    """List runs with what their manifests tell; a run without one is not published."""
    table = Table("run", "data", "published", "finding", box=None)
    for name, found in manifests.items():
        told = found or {}
        place = f"reports/{name}/" if found else "-"
        table.add_row(name, told.get("data", ""), place, told.get("title", ""))
    out.print(table)


def show_answer(lines: Mapping[catalogue.Language, Iterable[tuple[str, str]]]) -> None:
    """Print headings with their sentences, one language after the other."""
    for sentences in lines.values():
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for heading, sentence in sentences:
            table.add_row(heading, sentence)
        wrapped.print(table, end="\n\n" if len(lines) > 1 else "\n")


def show_changes(
    told: Mapping[catalogue.Language, tuple[Sequence[Sequence[str]], Sequence[str]]],
    *,
    about: Mapping[catalogue.Language, Sequence[str]] | None = None,
) -> None:
    """Print what changed, a language after the other: rows under a header, then the reasons.

    `about` says beforehand what is compared.
    """
    for language, (rows, reasons) in told.items():
        for line in about[language] if about else ():
            wrapped.print(line, markup=False)
        if rows:
            table = Table(*rows[0], box=None, padding=(0, 2, 0, 0))
            for row in rows[1:]:
                table.add_row(*map(Text, row))
            wrapped.print(table)
        for reason in reasons:
            wrapped.print(reason, markup=False)


def show_export(made: Path | PilotsError) -> None:
    """Name a file that was made, from where the user stands, or say why it was not."""
    if isinstance(made, PilotsError):
        show_error(made)
        return
    here = Path.cwd()
    shown = made.relative_to(here) if made.is_relative_to(here) else made
    out.print(shown.as_posix(), markup=False)


def show_release(found: Released, *, root: Path) -> None:
    """Say what was checked and where the release and its record are; paths from the root."""
    for language in languages():
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
        table.add_column(no_wrap=True)
        for each in found.findings:
            table.add_row(
                catalogue.text(f"release.check.{each.check}", language),
                Text(f"{getattr(each.looked_at, language)}: {getattr(each.found, language)}"),
            )
        wrapped.print(table)
    say(
        "release.done" if found.anew else "release.stands",
        run=found.run,
        folder=found.folder.relative_to(root).as_posix(),
        checks=len(found.findings),
        record=found.record.relative_to(root).as_posix(),
        day=found.day,
    )


class BatchScreen:
    """Shows a batch while it runs: a bar on a terminal, plain lines elsewhere."""

    def __init__(self, root: Path, total: int) -> None:
        self._root = root
        self._total = total
        self._started = time.monotonic()
        self._bar: Progress | None = None

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Show the bar, if there is a terminal, while the batch runs."""
        if not err.is_terminal:
            yield
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as self._bar:
            self._task = self._bar.add_task("", total=self._total)
            yield
        self._bar = None

    def progress(self, run: str, step: str) -> None:
        """Say that a run has come to a step."""
        if self._bar is not None:
            self._bar.update(self._task, description=f"{run}: {step}")
        else:
            err.print(f"  {run}: {step}", style="dim")

    def report(self, outcome: Outcome) -> None:
        """Say what became of one run, in one line."""
        if outcome.error:
            show_error(outcome.error)
        elif done := outcome.done:
            state = f"{done.seconds:.1f} s" if done.ran else "unchanged"
            out.print(f"{done.run}: {state}, {done.briefing.relative_to(self._root)}")
        if self._bar is not None:
            self._bar.advance(self._task)

    def summary(self, outcomes: Sequence[Outcome]) -> None:
        """Print what ran and what failed, and how many of each."""
        rows = [
            outcome for outcome in outcomes if outcome.error or (outcome.done and outcome.done.ran)
        ]
        if len(outcomes) > 1 and rows:
            table = Table("run", "state", "steps", "seconds", box=None)
            for outcome in rows:
                if outcome.error:
                    table.add_row(outcome.run, f"exit {outcome.error.exit_code}", "", "")
                elif outcome.done:
                    done = outcome.done
                    table.add_row(done.run, "ok", str(len(done.steps)), f"{done.seconds:.1f}")
            out.print(table)
        failed = sum(bool(outcome.error) for outcome in outcomes)
        ran = len(rows) - failed
        say(
            "batch.counts",
            ran=ran,
            stood=len(outcomes) - ran - failed,
            failed=failed,
            seconds=f"{time.monotonic() - self._started:.1f}",
        )
