"""The command `pilots release`: what it shows, how it ends, and that the index learns of it."""

from __future__ import annotations

import re

import fit
import pytest
import tiny
import typer
from fit import APPROVER, FOLDER, RECORD, RUN

from commune_pilots import screen
from commune_pilots.commands.release import release
from commune_pilots.errors import ReleaseError
from commune_pilots.runs import inventory, listing


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Make the tiny project with a run that is fit, and let the command find it."""
    layout = tiny.make(tmp_path)
    kernels = tiny.install(monkeypatch, layout)
    found = fit.make(layout, kernels, monkeypatch)
    monkeypatch.setenv("PILOTS_ROOT", str(layout.root))
    monkeypatch.setattr(inventory, "read_inventory", lambda layout: found)
    monkeypatch.setattr(listing, "write_index", lambda layout: calls.append(layout.root))
    calls: list[object] = []
    return layout, calls


def test_each_check_is_shown_with_what_it_looked_at_then_the_places(project, capsys, monkeypatch):
    monkeypatch.setenv("PILOTS_LANG", "en")
    release(RUN, approver=APPROVER)
    shown = re.sub(r"\s+", " ", capsys.readouterr().out)
    for words in ("Simulated data", "Small counts", "Approver", "17 files", "a full name"):
        assert words in shown
    assert f"{RUN}: released at {FOLDER}, all 8 checks passed; commit {RECORD}." in shown
    assert "đã phát hành" not in shown


def test_both_languages_are_shown_unless_one_is_asked_for(project, capsys, monkeypatch):
    monkeypatch.delenv("PILOTS_LANG", raising=False)
    release(f"{RUN}/", approver=APPROVER)
    shown = capsys.readouterr().out
    assert "Dữ liệu cá nhân" in shown
    assert "Personal data" in shown
    assert shown.index("đã phát hành tại") < shown.index("released at")


def test_the_index_is_written_again_after_a_release_and_not_after_a_refusal(project):
    layout, calls = project
    with pytest.raises(ReleaseError):
        release(RUN, approver="admin")
    assert calls == []
    release(RUN, approver=APPROVER)
    assert calls == [layout.root]


def test_releasing_again_says_that_it_stands(project, capsys, monkeypatch):
    monkeypatch.setenv("PILOTS_LANG", "en")
    release(RUN, approver=APPROVER)
    release(RUN, approver=APPROVER)
    assert "nothing changed." in capsys.readouterr().out


def test_a_refusal_shows_one_line_for_each_failed_check(project, capsys, monkeypatch):
    monkeypatch.setenv("PILOTS_LANG", "vi")
    layout, _ = project
    (layout.root / "later.md").write_text("x", encoding="utf-8")
    with pytest.raises(ReleaseError) as refused:
        release(RUN, approver="Nguyễn Văn A")
    screen.show_error(refused.value)
    head, *reasons = capsys.readouterr().err.strip().splitlines()
    assert head.startswith("Lỗi: Lượt chạy 'long_an' chưa được phát hành: 2 trong 8")
    assert [reason.partition(":")[0] for reason in reasons] == ["  - Mã nguồn", "  - Người duyệt"]


def test_the_approver_must_be_given():
    app = typer.Typer()
    app.command()(release)
    with pytest.raises(Exception, match="approver"):
        typer.main.get_command(app).main(args=[RUN], standalone_mode=False)
