"""Judge a log on Spark in a process of its own, as Spark keeps sockets open: what it gives is left.

python tests/spark_logs.py MASTER FOLDER: reads FOLDER/*.parquet, writes to FOLDER/spark.
"""

from __future__ import annotations

import sys
from pathlib import Path

from logs import AS_OF, units

from commune_pilots.runs.dossier_logs import judge_log
from commune_pilots.sources.log_engine import connect_spark, read_log

IDS = (
    "online_a_received", "online_b_received", "online_d_received", "payment_c_received",
    "digitised_a_received", "on_time_a_completed",
)  # fmt: skip


def main(master: str, folder: Path) -> None:
    """Judge the log of a folder and pickle what was found beside the lines of reasons."""
    engine = connect_spark(
        master=master,
        spark__ui__enabled="false",
        spark__sql__shuffle__partitions="4",
        spark__driver__memory="1g",
    )
    out = folder / "spark"
    out.mkdir()
    found = judge_log(
        engine,
        read_log(engine, folder, shown="logs"),
        units=units(),
        definitions=IDS,
        as_of=AS_OF,
        rejected=out / "rejected.parquet",
    )
    found.account.to_pickle(out / "account.pickle")
    found.flags.to_pickle(out / "flags.pickle")
    for basis, counted in found.counted.items():
        counted.to_pickle(out / f"{basis}.pickle")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
