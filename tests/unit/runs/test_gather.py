"""The results of a batch in one place: what is in them, and when they are written again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
import tiny
from drawn import table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.errors import InputError, WriteError
from commune_pilots.runs import crate, manifest
from commune_pilots.runs.batch import execute_batch
from commune_pilots.runs.gather import gather, results_of, table_bytes, to_csv
from commune_pilots.runs.inventory import read_inventory

PRESS, SIMULATED = ("long_an", "bac_kan"), ("smoke",)


@pytest.fixture
def layout(tmp_path):
    return tiny.make(tmp_path)


@pytest.fixture
def kernels(monkeypatch, layout):
    kernels = tiny.install(monkeypatch, layout)
    kernels.also["03_write"] = lambda setting: _results(setting.run).to_parquet(
        setting.staging / "data" / "results.parquet", index=False
    )
    return kernels


@pytest.fixture
def batch(layout, kernels):
    """Publish runs, then gather them; returns the folder."""

    def batch(*runs, name="all"):
        inventory = read_inventory(layout)
        outcomes = execute_batch(inventory, [tiny.job(layout, run) for run in runs])
        assert not [outcome.error for outcome in outcomes if outcome.error]
        return gather(inventory, name, {out.run: out.done.key for out in outcomes})

    return batch


def _results(run):
    data = "simulated" if run in SIMULATED else "press"
    return table(
        """
        quantity  subject  unit_name    value  low   high  measured_in  assumptions  observations
        change    c-1      =Cần_Giuộc   -1.5   -2.0  -1.0  points       A1;A4;A7;A8  o1
        level     o3       -            16.8   -     -     percent      A1;A7;A8     o3
        """,
        of="results",
        run=run,
        data=data,
    )


def _texts(*texts):
    return pd.DataFrame({"name": pd.Series([*texts, "plain"], dtype="str")})


def _rows(folder, name):
    text = (folder / name).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _stamps(folder):
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_all_results_stand_in_one_table_in_the_order_of_the_runs(layout, batch):
    folder = batch(*PRESS)
    assert folder == layout.reports("all")
    gathered = pd.read_parquet(folder / "results.parquet")
    assert gathered["run"].tolist() == ["long_an"] * 2 + ["bac_kan"] * 2
    assert schemas.check(gathered, "results") is gathered
    assert_frame_equal(gathered.iloc[:2], results_of(layout, manifest.read(layout, "long_an")))
    assert [row["run"] for row in _rows(folder, "results.csv")] == gathered["run"].tolist()


def test_press_and_simulated_results_never_stand_in_one_file(batch):
    folder = batch("smoke", *PRESS)
    for name, runs in (("results", set(PRESS)), ("results_simulated", set(SIMULATED))):
        assert set(pd.read_parquet(folder / f"{name}.parquet")["run"]) == runs
        assert {row["run"] for row in _rows(folder, f"{name}.csv")} == runs


@pytest.mark.parametrize(
    ("runs", "absent"), [(PRESS, "results_simulated.csv"), (SIMULATED, "results.csv")]
)
def test_a_batch_of_one_kind_has_no_file_of_the_other(batch, runs, absent):
    folder = batch(*runs)
    assert not (folder / absent).exists()
    assert not (folder / absent.replace("csv", "parquet")).exists()


def test_the_folder_says_what_was_gathered_and_holds_a_crate(batch):
    folder = batch(*PRESS)
    told = json.loads((folder / "batch.json").read_bytes())
    assert (told["batch"], told["order"], [*told["runs"]]) == ("all", [*PRESS], sorted(PRESS))
    assert set(told["outputs"]) == {"results.csv", "results.parquet", crate.NAME}
    assert {path.name for path in folder.iterdir()} == {*told["outputs"], "batch.json"}


@pytest.mark.parametrize("source", [crate.WORKFLOW, "params/batches/all.csv"])
def test_the_crate_takes_a_file_that_is_there_for_the_workflow(layout, batch, source):
    """The module that runs batches, in a clone; where the package is installed, the table."""
    (layout.params / "batches" / "all.csv").write_text("run\nlong_an\n", encoding="utf-8")
    (layout.root / source).parent.mkdir(parents=True, exist_ok=True)
    (layout.root / source).touch()
    told = json.loads((batch(*PRESS) / crate.NAME).read_bytes())
    root = next(each for each in told["@graph"] if each["@id"] == "./")
    assert root["mainEntity"] == {"@id": f"../../{source}"}


def test_what_was_gathered_is_not_among_the_published_runs(layout, batch):
    batch(*PRESS)
    hidden = [path.name for path in (layout.root / "reports").glob(".*") if "lock" not in path.name]
    assert hidden == []


FORMULAS = ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/c calc'!A1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_a_spreadsheet_would_run_is_made_plain_text(text):
    _, first = to_csv(_texts(text)).decode("utf-8-sig").split("\n", maxsplit=1)
    assert first.removeprefix('"').startswith(f"'{text}")


@pytest.mark.parametrize("text", [*FORMULAS, "a\r=1", "a\n=1", 'a"=1', "a,=1", "a\r\n=1"])
def test_no_cell_breaks_its_row_so_that_a_formula_would_start_the_next(text):
    """Spreadsheets take a carriage return outside quotes for the end of a row."""
    rows = [*csv.reader(io.StringIO(to_csv(_texts(text)).decode("utf-8-sig"), newline=""))]
    assert [len(rows), rows[0], rows[2]] == [3, ["name"], ["plain"]]
    assert rows[1][0].removeprefix("'") == text


def test_numbers_are_never_touched_negative_ones_included():
    frame = pd.DataFrame(
        {
            "value": [-1.5, 16.8, None],
            "rows": pd.array([-1, 2, None], dtype="Int64"),
            "name": pd.Series(["a-1", "1=1", " =1"], dtype="str"),
        }
    )
    before = frame.copy(deep=True)
    assert to_csv(frame).decode("utf-8-sig") == (
        "value,rows,name\r\n-1.5,-1,a-1\r\n16.8,2,1=1\r\n,, =1\r\n"
    )
    assert_frame_equal(frame, before)


def test_a_spreadsheet_sees_utf8_and_the_letters_of_the_names(batch):
    folder = batch("long_an")
    assert (folder / "results.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    row = _rows(folder, "results.csv")[0]
    assert (row["unit_name"], row["value"], row["low"]) == ("'=Cần_Giuộc", "-1.5", "-2.0")


def test_what_stands_is_not_written_again(batch):
    before = _stamps(batch(*PRESS))
    assert _stamps(batch(*PRESS)) == before


def test_two_gatherings_give_the_same_bytes(layout, batch):
    folder = batch(*PRESS)
    before = tiny.files(folder)
    (folder / "batch.json").unlink()
    assert tiny.files(batch(*PRESS)) == before


@pytest.mark.parametrize("file", ["results.csv", "results.parquet", "batch.json", crate.NAME])
@pytest.mark.parametrize("how", ["altered", "deleted"])
def test_a_file_that_does_not_stand_is_mended(batch, file, how):
    folder = batch(*PRESS)
    before = tiny.files(folder)
    path = folder / file
    path.write_bytes(b"other") if how == "altered" else path.unlink()
    batch(*PRESS)
    assert tiny.files(folder) == before


def test_a_run_that_changed_is_gathered_again(layout, batch):
    before = _stamps(batch(*PRESS))
    (layout.root / tiny.NUMBERS).write_text("97,0\n", encoding="utf-8")
    assert _stamps(batch(*PRESS)) != before


def test_another_order_or_number_of_runs_is_gathered_again(batch):
    batch(*PRESS)
    folder = batch(*reversed(PRESS))
    assert _rows(folder, "results.csv")[0]["run"] == "bac_kan"
    batch("long_an")
    assert {row["run"] for row in _rows(folder, "results.csv")} == {"long_an"}


def test_other_code_gathers_again_even_if_no_run_changed(layout, batch):
    folder = batch(*PRESS)
    before = json.loads((folder / "batch.json").read_bytes())["code"]
    tiny.edit(layout.root / "package" / "unused.py", "2", "3")
    batch(*PRESS)
    assert json.loads((folder / "batch.json").read_bytes())["code"] != before


def _stop_at(monkeypatch, folder, move, error):
    """Let the given move of the swap of a folder fail."""
    real, moves = Path.replace, []

    def replace(self, target):
        if folder.name in self.name and self.parent == folder.parent:
            moves.append(self)
            if len(moves) == move:
                raise error
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("move", [1, 2])
def test_a_crash_between_the_moves_leaves_the_old_folder_or_none_and_the_next_mends_it(
    layout, batch, monkeypatch, move
):
    folder = batch("long_an")
    before = tiny.files(folder)
    with monkeypatch.context() as patched:
        _stop_at(patched, folder, move, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            batch(*PRESS)
    assert tiny.files(folder) in (before, {})
    batch(*PRESS)
    assert {row["run"] for row in _rows(folder, "results.csv")} == set(PRESS)
    left = {path.name for path in (layout.root / "reports").glob(".*all*")}
    assert left == {".lock-all"}


@pytest.mark.parametrize("move", [1, 2])
def test_a_swap_that_is_refused_is_a_write_error_and_takes_nothing_away(batch, monkeypatch, move):
    folder = batch("long_an")
    before = tiny.files(folder)
    with monkeypatch.context() as patched:
        _stop_at(patched, folder, move, OSError(5, "Input/output error"))
        with pytest.raises(WriteError, match="Input/output error"):
            batch(*PRESS)
    assert tiny.files(folder) == before


def test_an_error_before_the_swap_leaves_the_old_folder_whole(batch, monkeypatch):
    folder = batch("long_an")
    before = tiny.files(folder)

    def refuse(*_, **__):
        raise WriteError("cannot_write", file="f", reason="full")

    monkeypatch.setattr(crate, "write_crate", refuse)
    with pytest.raises(WriteError):
        batch(*PRESS)
    assert tiny.files(folder) == before


@pytest.mark.parametrize("content", [b"other", None])
def test_a_table_that_is_not_as_its_manifest_has_it_is_not_read(layout, kernels, content):
    execute_batch(read_inventory(layout), [tiny.job(layout, "long_an")])
    published = manifest.read(layout, "long_an")
    path = layout.processed("long_an") / "units.parquet"
    assert table_bytes(layout, published, "units") == path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(InputError, match=r"units\.parquet"):
        table_bytes(layout, published, "units")
