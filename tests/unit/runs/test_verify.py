"""A published run executed again: the same bytes pass, one other byte is named with its place."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from commune_pilots import store
from commune_pilots.errors import (
    InputError,
    KernelDiedError,
    NotebookError,
    ReproductionError,
    StoppedError,
    WriteError,
)
from commune_pilots.runs import manifest
from commune_pilots.runs.halt import Halt
from commune_pilots.runs.run import execute_run
from commune_pilots.runs.verify import first_difference, verify_run

WHERE = {"run": "long_an", "notebook": "notebooks/03_write.ipynb", "kept": "k"}
CELL = NotebookError("cell_failed", cell="c", line="1", name="E", message="m", **WHERE)


@pytest.fixture
def layout(tmp_path):
    return tiny.make(tmp_path / "project")


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Show where scratch folders are made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def kernels(monkeypatch, layout):
    return tiny.install(monkeypatch, layout)


@pytest.fixture
def published(layout, kernels, scratch):
    execute_run(tiny.read(layout), tiny.job(layout, "long_an", "alpha=0.01"))
    kernels.executed.clear()
    return layout


def _verify(layout, **how):
    return verify_run(tiny.read(layout), "long_an", **how)


def test_the_same_bytes_pass_and_every_file_is_counted(published, kernels, scratch):
    found = _verify(published)
    assert (found.run, found.drift) == ("long_an", ())
    assert found.files == len(tiny.published(published, "long_an")) - 1  # run.json tells times
    assert kernels.steps == [*tiny.STEPS]
    assert list(scratch.iterdir()) == []


def test_verifying_changes_nothing_in_the_project(published):
    before = tiny.files(published.root)
    _verify(published)
    assert tiny.files(published.root) == before


def test_a_run_is_verified_with_the_parameters_it_was_published_with(published, kernels):
    found = []
    kernels.also["02_measure"] = lambda setting: found.append(
        (setting.staging / "data" / "levels.parquet").read_bytes()
    )
    _verify(published)
    assert found == [b"98,08 0.01"]


def test_the_commit_printed_on_the_pages_is_the_one_of_the_publication(published):
    today = replace(tiny.read(published), commit="d" * 40, dirty=True)
    assert verify_run(today, "long_an").files


@pytest.mark.parametrize(("place", "byte"), [("first", 0), ("middle", 5), ("last", 9)])
def test_one_flipped_byte_of_a_table_is_named_with_its_place_and_the_new_files_are_kept(
    published, kernels, scratch, place, byte
):
    def flip(setting):
        path = setting.staging / "data" / "levels.parquet"
        content = bytearray(path.read_bytes())
        content[byte] ^= 1
        path.write_bytes(content)

    kernels.also["02_measure"] = flip
    with pytest.raises(ReproductionError) as caught:
        _verify(published)
    values = caught.value.values
    assert caught.value.exit_code == 10
    assert values["file"] == "data/processed/long_an/levels.parquet"
    assert values["where"] == f"byte {byte}"
    kept = Path(values["kept"])
    assert kept.parent == scratch
    assert (kept / "data" / "levels.parquet").is_file()
    for language in ("vi", "en"):
        sentence = caught.value.sentence(language)
        for named in (values["file"], f"byte {byte}", kept.as_posix()):
            assert named in sentence


def test_a_file_more_than_published_is_a_difference(published, kernels):
    kernels.also["01_clean"] = lambda setting: (
        setting.staging / "data" / "extra.parquet"
    ).write_bytes(b"x")
    with pytest.raises(ReproductionError) as caught:
        _verify(published)
    assert caught.value.values["file"] == "data/processed/long_an/extra.parquet"
    assert caught.value.values["where"] == "only made anew"


def test_a_published_file_that_no_step_makes_is_a_difference(published):
    store.write_bytes(published.reports("long_an") / "slipped_in.html", b"x")
    with pytest.raises(ReproductionError) as caught:
        _verify(published)
    assert caught.value.values["file"] == "reports/long_an/slipped_in.html"
    assert caught.value.values["where"] == "only published"


def test_a_folder_that_jupyter_left_beside_the_notebooks_is_told_and_no_crash(published):
    store.write_bytes(published.reports("long_an") / ".ipynb_checkpoints" / "01.ipynb", b"x")
    with pytest.raises(ReproductionError) as caught:
        _verify(published)
    assert caught.value.values["file"].startswith("reports/long_an/.ipynb_checkpoints")


def test_the_times_of_the_publication_may_differ(published):
    store.write_bytes(published.reports("long_an") / manifest.VOLATILE, b"{}")
    assert _verify(published).files


def test_a_run_never_published_is_refused(layout, kernels):
    with pytest.raises(InputError) as caught:
        _verify(layout)
    assert caught.value.key == "not_published"
    assert kernels.steps == []


@pytest.mark.parametrize("how", ["altered", "deleted"])
def test_a_publication_that_was_altered_is_refused_before_anything_runs(published, kernels, how):
    path = published.reports("long_an") / "briefing.html"
    path.write_bytes(b"other") if how == "altered" else path.unlink()
    with pytest.raises(InputError) as caught:
        _verify(published)
    assert (caught.value.key, caught.value.values["file"]) == (
        "altered",
        "reports/long_an/briefing.html",
    )
    assert kernels.steps == []


@pytest.mark.parametrize(
    ("file", "step", "kind"),
    [("package/second.py", "02_measure", "module"), ("uv.lock", "01_clean", "environment")],
)
def test_what_changed_since_without_changing_any_output_is_told_as_drift(
    published, file, step, kind
):
    with (published.root / file).open("a", encoding="utf-8") as changed:
        changed.write("\n# a comment\n")
    found = _verify(published)
    drift = {planned.step: planned.reasons[0].kind for planned in found.drift}
    assert drift[step] == kind


def test_a_disk_that_is_full_is_a_write_error_here_too(published, kernels, scratch):
    kernels.fails["03_write"] = [OSError(28, "No space left on device")]
    with pytest.raises(WriteError):
        _verify(published)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("error", [CELL, KernelDiedError("kernel_died", **WHERE), MemoryError()])
def test_the_scratch_folder_is_gone_after_any_other_error(published, kernels, scratch, error):
    kernels.fails["03_write"] = [error, error]
    before = tiny.published(published, "long_an")
    with pytest.raises(type(error)):
        _verify(published)
    assert list(scratch.iterdir()) == []
    assert tiny.published(published, "long_an") == before


def test_a_halt_ends_it_and_leaves_nothing(published, kernels, scratch):
    halt = Halt()
    kernels.also["01_clean"] = lambda _: halt.stop()
    with pytest.raises(StoppedError):
        _verify(published, halt=halt)
    assert kernels.steps == ["01_clean"]
    assert list(scratch.iterdir()) == []


def test_progress_names_each_step(published):
    steps = []
    _verify(published, progress=steps.append)
    assert steps == [*tiny.STEPS, "pages"]


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        (b"abc", b"abd", "byte 2"),
        (b"xbc", b"abc", "byte 0"),
        (b"abc", b"abcd", "length 3 / 4"),
        (b"", b"a", "length 0 / 1"),
        (b"abc", None, "only published"),
        (None, b"abc", "only made anew"),
    ],
)
def test_the_first_difference_is_a_byte_a_length_or_a_missing_file(tmp_path, one, other, where):
    for name, content in (("one", one), ("other", other)):
        if content is not None:
            (tmp_path / name).write_bytes(content)
    assert first_difference(tmp_path / "one", tmp_path / "other") == where
