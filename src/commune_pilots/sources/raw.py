"""The raw tables of a run: press figures from files, or simulated ones; never both.

Deliveries of offices stand beside them: real ones beside press figures, invented ones beside
simulated figures. So do the rows of a study's workbook, beside press figures only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from commune_pilots import simulate
from commune_pilots.errors import ParameterError
from commune_pilots.params import load_indicators
from commune_pilots.sources.ingested import add_deliveries
from commune_pilots.sources.press import Tables, read_press
from commune_pilots.sources.study import add_study
from commune_pilots.store import RAW_PRESS, Layout
from commune_pilots.vocabulary import Data, Simulation


def read_raw(
    layout: Layout,
    *,
    data: Data,
    seed: int,
    simulation: Simulation = "press_figures",
    deliveries: Sequence[str] = (),
    study: str = "",
) -> Tables:
    """Read the press tables, or draw every one of a `simulation` from the seed.

    Rows of the workbook of `study` are added to press tables, panels of `deliveries` with their
    sources and units to either. Raises InputError or ContractError for press files that are missing
    or break their contract, ParameterError for a study of simulated data, and what `add_study` and
    `add_deliveries` raise.
    """
    indicators = load_indicators(layout.params / "indicators.yml")
    if data == "simulated":
        if study:
            raise ParameterError("study_simulated", file="params", value=study, place="data")
        tables = simulate.WORLDS[simulation](np.random.default_rng(seed))
    else:
        press = read_press(layout.raw_press, indicators, shown=RAW_PRESS)
        tables = add_study(press, study, layout, indicators, taken=deliveries)
    return add_deliveries(tables, deliveries, layout, indicators, data=data)
