"""`pilots diff --against HEAD~1` in a repository whose last commit changed one parameter."""

from __future__ import annotations

import shutil

import pytest
from built import ROOT
from committed import commit, git, repository
from smoked import RUN, smoked

from commune_pilots import store
from commune_pilots.briefing.changes import Reason, compare
from commune_pilots.commands.diff import diff
from commune_pilots.runs import at_commit
from commune_pilots.runs.commits import find_commit
from commune_pilots.runs.released import published_record

pytestmark = pytest.mark.slow


@pytest.fixture
def layout(tmp_path, tmp_path_factory, monkeypatch):
    """Keep the project by git: as it stands, after a commit in which the smoke run aimed at 70%."""
    ran = smoked(tmp_path_factory)
    if ran.error:
        raise ran.error
    root = shutil.copytree(ran.root, tmp_path / "project")
    shutil.copy(ROOT / ".gitignore", root)
    path = root / "params" / "runs" / f"{RUN}.yml"
    today = path.read_text(encoding="utf-8")
    path.write_text(f"{today}target_share: 70.0\n", encoding="utf-8")
    repository(root)
    path.write_text(today, encoding="utf-8")
    commit(root)
    monkeypatch.setenv("PILOTS_ROOT", str(root))
    monkeypatch.setenv("PILOTS_LANG", "en")
    return store.Layout(root)


def test_only_the_numbers_that_rest_on_the_parameter_changed_and_it_is_the_reason(
    layout, capsys, monkeypatch
):
    published = published_record(layout, RUN)
    diff(RUN, against="HEAD~1")
    said = capsys.readouterr().out
    before = find_commit(layout, "HEAD~1")
    then = at_commit.kept_record(layout, RUN, before)
    changes = compare(then.record, published)
    reason = Reason(kind="parameter", name="target_share", before=70.0, now=80.0)
    assert {each.reasons for each in changes.numbers} == {(reason,)}
    assert {each.now["quantity"] for each in changes.changed} == {"chance_level"}
    assert changes.facts == ()
    assert said.startswith(f"{RUN} now and at {before.short} (")
    assert said.splitlines()[-1] == "(1) parameters target_share 70.0 → 80.0"
    assert said.count("(1)") == len(changes.numbers) + 1
    assert max(map(len, said.splitlines())) <= 100

    monkeypatch.setattr(at_commit, "record_at", _asked_again)
    diff(RUN, against="HEAD~1")
    assert capsys.readouterr().out == said
    assert published_record(layout, RUN) == published
    assert git(layout.root, "status", "--porcelain") == ""


def _asked_again(*given):
    raise AssertionError("executed although the answer was kept")
