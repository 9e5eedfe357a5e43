"""The command `pilots`: parse, call, print, exit. Errors are sentences in both languages."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from commune_pilots import __version__, catalogue, screen
from commune_pilots.commands import (
    asking,
    designing,
    diff,
    ingesting,
    lab,
    project,
    published,
    release,
    running,
    simulating,
    starting,
)
from commune_pilots.errors import DefectError, ParameterError, PilotsError, StoppedError
from commune_pilots.usage import refusal

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
        "evidence, 9 page breaks a rule, 10 a rerun gave other bytes, 11 not fit to be "
        "released, 70 defect of the program, 128+n ended by signal n."
    ),
)

# As help lists them: begin a study, run it, look at what came out, hand it on.
for command in (
    starting.new, published.check, running.run, running.batch, running.plan, lab.lab,
    diff.diff, published.verify, published.export, release.release, ingesting.ingest, project.init,
):  # fmt: skip
    app.command()(command)
app.command("list")(published.list_runs)
app.command()(asking.keys)
app.command(no_args_is_help=True)(asking.contrast)
app.command(no_args_is_help=True)(designing.design)
app.add_typer(simulating.simulate, name="simulate")


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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every error ends in one sentence and its own exit code."""
    screen.write_vietnamese()
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


def _foreign(error: Exception) -> int:
    """Word what typer or the program itself raised."""
    if type(error).__name__ == "NoArgsIsHelpError":  # its help has just been shown
        return ParameterError.exit_code
    found = refusal(error) if hasattr(error, "format_message") else DefectError.of(error)
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
