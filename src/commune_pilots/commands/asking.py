"""Commands that answer a question and touch no run."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from commune_pilots import screen
from commune_pilots.vocabulary import Rounding

_FIGURE_HELP = (
    "Earlier figure: 16,8 or 16.8, 'trên 99' or 'over 99', 'chưa có' or 'none yet', or 16/95."
)


def keys(
    schema: Annotated[
        bool, typer.Option("--schema", help="Write params/run.schema.json for editors instead.")
    ] = False,
) -> None:
    """Print every parameter key with what it accepts, its default and its meaning (Markdown)."""
    from commune_pilots import store
    from commune_pilots.params import key_table

    folder = store.find_root().params
    if schema:
        from commune_pilots.desk import run_schema

        store.write_bytes(folder / run_schema.FILE, run_schema.as_text().encode())
        typer.echo(f"params/{run_schema.FILE}")
        return
    typer.echo(key_table(folder, "vi" if screen.languages() == ("vi",) else "en"), nl=False)


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
