"""One set of expressions, two engines: Spark gives what DuckDB gives, cell for cell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pandas as pd
import pyarrow.parquet as pq
import pytest
from logs import AS_OF, ROOT, simulated, truth, units
from spark_logs import IDS

from commune_pilots.runs.dossier_logs import judge_log
from commune_pilots.sources.log_engine import connect, read_log

MASTERS = ["local[2]", "local-cluster[2,1,1024]"]
LOG = truth(rows=6_000, dirt=0.2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("log")
    for table in simulated(LOG, 2_000):
        pq.write_table(table, made / table["file"][0].as_py())
    return made


@pytest.fixture(scope="module")
def by_duckdb(folder):
    engine = connect(memory="1GB", threads=2)
    log = read_log(engine, folder, shown="logs")
    return judge_log(
        engine, log, units=units(), definitions=IDS, as_of=AS_OF, rejected=folder / "reasons"
    )


@pytest.mark.slow
@pytest.mark.parametrize("master", MASTERS)
def test_spark_gives_what_duckdb_gives(folder, by_duckdb, master):
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17")
    shutil.rmtree(folder / "spark", ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "tests/spark_logs.py", master, str(folder)],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=900,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    out = folder / "spark"
    same = pd.testing.assert_frame_equal
    same(pd.read_pickle(out / "account.pickle"), by_duckdb.account)
    same(pd.read_pickle(out / "flags.pickle"), by_duckdb.flags)
    for basis, counted in by_duckdb.counted.items():
        same(pd.read_pickle(out / f"{basis}.pickle"), counted)
    assert by_duckdb.reasons > 1_000
    assert pq.read_table(out / "rejected.parquet").equals(pq.read_table(folder / "reasons"))
