"""The command `pilots`: parse, call, print, exit. Errors are sentences in both languages."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from commune_pilots import __version__, catalogue
from commune_pilots.errors import ContractError, ParameterError, PilotsError
from commune_pilots.vocabulary import Rounding

# The one validator of jsonschema's format extra that no Jupyter schema uses costs two seconds.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

_MOST_FAILURES = 20
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
        "evidence, 9 page breaks a rule, 70 defect of the program."
    ),
)
_FIGURE_HELP = (
    "Earlier figure: 16,8 or 16.8, 'trên 99' or 'over 99', 'chưa có' or 'none yet', or 16/95."
)
_wrapped = Console(highlight=False)
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one parameter; may be repeated."),
]
Force = Annotated[bool, typer.Option("--force", help="Run even if nothing changed.")]


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
        _out.print(f"pilots {__version__}")
        raise typer.Exit


@app.command()
def run(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs of params/runs.")],
    settings: Settings = None,
    force: Force = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Runs at a time.")] = None,
) -> None:
    """Execute the six notebooks of one or more runs and publish their briefings."""
    _execute([(name, settings or []) for name in names], force=force, jobs=jobs)


@app.command()
def batch(
    name: Annotated[str, typer.Argument(metavar="BATCH", help="Table of params/batches.")],
    force: Force = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Runs at a time.")] = None,
) -> None:
    """Execute every run of a table; all rows are checked before any kernel starts."""
    from commune_pilots import store
    from commune_pilots.runs.batch import read_batch

    _execute(read_batch(store.find_root(), name), force=force, jobs=jobs)


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN...]", help="Runs; all if none is named.")
    ] = None,
    settings: Settings = None,
) -> None:
    """Check parameters, raw tables, notebooks and published outputs, without a kernel."""
    from commune_pilots import store
    from commune_pilots.runs.run import check_published, check_run

    layout = store.find_root()
    worst: PilotsError | None = None
    for name in names or _known_runs(layout.params):
        try:
            check_run(layout, name, settings=settings or [])
            check_published(layout, name)
            _out.print(f"{name}: ok")
        except PilotsError as error:
            show_error(error)
            worst = _worse(worst, error)
    if worst:
        raise typer.Exit(worst.exit_code)


@app.command("list")
def list_runs() -> None:
    """List the runs and whether each is published."""
    from commune_pilots import store
    from commune_pilots.runs import manifest

    layout = store.find_root()
    table = Table("run", "data", "published", "finding", box=None)
    for name in _known_runs(layout.params):
        found = manifest.read(layout, name) or {}
        table.add_row(
            name,
            found.get("data", ""),
            f"reports/{name}/" if found else "-",
            found.get("title", ""),
        )
    _out.print(table)


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
    for language in _languages():
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for heading, sentence in answer.as_lines(found, language):
            table.add_row(heading, sentence)
        _wrapped.print(table, end="\n\n" if len(_languages()) > 1 else "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every error ends in one sentence and its own exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--debug" in given:
        os.environ["PILOTS_DEBUG"] = "1"
    if "--lang" in given[:-1]:
        os.environ["PILOTS_LANG"] = given[given.index("--lang") + 1]
    if os.environ.get("PILOTS_LANG", "both") not in (*catalogue.LANGUAGES, "both"):
        wrong = os.environ.pop("PILOTS_LANG")
        show_error(ParameterError("language", value=wrong, known="both, vi, en"))
        raise SystemExit(ParameterError.exit_code)
    given = _options_first(given)
    command = typer.main.get_command(app)
    try:
        code = command.main(args=given, prog_name="pilots", standalone_mode=False)
    except PilotsError as error:
        show_error(error)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = 0
    except Exception as error:
        code = _foreign(error)
    raise SystemExit(code if isinstance(code, int) else 0)


def show_error(error: PilotsError) -> None:
    """Print an error in the chosen languages; the failing values of a contract as a table."""
    for language in _languages():
        word = {"vi": "Lỗi", "en": "Error"}[language]
        _err.print(f"{word}: {error.sentence(language)}", markup=False)
    if isinstance(error, ContractError) and len(error.failures) > 1:
        table = Table("file", "row", "column", "value", *_languages(), box=None)
        for failure in error.failures[:_MOST_FAILURES]:
            table.add_row(
                failure.file,
                str(failure.row or "-"),
                failure.column,
                failure.value,
                *(failure.sentence(language) for language in _languages()),
            )
        _err.print(table)
    if isinstance(error, ContractError) and error.report:
        for language in _languages():
            _err.print(catalogue.text("note.failures", language, path=error.report), markup=False)
    if os.environ.get("PILOTS_DEBUG"):
        _err.print_exception()


def _execute(runs: list[tuple[str, list[str]]], *, force: bool, jobs: int | None) -> None:
    from commune_pilots import store
    from commune_pilots.runs.batch import Outcome, execute_batch

    layout = store.find_root()

    def report(outcome: Outcome) -> None:
        if outcome.error:
            show_error(outcome.error)
        elif outcome.done:
            done = outcome.done
            state = f"{done.seconds:.0f} s" if done.ran else "unchanged"
            _out.print(f"{done.run}: {state}, {done.briefing.relative_to(layout.root)}")

    def progress(name: str, step: str) -> None:
        _err.print(f"  {name}: {step}", style="dim")

    outcomes = execute_batch(layout, runs, jobs=jobs, force=force, report=report, progress=progress)
    worst: PilotsError | None = None
    for outcome in outcomes:
        worst = _worse(worst, outcome.error)
    if worst:
        raise typer.Exit(worst.exit_code)
    _out.print("reports/index.html")


def _foreign(error: Exception) -> int:
    """Word what typer or the program itself raised."""
    if os.environ.get("PILOTS_DEBUG"):
        _err.print_exception()
    if hasattr(error, "format_message"):
        show_error(ParameterError("usage", message=error.format_message()))
        return ParameterError.exit_code
    show_error(PilotsError("internal", name=type(error).__name__, message=str(error)[:200]))
    return 70


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


def _worse(worst: PilotsError | None, error: PilotsError | None) -> PilotsError | None:
    if error is None:
        return worst
    return error if worst is None or error.exit_code > worst.exit_code else worst


def _languages() -> tuple[catalogue.Language, ...]:
    chosen = os.environ.get("PILOTS_LANG", "both")
    return tuple(name for name in catalogue.LANGUAGES if chosen in ("both", name))


def _known_runs(params: Path) -> list[str]:
    return sorted(path.stem for path in (params / "runs").glob("*.yml"))
