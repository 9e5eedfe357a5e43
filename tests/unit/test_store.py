from __future__ import annotations

import io

import pandas as pd
import pytest
from drawn import observations, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas, simulate, store
from commune_pilots.errors import ContractError, InputError, WriteError
from commune_pilots.store import Layout, Project, find_root


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("PILOTS_ROOT", str(tmp_path))
    monkeypatch.delenv("PILOTS_STAGING", raising=False)
    return Project("long_an")


def _dropped():
    return table(
        """
        table     reason              rows
        pilots    source_outside_run     8
        events    unit_outside_run       2
        """,
        of="dropped",
    )


def _files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_every_table_comes_back_as_it_was_written(project, rng):
    tables = simulate.press_tables(rng=rng)
    project.write(**tables)
    for name, frame in tables.items():
        assert_frame_equal(project.read(name), frame)


@pytest.mark.parametrize("name", sorted(schemas.TABLES))
def test_a_table_without_rows_comes_back_with_its_types(project, name):
    project.write(**{name: schemas.empty(name)})
    assert_frame_equal(project.read(name), schemas.empty(name))


def _write_record(project, content):
    path = project.layout.released / "long_an-2026-11-22.json"
    store.write_bytes(path, content)
    return path


def test_the_record_of_the_date_is_read_and_none_without_a_date(project):
    _write_record(project, b'{"format": 1, "date": "2026-11-22"}')
    assert project.released("2026-11-22") == {"format": 1, "date": "2026-11-22"}
    assert project.released("") is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"{}", b'{"format": 2}'])
def test_a_record_that_cannot_be_read_is_refused_with_its_file(project, content):
    path = _write_record(project, content)
    with pytest.raises(InputError) as caught:
        project.released("2026-11-22")
    assert caught.value.key == "bad_record"
    assert caught.value.values["file"] == path.as_posix()


def test_a_record_that_is_not_there_is_refused_with_its_file(project):
    with pytest.raises(InputError, match=r"long_an-2027-01-01\.json: file not found"):
        project.released("2027-01-01")


def test_codes_dates_and_missing_values_come_back_as_they_were(project):
    found = observations(
        """
        observation  unit   role    printed  qualifier  period_end
        o1           00001  before  chua_co  none_yet   2021-12-31
        o2           00001  after   98,08    exact      -
        """
    )
    project.write(observations=found)
    back = project.read("observations")
    assert back["unit"].tolist() == ["00001", "00001"]
    assert back["value"].isna().tolist() == [True, False]
    assert back["period_end"].tolist() == [pd.Timestamp("2021-12-31"), pd.NaT]


def test_writing_says_what_was_written_and_where(project):
    written = project.write(dropped=_dropped())
    assert written.to_dict("records") == [
        {"table": "dropped", "rows": 2, "file": "long_an/dropped.parquet"}
    ]
    assert (store.find_root().processed("long_an") / "dropped.parquet").is_file()


def test_a_table_handed_to_write_is_not_changed(project):
    filtered = _dropped().iloc[1:]
    before = filtered.copy(deep=True)
    project.write(dropped=filtered)
    assert_frame_equal(filtered, before)


def test_a_filtered_table_is_written_with_rows_counted_anew(project):
    project.write(dropped=_dropped().iloc[1:])
    assert project.read("dropped").index.tolist() == [0]


def test_a_broken_table_is_not_written(project):
    with pytest.raises(ContractError):
        project.write(dropped=_dropped().assign(rows=pd.array([0, 1], dtype="Int64")))
    assert _files(project.layout.root) == []


def test_a_broken_table_leaves_the_one_before_it_in_place(project):
    project.write(dropped=_dropped())
    with pytest.raises(ContractError):
        project.write(dropped=_dropped().drop(columns="rows"))
    assert_frame_equal(project.read("dropped"), _dropped())


def test_a_table_broken_on_disk_is_refused_when_read(project):
    project.write(dropped=_dropped())
    broken = _dropped().assign(extra="x")
    broken.to_parquet(project.tables / "dropped.parquet", index=False)
    with pytest.raises(ContractError) as caught:
        project.read("dropped")
    assert caught.value.failures[0].file == "dropped.parquet"


def test_a_damaged_file_is_refused_when_read(project):
    project.write(dropped=_dropped())
    path = project.tables / "dropped.parquet"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError):
        project.read("dropped")


def test_a_table_not_written_yet_is_named_with_the_way_to_get_it(project):
    with pytest.raises(InputError) as caught:
        project.read("contrasts")
    assert caught.value.key == "table_missing"
    assert "'contrasts'" in caught.value.sentence("en")
    assert "pilots run long_an" in caught.value.sentence("vi")


def test_several_tables_are_read_by_name_in_the_order_asked_for(project):
    project.write(dropped=_dropped(), units=schemas.empty("units"))
    read = project.read_all("units", "dropped")
    assert [*read] == ["units", "dropped"]
    assert_frame_equal(read["dropped"], _dropped())


def test_a_table_missing_among_several_is_named(project):
    project.write(dropped=_dropped())
    with pytest.raises(InputError) as caught:
        project.read_all("dropped", "contrasts")
    assert caught.value.values["table"] == "contrasts"


def test_a_table_reaches_pandas_as_bytes_so_that_its_reading_is_seen(project, monkeypatch):
    """What a library opens on its own, `runs.reads` does not see: no run would depend on it."""
    given, real = [], pd.read_parquet

    def read(source, **how):
        given.append(type(source))
        return real(source, **how)

    monkeypatch.setattr(pd, "read_parquet", read)
    project.write(dropped=_dropped())
    project.read("dropped")
    assert given == [io.BytesIO]


def test_writing_leaves_no_file_beside_the_table(project):
    project.write(dropped=_dropped())
    project.write(dropped=_dropped())
    assert _files(project.tables) == ["dropped.parquet"]


def test_a_file_that_cannot_be_replaced_is_named_and_nothing_is_left_beside_it(tmp_path):
    blocked = tmp_path / "page.html"
    (blocked / "inside").mkdir(parents=True)
    with pytest.raises(WriteError) as caught:
        store.write_bytes(blocked, b"x")
    assert caught.value.sentence("en").startswith(f"{blocked.as_posix()}: cannot be written (")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(WriteError) as caught:
        store.write_bytes(tmp_path / "data" / "x.parquet", b"x")
    assert caught.value.key == "cannot_write"


def test_a_write_that_stops_half_way_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    store.write_bytes(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(WriteError, match="No space left on device"):
        store.write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert _files(tmp_path) == ["page.html"]


def test_staging_takes_the_place_of_the_runs_own_folders(project, tmp_path, monkeypatch):
    monkeypatch.setenv("PILOTS_STAGING", str(tmp_path / "stage"))
    project.write(dropped=_dropped())
    assert _files(tmp_path / "stage" / "data") == ["dropped.parquet"]
    assert not project.layout.processed("long_an").exists()


def test_without_staging_a_run_reads_and_writes_its_own_folders(project, tmp_path):
    assert project.tables == tmp_path / "data" / "processed" / "long_an"


def test_the_root_is_the_nearest_folder_above_with_params(tmp_path, monkeypatch):
    monkeypatch.delenv("PILOTS_ROOT", raising=False)
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "base.yml").write_text("", encoding="utf-8")
    deep = tmp_path / "notebooks" / "drafts"
    deep.mkdir(parents=True)
    assert find_root(deep) == Layout(tmp_path.resolve())


def test_outside_a_project_the_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("PILOTS_ROOT", raising=False)
    with pytest.raises(InputError) as caught:
        find_root(tmp_path)
    assert tmp_path.resolve().as_posix() in caught.value.sentence("en")


def test_a_failed_run_is_kept_apart_from_anything_published(tmp_path):
    layout = Layout(tmp_path)
    assert layout.failed("x") != layout.reports("x")
    assert layout.params == tmp_path / "params"
    assert layout.raw_press == tmp_path / "data" / "raw" / "press"
    assert layout.notebooks == tmp_path / "notebooks"


def test_sha256_is_that_of_the_bytes(tmp_path):
    path = tmp_path / "abc"
    path.write_bytes(b"abc")  # FIPS 180-4, example B.1
    assert store.sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
