"""Kills at random instants; `kills.py` tells how to run many more."""

from __future__ import annotations

import pytest
from faults.fast import Fast
from faults.kills import kill_many

pytestmark = pytest.mark.slow


def test_whenever_a_batch_is_killed_nothing_published_is_torn_or_lost(tmp_path, runtime):
    fast = Fast(tmp_path, runtime, runs=2)
    figures = kill_many(fast, kills=8, seed=20230601)
    assert figures.faults == []
    assert figures.kills == 8
    assert figures.ends >= 1
