from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commune_pilots import schemas
from commune_pilots.errors import InputError
from commune_pilots.runs.parts import Account, Read, keep_only, make_part, worded
from commune_pilots.sources.cells import Found

TABLE = pa.table({"unit": ["28159"], "count": [7]})
GIVEN = {"file": "so/a.xlsx", "sha256": "0" * 64, "key": "one"}


def _read(table=TABLE):
    return Read(tables={"panel": table}, accounts=[Account(sheet="T1", read=3, rejected=1)])


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "work", tmp_path / "published"


def test_a_part_holds_its_tables_and_its_account(folders):
    part, anew = make_part(*folders, _read, **GIVEN)
    assert anew
    assert pq.read_table(part.tables["panel"]).equals(TABLE)
    assert part.accounts == (Account(sheet="T1", read=3, rejected=1),)


def test_a_part_with_the_same_key_is_not_read_again(folders):
    first, _ = make_part(*folders, _read, **GIVEN)
    assert make_part(*folders, _never, **GIVEN) == (first, False)


def test_a_published_part_is_taken_over_as_it_is(folders):
    work, published = folders
    first, _ = make_part(published, work, _read, **GIVEN)
    taken, anew = make_part(work, published, _never, **GIVEN)
    assert not anew
    assert taken.tables["panel"].parent.parent == work
    assert taken.tables["panel"].read_bytes() == first.tables["panel"].read_bytes()


@pytest.mark.parametrize("change", ["key", "table", "record"])
def test_a_part_that_is_not_what_its_record_says_is_made_again(folders, change):
    part, _ = make_part(*folders, _read, **GIVEN)
    if change == "table":
        part.tables["panel"].write_bytes(b"cut")
    if change == "record":
        next(folders[0].glob("*.json")).write_text("{")
    key = "two" if change == "key" else "one"
    again, anew = make_part(*folders, _read, **{**GIVEN, "key": key})
    assert anew
    assert pq.read_table(again.tables["panel"]).equals(TABLE)


def test_what_reading_raises_leaves_no_part(folders):
    make_part(*folders, _read, **GIVEN)
    with pytest.raises(InputError):
        make_part(*folders, _never, **{**GIVEN, "key": "two"})
    assert list(folders[0].glob("*.json")) == []


def test_a_table_that_lies_in_its_file_already_is_not_written_twice(folders, tmp_path):
    path = tmp_path / "typed.parquet"
    pq.write_table(TABLE, path)
    part, _ = make_part(*folders, lambda: _read(path), **GIVEN)
    assert part.tables["panel"].stat().st_ino == path.stat().st_ino


def test_only_the_parts_named_are_kept(folders):
    first, _ = make_part(*folders, _read, **GIVEN)
    make_part(*folders, _read, **{**GIVEN, "file": "so/b.xlsx"})
    keep_only(folders[0], [first])
    left = {path.stem for path in folders[0].rglob("*") if path.is_file()}
    assert left == {first.tables["panel"].stem}


def test_what_was_found_is_worded_and_rows_kept_out_stand_apart():
    place = {"file": "so/a.xlsx", "sheet": "T1", "row": 4}
    told = worded(
        [
            Found(**place, rule="total_row", outcome="skipped", value="Tổng cộng"),
            Found(**place, rule="not_a_commune", outcome="rejected", value="Huyện A"),
        ]
    )
    frames = {name: schemas.check(table.to_pandas().astype(dict(schemas.empty(name).dtypes)), name)
              for name, table in told.items()}  # fmt: skip
    assert frames["findings"]["rule"].tolist() == ["total_row"]
    assert frames["rejected"][["rule", "value"]].to_numpy().tolist() == [
        ["not_a_commune", "Huyện A"]
    ]
    assert frames["rejected"]["message_vi"].iloc[0] != frames["rejected"]["message_en"].iloc[0]


def _never():
    raise InputError("delivery_no_files", folder="so")
