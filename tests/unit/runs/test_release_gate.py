"""A release: refused whole with every reason, or written whole, once, with what was checked."""

from __future__ import annotations

import json
from datetime import date, timedelta

import fit
import pytest
import tiny
from fit import APPROVER, FOLDER, RECORD, RUN, TODAY

from commune_pilots import store
from commune_pilots.errors import InputError, LockedError, ParameterError, ReleaseError, WriteError
from commune_pilots.runs import locks, manifest
from commune_pilots.runs.release_gate import release_run


@pytest.fixture
def sound(layout, kernels, monkeypatch):
    """Publish a run that passes every check."""
    return fit.make(layout, kernels, monkeypatch)


def _release(inventory, *, approver=APPROVER, today=TODAY):
    return release_run(inventory, RUN, approver=approver, today=today)


def _refused(inventory, **given):
    with pytest.raises(ReleaseError) as refused:
        _release(inventory, **given)
    return [reason.en.partition(":")[0] for reason in refused.value.reasons]


def _told(layout):
    return json.loads((layout.root / FOLDER / "release.json").read_text(encoding="utf-8"))


def test_a_sound_run_is_released_with_pages_request_manifest_and_what_was_checked(layout, sound):
    found = _release(sound)
    assert found.anew
    assert found.folder == layout.root / FOLDER
    assert sorted(path.name for path in found.folder.iterdir()) == [
        "01_clean.html", "02_measure.html", "briefing.html", "data_request.csv",
        "data_request.html", "manifest.json", "release.json",
    ]  # fmt: skip
    for path in found.folder.iterdir():
        if path.name != "release.json":
            assert path.read_bytes() == (layout.reports(RUN) / path.name).read_bytes()


def test_release_json_names_approver_day_commit_checks_and_every_hash(layout, sound):
    found = _release(sound)
    told = _told(layout)
    assert told["run"] == RUN
    assert (told["briefing_date"], told["date"]) == ("2026-11-22", "2026-11-25")
    assert told["approver"] == APPROVER
    assert told["commit"] == sound.commit
    assert [check["check"] for check in told["checks"]] == [
        "simulated", "status", "small_counts", "personal_data", "code", "outputs", "figures",
        "approver",
    ]  # fmt: skip
    assert all(check["passed"] for check in told["checks"])
    assert told["checks"][3]["looked_at"] == {"vi": "18 tệp", "en": "18 files"}
    assert told["files"] == {
        path.name: store.sha256(path)
        for path in found.folder.iterdir()
        if path.name != "release.json"
    }


def test_the_approver_stands_in_release_json_alone(layout, sound):
    _release(sound)
    written = tiny.files(layout.root / FOLDER, layout.released)
    named = [name for name, content in written.items() if "Bình".encode() in content]
    assert [name.rpartition("/")[2] for name in named] == ["release.json"]


def test_the_record_of_the_briefing_is_kept_with_the_project(layout, sound):
    found = _release(sound)
    assert found.record == layout.root / RECORD
    record = store.read_record(found.record)
    assert (record["run"], record["date"]) == (RUN, "2026-11-22")
    assert len(record["numbers"]) == 1


def test_nothing_of_the_run_changes(layout, sound):
    before = tiny.published(layout, RUN)
    _release(sound)
    assert tiny.published(layout, RUN) == before


def test_releasing_again_gives_the_same_bytes_whatever_the_day(layout, sound):
    _release(sound)
    before = tiny.files(layout.root / FOLDER, layout.released)
    found = _release(sound, today=TODAY + timedelta(days=9))
    assert not found.anew
    assert found.day == "2026-11-25"
    assert tiny.files(layout.root / FOLDER, layout.released) == before


def test_two_machines_release_the_same_bytes(layout, sound):
    _release(sound)
    before = tiny.files(layout.root / FOLDER, layout.released)
    for path in (layout.root / FOLDER).iterdir():
        path.unlink()
    (layout.root / FOLDER).rmdir()
    _release(sound)
    assert tiny.files(layout.root / FOLDER, layout.released) == before


@pytest.mark.parametrize("file", [f"{FOLDER}/briefing.html", f"{FOLDER}/release.json", RECORD])
def test_another_release_of_the_same_date_is_not_overwritten(layout, sound, file):
    _release(sound)
    (layout.root / file).write_text("other", encoding="utf-8")
    before = tiny.files(layout.releases, layout.released)
    with pytest.raises(ReleaseError) as refused:
        _release(sound)
    assert refused.value.key == "released_before"
    assert file in refused.value.sentence("vi")
    assert tiny.files(layout.releases, layout.released) == before


def test_another_approver_is_another_release(sound):
    _release(sound)
    with pytest.raises(ReleaseError, match=r"with another reports/released/.*release\.json"):
        _release(sound, approver="Trần Văn Minh")


def test_a_file_lost_from_a_release_is_told_and_not_put_back(layout, sound):
    _release(sound)
    (layout.root / FOLDER / "data_request.csv").unlink()
    with pytest.raises(ReleaseError, match=r"data_request\.csv"):
        _release(sound)


def test_a_release_that_was_cut_before_its_record_is_completed(layout, sound):
    _release(sound)
    (layout.root / RECORD).unlink()
    assert not _release(sound).anew
    assert (layout.root / RECORD).is_file()


def test_every_failed_check_is_told_at_once_and_nothing_is_written(layout, kernels, monkeypatch):
    note = {**fit.TABLES["observations"], "note": ["lh 0912 345 678"]}
    sources = {"source": ["001"], "kind": ["dossier_log"]}
    inventory = fit.make(
        layout, kernels, monkeypatch, "status=draft", "scenario=simulated",
        tables={"observations": note, "sources": sources},
        briefing=fit.BRIEFING.replace(fit.ALT, "Hình 1"),
    )  # fmt: skip
    (layout.root / "later.md").write_text("x", encoding="utf-8")
    assert _refused(inventory, approver="admin") == [
        "Simulated data", "Status", "Small counts", "Personal data", "Code", "Files and pages",
        "Alternative texts of figures", "Approver",
    ]  # fmt: skip
    assert not layout.releases.exists()
    assert list(layout.released.glob("*.json")) == []


def test_a_refusal_is_worded_in_both_languages_and_tells_no_value(layout, kernels, monkeypatch):
    note = {**fit.TABLES["observations"], "note": ["lh 0912 345 678"]}
    inventory = fit.make(layout, kernels, monkeypatch, tables={"observations": note})
    with pytest.raises(ReleaseError) as refused:
        _release(inventory)
    (reason,) = refused.value.reasons
    assert refused.value.exit_code == 11
    assert "1 of 8 checks failed" in refused.value.sentence("en")
    assert "1 trong 8 mục kiểm tra" in refused.value.sentence("vi")
    assert reason.vi.startswith("Dữ liệu cá nhân: tìm thấy số điện thoại (data/processed/long_an/")
    assert "0912" not in reason.vi + reason.en


def test_simulated_data_marked_official_is_not_released(layout, kernels, monkeypatch):
    inventory = fit.make(layout, kernels, monkeypatch, run="smoke")
    with pytest.raises(ReleaseError) as refused:
        release_run(inventory, "smoke", approver=APPROVER, today=TODAY)
    assert "bears status: official" in refused.value.reasons[0].en


def test_an_interrupted_writing_leaves_nothing_half(layout, sound, monkeypatch):
    write = store.write_bytes

    def full(path, content):
        if path.name == "manifest.json":
            raise WriteError("cannot_write", file=path.as_posix(), reason="full")
        write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(store, "write_bytes", full)
        with pytest.raises(WriteError):
            _release(sound)
    assert not (layout.root / FOLDER).exists()
    assert not (layout.root / RECORD).exists()
    assert _release(sound).anew
    assert [path.name for path in layout.releases.iterdir()] == ["long_an-2026-11-22"]


def test_a_run_that_is_not_published_is_not_looked_at(layout):
    with pytest.raises(InputError) as refused:
        _release(tiny.read(layout))
    assert refused.value.key == "not_published"


def test_what_cannot_be_a_run_is_refused(layout):
    with pytest.raises(ParameterError):
        release_run(tiny.read(layout), "../x", approver=APPROVER, today=TODAY)


def test_a_run_that_is_being_published_is_left_alone(layout, sound):
    with (layout.root / "reports" / f".lock-{RUN}").open("w") as lock:
        assert locks.take(lock)
        with pytest.raises(LockedError):
            _release(sound)


def test_a_manifest_of_other_parameters_is_refused(layout, sound):
    path = layout.reports(RUN) / manifest.NAME
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["parameters"]["alpha"]
    path.write_bytes(manifest.to_bytes(content))
    with pytest.raises(InputError) as refused:
        _release(sound, today=date(2026, 1, 1))
    assert refused.value.key == "manifest_old"
