"""Dirt of every kind that a row of a dossier log can carry, planted on purpose and told.

Each kind names the rules that find it (`clean.log_rules`), so that a test can ask for all of it.
What is wrong with a whole file, its bytes or its header, is no row's fault and is not drawn here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

Rows = pd.DataFrame
_DAY = pd.Timedelta(days=1)
_MERGED = pd.Timestamp(2025, 7, 1)
GONE = "gone_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt:
    """One kind: how it spoils rows, which rows can carry it, and the rules that tell it.

    Without `rules` it hides: what is missing breaks none. `again`: a spoilt copy is written later,
    in another file where there is one, and the row itself stays.
    """

    spoil: Callable[[Rows], Rows]
    rules: tuple[str, ...] = ()
    where: Callable[[Rows], pd.Series] | None = None
    again: bool = False


def _put(column: str, value: Any) -> Callable[[Rows], Rows]:
    return lambda rows: rows.assign(**{column: value})


def _before(column: str) -> Callable[[Rows], Rows]:
    return lambda rows: rows.assign(**{column: rows["received"] - 2 * _DAY})


def _known(column: str) -> Callable[[Rows], pd.Series]:
    return lambda rows: rows[column].notna()


def _above(part: str, whole: str) -> Callable[[Rows], Rows]:
    return lambda rows: rows.assign(**{part: rows[whole] + 1})


def _swapped(rows: Rows) -> Rows:
    turned = rows["received"].dt.strftime("%Y-%d-%m %H:%M:%S")
    return rows.assign(received=pd.to_datetime(turned).astype(rows["received"].dtype))


def _can_be_swapped(rows: Rows) -> pd.Series:
    received = rows["received"].dt
    found: pd.Series = (received.day <= 12) & (received.day != received.month)
    return found


def _other_channel(rows: Rows) -> Rows:
    return rows.assign(channel=np.where(rows["channel"] == "online", "counter", "online"))


_FUTURE = pd.Timestamp(2062, 3, 5)
KINDS: dict[str, Dirt] = {
    "no_code": Dirt(spoil=_put("dossier", None), rules=("required",)),
    "channel_in_words": Dirt(spoil=_put("channel", "Trực tuyến"), rules=("isin",)),
    "level_as_number": Dirt(spoil=_put("level", "4"), rules=("isin",)),
    "status_unknown": Dirt(spoil=_put("status", 99), rules=("most",)),
    "count_negative": Dirt(spoil=_put("supplements", -1), rules=("least",)),
    "fee_negative": Dirt(spoil=_put("fee_paid", -5000.0), rules=("least",)),
    "unit_hostile": Dirt(spoil=_put("unit", "../../etc"), rules=("pattern", "log_unit_unknown")),
    "unit_as_number": Dirt(spoil=_put("unit", "1912.0"), rules=("pattern", "log_unit_unknown")),
    "account_in_clear": Dirt(spoil=_put("account", "tài khoản 1"), rules=("pattern",)),
    "unit_missing": Dirt(spoil=_put("unit", None), rules=("log_no_unit",)),
    "unit_unknown": Dirt(spoil=_put("unit", "99999"), rules=("log_unit_unknown",)),
    "received_missing": Dirt(spoil=_put("received", pd.NaT), rules=("log_no_received",)),
    "received_1900": Dirt(
        spoil=_put("received", pd.Timestamp(1900, 1, 5)), rules=("log_too_early",)
    ),
    "received_2062": Dirt(spoil=_put("received", _FUTURE), rules=("log_in_future",)),
    "completed_2062": Dirt(spoil=_put("completed", _FUTURE), rules=("log_in_future",)),
    "day_month_swapped": Dirt(
        spoil=_swapped, rules=("log_day_month_swapped",), where=_can_be_swapped
    ),
    "due_too_early": Dirt(spoil=_before("due"), rules=("log_due_before_received",)),
    "completed_too_early": Dirt(
        spoil=_before("completed"), rules=("log_completed_before_received",)
    ),
    "returned_too_early": Dirt(spoil=_before("returned"), rules=("log_returned_before_received",)),
    "paid_above_due": Dirt(
        spoil=_above("fee_paid", "fee_due"), rules=("log_part_above_whole",)
    ),
    "digitised_above_all": Dirt(
        spoil=_above("components_digitised", "components"), rules=("log_part_above_whole",)
    ),
    "done_undated": Dirt(
        spoil=_put("completed", pd.NaT), rules=("log_done_undated",), where=_known("completed")
    ),
    "dated_undone": Dirt(
        spoil=_put("status", 4), rules=("log_dated_undone",), where=_known("completed")
    ),
    "paid_nothing": Dirt(
        spoil=lambda rows: rows.assign(fee_due=0.0, fee_paid=0.0, paid="national_portal"),
        rules=("log_paid_nothing",),
    ),
    GONE: Dirt(
        spoil=lambda rows: rows,
        rules=("log_unit_succeeded",),
        where=lambda rows: rows["received"] >= _MERGED,
    ),
    "channel_missing": Dirt(spoil=_put("channel", None)),
    "twice": Dirt(spoil=lambda rows: rows, rules=("log_duplicate",), again=True),
    "later_state": Dirt(
        spoil=_put("supplements", 3), rules=("log_duplicate",), again=True
    ),
    "two_channels": Dirt(spoil=_other_channel, rules=("log_conflict",), again=True),
}  # fmt: skip


def spoil(
    table: pa.Table,
    waiting: pa.Table | None,
    *,
    rate: float,
    gone: Sequence[str],
    rng: np.random.Generator,
    last: bool,
) -> tuple[pa.Table, pa.Table | None]:
    """Spoil about `rate` of the rows of a table, evenly over the kinds; rows stay as many.

    Copies of rows wait for the next table, or stand in this one if it is the `last`; each takes
    the place of a sound row. `gone` are codes that mean nothing since July 2025. Adds `planted`,
    the kind, missing for a sound row.
    """
    schema = table.schema.append(pa.field("planted", pa.string()))
    sound = table.append_column("planted", pa.nulls(table.num_rows, pa.string()))
    count = rng.binomial(table.num_rows, min(rate, 0.5))
    chosen = rng.choice(table.num_rows, size=count, replace=False)
    picked = sound.take(pa.array(chosen)).to_pandas()
    picked["planted"] = rng.choice(list(KINDS), size=count)
    here: list[Rows] = []
    later: list[Rows] = []
    for name, own in picked.groupby("planted", sort=True):
        kind = KINDS[str(name)]
        fits = own if kind.where is None else own[kind.where(own)]
        here.append(own.drop(fits.index).assign(planted=None))
        spoilt = kind.spoil(fits)
        if name == GONE:
            known = bool(gone)
            spoilt = fits.assign(unit=rng.choice(gone or [""], size=len(fits)) if known else None)
            spoilt = spoilt if known else fits.assign(planted=None)
        (later if kind.again else here).append(spoilt)
        if kind.again:
            here.append(fits.assign(planted=None))
    copies = _laid_out(later, schema)
    arriving = [part for part in (waiting, copies if last else None) if part is not None]
    untouched = np.delete(np.arange(table.num_rows), chosen)
    extra = sum(part.num_rows for part in arriving)
    kept = sound.take(pa.array(np.sort(rng.permutation(untouched)[extra:])))
    whole = pa.concat_tables([kept, _laid_out(here, schema), *arriving])
    return whole, None if last else copies


def _laid_out(parts: Sequence[Rows], schema: pa.Schema) -> pa.Table:
    if not parts:
        return schema.empty_table()
    return pa.Table.from_pandas(pd.concat(parts), schema=schema, preserve_index=False)
