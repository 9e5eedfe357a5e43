"""The rules of a dossier log, each written once as data, compiled to one mask of bits per row.

Column rules are those of the contract of `dossiers`; rules across columns stand here. Expressions
are Ibis and name no engine. What is unknown breaks no rule: a comparison with a missing value
counts as kept, on purpose, and a value that must be known has a rule of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import Deferred, _

from commune_pilots import catalogue, schemas
from commune_pilots.contracts import TABLES
from commune_pilots.contracts.logs import DONE

Outcome = Literal["rejected", "flagged"]
EARLIEST = dt.date(2000, 1, 1)
_PLACE = ("file", "sheet", "row")
_HIDDEN = ("account",)  # a keyed hash of a person is personal data: its value is never repeated
_LONGEST = 80
_HAS = {"isin": "isin", "str_matches": "pattern"} | {
    "greater_than_or_equal_to": "least",
    "less_than_or_equal_to": "most",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a row: its name, what broken means, the columns it reads, what becomes of it.

    The first of `columns` is the one told to a person. `accepted` fills the place of that name in
    the wording: `ingest.rule.<id>` of the catalogue, or `rule.<id>` for rules of a contract.
    """

    id: str
    broken: Deferred
    columns: tuple[str, ...]
    outcome: Outcome = "rejected"
    accepted: str = ""

    def message(self, language: catalogue.Language) -> str:
        """Word the rule."""
        own = f"ingest.rule.{self.id}"
        key = own if catalogue.has(own) else f"rule.{self.id}"
        return catalogue.text(key, language, accepted=self.accepted)


def log_rules(*, as_of: dt.date, located: bool) -> tuple[Rule, ...]:
    """List every rule of a row of table `dossiers`; the place in the list is the bit of the mask.

    `as_of` is the day the log was drawn: nothing was received, completed or returned after it.
    `located` adds the rules of units, for a log that `unit_validity.locate` has been through.
    """
    return (*_of_contract(), *_across(as_of), *(_OF_UNITS if located else ()))


def check_rows(log: ir.Table, rules: Sequence[Rule]) -> ir.Table:
    """Add column `broken`, int64: bit i is set where a row breaks rule i; 0 breaks none."""
    if len(rules) > 62:
        raise ValueError("more rules than a 64-bit mask holds")
    mask: ir.IntegerValue = ibis.literal(0, type="int64")
    for bit, rule in enumerate(rules):
        holds = log.bind(rule.broken)[0].fill_null(False)
        mask = mask + holds.ifelse(ibis.literal(1 << bit, type="int64"), 0).cast("int64")
    return log.mutate(broken=mask)


def breaks_any(rules: Sequence[Rule]) -> Deferred:
    """Tell whether a row breaks a rule at all (true, false or unknown): cheaper than the mask."""
    return reduce(or_, (rule.broken for rule in rules))


def of_outcome(rules: Sequence[Rule], outcome: Outcome) -> tuple[Rule, ...]:
    """Take the rules that reject a row, or those that flag it."""
    return tuple(rule for rule in rules if rule.outcome == outcome)


def flags(rules: Sequence[Rule]) -> dict[str, Deferred]:
    """Count the rows that each flagging rule is broken in: `<rule>__<column>__flag` (int64)."""
    return {
        f"{rule.id}__{rule.columns[0]}__flag": rule.broken.fill_null(False)
        .ifelse(ibis.literal(1, type="int64"), 0)
        .sum()
        .fill_null(0)
        .cast("int64")
        for rule in of_outcome(rules, "flagged")
    }


def explain(rows: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Tell every rule that keeps a row out, a line each (table rejected): place, value, words.

    `rows` are dossiers that are not accepted, with the mask of `rules` in `broken` and their
    `verdict`. A duplicate or a conflict has one line of its own. Values of accounts are left out.
    """
    told: list[pd.DataFrame] = []
    for bit, rule in enumerate(rules):
        told.append(_told(rows[(rows["broken"] & (1 << bit)) != 0], rule))
    for verdict, rule in _REPEATED.items():
        told.append(_told(rows[rows["verdict"] == verdict], rule))
    blank = schemas.empty("rejected")
    ordered = pd.concat([part for part in told if len(part)] or [blank])
    ordered = ordered.sort_values([*_PLACE, "column", "rule"], kind="stable")
    return schemas.check(ordered.astype(dict(blank.dtypes)).reset_index(drop=True), "rejected")


def _told(found: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    column = rule.columns[0]
    return pd.DataFrame(
        {
            **{name: found[name] for name in _PLACE},
            "column": column,
            "value": None if column in _HIDDEN else _shown(found[column]),
            "rule": rule.id,
            "message_vi": rule.message("vi"),
            "message_en": rule.message("en"),
        }
    )


def _shown(values: pd.Series) -> pd.Series:
    """Write values as a person would, each for itself: no ".0", no midnight, unknown missing."""
    kind = values.dtype.kind
    if kind == "M":
        text: pd.Series = values.dt.strftime("%Y-%m-%d %H:%M:%S")
        return text.str.removesuffix(" 00:00:00")
    text = values.astype("str").where(values.notna())
    if kind == "f":
        text = text.str.removesuffix(".0")
    return text.str.slice(0, _LONGEST)


def _of_contract() -> Iterator[Rule]:
    """Turn the checks of the contract into rules, so that both say the same."""
    for name, column in TABLES["dossiers"].to_schema().columns.items():
        if name in _PLACE:
            continue
        if not column.nullable:
            yield Rule(id="required", broken=_[name].isnull(), columns=(name,))
        for check in column.checks:
            told, limit = _HAS[check.name], next(iter(check.statistics.values()))
            accepted = ", ".join(sorted(limit)) if told == "isin" else str(limit)
            broken = _breaks(_[name], told, limit)
            yield Rule(id=told, broken=broken, columns=(name,), accepted=accepted)


def _breaks(value: Deferred, check: str, limit: Any) -> Deferred:
    if check == "isin":
        return value.notin(sorted(limit))
    if check == "pattern":  # \z is the very end for every engine; RE2 has no \Z, Java another one
        return ~value.re_search(str(limit).replace(r"\Z", r"\z"))
    return value < limit if check == "least" else value > limit


def _across(as_of: dt.date) -> Iterator[Rule]:
    """Give the rules that need two columns or a day."""
    yield Rule(id="log_no_unit", broken=_.unit.isnull(), columns=("unit",))
    yield Rule(id="log_no_received", broken=_.received.isnull(), columns=("received",))
    early = _.received < _midnight(EARLIEST)
    yield Rule(
        id="log_too_early", broken=early, columns=("received",), accepted=EARLIEST.isoformat()
    )
    for name in ("received", "completed", "returned"):
        late = _[name] >= _midnight(as_of + dt.timedelta(days=1))
        yield Rule(id="log_in_future", broken=late, columns=(name,), accepted=as_of.isoformat())
    # 000.00.53.H48-220921-0099 was registered on 21 September 2022: is day before month after the
    # first dash? Only where they could have changed places, as writing a date costs most.
    could_be = (_.received.day() <= 12) & (_.received.day() != _.received.month())
    turned = _.dossier.find(_.received.strftime("-%y%d%m-"))
    swapped = could_be & (turned > 0) & (turned == _.dossier.find("-"))
    yield Rule(id="log_day_month_swapped", broken=swapped, columns=("received", "dossier"))
    for first, last, told, outcome in _ORDERED:
        # Most rows are settled by comparing the times: taking days of them costs ten times as much.
        broken = (_[last] < _[first]) & (_[last].date() < _[first].date())
        yield Rule(id=told, broken=broken, columns=(last, first), outcome=outcome)
    done = _.status.isin(DONE)
    undated = done & _.completed.isnull()
    yield Rule(
        id="log_done_undated", broken=undated, columns=("completed", "status"), outcome="flagged"
    )
    undone = ~done & _.completed.notnull()
    yield Rule(
        id="log_dated_undone", broken=undone, columns=("status", "completed"), outcome="flagged"
    )
    for part, whole in _PARTS:
        yield Rule(id="log_part_above_whole", broken=_[part] > _[whole], columns=(part, whole))
    free = (_.fee_due == 0) & _.paid.isin(["national_portal", "other_online"])
    yield Rule(id="log_paid_nothing", broken=free, columns=("paid", "fee_due"), outcome="flagged")


def _midnight(day: dt.date) -> ir.TimestampScalar:
    return ibis.literal(dt.datetime.combine(day, dt.time()))


_ORDERED: tuple[tuple[str, str, str, Outcome], ...] = (
    ("received", "due", "log_due_before_received", "rejected"),
    ("received", "completed", "log_completed_before_received", "rejected"),
    ("received", "returned", "log_returned_before_received", "rejected"),
    ("completed", "returned", "log_returned_before_completed", "flagged"),
)
_PARTS = (
    ("fee_paid", "fee_due"),
    ("components_digitised", "components"),
    ("components_reused", "components"),
)
_OF_UNITS = (
    Rule(
        id="log_unit_unknown",
        broken=_.unit.notnull() & _.received.notnull() & _.unit_outcome.isnull(),
        columns=("unit", "received"),
    ),
    Rule(
        id="log_unit_not_valid",
        broken=_.unit_outcome.isin(["not_yet", "split"]),
        columns=("unit", "received"),
    ),
    Rule(
        id="log_unit_succeeded",
        broken=_.unit_outcome == "succeeded",
        columns=("unit", "received"),
        outcome="flagged",
    ),
)
_REPEATED = {
    name: Rule(id=f"log_{name}", broken=_.dossier.isnull(), columns=("dossier",))
    for name in ("duplicate", "conflict")
}
