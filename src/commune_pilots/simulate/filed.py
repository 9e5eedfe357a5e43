"""What stands in a simulated dossier beside its code and unit: channel, days, fees, components."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commune_pilots.contracts.logs import CHANNELS, FILERS, PAID, SERVICE_LEVELS

Days = NDArray[np.datetime64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_COUNTER, _ONLINE, _POST = range(3)
_US = "datetime64[us]"
_HOUR = 3_600_000_000
# Invented procedures: level, days allowed, fee in đồng. No true procedure begins with 9.
_LEVELS = np.array([0, 0, 0, 1, 1, 0, 1, 2, 0, 1])
_ALLOWED = np.array([1, 3, 5, 3, 10, 15, 5, 2, 7, 20])
_FEES = np.array([0, 8_000, 0, 15_000, 0, 50_000, 0, 0, 30_000, 100_000])
_OFTEN = np.array([0.3, 0.15, 0.12, 0.1, 0.1, 0.06, 0.06, 0.05, 0.04, 0.02])
# Shares of the codes of the national record, whatever the channel: newly registered, not accepted,
# supplement and payment requested, withdrawn, stopped. All others are in process, then done.
_STATUS = {1: 0.004, 3: 0.01, 5: 0.01, 6: 0.005, 7: 0.01, 8: 0.004}
_ASSISTED, _ASSISTANTS = 0.35, 3


def draw_columns(
    day: Days, unit: Ints, *, online: Floats, drawn: dt.date, people: int, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """Draw the columns of `dossiers` from procedure to account, one value a row.

    `online` is the chance of online filing, `drawn` the day the log is drawn: what is later is not
    done yet. Helpers file a third of the online dossiers, three accounts a unit, at the counter's
    hours. Whether a dossier is refused does not hang on its channel.
    """
    size = len(day)
    procedure = rng.choice(len(_OFTEN), size=size, p=_OFTEN)
    channel = np.where(rng.random(size) < 0.03, _POST, _COUNTER)
    channel = np.where(rng.random(size) < online, _ONLINE, channel)
    other = rng.random(size) < np.where(channel == _ONLINE, _ASSISTED, 0.12)
    received = _received(day, open_hours=(channel != _ONLINE) | other, rng=rng)
    supplements = (rng.random(size) < 0.05).astype(np.int64)
    due = (day + _ALLOWED[procedure] + 5 * supplements).astype(_US) + np.timedelta64(17, "h")
    completed, status = _handled(received, due, drawn, rng)
    done = status >= 9
    returned = completed + (rng.integers(0, 48, size) * _HOUR).astype("timedelta64[us]")
    handed = (status == 10) & (returned < np.datetime64(drawn, "D") + 1)
    status = np.where((status == 10) & ~handed, 9, status)
    fee = _FEES[procedure].astype(np.float64)
    components = 1 + rng.poisson(3, size)
    person = rng.integers(0, people, size)
    account = np.where(other, -1 - (unit * _ASSISTANTS + person % _ASSISTANTS), person)
    return {
        "procedure": _words([f"9.{990000 + at}" for at in range(len(_OFTEN))], procedure),
        "channel": _words(CHANNELS, channel),
        "level": _words(SERVICE_LEVELS, _LEVELS[procedure]),
        "status": pa.array(status),
        "received": pa.array(received),
        "due": pa.array(due),
        "completed": pa.array(completed, mask=~done),
        "returned": pa.array(returned, mask=~handed),
        "supplements": pa.array(supplements),
        "fee_due": pa.array(fee),
        "fee_paid": pa.array(fee),
        "paid": _words(PAID, _paid(channel, rng), known=fee > 0),
        "components": pa.array(components),
        "components_digitised": pa.array(rng.binomial(components, 0.7)),
        "components_reused": pa.array(rng.binomial(components, 0.2)),
        "result_digitised": pa.array((rng.random(size) < 0.6).astype(np.int64), mask=~done),
        "filer": _words(FILERS, other.astype(np.int64)),
        "account": _hashed(account, known=channel == _ONLINE),
    }


def _received(day: Days, *, open_hours: Flags, rng: np.random.Generator) -> Days:
    """Draw the time of day: hours of the counter (7:30-11:30, 13:30-17:00), or 6 to 23 o'clock."""
    part = rng.random(len(day))
    desk = 7.5 + 7.5 * part + 2 * (part > 4 / 7.5)
    hours = np.where(open_hours, desk, 6 + 17 * part)
    seconds = (hours * 3600).astype("timedelta64[s]")
    at: Days = day.astype(_US) + seconds
    return at


def _handled(
    received: Days, due: Days, drawn: dt.date, rng: np.random.Generator
) -> tuple[Days, Ints]:
    """Draw when each dossier was done, 93 in 100 before it was due, and the status it has."""
    size = len(received)
    part = np.where(rng.random(size) < 0.93, 0.98 * rng.random(size), 1.1 + 1.5 * rng.random(size))
    completed = received + ((due - received).astype(np.int64) * part).astype("timedelta64[us]")
    done = np.where(rng.random(size) < 0.85, 10, 9)
    status = np.where(completed < np.datetime64(drawn, "D") + 1, done, 4)
    edges = np.cumsum(list(_STATUS.values()))
    other = np.searchsorted(edges, rng.random(size), side="right")
    codes = np.array([*_STATUS, 0])
    return completed, np.where(other < len(_STATUS), codes[other], status)


def _paid(channel: Ints, rng: np.random.Generator) -> Ints:
    """Draw how a fee was paid: 35 and 25 in 100 online where filed online, else 10 in 100."""
    at = rng.random(len(channel))
    filed = np.where(at < 0.35, 0, np.where(at < 0.6, 1, 2))
    return np.where(channel == _ONLINE, filed, np.where(at < 0.1, 1, 2))


def _words(vocabulary: Sequence[str], codes: Ints, known: Flags | None = None) -> pa.Array:
    found = pa.array(codes, mask=None if known is None else ~known)
    return pa.array(list(vocabulary), pa.string()).take(found)


def _hashed(account: Ints, *, known: Flags) -> pa.Array:
    """Write accounts as hashes would look: 16 hexadecimal digits, one to an account."""
    mixed = account.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    digits = mixed.astype(">u8").tobytes().hex()
    offsets = np.arange(0, 16 * len(account) + 1, 16, dtype=np.int64)
    text = pa.LargeStringArray.from_buffers(
        len(account), pa.py_buffer(offsets), pa.py_buffer(digits.encode())
    )
    return text.cast(pa.string()).take(pa.array(np.arange(len(account)), mask=~known))
