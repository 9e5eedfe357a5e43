"""One or two pilots with a long series: a mix of comparison communes beside each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from commune_pilots.effects.arms import Arms
from commune_pilots.effects.effect_rows import About, Row, refused_row, row
from commune_pilots.effects.synthetic import (
    Synthesis,
    donor_pool,
    months_before,
    synthetic_refusal,
)
from commune_pilots.effects.synthetic_checks import placebos_in_space

ASSUMES = ("A4", "A15", "A17", "A18")
METHODS: tuple[Synthesis, ...] = ("synthetic_did", "synthetic_control")
MOST_DONORS = 30
FAR = 15.0  # points


def pool_of(arms: Arms, pilot: int) -> tuple[pd.DataFrame, int, pd.DataFrame]:
    """Lay one pilot and its donors out: shares, the first month treated, and who was left out.

    Donors have every month, are nobody's pilot and lie within 15 points of the pilot before its
    start; of more than thirty the nearest stay.
    """
    wide = arms.wide
    name, start = str(wide.units[pilot]), int(wide.cohort[pilot])
    shares = pd.DataFrame(wide.outcome, index=wide.units.astype(str))
    pilots = {str(unit): "pilot" for unit in wide.units[arms.treated] if str(unit) != name}
    kept, dropped = donor_pool(shares, treated=name, start=start, excluded=pilots, most_apart=FAR)
    before = months_before(kept, start)
    levels = pd.Series(kept.to_numpy()[:, before].mean(axis=1), index=kept.index)
    near = (levels - levels[name]).abs().sort_values(kind="stable").index[: MOST_DONORS + 1]
    return kept[kept.index.isin(near)], start, dropped


def synthesised_rows(arms: Arms, about: About) -> Iterator[Row]:
    """Set each of one or two pilots beside a weighted mix of donors, with placebos in space."""
    for pilot in np.flatnonzero(arms.treated):
        name = str(arms.wide.units[pilot])
        shares, start, _ = pool_of(arms, int(pilot))
        reason = synthetic_refusal(shares, treated=name, start=start)
        for method in METHODS:
            if reason:
                yield refused_row(
                    about, method=method, estimand="att_unit", reason=reason, unit=name
                )
                continue
            found = placebos_in_space(
                shares, treated=name, start=start, method=method, alpha=about.alpha
            )
            yield {
                **row(
                    about, found.effect, method=method, estimand="att_unit", unit=name,
                    smallest_p=found.effect.smallest_p, assumptions=ASSUMES,
                ),
                "n_treated": 1,
                "n_comparison": found.donors,
            }  # fmt: skip
