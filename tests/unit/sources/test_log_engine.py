from __future__ import annotations

import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from logs import dossiers, simulated, truth

from commune_pilots import schemas
from commune_pilots.errors import InputError, ParameterError
from commune_pilots.sources.log_engine import (
    batches,
    connect,
    connect_spark,
    gather,
    read_log,
    send,
)


@pytest.fixture
def engine():
    return connect(memory="500MB", threads=1)


def _write(folder, frame, name="a.parquet"):
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / name)


def _refused(engine, folder):
    with pytest.raises(InputError) as caught:
        read_log(engine, folder, shown="data/logs")
    return caught.value


def test_every_parquet_file_of_a_folder_is_one_log(engine, tmp_path):
    _write(tmp_path, dossiers([{"dossier": "1"}]))
    _write(tmp_path, dossiers([{"dossier": "2"}, {"dossier": "3"}], file="b"), "b.parquet")
    (tmp_path / "notes.txt").write_text("no log")
    log = read_log(engine, tmp_path, shown="data/logs")
    assert (log.rows, log.simulated) == (3, False)
    assert log.table.columns == tuple(schemas.columns("dossiers"))
    assert sorted(log.table.to_pyarrow()["dossier"].to_pylist()) == ["1", "2", "3"]


def test_a_simulated_log_says_so_and_loses_its_labels(engine, tmp_path):
    for table in simulated(truth()):
        pq.write_table(table, tmp_path / table["file"][0].as_py())
    log = read_log(engine, tmp_path, shown="data/logs")
    assert (log.rows, log.simulated) == (4_000, True)
    assert log.table.columns == tuple(schemas.columns("dossiers"))


def test_simulated_and_real_dossiers_never_meet(engine, tmp_path):
    _write(tmp_path, dossiers([{"dossier": "1"}]))
    pq.write_table(simulated(truth())[0], tmp_path / "b.parquet")
    refused = _refused(engine, tmp_path)
    assert refused.key == "logs_mixed"
    assert "data/logs" in refused.sentence("vi")


def test_a_folder_without_a_log_is_refused(engine, tmp_path):
    assert _refused(engine, tmp_path).key == "logs_none"


def test_a_file_that_is_no_log_is_refused_with_the_columns_it_lacks(engine, tmp_path):
    _write(tmp_path, dossiers([{"dossier": "1"}]).drop(columns=["channel", "due"]))
    said = _refused(engine, tmp_path).sentence("en")
    assert "data/logs/a.parquet" in said
    assert said.endswith("channel, due")


def test_times_come_back_as_they_stand(engine, tmp_path):
    evening = {"dossier": "1", "received": "2024-12-31 23:59:59"}
    frame = dossiers([{"dossier": "1"}]).assign(received=evening["received"])
    _write(tmp_path, frame.astype({"received": "datetime64[us]"}))
    log = read_log(engine, tmp_path, shown="data/logs")
    found = log.table.select(log.table.received, day=log.table.received.date()).to_pyarrow()
    assert str(found["received"][0].as_py()) == "2024-12-31 23:59:59"
    assert str(found["day"][0].as_py()) == "2024-12-31"


def test_memory_and_threads_are_bounded_and_spilling_is_asked_for(tmp_path):
    def settings(engine):
        names = ("memory_limit", "threads", "temp_directory")
        row = engine.raw_sql(f"select {', '.join(f'current_setting({n!r})' for n in names)}")
        return row.fetchone()

    memory, threads, spill = settings(connect(memory="500MB", threads=1, spill=tmp_path))
    assert (memory, threads, spill) == ("476.8 MiB", 1, str(tmp_path))
    assert settings(connect(memory="500MB"))[2] == ""


def test_batches_hand_out_every_row_once(engine):
    frame = dossiers({"dossier": str(number)} for number in range(5_000))
    table = engine.create_table("log", pa.Table.from_pandas(frame, preserve_index=False))
    found = [batch.num_rows for batch in batches(engine, table.order_by("row"), size=2_048)]
    assert sum(found) == 5_000
    assert len(found) > 1


def test_a_table_that_is_sent_again_takes_the_place_of_the_first(engine):
    send(engine, "spans", pa.table({"code": ["1", "2"]}))
    again = send(engine, "spans", pa.table({"code": ["3"]}))
    assert again.to_pyarrow().to_pylist() == [{"code": "3"}]


def test_parts_are_gathered_in_the_engine_and_gathered_anew(engine):
    table = send(engine, "numbers", pa.table({"number": list(range(10))}))
    parts = [table.filter(table.number % 3 == rest) for rest in range(3)]
    for given in (parts, parts[:1]):
        found = gather(engine, "gathered", given).to_pyarrow()["number"].to_pylist()
        expected = [number for number in range(10) if number % 3 < len(given)]
        assert sorted(found) == expected


def test_spark_that_is_not_installed_is_asked_for_in_words(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ParameterError) as caught:
        connect_spark()
    assert "commune-pilots[spark]" in caught.value.sentence("vi")
    assert "Java 17" in caught.value.sentence("en")
