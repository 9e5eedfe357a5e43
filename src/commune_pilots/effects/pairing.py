"""Every before/after pair of a run: paired, checked against its printed numbers, measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any, get_args

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.beside import other_tests, widest_interval
from commune_pilots.effects.break_even import curve_floors, floor_curve
from commune_pilots.effects.contrast import Figure, Terms, admitted, contrast_pair, share_interval
from commune_pilots.effects.rounding import nearest_denominators
from commune_pilots.effects.worst_case import answer_of, worst_case
from commune_pilots.errors import ContractError, Failure
from commune_pilots.numerals import rounded
from commune_pilots.vocabulary import DifferenceMethod, Rounding, Which

_KEYS = ["unit", "scope", "indicator", "definition"]
_PRINTED = ("value", "decimals", "qualifier", "numerator", "denominator", "file", "row", "printed")
_ROUNDINGS: tuple[Rounding, ...] = ("half_up", "half_even", "truncate", "any")
_CURVE_POINTS = 25
_CURVE_REACH = 4  # times the floor that suffices
_LEAST_END = 400


def pair_figures(observations: pd.DataFrame) -> pd.DataFrame:
    """Join each before figure with the after figure of the same unit, indicator and definition.

    Two definitions never meet: the definition is part of the key. An end without a number makes no
    pair, but for "none yet" before. Returns the columns of observations twice, suffixed _before and
    _after.
    """
    numbered = observations["value"].notna()
    usable = {"before": numbered | (observations["qualifier"] == "none_yet"), "after": numbered}
    sides = {
        role: observations[(observations["role"] == role) & kept] for role, kept in usable.items()
    }
    return sides["before"].merge(
        sides["after"], on=_KEYS, suffixes=("_before", "_after"), validate="one_to_one"
    )


def figure_of(row: Mapping[Any, Any]) -> Figure:
    """Take a figure out of a row of observations."""
    value = None if pd.isna(row["value"]) else _exact(row)
    counts = {
        name: None if pd.isna(row[name]) else int(row[name])
        for name in ("numerator", "denominator")
    }
    decimals = 0 if pd.isna(row["decimals"]) else int(row["decimals"])
    return Figure(value=value, decimals=decimals, qualifier=row["qualifier"], **counts)


def pairs_of(
    contrasts: pd.DataFrame, observations: pd.DataFrame
) -> list[tuple[dict[Any, Any], Figure, Figure]]:
    """Take each contrast with its two figures."""
    figures = {row["observation"]: row for row in observations.to_dict("records")}
    return [
        (
            row,
            figure_of(figures[row["before_observation"]]),
            figure_of(figures[row["after_observation"]]),
        )
        for row in contrasts.to_dict("records")
    ]


def agreed(observations: pd.DataFrame, *, rounding: Rounding) -> pd.DataFrame:
    """Keep one figure where several sources print the same, the narrowest; others must agree.

    Same unit, indicator, definition and role, before or after. Raises ContractError naming both
    rows where no share prints as both figures, and where a printed number of dossiers cannot print
    its percentage.
    """
    failures: list[Failure] = []
    kept = []
    paired = observations[
        observations["role"].isin(["before", "after"])
        & (observations["value"].notna() | (observations["qualifier"] == "none_yet"))
    ]
    for _, same in paired.groupby([*_KEYS, "role"], sort=False):
        rows = [row for row in same.to_dict("records") if _bounded(row, rounding, failures)]
        failures += [_impossible(row, rounding) for row in rows if not _possible(row, rounding)]
        if not rows:
            continue
        rows.sort(key=lambda row: _width(row, rounding))
        kept.append(rows[0]["observation"])
        shared = share_interval(figure_of(rows[0]), rounding)
        for other in rows[1:]:
            met = shared.meet(share_interval(figure_of(other), rounding))
            if met is None:
                failures.append(_failure(other, "sources_disagree", str(rows[0]["printed"])))
            else:
                shared = met
    if failures:
        raise ContractError(failures)
    alone = ~observations["observation"].isin(paired["observation"])
    return observations[alone | observations["observation"].isin(kept)]


def contrast_all(
    observations: pd.DataFrame,
    names: Mapping[str, str],
    terms: Terms,
    *,
    indicators: Sequence[str],
) -> pd.DataFrame:
    """Measure every before/after pair of the chosen indicators; one row each (table contrasts).

    `names` maps unit codes to names; an empty `indicators` takes all. Raises ContractError as
    `agreed` does.
    """
    rows = []
    for pair in pair_figures(agreed(observations, rounding=terms.rounding)).to_dict("records"):
        if indicators and pair["indicator"] not in indicators:
            continue
        rows.append(
            {
                "contrast": f"c-{pair['observation_before']}-{pair['observation_after']}",
                "unit": pair["unit"],
                "unit_name": names[pair["unit"]],
                "indicator": pair["indicator"],
                "definition": pair["definition"],
                "before_observation": pair["observation_before"],
                "after_observation": pair["observation_after"],
                **asdict(contrast_pair(*_figures(pair), terms)),
            }
        )
    return schemas.build(rows, "contrasts").sort_values(
        ["indicator", "after"], ascending=[True, False], ignore_index=True, kind="stable"
    )


def alternatives_all(
    contrasts: pd.DataFrame, observations: pd.DataFrame, terms: Terms
) -> pd.DataFrame:
    """Set other tests, other intervals and other ways of rounding beside each contrast.

    One row each (table alternatives); intervals in percentage points.
    """
    rows: list[dict[str, object]] = []
    for contrast, before, after in pairs_of(contrasts, observations):
        sides = admitted(before, terms), admitted(after, terms)
        own = {"contrast": contrast["contrast"], "rounding": terms.rounding}
        for test in other_tests(*sides, worst_case(*sides), alpha=terms.alpha):
            name = test.method if test.method in ("boschloo", "score") else f"fisher_{test.method}"
            counts = counts_of(test.k1, test.n1, test.k2, test.n2)
            rows.append(
                {**own, "method": name, "p_value": test.p, "certified": test.certified, **counts}
            )
        for method in get_args(DifferenceMethod):
            interval = widest_interval(*sides, method=method, alpha=terms.alpha)
            rows.append(
                {
                    **own,
                    "method": method,
                    "conf_low": 100 * interval.outer_low,
                    "conf_high": 100 * interval.outer_high,
                    "certified": interval.certified,
                }
            )
        for rounding in dict.fromkeys((terms.rounding, *_ROUNDINGS)):
            other = replace(terms, rounding=rounding)
            worst = worst_case(admitted(before, other), admitted(after, other))
            rows.append(
                {
                    "contrast": contrast["contrast"],
                    "rounding": rounding,
                    "method": "fisher_central",
                    "p_value": worst.p,
                    "certified": worst.certificate.certified,
                    "denominators": answer_of(worst, terms.alpha),
                    **counts_of(*worst.table),
                }
            )
    return schemas.build(rows, "alternatives")


def floors_all(contrasts: pd.DataFrame, observations: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Draw the worst case of each contrast against a floor on the dossiers (table floors)."""
    rows: list[dict[str, object]] = []
    for contrast, before, after in pairs_of(contrasts, observations):
        which: Which = contrast["floor_side"]
        needed = contrast["floor_needed"]
        end = max(
            _LEAST_END if which == "both" else 20,
            0 if pd.isna(needed) else _CURVE_REACH * int(needed),
        )
        floors = curve_floors(terms.least_dossiers, end, points=_CURVE_POINTS)
        if pd.notna(needed):  # the step itself, so that it is drawn where it is
            step = {int(needed), int(contrast["floor_short"])} - {0}
            floors = sorted({*floors, *(at for at in step if at >= terms.least_dossiers)})
        sides = admitted(before, terms), admitted(after, terms)
        for floor, worst in zip(
            floors, floor_curve(*sides, floors=floors, which=which), strict=True
        ):
            rows.append(
                {
                    "contrast": contrast["contrast"],
                    "side": which,
                    "floor": floor,
                    "worst_p": worst.p,
                    "bound_p": worst.certificate.bound,
                    "certified": worst.certificate.certified,
                    **counts_of(*worst.table),
                }
            )
    return schemas.build(rows, "floors")


def _figures(pair: Mapping[Any, Any]) -> tuple[Figure, Figure]:
    sides = ({name: pair[f"{name}_{side}"] for name in _PRINTED} for side in ("before", "after"))
    before, after = (figure_of(side) for side in sides)
    return before, after


def counts_of(k1: int, n1: int, k2: int, n2: int) -> dict[str, int]:
    """Name the counts of a pair as the tables do."""
    return {"k_before": k1, "n_before": n1, "k_after": k2, "n_after": n2}


def _bounded(row: Mapping[Any, Any], rounding: Rounding, failures: list[Failure]) -> bool:
    """Say whether a figure states an interval; note a failure if it does not."""
    try:
        share_interval(figure_of(row), rounding)
    except ValueError:
        failures.append(_failure(row, "no_interval", str(row["qualifier"])))
        return False
    return True


def _possible(row: Mapping[Any, Any], rounding: Rounding) -> bool:
    """Say whether the printed number of dossiers, and count, can print the percentage."""
    figure = figure_of(row)
    if figure.denominator is None or figure.value is None:
        return True
    counts = share_interval(replace(figure, numerator=None), rounding).counts(figure.denominator)
    return bool(counts) if figure.numerator is None else figure.numerator in counts


def _width(row: Mapping[Any, Any], rounding: Rounding) -> float:
    interval = share_interval(figure_of(row), rounding)
    return float(interval.high - interval.low)


def _impossible(row: Mapping[Any, Any], rounding: Rounding) -> Failure:
    """Say that a percentage is not possible with its printed number, and which numbers are."""
    figure = figure_of(row)
    interval = share_interval(replace(figure, numerator=None, denominator=None), rounding)
    number = figure.denominator or 1
    near = ", ".join(str(n) for n in nearest_denominators(interval, number))
    return _failure(row, "impossible_number", f"{row['printed']}, n = {number}", near=near)


def _failure(row: Mapping[Any, Any], rule: str, accepted: str, **values: object) -> Failure:
    return Failure(
        file=str(row["file"]),
        row=int(row["row"]),
        column="printed",
        value=str(row["printed"]),
        rule=rule,
        rule_values=(("accepted", accepted), *values.items()),
    )


def _exact(row: Mapping[Any, Any]) -> Decimal:
    return rounded(float(row["value"]), int(row["decimals"]))
