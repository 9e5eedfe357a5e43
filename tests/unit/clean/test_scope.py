from __future__ import annotations

import pandas as pd
import pytest
from drawn import observations, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.clean.scope import check_scope, keep_scope, own_sources
from commune_pilots.errors import ParameterError
from commune_pilots.params import load_run


@pytest.fixture
def tables():
    return {
        "sources": table(
            """
            source  title_short  kind
            s1      Here         press
            s2      Elsewhere    press
            ctx     Context      public_context
            notes   Notes        project_notes
            """,
            of="sources",
        ),
        "observations": observations(
            """
            observation  source  unit   role    printed
            o1           s1      00001  before  16,8
            o2           s1      00001  after   98,08
            o3           s1      00002  after   50
            o4           s2      00009  after   60
            o5           ctx     VN     level   40
            """
        ),
        "units": table(
            """
            code   name      level     type  province
            VN     Vietnam   country   c     -
            80     LongAn    province  p     80
            06     BacKan    province  p     06
            00001  Here1     commune   x     80
            00002  Here2     commune   x     80
            00009  There     commune   x     06
            """,
            of="units",
        ),
        "pilots": table(
            """
            unit   programme  opened_precision  arm    source
            00001  p          year              pilot  s1
            00002  p          year              pilot  s1
            00009  q          year              pilot  s2
            """,
            of="pilots",
        ),
        "interventions": schemas.empty("interventions"),
        "events": table(
            """
            event  source  unit  name_vi  name_en  moves
            e1     notes   80    a        a        online_share
            e2     notes   06    b        b        online_share
            e3     s2      80    c        c        online_share
            """,
            of="events",
        ),
        "decisions": table(
            """
            decision  source  unit  kind
            d1        s1      80    scale
            d2        s2      06    scale
            """,
            of="decisions",
            decider_vi="a",
            decider_en="a",
            question_vi="a",
            question_en="a",
            evidence_vi="a",
            evidence_en="a",
        ),
        "candidates": table(
            """
            candidate  source  name  type  province  former_province  formers
            10001      ctx     New1  x     80        80               00001;00002
            10009      ctx     New9  x     19        06               00009
            10010      s2      NewX  x     80        80               00010
            """,
            of="candidates",
        ),
        "panel": table(
            """
            source  unit   period_start  period_end  numerator  denominator
            s1      00001  2022-01-01    2022-01-31  3          9
            s1      00002  2022-01-01    2022-01-31  4          9
            s2      00009  2022-01-01    2022-01-31  5          9
            """,
            of="panel",
            indicator="online_share",
            definition="online_full_process",
            file="drawn",
            row=2,
        ),
        "days": table(
            """
            source  unit   day         numerator  denominator
            s1      00001  2022-01-03  3          9
            s1      00002  2022-01-03  4          9
            s2      00009  2022-01-03  5          9
            """,
            of="days",
            indicator="online_share",
            definition="online_full_process",
            file="drawn",
            row=2,
        ),
    }


def _keep(tables, *, sources=("s1",), units=(), province="80"):
    return keep_scope(tables, sources=sources, units=units, province=province)


def _ids(frame):
    return frame.iloc[:, 0].tolist()


def test_rows_of_the_runs_sources_and_of_public_context_are_kept(tables):
    kept, _ = _keep(tables)
    assert _ids(kept["observations"]) == ["o1", "o2", "o3", "o5"]
    assert _ids(kept["pilots"]) == ["00001", "00002"]
    assert _ids(kept["sources"]) == ["s1", "ctx", "notes"]
    assert _ids(kept["decisions"]) == ["d1"]


def test_sources_of_a_study_belong_to_the_run_without_being_named(tables):
    book = "data/raw/studies/x/x.xlsx"
    sources = tables["sources"].assign(text_file=[None, book, "000_53d4.txt", None])
    assert own_sources(sources, []) == ["s2"]
    assert own_sources(sources, ["s1"]) == ["s1", "s2"]
    assert own_sources(sources, ["s2"]) == ["s2"]
    kept, _ = keep_scope({**tables, "sources": sources}, sources=[], units=[], province="80")
    assert kept["observations"]["observation"].tolist() == ["o4", "o5"]


def test_units_are_kept_whole(tables):
    kept, _ = _keep(tables)
    assert_frame_equal(kept["units"], tables["units"])


def test_what_is_left_out_is_counted_with_its_reason(tables):
    _, dropped = _keep(tables, units=["00001"])
    assert dropped.to_dict("records") == [
        {"table": "sources", "reason": "source_outside_run", "rows": 1},
        {"table": "observations", "reason": "source_outside_run", "rows": 1},
        {"table": "observations", "reason": "unit_outside_run", "rows": 1},
        {"table": "pilots", "reason": "source_outside_run", "rows": 1},
        {"table": "pilots", "reason": "unit_outside_run", "rows": 1},
        {"table": "events", "reason": "source_outside_run", "rows": 1},
        {"table": "events", "reason": "unit_outside_run", "rows": 1},
        {"table": "decisions", "reason": "source_outside_run", "rows": 1},
        {"table": "candidates", "reason": "source_outside_run", "rows": 1},
        {"table": "candidates", "reason": "unit_outside_run", "rows": 1},
        {"table": "panel", "reason": "source_outside_run", "rows": 1},
        {"table": "panel", "reason": "unit_outside_run", "rows": 1},
        {"table": "days", "reason": "source_outside_run", "rows": 1},
        {"table": "days", "reason": "unit_outside_run", "rows": 1},
    ]


def test_kept_and_dropped_rows_add_up_to_the_whole(tables):
    kept, dropped = _keep(tables, units=["00001"])
    counted = dropped.groupby("table")["rows"].sum().to_dict()
    for name, frame in kept.items():
        assert len(frame) + counted.get(name, 0) == len(tables[name])


def test_chosen_units_narrow_pilots_and_their_figures_but_no_context(tables):
    kept, _ = _keep(tables, units=["00002"])
    assert _ids(kept["pilots"]) == ["00002"]
    assert _ids(kept["observations"]) == ["o3", "o5"]


def test_a_candidate_is_kept_only_if_it_is_made_of_the_province_as_it_was(tables):
    for province, kept_there in (("80", ["10001"]), ("06", ["10009"]), ("19", [])):
        kept, _ = _keep(tables, province=province)
        assert _ids(kept["candidates"]) == kept_there


def test_every_press_run_keeps_the_candidates_of_its_old_province(root, press_tables):
    found = {}
    for name in ("long_an", "bac_kan", "hau_giang", "cao_bang"):
        run = load_run(name, root / "params")
        kept, _ = _keep(press_tables, sources=run.sources, province=run.province)
        assert set(kept["candidates"]["former_province"]) == {run.province}
        found[name] = len(kept["candidates"])
    assert found == {"long_an": 60, "bac_kan": 37, "hau_giang": 28, "cao_bang": 56}


def test_an_event_counts_only_inside_the_province(tables):
    kept, _ = _keep(tables)
    assert _ids(kept["events"]) == ["e1"]


def test_a_measure_of_the_whole_country_counts_in_every_province(tables):
    national = tables["events"].assign(unit=["VN", "06", "80"])
    kept, _ = _keep({**tables, "events": national})
    assert _ids(kept["events"]) == ["e1"]


def test_an_event_in_a_unit_whose_code_lives_on_in_another_province_is_kept(tables):
    later = table(
        """
        code   name   level    type  province  valid_from
        00001  After  commune  x     19        2025-07-01
        """,
        of="units",
    )
    units = pd.concat([tables["units"], later], ignore_index=True)
    local = tables["events"].assign(unit=["00001", "06", "80"])
    kept, _ = _keep({**tables, "units": units, "events": local})
    assert _ids(kept["events"]) == ["e1"]


def test_a_run_that_leaves_nothing_out_says_so_with_a_table_without_rows(tables):
    local = {**tables, **{name: tables[name].iloc[:0] for name in ("events", "candidates")}}
    _, dropped = _keep(local, sources=["s1", "s2"])
    assert_frame_equal(dropped, schemas.empty("dropped"))


def test_every_kept_table_keeps_its_contract(tables):
    kept, _ = _keep(tables, units=["00001"])
    for name, frame in kept.items():
        assert schemas.check(frame, name) is frame


def test_the_tables_handed_to_keep_scope_are_not_changed(tables):
    before = {name: frame.copy(deep=True) for name, frame in tables.items()}
    kept, _ = _keep(tables, units=["00001"])
    kept["pilots"]["arm"] = "comparison"
    for name, frame in tables.items():
        assert_frame_equal(frame, before[name])


@pytest.mark.parametrize("run", ["long_an", "bac_kan", "hau_giang", "cao_bang"])
def test_every_press_run_of_the_project_is_in_scope(root, press_tables, indicators, run):
    chosen = load_run(run, root / "params")
    assert check_scope(chosen, press_tables, indicators) is None


@pytest.mark.parametrize(
    ("setting", "key", "near"),
    [
        ("sources=01", "unknown_source", "001"),
        ("units=28158", "unknown_unit", "28159"),
        ("units=01273", "unknown_unit", None),
        ("units=01837", "unknown_unit", None),
        ("province=28159", "unknown_unit", None),
        ("province=0600", "unknown_unit", None),
        ("indicators=onlne_share", "unknown_indicator", "online_share"),
        ("decision=001-d9", "unknown_decision", "001-d1"),
    ],
)
def test_a_name_the_tables_do_not_hold_is_refused(
    root, press_tables, indicators, setting, key, near
):
    chosen = load_run("long_an", root / "params", settings=[setting])
    with pytest.raises(ParameterError) as caught:
        check_scope(chosen, press_tables, indicators)
    sentence = caught.value.sentence("en")
    assert caught.value.key == key
    assert sentence.startswith(f"params/runs/long_an.yml: {setting.partition('=')[0]}: ")
    assert repr(setting.partition("=")[2]) in sentence
    assert near is None or "did you mean" in sentence


def test_a_name_given_on_the_command_line_is_refused_in_its_name(root, press_tables, indicators):
    chosen = load_run("long_an", root / "params", settings=["units=28158"])
    with pytest.raises(ParameterError) as caught:
        check_scope(chosen, press_tables, indicators, overridden=["units"])
    assert caught.value.sentence("en").startswith("--set: units: unknown unit '28158'")


@pytest.mark.parametrize("setting", ["units=28158", "decision=002-d1"])
def test_a_name_given_in_a_row_of_a_batch_is_refused_in_the_name_of_the_row(
    root, press_tables, indicators, setting
):
    chosen = load_run("long_an", root / "params", settings=[setting])
    key, place = setting.partition("=")[0], "params/batches/x.csv, row 3"
    with pytest.raises(ParameterError) as caught:
        check_scope(chosen, press_tables, indicators, overridden=[key], place=place)
    for language in ("vi", "en"):
        assert caught.value.sentence(language).startswith(f"{place}: ")


def test_a_decision_of_a_source_outside_the_run_is_refused(root, press_tables, indicators):
    chosen = load_run("long_an", root / "params", settings=["decision=002-d1"])
    with pytest.raises(ParameterError) as caught:
        check_scope(chosen, press_tables, indicators)
    assert caught.value.key == "decision_elsewhere"
    assert "belongs to source '002'" in caught.value.sentence("en")
