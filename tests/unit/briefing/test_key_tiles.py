from __future__ import annotations

import pandas as pd
from asked import changed
from built import findings_of

from commune_pilots.briefing.key_tiles import key_tiles
from commune_pilots.briefing.wording import NO_BREAK


def _tiles(findings):
    return [str(tile) for tile in key_tiles(findings, findings.writer())]


def test_no_tile_counts_measures_or_figures_where_there_are_none():
    run = findings_of("cao_bang")
    assert any("hệ thống, biện pháp được nêu tên" in tile for tile in _tiles(run))
    bare = changed(
        run,
        interventions=run["interventions"].iloc[:0],
        observations=run["observations"].iloc[:0],
        levels=run["levels"].iloc[:0],
    )
    (tile,) = _tiles(bare)
    assert "cặp số liệu trước–sau" in tile


def test_counts_by_month_are_counted_where_nothing_else_is_printed():
    run = findings_of("cao_bang")
    panel = pd.DataFrame(
        {"unit": ["04", "04", "05"], "period_start": ["2024-01", "2024-02", "2024-01"]}
    )
    counted = changed(
        run, panel=panel, observations=run["observations"].iloc[:0], levels=run["levels"].iloc[:0]
    )
    assert "<b>3</b>" in _tiles(counted)[0]
    assert "2 xã, 2 tháng" in _tiles(counted)[0].replace(NO_BREAK, " ")
