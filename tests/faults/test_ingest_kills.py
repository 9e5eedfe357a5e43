"""Kills of an ingest at random instants; `ingest_kills.py` tells how to run many more."""

from __future__ import annotations

import pytest
from faults.ingest_kills import kill_many

pytestmark = pytest.mark.slow


def test_whenever_an_ingest_is_killed_no_raw_file_and_no_table_is_torn_or_lost(tmp_path):
    figures = kill_many(tmp_path, kills=8, seed=20230601)
    assert figures.faults == []
    assert figures.kills >= 8
    assert figures.ends >= 1
