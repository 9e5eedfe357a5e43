from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from built import ROOT

from commune_pilots.cli import main


@pytest.fixture
def pilots(monkeypatch, capsys):
    monkeypatch.setenv("PILOTS_ROOT", str(ROOT))
    monkeypatch.setenv("PILOTS_LANG", "both")

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main(["simulate", "dossiers", *map(str, words)])
        printed = capsys.readouterr()
        return left.value.code, " ".join((printed.out + printed.err).split())

    return call


def test_a_simulated_log_is_written_and_told_in_both_languages(pilots, tmp_path):
    code, said = pilots("--rows", 300, "--seed", 7, "--to", tmp_path / "log")
    (path,) = (tmp_path / "log").iterdir()
    assert code == 0
    assert path.name == "simulated-dossiers-seed7-0001.parquet"
    assert pq.read_metadata(path).num_rows == 300
    assert "300 hồ sơ mô phỏng" in said
    assert "300 simulated dossiers" in said


def test_a_folder_with_files_ends_with_the_code_of_a_wrong_command_line(pilots, tmp_path):
    (tmp_path / "kept.txt").write_text("kept")
    code, said = pilots("--rows", 300, "--seed", 7, "--to", tmp_path)
    assert code == 2
    assert "choose an empty folder" in said


@pytest.mark.parametrize(
    "words", [("--rows", 0, "--seed", 7), ("--rows", 5), ("--rows", 5, "--seed", 7, "--dirt", 2)]
)
def test_what_cannot_be_drawn_is_refused(pilots, words, tmp_path):
    code, _ = pilots(*words, "--to", tmp_path / "log")
    assert code == 2
    assert not (tmp_path / "log").exists()
