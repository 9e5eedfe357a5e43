"""The command `simulate`: data with a known truth, to try and to measure the workbench with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from commune_pilots import screen

simulate = typer.Typer(
    no_args_is_help=True, help="Write invented data with a known truth, labelled simulated."
)


@simulate.callback()
def _group() -> None:
    """Keep `dossiers` a word of its own while it is the only kind."""


@simulate.command()
def dossiers(
    rows: Annotated[int, typer.Option(min=1, max=1_000_000_000, help="Dossiers in all.")],
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed; the same, the same log.")],
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Empty folder (default: data/processed).")
    ] = None,
    dirt: Annotated[float, typer.Option(min=0, max=0.5, help="Share of rows to spoil.")] = 0.005,
    step: Annotated[
        float, typer.Option(min=-50, max=50, help="Points a pilot moves the online rate by.")
    ] = 20.0,
    form: Annotated[
        Literal["parquet", "csv"], typer.Option("--format", help="Kind of file.")
    ] = "parquet",
) -> None:
    """Write a log of dossiers: true unit codes, seasons, a pilot step, dirt of every kind.

    pilots simulate dossiers --rows 100000 --seed 7
    """
    from commune_pilots import store
    from commune_pilots.params import load_indicators
    from commune_pilots.simulate.dossiers import Truth
    from commune_pilots.sources.press import read_press
    from commune_pilots.sources.simulated_logs import write_log

    layout = store.find_root()
    indicators = load_indicators(layout.params / "indicators.yml")
    tables = read_press(layout.raw_press, indicators, shown=store.RAW_PRESS)
    truth = Truth(
        rows=rows, seed=seed, dirt=dirt, step=step, pilots=tuple(sorted(tables["pilots"]["unit"]))
    )
    folder = to or layout.root / "data" / "processed" / f"simulated-dossiers-seed{seed}"
    written = write_log(truth, tables["units"], folder, kind=form)
    screen.say("simulate.dossiers", folder=folder, files=len(written), rows=rows)
