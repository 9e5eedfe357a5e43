"""What a release rests on is read as it stands: files, tables, texts, code, index."""

from __future__ import annotations

import fit
import pytest
from fit import APPROVER, RUN

from commune_pilots.runs import manifest
from commune_pilots.runs.release_look import look, read_contents


@pytest.fixture
def sound(layout, kernels, monkeypatch):
    """Publish a run that passes every check."""
    return fit.make(layout, kernels, monkeypatch)


def _looked(inventory):
    published = manifest.read(inventory.layout, RUN)
    contents = read_contents(inventory.layout, published)
    return look(inventory, published, contents, approver=APPROVER)


def _failed(inventory):
    findings, _ = _looked(inventory)
    return {each.check: each.found.en for each in findings if not each.passed}


def test_a_sound_run_passes_and_hands_out_its_tables(sound):
    findings, tables = _looked(sound)
    assert [each.check for each in findings if not each.passed] == []
    assert set(tables) == {
        "sources", "observations", "candidates", "contrasts", "effects", "results",
    }  # fmt: skip


def test_every_output_and_the_manifest_are_read_and_a_missing_one_is_empty(layout, sound):
    (layout.reports(RUN) / "data_request.csv").unlink()
    contents = read_contents(layout, manifest.read(layout, RUN))
    assert contents["reports/long_an/data_request.csv"] == b""
    assert contents["reports/long_an/manifest.json"].startswith(b"{")
    assert {name.partition("/")[0] for name in contents} == {"data", "reports"}


@pytest.mark.parametrize(
    "file",
    ["reports/long_an/data_request.csv", "reports/long_an/01_clean.ipynb",
     "data/processed/long_an/candidates.parquet", "data/processed/long_an/units.parquet"],
)  # fmt: skip
@pytest.mark.parametrize("how", ["lost", "altered"])
def test_a_file_that_is_lost_or_altered_is_named_and_stops_no_other_check(layout, sound, file, how):
    path = layout.root / file
    path.unlink() if how == "lost" else path.write_bytes(b"\xffother")
    failed = _failed(sound)
    assert set(failed) == {"outputs"}
    assert f"{file} is missing or differs" in failed["outputs"]


def test_a_table_that_every_run_has_must_be_there(layout, kernels, monkeypatch):
    monkeypatch.setitem(fit._WRITTEN, "03_write", ("verdicts",))
    failed = _failed(fit.make(layout, kernels, monkeypatch))
    assert "data/processed/long_an/results.parquet" in failed["outputs"]


def test_a_note_that_an_analyst_left_in_a_table_is_found(layout, kernels, monkeypatch):
    note = {**fit.TABLES["observations"], "note": ["gửi an@x.vn"]}
    failed = _failed(fit.make(layout, kernels, monkeypatch, tables={"observations": note}))
    assert failed["personal_data"].startswith(
        "found: e-mail address (data/processed/long_an/observations.parquet, note, row 1)"
    )


def test_a_comment_in_a_page_is_found_with_its_line(layout, kernels, monkeypatch):
    page = fit.BRIEFING.replace("<main>", "<main>\n<!-- gọi 0912 345 678 -->")
    failed = _failed(fit.make(layout, kernels, monkeypatch, briefing=page))
    assert "telephone number (reports/long_an/briefing.html:2)" in failed["personal_data"]


def test_a_page_is_held_at_the_grade_of_its_contrasts(layout, kernels, monkeypatch):
    page = fit.BRIEFING.replace("</main>", '<p lang="en">The pilot caused the rise.</p></main>')
    grades = {"contrasts": {"grade": ["low", "medium"]}}
    assert _failed(fit.make(layout, kernels, monkeypatch, briefing=page, tables=grades)) == {}


@pytest.mark.parametrize(("primary", "refused"), [(True, set()), (False, {"outputs"})])
def test_a_page_is_held_at_the_grade_of_its_primary_designs_too(
    layout, kernels, monkeypatch, primary, refused
):
    page = fit.BRIEFING.replace("</main>", '<p lang="en">The pilot caused the rise.</p></main>')
    tables = {"effects": {"grade": ["medium"], "primary": [primary]}}
    found = fit.make(layout, kernels, monkeypatch, briefing=page, tables=tables)
    assert set(_failed(found)) == refused


def test_the_same_page_is_refused_at_a_lower_grade(layout, kernels, monkeypatch):
    page = fit.BRIEFING.replace("</main>", '<p lang="en">The pilot caused the rise.</p></main>')
    failed = _failed(fit.make(layout, kernels, monkeypatch, briefing=page))
    assert "stronger than its evidence" in failed["outputs"]


_SERIES = '<div id="t-series"><table><tr><th>x</th></tr><tr><td>{}</td></tr></table></div></main>'


@pytest.mark.parametrize(
    ("cell", "places"),
    [("–/90", None), ("12/90", None), ("2/90", "briefing.html, table 1, row 1"),
     ("88/90", "briefing.html, table 1, row 1")],
)  # fmt: skip
def test_counts_by_month_may_be_small_where_no_page_prints_them(
    layout, kernels, monkeypatch, cell, places
):
    panel = {"source": ["log"], "indicator": ["online_share"], "numerator": [2],
             "denominator": [90]}  # fmt: skip
    monkeypatch.setitem(fit._WRITTEN, "01_clean", (*fit._WRITTEN["01_clean"], "panel"))
    page = fit.BRIEFING.replace("</main>", _SERIES.format(cell))
    made = fit.make(layout, kernels, monkeypatch, tables={"panel": panel}, briefing=page)
    failed = _failed(made)
    assert set(failed) == ({"small_counts"} if places else set())
    assert (places or "") in failed.get("small_counts", "")


def test_figures_that_a_public_source_has_printed_may_be_small(sound):
    findings, _ = _looked(sound)
    assert findings[2].passed
    assert "1 of them small" in findings[2].found.en


@pytest.mark.parametrize("name", ["params/base.yml", "note.txt"])
def test_a_change_since_the_commit_is_named(layout, sound, name):
    with (layout.root / name).open("a", encoding="utf-8") as file:
        file.write("\n# later\n")
    assert name in _failed(sound)["code"]


def test_a_later_commit_is_a_change(layout, sound):
    (layout.root / "later.md").write_text("x", encoding="utf-8")
    fit.commit(layout)
    assert "later.md" in _failed(sound)["code"]


def test_records_of_releases_are_no_change_of_the_code(layout, sound):
    layout.released.mkdir(parents=True, exist_ok=True)
    (layout.released / "long_an-2026-01-01.json").write_text("{}", encoding="utf-8")
    assert "code" not in _failed(sound)
    fit.commit(layout)
    assert "code" not in _failed(sound)


def test_a_commit_that_was_rewritten_is_not_known(layout, sound):
    fit.git(layout, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--amend",
            "--date=2020-01-01T00:00:00", "-m", "y")  # fmt: skip
    assert "not in the history" in _failed(sound)["code"]


@pytest.mark.parametrize("commit", ["unknown", "--output=x", ""])
def test_what_is_no_commit_is_not_asked_for(sound, commit):
    published = {**manifest.read(sound.layout, RUN), "commit": commit}
    contents = read_contents(sound.layout, published)
    findings, _ = look(sound, published, contents, approver=APPROVER)
    assert [each.check for each in findings if not each.passed] == ["code"]


def test_a_step_that_would_run_again_stops_a_release(layout, sound):
    (layout.root / "data" / "raw" / "numbers.csv").write_text("1\n", encoding="utf-8")
    fit.git(layout, "checkout", "--quiet", "--", "data/raw/press")
    failed = _failed(sound)
    assert set(failed) == {"code", "outputs"}
    assert "step 01_clean must run again" in failed["outputs"]


@pytest.mark.parametrize("index", [None, '<a href="cao_bang/briefing.html">x</a>'])
def test_a_run_must_be_in_the_index(layout, sound, index):
    path = layout.root / "reports" / "index.html"
    path.unlink() if index is None else path.write_text(index, encoding="utf-8")
    assert "reports/index.html" in _failed(sound)["outputs"]
