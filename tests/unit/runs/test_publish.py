from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from commune_pilots import store
from commune_pilots.errors import LockedError, WriteError
from commune_pilots.runs import manifest, publish


@pytest.fixture
def layout(tmp_path):
    return store.Layout(tmp_path)


def _publish(layout, content):
    with publish.staging(layout, "x") as work:
        _stage(work, content)
        publish.publish(layout, "x", work)


def _stage(work, content):
    store.write_bytes(work / "data" / "t.parquet", content)
    store.write_bytes(work / "reports" / "briefing.html", content)
    store.write_bytes(work / "reports" / manifest.NAME, b"{}")


def _seen(layout):
    return (
        (layout.processed("x") / "t.parquet").read_bytes(),
        (layout.reports("x") / "briefing.html").read_bytes(),
    )


def _work(layout):
    return layout.root / "reports" / ".staging-x"


def test_staging_is_empty_at_first_and_stands_beside_the_outputs(layout):
    with publish.staging(layout, "x") as work:
        assert work == _work(layout)
        assert sorted(path.name for path in work.iterdir()) == ["data", "reports", "steps"]
        assert not any(path for folder in work.iterdir() for path in folder.iterdir())


def test_what_an_unfinished_run_left_is_there_for_the_next(layout):
    store.write_bytes(_work(layout) / "data" / "old.parquet", b"x")
    with publish.staging(layout, "x") as work:
        assert [path.name for path in (work / "data").iterdir()] == ["old.parquet"]


def test_the_work_folder_outlives_an_error_with_all_it_holds(layout):
    with pytest.raises(RuntimeError), publish.staging(layout, "x") as work:
        _stage(work, b"1")
        raise RuntimeError
    assert (_work(layout) / "data" / "t.parquet").read_bytes() == b"1"


def test_the_work_folder_is_gone_once_it_is_published(layout):
    _publish(layout, b"1")
    assert not _work(layout).exists()
    assert sorted(path.name for path in (layout.root / "reports").iterdir()) == [".lock-x", "x"]


def test_the_lock_is_free_again_after_an_error(layout):
    with pytest.raises(RuntimeError), publish.staging(layout, "x"):
        raise RuntimeError
    with publish.staging(layout, "x") as work:
        assert work.is_dir()


def test_a_run_held_by_another_is_refused_and_its_work_is_left_alone(layout):
    (layout.root / "reports").mkdir()
    store.write_bytes(_work(layout) / "data" / "theirs.parquet", b"x")
    with (layout.root / "reports" / ".lock-x").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(LockedError) as caught, publish.staging(layout, "x"):
            pass
    assert caught.value.exit_code == 5
    assert (_work(layout) / "data" / "theirs.parquet").is_file()


def test_the_lock_is_free_again_after_a_run(layout):
    for content in (b"1", b"2"):
        _publish(layout, content)
    assert _seen(layout) == (b"2", b"2")


def test_another_run_is_not_held_up(layout):
    with publish.staging(layout, "x"), publish.staging(layout, "y") as work:
        assert work.is_dir()


def test_a_folder_that_cannot_be_made_is_a_write_error(layout):
    (layout.root / "reports").write_text("a file", encoding="utf-8")
    with pytest.raises(WriteError) as caught, publish.staging(layout, "x"):
        pass
    assert caught.value.exit_code == 6


def test_outputs_are_swapped_whole(layout):
    _publish(layout, b"1")
    store.write_bytes(layout.reports("x") / "stale.html", b"x")
    _publish(layout, b"2")
    assert _seen(layout) == (b"2", b"2")
    assert not (layout.reports("x") / "stale.html").exists()
    assert not list(layout.root.rglob(".old-*"))


def test_publishing_clears_what_an_earlier_failure_kept(layout):
    store.write_bytes(layout.failed("x") / "04.ipynb", b"x")
    _publish(layout, b"1")
    assert not layout.failed("x").exists()


def test_nothing_is_published_on_an_error(layout):
    _publish(layout, b"1")
    with pytest.raises(RuntimeError), publish.staging(layout, "x") as work:
        _stage(work, b"2")
        raise RuntimeError
    assert _seen(layout) == (b"1", b"1")


def test_a_swap_that_fails_half_way_puts_the_old_outputs_back(layout):
    _publish(layout, b"1")
    with publish.staging(layout, "x") as work:
        store.write_bytes(work / "data" / "t.parquet", b"2")
        (work / "reports").rmdir()
        with pytest.raises(WriteError):
            publish.publish(layout, "x", work)
    assert _seen(layout) == (b"1", b"1")
    assert not list(layout.root.rglob(".old-*"))


@pytest.mark.parametrize("move", [1, 2, 3, 4])
def test_whichever_move_of_the_swap_fails_what_was_published_is_whole(layout, monkeypatch, move):
    _publish(layout, b"1")
    moves, real = [], Path.replace

    def replace(self, target):
        moves.append(self)
        if len(moves) == move:
            raise OSError(5, "Input/output error")
        return real(self, target)

    with publish.staging(layout, "x") as work:
        _stage(work, b"2")
        monkeypatch.setattr(Path, "replace", replace)
        with pytest.raises(WriteError, match="Input/output error"):
            publish.publish(layout, "x", work)
    assert _seen(layout) == (b"1", b"1")
    assert not list(layout.root.rglob(".old-*"))


def test_a_first_publication_that_fails_shows_no_manifest(layout):
    with publish.staging(layout, "x") as work:
        store.write_bytes(work / "data" / "t.parquet", b"1")
        (work / "reports").rmdir()
        with pytest.raises(WriteError):
            publish.publish(layout, "x", work)
    assert not layout.reports("x").exists()


@pytest.mark.parametrize("move", [1, 2, 3])
def test_a_run_killed_at_any_move_of_its_swap_is_published_whole_by_the_next(
    layout, monkeypatch, move
):
    _publish(layout, b"1")
    moves, real = [], Path.replace

    def replace(self, target):
        moves.append(self)
        if len(moves) > move:
            raise KeyboardInterrupt
        return real(self, target)

    with pytest.raises(KeyboardInterrupt), publish.staging(layout, "x") as work:
        _stage(work, b"2")
        monkeypatch.setattr(Path, "replace", replace)
        publish.publish(layout, "x", work)
    monkeypatch.setattr(Path, "replace", real)
    with publish.staging(layout, "x"):
        assert _seen(layout) == (b"2", b"2")
    assert not list(layout.root.rglob(".old-*"))


def test_what_a_killed_run_left_is_seen_and_cleared_from_a_run_that_stands(layout):
    _publish(layout, b"1")
    assert not publish.leftovers(layout, "x")
    store.write_bytes(layout.processed("x").with_name(".old-x") / "t.parquet", b"0")
    store.write_bytes(_work(layout) / "steps" / "01.json", b"{}")
    assert publish.leftovers(layout, "x")
    publish.tidy(layout, "x")
    assert not publish.leftovers(layout, "x")
    assert _seen(layout) == (b"1", b"1")


def test_tables_written_by_hand_before_any_publication_are_left_as_they_are(layout):
    store.write_bytes(layout.processed("x") / "t.parquet", b"by hand")
    publish.restore(layout, "x")
    assert (layout.processed("x") / "t.parquet").read_bytes() == b"by hand"


def _interrupt(layout, *, reports_moved_in):
    """Leave what a run killed in the middle of its swap leaves."""
    _publish(layout, b"1")
    for final in (layout.reports("x"), layout.processed("x")):
        final.replace(final.with_name(f".old-{final.name}"))
    store.write_bytes(layout.processed("x") / "t.parquet", b"2")
    if reports_moved_in:
        store.write_bytes(layout.reports("x") / "briefing.html", b"2")
        store.write_bytes(layout.reports("x") / manifest.NAME, b"{}")


def test_an_interrupted_swap_is_put_back_by_the_next_run(layout):
    _interrupt(layout, reports_moved_in=False)
    with publish.staging(layout, "x"):
        assert _seen(layout) == (b"1", b"1")


def test_a_swap_that_was_complete_is_kept(layout):
    _interrupt(layout, reports_moved_in=True)
    publish.restore(layout, "x")
    assert _seen(layout) == (b"2", b"2")
    assert not list(layout.root.rglob(".old-*"))


def test_a_swap_killed_between_its_two_first_moves_keeps_both_halves_of_one_run(layout):
    _publish(layout, b"1")
    final = layout.reports("x")
    final.replace(final.with_name(f".old-{final.name}"))
    publish.restore(layout, "x")
    assert _seen(layout) == (b"1", b"1")


def test_restoring_where_nothing_was_moved_changes_nothing(layout):
    _publish(layout, b"1")
    publish.restore(layout, "x")
    assert _seen(layout) == (b"1", b"1")


def test_a_failed_run_keeps_notebooks_and_log_and_no_pages(layout):
    store.write_bytes(layout.failed("x") / "old.ipynb", b"x")
    with publish.staging(layout, "x") as work:
        for name in ("reports/04.ipynb", "reports/04.html", "kernel.log"):
            store.write_bytes(work / name, b"x")
        publish.keep_failed(layout, "x", work)
    kept = sorted(path.name for path in layout.failed("x").iterdir())
    assert kept == ["04.ipynb", "kernel.log"]
    assert not layout.reports("x").exists()
