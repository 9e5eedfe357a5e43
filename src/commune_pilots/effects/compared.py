"""Every design that pilots beside comparison communes allow: one answers, the others beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from commune_pilots.effects.arms import Arms, common_changes
from commune_pilots.effects.assignment import smallest_p
from commune_pilots.effects.collapse import mean_difference
from commune_pilots.effects.conley_taber import conley_taber
from commune_pilots.effects.did_fractional import fractional_effect
from commune_pilots.effects.did_group_time import aggregate, group_time
from commune_pilots.effects.did_imputation import imputation
from commune_pilots.effects.did_regression import event_study, two_way
from commune_pilots.effects.did_within import within_district
from commune_pilots.effects.effect_grade import comparison_design
from commune_pilots.effects.effect_rows import About, Row, refused_row, row
from commune_pilots.effects.few_treated import LEAST_WELCH, permitted
from commune_pilots.effects.placebos import (
    DRAWS,
    leave_one_out,
    placebo_in_time,
    pre_trend,
    test_of,
)
from commune_pilots.effects.result import Effect
from commune_pilots.effects.wild_bootstrap import wild_cluster_bootstrap

NEAR = 15.0  # points from 0 or 100 within which trends in points and in log-odds part
PARALLEL = ("A3", "A4", "A15", "A18")
BY_LOT = (*PARALLEL, "A16")
LIKE_SHOCKS = (*PARALLEL, "A17")


def about_arms(arms: Arms, *, indicator: str, alpha: float, seed: int) -> About:
    """Say what all rows of one comparison share: level, design, and the checks that grade it.

    B3 is one month before and one after, C3 one or two pilots, C2 start dates that differ, C1 the
    rest. Raises ValueError without an assignment.
    """
    if arms.assignment is None:
        raise ValueError("no pilots beside comparison units")
    pilots = int(arms.treated.sum())
    level = "C1" if len(arms.starts) == 1 else "C2"
    if pilots < LEAST_WELCH:
        level = "C3"
    elif arms.wide.outcome.shape[1] - arms.panel.anticipation <= 2:
        level = "B3"
    return About(
        indicator=indicator,
        definition=arms.panel.definition,
        level=level,
        design=comparison_design(
            pilots=pilots, months_before=arms.months_before, months_after=arms.months_after
        ),
        alpha=alpha,
        smallest_p=smallest_p(arms.assignment),
        n_treated=pilots,
        n_comparison=len(arms.treated) - pilots,
        assumptions=PARALLEL,
        checks={
            "pre_trend": pre_trend(arms, alpha=alpha, seed=seed).outcome,
            "placebo_in_time": placebo_in_time(arms, alpha=alpha, seed=seed).outcome,
            "leave_one_out": leave_one_out(arms, alpha=alpha, seed=seed).outcome,
        },
    )


def compared_rows(arms: Arms, *, indicator: str, alpha: float, seed: int) -> list[Row]:
    """Estimate the effect on the pilots by every design their number allows, in points.

    First the one that answers: randomisation over the choice of pilots (A16). Beside it Welch's t
    or that of districts, each cohort against units untreated, imputation, two-way fixed effects,
    pilots within districts, Conley and Taber's test, the wild bootstrap, log-odds near 0 or 100,
    and the event study. What may not be printed stands with its reason.
    """
    about = about_arms(arms, indicator=indicator, alpha=alpha, seed=seed)
    rows = [_answer(arms, about, seed)]
    if len(arms.starts) == 1:
        rows += _collapsed(arms, about, seed)
    if arms.by_district and len(arms.starts) > 1:
        found = within_district(arms.wide, anticipation=arms.panel.anticipation, alpha=alpha)
        rows.append(row(about, found.effect, method="within_district_t", estimand="att_mean"))
    rows += _regressed(arms, about)
    return rows


def _answer(arms: Arms, about: About, seed: int) -> Row:
    found = test_of(arms, alpha=about.alpha, seed=seed)
    method = "permutation" if found.statistic == "studentised" else "rank"
    if len(arms.starts) > 1:
        method = "start_dates"
    if arms.by_district:
        method = f"{method}_district"
    return row(
        about, found, method=method, estimand="att_mean", smallest_p=found.smallest_p,
        assumptions=BY_LOT,
    )  # fmt: skip


def _collapsed(arms: Arms, about: About, seed: int) -> Iterator[Row]:
    """One change a unit: a law of t, placebo errors, signs of residuals."""
    assert arms.assignment is not None
    refused = {
        one.inference: one.refused
        for one in permitted(n_treated=about.n_treated, n_comparison=about.n_comparison)
    }
    change, alpha = common_changes(arms), about.alpha
    rng = np.random.default_rng(seed)
    method = "district_t" if arms.by_district else "welch"
    if refused["welch"]:
        yield _refused(about, method, refused["welch"])
    else:
        mean = mean_difference(change, arms.assignment, alpha=alpha).found
        yield row(about, mean, method=method, estimand="att_mean")
    if refused["conley_taber"]:
        yield _refused(about, "conley_taber", refused["conley_taber"])
    else:
        groups = change[arms.treated], change[~arms.treated]
        placebo = conley_taber(*groups, alpha=alpha, draws=DRAWS, rng=rng)
        yield row(
            about, placebo, method="conley_taber", estimand="att_mean",
            smallest_p=placebo.smallest_p, assumptions=LIKE_SHOCKS,
        )  # fmt: skip
    if refused["wild_bootstrap"]:
        yield _refused(about, "wild_bootstrap", refused["wild_bootstrap"])
    else:
        design = np.column_stack([np.ones(len(change)), arms.treated])
        wild = wild_cluster_bootstrap(
            change, design, np.arange(len(change)), column=1, weights="rademacher",
            draws=DRAWS, rng=rng,
        )  # fmt: skip
        yield row(
            about, wild, method="wild_bootstrap", estimand="att_mean", smallest_p=wild.smallest_p
        )


def _regressed(arms: Arms, about: About) -> Iterator[Row]:
    """Estimators of monthly panels, and the effect by event time.

    With one or two pilots errors clustered by unit find far too much; they are not printed.
    """
    moments, anticipation, alpha = arms.moments, arms.panel.anticipation, about.alpha
    few = "few_treated" if about.n_treated < LEAST_WELCH else None
    staggered = "mixes_dates" if len(arms.starts) > 1 else None
    if moments is None or moments.ever.all():
        for method in ("group_time", "imputation", "two_way"):
            yield _refused(about, method, "unbalanced")
        return
    found = group_time(moments, comparison="not_yet_treated", anticipation=anticipation)
    shares = arms.panel.panel[~arms.panel.panel["opening"]]
    estimators: dict[str, Callable[[], Effect]] = {
        "group_time": lambda: aggregate(found, over="simple", alpha=alpha)[0],
        "imputation": lambda: imputation(moments, anticipation=anticipation, alpha=alpha)[0],
        "two_way": lambda: two_way(moments, alpha=alpha).effect,
    }
    if _near_an_end(arms):
        estimators["quasi_binomial"] = lambda: (
            fractional_effect(shares, weigh="dossiers", alpha=alpha).effect
        )
    for method, estimate in estimators.items():
        warned = staggered if method == "two_way" else None
        yield _tried(about, method, estimate, refused=few or warned)
    if staggered:
        effects = aggregate(found, over="event_time", alpha=alpha)[1:]
    else:
        effects = list(event_study(moments, anticipation=anticipation, alpha=alpha).effects)
    single = replace(about, checks={})  # one month of many, each tested alone: never above low
    for one in effects:
        yield row(
            single, one, method="event_time", estimand="att_event_time", at=one.at, refused=few
        )


def _near_an_end(arms: Arms) -> bool:
    """Say whether pilots or the others print shares close to 0 or to 100 per cent."""
    means = [float(np.nanmean(arms.wide.outcome[side])) for side in (arms.treated, ~arms.treated)]
    return min(min(mean, 100 - mean) for mean in means) < NEAR


def _tried(
    about: About, method: str, estimate: Callable[[], Effect], *, refused: str | None
) -> Row:
    """Write one estimator's answer, or that these data do not carry it."""
    try:
        found = estimate()
    except ValueError:
        return _refused(about, method, "not_estimable")
    estimand = "att_marginal" if method == "quasi_binomial" else "att_mean"
    return row(about, found, method=method, estimand=estimand, refused=refused)


def _refused(about: About, method: str, reason: str | None) -> Row:
    return refused_row(about, method=method, estimand="att_mean", reason=reason or "not_estimable")
