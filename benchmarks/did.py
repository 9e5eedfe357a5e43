"""How fast difference-in-differences is told of a long table, beside the libraries of the field.

Every side gets the same simulated table (balanced, staggered starts, a fifth never treated within
it) and tells the same estimate with standard errors clustered by unit: two-way fixed effects, an
event study of every event time, ATT(g, t) averaged by event time, imputation. Ours starts from the
table too, once more from the matrix of units and periods. Sides run in turn in one process, in
reversed order every other time, after one run that is not counted (compilers); printed are medians
of CPU seconds and the median of each rival's over ours. The script ends with an error if estimates
differ by more than 1e-7 of their size, or standard errors of diff-diff and pyfixest; linearmodels
and statsmodels count unit effects as columns, and how far they differ for it is printed.

A rival that is not installed is left out: `uv pip install pyfixest linearmodels` into a copy of the
environment. statsmodels has no fixed effects to sweep out and gets dummies, up to --dummies units;
diff-diff tells two-way effects of two periods only.

Run again: `OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/did.py` (Markdown on stdout).
"""

from __future__ import annotations

import argparse
import platform
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import pandas as pd

from commune_pilots.effects.did_group_time import aggregate, group_time
from commune_pilots.effects.did_imputation import imputation
from commune_pilots.effects.did_moments import NEVER, Wide, moments_of, widen
from commune_pilots.effects.did_regression import event_study, two_way

AGREED = 1e-7
SAME = ("ours, from the matrix", "diff-diff", "pyfixest")  # conventions of standard errors
Told = dict[int | None, tuple[float, float]]
Side = Callable[[], Told]


def main() -> None:
    """Draw the table, let every side tell every estimate in turn, print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=3321)
    parser.add_argument("--periods", type=int, default=60)
    parser.add_argument("--cohorts", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dummies", type=int, default=300, help="most units for statsmodels")
    parser.add_argument("--skip", nargs="*", default=[], help="rivals to leave out, by name")
    given = parser.parse_args()
    frame = draw(given.units, given.periods, given.cohorts)
    print(f"Python {platform.python_version()}, numpy {np.__version__}; ", end="")
    print(f"{given.units:,} units x {given.periods} periods, {given.cohorts} starts\n")
    print("| estimate | side | CPU s | times ours | estimate apart | error apart |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, ours, rivals in estimates(frame, given.units <= given.dummies):
        kept = {side: tell for side, tell in rivals.items() if side not in given.skip}
        compare(name, {"ours": ours[0], "ours, from the matrix": ours[1], **kept}, given.rounds)


def draw(units: int, periods: int, cohorts: int) -> pd.DataFrame:
    """Draw shares of a province with staggered starts, laid out as a long table."""
    rng = np.random.default_rng(20230601)
    starts = np.linspace(periods // 5, periods - periods // 5, cohorts).astype(int)
    cohort = np.where(np.arange(units) % 5 == 0, NEVER, starts[np.arange(units) % cohorts])
    share = rng.normal(40, 8, (units, 1)) + 0.3 * np.arange(periods)
    share = share + rng.normal(0, 1, (units, periods)).cumsum(axis=1) * 0.3
    share += 4.0 * (np.arange(periods) >= cohort[:, None])
    at = np.tile(np.arange(periods), units)
    of = np.repeat(cohort, periods)
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods), "period": at, "district": "d",
            "cohort": pd.array(of, dtype="Int64"), "share": share.ravel(),
            "treated": (at >= of).astype(float), "since": np.where(of == NEVER, -1, at - of),
            "start": np.where(of == NEVER, 0, of + 1), "time": at + 1,
        }
    ).assign(cohort=lambda table: table["cohort"].mask(table["cohort"] == NEVER))  # fmt: skip


def estimates(frame: pd.DataFrame, dummies: bool) -> list[tuple[str, tuple[Side, Side], dict]]:
    """Name what is estimated, ours from the table and from the matrix, and the rivals."""
    wide = widen(frame)
    return [
        ("two-way fixed effects", both(frame, wide, _two_way), _of_two_way(frame, dummies)),
        ("event study", both(frame, wide, _event_study), _of_event_study(frame)),
        ("ATT(g, t)", both(frame, wide, _group_time), _of_library(frame, "CallawaySantAnna")),
        ("imputation", both(frame, wide, _imputation), _of_library(frame, "ImputationDiD")),
    ]


def both(frame: pd.DataFrame, wide: Wide, tell: Callable[[Wide], Told]) -> tuple[Side, Side]:
    """Tell from the table, and from the matrix that it is laid out as."""
    return (lambda: tell(widen(frame))), (lambda: tell(wide))


def _two_way(wide: Wide) -> Told:
    effect = two_way(moments_of(wide), kind="CR1").effect
    return {None: (effect.estimate, effect.std_error)}


def _event_study(wide: Wide) -> Told:
    found = event_study(moments_of(wide), kind="CR1").effects
    return {one.at: (one.estimate, one.std_error) for one in found}


def _group_time(wide: Wide) -> Told:
    found = group_time(moments_of(wide), comparison="never_treated")
    effects = aggregate(found, over="event_time", law="influence")[1:]
    return {one.at: (one.estimate, one.std_error) for one in effects}


def _imputation(wide: Wide) -> Told:
    effects = imputation(moments_of(wide), law="influence")
    return {one.at: (one.estimate, one.std_error) for one in effects if one.at is not None}


def _of_two_way(frame: pd.DataFrame, dummies: bool) -> dict[str, Side]:
    sides: dict[str, Side] = {}
    if find_spec("pyfixest"):
        sides["pyfixest"] = lambda: _pyfixest(frame, "share ~ treated | unit + period")
    if find_spec("linearmodels"):
        sides["linearmodels"] = lambda: _linearmodels(frame, ["treated"])
    if dummies:
        sides["statsmodels, dummies"] = lambda: _statsmodels(frame)
    return sides


def _of_event_study(frame: pd.DataFrame) -> dict[str, Side]:
    sides: dict[str, Side] = {}
    if find_spec("pyfixest"):
        formula = "share ~ i(since, ref=-1) | unit + period"
        sides["pyfixest"] = lambda: _pyfixest(frame, formula)
    if find_spec("linearmodels"):
        sides["linearmodels"] = lambda: _linearmodels_event(frame)
    return sides


def _of_library(frame: pd.DataFrame, name: str) -> dict[str, Side]:
    def tell() -> Told:
        import diff_diff

        found = getattr(diff_diff, name)().fit(
            frame, outcome="share", unit="unit", time="time", first_treat="start"
        )
        rows = found.aggregate("event_study").to_dataframe()
        rows = rows[~rows["is_reference"].astype(bool)]
        return {
            int(at): (float(value), float(error))
            for at, value, error in zip(rows["event_time"], rows["att"], rows["se"], strict=True)
        }

    return {"diff-diff": tell}


def _pyfixest(frame: pd.DataFrame, formula: str) -> Told:
    import pyfixest

    fit = pyfixest.feols(formula, data=frame, vcov={"CRV1": "unit"})
    return {
        _since(name): (float(value), float(error))
        for name, value, error in zip(fit.coef().index, fit.coef(), fit.se(), strict=True)
    }


def _linearmodels(frame: pd.DataFrame, columns: list[str]) -> Told:
    from linearmodels import PanelOLS

    table = frame.set_index(["unit", "period"])
    fit = PanelOLS(table["share"], table[columns], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True
    )
    return {
        _since(name): (float(fit.params[name]), float(fit.std_errors[name])) for name in columns
    }


def _linearmodels_event(frame: pd.DataFrame) -> Told:
    times = sorted(set(frame["since"]) - {-1})
    columns = {f"[{time}]": (frame["since"] == time).astype(float) for time in times}
    return _linearmodels(frame.assign(**columns), list(columns))


def _statsmodels(frame: pd.DataFrame) -> Told:
    from statsmodels.api import OLS

    units, periods = frame["unit"].to_numpy(), frame["period"].to_numpy()
    columns = [
        frame[["treated"]].to_numpy(),
        units[:, None] == np.arange(units.max() + 1),
        periods[:, None] == np.arange(1, periods.max() + 1),
    ]
    fit = OLS(frame["share"].to_numpy(), np.hstack(columns).astype(float)).fit(
        cov_type="cluster", cov_kwds={"groups": units}
    )
    return {None: (float(fit.params[0]), float(fit.bse[0]))}


def _since(name: Any) -> int | None:
    """Read the event time out of the name of a coefficient: since[-3], since::-3, [T.-3]."""
    digits = "".join(letter for letter in str(name).split("since")[-1] if letter in "-0123456789")
    return int(digits) if digits else None


def compare(name: str, sides: dict[str, Side], rounds: int) -> None:
    """Let sides tell in turn, hold their answers together, print what each costs."""
    times: dict[str, list[float]] = {side: [] for side in sides}
    told = {side: tell() for side, tell in sides.items()}
    for turn in range(rounds):
        for side in list(sides) if turn % 2 == 0 else reversed(list(sides)):
            begun = process_time()
            sides[side]()
            times[side].append(process_time() - begun)
    for side, found in told.items():
        apart, error = (_apart(told["ours"], found, place) for place in (0, 1))
        if apart > AGREED or (side in SAME and error > AGREED):
            raise SystemExit(f"{name}: ours and {side} differ by {apart:.1e}, {error:.1e}")
        pairs = zip(times[side], times["ours"], strict=True)
        ratio = median(rival / ours for rival, ours in pairs)
        print(
            f"| {name} | {side} | {median(times[side]):.4f} | {ratio:.3g} "
            f"| {apart:.0e} | {error:.0e} |",
            flush=True,
        )


def _apart(ours: Told, rival: Told, place: int) -> float:
    """Tell the largest difference, relative to the largest value of ours."""
    if ours.keys() != rival.keys():
        raise SystemExit(f"not the same estimates: {sorted(map(str, ours.keys() ^ rival.keys()))}")
    size = max(abs(pair[place]) for pair in ours.values())
    return max(abs(ours[at][place] - rival[at][place]) for at in ours) / size


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rivals warn of their own defaults
        main()
