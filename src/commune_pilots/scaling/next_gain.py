"""The gain of the next commune as plans need it: net of a common rise, with its base."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from scipy.stats import norm

from commune_pilots.scaling.gain import Gain
from commune_pilots.vocabulary import PoolMethod

_METHOD: PoolMethod = "half_normal_1"  # the middle one of the three priors that pages show


@dataclass(frozen=True, slots=True, kw_only=True)
class NextGain:
    """Gain expected in one more commune under one definition; none where nothing was pooled."""

    definition: str | None = None
    pilots: int = 0
    gain: Gain | None = None

    @property
    def range(self) -> tuple[float, float] | None:
        """Low and high end in points."""
        return None if self.gain is None else (self.gain.low, self.gain.high)


def next_gain(
    pooled: pd.DataFrame, contrasts: pd.DataFrame, *, trend: float, alpha: float
) -> NextGain:
    """Take the next commune's gain from table pooled, less the rise that would have come anyway.

    The definition with most communes speaks, under the middle prior. Points; `trend` is what a plan
    assumes of a common rise, since no pair shows its own. Ends are those of the prediction over
    every admissible number of dossiers; the middle of the estimates is the mean, and the widths of
    the two intervals over 2 x 1.96 are the spreads, as of normal laws (1.96 at the `alpha` of 0.05
    that the table was pooled with). The base is the middle of the shares before of the changes that
    are numbers, risen by the trend. Without a distribution where the mean and the base make no
    share, and where an end of the prediction was cut at 100 points: its width says too little.
    Assumes A3, A10, A11, A13.
    """
    known = pooled[
        (pooled["quantity"] == "change")
        & (pooled["outcome"] == "pooled")
        & (pooled["method"] == _METHOD)
        & pooled["left_out"].isna()
    ]
    if known.empty:
        return NextGain()
    chosen = known.sort_values(["pilots", "definition"], ascending=[False, True]).iloc[0]
    own = contrasts[
        (contrasts["definition"] == chosen["definition"]) & (contrasts["change_bound"] == "exact")
    ]
    low, high = chosen["prediction_low"], chosen["prediction_high"]
    deviations = 2 * float(norm.isf(alpha / 2))
    spread = (high - low) / deviations
    error = (chosen["conf_high"] - chosen["conf_low"]) / deviations
    mean = (chosen["estimate_low"] + chosen["estimate_high"]) / 2 - trend
    # The rise that came anyway is part of where the gain starts from.
    base = float(own["before"].dropna().median()) + trend
    whole = low > -100 and high < 100
    fits = whole and 0 < base < 100 and 0 < base + mean < 100 and 0 < error <= spread
    return NextGain(
        definition=str(chosen["definition"]),
        pilots=int(chosen["pilots"]),
        gain=Gain(
            low=_clipped(low - trend),
            high=_clipped(high - trend),
            **({"mean": mean, "std_error": error, "std_dev": spread, "base": base} if fits else {}),
        ),
    )


def _clipped(points: float) -> float:
    return min(max(float(points), -100.0), 100.0)
