"""Whether a log counts what people did, or what an office did to be counted: five checks.

Officials are rewarded on the rate, so it can rise without a citizen filing anything. None of the
checks proves that; each says where an evaluator has to look before the rate is believed. The limits
are conventions of this project, handed in by name, not findings.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import ibis.expr.types as ir
import pandas as pd
from ibis import _
from scipy.stats import binom

from commune_pilots import schemas
from commune_pilots.clean.validity_counts import FRIDAY, shares, working_days
from commune_pilots.contracts.logs import NOT_RECEIVED

THRESHOLDS = (60, 80, 90, 99)
LAST_DAYS = 3


class _Found(NamedTuple):
    """A row of table checks, all but its subject."""

    check: str
    outcome: Literal["passed", "failed", "not_possible"]
    statistic: float | None = None
    decimals: int | None = None
    reference: str | None = None


def filings(accepted: ir.Table, *, many: int = 20) -> ir.Table:
    """Count dossiers filed online in a log of accepted rows, in one row of whole numbers.

    known_filer, assisted (by somebody else than the owner); with_account, by_many (of accounts with
    `many` dossiers or more); timed (with a time of day), at_desk (Monday to Friday, 7:30-11:30 or
    13:30-17:00, when counters are open).
    """
    online = accepted.filter((_.channel == "online") & _.status.notin(NOT_RECEIVED))
    per_account = (
        online.filter(_.account.notnull())
        .group_by("account")
        .aggregate(filed=_.count())
        .aggregate(
            with_account=_.filed.sum().fill_null(0).cast("int64"),
            by_many=_one(_.filed >= many, _.filed),
        )
    )
    minute = _.received.hour() * 60 + _.received.minute()
    desk = ((minute >= 450) & (minute < 690)) | ((minute >= 810) & (minute < 1020))
    timed = (minute > 0) | (_.received.second() > 0)
    counted = online.aggregate(
        known_filer=_one(_.filer.notnull()),
        assisted=_one(_.filer == "somebody_else"),
        timed=_one(timed),
        at_desk=_one(timed & desk & (_.received.day_of_week.index() <= FRIDAY)),
    )
    return counted.cross_join(per_account)


def by_day(accepted: ir.Table) -> ir.Table:
    """Count dossiers filed online by day of reception (columns day, filed)."""
    online = accepted.filter((_.channel == "online") & _.status.notin(NOT_RECEIVED))
    return online.group_by(day=_.received.date()).aggregate(filed=_.count())


def check_log(
    filed: pd.DataFrame,
    days: pd.DataFrame,
    panel: pd.DataFrame,
    *,
    subject: str,
    most_assisted: float = 50.0,
    most_by_many: float = 50.0,
    most_at_desk: float = 60.0,
    most_bunched: float = 1.5,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Judge the five checks of one log (table checks, five rows): is the rate what people did?

    `filed` and `days` are what `filings` and `by_day` give, `panel` has months of shares. `subject`
    stands in column contrast. Shares and their limits are per cent; `most_bunched` is a ratio. A
    check whose columns the log does not tell is not possible.
    """
    counts = {name: int(value) for name, value in filed.iloc[0].items()}
    found = (
        _share("assisted_share", counts["assisted"], counts["known_filer"], most_assisted),
        _share("dossiers_per_account", counts["by_many"], counts["with_account"], most_by_many),
        _share("counter_hours", counts["at_desk"], counts["timed"], most_at_desk),
        _bunching(days, most=most_bunched),
        _heaping(panel, alpha=alpha),
    )
    return schemas.build([{"contrast": subject, **one._asdict()} for one in found], "checks")


def _share(check: str, part: int, whole: int, most: float) -> _Found:
    if whole == 0:
        return _Found(check, "not_possible")
    share = 100 * part / whole
    return _Found(check, "failed" if share > most else "passed", share, 1, f"{most:g}")


def _bunching(days: pd.DataFrame, *, most: float) -> _Found:
    """Compare the last working days of months with the other working days of the same months.

    The ratio is of dossiers to those expected had each working day of a month had its mean. Months
    with fewer than ten working days on record are left out.
    """
    own = working_days(days)
    if own.empty:
        return _Found("period_end_bunching", "not_possible")
    last = own["place"] <= LAST_DAYS
    usual = own[~last].groupby("month")["filed"].mean()
    expected = own.loc[last, "month"].map(usual).sum()
    ratio = float(own.loc[last, "filed"].sum() / expected)
    outcome: Literal["passed", "failed"] = "failed" if ratio > most else "passed"
    return _Found("period_end_bunching", outcome, ratio, 2, f"{most:g}")


def _heaping(panel: pd.DataFrame, *, alpha: float, least: int = 100) -> _Found:
    """Ask whether more shares lie just above a threshold than just below it.

    Counts unit-months within one point on either side; without heaping each side is as likely. The
    one-sided binomial test near a cut-off (Cattaneo, Titiunik & Vazquez-Bare 2017, Stata Journal
    17(2)), the smallest of the thresholds after Bonferroni. Months with fewer than `least` dossiers
    are left out: their shares lie on a coarse grid.
    """
    share = shares(panel, least=least)
    tails = {limit: _tail(share, limit) for limit in THRESHOLDS}
    possible = {limit: tail for limit, tail in tails.items() if tail is not None}
    if not possible:
        return _Found("threshold_heaping", "not_possible")
    limit = min(possible, key=lambda one: possible[one])
    p_value = min(1.0, possible[limit] * len(possible))
    return _Found(
        "threshold_heaping", "failed" if p_value < alpha else "passed", p_value, 4, str(limit)
    )


def _tail(share: pd.Series, limit: int) -> float | None:
    above = int(((share >= limit) & (share < limit + 1)).sum())
    below = int(((share >= limit - 1) & (share < limit)).sum())
    return float(binom.sf(above - 1, above + below, 0.5)) if above + below else None


def _one(belongs: Any, value: Any = 1) -> Any:
    """Add up a value, or count, over the rows that belong; 0 if there is none."""
    chosen = belongs.fill_null(False).ifelse(value, 0)
    return chosen.sum().fill_null(0).cast("int64")
