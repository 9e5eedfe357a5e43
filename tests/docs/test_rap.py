"""The self-check is what its facts make it, and each fact can come out otherwise."""

from __future__ import annotations

import re
import shutil

import judged
import pytest
import rap_facts
from counted import about, of_all
from paged import ROOT

_NEEDED = ("src", "notebooks", "docs", "data/raw/press", "params/batches", "tests/unit", ".ci")
_SKIPPED = shutil.ignore_patterns("__pycache__", "*.html", "oracle")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Copy what the facts are read from."""
    root = tmp_path_factory.mktemp("rap") / "project"
    for name in _NEEDED:
        shutil.copytree(ROOT / name, root / name, ignore=_SKIPPED)
    for name in ("tests/reference", "tests/recovery", "tests/docs"):
        (root / name).mkdir()
        (root / name / "test_one.py").write_text("", encoding="utf-8")
    for path in [*ROOT.glob("*.*"), ROOT / "Makefile", ROOT / "LICENSE", *ROOT.glob(".*")]:
        if path.is_file() and path.name != ".git":
            shutil.copy(path, root)
    shutil.copy(ROOT / "data/raw/README.md", root / "data/raw")
    for name in ("test_named.py", "test_architecture.py"):
        shutil.copy(ROOT / "tests/docs" / name, root / "tests/docs")
    return root


def _after(root, judge, name, old, new):
    """Judge a project in which one file differs, then put the file back."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        return judge(root)
    finally:
        path.write_text(text, encoding="utf-8")


def test_the_page_is_what_the_facts_make_it():
    written = (ROOT / "docs/rap.md").read_text(encoding="utf-8")
    assert written == rap_facts.page(ROOT), "make rap writes it anew"


def test_every_criterion_of_the_lists_is_there_once():
    sizes = [len(criteria) for criteria in rap_facts.LISTS.values()]
    assert sizes == [7, 5, 9, 4]
    asked = [one.asks for criteria in rap_facts.LISTS.values() for one in criteria]
    assert len(set(asked)) == sum(sizes)


CASES = [
    (judged.manual_steps, "Makefile", "pilots batch press", "echo", "partly"),
    (judged.manual_steps, "data/raw/press/units.csv", "VN", "VV", "partly"),
    (judged.manual_steps, "notebooks/01_clean_data.ipynb", "project = ", "p = input()", "partly"),
    (judged.open_source, "uv.lock", "https://pypi.org/simple", "https://a.example/", "partly"),
    (judged.audit_trail, "src/commune_pilots/runs/run.py", '"commit"', '"version"', "partly"),
    (judged.peer_review, "CONTRIBUTING.md", "- [ ] ", "- ", "not met"),
    (judged.in_the_open, "pyproject.toml", 'license = "Apache-2.0"', "", "not met"),
    (judged.quality, "CONTRIBUTING.md", "# Contributing", "# The AQuA Book\n", "met"),
    (judged.documentation, "src/commune_pilots/keys.py", '"""List the', '0  # List', "partly"),
    (judged.readme, "README.md", "Needed beforehand", "Needed", "partly"),
    (judged.readme, "README.md", "\nmake test", "\nmake tests", "partly"),
    (judged.little_intervention, "notebooks/02_describe_pilots.ipynb",
     '"outputs": []', '"outputs": [{}]', "partly"),
    (judged.guidance, "src/commune_pilots/keys.py", '"""List the', '0  # List', "partly"),
    (judged.directories, "pyproject.toml", 'type = "layers"', 'type = "independence"', "partly"),
    (judged.reuse, "notebooks/02_describe_pilots.ipynb", '"from commune_pilots',
     '"def f(): ...", "from commune_pilots', "partly"),
    (judged.standards, "pyproject.toml", "strict = true", "strict = false", "partly"),
    (judged.standards, "src/commune_pilots/keys.py", ") -> list[str]:", "):", "partly"),
    (judged.testing, "pyproject.toml", '  "error",', "", "partly"),
    (judged.dependencies, "uv.lock", "hash = ", "mash = ", "partly"),
    (judged.logs, "src/commune_pilots/clean/scope.py", '"dropped"', '"gone"', "partly"),
    (judged.tidy, "docs/architecture.md", "## Tables", "## Other", "partly"),
    (judged.packaged, "pyproject.toml", "build-backend", "backend", "partly"),
    (judged.integration, ".ci/run", "make test", "true", "not met"),
    (judged.changes, "CHANGELOG.md", "Numbers change: none", "Nothing moves", "partly"),
]  # fmt: skip


@pytest.mark.parametrize(("judge", "name", "old", "new", "verdict"), CASES)
def test_a_fact_that_no_longer_holds_changes_the_verdict(project, judge, name, old, new, verdict):
    before = judge(project)
    after = _after(project, judge, name, old, new)
    assert after.verdict == verdict
    assert after != before


def test_a_schedule_in_the_repository_is_seen(project):
    place = project / ".github" / "workflows"
    place.mkdir(parents=True)
    (place / "daily.yml").write_text("on:\n  schedule: []\n", encoding="utf-8")
    assert judged.triggers(project).verdict == "met"
    assert judged.integration(project).verdict == "met"
    shutil.rmtree(project / ".github")
    assert judged.triggers(project).verdict == "not met"


def test_every_judge_can_be_changed_by_a_fact():
    judges = {one.judge for criteria in rap_facts.LISTS.values() for one in criteria}
    assert judges == {case[0] for case in CASES} | {judged.triggers}


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0"), (19, "19"), (20, "more than 10"), (97, "more than 90"), (234, "more than 200"),
     (11_001, "more than 11,000")],
)  # fmt: skip
def test_counts_that_move_are_told_in_round_numbers(count, told):
    assert about(count) == told


def test_all_of_something_is_told_without_the_count():
    assert of_all(7, 7) == "every one"
    assert of_all(6, 7) == "6 of 7"


def test_the_page_has_no_date_and_no_number_of_commits():
    page = rap_facts.page(ROOT)
    assert not re.search(r"\b20\d\d-\d\d|\b\d+ commits?\b", page)
