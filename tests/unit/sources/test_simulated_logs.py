from __future__ import annotations

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from logs import simulated, truth, units

from commune_pilots.errors import ParameterError
from commune_pilots.sources.simulated_logs import write_log


def test_each_stretch_of_days_is_one_file_named_simulated(tmp_path):
    written = write_log(truth(), units(), tmp_path / "logs", chunk=1_500)
    assert written == sorted((tmp_path / "logs").iterdir())
    assert len(written) == len(simulated(truth()))
    assert all(path.name.startswith("simulated-") for path in written)
    for path, table in zip(written, simulated(truth()), strict=True):
        assert pq.read_table(path).equals(table)


def test_csv_has_the_same_columns_and_rows_as_text(tmp_path):
    (path,) = write_log(truth(), units(), tmp_path, kind="csv", chunk=10_000)
    found = pyarrow.csv.read_csv(path)
    assert path.suffix == ".csv"
    assert found.num_rows == 4_000
    assert found.column_names == simulated(truth())[0].column_names


def test_a_folder_that_holds_files_is_not_written_to(tmp_path):
    (tmp_path / "kept.txt").write_text("kept")
    with pytest.raises(ParameterError) as caught:
        write_log(truth(), units(), tmp_path)
    assert tmp_path.as_posix() in caught.value.sentence("vi")
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_nothing_half_written_keeps_the_name_of_a_log(tmp_path, monkeypatch):
    def broken(*_given, **_named):
        raise OSError("no space left")

    monkeypatch.setattr(pq, "write_table", broken)
    with pytest.raises(OSError, match="no space"):
        write_log(truth(), units(), tmp_path)
    assert list(tmp_path.glob("*.parquet")) == []
