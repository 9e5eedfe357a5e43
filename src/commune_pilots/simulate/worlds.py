"""The invented provinces that a run can name: every raw table, drawn from one generator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from commune_pilots.simulate.panels import campaign_series, pilot_panel, weekday_log
from commune_pilots.simulate.press_figures import press_tables
from commune_pilots.vocabulary import Simulation

Tables = dict[str, pd.DataFrame]

WORLDS: dict[Simulation, Callable[[np.random.Generator], Tables]] = {
    "press_figures": lambda rng: press_tables(rng=rng),
    "pilot_panel": lambda rng: pilot_panel(rng=rng).tables,
    "campaign_series": lambda rng: campaign_series(rng=rng).tables,
    "weekday_log": lambda rng: weekday_log(rng=rng).tables,
}
