"""The command `pilots`: parse, call, print, exit. Errors are sentences in both languages."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from commune_pilots import __version__, catalogue, screen
from commune_pilots.errors import DefectError, ParameterError, PilotsError, StoppedError
from commune_pilots.vocabulary import Paper, Rounding

if TYPE_CHECKING:
    from commune_pilots.runs.table import Row

# The one validator of jsonschema's format extra that no Jupyter schema uses costs two seconds.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

app = typer.Typer(
    name="pilots",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=(
        "Evidence workbench for commune-level digital-transformation pilots in Viet Nam.\n\n"
        "Runs live in params/runs, batches in params/batches; briefings appear under reports/.\n\n"
        "Exit codes: 0 published, 1 a notebook cell failed, 2 usage or parameters, 3 kernel died, "
        "4 timeout, 5 run locked, 6 cannot write, 7 raw data refused, 8 claim stronger than its "
        "evidence, 9 page breaks a rule, 10 a rerun gave other bytes, 70 defect of the program, "
        "128+n ended by signal n."
    ),
)
_FIGURE_HELP = (
    "Earlier figure: 16,8 or 16.8, 'trên 99' or 'over 99', 'chưa có' or 'none yet', or 16/95."
)
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one parameter; may be repeated."),
]
Force = Annotated[bool, typer.Option("--force", help="Run even if nothing changed.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Runs at a time (default: cores + 1).")]
Retries = Annotated[
    int,
    typer.Option(min=0, max=10, help="Times a notebook is run again if its kernel dies or hangs."),
]
Cold = Annotated[
    bool, typer.Option("--cold", help="Start every kernel afresh instead of forking a warm one.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Run on a dask cluster (tcp://host:8786; extra \\[cluster])."
    ),
]


@app.callback(invoke_without_command=True)
def root(
    lang: Annotated[
        Literal["both", "vi", "en"] | None,
        typer.Option(help="Language of messages (default both, or PILOTS_LANG)."),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback behind an error.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Keep the options every command shares; main reads them from the command line too."""
    if version:
        screen.out.print(f"pilots {__version__}")
        raise typer.Exit


@app.command()
def run(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs of params/runs.")],
    settings: Settings = None,
    force: Force = False,
    jobs: Jobs = None,
    retries: Retries = 1,
    cold: Cold = False,
) -> None:
    """Execute the notebooks of one or more runs, where anything changed, and publish them."""
    from commune_pilots.runs.table import Row

    rows = [Row(run=name, settings=tuple(settings or ())) for name in dict.fromkeys(names)]
    _execute(rows, jobs=jobs, options={"force": force, "retries": retries, "cold": cold})


@app.command()
def batch(
    name: Annotated[str, typer.Argument(metavar="BATCH", help="Table of params/batches.")],
    force: Force = False,
    jobs: Jobs = None,
    retries: Retries = 1,
    cold: Cold = False,
    scheduler: Scheduler = None,
) -> None:
    """Execute every run of a table; all rows are checked before any kernel starts."""
    from commune_pilots import store
    from commune_pilots.runs.table import read_batch

    rows = read_batch(store.find_root().params, name)
    if jobs and scheduler:
        raise typer.BadParameter("--jobs has no meaning with --scheduler: the cluster decides")
    options = {"force": force, "retries": retries, "cold": cold}
    _execute(rows, jobs=jobs, options=options, batch=name, scheduler=scheduler)


@app.command()
def plan(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN...]", help="Runs; all if none is named.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(metavar="BATCH", help="Plan a table of params/batches.")
    ] = None,
    settings: Settings = None,
    force: Force = False,
) -> None:
    """Say for every step whether it will run and why; nothing is executed or written."""
    from commune_pilots import store
    from commune_pilots.runs.check import read_row
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.table import Row, read_batch

    layout = store.find_root()
    if batch and (settings or names):
        raise typer.BadParameter("--batch stands alone: neither RUN nor --set goes with it")
    inventory = read_inventory(layout)
    rows = read_batch(layout.params, batch) if batch else []
    for name in names or ([] if batch else _known_runs(layout.params)):
        rows.append(Row(run=name, settings=tuple(settings or ())))
    plans = {row.run: inventory.plan(read_row(layout, row), force=force) for row in rows}
    screen.show_plan(plans)


@app.command()
def verify(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Published runs.")],
    cold: Cold = False,
) -> None:
    """Execute published runs again in a scratch folder and compare every file byte for byte."""
    from commune_pilots import store
    from commune_pilots.runs.batch import ended_by_signals
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.verify import verify_run

    inventory = read_inventory(store.find_root())
    errors: list[PilotsError] = []
    for name in (given.rstrip("/") for given in names):
        progress = partial(screen.BatchScreen(inventory.layout.root, 1).progress, name)
        try:
            with ended_by_signals():
                found = verify_run(inventory, name, cold=cold, progress=progress)
        except PilotsError as error:
            screen.show_error(error)
            errors.append(error)
            continue
        screen.show_verified(found)
    _exit_with_worst(errors)


@app.command()
def export(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Published runs.")],
    to: Annotated[list[Paper] | None, typer.Option(help="Kind of file (default: all).")] = None,
) -> None:
    """Write published briefings in the form of official papers, as PDF and for Word."""
    from commune_pilots import store
    from commune_pilots.runs.exports import export_all

    given = [name.rstrip("/") for name in names]
    _exit_with_worst(
        export_all(store.find_root(), given, to=to or list(Paper), report=screen.show_export)
    )


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN...]", help="Runs; all if none is named.")
    ] = None,
    settings: Settings = None,
) -> None:
    """Check parameters, raw tables, notebooks and published outputs, without a kernel."""
    from commune_pilots import store
    from commune_pilots.runs.check import check_rows
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.run import check_published
    from commune_pilots.runs.table import Row

    layout = store.find_root()
    rows = [
        Row(run=name, settings=tuple(settings or ()))
        for name in names or _known_runs(layout.params)
    ]
    errors: list[PilotsError] = []
    for found in check_rows(read_inventory(layout), rows):
        try:
            found.ready()
            check_published(layout, found.row.run)
            screen.out.print(f"{found.row.run}: ok")
        except PilotsError as error:
            screen.show_error(error)
            errors.append(error)
    _exit_with_worst(errors)


@app.command("list")
def list_runs() -> None:
    """List the runs and whether each is published."""
    from commune_pilots import store
    from commune_pilots.runs import manifest

    layout = store.find_root()
    screen.show_runs({name: manifest.read(layout, name) for name in _known_runs(layout.params)})


@app.command()
def keys() -> None:
    """Print every parameter key with what it accepts, its default and its meaning (Markdown)."""
    from commune_pilots import store
    from commune_pilots.params import key_table

    typer.echo(key_table(store.find_root().params), nl=False)


@app.command(no_args_is_help=True)
def contrast(
    first: Annotated[str, typer.Argument(metavar="BEFORE", help=_FIGURE_HELP)],
    second: Annotated[
        str | None, typer.Argument(metavar="[AFTER]", help="Later figure; without it: one figure.")
    ] = None,
    before_n: Annotated[
        int | None, typer.Option(min=1, help="Number of dossiers before, if known.")
    ] = None,
    after_n: Annotated[
        int | None, typer.Option(min=1, help="Number of dossiers after, if known.")
    ] = None,
    floor: Annotated[
        int, typer.Option(min=1, max=10_000_000, help="Dossiers there were at least, a period.")
    ] = 1,
    rounding: Annotated[
        Rounding, typer.Option(help="How the figures were rounded; any: nothing is assumed.")
    ] = "nearest",
    deff: Annotated[
        float, typer.Option(min=1, max=1000, help="Design effect of dossiers in clusters.")
    ] = 1.0,
    alpha: Annotated[float, typer.Option(min=1e-6, max=0.499, help="Error level.")] = 0.05,
    as_json: Annotated[bool, typer.Option("--json", help="Print plain values as JSON.")] = False,
) -> None:
    """Say what two percentages show, what they cannot, and what it would take.

    pilots contrast 16,8 98,08 · pilots contrast "none yet" 53.53 · pilots contrast 16/95 51/52
    """
    from commune_pilots.briefing import answer
    from commune_pilots.effects.contrast import Terms

    alone = second is None
    last_n = after_n or before_n if alone else after_n
    after = answer.read_figure(
        second or first, number=last_n, option="BEFORE" if alone else "AFTER"
    )
    before = None if alone else answer.read_figure(first, number=before_n, option="BEFORE")
    terms = Terms(rounding=rounding, least_dossiers=floor, alpha=alpha)
    found = answer.ask(answer.Question(before=before, after=after, terms=terms, design_effect=deff))
    if as_json:
        typer.echo(json.dumps(answer.as_json(found), ensure_ascii=False, indent=1))
        return
    screen.show_answer({name: answer.as_lines(found, name) for name in screen.languages()})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every error ends in one sentence and its own exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--debug" in given:
        os.environ["PILOTS_DEBUG"] = "1"
    for word, following in zip(given, [*given[1:], ""], strict=False):
        if word == "--lang" or word.startswith("--lang="):
            os.environ["PILOTS_LANG"] = word.partition("=")[2] or following
    if os.environ.get("PILOTS_LANG", "both") not in (*catalogue.LANGUAGES, "both"):
        wrong = os.environ.pop("PILOTS_LANG")
        screen.show_error(ParameterError("language", value=wrong, known="both, vi, en"))
        raise SystemExit(ParameterError.exit_code)
    given = _options_first(given)
    command = typer.main.get_command(app)
    try:
        code = command.main(args=given, prog_name="pilots", standalone_mode=False)
    except PilotsError as error:
        screen.show_error(error)
        code = error.exit_code
    except KeyboardInterrupt:
        screen.show_error(StoppedError("stopped_all"))
        code = StoppedError.exit_code
    except BrokenPipeError:
        code = 0
    except Exception as error:
        code = _foreign(error)
    raise SystemExit(code if isinstance(code, int) else 0)


def _execute(
    rows: Sequence[Row],
    *,
    jobs: int | None,
    options: dict[str, Any],
    batch: str | None = None,
    scheduler: str | None = None,
) -> None:
    """Check all rows, execute what is due, show how it goes, gather the batch, exit."""
    from commune_pilots import store
    from commune_pilots.runs.batch import Outcome, ended_by_signals, execute_batch, write_index
    from commune_pilots.runs.check import check_rows
    from commune_pilots.runs.cluster import dask_executor
    from commune_pilots.runs.gather import gather
    from commune_pilots.runs.halt import Halt
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.run import Job, standing

    layout = store.find_root()
    inventory = read_inventory(layout)
    checked = check_rows(inventory, rows, force=options["force"])
    refused = [found.error for found in checked if found.error]
    for error in refused:
        screen.show_error(error)
    _exit_with_worst(refused)
    work = [Job(run=found.ready(), **options) for found in checked if found.due]
    shown, halt = screen.BatchScreen(layout.root, len(work)), Halt()
    at_rest = [standing(layout, found.ready()) for found in checked if not found.due]
    outcomes = [Outcome(run=done.run, done=done) for done in at_rest]
    for outcome in outcomes:
        shown.report(outcome)
    with ExitStack() as around:
        executor = around.enter_context(dask_executor(scheduler)) if scheduler else None
        around.enter_context(ended_by_signals())
        around.enter_context(shown.showing())
        outcomes += execute_batch(
            inventory,
            work,
            workers=jobs,
            executor=executor,
            halt=halt,
            report=shown.report,
            progress=shown.progress,
        )
    write_index(layout)
    shown.summary(outcomes)
    failed = [outcome.error for outcome in outcomes if outcome.error]
    if batch and failed:
        screen.say("batch.not_gathered", batch=batch)
    _exit_with_worst(failed)
    if batch:
        keys = {outcome.run: outcome.done.key for outcome in outcomes if outcome.done}
        gather(inventory, batch, {row.run: keys[row.run] for row in rows})
    screen.out.print("reports/index.html")


def _exit_with_worst(errors: Sequence[PilotsError]) -> None:
    """End with the highest exit code of several errors, if there is any."""
    if errors:
        raise typer.Exit(max(error.exit_code for error in errors))


def _foreign(error: Exception) -> int:
    """Word what typer or the program itself raised."""
    found: PilotsError
    if hasattr(error, "format_message"):
        found = ParameterError("usage", message=error.format_message())
    else:
        found = DefectError.of(error)
    screen.show_error(found.with_traceback(error.__traceback__))
    return found.exit_code


def _options_first(given: list[str]) -> list[str]:
    """Let --lang and --debug stand anywhere on the line."""
    first, rest = [], []
    words = iter(given)
    for word in words:
        if word == "--debug" or word.startswith("--lang="):
            first.append(word)
        elif word == "--lang":
            first += [word, next(words, "")]
        else:
            rest.append(word)
    return first + rest


def _known_runs(params: Path) -> list[str]:
    return sorted(path.stem for path in (params / "runs").glob("*.yml"))
