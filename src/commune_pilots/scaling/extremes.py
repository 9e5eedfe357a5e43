"""The extremes of several quantities over a box: what is left where inputs are known as ranges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from commune_pilots.effects.exact import Floats

_LEAST_STEP = 1 / 64
_MOST_ROUNDS = 25
_GAIN = 1e-10


def extremes(
    measure: Callable[[Floats], Floats],
    low: Floats,
    high: Floats,
    signs: Floats,
    starts: Floats,
) -> Floats:
    """Search the largest (sign 1) or smallest (sign -1) value of each quantity over a box.

    `measure` takes points (quantities, points, coordinates) and gives (quantities, points): row i
    is quantity i. `low` and `high` (coordinates,) are the ends of the box; the search begins at
    `starts` (groups, points, coordinates), on 0..1 of it. From the best point of each group it
    moves along single coordinates and along all that help at once, and halves its step where
    nothing helps (Hooke & Jeeves 1961). A search, not a proof: an extreme that no such path leads
    to is missed, so a true range may be wider.
    """
    free = np.flatnonzero(high > low)
    width = (high - low)[free]

    def value(places: Floats) -> Floats:
        points = np.broadcast_to(low, (*places.shape[:-1], low.size)).copy()
        points[..., free] += places * width
        return signs[:, None] * measure(points)

    if not free.size:
        return np.asarray(signs * value(np.zeros((signs.size, 1, 0)))[:, 0] + 0.0)
    groups, points = starts.shape[:2]
    begin = np.broadcast_to(starts[..., free], (signs.size, groups, points, free.size))
    found = value(begin.reshape(signs.size, -1, free.size)).reshape(begin.shape[:-1])
    first = found.argmax(axis=-1)[..., None]
    best = np.take_along_axis(found, first, axis=-1)[..., 0]
    place = np.take_along_axis(begin, first[..., None], axis=2)[:, :, 0]
    step = np.full(best.shape, 0.5)
    moves = np.vstack([np.eye(free.size), -np.eye(free.size)])
    for _ in range(_MOST_ROUNDS):
        tried = np.clip(place[:, :, None] + step[..., None, None] * moves, 0, 1)
        flat = tried.reshape(signs.size, -1, free.size)
        gains = value(flat).reshape(tried.shape[:-1]) - best[..., None]
        up, down = gains[..., : free.size], gains[..., free.size :]
        toward = np.where(np.maximum(up, down) > _GAIN, np.where(up >= down, 1.0, -1.0), 0.0)
        joint = np.clip(place + step[..., None] * toward, 0, 1)
        joined = value(joint)
        single = gains.argmax(axis=-1)
        alone = best + np.take_along_axis(gains, single[..., None], axis=-1)[..., 0]
        there = np.take_along_axis(tried, single[..., None, None], axis=2)[:, :, 0]
        new = np.maximum(joined, alone)
        better = new > best + _GAIN
        place = np.where(
            better[..., None], np.where((joined >= alone)[..., None], joint, there), place
        )
        best = np.where(better, new, best)
        step = np.where(better, step, step / 2)
        if (step < _LEAST_STEP).all():
            break
    return np.asarray(signs * best.max(axis=1) + 0.0)  # never -0
