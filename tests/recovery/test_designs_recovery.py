"""Does the design that the ladder chooses find a known truth: 8 pilots of 48, one in each district.

DRAWS panels of 36 months are drawn with an effect of 9 points and with none. Of 40 intervals of 95%
fewer than 34 hold the truth in 1 of 70 such simulations, and of 40 tests at 5% more than 6 find an
effect that is not there in 1 of 70.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from commune_pilots import schemas
from commune_pilots.effects.designs import estimate_effects
from commune_pilots.effects.evidence import GRADES
from commune_pilots.simulate.panels import pilot_panel

DRAWS, EFFECT, ALPHA = 40, 9.0, 0.05
LEAST_HELD, MOST_FOUND = 34, 6

pytestmark = pytest.mark.slow  # simulations: part of the whole suite, not of the quick one


@cache
def _primaries(effect):
    rows = []
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        tables = pilot_panel(rng=rng, effect=effect, communes=48).tables
        found = estimate_effects(
            tables["panel"], tables["units"], tables["pilots"], tables["events"],
            schemas.empty("days"), indicators=[], alpha=ALPHA, seed=seed,
        )  # fmt: skip
        rows.append(found[found["primary"]])
    return pd.concat(rows, ignore_index=True)


def test_the_chosen_design_covers_the_truth_and_is_not_biased():
    found = _primaries(EFFECT)
    held = found["conf_low"].le(EFFECT) & found["conf_high"].ge(EFFECT)
    assert set(found["method"]) == {"permutation_district"}
    assert held.sum() >= LEAST_HELD
    error = found["estimate"].std(ddof=1) / DRAWS**0.5
    assert found["estimate"].mean() == pytest.approx(EFFECT, abs=3 * error)
    assert (found["answer"] == "told_apart").all()


def test_nothing_is_found_where_nothing_is_but_for_five_in_a_hundred():
    found = _primaries(0.0)
    assert (found["answer"] == "told_apart").sum() <= MOST_FOUND
    claims = found["grade"].map(GRADES.index) >= GRADES.index("medium")
    assert claims.sum() <= (found["answer"] == "told_apart").sum()
