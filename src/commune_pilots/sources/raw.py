"""The raw tables of a run: press figures from files, or simulated ones; never both.

Deliveries of offices stand beside them: real ones beside press figures, invented ones beside
simulated figures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from commune_pilots import simulate
from commune_pilots.params import load_indicators
from commune_pilots.sources.ingested import add_deliveries
from commune_pilots.sources.press import Tables, read_press
from commune_pilots.store import RAW_PRESS, Layout
from commune_pilots.vocabulary import Data, Simulation


def read_raw(
    layout: Layout,
    *,
    data: Data,
    seed: int,
    simulation: Simulation = "press_figures",
    deliveries: Sequence[str] = (),
) -> Tables:
    """Read the press tables, or draw every one of a `simulation` from the seed.

    Panels of `deliveries` are added with their sources and units. Raises InputError or
    ContractError for press files that are missing or break their contract, and what
    `add_deliveries` raises.
    """
    indicators = load_indicators(layout.params / "indicators.yml")
    if data == "simulated":
        tables = simulate.WORLDS[simulation](np.random.default_rng(seed))
    else:
        tables = read_press(layout.raw_press, indicators, shown=RAW_PRESS)
    return add_deliveries(tables, deliveries, layout, indicators, data=data)
