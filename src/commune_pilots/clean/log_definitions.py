"""Ways to count a rate from a dossier log, each as Ibis expressions chosen by definition id.

An id is a variant and a period: `online_a_received`. docs/dossier-logs.md lists both. What a
variant needs and a row does not tell makes the row unknown; it is never counted as "no".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from commune_pilots import catalogue
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.contracts.logs import AWAITING_SUPPLEMENT, DONE, GIVEN_UP, NOT_RECEIVED
from commune_pilots.errors import Bilingual, InputError, ParameterError

Basis = Literal["received", "completed", "cumulative"]
BASES: tuple[Basis, ...] = get_args(Basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to count: dossiers of the whole, those of them in the part, and what is added up.

    `whole` and `part` are true, false or unknown for a row. Dossiers are counted unless
    `whole_sum` and `part_sum` name columns to add up, đồng or components. `columns` are those
    without which the rate cannot be known.
    """

    indicator: str
    whole: Deferred
    part: Deferred
    columns: tuple[str, ...]
    whole_sum: str = ""
    part_sum: str = ""


_RECEIVED = _.status.notin(NOT_RECEIVED)
_ONLINE = _.channel == "online"
_IN_TIME = _.status.isin(DONE) & (_.completed.date() <= _.due.date())
_PAID_ONLINE = _.paid.isin(["national_portal", "other_online"])
_OWES = _.fee_due > 0

VARIANTS: dict[str, Variant] = {
    "online_a": Variant(
        indicator="online_share",
        whole=_RECEIVED,
        part=_ONLINE,
        columns=("status", "channel"),
    ),
    "online_b": Variant(
        indicator="online_share",
        whole=_RECEIVED
        & _.level.isin(["full_process", "partial"])
        & _.channel.isin(["counter", "online"]),
        part=_ONLINE,
        columns=("status", "channel", "level"),
    ),
    "online_c": Variant(
        indicator="online_share",
        whole=_RECEIVED & (_.level == "full_process"),
        part=_ONLINE,
        columns=("status", "channel", "level"),
    ),
    "online_d": Variant(
        indicator="online_share",
        whole=_RECEIVED,
        part=_ONLINE & (_.filer == "owner"),
        columns=("status", "channel", "filer"),
    ),
    "on_time_a": Variant(
        indicator="on_time_share",
        whole=_.status.isin(DONE),
        part=_IN_TIME,
        columns=("status", "completed", "due"),
    ),
    "on_time_b": Variant(
        indicator="on_time_share",
        whole=_.status.isin([*DONE, *AWAITING_SUPPLEMENT, *GIVEN_UP]),
        part=_.status.isin([*AWAITING_SUPPLEMENT, *GIVEN_UP]) | _IN_TIME,
        columns=("status", "completed", "due"),
    ),
    "payment_a": Variant(
        indicator="payment_share",
        whole=_RECEIVED & _OWES,
        part=_.paid == "national_portal",
        columns=("status", "fee_due", "paid"),
    ),
    "payment_b": Variant(
        indicator="payment_share",
        whole=_RECEIVED & _OWES,
        part=_PAID_ONLINE,
        columns=("status", "fee_due", "paid"),
    ),
    "payment_c": Variant(
        indicator="payment_share",
        whole=_RECEIVED & _OWES,
        part=_PAID_ONLINE & (_.fee_paid >= 0),
        columns=("status", "fee_due", "paid", "fee_paid"),
        whole_sum="fee_due",
        part_sum="fee_paid",
    ),
    "digitised_a": Variant(
        indicator="digitised_share",
        whole=_RECEIVED & (_.components > 0),
        part=_.components_digitised >= 0,
        columns=("status", "components", "components_digitised"),
        whole_sum="components",
        part_sum="components_digitised",
    ),
    "digitised_b": Variant(
        indicator="digitised_result_share",
        whole=_.status.isin(DONE),
        part=_.result_digitised == 1,
        columns=("status", "result_digitised"),
    ),
    "digitised_c": Variant(
        indicator="reused_component_share",
        whole=_RECEIVED & (_.components > 0),
        part=_.components_reused >= 0,
        columns=("status", "components", "components_reused"),
        whole_sum="components",
        part_sum="components_reused",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One definition id taken apart: its variant, and the day a dossier is counted on."""

    id: str
    variant: Variant
    basis: Basis


def definition(name: str) -> Definition:
    """Find a definition of dossier logs by its id; raises ParameterError for an unknown one."""
    variant, _gap, basis = name.rpartition("_")
    for known in BASES:
        if known == basis and variant in VARIANTS:
            return Definition(id=name, variant=VARIANTS[variant], basis=known)
    raise ParameterError("unknown_log_definition", value=name, known=", ".join(all_ids()))


def all_ids() -> tuple[str, ...]:
    """Name every definition of dossier logs: each variant by each period."""
    return tuple(f"{variant}_{basis}" for variant in VARIANTS for basis in BASES)


def from_log(names: Sequence[str]) -> tuple[Definition, ...]:
    """Take definitions to count from a log, in the order given.

    Raises ParameterError for an unknown id, and for a cumulative one: those are differences of
    reports (`cumulative.by_month`), a log gives months directly.
    """
    found = tuple(definition(name) for name in names)
    for one in found:
        if one.basis == "cumulative":
            raise ParameterError("cumulative_from_log", value=one.id)
    return found


def sides(one: Definition) -> dict[str, Deferred]:
    """Say where a dossier stands: `<id>__of_part` and `<id>__of_whole`, true, false or unknown.

    Columns of their own, so that an engine works each out once for all sums of `tallies`.
    """
    return {f"{one.id}__of_part": one.variant.part, f"{one.id}__of_whole": one.variant.whole}


def tallies(one: Definition) -> dict[str, Deferred]:
    """Give the sums of one definition over dossiers: `<id>__part`, `<id>__whole` and more (int64).

    They read the columns of `sides`. Part and whole are over the dossiers whose place in both is
    known; `<id>__unknown` counts the others that may belong to the whole, and where đồng or
    components are added up, `<id>__counted` the dossiers they are of. Sums are over cases of whole
    numbers, as a sum of conditions is missing where all of them are.
    """
    way = one.variant
    part, whole = _[f"{one.id}__of_part"], _[f"{one.id}__of_whole"]
    inside = whole & part.notnull()
    return {
        f"{one.id}__part": _sum(whole & part, way.part_sum),
        f"{one.id}__whole": _sum(inside, way.whole_sum),
        f"{one.id}__unknown": _sum(whole.fill_null(True), "") - _sum(inside, ""),
    } | ({f"{one.id}__counted": _sum(inside, "")} if way.whole_sum else {})


def knows(columns: Sequence[str]) -> dict[str, Deferred]:
    """Count the dossiers that tell each column: `<column>__known` (int64)."""
    return {f"{name}__known": _[name].count() for name in columns}


def refuse_absent(one: Definition, known: Mapping[str, int]) -> None:
    """Refuse a rate when no dossier of the log tells a column it needs; nothing is guessed.

    `known` counts the dossiers that tell each column. Raises InputError naming the definition and
    the columns.
    """
    if absent := [name for name in one.variant.columns if known[f"{name}__known"] == 0]:
        columns = Bilingual(
            *(
                ", ".join(catalogue.text(f"ingest.fact.{name}", at) for name in absent)
                for at in LANGUAGES
            )
        )
        raise InputError("log_column_missing", definition=one.id, columns=columns)


def counted(log: ir.Table, names: Sequence[str]) -> ir.Table:
    """Count a whole log under several definitions side by side (one row): the gap between them."""
    chosen = from_log(names)
    placed: dict[str, Deferred] = {}
    sums: dict[str, Deferred] = {}
    for one in chosen:
        placed |= sides(one)
        sums |= tallies(one) | knows(one.variant.columns)
    return log.mutate(**placed).aggregate(**sums)


def _sum(belongs: Deferred, column: str) -> Deferred:
    """Add up a column, or count, over the rows known to belong; 0 if there is none."""
    value = _[column].round().cast("int64") if column else ibis.literal(1, type="int64")
    chosen = belongs.ifelse(value, ibis.literal(0, type="int64"))
    return chosen.sum().fill_null(0).cast("int64")
