"""The golden numbers: within tolerance of what each run gives, and a difference that can be read.

Tolerances and their reasons stand at the head of every file of tests/notebooks/golden.
"""

from __future__ import annotations

import pandas as pd
import pytest
from built import PRESS_RUNS, findings_of
from golden import FOLDER, Difference, as_table, differences, from_text, golden_rows, to_text
from notebook_items import RENEW
from smoked import RUN, smoked

SIMULATED = "mo_phong_8_xa"
SLOW = (RUN, SIMULATED)
ROW = {
    "quantity": "change", "subject": "c-1", "definition": "a", "value": "81.3", "low": "81.225",
    "high": "81.335", "p": "",
}  # fmt: skip


def _found(run, factory):
    """Give tables results and effects: of the smoke run as executed, of the others in-process."""
    if run != RUN:
        findings = findings_of(run)
        return findings["results"], findings["effects"]
    ran = smoked(factory)
    if ran.error:
        raise ran.error
    folder = ran.layout.processed(RUN)
    return [pd.read_parquet(folder / f"{name}.parquet") for name in ("results", "effects")]


@pytest.mark.parametrize(
    "run", [*PRESS_RUNS, *(pytest.param(run, marks=pytest.mark.slow) for run in SLOW)]
)
def test_a_run_gives_its_golden_numbers(run, tmp_path_factory, pytestconfig):
    path = FOLDER / f"{run}.csv"
    rows = golden_rows(*_found(run, tmp_path_factory))
    if pytestconfig.getoption(RENEW):
        path.write_text(to_text(rows), encoding="utf-8")
        pytest.skip(f"written anew: {path.name}; say in CHANGELOG which numbers moved, and why")
    if apart := differences(from_text(path.read_text(encoding="utf-8")), rows):
        pytest.fail(f"{run}: numbers moved\n{as_table(apart)}", pytrace=False)


def test_every_file_is_of_a_run_that_is_held_to_it_and_has_numbers():
    files = {path.stem: path for path in FOLDER.iterdir()}
    assert set(files) == {*PRESS_RUNS, *SLOW}
    for path in files.values():
        text = path.read_text(encoding="utf-8")
        rows = from_text(text)
        assert any(row["value"] for row in rows)
        assert to_text(rows) == text


def test_a_difference_within_tolerance_is_none_and_one_beyond_is_told():
    assert differences([ROW], [{**ROW, "value": "81.30000001"}]) == []
    apart = differences([ROW], [{**ROW, "value": "81.3000002"}])
    assert apart == [Difference("change", "c-1", "value", "81.3", "81.3000002", "+2e-07")]


def test_a_p_value_is_held_to_its_own_digits_however_small():
    golden = {**ROW, "p": "8.420286e-09"}
    assert differences([golden], [{**golden, "p": "8.4202861e-09"}]) == []
    assert len(differences([golden], [{**golden, "p": "8.42029e-09"}])) == 1


def test_what_becomes_known_or_unknown_and_what_came_or_went_is_told():
    other = {**ROW, "subject": "c-2"}
    apart = differences([ROW, other], [{**ROW, "low": ""}, {**ROW, "subject": "c-3"}])
    assert [(each.subject, each.column, each.difference) for each in apart] == [
        ("c-1", "low", "went"),
        ("c-2", "value", "gone"),
        ("c-3", "value", "new"),
    ]


def test_differences_are_laid_out_as_a_table_of_what_differs_alone():
    other = {**ROW, "subject": "c-2"}
    assert as_table(differences([ROW, other], [{**ROW, "value": "80"}, other])).splitlines() == [
        "quantity  subject         expected  found  difference",
        "change    c-1      value  81.3      80     -1.3",
    ]
