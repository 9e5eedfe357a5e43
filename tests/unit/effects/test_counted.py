"""Pairs with printed counts get the ordinary analysis; pairs without get no row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commune_pilots import simulate
from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.counted import counted_all
from commune_pilots.effects.coverage import unit_names
from commune_pilots.effects.pairing import contrast_all

TERMS = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)


def _counted(*, counted: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    drawn = simulate.press_tables(communes=3, counted=counted, rng=np.random.default_rng(4))
    names = unit_names(drawn["units"])
    contrasts = contrast_all(drawn["observations"], names, TERMS, indicators=[])
    found = counted_all(contrasts, drawn["observations"], TERMS)
    return found, contrasts, drawn["observations"]


def test_only_pairs_whose_counts_are_printed_are_analysed():
    found, contrasts, _ = _counted(counted=2)
    known = contrasts.loc[contrasts["design"] == "before_after_with_n", "contrast"]
    assert len(found) == 2
    assert set(found["contrast"]) == set(known)


def test_without_printed_counts_the_table_is_empty_and_keeps_its_columns():
    found, contrasts, _ = _counted(counted=0)
    assert found.empty
    assert "p_holm" in found.columns
    assert set(contrasts["design"]) == {"before_after_without_n"}


def test_the_counts_are_those_printed_and_the_interval_holds_their_difference():
    found, _, observations = _counted(counted=1)
    row = found.iloc[0]
    printed = observations[observations["denominator"].notna()].set_index("role")
    assert row["k_before"] == printed.loc["before", "numerator"]
    assert row["n_after"] == printed.loc["after", "denominator"]
    share = 100 * (row["k_after"] / row["n_after"] - row["k_before"] / row["n_before"])
    assert row["difference"] == pytest.approx(share)
    assert row["conf_low"] < row["difference"] < row["conf_high"]


def test_p_values_are_corrected_for_the_number_of_pairs_and_never_fall():
    found, _, _ = _counted(counted=3)
    assert (found["p_holm"] >= found["p_value"]).all()
    assert (found["p_benjamini_hochberg"] >= found["p_value"]).all()
    assert (found["p_holm"] >= found["p_benjamini_hochberg"]).all()
    smallest = found["p_value"].idxmin()
    assert found.loc[smallest, "p_holm"] == pytest.approx(3 * found.loc[smallest, "p_value"])
