"""The raw tables of a run: press figures from files, or simulated ones; never both."""

from __future__ import annotations

import numpy as np

from commune_pilots import simulate
from commune_pilots.params import load_indicators
from commune_pilots.sources.press import Tables, read_press
from commune_pilots.store import RAW_PRESS, Layout


def read_raw(layout: Layout, *, data: str, seed: int) -> Tables:
    """Read the press tables, or draw simulated ones from the seed (every raw table).

    Raises InputError or ContractError for press files that are missing or break their contract.
    """
    if data == "simulated":
        return simulate.press_tables(rng=np.random.default_rng(seed))
    indicators = load_indicators(layout.params / "indicators.yml")
    return read_press(layout.raw_press, indicators, shown=RAW_PRESS)
