from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commune_pilots import strict_yaml
from commune_pilots.desk.run_file import write_run, written
from commune_pilots.errors import ParameterError
from commune_pilots.params import load_run
from commune_pilots.store import Layout

FILE = """\
# yaml-language-server: $schema=../run.schema.json
# Ba xã của Long An.

data: press
province: "80"  # before the mergers
sources: ["001"]
decision: '001-d1'
units:
  - "27715"  # Thị trấn Bến Lức
  # the next one answered late
  - "27721"
seed: 7   # any

# the end
"""
CODE = st.from_regex(r"[0-9A-Za-z_-]{1,8}", fullmatch=True)
NAME = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
CODES = st.lists(CODE, max_size=4)
VALUES = {
    "province": CODE,
    "sources": CODES,
    "units": CODES,
    "decision": CODE | st.sampled_from(["yes", "null", "0123", "1e3", "2026-11-22", "-", "true"]),
    "since": st.dates().map(str) | st.just(""),
    "rounding": st.sampled_from(["nearest", "any", "half_up"]),
    "alpha": st.floats(0, 0.5, exclude_min=True, exclude_max=True),
    "least_dossiers": st.integers(1, 10_000_000),
    "least_change": st.floats(0, 100, exclude_min=True),
    "scenario": NAME | st.sampled_from(["no", "null", "true", "on"]),
    "seed": st.integers(0, 2**32 - 1),
}


@pytest.fixture(scope="module")
def layout(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    (folder / "params" / "runs").mkdir(parents=True)
    shutil.copy(root / "params" / "base.yml", folder / "params" / "base.yml")
    return Layout(folder)


def _path(layout) -> Path:
    return layout.params / "runs" / "long_an.yml"


def _write(layout, content: str, **values) -> str:
    """Write a file, change keys of it, and give what became of it."""
    _path(layout).write_bytes(content.encode())
    write_run(layout, "long_an", values)
    return _path(layout).read_bytes().decode()


def _changed(before: str, after: str) -> list[tuple[str, str]]:
    """Pair the lines that differ, of files with as many lines."""
    lines = zip(before.splitlines(), after.splitlines(), strict=True)
    return [(old, new) for old, new in lines if old != new]


def test_one_key_changes_one_line_and_its_comment_stays(layout):
    after = _write(layout, FILE, seed=8)
    assert _changed(FILE, after) == [("seed: 7   # any", "seed: 8   # any")]


def test_a_key_that_has_its_value_is_left_as_it_stands_however_it_is_written(layout):
    _path(layout).write_text("alpha: 0.050\nleast_change: 10\nunits: []\n", encoding="utf-8")
    assert write_run(layout, "long_an", {"alpha": 0.05, "least_change": 10.0, "units": []}) == []
    assert _path(layout).read_text(encoding="utf-8").startswith("alpha: 0.050\n")


def test_a_key_not_in_the_file_comes_last(layout):
    after = _write(layout, FILE, alpha=0.01, sources=["001", "003"])
    assert after.endswith("# the end\nalpha: 0.01\n")
    assert _changed(FILE, after.removesuffix("alpha: 0.01\n")) == [
        ('sources: ["001"]', 'sources: ["001", "003"]')
    ]


def test_a_key_set_back_to_its_default_is_taken_out_with_its_line_alone(layout, root):
    base = strict_yaml.load(root / "params" / "base.yml")
    after = _write(layout, FILE, seed=base["seed"])
    assert after == FILE.replace("seed: 7   # any\n", "")


def test_quotes_stay_as_they_were(layout):
    after = _write(layout, FILE, decision="001-d2")
    assert _changed(FILE, after) == [("decision: '001-d1'", "decision: '001-d2'")]


def test_items_of_a_list_that_stay_keep_their_lines_and_comments(layout):
    after = _write(layout, FILE, units=["27721", "00007", "27715"])
    assert '  - "27721"\n  - "00007"\n  - "27715"  # Thị trấn Bến Lức\n' in after
    assert after.split("units:")[0] == FILE.split("units:")[0]
    assert after.endswith("seed: 7   # any\n\n# the end\n")


def test_a_list_of_lines_is_emptied_and_taken_out_whole(layout):
    base = strict_yaml.load(layout.params / "base.yml")
    assert base["units"] == []
    after = _write(layout, FILE, units=[])
    assert "units" not in after
    assert "2772" not in after
    assert "seed: 7   # any\n" in after


def test_sources_in_lines_are_emptied_to_a_list_without_items(layout):
    after = _write(layout, "# x\nsources:\n- a\n- b\n# y\nseed: 1\n", sources=[])
    assert after == "# x\nsources: []\n# y\nseed: 1\n"


@pytest.mark.parametrize("content", ["", "# nothing\n", "# no break at the end", "---\n"])
def test_a_file_without_keys_gets_its_first(layout, content):
    after = _write(layout, content, seed=5)
    assert after.startswith(content)
    assert after.removeprefix(content).lstrip("\n") == "seed: 5\n"


def test_breaks_of_windows_and_the_byte_order_mark_stay(layout):
    before = "\ufeff# một\r\nseed: 7\r\nalpha: 0.1"
    after = _write(layout, before, seed=8, least_dossiers=200)
    assert after == "\ufeff# một\r\nseed: 8\r\nalpha: 0.1\r\nleast_dossiers: 200\r\n"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"alpha": 0.7}, "bad_value"),
        ({"least_dossiers": "200"}, "bad_value"),
        ({"seed": True}, "bad_value"),
        ({"colour": "red"}, "unknown_key"),
        ({"data": "press", "simulation": "weekday_log"}, "simulation_of_press"),
    ],
)
def test_what_the_contract_refuses_is_not_written(layout, values, key):
    with pytest.raises(ParameterError) as caught:
        _write(layout, FILE, **values)
    assert caught.value.key == key
    assert "params/runs/long_an.yml" in caught.value.sentence("vi")
    assert _path(layout).read_text(encoding="utf-8") == FILE


@pytest.mark.parametrize("content", ["{seed: 7, alpha: 0.1}\n", "seed: 7\n...\n"])
def test_a_file_whose_lines_cannot_be_told_apart_is_left_as_it_was(layout, content):
    with pytest.raises(ParameterError) as caught:
        _write(layout, content, seed=8, least_dossiers=3)
    assert "one key a line" in caught.value.sentence("en") or caught.value.key == "yaml_syntax"
    assert _path(layout).read_text(encoding="utf-8") == content


def test_a_run_without_a_file_is_refused_and_none_is_made(layout):
    with pytest.raises(ParameterError) as caught:
        write_run(layout, "../base", {"seed": 1})
    assert caught.value.key == "unknown_run"
    with pytest.raises(ParameterError):
        write_run(layout, "tay_ninh", {"seed": 1})
    assert not (layout.params / "runs" / "tay_ninh.yml").exists()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("00123", '"00123"'),
        ("2026-11-22", '"2026-11-22"'),
        ("no", '"no"'),
        ("", '""'),
        ("half_up", "half_up"),
        (1e-06, "0.000001"),
        (10.0, "10.0"),
        (0.05, "0.05"),
        ([], "[]"),
        (["001", "003"], '["001", "003"]'),
    ],
)
def test_values_are_written_as_the_strict_reader_takes_them(value, shown):
    assert written(value) == shown
    assert strict_yaml.parse(f"key: {shown}\n", shown="x")["key"] == value


@st.composite
def _files(draw) -> str:
    """Draw a run's file by hand: keys in any order and style, comments and blank lines between."""
    lines = []
    for key in draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True)):
        lines += draw(st.lists(st.sampled_from(["", "# note: x", "  # - a"]), max_size=2))
        value = draw(VALUES[key])
        note = draw(st.sampled_from(["", "  # why: 'x'", " #"]))
        if isinstance(value, list) and value and draw(st.booleans()):
            inset = draw(st.sampled_from(["", "  "]))
            lines.append(f"{key}:{note}")
            for item in value:
                lines += [f"{inset}- {written(item)}{note}", *draw(st.sampled_from([[], ["# i"]]))]
        elif isinstance(value, str) and draw(st.booleans()):
            lines.append(f"{key}:  '{value}'{note}")
        else:
            lines.append(f"{key}: {written(value)}{note}")
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return end.join(lines) + draw(st.sampled_from(["", end]))


def _apart(content: str, keys: list[str]) -> list[str]:
    """Keep the lines that are not of these keys: from a key to its last item, if it has any."""
    kept, held, inside = [], [], False
    for line in content.splitlines():
        if re.match(r"\w", line):
            inside = line.partition(":")[0] in keys
        elif inside and re.match(r"\s*- ", line):
            held = []
            continue
        elif inside:
            held.append(line)
        if not inside:
            kept += [*held, line]
            held = []
    return [line for line in (*kept, *held) if line not in ("", "# i")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_files(), values=st.fixed_dictionaries({}, optional=VALUES))
@example(before='units:\n- "1"\nseed: 3', values={"units": ["2"], "seed": 3})
def test_any_settings_over_any_file_are_read_back_and_no_other_line_moves(layout, before, values):
    _path(layout).write_bytes(before.encode())
    earlier = load_run("long_an", layout.params).model_dump()
    changed = write_run(layout, "long_an", values)
    after = _path(layout).read_bytes().decode()
    assert load_run("long_an", layout.params).model_dump() == earlier | values
    assert set(changed) == {key for key, value in values.items() if earlier[key] != value}
    assert _apart(after, changed) == _apart(before, changed)
    if not changed:
        assert after == before
