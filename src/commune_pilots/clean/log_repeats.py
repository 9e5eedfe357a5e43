"""Dossiers that a log holds more than once, within a file or across files.

Rows of one dossier that agree on what cannot change (unit, procedure, channel, day of reception)
are states of it: the last row of the last file, by name, is kept and the others are duplicates.
Rows that disagree on it contradict each other, and none is kept.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

FACTS = ("unit", "procedure", "channel", "received")
PARTS = (1, 2, 5, 10)
_ROWS_A_PART = 20_000_000  # about 90 bytes a row while keys are counted: a part stays below 2 GB


def parts_for(rows: int) -> int:
    """Choose the number of parts that bounds memory while keys are counted."""
    return next((parts for parts in PARTS if rows <= parts * _ROWS_A_PART), PARTS[-1])


def with_key(log: ir.Table) -> ir.Table:
    """Add `dossier_key`: the code, and the unit before it where the code is a bare number.

    A code of the national form names its agency; a number of a register counts within one unit.
    """
    bare = _.unit.fill_null("").concat("|").concat(_.dossier)
    return log.mutate(dossier_key=_.dossier.like("%-______-%").ifelse(_.dossier, bare))


def repeated_keys(log: ir.Table, *, part: int = 0, parts: int = 1) -> ir.Table:
    """Find the keys that occur more than once among those of one part (column dossier_key).

    Dossiers go to a part by their last character, so that all rows of a key are in one part; with
    `parts` 1 there is no filter.
    """
    coded = log.filter(_.dossier.notnull())
    if parts > 1:
        coded = coded.filter(_.dossier.right(1).ascii_str() % parts == part)
    counted = with_key(coded).group_by("dossier_key").aggregate(times=_.count())
    return counted.filter(_.times > 1).select("dossier_key")


def set_aside(log: ir.Table, keys: ir.Table, *, broken: Deferred) -> ir.Table:
    """Take the rows that cannot be accepted as they are: broken, or of a key that repeats.

    `broken` tells whether a row breaks a rule that rejects; `keys` is what `repeated_keys` gives.
    Adds dossier_key.
    """
    return with_key(log).filter(broken | _.dossier_key.isin(keys.dossier_key))


def judge(noted: ir.Table) -> ir.Table:
    """Add `verdict` to the rows set aside: rejected, accepted, duplicate or conflict.

    A row that breaks a rule is no state of its dossier. Of the others with one key the last by
    file, sheet and row is accepted and the rest are duplicates; where they contradict each other on
    a fact all are in conflict, a rejection that no mask of single rows can hold.
    """
    sound = noted.filter(_.broken == 0)
    facts: dict[str, Any] = {
        name: (_[name].date() if name == "received" else _[name]).nunique() for name in FACTS
    }
    differing = sound.group_by("dossier_key").aggregate(**facts)
    conflict = ibis.or_(*(differing[name] > 1 for name in FACTS))
    told = differing.select("dossier_key", conflict=conflict)
    order = [_.file.desc(), _.sheet.fill_null("").desc(), _.row.desc()]
    ranked = sound.mutate(
        standing=ibis.row_number().over(ibis.window(group_by="dossier_key", order_by=order))
    )
    verdict = ibis.cases((_.conflict, "conflict"), (_.standing == 0, "accepted"), else_="duplicate")
    settled = ranked.inner_join(told, "dossier_key").mutate(verdict=verdict)
    refused = noted.filter(_.broken != 0).mutate(verdict=ibis.literal("rejected"))
    columns = [*noted.columns, "verdict"]
    return ibis.union(refused.select(columns), settled.select(columns), distinct=False)


def accepted_rows(log: ir.Table, judged: ir.Table) -> ir.Table:
    """Take the rows of a log that are accepted: all but those judged to be something else."""
    place = {name: _[name] for name in ("file", "row")} | {"sheet_name": _.sheet.fill_null("")}
    out = judged.filter(_.verdict != "accepted").select(**place)
    found = log.mutate(sheet_name=_.sheet.fill_null("")).anti_join(out, list(place))
    return found.drop("sheet_name")
