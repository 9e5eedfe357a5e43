"""Briefings as PDF and Word: from what is published, beside it, and never part of the proof."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tiny

from commune_pilots.briefing import paper, word
from commune_pilots.errors import InputError, LockedError, ParameterError, WriteError
from commune_pilots.runs import exports, locks
from commune_pilots.runs.exports import NAMES, export_all, export_run
from commune_pilots.runs.run import BRIEFINGS, check_published, execute_run
from commune_pilots.runs.verify import verify_run
from commune_pilots.vocabulary import Paper


@pytest.fixture
def printers(monkeypatch):
    """Stand in for both printers: what is written tells page and date."""
    monkeypatch.setattr(paper, "to_pdf", lambda page, *, when: f"pdf {when} {page}".encode())
    monkeypatch.setattr(word, "to_word", lambda page, *, when: f"docx {when} {page}".encode())


@pytest.fixture
def published(layout, kernels, printers):
    execute_run(tiny.read(layout), tiny.job(layout, "long_an"))
    return layout


def _page(layout, run="long_an"):
    return (layout.reports(run) / "briefing.html").read_text(encoding="utf-8")


def test_both_kinds_are_made_of_the_page_and_dated_as_the_briefing(published):
    pdf, docx = export_run(published, "long_an")
    assert pdf == published.reports("long_an") / "briefing.pdf"
    assert docx == published.reports("long_an") / "briefing.docx"
    assert pdf.read_text(encoding="utf-8") == f"pdf 2026-11-22 {_page(published)}"
    assert docx.read_text(encoding="utf-8") == f"docx 2026-11-22 {_page(published)}"


def test_only_the_kind_asked_for_is_made_and_that_once(published):
    made = export_run(published, "long_an", to=[Paper.DOCX, Paper.DOCX])
    assert [path.name for path in made] == ["briefing.docx"]
    assert not (published.reports("long_an") / "briefing.pdf").exists()


def test_simulated_data_is_named_in_the_name_of_the_file(layout, kernels, printers):
    execute_run(tiny.read(layout), tiny.job(layout, "smoke"))
    names = [path.name for path in export_run(layout, "smoke")]
    assert names == ["briefing_simulated.pdf", "briefing_simulated.docx"]


def test_every_name_an_export_can_have_is_known():
    stems = {Path(page).stem for page in BRIEFINGS.values()}
    assert {f"{stem}.{kind}" for stem in stems for kind in ("pdf", "docx")} == NAMES


def test_exports_are_no_part_of_the_publication(published):
    before = (published.reports("long_an") / "manifest.json").read_bytes()
    export_run(published, "long_an")
    assert (published.reports("long_an") / "manifest.json").read_bytes() == before
    check_published(published, "long_an")
    plan = tiny.read(published).plan(tiny.job(published, "long_an").run)
    assert not any(step.reasons for step in plan)


def test_a_proof_does_not_compare_exports(published):
    files = verify_run(tiny.read(published), "long_an").files
    export_run(published, "long_an")
    assert verify_run(tiny.read(published), "long_an").files == files


def test_publishing_anew_takes_the_old_exports_away(published):
    made = export_run(published, "long_an")
    execute_run(tiny.read(published), tiny.job(published, "long_an", "alpha=0.01"))
    assert not any(path.exists() for path in made)


def test_a_run_that_stands_keeps_its_exports(published):
    made = export_run(published, "long_an")
    execute_run(tiny.read(published), tiny.job(published, "long_an"))
    assert all(path.exists() for path in made)


def test_a_run_never_published_is_told_and_leaves_nothing(layout, printers):
    with pytest.raises(InputError, match="'long_an' is not published"):
        export_run(layout, "long_an")
    assert not (layout.root / "reports").exists()


def test_a_name_that_is_none_is_refused(published):
    with pytest.raises(ParameterError):
        export_run(published, "../long_an")


def test_an_altered_page_is_not_exported(published):
    page = published.reports("long_an") / "briefing.html"
    page.write_text(_page(published) + " ", encoding="utf-8")
    with pytest.raises(InputError, match=r"briefing\.html") as refused:
        export_run(published, "long_an")
    assert refused.value.exit_code == 7
    assert not (published.reports("long_an") / "briefing.pdf").exists()


@pytest.mark.skipif(locks.fcntl is None, reason="no locks here")
def test_a_run_that_is_being_published_is_let_be(published):
    with (published.root / "reports" / ".lock-long_an").open("w") as lock:
        assert locks.take(lock)
        with pytest.raises(LockedError):
            export_run(published, "long_an")
    assert export_run(published, "long_an")


def test_without_the_extra_one_sentence_says_what_to_install(published, monkeypatch):
    monkeypatch.setitem(sys.modules, "commune_pilots.briefing.word", None)
    monkeypatch.delattr("commune_pilots.briefing.word")
    with pytest.raises(ParameterError, match=r"commune-pilots\[word\]") as refused:
        export_run(published, "long_an", to=[Paper.DOCX])
    assert refused.value.exit_code == 2
    assert "gói mở rộng [word]" in refused.value.sentence("vi")


def test_a_kind_that_fails_leaves_those_before_it(published, monkeypatch):
    def fails(page, *, when):
        raise WriteError("print_failed", program="chromium", reason="r")

    monkeypatch.setattr(paper, "to_pdf", fails)
    with pytest.raises(WriteError):
        export_run(published, "long_an", to=[Paper.DOCX, Paper.PDF])
    assert (published.reports("long_an") / "briefing.docx").exists()
    assert not (published.reports("long_an") / "briefing.pdf").exists()


def test_a_place_that_cannot_be_written_is_told(published):
    (published.reports("long_an") / "briefing.pdf").mkdir()
    with pytest.raises(WriteError, match=r"briefing\.pdf") as refused:
        export_run(published, "long_an")
    assert refused.value.exit_code == 6


def test_an_export_is_replaced_whole(published, monkeypatch):
    old = published.reports("long_an") / "briefing.pdf"
    old.write_bytes(b"old")
    monkeypatch.setattr(paper, "to_pdf", lambda page, *, when: b"new")
    seen = []
    monkeypatch.setattr(
        exports.store, "write_bytes", lambda path, content: seen.append((path, content))
    )
    export_run(published, "long_an", to=[Paper.PDF])
    assert seen == [(old, b"new")]
    assert old.read_bytes() == b"old"


def test_one_run_that_fails_stops_no_other(published):
    told = []
    errors = export_all(published, ["bac_kan", "long_an", "long_an"], report=told.append)
    assert [type(error) for error in errors] == [InputError]
    assert told[0] is errors[0]
    assert [path.name for path in told[1:]] == ["briefing.pdf", "briefing.docx"]
